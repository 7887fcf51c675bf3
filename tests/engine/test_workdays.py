"""Working days: holidays and exchanged weekends of the years that are stated, and every fault of a text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from zhixing.engine.annual.terms import after_notice, first_days
from zhixing.engine.workdays import WEEKENDS, Fault, WorkdaysError, parse

TEXT = (Path(__file__).parents[2] / "policies" / "holidays.toml").read_text(encoding="utf-8")
KNOWN = parse(TEXT)
YEAR = (
    '[2026]\nsource = "文件"\nholidays = [{ name = "元旦", off = [2026-01-01, 2026-01-03], worked = [2026-01-04] }]\n'
)


def test_a_holiday_is_off_and_the_weekend_before_it_is_worked() -> None:
    assert [KNOWN.is_working(dt.date(2026, 2, day)) for day in (13, 14, 15, 16, 23, 24, 28)] == [
        True, True, False, False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_about_250_working_days(year: int) -> None:
    """Thirteen holidays of law fall on working days or are made up for: 365 days, 104 weekend days."""
    assert 247 <= len(KNOWN.between(dt.date(year, 1, 1), dt.date(year, 12, 31))) <= 250


def test_every_exchanged_weekend_pays_for_a_day_off() -> None:
    """Days off on Monday to Friday are the thirteen of law (less those on weekends) and those that a worked weekend pays for."""
    for year in (2025, 2026):
        off = sum(day.year == year and day.weekday() < 5 for day in KNOWN.off)
        worked = sum(day.year == year for day in KNOWN.worked)
        assert 8 <= off - worked <= 13


def test_a_year_of_which_nothing_is_stated_is_told_and_has_its_weekends() -> None:
    assert KNOWN.unknown(dt.date(2026, 12, 1), dt.date(2028, 1, 1)) == [2027, 2028]
    assert KNOWN.unknown(dt.date(2025, 3, 1), dt.date(2026, 12, 31)) == []
    day = dt.date(2027, 10, 1)
    assert KNOWN.is_working(day) == WEEKENDS.is_working(day)


def test_the_notice_counts_no_holiday_and_counts_an_exchanged_saturday() -> None:
    """Told on 30 September 2026: 8, 9, 10 (a Saturday) and 12 October lie between."""
    assert after_notice(dt.date(2026, 9, 30), 4, KNOWN) == dt.date(2026, 10, 13)
    assert after_notice(dt.date(2026, 9, 30), 4) == dt.date(2026, 10, 7)


def test_no_class_begins_in_the_golden_week() -> None:
    found = first_days(2026, 4, days=3, runs=60, not_before=dt.date(2026, 9, 1), workdays=KNOWN)
    assert min(found) > dt.date(2026, 10, 7)


@pytest.mark.parametrize(
    ("text", "where", "fault"),
    [
        ("[2026", "", Fault.NOT_TOML),
        (YEAR.replace("[2026]", "[next]"), "next", Fault.BAD_YEAR),
        ("2026 = 3\n", "2026", Fault.BAD_YEAR),
        (YEAR.replace("文件", " "), "2026", Fault.NO_SOURCE),
        ('[2026]\nsource = "文件"\nholidays = []\n', "2026", Fault.NO_HOLIDAYS),
        (YEAR.replace("worked", "works"), "2026.holidays.1.works", Fault.UNKNOWN_KEY),
        (YEAR.replace("元旦", ""), "2026.holidays.1", Fault.NO_NAME),
        (YEAR.replace("[2026-01-01, 2026-01-03]", "[2026-01-03, 2026-01-01]"), "2026.holidays.1", Fault.BAD_SPAN),
        (YEAR.replace("[2026-01-01, 2026-01-03]", "[2026-01-01, 2026-02-03]"), "2026.holidays.1", Fault.BAD_SPAN),
        (YEAR.replace("off = [2026-01-01, 2026-01-03], ", ""), "2026.holidays.1", Fault.BAD_DATE),
        (YEAR.replace("[2026-01-04]", '["2026-01-04"]'), "2026.holidays.1", Fault.BAD_DATE),
        (YEAR.replace("[2026-01-04]", "[2026-01-04T09:00:00]"), "2026.holidays.1", Fault.BAD_DATE),
        (YEAR.replace("2026-01-04", "2027-03-06"), "2026.holidays.1", Fault.OTHER_YEAR),
        (YEAR.replace("2026-01-04", "2026-01-05"), "2026.holidays.1", Fault.NO_WEEKEND),
        (YEAR.replace("2026-01-04", "2026-01-03"), "2026", Fault.OFF_AND_WORKED),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, where: str, fault: Fault) -> None:
    with pytest.raises(WorkdaysError) as refused:
        parse(text)
    assert (where, fault) in {(one.where, one.fault) for one in refused.value.faults}
