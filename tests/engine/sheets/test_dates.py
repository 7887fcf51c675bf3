"""Dates as officers type them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.sheets.cells import Number
from zhixing.engine.sheets.dates import PartialDate, read_date
from zhixing.engine.sheets.faults import Fault

DAYS = st.dates(dt.date(1930, 1, 1), dt.date(2099, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "1985.07",
        "1985.7",
        "1985年7月",
        "1985年07月",
        "198507",
        "1985-07",
        "1985/7",
        "１９８５．０７",
        " 1985 . 07 ",
        "'1985.07",
        "1985·07",
        "1985。07",
    ],
)
def test_a_month_is_read_and_stays_a_month(text: str) -> None:
    assert read_date(text) == PartialDate(1985, 7)


@pytest.mark.parametrize(
    "text",
    [
        "19850712",
        "1985-07-12",
        "1985/7/12",
        "1985.7.12",
        "1985年7月12日",
        "1985年7月12号",
        "1985-07-12 00:00:00",
        "1985-07-12T08:30",
        "31240",
        "31240.5",
    ],
)
def test_a_day_is_read_in_every_shape(text: str) -> None:
    assert read_date(text) == PartialDate(1985, 7, 12)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "20240230", "1985.13", "198513", "1985.00", "1885.07", "2101-01-01", "1985-07-00", "99999"]
)
def test_a_date_that_does_not_exist_is_impossible(text: str) -> None:
    assert read_date(text) is Fault.DATE_IMPOSSIBLE


@pytest.mark.parametrize("text", ["85.7", "85年7月", "850712", "1985", "1985年", "7/12/1985", "7月12日", "85-07-12"])
def test_a_date_with_several_readings_is_not_guessed(text: str) -> None:
    assert read_date(text) is Fault.DATE_AMBIGUOUS


@pytest.mark.parametrize("text", ["不详", "七月", "1985.07.12.1", "12345678901"])
def test_what_is_no_date_is_unreadable(text: str) -> None:
    assert read_date(text) is Fault.DATE_UNREADABLE


def test_a_number_cell_1985_1_may_be_october_with_its_zero_lost() -> None:
    assert read_date(Number("1985.1")) is Fault.DATE_AMBIGUOUS
    assert read_date("1985.1") == PartialDate(1985, 1)
    assert read_date("1985.10") == PartialDate(1985, 10)
    assert read_date(Number("1985.12")) == PartialDate(1985, 12)


@given(DAYS)
def test_every_shape_of_a_day_is_the_same_day(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    shapes = (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        Number(serial),
    )
    assert {read_date(shape) for shape in shapes} == {PartialDate.of(day)}


@given(DAYS, st.booleans())
def test_what_is_written_in_iso_is_read_back(day: dt.date, is_month: bool) -> None:
    date = PartialDate(day.year, day.month, None if is_month else day.day)
    assert read_date(str(date)) == date
    assert date.first <= date.last


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read_date(text), PartialDate | Fault)


def test_a_month_agrees_with_each_of_its_days_and_a_first_day_may_be_a_month() -> None:
    day = PartialDate(1985, 7, 12)
    assert day.agrees(PartialDate(1985, 7))
    assert day.agrees(PartialDate(1985, 7, 1))
    assert not day.agrees(PartialDate(1985, 7, 13))
    assert not day.agrees(PartialDate(1985, 8))


def test_order_is_certain_only_when_no_day_of_one_can_be_in_the_other() -> None:
    assert PartialDate(1985, 6).is_before(PartialDate(1985, 7))
    assert not PartialDate(1985, 7).is_before(PartialDate(1985, 7, 12))
    assert PartialDate(1985, 7, 11).is_before(PartialDate(1985, 7, 12))
