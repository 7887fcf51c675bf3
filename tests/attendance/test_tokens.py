"""The rotating code: good for its slot and the next one, for one register, and only when we made it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from zhixing.attendance import tokens
from zhixing.base.problems import Refused

NINE = dt.datetime(2026, 9, 7, 1, 0, 0, tzinfo=dt.UTC)
"""The beginning of a slot."""


def later(seconds: float) -> dt.datetime:
    return NINE + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [0, 1, 19, 20, 39])
def test_a_code_is_good_in_its_slot_and_in_the_next(seconds: int) -> None:
    assert tokens.read(tokens.make(7, NINE), later(seconds)) == 7


@pytest.mark.parametrize("seconds", [40, 60, 3600, 86400])
def test_a_code_expires_after_the_next_slot(seconds: int) -> None:
    with pytest.raises(Refused, match="expired"):
        tokens.read(tokens.make(7, NINE), later(seconds))


def test_a_code_of_the_future_is_refused() -> None:
    with pytest.raises(Refused):
        tokens.read(tokens.make(7, later(20)), later(19))


def test_the_code_stays_the_same_within_a_slot_and_changes_with_it() -> None:
    assert tokens.make(7, NINE) == tokens.make(7, later(19))
    assert tokens.make(7, NINE) != tokens.make(7, later(20))
    assert tokens.make(7, NINE) != tokens.make(8, NINE)


@given(st.text(max_size=80))
def test_no_text_that_we_did_not_sign_is_read(text: str) -> None:
    with pytest.raises(Refused):
        tokens.read(text, NINE)


def test_another_salt_makes_no_code() -> None:
    forged = signing.Signer(salt="something.else").sign(f"7.{tokens.slot_of(NINE)}")
    with pytest.raises(Refused):
        tokens.read(forged, NINE)


@given(st.integers(1, 2**40), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_code_is_read_exactly_while_its_slot_is_the_present_or_the_last_one(
    register: int, made: int, read: int
) -> None:
    token = tokens.make(register, later(made))
    fresh = tokens.slot_of(later(read)) - tokens.slot_of(later(made)) in {0, 1}
    try:
        found = tokens.read(token, later(read))
    except Refused:
        assert not fresh
    else:
        assert fresh
        assert found == register
