"""Evidence rows: what evaluation knows of courses, class runs, institutions and programmes, one figure a row, for whoever plans the next year.

Nothing is told of fewer people than may be shown; class runs as small as that are in no sum either, lest somebody find them by subtraction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet

from zhixing.base.tables.write import harmless
from zhixing.callups.models import Callup
from zhixing.engine.indicators import Object
from zhixing.engine.indicators.facts import Fact, Figure
from zhixing.evaluations import proposals, rules
from zhixing.evaluations.models import Assessment, CourseDecision, Group, Survey
from zhixing.evaluations.queries.facts import Held, completion_of, ended_enough, figures_about
from zhixing.evaluations.queries.occasions import as_asked
from zhixing.evaluations.queries.taught import TOOK_PLACE, of_courses, rated_where
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun
from zhixing.timetables.models import Session

FIELDS: Final = (
    "subject_kind", "subject_id", "subject", "what", "value", "lower", "upper", "n", "as_of", "source", "year", "code",
)  # fmt: skip


class Kind(StrEnum):
    COURSE = "course"
    CLASS_RUN = "class_run"
    INSTITUTION = "institution"
    PROGRAMME = "programme"
    TEXTBOOK = "textbook"


class Source(StrEnum):
    """Where a figure comes from."""

    SURVEYS = "surveys"  # sheets of anonymous questionnaires
    SYSTEM = "system"  # counted in registers, call-ups and timetables
    DECISION = "decision"  # taken by a named person
    ASSESSMENT = "assessment"  # told to an institution under an indicator system
    SUPPRESSED = "suppressed"  # there are too few people: the figure stays empty


class Code(StrEnum):
    """What a row says, for whoever makes a sentence of it."""

    TOO_FEW = "too_few"
    COUNTED = "counted"  # no range: it is counted, or how sure it is cannot be told
    SAMPLED = "sampled"  # with its range
    KEEP = "keep"  # of a course's corrected mean: what the range allows to propose
    FIX = "fix"
    DROP = "drop"
    UNSURE = "unsure"
    BETTER = "better"  # of a gain: beyond chance, or not
    WORSE = "worse"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class Row:
    """``value`` None: suppressed. ``lower`` and ``upper``: 95 % range; None where something is counted and not sampled, or nobody knows.

    ``subject_id``: code of a class run or unit; of a course, programme and textbook ``code of the institution/title``. There is no row about a teacher: what
    trainees say of one is for those who decide about invitations, and for the teacher. ``year``: of the class runs; ``code``: what it says."""

    subject_kind: Kind
    subject_id: str
    subject: str
    what: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int | None
    as_of: dt.date
    source: Source
    year: int = 0
    code: Code = Code.COUNTED

    @property
    def topic(self) -> str:
        """What it is about, in a word by which needs find it: the course, the theme, the textbook; empty of class runs and institutions."""
        return self.subject if self.subject_kind in (Kind.COURSE, Kind.PROGRAMME, Kind.TEXTBOOK) else ""

    def cells(self) -> list[str]:
        """As they are written; a title that a spreadsheet program would take for a formula begins with an apostrophe, as in every export."""
        return ["" if (value := getattr(self, name)) is None else _plain(value) for name in FIELDS]


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, dt.date) else harmless(str(value))


def evidence_of(year: int, today: dt.date) -> Iterator[Row]:
    """Of the whole installation, for class runs of ``year``, as things stand ``today``; ordered by kind and subject, the same for the same data."""
    for row in _rows(year, today):
        yield replace(row, year=year, code=_code(row))


def _code(row: Row) -> Code:
    if row.source is Source.SUPPRESSED:
        return Code.TOO_FEW
    if row.code is not Code.COUNTED or row.lower is None or row.upper is None:
        return row.code
    if row.what == Fact.GAIN:
        return Code.BETTER if row.lower > 0 else Code.WORSE if row.upper < 0 else Code.NO_EVIDENCE
    return Code.SAMPLED


def _rows(year: int, today: dt.date) -> Iterator[Row]:
    yield from _of_courses(year, today)
    least, runs_of_year = rules.in_force().least, list(_class_runs(year))
    told = [one for one in runs_of_year if one.people >= least]
    small = [one for one in runs_of_year if one.people < least]
    for run in told:
        yield from _figures(Kind.CLASS_RUN, run.code, run.name, [run], today)
    for run in small:
        yield Row(Kind.CLASS_RUN, run.code, run.name, "all", None, None, None, None, today, Source.SUPPRESSED)
    by_school: dict[Unit, list[ClassRun]] = {}
    by_theme: dict[tuple[Unit, str], list[ClassRun]] = {}
    for run in told:
        if run.institution:
            by_school.setdefault(run.institution, []).append(run)
            if run.theme:
                by_theme.setdefault((run.institution, run.theme), []).append(run)
    for school, runs in sorted(by_school.items(), key=lambda one: one[0].path):
        yield from _figures(Kind.INSTITUTION, school.code, school.name, runs, today)
    yield from _assessed(year)
    for (school, theme), runs in sorted(by_theme.items(), key=lambda one: (one[0][0].path, one[0][1])):
        yield from _figures(Kind.PROGRAMME, f"{school.code}/{theme}", theme, runs, today)


def _class_runs(year: int) -> QuerySet[Any]:
    """Class runs of the year that are over or under way, with the number of ``people`` called: somebody, for of others nothing is known here."""
    there = Q(callups__state__in=(*Callup.IN_FORCE, Callup.State.NOT_COMPLETED))
    held = ClassRun.objects.filter(year=year, state__in=TOOK_PLACE)
    return (
        held.select_related("institution")
        .annotate(people=Count("callups", filter=there))
        .filter(people__gt=0)
        .order_by("code")
    )


def _figures(kind: Kind, key: str, name: str, runs: list[ClassRun], today: dt.date) -> Iterator[Row]:
    least = rules.in_force().least
    about = ClassRun.objects.filter(pk__in=[one.pk for one in runs]).order_by()
    found = figures_about(Held.whole(about))
    if (
        Fact.COMPLETION in found and len(runs) > 1
    ):  # a class run whose own figure stays empty is in no sum: it would be what the others leave of it
        found[Fact.COMPLETION] = completion_of(about.filter(pk__in=ended_enough(about, least))) or Figure(Fraction(), 0)
    for fact, figure in sorted(found.items()):
        source = Source.SURVEYS if fact.is_asked else Source.SYSTEM
        row = _of_figure(Row(kind, key, name, str(fact), None, None, None, None, today, source), figure)
        if figure.n < least and fact.counts_people:
            yield replace(row, value=None, lower=None, upper=None, n=None, source=Source.SUPPRESSED)
        else:
            yield row


def _of_figure(row: Row, figure: Figure) -> Row:
    value = float(figure.percent)
    sure = bool(figure.half)
    half = figure.half or 0.0
    return replace(
        row, value=value, n=figure.n, lower=value - half if sure else None, upper=value + half if sure else None
    )


def _of_courses(year: int, today: dt.date) -> Iterator[Row]:
    taught = (
        as_asked(Session.objects.filter(class_run__year=year, on__lte=today, class_run__institution__isnull=False))
        .filter(class_run__state__in=TOOK_PLACE)
        .order_by()
        .values_list("class_run__institution", "class_run__institution__code", "course")
        .annotate(times=Count("pk"), last=Max("on"))
        .order_by("class_run__institution__path", "course")
    )
    rated = of_courses(rated_where(Q(class_run__year=year)), f"year {year}")
    closed = Survey.objects.filter(class_run__year=year, state=Survey.State.CLOSED, group=Group.TRAINEES).order_by()
    asked = set(closed.values_list("class_run__institution", "title").distinct())
    decided = {(one.institution_id, one.title): one for one in CourseDecision.objects.order_by("pk")}
    for school, code, title, times, last in taught:
        empty = Row(Kind.COURSE, f"{code}/{title}", title, "", None, None, None, None, today, Source.SURVEYS)
        yield replace(empty, what="times_taught", value=float(times), n=times, as_of=last, source=Source.SYSTEM)
        evidence = rated.get((school, title))  # type: ignore[call-overload]
        if evidence is None and (school, title) in asked:
            yield replace(empty, what="score", source=Source.SUPPRESSED)
        elif evidence:
            proposed = Code(proposals.about_course(evidence).choice or Code.UNSURE)
            for what, mean, says in (
                ("score_raw", evidence.raw, Code.COUNTED),
                ("score", evidence.corrected, proposed),
            ):
                if mean:
                    row = replace(empty, what=what, value=mean.mean, lower=mean.low, upper=mean.high, n=mean.n)
                    yield replace(row, code=says)
        if (school, title) in decided:
            one = decided[school, title]
            what = f"decision_{one.choice}"
            yield replace(empty, what=what, value=1.0, n=1, as_of=one.at.date(), source=Source.DECISION)


def _assessed(year: int) -> Iterator[Row]:
    """Results that are final: percent of the points of the system."""
    final = Assessment.objects.filter(year=year, state=Assessment.State.FINAL, institution__isnull=False)
    rows = (
        final.select_related("institution", "version__system")
        .prefetch_related("results")
        .order_by("institution__path", "pk")
    )
    kinds = {Object.COURSE: Kind.COURSE, Object.PROGRAMME: Kind.PROGRAMME, Object.TEXTBOOK: Kind.TEXTBOOK}
    for one in rows:
        told, school = one.latest, one.institution
        if told is None or school is None:
            continue
        whole = one.version.tree.root.points
        value, low, high = (hundredths / whole for hundredths in (told.hundredths, told.low, told.high))
        what = f"assessment:{one.version.system.title}"
        kind = kinds.get(one.version.tree.of, Kind.INSTITUTION)
        key, name = (f"{school.code}/{one.title}", one.title) if one.title else (school.code, school.name)
        yield Row(kind, key, name, what, value, low, high, 1, told.at.date(), Source.ASSESSMENT)
