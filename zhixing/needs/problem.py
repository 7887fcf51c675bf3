"""Rows → what the engine reads: the post map, the strata of a survey, and the answers of sheets as columns of numbers."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from django.db.models import Count

from zhixing.engine.needs.rank_groups import RANK_GROUPS, group_of
from zhixing.engine.needs.sampling import Layer, allocate, draw
from zhixing.needs.models import Framework, NeedsSheet, NeedsSurvey, RequiredLevel
from zhixing.people.models import Person, Unit

ASKED_MOST: Final = 14
"""Competencies of one sheet: twice as many marks are given in three minutes on a phone. Who has more in the post map is asked about some, drawn by lot."""


class Post(NamedTuple):
    """What the post map looks at."""

    rank: str
    grade: str
    category: str
    title: str

    @property
    def group(self) -> str:
        return group_of(self.rank, self.grade)


class Wanted(NamedTuple):
    """Whom a line of a post map is about."""

    ranks: frozenset[str]
    categories: frozenset[str]
    title: str

    @classmethod
    def of(cls, line: RequiredLevel) -> Wanted:
        return cls(frozenset(line.ranks), frozenset(line.categories), line.title)

    def suits(self, post: Post) -> bool:
        rank = post.rank or post.grade
        return (
            (not self.ranks or rank in self.ranks)
            and (not self.categories or post.category in self.categories)
            and self.title in post.title
        )


class PostMap:
    """Which levels a framework requires of a post; the same post is worked out once."""

    def __init__(self, framework: Framework) -> None:
        self._lines = [(one.competency_id, one.level, Wanted.of(one)) for one in framework.required.all()]
        self._known: dict[Post, dict[int, int]] = {}

    def levels(self, post: Post) -> Mapping[int, int]:
        """Key of the competency → level; of several lines the highest."""
        found = self._known.get(post)
        if found is None:
            found = self._known[post] = self._work_out(post)
        return found

    def _work_out(self, post: Post) -> dict[int, int]:
        found: dict[int, int] = {}
        for competency, level, wanted in self._lines:
            if wanted.suits(post):
                found[competency] = max(level, found.get(competency, 0))
        return found


class Served(NamedTuple):
    person: int
    unit: int
    post: Post


def serving_in(unit: Unit) -> Iterator[Served]:
    """Everyone in service in the subtree."""
    rows = Person.objects.within(unit).serving().order_by("pk")
    for pk, of, *post in rows.values_list("pk", "unit_id", "rank", "grade", "category", "title"):
        yield Served(pk, of, Post(*post))


class Suited:
    """How many people in service in the unit each line of a post map is about; the posts are asked for once, when the first line is."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def __call__(self, line: RequiredLevel) -> int:
        wanted = Wanted.of(line)
        return sum(people for post, people in self._posts if wanted.suits(post))

    @cached_property
    def _posts(self) -> list[tuple[Post, int]]:
        rows = Person.objects.within(self._unit).serving().order_by().values_list(*Post._fields)
        return [(Post(*post), people) for *post, people in rows.annotate(people=Count("pk"))]


@dataclass(frozen=True)
class Rater:
    """Who may be asked: a person, or (None) the unit by its liaison; with the levels of the post they speak of."""

    person: int | None
    unit: int
    levels: Mapping[int, int]

    @property
    def key(self) -> str:
        return f"p{self.person}" if self.person else f"u{self.unit}"


Place = tuple[int, str]
"""Unit and rank group."""


def raters_of(survey: NeedsSurvey) -> dict[Place, list[Rater]]:
    """Everybody whom the survey might ask, by the stratum they speak of."""
    posts = PostMap(survey.framework)
    people = [one for one in serving_in(survey.unit) if posts.levels(one.post)]
    if survey.who == NeedsSurvey.Who.SELF:
        found: dict[Place, list[Rater]] = defaultdict(list)
        for one in people:
            found[one.unit, one.post.group].append(Rater(one.person, one.unit, posts.levels(one.post)))
        return dict(found)
    by_unit: dict[int, list[Served]] = defaultdict(list)
    for one in people:
        by_unit[one.unit].append(one)
    others = _superiors if survey.who == NeedsSurvey.Who.SUPERIOR else _units
    return {place: raters for unit, served in by_unit.items() for place, raters in others(unit, served, posts)}


