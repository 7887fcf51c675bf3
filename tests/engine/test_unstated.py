"""Trainings from a sheet that states no hours, or whose hours cross New Year: only what a table says for certain is taken."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.policies import Channel, Measure, Recognition, found_by_days, shares_of_stated, value_of_day
from zhixing.engine.policies import working_days as working

MONDAY, SUNDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 8)
SCHOOL = Recognition("school", "党校", Channel.OFFJOB, Measure.DAYS, Fraction(6), Fraction(4), split_years=True)
GROUP = Recognition("group", "中心组", Channel.STUDY_GROUP, Measure.SESSIONS, Fraction(3))
ELSEWHERE = Recognition("elsewhere", "其他", Channel.OFFJOB, Measure.DAYS, Fraction(6), Fraction(4), split_years=True)


def tenths(*table: Recognition, days: Fraction | None = None, channel: str = "offjob") -> int | None:
    found = found_by_days(table, channel, MONDAY, SUNDAY, days)
    return found and found.tenths


@pytest.mark.parametrize(
    ("days", "worth"), [(None, 300), (Fraction(5), 300), (Fraction(1, 2), 40), (Fraction(5, 2), 160)]
)
def test_days_and_half_days_are_worth_what_the_table_says_and_without_a_number_working_days_count(
    days: Fraction | None, worth: int
) -> None:
    assert tenths(SCHOOL, GROUP, days=days) == worth


def test_a_meeting_of_one_day_is_worth_one_meeting() -> None:
    found = found_by_days([SCHOOL, GROUP], "study_group", MONDAY, MONDAY)
    assert found is not None
    assert (found.tenths, found.titles, found.shares) == (30, "中心组", ((MONDAY, 30),))


def test_kinds_that_agree_are_all_named() -> None:
    found = found_by_days([SCHOOL, ELSEWHERE], "offjob", MONDAY, SUNDAY)
    assert found is not None
    assert found.titles == "党校、其他"


@pytest.mark.parametrize(
    "table",
    [
        (),
        (GROUP,),
        (SCHOOL, Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(7))),
        (SCHOOL, Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(6), Fraction(4), most=Fraction(18))),
        (Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(6), most_a_year=Fraction(60)),),
        (Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(6), needs_test=True),),
    ],
    ids=["no table", "another channel", "two values", "two limits", "a limit of the year", "a test that nobody states"],
)
def test_what_the_table_leaves_open_is_not_guessed(table: tuple[Recognition, ...]) -> None:
    assert tenths(*table) is None


def test_found_hours_over_new_year_are_split_as_the_kind_says() -> None:
    days = dt.date(2025, 12, 29), dt.date(2026, 1, 2)
    found = found_by_days([SCHOOL], "offjob", *days)
    assert found is not None
    assert found.shares == ((dt.date(2025, 12, 31), 180), (days[1], 120))


def test_the_value_of_a_day_is_that_of_all_kinds_or_nothing() -> None:
    other = Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(15, 2))
    assert value_of_day([SCHOOL, ELSEWHERE, GROUP], "offjob") == 6
    assert value_of_day([Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(29, 4))], "offjob") == Fraction(
        29, 4
    )
    assert value_of_day([SCHOOL, other], "offjob") is None
    assert value_of_day([SCHOOL], "online") is None


@given(days=st.integers(1, 800), began=st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31)), hours=st.integers(1, 9999))
def test_stated_hours_are_split_without_loss_where_the_table_says_so(days: int, began: dt.date, hours: int) -> None:
    ended = began + dt.timedelta(days=days - 1)
    shares = shares_of_stated([SCHOOL, GROUP], "offjob", began, ended, hours)
    assert sum(share for _day, share in shares) == hours
    assert all(share for _day, share in shares)
    assert {day.year for day, _share in shares} <= set(range(began.year, ended.year + 1))
    for table in ([], [GROUP], [SCHOOL, Recognition("x", "", Channel.OFFJOB, Measure.DAYS, Fraction(6))]):
        assert shares_of_stated(table, "offjob", began, ended, hours) == ((ended, hours),)


def test_working_days_are_those_from_monday_to_friday_and_never_none() -> None:
    assert (working(MONDAY, SUNDAY), working(SUNDAY, SUNDAY), working(MONDAY, MONDAY)) == (5, 1, 1)
