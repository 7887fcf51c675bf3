"""Which open make-up a call-up would make up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from zhixing.callups import values
from zhixing.callups.problem import OpenMakeUp, fit_of, read_make_ups
from zhixing.callups.problem.pairs import Training


def make_up_for(person: int, class_run: Training) -> int | None:
    """The key of the person's open make-up that fits the class best; of equals the oldest. None when none fits."""
    return _best(read_make_ups([person]), class_run)


def make_ups_for(pairs: Iterable[tuple[int, Training]]) -> list[int | None]:
    """The same for many (person, class) at once; one duty is never given to two call-ups."""
    wanted = list(pairs)
    duties: dict[int, list[OpenMakeUp]] = defaultdict(list)
    for duty in read_make_ups():
        duties[duty.person].append(duty)
    found: list[int | None] = []
    for person, one in wanted:
        best = _best(duties.get(person, ()), one)
        found.append(best)
        if best is not None:
            duties[person] = [duty for duty in duties[person] if duty.pk != best]
    return found


def _best(duties: Collection[OpenMakeUp], one: Training) -> int | None:
    fits = [(fit_of(duty, one), duty.pk) for duty in duties]
    rank = {values.THEME: 4, values.CHANNEL: 2, values.CONTENT: 1}
    strength = {pk: sum(worth for flag, worth in rank.items() if fit & flag) for fit, pk in fits if fit}
    return max(strength, key=lambda pk: strength[pk], default=None)
