from __future__ import annotations

import pytest

from tests.engine.obligations.ledgers import day, rule
from zhixing.engine.obligations.windows import OF_THE_DAY, Window, window, years_later
from zhixing.engine.policies import FROM_A_DAY, WindowKind


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2024-02-29", -5, "2019-02-28"),
        ("2023-02-28", 1, "2024-02-28"),
    ],
)
def test_29_february_becomes_28_february_where_there_is_none(start: str, years: int, end: str) -> None:
    assert years_later(day(start), years) == day(end)


def test_a_window_counts_both_its_ends() -> None:
    assert Window(day("2024-01-01"), day("2024-12-31")).days == 366


@pytest.mark.parametrize(
    ("on", "first"),
    [("2023-01-01", 2023), ("2027-12-31", 2023), ("2022-12-31", 2018), ("2013-01-01", 2013), ("2012-12-31", 2008)],
)
def test_blocks_reach_backwards_from_their_start_too(on: str, first: int) -> None:
    held = window(rule(window=WindowKind.FIVE_YEARS, block_start=2023), day(on), None)
    assert held == Window(day(f"{first}-01-01"), day(f"{first + 4}-12-31"))


def test_blocks_without_a_start_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="block_start"):
        window(rule(window=WindowKind.FIVE_YEARS), day("2026-01-01"), None)


def test_every_kind_is_the_same_for_everyone_or_runs_from_a_day_of_ones_own() -> None:
    assert set(WindowKind) - set(OF_THE_DAY) == FROM_A_DAY
    assert window(rule(window=WindowKind.AFTER_PROMOTION), day("2026-01-01"), None) is None
