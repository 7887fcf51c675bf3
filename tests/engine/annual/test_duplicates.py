"""Lines that look like duplicates, what one line for both would be, and what is left of a weight without some evidence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.annual.duplicates import Pair, Taught, evidence_together, pairs_of, runs_together
from zhixing.engine.annual.evidence import left_of, parts_of, with_aside


def line(number: int, **changes: Any) -> Taught:
    own: dict[str, Any] = {
        "programme": f"p{number}",
        "title": f"班{number}",
        "group": "township",
        "ranks": frozenset(),
        "units": frozenset(),
        "place": "党校",
        "term": 2,
        "runs": 1,
        "people": 40,
        "budget": 1_000,
        "covers": {"A1": 60, "A2": 30},
        "hours": {"content/theory": 700, "content/ability": 300},
        "size_max": 100,
    }
    return Taught(number=number, **(own | changes))


def test_alike_programmes_for_the_same_people_in_one_quarter_are_told_with_how_alike() -> None:
    assert pairs_of([line(2), line(1, covers={"A1": 60, "A2": 40})]) == [Pair(1, 2, False, True, 90, 100, 1, 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"term": 3},
        {"group": "county"},
        {"covers": {"A1": 10}},
        {"hours": {"content/ability": 1000}},
        {"covers": {}},
        {"ranks": frozenset({"乡科级副职"})},
        {"units": frozenset({"9"})},
    ],
    ids=["quarter", "people", "covers", "taught", "unknown", "ranks", "units"],
)
def test_whatever_differs_makes_no_duplicate(changes: dict[str, Any]) -> None:
    first = line(1, ranks=frozenset({"乡科级正职"}), units=frozenset({"7"}))
    assert pairs_of([first, line(2, **changes)]) == []


def test_the_same_class_is_a_duplicate_at_one_institution_only() -> None:
    """At two it comes near the people."""
    same = {"programme": "p1", "title": "班1"}
    assert pairs_of([line(1), line(2, **same, place="干部学院")]) == []
    (found,) = pairs_of([line(1, runs=2, people=150), line(2, **same)])
    assert (found.same, found.runs, found.saved) == (True, 2, 1)


def test_runs_are_never_more_than_both_have() -> None:
    assert runs_together(line(1, people=300), line(2, people=300)) == 2
    assert runs_together(line(1, size_max=None), line(2)) == 2


def need(key: str, share: int, amount: int, *parts: int) -> dict[str, Any]:
    evidence = [{"need": key, "key": f"{key}/{n}", "source": "survey", "share": part} for n, part in enumerate(parts)]
    return {"need": key, "share": share, "amount": amount, "evidence": evidence}


def test_evidence_is_added_up_by_what_each_line_gives() -> None:
    """A line of three times the weight gives three quarters."""
    both = evidence_together([need("a", 10_000, 300, 10)], [need("b", 5_000, 50, 10), need("a", 5_000, 50, 10)], (1, 1))
    assert [(row["need"], row["share"], row["amount"]) for row in both] == [("a", 8_750, 350), ("b", 1_250, 50)]
    assert [one["key"] for one in both[0]["evidence"]] == ["a/0"]
    unknown = evidence_together([{"need": "a", "share": 10_000}], [{"need": "b", "share": 10_000}], (30, 10))
    assert [(row["need"], row["share"]) for row in unknown] == [("a", 7_500), ("b", 2_500)]
    assert evidence_together([], [need("b", 10_000, 5, 1)], (9, 1))[0]["share"] == 10_000


def test_weight_falls_by_exactly_the_share_that_was_put_aside() -> None:
    rows = [need("a", 7_000, 10, 300, 120), {"need": "b", "share": 3_000}]
    assert [part.share for part in parts_of(rows)] == [5_000, 2_000, 3_000]
    less = with_aside(rows, "a", "a/1", aside=True)
    assert left_of(less) == 8_000
    assert left_of(with_aside(less, "b", "", aside=True)) == 5_000
    assert with_aside(less, "a", "a/1", aside=False) == rows


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=9), st.data())
def test_shares_add_up_and_every_way_back_leads_home(weights: list[int], data: st.DataObject) -> None:
    rows = [need("a", 10_000, 1, *weights)]
    parts = parts_of(rows)
    assert sum(part.share for part in parts) == 10_000
    chosen = data.draw(st.sampled_from(parts))
    less = with_aside(rows, chosen.need, chosen.key, aside=True)
    assert left_of(less) == 10_000 - chosen.share
    assert with_aside(with_aside(less, "a", chosen.key, aside=True), "a", chosen.key, aside=False) == rows
