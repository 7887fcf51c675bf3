"""What a request calls a number is one, or it is nothing; what a person wrote is kept whole, or refused."""

from __future__ import annotations

import pytest

from zhixing.base.asked import either, whole_number, whole_numbers, written
from zhixing.base.problems import Invalid, NotFound
from zhixing.callups.models import Callup
from zhixing.obligations.models import Policy


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("07", 7), ("9" * 18, 10**18 - 1)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "²", "٣", "9" * 19, "9" * 5_000, "甲", "\0"])
def test_what_is_no_number_or_too_large_is_nothing(text: str) -> None:
    assert whole_number(text) is None
    assert whole_numbers(["1", text, "2"]) == [1, 2]


def test_a_decision_is_one_of_two_words() -> None:
    assert either("uphold", "uphold", "dismiss") is True
    assert either("dismiss", "uphold", "dismiss") is False
    for word in ("", "Uphold", "yes"):
        with pytest.raises(NotFound):
            either(word, "uphold", "dismiss")


def test_a_text_is_kept_whole_or_refused() -> None:
    note = Callup.note.field
    assert written("  病假\n", note) == "病假"
    assert written(" " + "长" * 200 + " ", note) == "长" * 200
    with pytest.raises(Invalid, match=r"201 .+200"):
        written("长" * 201, note)


def test_a_text_that_must_be_there_is_asked_for_in_the_callers_words() -> None:
    assert written(" ", Callup.note.field) == ""
    with pytest.raises(Invalid, match=r"Say why"):
        written(" \n", Callup.note.field, missing="Say why.")


def test_a_field_without_an_end_takes_any_text() -> None:
    assert written("长" * 9_000, Policy.text.field) == "长" * 9_000
