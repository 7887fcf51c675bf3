"""Papers of the archive: records, statistics, promotion checks."""
