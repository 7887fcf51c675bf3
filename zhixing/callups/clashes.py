"""Call-ups of ours that clash with those of other authorities: on the same days, or the same theme within a year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from zhixing.base.chunks import chunks
from zhixing.callups import elsewhere
from zhixing.callups.elsewhere import Elsewhere
from zhixing.callups.models import Callup, KeptClash


class Clash(NamedTuple):
    """One pair; ``is_days``: they share a day, else the theme alone is the same."""

    callup: Callup
    elsewhere: Elsewhere
    is_days: bool


def clash_of(callup: Callup, other: Elsewhere) -> Clash | None:
    """Whether the two clash. The caller sees to it that they are of one person."""
    one = callup.class_run
    if other.takes(one.starts_on, one.ends_on):
        return Clash(callup, other, is_days=True)
    if other.repeats(one.theme, one.starts_on, one.ends_on):
        return Clash(callup, other, is_days=False)
    return None


def to_come(people: Collection[int], today: dt.date) -> Iterable[Callup]:
    """Call-ups of these people that are sent and not over, with their class runs."""
    for keys in chunks(sorted(people)):
        rows = Callup.objects.filter(person__in=keys, state__in=Callup.TO_COME, class_run__ends_on__gte=today)
        yield from rows.select_related("person", "unit", "class_run").order_by("class_run__starts_on", "pk")


def clashes_with(others: Iterable[Elsewhere], today: dt.date) -> list[Clash]:
    """Which call-ups of ours that are to come clash with these; asked before they are kept."""
    wanted = list(others)
    ours: defaultdict[int, list[Callup]] = defaultdict(list)
    for callup in to_come({one.person for one in wanted}, today):
        ours[callup.person_id].append(callup)
    pairs = ((callup, other) for other in wanted for callup in ours[other.person])
    return [clash for callup, other in pairs if (clash := clash_of(callup, other))]


def open_clashes(callups: Collection[Callup]) -> dict[int, list[Clash]]:
    """Call-up → its clashes that nobody has decided about.

    A theme that the planner knew of when the call-up was sent was weighed then, and is no clash now.
    """
    others: defaultdict[int, list[Elsewhere]] = defaultdict(list)
    for other in elsewhere.of_people({callup.person_id for callup in callups}):
        others[other.person].append(other)
    at_stake = [callup for callup in callups if others[callup.person_id]]
    kept = set(_kept(at_stake))
    known_since = elsewhere.known_since({one.pk for callup in at_stake for one in others[callup.person_id]})
    found: dict[int, list[Clash]] = {}
    for callup in at_stake:
        for other in others[callup.person_id]:
            clash = clash_of(callup, other)
            if clash is None or (callup.pk, other.pk) in kept:
                continue
            if clash.is_days or callup.sent_at is None or known_since[other.pk] > callup.sent_at:
                found.setdefault(callup.pk, []).append(clash)
    return found


def _kept(callups: Collection[Callup]) -> Iterable[tuple[int, int]]:
    for keys in chunks(sorted(callup.pk for callup in callups)):
        yield from KeptClash.objects.filter(callup__in=keys).values_list("callup_id", "outside_id")
