"""Adding what still fits and gains, the best first, until nothing does: what a need lacks afterwards has a rule or a cost against it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from zhixing.engine.plan.options import Option
from zhixing.engine.plan.usage import Usage

Move = tuple[int, int]
"""Runs and seats to add."""


def fill(usage: Usage, options: Iterable[Option]) -> int:
    """Adds to the plan and returns how often. Gains only fall while a plan grows, so the best known one is looked at again, and few others."""
    options = [option for option in options if not option.never and option.covers]
    added = 0
    while True:
        before = added
        heap = [
            (-gain, option.number, option)
            for option in options
            for gain, _move in [best_move(usage, option)]
            if gain > 0
        ]
        heapq.heapify(heap)
        while heap:
            _negative, number, option = heapq.heappop(heap)
            gain, move = best_move(usage, option)
            if gain <= 0:
                continue
            if heap and gain < -heap[0][0]:
                heapq.heappush(heap, (-gain, number, option))
                continue
            usage.put(option, *move)
            added += 1
            heapq.heappush(heap, (-gain, number, option))
        if added == before:
            return added


def best_move(usage: Usage, option: Option) -> tuple[int, Move]:
    """What is gained by more seats in the runs that there are, or by a run more; (0, …) when neither fits and gains."""
    runs, seats = usage.runs.get(option.number, 0), usage.seats.get(option.number, 0)
    best: tuple[int, Move] = (0, (0, 0))
    for more in (0, 1):
        room = (runs + more) * option.programme.size_max - seats
        least = max(more, (runs + more) * option.programme.size_min - seats, 1)
        most = min(room, usage.seats_left(option, more))
        if most < least or usage.blocked(option, more, least):
            continue
        count = _worthwhile(usage, option, more, least, most)
        gain = usage.gain(option, more, count)
        best = max(best, (gain, (more, count)))
    return best


def _worthwhile(usage: Usage, option: Option, runs: int, least: int, most: int) -> int:
    """The largest number of seats of which each still gains: what a further seat gains only falls."""
    if usage.gain(option, runs, most) > usage.gain(option, runs, most - 1):
        return most
    low, high = least, most
    while low < high:
        middle = (low + high + 1) // 2
        if usage.gain(option, runs, middle) > usage.gain(option, runs, middle - 1):
            low = middle
        else:
            high = middle - 1
    return low
