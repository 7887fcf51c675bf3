"""Who holds a duty, column by column: what ``holders.sql`` gives where nobody has two principal postings in force, for a part of its work."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from zhixing.engine.obligations.places import Places
from zhixing.engine.obligations.tables import Rows

SERVING: Final = """
SELECT person_id, joined_on, left_on FROM people
WHERE joined_on <= $on AND (left_on IS NULL OR left_on >= $on)"""
IN_FORCE: Final = """
SELECT person_id, CAST(COALESCE(list_position($ranks, rank), 0) AS INTEGER) AS rank_no FROM postings
WHERE is_principal AND from_on <= $on AND (to_on IS NULL OR to_on >= $on)"""


def find_holders(connection: duckdb.DuckDBPyConnection, laid_out: Rows) -> pa.Table | None:
    """Those whose rank a rule names. None where the text must be asked."""
    on = laid_out["asked"][0][0]
    ranks = sorted({rank for rank, *_rest in laid_out["rule_ranks"]})
    serving = connection.sql(SERVING, params={"on": on}).to_arrow_table()
    places = Places.of(serving.column("person_id").to_numpy())
    if places is None:
        return None
    in_force = connection.sql(IN_FORCE, params={"on": on, "ranks": ranks}).to_arrow_table()
    at = places.find(in_force.column("person_id").to_numpy())
    if np.bincount(at, minlength=len(places))[:-1].max() > 1:
        return None
    rank_no = np.zeros(len(places), np.int32)
    rank_no[at] = in_force.column("rank_no").to_numpy()
    held = np.flatnonzero(rank_no[:-1])
    names = pa.DictionaryArray.from_arrays(rank_no[held] - 1, pa.array(ranks, pa.string()))
    return serving.take(held).append_column("rank", names)
