"""When two trainings meet, against the plain enumeration of their days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.callup.days import days_apart, same_theme, share_a_day

START = dt.date(2026, 1, 1)
Interval = tuple[dt.date, dt.date]


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    first = START + dt.timedelta(days=draw(st.integers(0, 40)))
    return first, first + dt.timedelta(days=draw(st.integers(0, 30)))


def days(one: Interval) -> set[dt.date]:
    return {one[0] + dt.timedelta(days=step) for step in range((one[1] - one[0]).days + 1)}


@given(intervals(), intervals())
def test_intervals_meet_just_when_a_day_lies_in_both(one: Interval, other: Interval) -> None:
    assert share_a_day(*one, *other) == bool(days(one) & days(other)) == share_a_day(*other, *one)
    least = min(abs((a - b).days) for a in days(one) for b in days(other))
    assert days_apart(*one, *other) == least == days_apart(*other, *one)


def test_the_enclosing_interval_meets_what_lies_within_it() -> None:
    inner, outer = (dt.date(2026, 3, 4), dt.date(2026, 3, 5)), (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert share_a_day(*outer, *inner)
    assert share_a_day(*inner, *outer)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("数字政府", "数字 政府", True), ("ＡＩ", "ai", True), ("数字政府", "治水", False), ("", "", False)],
)
def test_themes_are_compared_as_words(one: str, other: str, alike: bool) -> None:
    assert same_theme(one, other) is alike
