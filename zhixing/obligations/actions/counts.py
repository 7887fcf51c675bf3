"""The counts behind the board: the database adds up each unit's own people, and every unit above gets them too."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Final

from django.db.models import Count, Q

from zhixing.base.load import load
from zhixing.obligations.models import Standing, StandingCount
from zhixing.obligations.problem import held_rank
from zhixing.people.models import Unit

Key = tuple[int, str, str, str]
"""Of a count: unit, rank, rule, state."""
COLUMNS: Final = ("on", "unit", "rank", "rule", "state", "people", "due")


def count_standings(on: dt.date) -> None:
    """Write ``StandingCount`` anew, in the caller's transaction."""
    people, due = _own_counts(on)
    above = _units_above()
    people, due = _rolled_up(people, above), _rolled_up(due, above)
    StandingCount.objects.all().delete()
    load(StandingCount, COLUMNS, ((on.isoformat(), *key, count, due[key]) for key, count in people.items()))


def _own_counts(on: dt.date) -> tuple[Counter[Key], Counter[Key]]:
    """People and those due of each unit alone: under each rule, and once under the worst state of all rules."""
    is_due = Q(missing_tenths__gt=0, window_closes__lte=dt.date(on.year, 12, 31))
    standings = Standing.objects.exclude(person__unit=None).order_by()
    by_rule = standings.values_list("person__unit_id", "rule", "state").annotate(
        Count("pk"), due=Count("pk", filter=is_due)
    )
    once = standings.annotate(held=held_rank("person__")).values_list("person__unit_id", "held", "worst")
    by_rank = once.annotate(Count("person", distinct=True), due=Count("person", distinct=True, filter=is_due))
    people: Counter[Key] = Counter()
    due: Counter[Key] = Counter()
    for unit_id, rule, state, count, late in by_rule:
        people[unit_id, "", rule, state], due[unit_id, "", rule, state] = count, late
    for unit_id, rank, worst, count, late in by_rank:
        people[unit_id, rank, "", worst], due[unit_id, rank, "", worst] = count, late
    return people, due


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
