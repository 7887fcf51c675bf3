"""The counts behind the board: the database adds up each unit's own people, and every unit above gets them too."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Final

from django.db.models import Count

from zhixing.base.load import load
from zhixing.obligations.models import Foreseen, Standing, StandingCount
from zhixing.obligations.problem import held_rank
from zhixing.people.models import Unit

Key = tuple[int, str, str, str]
"""Of a count: unit, rank, rule, state."""
COLUMNS: Final = ("on", "unit", "rank", "rule", "state", "people")


def count_standings(on: dt.date) -> None:
    """Write ``StandingCount`` anew, in the caller's transaction."""
    counts = _rolled_up(_own_counts() + _own_foreseen(), _units_above())
    StandingCount.objects.all().delete()
    load(StandingCount, COLUMNS, ((on.isoformat(), *key, count) for key, count in counts.items()))


def _own_counts() -> Counter[Key]:
    """People of each unit alone: under each rule, and once under the worst state of all rules."""
    standings = Standing.objects.exclude(person__unit=None).order_by()
    by_rule = standings.values_list("person__unit_id", "rule", "state").annotate(Count("pk"))
    once = standings.annotate(held=held_rank("person__")).values_list("person__unit_id", "held", "worst")
    by_rank = once.annotate(Count("person", distinct=True))
    counts = Counter({(unit_id, "", rule, state): count for unit_id, rule, state, count in by_rule})
    counts.update({(unit_id, rank, "", worst): count for unit_id, rank, worst, count in by_rank})
    return counts


def _own_foreseen() -> Counter[Key]:
    """Those of each unit alone who will be overdue at the end of the year: under each rule, and once."""
    state = StandingCount.FORESEEN
    foreseen = Foreseen.objects.exclude(person__unit=None).order_by()
    by_rule = foreseen.values_list("person__unit_id", "rule").annotate(Count("pk"))
    by_rank = foreseen.annotate(held=held_rank("person__")).values_list("person__unit_id", "held")
    counts = Counter({(unit_id, "", rule, state): count for unit_id, rule, count in by_rule})
    counts.update(
        {(unit_id, rank, "", state): count for unit_id, rank, count in by_rank.annotate(Count("person", distinct=True))}
    )
    return counts


def _units_above() -> dict[int, list[int]]:
    """Unit → itself and all above it."""
    keys = dict(Unit.objects.values_list("path", "pk"))
    return {
        key: [keys[path[: place + 1]] for place, sign in enumerate(path) if sign == "." and path[: place + 1] in keys]
        for path, key in keys.items()
    }


def _rolled_up(counts: Counter[Key], above: Mapping[int, list[int]]) -> Counter[Key]:
    """Each unit's own counts added to every unit above it."""
    sums: Counter[Key] = Counter()
    for (unit_id, rank, rule, state), count in counts.items():
        for upper in above[unit_id]:
            sums[upper, rank, rule, state] += count
    return sums