def _typical(served: Sequence[Served], group: str, posts: PostMap) -> Mapping[int, int]:
    """The levels of the commonest post of the group."""
    common = Counter(one.post for one in served if one.post.group == group)
    return posts.levels(min(common, key=lambda post: (-common[post], post)))


def _superiors(unit: int, served: Sequence[Served], posts: PostMap) -> Iterator[tuple[Place, list[Rater]]]:
    """Leading posts of a rank group, about the people of the next group below that their unit has."""
    groups = [group for group in RANK_GROUPS if any(one.post.group == group for one in served)]
    for above, below in itertools.pairwise(groups):
        leading = [one.person for one in served if one.post.group == above and one.post.rank]
        if leading:
            levels = _typical(served, below, posts)
            yield (unit, below), [Rater(person, unit, levels) for person in leading]


def _units(unit: int, served: Sequence[Served], posts: PostMap) -> Iterator[tuple[Place, list[Rater]]]:
    """The liaison about the largest rank group of the unit."""
    common = Counter(one.post.group for one in served)
    group = min(common, key=lambda one: (-common[one], RANK_GROUPS.index(one)))
    yield (unit, group), [Rater(None, unit, _typical(served, group, posts))]


@dataclass(frozen=True)
class Sampled:
    """The strata in order, how many there are and are asked of each."""

    raters: Mapping[Place, list[Rater]]
    asked: Mapping[Place, int]
    seed: int

    @cached_property
    def total(self) -> int:
        return sum(self.asked.values())

    def drawn(self) -> Iterator[tuple[Place, Rater]]:
        for place, raters in self.raters.items():
            name = f"{place[0]}/{place[1]}"
            by_key = {one.key: one for one in raters}
            for key in draw(list(by_key), self.asked[place], self.seed, name):
                yield place, by_key[key]

    def asked_levels(self, rater: Rater) -> dict[str, int]:
        """What one sheet asks: the whole post map of the post, or as many of it as a sheet takes, drawn by lot."""
        keys = list(rater.levels)
        if len(keys) > ASKED_MOST:
            keys = draw(keys, ASKED_MOST, self.seed, rater.key)
        return {str(key): rater.levels[key] for key in sorted(keys)}


def sample_of(survey: NeedsSurvey, spreads: Mapping[str, float] | None = None) -> Sampled:
    """Whom the survey would ask. ``spreads``: how much people of each rank group differ, for Neyman's way."""
    raters = dict(sorted(raters_of(survey).items()))
    layers = [Layer(len(found), (spreads or {}).get(place[1], 1.0)) for place, found in raters.items()]
    asked = allocate(layers, survey.sample, survey.method)
    return Sampled(raters, dict(zip(raters, asked, strict=True)), survey.seed)


@dataclass
class Marks:
    """Columns of answers, one row for each person and competency of which both marks are there."""

    competency: list[int] = field(default_factory=list)
    unit: list[int] = field(default_factory=list)
    group: list[str] = field(default_factory=list)
    stratum: list[int] = field(default_factory=list)
    importance: list[int] = field(default_factory=list)
    present: list[int] = field(default_factory=list)
    required: list[int] = field(default_factory=list)
    survey: list[int] = field(default_factory=list)
    sheets: int = 0


def marks_of(surveys: Sequence[int]) -> Marks:
    """All marks of the sheets of some surveys."""
    found = Marks()
    rows = NeedsSheet.objects.filter(survey__in=surveys).order_by("pk")
    columns = rows.values_list("answers", "stratum_id", "stratum__unit_id", "stratum__rank_group", "survey_id")
    for answers, stratum, unit, group, survey in columns.iterator(chunk_size=2_000):
        found.sheets += 1
        for key, (importance, present, required) in answers.items():
            if importance is None or present is None:
                continue
            found.competency.append(int(key))
            found.unit.append(unit)
            found.group.append(group)
            found.stratum.append(stratum)
            found.importance.append(importance)
            found.present.append(present)
            found.required.append(required)
            found.survey.append(survey)
    return found
