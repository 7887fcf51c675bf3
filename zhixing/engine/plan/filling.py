"""Adding what still fits and gains, the best first, until nothing does: what a need lacks afterwards has a rule or a cost against it.

And taking away from an earlier plan until it keeps changed limits, the least worth first: the search may then begin near what there is."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from zhixing.engine.plan.options import Limit, Option
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


def trim(usage: Usage) -> None:
    """Takes back run after run of what goes beyond a limit, the one that loses least for what it gives back.

    Whether the plan keeps every rule afterwards ``broken`` tells: what asks for more than there is cannot be mended so."""
    while any(_over(usage)):
        ways = [way for number in usage.runs if (way := _less(usage, usage.options[number])) is not None]
        if not ways:
            return
        _loss, number, seats = min(ways)
        usage.put(usage.options[number], -1, -seats)


def _over(usage: Usage) -> Iterator[Limit]:
    yield from (limit for limit, most in usage.most.items() if usage.used[limit] > most)
    yield from ((rule, "") for rule, over in usage.share.items() if over < 0)


def _less(usage: Usage, option: Option) -> tuple[float, int, int] | None:
    """(loss for each part of what is too much, number, seats) of one run less; None when it gives nothing back, or is owed."""
    runs, seats = usage.runs[option.number], usage.seats.get(option.number, 0)
    fewer = seats - min(seats, (runs - 1) * option.programme.size_max)
    if _is_owed(usage, option, fewer):
        return None
    relief = _relief(usage, option, fewer)
    return (-usage.gain(option, -1, -fewer) / relief, option.number, fewer) if relief > 0 else None


def _is_owed(usage: Usage, option: Option, seats: int) -> bool:
    """Whether the programme must be held so often, or the leading members of the seats are needed for the share of the year."""
    if usage.runs_of[option.programme.key] <= option.programme.runs_min:
        return True
    if not option.programme.calls_leading:
        return False
    group = option.group
    lost = min(usage.leading[group.key], group.leading) - min(usage.leading[group.key] - seats, group.leading)
    return lost > 0 and usage.leading_called() - lost < usage.problem.leading_least


def _relief(usage: Usage, option: Option, seats: int) -> float:
    """The shares of what goes beyond limits that a run with its seats gives back, added up."""
    drawn = [*option.run_draws, *((limit, draw * seats) for limit, draw in option.seat_draws)]
    beyond = {limit: usage.used[limit] - usage.most[limit] for limit, draw in drawn}
    given = sum(min(draw, beyond[limit]) / beyond[limit] for limit, draw in drawn if beyond[limit] > 0 and draw > 0)
    parts = ((-part, -usage.share[rule]) for rule, part in option.share_parts)
    return given + sum(min(back, over) / over for back, over in parts if over > 0 and back > 0)
