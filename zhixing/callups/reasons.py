"""The reason behind every eligible pair of a run, kept as one Parquet file and asked through DuckDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from zhixing.base.files import path_of
from zhixing.callups.elsewhere import ELSEWHERE
from zhixing.callups.models import CallupRun
from zhixing.callups.problem.pairs import EXCUSED
from zhixing.engine.callup.codes import Code

NOT_FOR_A_SEAT = (Code.PINNED_OUT, Code.CALLUPS_MAX, Code.SHARED_DAY, EXCUSED, ELSEWHERE)
"""Whom another call-up, a leave or the planner keeps out would not come if a seat were free."""


def chosen(run: CallupRun) -> list[dict[str, Any]]:
    """Who is proposed, class by class."""
    return _query(run, "SELECT * FROM reasons WHERE chosen ORDER BY class_id, value DESC, person_id", [])


def waiting(run: CallupRun, most: int, class_run: int | None = None) -> list[dict[str, Any]]:
    """The ``most`` best of those left out of each class (or one) for want of a seat, with their ``position`` from 1."""
    return _query(
        run,
        "SELECT class_id, person_id, value, position FROM (SELECT *, row_number() OVER "
        "(PARTITION BY class_id ORDER BY value DESC, person_id) AS position FROM reasons "
        "WHERE NOT chosen AND NOT list_contains(?, code) AND class_id = coalesce(?, class_id)) "
        "WHERE position <= ? ORDER BY class_id, position",
        [[str(code) for code in NOT_FOR_A_SEAT], class_run, most],
    )


def of_pair(run: CallupRun, person: int, class_run: int) -> dict[str, Any] | None:
    found = _ask(run, "person_id = ? AND class_id = ?", [person, class_run], limit=1)
    return found[0] if found else None


def of_person(run: CallupRun, person: int) -> list[dict[str, Any]]:
    """``class_id``, ``value`` and ``code`` of one person's pairs: the file lies class by class, so this reads a part of every one."""
    return _query(run, "SELECT class_id, value, code FROM reasons WHERE person_id = ?", [person])


def of_pairs(run: CallupRun, pairs: Collection[tuple[int, int]]) -> list[dict[str, Any]]:
    """``person_id``, ``class_id``, ``code`` and ``detail`` of many (person, class run) at once; a pair that the search did not know has none."""
    persons, classes = ([pair[at] for pair in pairs] for at in (0, 1))
    sql = (
        "SELECT person_id, class_id, code, detail FROM reasons WHERE list_contains(?::BIGINT[], class_id) "
        "AND (person_id, class_id) IN (SELECT (unnest(?::BIGINT[]), unnest(?::BIGINT[])))"
    )
    return _query(run, sql, [sorted(set(classes)), persons, classes])


def left_out(
    run: CallupRun,
    class_run: int | None = None,
    *,
    codes: Sequence[str] = (),
    persons: Collection[int] | None = None,
    limit: int,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Who is eligible and not called, the best first: for one class or all, only with one of ``codes``, only ``persons``."""
    where, values = _left_out(class_run, codes, persons)
    return _ask(run, where, values, limit=limit, offset=offset)


def count_left_out(
    run: CallupRun,
    class_run: int | None = None,
    *,
    codes: Sequence[str] = (),
    persons: Collection[int] | None = None,
) -> int:
    where, values = _left_out(class_run, codes, persons)
    found = _query(run, f"SELECT count(*) AS n FROM reasons WHERE {where}", values)  # noqa: S608  conditions of our own
    return int(found[0]["n"]) if found else 0


def codes_left_out(
    run: CallupRun, class_run: int | None = None, persons: Collection[int] | None = None
) -> dict[str, int]:
    """How many are left out for each reason, the most frequent first."""
    where, values = _left_out(class_run, (), persons)
    sql = f"SELECT code, count(*) AS n FROM reasons WHERE {where} GROUP BY code ORDER BY n DESC, code"  # noqa: S608
    return {row["code"]: row["n"] for row in _query(run, sql, values)}


def causes(run: CallupRun) -> dict[str, int] | None:
    """How many are passed over by a colleague for each cause, the most frequent first; None for a run solved before causes were kept."""
    if not _keeps_causes(run):
        return None
    sql = "SELECT cause, count(*) AS n FROM reasons WHERE cause IS NOT NULL GROUP BY cause ORDER BY n DESC, cause"
    return {row["cause"]: row["n"] for row in _query(run, sql, [])}


def passed_over(
    run: CallupRun, *, causes: Sequence[str] = (), persons: Collection[int] | None = None, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """Who is left out of a class to which a colleague of the same unit with weaker reasons is called, class by class."""
    where, values = _passed_over(causes, persons)
    sql = f"SELECT * FROM reasons WHERE {where} ORDER BY class_id, value DESC, person_id LIMIT ? OFFSET ?"  # noqa: S608
    return _query(run, sql, [*values, limit, offset]) if _keeps_causes(run) else []


def count_passed_over(run: CallupRun, *, causes: Sequence[str] = (), persons: Collection[int] | None = None) -> int:
    where, values = _passed_over(causes, persons)
    sql = f"SELECT count(*) AS n FROM reasons WHERE {where}"  # noqa: S608
    return int(_query(run, sql, values)[0]["n"]) if _keeps_causes(run) else 0


def _passed_over(causes: Sequence[str], persons: Collection[int] | None) -> tuple[str, list[Any]]:
    where, values = _left_out(None, (), persons)
    if not causes:
        return f"{where} AND cause IS NOT NULL", values
    return f"{where} AND list_contains(?, cause)", [*values, list(causes)]


def _keeps_causes(run: CallupRun) -> bool:
    return run.reasons_file is not None and "cause" in pq.read_schema(path_of(run.reasons_file)).names


def _left_out(class_run: int | None, codes: Sequence[str], persons: Collection[int] | None) -> tuple[str, list[Any]]:
    where = "NOT chosen"
    values: list[Any] = []
    if class_run is not None:
        where, values = f"{where} AND class_id = ?", [class_run]
    if codes:
        where, values = f"{where} AND list_contains(?, code)", [*values, list(codes)]
    if persons is not None:
        where, values = f"{where} AND person_id IN (SELECT unnest(?::BIGINT[]))", [*values, sorted(persons)]
    return where, values


def _ask(run: CallupRun, where: str, values: list[Any], *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    order = "ORDER BY value DESC, person_id, class_id LIMIT ? OFFSET ?"
    return _query(run, f"SELECT * FROM reasons WHERE {where} {order}", [*values, limit, offset])  # noqa: S608


def _query(run: CallupRun, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    """Rows of the run's file; none before the first search."""
    if run.reasons_file is None:
        return []
    source = str(path_of(run.reasons_file))
    with _database().cursor() as session:
        return _rows(session.sql(f"WITH reasons AS (FROM read_parquet(?)) {sql}", params=[source, *values]))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One empty database for each process, opened at the first question; it holds nothing, files are read where they lie.

    Their outlines are remembered, for a stored file never changes; a question touches a class or two, for which more threads only cost."""
    found = duckdb.connect(config={"threads": 1})
    found.execute("SET parquet_metadata_cache = true")
    return found


def _rows(found: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    table: pa.Table = found.to_arrow_table()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
