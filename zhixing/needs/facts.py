"""What is known for the needs of a year, read once: posts, sheets of all sources, and the gaps that they tell of."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.needs.gaps import Answers, Gaps, gaps_of
from zhixing.engine.needs.rank_groups import RANK_GROUPS
from zhixing.engine.needs.showing import Guarded, guarded
from zhixing.needs.actions.evidence import LEAST
from zhixing.needs.models import Competency, NeedsSurvey, Stratum
from zhixing.needs.models.frameworks import Framework
from zhixing.needs.problem import Marks, PostMap, marks_of, serving_in
from zhixing.needs.rules import SOURCES, Rules, in_force
from zhixing.people.models import Unit

GROUPS: Final = {group: place for place, group in enumerate(RANK_GROUPS)}


@dataclass(frozen=True)
class Question:
    """Whose needs: of the people of a unit's subtree, in a year, by a framework."""

    year: int
    framework: Framework
    unit: Unit


def latest_question(year: int | None = None) -> Question | None:
    """About the latest year of which a survey is closed, or ``year``; of the widest unit that asked."""
    closed = NeedsSurvey.objects.filter(state=NeedsSurvey.State.CLOSED)
    rows = closed.select_related("framework", "unit").order_by("-year", "unit__path", "-pk")
    found = (rows.filter(year=year) if year else rows).first()
    return Question(found.year, found.framework, found.unit) if found else None


class Facts:
    """Places of competencies [C], units [J], rank groups [L] and sources [S] are those of the lists below. What is said of a unit rests on sheets of at least
    ``least`` people of each survey, or on none of its own."""

    def __init__(self, asked: Question, least: int = LEAST, rules: Rules | None = None) -> None:
        self.asked = asked
        self.least = least
        self.rules = rules or in_force()
        self.competencies = list(
            asked.framework.competencies.filter(required__isnull=False).distinct().order_by("position", "pk")
        )
        self.place = {one.pk: place for place, one in enumerate(self.competencies)}
        self.by_code = {one.code: place for place, one in enumerate(self.competencies)}

    @cached_property
    def surveys(self) -> list[NeedsSurvey]:
        """Closed ones, whatever version of the framework they asked by."""
        closed = NeedsSurvey.objects.filter(
            year=self.asked.year,
            state=NeedsSurvey.State.CLOSED,
            unit__path__startswith=self.asked.unit.path,
            framework__name=self.asked.framework.name,
        )
        return list(closed.order_by("pk"))

    @cached_property
    def own_surveys(self) -> list[NeedsSurvey]:
        """Those of people about themselves"""
        return [one for one in self.surveys if one.who == NeedsSurvey.Who.SELF]

    @cached_property
    def marks(self) -> Marks:
        return marks_of([one.pk for one in self.surveys])

    @cached_property
    def concerned(self) -> Mapping[tuple[int, int, str], int]:
        """(competency, unit, rank group) → people whose post requires it."""
        posts = PostMap(self.asked.framework)
        same = Counter((one.unit, one.post) for one in serving_in(self.asked.unit))
        found: Counter[tuple[int, int, str]] = Counter()
        for (unit, post), count in same.items():
            for competency in posts.levels(post):
                found[self.place[competency], unit, post.group] += count
        return found

    @cached_property
    def paths(self) -> dict[int, str]:
        """Of the units of ``concerned``"""
        return dict(Unit.objects.filter(pk__in={unit for _c, unit, _g in self.concerned}).values_list("pk", "path"))

    @cached_property
    def units(self) -> list[int]:
        return sorted({unit for _c, unit, _group in self.concerned} | set(self.marks.unit))

    @cached_property
    def people(self) -> Floats:
        """[J, L] people of the roster for whom the answers stand."""
        place = {unit: j for j, unit in enumerate(self.units)}
        counts = np.zeros((len(self.units), len(RANK_GROUPS)))
        for (_competency, unit, group), people in self.concerned.items():
            where = place[unit], GROUPS[group]
            counts[where] = max(people, counts[where])
        return counts

    @cached_property
    def weight_of_stratum(self) -> dict[int, float]:
        """For how many people a sheet of people about themselves stands"""
        return _stratum_weights(self.own_surveys)

    @cached_property
    def columns(self) -> Columns:
        """The marks by place; those of competencies that the framework does not know any more are left out."""
        marks = self.marks
        codes = dict(Competency.objects.filter(pk__in=set(marks.competency)).values_list("pk", "code"))
        to_place = {pk: self.by_code.get(code, -1) for pk, code in codes.items()}
        unit = {key: j for j, key in enumerate(self.units)}
        source = {one.pk: SOURCES.index(one.who) for one in self.surveys}
        competency = np.array([to_place[pk] for pk in marks.competency], np.int64)
        kept = competency >= 0
        weight_of = self.weight_of_stratum
        found = Columns(
            competency[kept],
            np.array([unit[key] for key in marks.unit], np.int64)[kept],
            np.array([GROUPS[group] for group in marks.group], np.int64)[kept],
            np.array([source[key] for key in marks.survey], np.int64)[kept],
            np.array(marks.survey, np.int64)[kept],
            np.array(marks.importance, np.float64)[kept],
            np.array(marks.present, np.float64)[kept],
            np.array(marks.required, np.float64)[kept],
            np.array([weight_of.get(stratum, np.nan) for stratum in marks.stratum], np.float64)[kept],
        )
        return found.weighed(self.people, self.sizes)

    @property
    def sizes(self) -> tuple[int, int, int]:
        return len(self.competencies), len(self.units), len(RANK_GROUPS)

    @cached_property
    def guarded(self) -> Guarded:
        columns = self.columns
        gap = columns.required - columns.present
        answers = Answers(columns.competency, columns.unit, columns.group, gap, self.sizes, columns.source)
        units_say = np.array([one.pk for one in self.surveys if one.who == NeedsSurvey.Who.UNIT], np.int64)
        return guarded(answers, columns.survey, units_say, self.least)

    @cached_property
    def gaps(self) -> Gaps:
        """Of further units behind ``units``: of sheets that may not tell of their own."""
        answers = self.guarded.answers
        people = np.zeros(answers.sizes[1:])
        people[: len(self.units)] = self.people
        return gaps_of(answers, people, self.rules.weights)

    def means(self, values: Floats) -> tuple[Floats, Floats]:
        """[C] and [C, L]: of each source by itself weighted by people, these as the rules weigh them, and all of them by people; NaN of nobody."""
        of_sources = self.columns.where(self.guarded.kept).means(values[self.guarded.kept], self.sizes)
        by_group = _mean(of_sources, np.array(self.rules.weights, np.float64))
        return _mean(by_group, np.maximum(self.people.sum(axis=0), 1.0)), by_group


