"""The needs of a year: sheets, priorities, problems and evidence put together; gaps by ``engine.needs``, weights with all that they are made of."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zhixing.engine.needs.gaps import Answers, Bands, Gaps, gaps_of
from zhixing.engine.needs.rank_groups import RANK_GROUPS
from zhixing.engine.needs.showing import told, told_cells
from zhixing.engine.needs.weights import Finding, weigh
from zhixing.needs.actions.evidence import LEAST
from zhixing.needs.models import Competency, Need, NeedsEvidence, NeedsSurvey, Priority, Stratum, WorkProblem
from zhixing.needs.models.frameworks import Framework
from zhixing.needs.problem import Marks, PostMap, marks_of, serving_in
from zhixing.people.models import Unit

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
HUNDRED: Final = 100
GROUPS: Final = {group: place for place, group in enumerate(RANK_GROUPS)}


@dataclass(frozen=True)
class Question:
    """Whose needs: of the people of a unit's subtree, in a year, by a framework."""

    year: int
    framework: Framework
    unit: Unit


def latest_question(year: int | None = None) -> Question | None:
    """About the latest year of which a survey of people about themselves is closed, or ``year``; of the widest unit that asked."""
    closed = NeedsSurvey.objects.filter(state=NeedsSurvey.State.CLOSED, who=NeedsSurvey.Who.SELF)
    rows = closed.select_related("framework", "unit").order_by("-year", "unit__path", "-pk")
    found = (rows.filter(year=year) if year else rows).first()
    return Question(found.year, found.framework, found.unit) if found else None


