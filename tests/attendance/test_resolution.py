"""The conflict matrix: which of several observations holds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.attendance import rules
from zhixing.attendance.resolution import Observation, resolve

RANKS = rules.parse(rules.rules_file().read_text(encoding="utf-8")).ranks
STATUSES = ["present", "late", "left_early", "leave", "absent"]
SOURCES = ["closing", "qr", "paper", "roll_call", "appeal", "correction"]


def held(*seen: tuple[str, str]) -> str | None:
    return resolve([Observation(*one) for one in seen], RANKS)


def test_nothing_seen_says_nothing() -> None:
    assert held() is None


@pytest.mark.parametrize("stronger", ["paper", "roll_call", "appeal", "correction"])
@pytest.mark.parametrize("first", [True, False])
def test_staff_hold_over_the_own_scan_whichever_came_first(stronger: str, first: bool) -> None:
    seen = [("qr", "present"), (stronger, "absent")]
    assert held(*(seen if first else reversed(seen))) == "absent"


@pytest.mark.parametrize("pair", list(itertools.permutations(["paper", "roll_call"])))
def test_among_equals_the_later_one_holds(pair: tuple[str, str]) -> None:
    assert held((pair[0], "absent"), (pair[1], "late")) == "late"


def test_a_correction_holds_over_a_later_roll_call() -> None:
    assert held(("correction", "present"), ("roll_call", "absent")) == "present"


@pytest.mark.parametrize("source", ["closing", "qr", "paper", "roll_call"])
def test_an_approved_leave_stands_against_absent(source: str) -> None:
    assert held(("leave", "leave"), (source, "absent")) == "leave"
    assert held((source, "absent"), ("leave", "leave")) == "leave"


@pytest.mark.parametrize("source", ["qr", "paper", "roll_call"])
@pytest.mark.parametrize("status", ["present", "late", "left_early"])
def test_an_approved_leave_gives_way_to_whoever_saw_the_person(source: str, status: str) -> None:
    assert held(("leave", "leave"), (source, status)) == status
    assert held((source, status), ("leave", "leave")) == status


def test_a_correction_to_absent_holds_over_a_leave() -> None:
    assert held(("leave", "leave"), ("correction", "absent")) == "absent"


def test_a_leave_that_ended_covers_nothing() -> None:
    assert held(("leave", "leave"), ("no_leave", "absent")) is None
    assert held(("leave", "leave"), ("no_leave", "absent"), ("closing", "absent")) == "absent"
    assert held(("leave", "leave"), ("no_leave", "absent"), ("leave", "leave")) == "leave"


@given(st.lists(st.tuples(st.sampled_from(SOURCES), st.sampled_from(STATUSES)), min_size=1, max_size=8))
def test_without_leave_the_latest_of_the_highest_rank_holds(seen: list[tuple[str, str]]) -> None:
    highest = max(RANKS[source] for source, _status in seen)
    assert held(*seen) == [status for source, status in seen if RANKS[source] == highest][-1]


@given(
    st.lists(st.tuples(st.sampled_from(SOURCES), st.sampled_from(STATUSES)), max_size=6),
    st.integers(0, 6),
)
def test_a_leave_changes_only_absent_and_silence(seen: list[tuple[str, str]], place: int) -> None:
    without = held(*seen)
    with_leave = held(*seen[:place], ("leave", "leave"), *seen[place:])
    if without in {None, "absent"}:
        assert with_leave in {"leave", without}
    else:
        assert with_leave == without
