"""Seats in proportion to people, and the same seats dealt to several runs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def deal(seats: Mapping[Key, int], runs: int) -> list[dict[Key, int]]:
    """The seats of each of ``runs`` runs: every unit's, and every run's, differ by at most one from run to run."""
    dealt: list[dict[Key, int]] = [dict.fromkeys(seats, 0) for _run in range(runs)]
    at = 0
    for key, count in seats.items():
        for _seat in range(count):
            dealt[at % runs][key] += 1
            at += 1
    return dealt


def sizes(total: int, runs: int) -> list[int]:
    """How many people each run takes: equal, what is left over to the first ones."""
    return [total // runs + (n < total % runs) for n in range(runs)]


def total_of(dealt: Sequence[Mapping[Key, int]]) -> int:
    return sum(sum(run.values()) for run in dealt)