class Facts:
    """What is known for one question, read once. Places of competencies [C], units [J] and rank groups [L] are those of the lists below."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        self.competencies = list(
            asked.framework.competencies.filter(required__isnull=False).distinct().order_by("position", "pk")
        )
        self.place = {one.pk: place for place, one in enumerate(self.competencies)}
        self.by_code = {one.code: place for place, one in enumerate(self.competencies)}

    @cached_property
    def surveys(self) -> list[NeedsSurvey]:
        """Closed ones of people about themselves, whatever version of the framework they asked by."""
        closed = NeedsSurvey.objects.filter(
            year=self.asked.year,
            state=NeedsSurvey.State.CLOSED,
            who=NeedsSurvey.Who.SELF,
            unit__path__startswith=self.asked.unit.path,
            framework__name=self.asked.framework.name,
        )
        return list(closed.order_by("pk"))

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
    def units(self) -> list[int]:
        return sorted({unit for _c, unit, _group in self.concerned} | set(self.marks.unit))

    @cached_property
    def people(self) -> Floats:
        """[J, L] people of the roster for whom the answers stand."""
        place = {unit: j for j, unit in enumerate(self.units)}
        counts = np.zeros((len(self.units), len(RANK_GROUPS)))
        most: dict[tuple[int, str], int] = {}
        for (_competency, unit, group), people in self.concerned.items():
            most[unit, group] = max(people, most.get((unit, group), 0))
        for (unit, group), people in most.items():
            counts[place[unit], GROUPS[group]] = people
        return counts

    @cached_property
    def columns(self) -> Columns:
        """The marks by place; those of competencies that the framework does not know any more are left out."""
        marks = self.marks
        codes = dict(Competency.objects.filter(pk__in=set(marks.competency)).values_list("pk", "code"))
        to_place = {pk: self.by_code.get(code, -1) for pk, code in codes.items()}
        unit = {key: j for j, key in enumerate(self.units)}
        competency = np.array([to_place[pk] for pk in marks.competency], np.int64)
        kept = competency >= 0
        weight_of = _stratum_weights(self.surveys)
        return Columns(
            competency[kept],
            np.array([unit[key] for key in marks.unit], np.int64)[kept],
            np.array([GROUPS[group] for group in marks.group], np.int64)[kept],
            np.array(marks.importance, np.float64)[kept],
            np.array(marks.present, np.float64)[kept],
            np.array(marks.required, np.float64)[kept],
            np.array([weight_of[stratum] for stratum in marks.stratum], np.float64)[kept],
        )

    @property
    def sizes(self) -> tuple[int, int, int]:
        return len(self.competencies), len(self.units), len(RANK_GROUPS)

    @cached_property
    def gaps(self) -> Gaps:
        columns = self.columns
        gap = columns.required - columns.present
        answers = Answers(columns.competency, columns.unit, columns.group, gap, self.sizes)
        return gaps_of(answers, np.maximum(self.people, 0.0))


@dataclass(frozen=True, eq=False)
class Columns:
    """[n] places of competency, unit and rank group, the marks, and for how many people of the stratum each stands."""

    competency: Longs
    unit: Longs
    group: Longs
    importance: Floats
    present: Floats
    required: Floats
    weight: Floats

    def means(self, values: Floats, competencies: int, groups: int) -> tuple[Floats, Floats]:
        """Weighted, of all [C] and by rank group [C, L]; NaN of nobody."""
        place = self.competency * groups + self.group
        shape = competencies, groups
        total = np.bincount(place, values * self.weight, minlength=competencies * groups).reshape(shape)
        weight = np.bincount(place, self.weight, minlength=competencies * groups).reshape(shape)
        nan = np.full(shape, np.nan)
        by_group = np.divide(total, weight, out=nan, where=weight > 0)
        whole = weight.sum(axis=1)
        return np.divide(total.sum(axis=1), whole, out=np.full(competencies, np.nan), where=whole > 0), by_group


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
    return {"groups": groups, **whole, "effect": round(effect, 3), "surveys": [one.pk for one in surveys]}


def cells_told(gaps: Gaps, least: int) -> tuple[npt.NDArray[np.bool_], ...]:
    """Which of all [C], levels [C, L], units [C, J] and cells [C, J, L] are told: groups of a few are not, be it by subtraction."""
    return (
        gaps.overall.count >= least,
        told(gaps.levels.count, least),
        told(gaps.units.count, least),
        told_cells(gaps.cells.count, least) & told(gaps.units.count, least)[:, :, None],
    )


@dataclass(frozen=True)
class Line:
    """One gap that is told. ``unit`` None: all units; ``group`` empty: all rank groups."""

    competency: int
    unit: int | None
    group: str
    estimate: float
    lower: float
    upper: float
    n: int
    noise: bool


def lines_of(facts: Facts, least: int = LEAST) -> Iterator[Line]:
    """Everything that may be told: of all, of rank groups, of units, of both."""
    if not facts.sizes[0] or not len(facts.columns.competency):
        return
    gaps = facts.gaps
    overall, levels, units, cells = cells_told(gaps, least)
    mean = gaps.overall.estimate
    yield from _lines(gaps.overall, overall, np.zeros(mean.shape), [None], [""])
    yield from _lines(gaps.levels, levels, mean[:, None], [None], list(RANK_GROUPS))
    yield from _lines(gaps.units, units, mean[:, None], facts.units, [""])
    yield from _lines(gaps.cells, cells, gaps.levels.estimate[:, None, :], facts.units, list(RANK_GROUPS))


def _lines(
    bands: Bands, shown: npt.NDArray[np.bool_], against: Floats, units: Sequence[int | None], groups: Sequence[str]
) -> Iterator[Line]:
    """``against``: what such people have on average; a gap whose interval holds it cannot be told from chance."""
    shape = len(shown), len(units), len(groups)
    noise = (bands.lower <= against) & (against <= bands.upper)
    kept = (shown & ~np.isnan(bands.estimate)).reshape(shape)
    parts = [part.reshape(shape) for part in (bands.estimate, bands.lower, bands.upper, bands.count, noise)]
    places = np.nonzero(kept)
    columns = [part[places].tolist() for part in parts]
    for c, j, k, estimate, lower, upper, n, is_noise in zip(*(p.tolist() for p in places), *columns, strict=True):
        yield Line(c, units[j], groups[k], estimate, lower, upper, n, is_noise)


def needs_of(facts: Facts) -> list[Need]:
    """The needs of the question, unsaved."""
    counts: Counter[tuple[int, int | None, str]] = Counter()
    for (c, of, group), people in facts.concerned.items():
        for place in ((c, None, ""), (c, None, group), (c, of, ""), (c, of, group)):
            counts[place] += people
    made: dict[tuple[int, int | None, str], Need] = {}
    for (c, unit, group), people in sorted(counts.items(), key=lambda one: (one[0][0], one[0][1] or 0, one[0][2])):
        if unit is None:
            made[c, unit, group] = _need(facts, c, unit, group, people)
    for line in lines_of(facts):
        key = line.competency, line.unit, line.group
        need = made.setdefault(key, _need(facts, *key, counts[key]))
        need.gap, need.lower, need.upper = (_hundredths(x) for x in (line.estimate, line.lower, line.upper))
        need.n, need.noise = line.n, line.noise
    _add_means(facts, made)
    _add_weights(facts, made)
    return list(made.values())


def _need(facts: Facts, c: int, unit: int | None, group: str, people: int) -> Need:
    return Need(competency=facts.competencies[c], unit_id=unit, rank_group=group, people=people, n=0)


def _hundredths(value: float) -> int | None:
    return None if np.isnan(value) else round(float(value) * HUNDRED)


def _add_means(facts: Facts, made: Mapping[tuple[int, int | None, str], Need]) -> None:
    """Required, present and importance of all and of rank groups; of units only the pooled gap is kept."""
    if not len(facts.columns.competency):
        return
    columns, (competencies, _units, groups) = facts.columns, facts.sizes
    for name in ("required", "present", "importance"):
        whole, by_group = columns.means(getattr(columns, name), competencies, groups)
        for (c, unit, group), need in made.items():
            if unit is None and need.gap is not None:
                setattr(need, name, _hundredths(by_group[c, GROUPS[group]] if group else whole[c]))


def _add_weights(facts: Facts, made: Mapping[tuple[int, int | None, str], Need]) -> None:
    """Of each rank group what all findings give; of all rank groups together their sum."""
    findings = findings_of(facts, made)
    sums: Counter[int] = Counter()
    for (c, unit, group), need in made.items():
        if unit is None and group:
            need.weight, parts = weigh(findings[c, group], need.people)
            need.parts = [
                {
                    "source": part.finding.source,
                    "key": part.finding.key,
                    "code": part.finding.code,
                    "n": min(part.finding.n, need.people),
                    "value": part.finding.value,
                    "weight": part.weight,
                    "share": part.share,
                }
                for part in parts
            ]
            sums[c] += need.weight
    for c, weight in sums.items():
        made[c, None, ""].weight = weight


Findings = dict[tuple[int, str], list[Finding]]


def findings_of(facts: Facts, made: Mapping[tuple[int, int | None, str], Need]) -> Findings:
    found: Findings = defaultdict(list)
    for (c, unit, group), need in made.items():
        if unit is None and group and need.gap is not None and need.importance is not None:
            lacks = round(max(need.gap, 0) * need.importance / 500)
            found[c, group].append(Finding("survey", "gap", need.people, lacks, "gap", need.gap))
    _add_priorities(facts, found)
    _add_problems(facts, found)
    _add_evidence(facts, found)
    return found


def _people(facts: Facts, within: Sequence[str] | None = None) -> Counter[tuple[int, str]]:
    """People concerned by competency and rank group; ``within``: of units at or below these paths only."""
    paths = dict(Unit.objects.filter(pk__in={unit for _c, unit, _g in facts.concerned}).values_list("pk", "path"))
    found: Counter[tuple[int, str]] = Counter()
    for (c, unit, group), people in facts.concerned.items():
        if within is None or paths[unit].startswith(tuple(within)):
            found[c, group] += people
    return found


def _add_priorities(facts: Facts, found: Findings) -> None:
    people = _people(facts)
    in_force = Priority.objects.filter(
        year=facts.asked.year, state=Priority.State.IN_FORCE, unit__path__in=facts.asked.unit.paths_up
    ).prefetch_related("competencies")
    for one in in_force.order_by("pk"):
        for c in sorted({facts.by_code[x.code] for x in one.competencies.all() if x.code in facts.by_code}):
            for group in one.rank_groups or RANK_GROUPS:
                if n := people[c, group]:
                    found[c, group].append(Finding("priority", str(one.pk), n, one.weight * 10, "priority", one.weight))


def _add_problems(facts: Facts, found: Findings) -> None:
    """Of the problem's unit and those of what was merged into it."""
    standing = WorkProblem.objects.filter(
        year=facts.asked.year, weight__isnull=False, unit__path__startswith=facts.asked.unit.path
    ).exclude(state=WorkProblem.State.MERGED)
    rows = standing.select_related("unit").prefetch_related("competencies", "merged__unit")
    for one in rows.order_by("pk"):
        people = _people(facts, [one.unit.path, *(same.unit.path for same in one.merged.all())])
        for c in sorted({facts.by_code[x.code] for x in one.competencies.all() if x.code in facts.by_code}):
            for group in RANK_GROUPS:
                if n := people[c, group]:
                    weight = one.weight or 0
                    found[c, group].append(Finding("problem", str(one.pk), n, weight * 10, "problem", weight))


