"""Holding a process in the middle of its work, seen from outside, so that a ``kill -9`` provably falls there.

A trigger of the test's own stops whoever writes a certain row, inside the transaction. On PostgreSQL it waits for an advisory lock that the
test holds, and ``pg_locks`` shows it waiting. On SQLite it writes more than the page cache holds, so that rows of an open transaction spill
into the write-ahead log, whose file is seen to grow; then it counts without end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.scenarios.installation import Installation, wait_for

KEY = 4_242
SPILLED_MIN = 8 << 20
"""Bytes of the log that no work of these tests reaches by itself: the cache holds 64 MiB, the trigger writes 100."""
ON_SQLITE = """
CREATE VIEW halt_few AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 25000) SELECT n FROM c;
CREATE VIEW halt_endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;
CREATE TABLE halt_rows (cell BLOB);
CREATE TRIGGER halt BEFORE INSERT ON {table} WHEN {condition} BEGIN
  INSERT INTO halt_rows SELECT zeroblob(4000) FROM halt_few;
  INSERT INTO halt_rows SELECT max(n) FROM halt_endless;
END;
"""
LIFT_ON_SQLITE = "DROP TRIGGER halt; DROP TABLE halt_rows; DROP VIEW halt_few; DROP VIEW halt_endless;"
ON_POSTGRES = """
CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock({key}); RETURN NEW; END $$;
CREATE TRIGGER halt BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION halt();
"""
LIFT_ON_POSTGRES = "DROP TRIGGER halt ON {table}; DROP FUNCTION halt();"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"


class Halt:
    """The place where work stops until it is lifted."""

    def __init__(self, city: Installation, table: str, condition: str) -> None:
        self._city, self._table, self._condition = city, table, condition
        self._holder: psycopg.Connection[tuple[int]] | None = None

    def place(self) -> None:
        if self._city.database_url:
            self._holder = psycopg.connect(self._city.database_url, autocommit=True)
            self._holder.execute(ON_POSTGRES.format(key=KEY, table=self._table, condition=self._condition).encode())
            self._holder.execute("SELECT pg_advisory_lock(%s)", [KEY])
        else:
            with self._sqlite() as file:
                file.executescript(ON_SQLITE.format(table=self._table, condition=self._condition))
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def wait(self) -> None:
        """Until somebody stands there, in the middle of a transaction."""
        wait_for(self._is_reached, f"the work to reach {self._table}")

    def _is_reached(self) -> bool:
        if self._holder is not None:
            found = self._holder.execute(WAITING, [KEY]).fetchone()
            return found is not None and found[0] > 0
        log = self._city.home / "city.sqlite3-wal"
        return log.exists() and log.stat().st_size > SPILLED_MIN

    def lift(self) -> None:
        """Whoever comes next goes through. Only after the kill."""
        if self._holder is not None:
            self._holder.execute("SELECT pg_advisory_unlock(%s)", [KEY])
            self._holder.execute(LIFT_ON_POSTGRES.format(table=self._table).encode())
            self._holder.close()
        else:
            with self._sqlite() as file:
                file.executescript(LIFT_ON_SQLITE)

    @contextmanager
    def _sqlite(self) -> Iterator[sqlite3.Connection]:
        file = sqlite3.connect(self._city.home / "city.sqlite3", timeout=30)
        try:
            yield file
        finally:
            file.close()


def halt(city: Installation, table: str, condition: str) -> Halt:
    """Stop whoever inserts a row into ``table`` for which ``condition`` (SQL over ``NEW``) holds."""
    made = Halt(city, table, condition)
    made.place()
    return made


def at_deed(city: Installation, action: str) -> Halt:
    """Stop at the entry of the audit trail: the deed is done in its transaction, which is not yet over."""
    return halt(city, "base_auditentry", f"NEW.action = '{action}'")
