"""Sessions as their raters knew them: marks once given stay with the title and the teacher they were given for, whatever the timetable says later."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from zhixing.evaluations.models import Survey
from zhixing.timetables.models import Session


def as_asked(sessions: QuerySet[Session]) -> QuerySet[Any]:
    """With ``course``, the title, and ``taught_by``, the key of the teacher: of a session that a survey was launched about as they were at the first launch,
    of any other as the timetable has them."""
    first = Survey.objects.filter(session=OuterRef("pk")).order_by("opens_at", "pk")
    teacher = Subquery(first.values("teacher")[:1], output_field=IntegerField())
    return sessions.annotate(
        course=Coalesce(Subquery(first.values("title")[:1]), F("title")),
        taught_by=Case(When(Exists(first), then=teacher), default=F("teacher"), output_field=IntegerField()),
    )
