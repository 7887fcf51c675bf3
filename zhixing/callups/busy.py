"""Busy times of units (不宜抽调时段) as the planning sees them: which weeks of which units, and who is called in them all the same."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Max, Min, Q
from django.utils import timezone

from zhixing.callups.models import BusyTime, Callup, CallupQuerySet, CallupRun
from zhixing.engine.callup.weeks import mondays, whole_weeks

Weeks = dict[tuple[int, dt.date], int]
"""(unit, Monday) → the most people who may be away."""


def most_by_week(paths: Mapping[int, str], first: dt.date, last: dt.date) -> Weeks:
    """What the standing busy times let go of the units (key → path) in the weeks of these days; the fewest where several say something."""
    monday, sunday = whole_weeks(first, last)
    rows = BusyTime.objects.standing().on_weeks_of(first, last).order_by()
    found: Weeks = {}
    for unit, path, below, from_on, to_on, most in rows.values_list(
        "unit_id", "unit__path", "below", "from_on", "to_on", "most"
    ):
        held = [key for key, own in paths.items() if own.startswith(path)] if below else [unit] if unit in paths else []
        for week in mondays(max(from_on, monday), min(to_on, sunday)):
            for key in held:
                found[key, week] = min(most, found.get((key, week), most))
    return found


def called_then(one: BusyTime) -> CallupQuerySet:
    """Call-ups to come, sent or proposed, that take people of its units away in its weeks."""
    monday, sunday = whole_weeks(one.from_on, one.to_on)
    units = Q(person__unit__path__startswith=one.unit.path) if one.below else Q(person__unit=one.unit_id)
    states = (Callup.State.PROPOSED, *Callup.TO_COME)
    rows = Callup.objects.filter(units, state__in=states)
    return rows.filter(class_run__ends_on__gte=monday, class_run__starts_on__lte=sunday)


def in_the_way(one: BusyTime, run: CallupRun | None = None) -> list[Callup]:
    """Of these, the ones in a week in which more of their unit are called than may be away; proposals only of ``run``."""
    proposed = Q(run=run, state=Callup.State.PROPOSED) if run else Q(pk=None)
    rows = called_then(one).filter(proposed | Q(state__in=Callup.TO_COME))
    callups = list(
        rows.select_related("person__unit", "class_run", "run", "unit").order_by("class_run__starts_on", "pk")
    )
    crowded = {place for place, people in _away(one, callups).items() if len(people) > one.most}
    return [callup for callup in callups if crowded.intersection(_places(one, callup))]


def _away(one: BusyTime, callups: Iterable[Callup]) -> dict[tuple[int | None, dt.date], set[int]]:
    away: dict[tuple[int | None, dt.date], set[int]] = defaultdict(set)
    for callup in callups:
        for place in _places(one, callup):
            away[place].add(callup.person_id)
    return away


def _places(one: BusyTime, callup: Callup) -> list[tuple[int | None, dt.date]]:
    """(unit, Monday) of each week of the busy time in which the call-up takes the person away."""
    monday, sunday = whole_weeks(one.from_on, one.to_on)
    days = max(callup.class_run.starts_on, monday), min(callup.class_run.ends_on, sunday)
    return [(callup.person.unit_id, week) for week in mondays(*days)]


def concerning(run: CallupRun) -> list[tuple[BusyTime, list[Callup]]]:
    """The standing busy times that meet people on the list of a run, the earliest first, each with their call-ups."""
    listed = (Callup.State.PROPOSED, *Callup.TO_COME)
    days = run.callups.filter(state__in=listed, class_run__starts_on__gt=timezone.localdate()).aggregate(
        first=Min("class_run__starts_on"), last=Max("class_run__ends_on")
    )
    if days["first"] is None:
        return []
    rows = BusyTime.objects.standing().on_weeks_of(days["first"], days["last"])
    met = ((one, in_the_way(one, run)) for one in rows.select_related("unit").order_by("from_on", "pk"))
    own = ((one, [callup for callup in called if callup.run_id == run.pk]) for one, called in met)
    return [(one, called) for one, called in own if called]