def _add_evidence(facts: Facts, found: Findings) -> None:
    people = _people(facts)
    by_group: Counter[str] = Counter()
    for (_c, group), n in people.items():
        by_group[group] += n
    rows = NeedsEvidence.objects.filter(year=facts.asked.year).select_related("competency", "unit")
    for one in rows.order_by("pk"):
        if one.unit is not None and not one.unit.path.startswith(facts.asked.unit.path):
            continue
        about = _about(facts, one)
        for c in about:
            for group in [one.rank_group] if one.rank_group else RANK_GROUPS:
                n = _share(one, people, c, group)
                alone = one.competency_id or one.topic
                hundredths = one.weight if alone else max(1, one.weight // max(1, _required_of(people, group)))
                if n:
                    key = f"{one.source}:{one.key}"
                    found[c, group].append(Finding(one.source, key, n, hundredths, one.code, one.value))


def _required_of(people: Counter[tuple[int, str]], group: str) -> int:
    """Competencies that somebody of the rank group needs"""
    return sum(1 for (_c, of), n in people.items() if of == group and n)


def _share(one: NeedsEvidence, people: Counter[tuple[int, str]], c: int, group: str) -> int:
    """How many of the people of a finding that names no rank group fall to one, in proportion."""
    if one.rank_group:
        return one.n if people[c, group] else 0
    whole = sum(people[c, name] for name in RANK_GROUPS)
    return one.n * people[c, group] // whole if whole else 0


def _about(facts: Facts, one: NeedsEvidence) -> list[int]:
    """Places of the competencies that a finding is about: the named one; those whose name and the topic hold each other; without both, all."""
    if one.competency is not None:
        return [facts.by_code[one.competency.code]] if one.competency.code in facts.by_code else []
    if not one.topic:
        return list(range(len(facts.competencies)))
    return [c for c, x in enumerate(facts.competencies) if x.name in one.topic or one.topic in x.name]


def digest_of(facts: Facts, needs: Sequence[Need]) -> str:
    """SHA-256 of all that was reckoned, in order."""
    rows = [
        [
            n.competency.code,
            n.rank_group,
            n.unit_id,
            n.people,
            n.n,
            n.gap,
            n.lower,
            n.upper,
            n.importance,
            n.weight,
            n.parts,
        ]
        for n in needs
    ]
    text = json.dumps([facts.asked.year, facts.asked.framework.pk, rows], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
