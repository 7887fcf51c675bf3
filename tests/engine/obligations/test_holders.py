"""Who holds a duty, found column by column, is who the text finds."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.engine.obligations.ledgers import COUNTY, SECTION, day, person, policy, posting, rule, tables
from zhixing.engine.obligations import bulk as engine
from zhixing.engine.obligations import places
from zhixing.engine.obligations.facts import PersonFacts
from zhixing.engine.obligations.holders import find_holders
from zhixing.engine.obligations.inputs import Inputs, open_views
from zhixing.engine.obligations.tables import Rows, rows_of

ON = day("2026-06-30")
STRANGE = "谁也不认识的职级"
TOWN = [
    person(posting(), person_id=7),
    person(posting(to_on="2026-06-29"), person_id=3),
    person(posting(to_on="2026-06-30"), person_id=4),
    person(posting(from_on="2026-07-01"), person_id=5),
    person(posting(is_principal=False), person_id=6),
    person(posting(rank=STRANGE), person_id=8),
    person(posting(), joined_on="2026-07-01", person_id=9),
    person(posting(), left_on="2026-06-29", person_id=10),
    person(posting(), left_on="2026-06-30", person_id=11),
]


def found(town: list[PersonFacts]) -> tuple[pa.Table | None, set[tuple[object, ...]]]:
    """(column by column, by the text, as far as a rule names the rank)."""
    laid_out: Rows = rows_of(policy(rule(), rule("county", ranks=(COUNTY,))), ON, None)
    with engine._connection(1, "1GB") as connection:
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


def test_of_several_posts_the_last_begun_then_the_smaller_unit_then_the_first_rank_counts() -> None:
    by_column, by_text = found(
        [
            person(posting(), posting("2025-01-01", rank=COUNTY), person_id=1),
            person(posting("2025-01-01", rank=COUNTY), posting(), person_id=2),
            person(posting(rank=COUNTY, unit_id=5), posting(unit_id=4), person_id=3),
            person(posting(rank=COUNTY), posting(), person_id=4),
            person(posting(), posting(rank=COUNTY), posting(rank=STRANGE, unit_id=9), person_id=5),
            person(posting(), posting("2025-01-01", rank=STRANGE), person_id=6),
            person(posting(), person_id=7),
        ]
    )
    assert by_column is not None
    assert {tuple(row.values()) for row in by_column.to_pylist()} == by_text
    assert [rank for *_rest, rank in sorted(by_text)] == [COUNTY, COUNTY, SECTION, *[min(COUNTY, SECTION)] * 2, SECTION]


def test_a_tie_that_only_the_name_of_a_strange_rank_would_break_is_left_to_the_text() -> None:
    by_column, by_text = found([person(posting(), posting(rank=STRANGE), person_id=1)])
    assert by_column is None
    assert len(by_text) == 1


def test_keys_too_far_apart_are_left_to_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CELLS_MOST", 5)
    assert found(TOWN)[0] is None


def test_a_town_without_people_holds_nothing() -> None:
    assert found([])[0] is None
