"""What a request calls a number is one, or it is nothing."""

from __future__ import annotations

import pytest

from zhixing.base.asked import whole_number, whole_numbers


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("07", 7), ("9" * 18, 10**18 - 1)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "²", "٣", "9" * 19, "9" * 5_000, "甲", "\0"])
def test_what_is_no_number_or_too_large_is_nothing(text: str) -> None:
    assert whole_number(text) is None
    assert whole_numbers(["1", text, "2"]) == [1, 2]
