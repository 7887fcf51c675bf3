"""From topics and courses to needs (需求对应): by the competencies that they link to, and by the paper that states a need only where they link to none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from zhixing.resources.models import Course, Topic
from zhixing.resources.needed import Needed, needed


class Way(StrEnum):
    """How a topic or course is known to be needed."""

    LINK = "link"  # one of its competencies is needed
    WORDS = "words"  # it links to none, and a paper states its need


def way_of_topic(topic: Topic, told: Needed) -> Way | None:
    """None: not needed, or nobody has said so."""
    return _way(told.says(topic.competencies), topic.stated_in)


def way_of_course(course: Course, told: Needed) -> Way | None:
    """By its own competencies and its topics in use; where its own say that it is not needed, no paper says that it is."""
    own = told.says(course.competencies)
    ways = {way_of_topic(topic, told) for topic in course.topics.all() if topic.retired_on is None}
    if own or Way.LINK in ways:
        return Way.LINK
    return Way.WORDS if own is None and Way.WORDS in ways else None


def competencies_of(course: Course) -> set[str]:
    """Codes of the course and of its topics in use."""
    return set(course.competencies).union(*(one.competencies for one in course.topics.all() if one.retired_on is None))


def _way(linked: bool | None, paper: str) -> Way | None:
    if linked is None:
        return Way.WORDS if paper else None
    return Way.LINK if linked else None


@dataclass(frozen=True)
class Links:
    """All topics in use and all courses at once, for the database to reckon with; made anew for each page."""

    told: Needed

    @classmethod
    def as_they_stand(cls) -> Links:
        return cls(needed())

    @cached_property
    def topics(self) -> dict[int, Way]:
        """Key of each needed topic → how."""
        ways = ((one.pk, way_of_topic(one, self.told)) for one in Topic.objects.filter(retired_on=None).order_by())
        return {pk: way for pk, way in ways if way}

    @cached_property
    def _own(self) -> dict[int, bool]:
        """Key of each course that links to competencies itself → whether one of them is needed."""
        rows = Course.objects.exclude(competencies=[]).order_by().values_list("pk", "competencies")
        said = ((pk, self.told.says(codes)) for pk, codes in rows)
        return {pk: needed for pk, needed in said if needed is not None}

    @cached_property
    def idle(self) -> list[int]:
        """Keys of the courses that link to competencies, themselves or by a topic, none of which is needed, and that no paper states either."""
        if self.told.codes is None:  # nothing was reckoned, so no link says that there is no need
            return []
        rows = Course.objects.prefetch_related("topics").order_by()
        return [
            one.pk
            for one in rows
            if self.told.says(competencies_of(one)) is False and way_of_course(one, self.told) is None
        ]

    def courses_by_link(self) -> Combinable | Q:
        """The course is needed by a link, its own or that of a topic."""
        own = [pk for pk, is_needed in self._own.items() if is_needed]
        return Q(pk__in=own) | Q(_holds(pk for pk, way in self.topics.items() if way == Way.LINK))

    def courses_by_words(self) -> Combinable | Q:
        """The course links to no competency itself, and has a topic that links to none and whose need is stated."""
        holds = _holds(pk for pk, way in self.topics.items() if way == Way.WORDS)
        return ~Q(pk__in=list(self._own)) & Q(holds)

    def courses(self) -> Combinable | Q:
        """The course is needed either way."""
        return self.courses_by_link() | self.courses_by_words()

    def without(self, carried: Collection[str]) -> list[str]:
        """Codes of needed competencies that are not among ``carried``."""
        return [code for code in self.told.names if code in (self.told.codes or ()) and code not in carried]


def _holds(topics: Iterable[int]) -> Exists:
    return Exists(Course.topics.through.objects.filter(course=OuterRef("pk"), topic__in=list(topics)))
