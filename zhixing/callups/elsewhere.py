"""Call-ups by other authorities as the planning sees them: which days they take, which theme they repeat."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.db.models import Q

from zhixing.base.chunks import chunks
from zhixing.callups.models import Callup, OutsideCallup
from zhixing.engine.callup.days import THEME_DAYS, days_apart, same_theme, share_a_day

ELSEWHERE = "called_elsewhere"
"""Code of a pair that a call-up by another authority bars."""


class Elsewhere(NamedTuple):
    """One standing call-up by another authority; ``pk`` is 0 for a row of a list that is not applied yet."""

    pk: int
    person: int
    caller: str
    document: str
    class_name: str
    theme: str
    starts_on: dt.date
    ends_on: dt.date
    away_from: dt.date
    away_to: dt.date

    def takes(self, first: dt.date, last: dt.date) -> bool:
        """Whether the person is away, travel included, on any of these days: of a class run all from the first to the last."""
        return share_a_day(self.away_from, self.away_to, first, last)

    def repeats(self, theme: str, first: dt.date, last: dt.date) -> bool:
        """Whether a class of this theme on these days would be the same theme within a year."""
        return same_theme(self.theme, theme) and days_apart(self.starts_on, self.ends_on, first, last) <= THEME_DAYS

    def counts_in(self, year: int) -> bool:
        """Whether it is one of the year's call-ups, as a class run is: by its first day."""
        return self.starts_on.year == year

    @property
    def group(self) -> tuple[Any, ...]:
        """Equal for all who are called to the same thing."""
        return self.caller, self.document, self.class_name, self.away_from, self.away_to

    @property
    def detail(self) -> dict[str, Any]:
        """For ``sentences.sentence``: in words, so that a reason kept with a run says the same when the fact has changed."""
        days = {"first": self.starts_on.isoformat(), "last": self.ends_on.isoformat()}
        if (self.away_from, self.away_to) != (self.starts_on, self.ends_on):
            days |= {"away_from": self.away_from.isoformat(), "away_to": self.away_to.isoformat()}
        return {"outside": self.pk, "caller": self.caller, "document": self.document, **days}


def seen_as(fact: OutsideCallup) -> Elsewhere:
    """One fact as the planning sees it."""
    return Elsewhere(fact.pk, fact.person_id, *(getattr(fact, name) for name in Elsewhere._fields[2:]))


def near(first: dt.date, last: dt.date) -> Q:
    """Those that matter to classes between these days: for their days, for a theme within a year, and for the count of the year."""
    reach = dt.timedelta(days=THEME_DAYS + 1)
    return Q(away_to__gte=first - reach, away_from__lte=last + reach)


def read(condition: Q) -> list[Elsewhere]:
    """The standing ones of people who have a unit, the earliest first."""
    rows = OutsideCallup.objects.standing().filter(condition, person__unit__isnull=False)
    columns = ("pk", "person_id", *Elsewhere._fields[2:])
    return [Elsewhere(*row) for row in rows.order_by("away_from", "pk").values_list(*columns)]


def of_people(people: Collection[int], condition: Q | None = None) -> Iterator[Elsewhere]:
    """The standing ones of these people."""
    for keys in chunks(sorted(people)):
        yield from read((condition or Q()) & Q(person__in=keys))


def earlier_counts(year: int, people: Collection[int] | None = None, *, outside: bool) -> Counter[int]:
    """Person → how many call-ups of the two years before were kept: ours, and with ``outside`` those of others; of ``people`` only, where given."""
    years = (year - 2, year - 1)
    ours = Callup.objects.in_force().filter(class_run__year__in=years)
    others = OutsideCallup.objects.standing().filter(
        starts_on__gte=dt.date(years[0], 1, 1), starts_on__lt=dt.date(year, 1, 1)
    )
    found: Counter[int] = Counter()
    for rows in (ours, others) if outside else (ours,):
        chosen = rows if people is None else rows.filter(person__in=people)
        found.update(chosen.order_by().values_list("person_id", flat=True))
    return found


def known_since(keys: Collection[int]) -> dict[int, dt.datetime]:
    """When each of these facts was entered."""
    found: dict[int, dt.datetime] = {}
    for some in chunks(sorted(keys)):
        found |= dict(OutsideCallup.objects.filter(pk__in=some).values_list("pk", "created_at"))
    return found
