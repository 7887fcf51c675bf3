"""The rules as data: read strictly, every fault named with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from zhixing.attendance import rules
from zhixing.engine.policies import PolicyError

TEXT = rules.rules_file().read_text(encoding="utf-8")
RULES = rules.parse(TEXT)


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    yield
    rules.in_force.cache_clear()


def test_the_shipped_rules_are_those_of_the_field() -> None:
    assert RULES.cap == Fraction(1, 7)
    assert RULES.in_force_from == dt.date(2026, 1, 1)
    assert (RULES.absent_days_max, RULES.appeal_days) == (3, 15)


@pytest.mark.parametrize(
    ("half_days", "approvers"),
    [
        (1, ("class_head",)),
        (2, ("class_head", "teaching_office")),
        (3, ("class_head", "teaching_office", "principal")),
        (6, ("class_head", "teaching_office", "principal")),
        (7, ("class_head", "teaching_office", "principal", "department")),
        (60, ("class_head", "teaching_office", "principal", "department")),
    ],
)
def test_the_ladder_grows_with_the_half_days(half_days: int, approvers: tuple[str, ...]) -> None:
    assert RULES.steps_for(half_days) == approvers


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_cap_is_passed_exactly_when_seven_times_the_missed_is_more_than_the_whole(missed: int, total: int) -> None:
    assert RULES.over_cap(missed, total) == (missed * 7 > total)


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_completing_takes_six_sevenths(attended: int, total: int) -> None:
    assert RULES.completes(attended, total) == (attended * 7 >= total * 6)


@given(st.sampled_from(["present", "late", "left_early", "leave", "absent"]), st.integers(0, 200))
def test_earned_hours_are_never_more_than_the_session_has(status: str, tenths: int) -> None:
    assert 0 <= RULES.earned(status, tenths) <= tenths
    if status in {"leave", "absent"}:
        assert RULES.earned(status, tenths) == 0


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("opens_minutes_before = 30", "opens_minutes_before = -1", "sign_in.opens_minutes_before"),
        ("opens_minutes_before = 30", "", "sign_in.opens_minutes_before"),
        ("opens_minutes_before = 30", "opens_minutes_before = true", "sign_in.opens_minutes_before"),
        ("late_after_minutes = 15", "late_after_minuts = 15", "sign_in.late_after_minuts"),
        ("share = [1, 7]", "share = [8, 7]", "cap.share"),
        ("share = [1, 7]", "share = 0.142857", "cap.share"),
        ('counts = ["leave", "absent"]', 'counts = ["holiday"]', "cap.counts"),
        ('roles = ["department"]       #', 'roles = ["trainee"]  #', "appeal.roles"),
        ("half_days_max = 2", "half_days_max = 1", "ladder[2]"),
        ("half_days_max = 6", "", "ladder[3].half_days_max"),
        (
            "[[ladder]]                   # 三天以上",
            "[[ladder]]\nhalf_days_max = 9 # 三天以上",
            "ladder[4].half_days_max",
        ),
        ('approvers = ["class_head"]', "approvers = []", "ladder[1].approvers"),
        ('approvers = ["class_head"]', 'approvers = ["mayor"]', "ladder[1].approvers"),
        ("in_force_from = 2026-01-01", 'in_force_from = "soon"', "rules.in_force_from"),
        ("[make_up]", "[makeup]", "makeup"),
        ("keeps_hours = false", 'keeps_hours = "no"', "completion.keeps_hours"),
    ],
)
def test_a_fault_is_named_with_its_place(old: str, new: str, place: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError) as caught:
        rules.parse(TEXT.replace(old, new, 1), "leave.toml")
    assert place in [problem.key for problem in caught.value.problems]
    assert all(problem.line for problem in caught.value.problems if not problem.key.startswith("make_up"))


def test_a_fault_in_a_list_of_tables_is_named_with_the_line_of_its_row() -> None:
    text = TEXT.replace("half_days_max = 6", "half_days_max = 1001")
    with pytest.raises(PolicyError) as caught:
        rules.parse(text)
    [problem] = caught.value.problems
    assert (problem.key, problem.value) == ("ladder[3].half_days_max", "1001")
    assert problem.line == 1 + text.splitlines().index("half_days_max = 1001")


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(PolicyError):
        rules.parse("[rules")


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        rules.parse("")
    assert len(caught.value.problems) > 15


def test_an_installation_may_have_rules_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    (tmp_path / "policies").mkdir()
    own = TEXT.replace("share = [1, 7]", "share = [1, 10]")
    (tmp_path / "policies" / "leave.toml").write_text(own, encoding="utf-8")
    rules.in_force.cache_clear()
    assert rules.in_force().cap == Fraction(1, 10)
