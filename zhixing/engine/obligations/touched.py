"""The facts of a few persons out of a nation's tables, so that only who was touched is computed again, by the same SQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import duckdb
import pyarrow as pa

from zhixing.engine.obligations.inputs import COLUMNS, Inputs, open_views

OWN: Final = "SELECT * FROM {table} WHERE person_id IN (FROM touched)"
NAMING: Final = (
    "SELECT * FROM credits WHERE reverses IN (SELECT entry_id FROM own_credits) AND person_id NOT IN (FROM touched)"
)


def of_persons(inputs: Inputs, person_ids: Collection[int], *, threads: int = 2) -> Inputs:
    """The rows of these persons, and the entries that cancel theirs, whoever those are booked under. Raises ``InputError``.

    ``bulk`` over the answer gives the rows that ``bulk`` over all would give them.
    """
    with duckdb.connect(config={"threads": threads, "autoinstall_known_extensions": False}) as connection:
        open_views(connection, inputs)
        connection.register("touched", pa.table({"person_id": pa.array(sorted(person_ids), pa.int64())}))
        held = {table: connection.sql(OWN.format(table=table)).to_arrow_table() for table in COLUMNS}
        connection.register("own_credits", held["credits"])
        held["credits"] = pa.concat_tables([held["credits"], connection.sql(NAMING).to_arrow_table()])
    return Inputs(**held)
