"""A migration operation by which the database keeps what was known: an older version of a row goes into a table of the past, whoever writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_NOW: Final = "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
"""SQLite's clock as Django writes moments; it stands still within one statement, its triggers included."""

_SQLITE_UPDATE: Final = """CREATE TRIGGER {table}_past_update AFTER UPDATE ON {table}
WHEN ({new}) IS NOT ({old}) OR (NEW.{stamp} IS NOT OLD.{stamp} AND NEW.{stamp} IS NOT {now}) BEGIN
INSERT INTO {past} ({key}, {columns}, recorded_at, superseded_at)
SELECT OLD.id, {old}, OLD.{stamp}, max(coalesce(OLD.{stamp}, ''), {now}) WHERE ({new}) IS NOT ({old});
UPDATE {table} SET {stamp} = CASE WHEN ({new}) IS NOT ({old}) THEN max(coalesce(OLD.{stamp}, ''), {now}) ELSE OLD.{stamp} END
WHERE id = NEW.id; END"""
_SQLITE_DELETE: Final = """CREATE TRIGGER {table}_past_delete AFTER DELETE ON {table} BEGIN
INSERT INTO {past} ({key}, {columns}, recorded_at, superseded_at)
VALUES (OLD.id, {old}, OLD.{stamp}, max(coalesce(OLD.{stamp}, ''), {now})); END"""
_SQLITE_INSERT: Final = """CREATE TRIGGER {table}_past_insert AFTER INSERT ON {table} WHEN NEW.{stamp} IS NULL
AND (EXISTS (SELECT 1 FROM {table} WHERE {group} = NEW.{group} AND id <> NEW.id) OR EXISTS (SELECT 1 FROM {past} WHERE {group} = NEW.{group}))
BEGIN UPDATE {table} SET {stamp} = {now} WHERE id = NEW.id; END"""

_POSTGRES_CHANGE: Final = """CREATE FUNCTION {table}_past_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := greatest(OLD.{stamp}, clock_timestamp());
BEGIN
IF TG_OP = 'UPDATE' THEN
  IF ROW({new}) IS NOT DISTINCT FROM ROW({old}) THEN NEW.{stamp} := OLD.{stamp}; RETURN NEW; END IF;
  NEW.{stamp} := moment;
END IF;
INSERT INTO {past} ({key}, {columns}, recorded_at, superseded_at) VALUES (OLD.id, {old}, OLD.{stamp}, moment);
IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
RETURN OLD; END $$;
CREATE TRIGGER {table}_past_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_past_change();"""
_POSTGRES_INSERT: Final = """CREATE FUNCTION {table}_past_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF EXISTS (SELECT FROM {table} WHERE {group} = NEW.{group}) OR EXISTS (SELECT FROM {past} WHERE {group} = NEW.{group}) THEN
  NEW.{stamp} := clock_timestamp();
END IF;
RETURN NEW; END $$;
CREATE TRIGGER {table}_past_insert BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.{stamp} IS NULL) EXECUTE FUNCTION {table}_past_insert();"""


class KeepPast(Operation):
    """Put triggers on ``table`` that keep each older version of ``columns`` in ``past`` and the moment of the present one in ``stamp``.

    ``past`` has ``columns``, ``key`` (the row's id), ``recorded_at`` and ``superseded_at``; it holds a version from the one to the
    other. A ``stamp`` is set by the triggers alone: null, known ever since, on a row that brings none, unless others with the same
    ``group`` are or were there: then the moment of the insertion. A clock that is set back does not set a row back.
    """

    reversible = True

    def __init__(
        self, table: str, past: str, *, key: str, columns: Sequence[str], stamp: str = "recorded_at", group: str = ""
    ) -> None:
        self.table = table
        self.past = past
        self.key = key
        self.columns = columns
        self.stamp = stamp
        self.group = group

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers are no part of the model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        words = {
            "table": self.table,
            "past": self.past,
            "key": self.key,
            "stamp": self.stamp,
            "group": self.group,
            "columns": ", ".join(self.columns),
            "new": ", ".join(f"NEW.{column}" for column in self.columns),
            "old": ", ".join(f"OLD.{column}" for column in self.columns),
            "now": _NOW,
        }
        for template in self._templates(schema_editor):
            schema_editor.execute(template.format(**words))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        on_postgres = schema_editor.connection.vendor == "postgresql"
        verbs = ("change",) if on_postgres else ("update", "delete")
        for verb in (*verbs, "insert") if self.group else verbs:
            name = f"{self.table}_past_{verb}"
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE" if on_postgres else f"DROP TRIGGER {name}")

    def _templates(self, schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
        if schema_editor.connection.vendor == "postgresql":
            return [_POSTGRES_CHANGE, *([_POSTGRES_INSERT] if self.group else [])]
        return [_SQLITE_UPDATE, _SQLITE_DELETE, *([_SQLITE_INSERT] if self.group else [])]

    def describe(self) -> str:
        return f"Keep the past of {self.table} in {self.past}"
