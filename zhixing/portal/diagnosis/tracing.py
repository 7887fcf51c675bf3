"""From what is taught to a stated need.

Exact where a session names its course: the course names its topics, and a topic the paper that states its need. Where nobody has said which course a
session is, a course of the bank with the same title stands for it, and after that the theme of the class run, when a topic is called so. Everything else
is not traced, which says that nobody has written a need down; it may be needed all the same. A further table of links, such as the competencies of needs
or the lines of a plan, is another ``When`` before these.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from zhixing.resources.models import Course, Topic
from zhixing.resources.queries.banks import stated
from zhixing.timetables.models import Session


class Trace(StrEnum):
    """How hours are traced to a stated need."""

    COURSE = "course"  # the session names a course that has such a topic
    TITLE = "title"  # it is titled like one
    THEME = "theme"  # the theme of its class run is such a topic
    NONE = "none"


TRACED = (Trace.COURSE, Trace.TITLE, Trace.THEME)


def with_trace(sessions: QuerySet[Session]) -> QuerySet[Any]:
    """The sessions with ``trace``."""
    needed = Course.objects.filter(stated())
    named = needed.filter(pk=OuterRef("bank_course"))
    titled = needed.filter(
        Q(institution=None) | Q(institution=OuterRef("class_run__institution")), title=OuterRef("title")
    )
    themes = Topic.objects.filter(retired_on=None).exclude(stated_in="").filter(name=OuterRef("class_run__theme"))
    found: QuerySet[Any] = sessions.annotate(
        trace=Case(
            When(Exists(named), then=Value(str(Trace.COURSE))),
            When(Q(bank_course__isnull=False), then=Value(str(Trace.NONE))),
            When(Exists(titled), then=Value(str(Trace.TITLE))),
            When(Exists(themes), then=Value(str(Trace.THEME))),
            default=Value(str(Trace.NONE)),
            output_field=CharField(),
        )
    )
    return found
