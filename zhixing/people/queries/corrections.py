"""What became known of posts and dates of service after a moment: told from the versions that the triggers keep."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from zhixing.people.models import PastPosting, PastService, Person, Posting, Unit
from zhixing.people.sentences import FACTS

Version = dict[str, Any]
MOMENTS: Final = ("recorded_at", "superseded_at")
SERVICE: Final = ("joined_on", "left_on")
POST: Final = ("unit_id", "rank", "grade", "from_on", "to_on", "is_principal", "promoted")
TOLD: Final = ("unit_id", "rank", "grade", "from_on", "is_principal", "promoted")
"""Facts of a post that are told when they are corrected; its last day has words of its own."""
EVER: Final = dt.date.max


@dataclass(frozen=True)
class Correction:
    at: dt.datetime
    what: str


def corrections_of(
    person_ids: Collection[int], since: dt.datetime | None = None, on: dt.date = EVER, until: dt.date = EVER
) -> dict[int, list[Correction]]:
    """Person → what was recorded after ``since`` (None: ever) of posts on or before ``on`` and of services that ended by ``until``.

    In order of time; persons without any are left out. Four or five queries, whatever their number.
    """
    found: dict[int, list[Correction]] = defaultdict(list)
    for person_id, at, what in (*_of_services(person_ids, until), *_of_posts(person_ids, on)):
        if what and (since is None or at > since):
            found[person_id].append(Correction(at, what))
    return {person_id: sorted(told, key=lambda one: one.at) for person_id, told in found.items()}


Told = tuple[int, dt.datetime, str]


def _of_services(keys: Collection[int], until: dt.date) -> Iterator[Told]:
    histories: dict[int, list[Version]] = defaultdict(list)
    for one in PastService.objects.filter(person__in=keys).order_by("pk").values("person_id", *SERVICE, *MOMENTS):
        histories[one.pop("person_id")].append(one)
    rows = Person.objects.filter(pk__in=keys).values("pk", "entered_at", "service_recorded_at", *SERVICE)
    for one in rows:
        key, entered_at = one.pop("pk"), one.pop("entered_at")
        if entered_at:
            yield key, entered_at, _("entered on record")
        for before, after in pairwise([*histories[key], one]):
            yield key, before["superseded_at"], _service(before, after, until)


def _service(before: Version, after: Version, until: dt.date) -> str:
    """In words; empty for what does not touch the days asked about."""
    what = _said(before, after, [name for name in ("joined_on",) if before[name] != after[name]])
    was, now = before["left_on"], after["left_on"]
    if was == now or min(was or EVER, now or EVER) > until:
        return what
    return "；".join(filter(None, (what, _said(before, after, ["left_on"]))))


def _of_posts(keys: Collection[int], on: dt.date) -> Iterator[Told]:
    histories: dict[tuple[int, int], list[Version]] = defaultdict(list)
    past = PastPosting.objects.filter(person__in=keys).order_by("pk").values("person_id", "posting_id", *POST, *MOMENTS)
    for one in past:
        histories[one.pop("person_id"), one.pop("posting_id")].append(one)
    for one in Posting.objects.filter(person__in=keys).values("person_id", "pk", "recorded_at", *POST):
        histories[one.pop("person_id"), one.pop("pk")].append(one)
    units = _names(one["unit_id"] for versions in histories.values() if len(versions) > 1 for one in versions)
    for (person_id, _posting), versions in histories.items():
        for at, what in _of_post([one | {"unit_id": units.get(one["unit_id"])} for one in versions], on):
            yield person_id, at, what


def _of_post(versions: list[Version], on: dt.date) -> Iterator[tuple[dt.datetime, str]]:
    first, last = versions[0], versions[-1]
    if first["recorded_at"] and first["from_on"] <= on:
        yield first["recorded_at"], _("post entered, from %(day)s") % {"day": _post(first)}
    for before, after in pairwise(versions):
        yield before["superseded_at"], _change(before, after, on)
    if last.get("superseded_at") and last["from_on"] <= on:
        yield last["superseded_at"], _("post taken back, from %(day)s") % {"day": _post(last)}


def _change(before: Version, after: Version, on: dt.date) -> str:
    """In words; empty for what does not touch the days asked about."""
    what = []
    names = [name for name in TOLD if before[name] != after[name]]
    if names and min(before["from_on"], after["from_on"]) <= on:
        what.append(_("post corrected (%(facts)s)") % {"facts": _said(before, after, names)})
    was, now = before["to_on"], after["to_on"]
    if was != now and min(was or EVER, now or EVER) < on:
        open_again = _("post open again, from %(day)s") % {"day": _post(after)}
        what.append(_("post ended on %(day)s") % {"day": now} if now else open_again)
    return "；".join(what)


def _post(version: Version) -> str:
    return f"{version['from_on']} {version['rank'] or version['grade']}".strip()


def _said(before: Version, after: Version, names: Iterable[str]) -> str:
    words = _("%(fact)s: %(before)s → %(after)s")
    return "；".join(
        words % {"fact": FACTS[name], "before": _value(before[name]), "after": _value(after[name])} for name in names
    )


def _value(value: Any) -> str:
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value or "—")


def _names(keys: Iterable[int]) -> dict[int, str]:
    wanted = set(keys)
    return dict(Unit.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
