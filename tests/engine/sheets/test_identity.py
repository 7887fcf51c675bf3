"""ID numbers; all of them are invented."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zhixing.engine.sheets.cells import Number
from zhixing.engine.sheets.faults import Fault
from zhixing.engine.sheets.identity import Identity, check_digit, looks_like_id, read_id, without_ids

BIRTHS = st.dates(dt.date(1930, 1, 1), dt.date(2020, 12, 31))
SERIALS = st.integers(1, 999)


def number(born: dt.date, serial: int = 123, region: str = "990101") -> str:
    first17 = f"{region}{born:%Y%m%d}{serial:03d}"
    return first17 + check_digit(first17)


@given(BIRTHS, SERIALS)
def test_a_sound_number_tells_birth_and_sex(born: dt.date, serial: int) -> None:
    assert read_id(number(born, serial)) == Identity(number(born, serial), born, "m" if serial % 2 else "f")


@given(BIRTHS, SERIALS, st.integers(0, 16), st.integers(1, 9))
def test_any_one_mistyped_digit_is_noticed(born: dt.date, serial: int, place: int, shift: int) -> None:
    sound = number(born, serial)
    digit = str((int(sound[place]) + shift) % 10)
    assert isinstance(read_id(sound[:place] + digit + sound[place + 1 :]), Fault)


@given(BIRTHS, SERIALS, st.integers(0, 16))
def test_two_neighbours_exchanged_are_noticed(born: dt.date, serial: int, place: int) -> None:
    sound = number(born, serial)
    swapped = sound[:place] + sound[place + 1] + sound[place] + sound[place + 2 :]
    assume(swapped != sound)
    assert isinstance(read_id(swapped), Fault)


@given(st.dates(dt.date(1930, 1, 1), dt.date(1999, 12, 31)), SERIALS)
def test_fifteen_digits_become_the_same_eighteen(born: dt.date, serial: int) -> None:
    old = f"990101{born:%y%m%d}{serial:03d}"
    assert read_id(old) == read_id(number(born, serial))
    assert read_id(Number(old)) == read_id(old)


@pytest.mark.parametrize("dress", ["'{}", " {} ", "{}\n", "\u200b{}", "`{}"])
def test_what_people_type_around_a_number_is_taken_off(dress: str) -> None:
    sound = number(dt.date(1985, 7, 12))
    assert read_id(dress.format(sound)) == read_id(sound)


def test_widths_spaces_and_a_small_x_do_not_matter() -> None:
    sound = next(text for serial in range(999) if (text := number(dt.date(1985, 7, 12), serial)).endswith("X"))
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in sound)
    spaced = f"{sound[:6]} {sound[6:14]} {sound[14:].lower()}"
    assert read_id(wide) == read_id(spaced) == read_id(sound)
    assert read_id(sound[:-1] + "×") == read_id(sound)


def test_an_eighteen_digit_number_cell_has_lost_digits() -> None:
    sound = number(dt.date(1985, 7, 12))[:17] + "0"
    assert read_id(Number(sound)) is Fault.ID_DIGITS_LOST
    assert read_id("9.90101198507121E+17") is Fault.ID_DIGITS_LOST
    assert read_id("990101198507121000") is Fault.ID_DIGITS_LOST


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("9901011985071212", Fault.ID_MALFORMED),
        ("A90101198507121234", Fault.ID_MALFORMED),
        ("990101********1234", Fault.ID_MASKED),
        ("990101198502301234", Fault.ID_DATE),
        ("990101188502101234", Fault.ID_DATE),
        ("990101850230123", Fault.ID_DATE),
    ],
)
def test_a_bad_number_says_what_is_bad(text: str, fault: Fault) -> None:
    assert read_id(text) is fault


def test_a_staff_number_does_not_look_like_an_id_number() -> None:
    assert looks_like_id(number(dt.date(1985, 7, 12)))
    assert looks_like_id("9.9E+17")
    assert not looks_like_id("XX00123")


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read_id(text), Identity | Fault)


@pytest.mark.parametrize(
    "text", ["", "13800000000", "110101199013070011", "2110101199003070011", "1101011990030700111"]
)
def test_what_is_no_id_number_is_not_struck_out(text: str) -> None:
    assert without_ids(text) == text


def test_the_middle_of_every_id_number_in_a_text_is_struck_out() -> None:
    assert without_ids("甲11010119900307001x、乙110101199003070011") == "甲1101************1x、乙1101************11"
