"""A migration operation that makes the database itself refuse to change or delete the rows of a ledger, or those of a table that are final."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table}{when} BEGIN
SELECT RAISE(ABORT, '{table} is append-only'); END"""
_POSTGRES = """CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW{when} EXECUTE FUNCTION {table}_append_only();"""


class AppendOnly(Operation):
    """Put triggers on ``table`` so that an UPDATE or DELETE fails, whoever asks. ``when``: a condition on OLD, of the rows that it holds for only."""

    reversible = True

    def __init__(self, table: str, *, when: str = "") -> None:
        self.table = table
        self.when = f" WHEN ({when})" if when else ""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers are no part of the model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_POSTGRES.format(table=self.table, when=self.when))
            return
        for verb in ("update", "delete"):
            words = {"table": self.table, "verb": verb, "event": verb.upper(), "when": self.when}
            schema_editor.execute(_SQLITE.format(**words))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {self.table}_append_only ON {self.table}")
            schema_editor.execute(f"DROP FUNCTION {self.table}_append_only()")
            return
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {self.table}_no_{verb}")

    def describe(self) -> str:
        return f"Make {self.table} append-only"


class Changeable(AppendOnly):
    """Take the triggers of ``AppendOnly`` off, so that a migration may alter the table; the same migration puts them back."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Let {self.table} be altered"
