"""What was known of posts and dates of service at a moment: the rows that stand, and the versions that stood then.

Triggers keep the past (``base.past``), so whatever writes, an answer for a past moment stays what it was. Without a moment only what
stands is read.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet

from zhixing.people.models import PastPosting, PastService, Person, Posting


def postings_at(moment: dt.datetime | None) -> list[QuerySet[Any]]:
    """Postings as known at ``moment`` (None: now), in one or two queries over the fields of ``PastPosting``."""
    if moment is None:
        return [Posting.objects.all()]
    return [Posting.objects.filter(_recorded("recorded_at", moment)), _stood(PastPosting.objects.all(), moment)]


def posting_key(posting: Posting | PastPosting) -> int:
    """The same for a posting and for each of its past versions."""
    return posting.pk if isinstance(posting, Posting) else posting.posting_id


def services_at(moment: dt.datetime | None) -> list[QuerySet[Any]]:
    """Likewise ``joined_on`` and ``left_on``; ``key`` is the person's. Whoever is on record has them once, whoever was taken out too."""
    people = Person.objects.annotate(key=F("pk"))
    if moment is None:
        return [people]
    past = PastService.objects.annotate(key=F("person_id"))
    return [people.filter(_recorded("service_recorded_at", moment)), _stood(past, moment)]


def on_record_at(people: QuerySet[Person], moment: dt.datetime | None) -> QuerySet[Person]:
    """Those of ``people`` who had come on record by ``moment``."""
    return people if moment is None else people.filter(_recorded("entered_at", moment))


def taken_out_since(moment: dt.datetime) -> QuerySet[PastService]:
    """The dates of service of those who were on record at ``moment`` and are no longer: the import that brought them was rolled back."""
    past = _stood(PastService.objects.filter(_recorded("entered_at", moment)), moment)
    return past.exclude(person__in=Person.objects.all())


def _recorded(name: str, moment: dt.datetime) -> Q:
    return Q(**{name: None}) | Q(**{f"{name}__lte": moment})


def _stood(past: QuerySet[Any], moment: dt.datetime) -> QuerySet[Any]:
    return past.filter(_recorded("recorded_at", moment), superseded_at__gt=moment)
