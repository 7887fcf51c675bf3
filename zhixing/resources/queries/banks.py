"""Reads about the banks: what is in scope, one row of it, and the coverage map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, QuerySet

from zhixing.base.problems import NotFound
from zhixing.people.models import Account
from zhixing.resources.models import Bank, Case, Chapter, Course, Kept, Practice, Site, Teacher, Textbook, Topic
from zhixing.resources.models.keeping import Keeping
from zhixing.resources.queries.links import Links, Way, competencies_of
from zhixing.resources.used import use_rate

Row = TypeVar("Row", bound=Kept)
KINDS: dict[str, type[Kept]] = {
    Bank.COURSES: Course,
    Bank.CASES: Case,
    Bank.SITES: Site,
    Bank.TEXTBOOKS: Textbook,
    Bank.PRACTICES: Practice,
}


def may_read(user: Account) -> bool:
    return user.is_department or user.is_auditor or user.is_school or user.is_teacher


def rows_for(user: Account, kind: type[Row]) -> Keeping[Row]:
    rows: Keeping[Row] = kind._default_manager.all()  # type: ignore[assignment]
    return rows.visible_to(user).select_related("institution")


def row_for(user: Account, kind: type[Row], pk: int) -> Row:
    """One row in scope; raises ``NotFound``."""
    found = rows_for(user, kind).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class BankUse:
    """``used`` of ``all`` rows in use were used by a session of the year (of practices: taken up by a unit)."""

    bank: Bank
    used: int
    all: int


def bank_uses(user: Account, year: int) -> list[BankUse]:
    """Of the banks that hold something for ``user``; teachers only for those who see more than themselves."""
    kinds: dict[Bank, QuerySet[Any]] = {Bank(bank): rows_for(user, kind).active() for bank, kind in KINDS.items()}
    if not user.is_teacher:
        kinds = {Bank.TEACHERS: Teacher.objects.visible_to(user).active()} | kinds
    return [BankUse(bank, *use_rate(rows, bank, year)) for bank, rows in kinds.items()]


@dataclass(frozen=True)
class Covered:
    """A topic with how many rows of each bank hold it. ``way``: how it is known to be needed; ``names`` of the competencies that it links to."""

    topic: Topic
    way: Way | None
    names: Sequence[str]
    courses: int
    teachers: int
    cases: int
    sites: int
    chapters: int

    @property
    def is_needed(self) -> bool:
        return self.way is not None


@dataclass(frozen=True)
class Coverage:
    """``needless``: courses for which neither a link nor a paper tells a need, each with the names of what it links to. ``bare``: codes and names of
    needed competencies to which no course in use links, itself or by a topic.
    """

    topics: Sequence[Covered]
    needless: Sequence[tuple[Course, Sequence[str]]]
    bare: Sequence[tuple[str, str]]

    @property
    def without_course(self) -> list[Covered]:
        return [one for one in self.topics if one.is_needed and not one.courses]

    @property
    def without_teacher(self) -> list[Covered]:
        return [one for one in self.topics if not one.teachers]


def coverage_for(user: Account) -> Coverage:
    """What the rows in scope cover of the vocabulary: one query for each bank."""
    taught = Course.objects.visible_to(user).active().exclude(standing=Course.Standing.DROP)
    cases = Case.objects.visible_to(user).active().filter(state=Case.State.PUBLISHED)
    counts = {
        "courses": _by_topic(Course.topics.through, "course", taught),
        "teachers": _by_topic(Teacher.listed_topics.through, "teacher", Teacher.objects.visible_to(user).active()),
        "cases": _by_topic(Case.topics.through, "case", cases),
        "sites": _by_topic(Site.topics.through, "site", Site.objects.visible_to(user).active()),
        "chapters": _counted(
            Chapter.objects.filter(topic__isnull=False, textbook__in=_keys(Textbook.objects.visible_to(user).active()))
        ),
    }
    links = Links.as_they_stand()
    told = links.told
    covered = [
        Covered(
            one,
            links.topics.get(one.pk),
            told.named(one.competencies),
            **{name: found.get(one.pk, 0) for name, found in counts.items()},
        )
        for one in Topic.objects.filter(retired_on=None)
    ]
    carried = {code for one in covered if one.courses for code in one.topic.competencies}
    own = taught.exclude(competencies=[]).order_by().values_list("competencies", flat=True)
    bare = [(code, told.names[code]) for code in links.without(carried.union(*own))]
    needless = taught.filter(~links.courses()).select_related("institution").prefetch_related("topics")
    return Coverage(covered, [(one, told.named(competencies_of(one))) for one in needless], bare)


def _keys(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.order_by().values("pk")


def _by_topic(through: Any, name: str, rows: QuerySet[Any]) -> dict[int, int]:
    return _counted(through.objects.filter(**{f"{name}__in": _keys(rows)}))


def _counted(links: QuerySet[Any]) -> dict[int, int]:
    return dict(links.order_by().values_list("topic").annotate(n=Count("pk")))
