"""Who holds a duty, found column by column, is who the text finds; where somebody has two posts in force, the text is asked."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from tests.engine.obligations.ledgers import day, person, policy, posting, tables
from zhixing.engine.obligations import bulk as engine
from zhixing.engine.obligations import places
from zhixing.engine.obligations.facts import PersonFacts
from zhixing.engine.obligations.holders import find_holders
from zhixing.engine.obligations.inputs import Inputs, open_views
from zhixing.engine.obligations.tables import Rows, rows_of

ON = day("2026-06-30")
TOWN = [
    person(posting(), person_id=7),
    person(posting(to_on="2026-06-29"), person_id=3),
    person(posting(to_on="2026-06-30"), person_id=4),
    person(posting(from_on="2026-07-01"), person_id=5),
    person(posting(is_principal=False), person_id=6),
    person(posting(rank="谁也不认识的职级"), person_id=8),
    person(posting(), joined_on="2026-07-01", person_id=9),
    person(posting(), left_on="2026-06-29", person_id=10),
    person(posting(), left_on="2026-06-30", person_id=11),
]


def found(town: list[PersonFacts]) -> tuple[pa.Table | None, set[tuple[object, ...]]]:
    """(column by column, by the text, as far as a rule names the rank)."""
    laid_out: Rows = rows_of(policy(), ON, None)
    with duckdb.connect() as connection:
        open_views(connection, Inputs(**tables(town)))
        connection.execute("CREATE TABLE asked AS SELECT DATE '2026-06-30' AS on_date")
        text = f"SELECT person_id, joined_on, left_on, rank FROM ({engine.sql('holders')})"
        by_text = connection.execute(text).fetchall()
        named = {rank for rank, *_rest in laid_out["rule_ranks"]}
        return find_holders(connection, laid_out), {row for row in by_text if row[3] in named}


def test_they_are_those_of_the_text() -> None:
    by_column, by_text = found(TOWN)
    assert by_column is not None
    assert {tuple(row.values()) for row in by_column.to_pylist()} == by_text
    assert {row[0] for row in by_text} == {7, 4, 11}


def test_two_principal_posts_in_force_are_left_to_the_text() -> None:
    by_column, by_text = found([person(posting(), posting(from_on="2025-01-01"), person_id=1)])
    assert by_column is None
    assert len(by_text) == 1


def test_keys_too_far_apart_are_left_to_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CELLS_MOST", 5)
    assert found(TOWN)[0] is None


def test_a_town_without_people_holds_nothing() -> None:
    assert found([])[0] is None
