"""Reading the archive: records, what was known of them on any day, statistics, promotion checks."""