@dataclass(frozen=True, eq=False)
class Columns:
    """[n] places of competency, unit, rank group and source, the survey, the marks, and for how many people each stands."""

    competency: Longs
    unit: Longs
    group: Longs
    source: Longs
    survey: Longs
    importance: Floats
    present: Floats
    required: Floats
    weight: Floats

    def where(self, some: Flags) -> Columns:
        return Columns(**{name: values[some] for name, values in vars(self).items()})

    def weighed(self, people: Floats, sizes: tuple[int, int, int]) -> Columns:
        """What superiors and units say stands for the people that they speak of; sheets about the same share them."""
        place = ((self.competency * sizes[1] + self.unit) * sizes[2] + self.group) * len(SOURCES) + self.source
        _places, same, count = np.unique(place, return_inverse=True, return_counts=True)
        of_cell = np.maximum(people[self.unit, self.group], 1.0) / count[same] if len(place) else np.zeros(0)
        return Columns(**vars(self) | {"weight": np.where(np.isnan(self.weight), of_cell, self.weight)})

    def means(self, values: Floats, sizes: tuple[int, int, int]) -> Floats:
        """Weighted, by competency, rank group and source [C, L, S]; NaN of nobody."""
        shape = sizes[0], sizes[2], len(SOURCES)
        place = (self.competency * sizes[2] + self.group) * len(SOURCES) + self.source
        size = int(np.prod(shape))
        total: Floats = np.bincount(place, values * self.weight, minlength=size).reshape(shape).astype(np.float64)
        weight: Floats = np.bincount(place, self.weight, minlength=size).reshape(shape).astype(np.float64)
        return _ratio(total, weight)


def _mean(values: Floats, weights: Floats) -> Floats:
    """[..., k] → [...] of those that are known."""
    known = np.where(np.isnan(values), 0.0, weights)
    return _ratio((np.nan_to_num(values) * known).sum(axis=-1), known.sum(axis=-1))


def _ratio(total: Floats, weight: Floats) -> Floats:
    found: Floats = np.divide(total, weight, out=np.full(weight.shape, np.nan), where=weight > 0)
    return found


def _stratum_weights(surveys: Sequence[NeedsSurvey]) -> dict[int, float]:
    """For how many people a sheet of each stratum stands: those of it by those who answered; strata of too few answers are joined with their neighbours."""
    from zhixing.engine.ratings.nonresponse import WeightsError, by_cells

    found: dict[int, float] = {}
    for survey in surveys:
        strata = list(Stratum.objects.filter(survey=survey).order_by("rank_group", "unit__path"))
        cell = np.repeat(np.arange(len(strata)), [one.answered for one in strata])
        try:
            weights = by_cells(cell, [one.people for one in strata])
        except WeightsError:
            continue
        first = np.cumsum([0, *(one.answered for one in strata)])
        mean = sum(one.people for one in strata) / max(1, len(cell))
        for place, one in enumerate(strata):
            found[one.pk] = float(weights.weight[first[place]] * mean) if one.answered else 0.0
    return found


def design_of(surveys: Sequence[NeedsSurvey]) -> dict[str, Any]:
    """What was asked and came, by rank group, and what unequal weights cost (design effect of Kish)."""
    from zhixing.engine.ratings.nonresponse import WeightsError, by_cells

    strata = list(Stratum.objects.filter(survey__in=surveys).order_by("survey", "rank_group", "unit__path"))
    groups: dict[str, dict[str, int]] = {}
    for one in strata:
        counts = groups.setdefault(one.rank_group, dict.fromkeys(("people", "asked", "answered", "half"), 0))
        for name in counts:
            counts[name] += getattr(one, name)
    whole = {name: sum(counts[name] for counts in groups.values()) for name in ("people", "asked", "answered", "half")}
    cell = np.repeat(np.arange(len(strata)), [one.answered for one in strata])
    effect = 1.0
    with contextlib.suppress(WeightsError):
        effect = by_cells(cell, [one.people for one in strata]).design_effect
    return {"groups": groups, **whole, "effect": round(effect, 3)}


def came_of(surveys: Sequence[NeedsSurvey]) -> dict[str, dict[str, int]]:
    """Who answers → asked and answered, of the sources that were asked."""
    found: dict[str, dict[str, int]] = {}
    for one in surveys:
        counts = found.setdefault(one.who, {"asked": 0, "answered": 0})
        counts["asked"] += one.invited
        counts["answered"] += one.answered
    return found
