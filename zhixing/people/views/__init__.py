"""Pages of units, persons, rosters and accounts."""
