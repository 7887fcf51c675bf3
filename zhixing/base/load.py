"""Bulk loading: rows straight into a table. Every constraint of the database still holds; the ORM's per-object work is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def load(table: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` of values for ``fields`` (names of the model, ``id`` when keys are given). Days and JSON are given as text.

    For a new database or new facts only: no signal is sent and nothing is audited.
    """
    columns = [str(table._meta.get_field(name).column) for name in fields]  # type: ignore[union-attr]
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    target = quote(table._meta.db_table)
    with connection.cursor() as cursor, connection.wrap_database_errors:  # the raw cursor's errors become Django's
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" for _ in columns)
            cursor.cursor.executemany(f"INSERT INTO {target} ({names}) VALUES ({marks})", rows)  # noqa: S608
        if "id" in fields and isinstance(table._meta.pk, models.AutoField):  # others count nothing
            _advance_sequence(cursor, table)


def _advance_sequence(cursor: Any, table: type[models.Model]) -> None:
    """PostgreSQL counts on where the given keys end; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        name = connection.ops.quote_name(table._meta.db_table)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {name}))",  # noqa: S608
            [table._meta.db_table],
        )
