"""The facts of a few persons out of a nation's tables, so that only who was touched is computed again, by the same SQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import duckdb
import pyarrow as pa

from zhixing.engine.obligations.inputs import COLUMNS, Inputs, open_views

OWN: Final = "SELECT * FROM {table} WHERE person_id IN (FROM touched)"
ASIDE: Final = "SELECT *, person_id IN (FROM touched) AS is_own FROM credits WHERE is_own OR reverses IS NOT NULL"
"""One pass over the ledger finds what is theirs and whatever might cancel it."""
CREDITS: Final = (
    "SELECT * EXCLUDE (is_own) FROM aside WHERE is_own OR reverses IN (SELECT entry_id FROM aside WHERE is_own)"
)


def of_persons(inputs: Inputs, person_ids: Collection[int], *, threads: int = 2) -> Inputs:
    """The rows of these persons, and the entries that cancel theirs, whoever those are booked under. Raises ``InputError``.

    ``bulk`` over the answer gives the rows that ``bulk`` over all would give them.
    """
    with duckdb.connect(config={"threads": threads, "autoinstall_known_extensions": False}) as connection:
        open_views(connection, inputs)
        connection.register("touched", pa.table({"person_id": pa.array(sorted(person_ids), pa.int64())}))
        connection.execute(f"CREATE TABLE aside AS {ASIDE}")
        questions = {table: OWN.format(table=table) for table in COLUMNS} | {"credits": CREDITS}
        held = {table: connection.sql(question).to_arrow_table() for table, question in questions.items()}
    return Inputs(**held)
