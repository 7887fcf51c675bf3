"""Who holds a duty, column by column: what ``holders.sql`` gives, as far as a rule names the rank, for a part of its work."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from zhixing.engine.obligations.places import Indices, Int64s, Places
from zhixing.engine.obligations.tables import Rows

SERVING: Final = """
SELECT person_id, joined_on, left_on FROM people
WHERE joined_on <= $on AND (left_on IS NULL OR left_on >= $on)"""
IN_FORCE: Final = """
SELECT
    person_id,
    CAST(COALESCE(list_position($ranks, rank), 0) AS BIGINT) AS rank_no,
    unit_id,
    CAST(unix_date(from_on) AS BIGINT) AS from_day
FROM postings
WHERE is_principal AND from_on <= $on AND (to_on IS NULL OR to_on >= $on)"""


def find_holders(connection: duckdb.DuckDBPyConnection, laid_out: Rows) -> pa.Table | None:
    """Columns of ``holders.sql``. None where the text must be asked."""
    on = laid_out["asked"][0][0]
    ranks = sorted({rank for rank, *_rest in laid_out["rule_ranks"]})
    serving = connection.sql(SERVING, params={"on": on}).to_arrow_table()
    places = Places.of(serving.column("person_id").to_numpy())
    if places is None:
        return None
    in_force = connection.sql(IN_FORCE, params={"on": on, "ranks": ranks}).to_arrow_table()
    persons, ranked, units, days = (column.to_numpy() for column in in_force.columns)
    at = places.find(persons)
    chosen = _first(at, ranked, units, days, len(places))
    if chosen is None:
        return None
    rank_no = np.zeros(len(places), np.int64)
    rank_no[at[chosen]] = ranked[chosen]
    held = np.flatnonzero(rank_no[:-1])
    names = pa.DictionaryArray.from_arrays(rank_no[held] - 1, pa.array(ranks, pa.string()))
    return serving.take(held).append_column("rank", names)


def _first(at: Indices, rank_no: Int64s, unit_id: Int64s, from_day: Int64s, places: int) -> Indices | None:
    """One posting for each place: the last begun, then the smaller unit, then the first rank. A rank that no rule names has the number 0:
    where only its name would tell, None. The last place is nobody's."""
    latest = np.full(places, np.iinfo(np.int64).min)
    np.maximum.at(latest, at, from_day)
    last = np.flatnonzero(from_day == latest.take(at))
    last = last[at[last] < places - 1]
    is_one = np.bincount(at[last], minlength=places).take(at[last]) == 1
    tied = last[~is_one]
    tied = tied[np.lexsort((rank_no[tied], unit_id[tied], at[tied]))]
    is_next = at[tied][1:] == at[tied][:-1]
    is_strange = is_next & (np.diff(unit_id[tied]) == 0) & (rank_no[tied][:-1] == 0) & (rank_no[tied][1:] > 0)
    if is_strange.any():
        return None
    firsts = np.insert(~is_next, 0, values=True)[: len(tied)]
    chosen: Indices = np.concatenate([last[is_one], tied[firsts]])
    return chosen
