"""From what is taught to a stated need.

By link first: the session names a course that links, itself or by its topics, to a competency for which the latest reckoning holds a need; one that links
only to what nobody needs is not traced, whatever it was planned for. Then by the plan: the class run was made from a line of an annual plan whose evidence
names needs. Then by words: the named course has a topic whose paper states a need; where nobody has said which course a session is, a needed course of the
bank with the same title stands for it, and after that the theme of the class run, when a needed topic is called so. Everything else is not traced, which
says that nobody has written a need down; it may be needed all the same.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from zhixing.plans.models import PlanRun
from zhixing.resources.models import Course, Topic
from zhixing.resources.queries.links import Links
from zhixing.timetables.models import Session


class Trace(StrEnum):
    """How hours are traced to a stated need."""

    LINK = "link"  # the session names a course that links to a needed competency
    PLAN = "plan"  # its class run comes from a plan line that rests on needs
    COURSE = "course"  # the session names a course that has a topic with a paper
    TITLE = "title"  # it is titled like a needed course
    THEME = "theme"  # the theme of its class run is a needed topic
    NONE = "none"


TRACED = (Trace.LINK, Trace.PLAN, Trace.COURSE, Trace.TITLE, Trace.THEME)


def with_trace(sessions: QuerySet[Session]) -> QuerySet[Any]:
    """The sessions with ``trace``."""
    links = Links.as_they_stand()
    named = Course.objects.filter(pk=OuterRef("bank_course"))
    titled = Course.objects.filter(
        links.courses(),
        Q(institution=None) | Q(institution=OuterRef("class_run__institution")),
        title=OuterRef("title"),
    )
    planned = PlanRun.objects.filter(class_run=OuterRef("class_run")).exclude(line__evidence=[])
    themes = Topic.objects.filter(pk__in=list(links.topics), name=OuterRef("class_run__theme"))
    found: QuerySet[Any] = sessions.annotate(
        trace=Case(
            When(Exists(named.filter(links.courses_by_link())), then=Value(str(Trace.LINK))),
            When(bank_course__in=links.idle, then=Value(str(Trace.NONE))),
            When(Exists(planned), then=Value(str(Trace.PLAN))),
            When(Exists(named.filter(links.courses_by_words())), then=Value(str(Trace.COURSE))),
            When(Q(bank_course__isnull=False), then=Value(str(Trace.NONE))),
            When(Exists(titled), then=Value(str(Trace.TITLE))),
            When(Exists(themes), then=Value(str(Trace.THEME))),
            default=Value(str(Trace.NONE)),
            output_field=CharField(),
        )
    )
    return found
