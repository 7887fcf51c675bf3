"""The days of one person on which something changed: the steps of the time slider, and the promotions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.obligations.models import Policy
from zhixing.obligations.problem import held_rank
from zhixing.people.models import Person, Posting
from zhixing.people.queries import corrections_of

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """One stop of a slider; ``day`` None is "with all that is known now"."""

    day: dt.date | None
    what: str

    @property
    def label(self) -> str:
        return f"{self.day} {self.what}".strip() if self.day else self.what


@dataclass(frozen=True)
class Slider:
    """The stops in order of time; ``at`` is the last one not after the day asked about."""

    name: str
    steps: Sequence[Step]
    at: int = 0

    def to(self, day: dt.date | None) -> Slider:
        """The same slider, moved to a day; None is the last step."""
        reached = sum(1 for step in self.steps if day is None or (step.day or dt.date.max) <= day)
        return replace(self, at=max(reached - 1, 0))

    @property
    def last(self) -> int:
        return len(self.steps) - 1

    @property
    def labels(self) -> list[str]:
        return [step.label for step in self.steps]

    @property
    def here(self) -> Step:
        return self.steps[self.at]


def day_slider(person: Person) -> Slider:
    """Over the days on which the person's standing may have changed: posts, hours, exemptions, policies, and today."""
    found: list[tuple[dt.date, str]] = [(timezone.localdate(), _("today")), (person.joined_on, _("joined"))]
    for from_on, promoted, rank in _postings(person):
        found.append((from_on, _("promoted: %(rank)s") % {"rank": rank} if promoted else rank))
    found += person.entries.filter(reverses=None).values_list("earned_on", "title")
    for from_on, to_on in person.exemptions.values_list("from_on", "to_on"):
        found += [(from_on, _("exempt from here")), (to_on + ONE_DAY, _("exempt no longer"))]
    first = min(person.joined_on, *(day for day, _what in found))
    found += (
        (day, _("policy in force")) for day in Policy.objects.values_list("in_force_from", flat=True) if day > first
    )
    return Slider("on_step", _merged(found))


def knowledge_slider(person: Person) -> Slider:
    """Over the days on which something became known of the person, the present knowledge last."""
    found = []
    for at, title, reverses in person.entries.values_list("recorded_at", "title", "reverses"):
        found.append((timezone.localdate(at), _("cancelled: %(title)s") % {"title": title} if reverses else title))
    for at, withdrawn_at in person.exemptions.values_list("recorded_at", "withdrawn_at"):
        found.append((timezone.localdate(at), _("exempted")))
        if withdrawn_at:
            found.append((timezone.localdate(withdrawn_at), _("exemption withdrawn")))
    found += ((timezone.localdate(one.at), one.what) for one in corrections_of([person.pk]).get(person.pk, ()))
    return Slider("known_step", [*_merged(found), Step(None, _("all that is known now"))])


def _merged(found: Iterable[tuple[dt.date, str]]) -> list[Step]:
    """One step for each day, saying all that happened on it."""
    days: dict[dt.date, list[str]] = {}
    for day, what in sorted(found):
        if what not in (held := days.setdefault(day, [])):
            held.append(what)
    return [Step(day, "；".join(held)) for day, held in days.items()]


@dataclass(frozen=True)
class Promotion:
    """A principal posting that began with a promotion."""

    on: dt.date
    rank: str
    unit: str


def promotions_of(person: Person) -> list[Promotion]:
    """Newest first."""
    rows = (
        person.postings.filter(promoted=True, is_principal=True).annotate(held=held_rank()).order_by("-from_on", "-pk")
    )
    return [Promotion(*row) for row in rows.values_list("from_on", "held", "unit__name")]


def _postings(person: Person) -> Iterable[tuple[dt.date, bool, str]]:
    rows = Posting.objects.filter(person=person, is_principal=True).annotate(held=held_rank())
    return rows.values_list("from_on", "promoted", "held")
