"""The figures that indicator systems take from the system itself (``engine.indicators.facts``), of one institution's year, class run, programme or course."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum
from django.utils import timezone

from zhixing.attendance.models import Mark, Register, Status
from zhixing.callups.models import Callup
from zhixing.engine.indicators import Object
from zhixing.engine.indicators.facts import OF_SESSIONS, Fact, Figure, percent_of, weighed
from zhixing.engine.questionnaires import Mean, Subject
from zhixing.evaluations import rules
from zhixing.evaluations.models import Assessment, CostEntry, ExamGain, Sheet, Survey
from zhixing.evaluations.queries.occasions import as_asked
from zhixing.evaluations.queries.results import mean_of_enough
from zhixing.evaluations.queries.surveys import publishable
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session

Runs = QuerySet[ClassRun]
Method = Session.Method
THERE: Final = (Status.PRESENT, Status.LATE, Status.LEFT_EARLY)


@dataclass(frozen=True)
class Held:
    """What figures are about: class runs with all their sessions, or (``is_course``) some sessions of theirs alone."""

    runs: Runs
    sessions: QuerySet[Session]
    is_course: bool = False

    @classmethod
    def whole(cls, runs: Runs) -> Held:
        return cls(runs, Session.objects.filter(class_run__in=runs))


def held_under(assessment: Assessment) -> Held | None:
    """The class run; or what the institution held in the year: all of it, the class runs of one theme, the sessions of one title. None of a textbook."""
    held = ClassRun.objects.exclude(state=ClassRun.State.CANCELLED).order_by()
    of, title = assessment.version.tree.of, assessment.title
    if assessment.class_run_id:
        return Held.whole(held.filter(pk=assessment.class_run_id))
    own = held.filter(institution=assessment.institution, year=assessment.year)
    if of is Object.TEXTBOOK:
        return None
    if of is Object.COURSE:
        return Held(own, as_asked(Session.objects.filter(class_run__in=own)).filter(course=title), is_course=True)
    return Held.whole(own.filter(theme=title) if of is Object.PROGRAMME else own)


def figures_of(assessment: Assessment) -> dict[Fact, Figure]:
    """Those of the figures that there is anything to reckon from."""
    held = held_under(assessment)
    return figures_about(held) if held else {}


def figures_about(held: Held) -> dict[Fact, Figure]:
    known = OF_SESSIONS if held.is_course else frozenset(Fact)
    found = {fact: ask(held) for fact, ask in FIGURES.items() if fact in known}
    return {fact: figure for fact, figure in found.items() if figure is not None}


def _attendance(held: Held) -> Figure | None:
    closed = Mark.objects.filter(register__session__in=held.sessions, register__state=Register.State.CLOSED)
    hours = F("register__session__tenths")
    found = closed.aggregate(there=Sum(hours, filter=Q(status__in=THERE)), all=Sum(hours))
    return percent_of(found["there"] or 0, found["all"] or 0)


def _completion(held: Held) -> Figure | None:
    return completion_of(held.runs)


def _ended(runs: Runs) -> QuerySet[Callup]:
    return Callup.objects.filter(class_run__in=runs, state__in=(Callup.State.COMPLETED, Callup.State.NOT_COMPLETED))


def completion_of(runs: Runs) -> Figure | None:
    found = _ended(runs).aggregate(done=Count("pk", filter=Q(state=Callup.State.COMPLETED)), all=Count("pk"))
    return percent_of(found["done"], found["all"])


def ended_enough(runs: Runs, least: int) -> QuerySet[Callup, int]:
    """Keys of those in which ``least`` people or more have completed or not."""
    counted = _ended(runs).order_by().values("class_run").annotate(people=Count("pk"))
    return counted.filter(people__gte=least).values_list("class_run", flat=True)


def _seats_filled(held: Held) -> Figure | None:
    seats = held.runs.aggregate(all=Sum("seats_max", output_field=IntegerField()))["all"] or 0
    called = Callup.objects.filter(
        class_run__in=held.runs, state__in=(*Callup.IN_FORCE, Callup.State.NOT_COMPLETED)
    ).count()
    if not called:
        return None  # people came by another way, or nobody did: not known here
    return percent_of(min(called, seats), seats)


def _registers(held: Held) -> Figure | None:
    over = held.sessions.filter(on__lt=timezone.localdate())
    closed = over.filter(register__state=Register.State.CLOSED).count()
    return percent_of(closed, over.count())


def _hours(sessions: QuerySet[Session], own: Q) -> Figure | None:
    found = sessions.order_by().aggregate(own=Sum("tenths", filter=own), all=Sum("tenths"))
    return percent_of(found["own"] or 0, found["all"] or 0)


def _by_method(own: Q) -> Callable[[Held], Figure | None]:
    return lambda held: _hours(held.sessions, own)


def _by_teachers(group: str) -> Callable[[Held], Figure | None]:
    return lambda held: _hours(held.sessions.filter(teacher__isnull=False), Q(teacher__group=group))


def _about(content: str) -> Callable[[Held], Figure | None]:
    def share(held: Held) -> Figure | None:
        named = held.runs.exclude(content="")
        found = named.aggregate(own=Sum("tenths", filter=Q(content=content)), all=Sum("tenths"))
        return percent_of(found["own"] or 0, found["all"] or 0)

    return share


def _surveys(held: Held) -> QuerySet[Survey]:
    """Of whole class runs, or of a course's sessions; closed: an open one is nobody's figure yet."""
    closed = Survey.objects.filter(months=0, state=Survey.State.CLOSED).order_by()
    if held.is_course:
        return closed.filter(session__in=held.sessions)
    return closed.filter(class_run__in=held.runs, session=None)


def _response(held: Held) -> Figure | None:
    # of so few asked not even the number of answers is shown: nor can it be had by subtraction
    found = (
        _surveys(held).filter(invited__gte=rules.in_force().least).aggregate(own=Sum("answered"), all=Sum("invited"))
    )
    return percent_of(found["own"] or 0, found["all"] or 0)


def _satisfaction(held: Held) -> Figure | None:
    """Rater groups by the weights of the scheme. Surveys of fewer answers than may be shown do not count: what they add could be told by taking the
    figures of the others away."""
    scheme = rules.in_force().schemes.get(Subject.SESSION if held.is_course else Subject.CLASS_RUN)
    scores: dict[str, list[int | None]] = {}
    marked = Sheet.objects.filter(survey__in=publishable(_surveys(held)).values("pk")).order_by("pk")
    for group, score in marked.values_list("survey__group", "score"):
        scores.setdefault(group, []).append(score)
    means = {group: mean_of_enough(own) for group, own in scores.items()}
    figures = {group: _figure(mean) for group, mean in means.items() if mean}
    return weighed(figures, scheme.weights if scheme else dict.fromkeys(figures, 1))


def _figure(mean: Mean) -> Figure:
    half = None if mean.low is None or mean.high is None else (mean.high - mean.low) / 2
    return Figure(Fraction(round(mean.mean * 100), 100), mean.n, half)


def person_days(runs: Runs) -> int:
    """Days on which somebody was there, person by person, in closed registers."""
    there = Mark.objects.filter(
        register__session__class_run__in=runs, register__state=Register.State.CLOSED, status__in=THERE
    )
    return there.order_by().values("callup", "register__session__on").distinct().count()


def _cost(held: Held) -> Figure | None:
    """Of class runs of which both money spent and registers are known: the others would make days look cheap or dear."""
    spent = CostEntry.objects.filter(class_run__in=held.runs, kind=CostEntry.Kind.SPENT).order_by()
    cents, days = 0, 0
    for run, own in spent.values_list("class_run").annotate(all=Sum("cents")):
        there = person_days(ClassRun.objects.filter(pk=run))
        if own > 0 and there:
            cents, days = cents + own, days + there
    return Figure(Fraction(cents, 100 * days), days) if days else None


def _gain(held: Held) -> Figure | None:
    """Class runs by the number of people; of each the latest. Unmeasured ones, and those of which nothing may be told, are not there."""
    latest = {one.class_run_id: one for one in ExamGain.objects.filter(class_run__in=held.runs).order_by("pk")}
    told = {str(key): one for key, one in latest.items() if one.is_told}
    figures = {
        key: Figure(Fraction(str(one.found["value"])), one.n, (one.found["upper"] - one.found["lower"]) / 2)
        for key, one in told.items()
    }
    return weighed(figures, {key: one.n for key, one in told.items()})


FIGURES: Final[Mapping[Fact, Callable[[Held], Figure | None]]] = {
    Fact.ATTENDANCE: _attendance,
    Fact.COMPLETION: _completion,
    Fact.SEATS_FILLED: _seats_filled,
    Fact.REGISTERS: _registers,
    Fact.INTERACTIVE: _by_method(~Q(method=Method.LECTURE)),
    Fact.CASES: _by_method(Q(method__in=(Method.CASE, Method.SIMULATION))),
    Fact.ON_SITE: _by_method(Q(method__in=(Method.SITE, Method.RESEARCH))),
    Fact.LEADERS: _by_teachers(Teacher.Group.LEADER),
    Fact.EXPERTS: _by_teachers(Teacher.Group.EXPERT),
    Fact.THEORY: _about(ClassRun.Content.THEORY),
    Fact.PARTY_SPIRIT: _about(ClassRun.Content.PARTY_SPIRIT),
    Fact.POLITICAL: _about(ClassRun.Content.POLITICAL),
    Fact.ABILITY: _about(ClassRun.Content.ABILITY),
    Fact.COST: _cost,
    Fact.GAIN: _gain,
    Fact.RESPONSE: _response,
    Fact.SATISFACTION: _satisfaction,
}
