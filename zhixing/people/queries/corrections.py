"""What was changed in the record of posts and dates of service after a moment, about days before: by hand (audit trail) and by rosters.

Posts are dated facts without the moment at which they were recorded, so "as known then" shows today's record of them; this says where
that record has changed since.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from zhixing.base.models import AuditEntry
from zhixing.people.models import Account, Person, RosterChange, RosterImport
from zhixing.people.sentences import FACTS

BY_HAND: Final = (
    "people.person_added",
    "people.person_corrected",
    "people.posting_added",
    "people.posting_closed",
    "people.service_ended",
)
Kind = RosterChange.Kind
TOLD: Final = ("rank", "grade", "left_on")
"""Facts of a roster whose values are named: they decide which rules hold."""


@dataclass(frozen=True)
class Correction:
    """``by`` is the name of an account, empty for the system."""

    at: dt.datetime
    by: str
    what: str


def corrections_of(
    person_ids: Collection[int], since: dt.datetime, on: dt.date, until: dt.date
) -> dict[int, list[Correction]]:
    """Person → what was recorded after ``since`` of posts on or before ``on`` and of services that ended by ``until``, in order of time.

    Persons without any are left out. A few queries, whatever their number.
    """
    found: dict[int, list[tuple[dt.datetime, int | None, str]]] = defaultdict(list)
    told_of = (_by_hand(person_ids, since, on, until), _by_rosters(person_ids, since, on, until))
    for person_id, at, by, what in chain.from_iterable(told_of):
        found[person_id].append((at, by, what))
    accounts = {by for told in found.values() for _at, by, _what in told}
    names = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "name"))
    return {
        person_id: [
            Correction(at, names.get(by or 0, ""), what) for at, by, what in sorted(told, key=lambda one: one[0])
        ]
        for person_id, told in found.items()
    }


Told = tuple[int, dt.datetime, int | None, str]


def _by_hand(keys: Collection[int], since: dt.datetime, on: dt.date, until: dt.date) -> Iterator[Told]:
    rows = AuditEntry.objects.filter(
        at__gt=since,
        action__in=BY_HAND,
        subject_type=Person._meta.label_lower,
        subject_id__in=[str(key) for key in keys],
    )
    for one in rows.order_by("id"):
        if what := _deed(one.action.removeprefix("people."), one.details, on.isoformat(), until.isoformat()):
            yield int(one.subject_id), one.at, one.actor_id, what


def _deed(deed: str, details: dict[str, Any], on: str, until: str) -> str:
    """In words; empty for what does not touch the days asked about."""
    if deed == "person_added":
        return _("entered on record")
    if deed == "person_corrected" and "joined_on" in details["fields"]:
        return _("day of joining corrected")
    if deed == "posting_added" and details["from_on"] <= on:
        return _("post entered, from %(day)s") % {"day": details["from_on"]}
    if deed == "posting_closed" and details["to_on"] <= on:
        return _("post ended on %(day)s") % {"day": details["to_on"]}
    if deed == "service_ended" and details["last_day"] <= until:
        return _("service ended on %(day)s") % {"day": details["last_day"]}
    return ""


def _by_rosters(keys: Collection[int], since: dt.datetime, on: dt.date, until: dt.date) -> Iterator[Told]:
    applied, undone = RosterImport.State.APPLIED, RosterImport.State.ROLLED_BACK
    rows = RosterChange.objects.filter(
        Q(roster_import__state=applied, roster_import__applied_at__gt=since)
        | Q(roster_import__state=undone, roster_import__rolled_back_at__gt=since),
        person_id__in=keys,
    ).exclude(kind=Kind.PROBLEM)
    found = list(rows.select_related("roster_import").order_by("pk"))
    undone_by = _who_undid({change.roster_import_id for change in found})
    for change in found:
        roster, what = change.roster_import, _change(change, on, until)
        stands = roster.state == applied or bool(change.conflicts)
        if not what or change.person_id is None or roster.applied_at is None:
            continue
        if stands and roster.applied_at > since:
            yield change.person_id, roster.applied_at, roster.by_id, _("by a roster: %(what)s") % {"what": what}
        elif not stands and roster.applied_at <= since and roster.rolled_back_at:
            text = _("roster of %(day)s taken back: %(what)s") % {"day": roster.on, "what": what}
            yield change.person_id, roster.rolled_back_at, undone_by.get(f"{roster.pk}"), text


def _who_undid(rosters: Collection[int]) -> dict[str, int | None]:
    rows = AuditEntry.objects.filter(
        action="people.roster_rolled_back",
        subject_type=RosterImport._meta.label_lower,
        subject_id__in=[str(key) for key in rosters],
    )
    return dict(rows.values_list("subject_id", "actor_id"))


def _change(change: RosterChange, on: dt.date, until: dt.date) -> str:
    """In words; empty for what does not touch the days asked about. A row without a day of its own corrects what was known."""
    left_on = change.after.get("left_on")
    if change.kind in {Kind.CHANGE, Kind.LEAVER}:
        return (
            _said(change, ("left_on",)) if "left_on" in change.after and (not left_on or left_on <= f"{until}") else ""
        )
    if change.kind == Kind.ARRIVAL and change.from_on is None:
        return _("entered on record")
    if change.from_on is None:
        return _("post corrected (%(facts)s)") % {"facts": _said(change, TOLD)} if _said(change, TOLD) else ""
    return _("post entered, from %(day)s") % {"day": change.from_on} if change.from_on <= on else ""


def _said(change: RosterChange, names: tuple[str, ...]) -> str:
    words = _("%(fact)s: %(before)s → %(after)s")
    return "；".join(
        words % {"fact": FACTS[name], "before": change.before.get(name) or "—", "after": change.after[name] or "—"}
        for name in names
        if name in change.after and change.before.get(name) != change.after[name]
    )
