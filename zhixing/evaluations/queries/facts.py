"""The figures that indicator systems take from the system itself (``engine.indicators.facts``), for one institution's year or one class run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum
from django.utils import timezone

from zhixing.attendance.models import Mark, Register, Status
from zhixing.callups.models import Callup
from zhixing.engine.indicators.facts import Fact, Figure, percent_of, weighed
from zhixing.engine.questionnaires import Mean, Subject
from zhixing.evaluations import rules
from zhixing.evaluations.models import Assessment, Sheet, Survey
from zhixing.evaluations.queries.results import mean_of_enough
from zhixing.evaluations.queries.surveys import publishable
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session

Runs = QuerySet[ClassRun]
THERE: Final = (Status.PRESENT, Status.LATE, Status.LEFT_EARLY)


def class_runs_of(assessment: Assessment) -> Runs:
    """What the figures are about: the class run, or all that the institution held in the year."""
    held = ClassRun.objects.exclude(state=ClassRun.State.CANCELLED).order_by()
    if assessment.class_run_id:
        return held.filter(pk=assessment.class_run_id)
    return held.filter(institution=assessment.institution, year=assessment.year)


def figures_of(assessment: Assessment) -> dict[Fact, Figure]:
    """Those of the figures that there is anything to reckon from."""
    return figures_about(class_runs_of(assessment))


def figures_about(runs: Runs) -> dict[Fact, Figure]:
    """Of any class runs together."""
    found = {fact: ask(runs) for fact, ask in FIGURES.items()}
    return {fact: figure for fact, figure in found.items() if figure is not None}


def _attendance(runs: Runs) -> Figure | None:
    closed = Mark.objects.filter(register__session__class_run__in=runs, register__state=Register.State.CLOSED)
    hours = F("register__session__tenths")
    found = closed.aggregate(there=Sum(hours, filter=Q(status__in=THERE)), all=Sum(hours))
    return percent_of(found["there"] or 0, found["all"] or 0)


def _completion(runs: Runs) -> Figure | None:
    done, not_done = Callup.State.COMPLETED, Callup.State.NOT_COMPLETED
    ended = Callup.objects.filter(class_run__in=runs, state__in=(done, not_done))
    found = ended.aggregate(done=Count("pk", filter=Q(state=done)), all=Count("pk"))
    return percent_of(found["done"], found["all"])


def _seats_filled(runs: Runs) -> Figure | None:
    seats = runs.aggregate(all=Sum("seats_max", output_field=IntegerField()))["all"] or 0
    called = Callup.objects.filter(class_run__in=runs, state__in=(*Callup.IN_FORCE, Callup.State.NOT_COMPLETED)).count()
    return percent_of(min(called, seats), seats)


def _registers(runs: Runs) -> Figure | None:
    over = Session.objects.filter(class_run__in=runs, on__lt=timezone.localdate())
    closed = over.filter(register__state=Register.State.CLOSED).count()
    return percent_of(closed, over.count())


def _hours(sessions: QuerySet[Session], own: Q) -> Figure | None:
    found = sessions.order_by().aggregate(own=Sum("tenths", filter=own), all=Sum("tenths"))
    return percent_of(found["own"] or 0, found["all"] or 0)


def _interactive(runs: Runs) -> Figure | None:
    return _hours(Session.objects.filter(class_run__in=runs), ~Q(method=Session.Method.LECTURE))


def _leaders(runs: Runs) -> Figure | None:
    taught = Session.objects.filter(class_run__in=runs, teacher__isnull=False)
    return _hours(taught, Q(teacher__group=Teacher.Group.LEADER))


def _about(content: str) -> Callable[[Runs], Figure | None]:
    def share(runs: Runs) -> Figure | None:
        named = runs.exclude(content="")
        found = named.aggregate(own=Sum("tenths", filter=Q(content=content)), all=Sum("tenths"))
        return percent_of(found["own"] or 0, found["all"] or 0)

    return share


def _surveys(runs: Runs) -> QuerySet[Survey]:
    """Of whole class runs, closed: an open one is nobody's figure yet."""
    return Survey.objects.filter(class_run__in=runs, session=None, months=0, state=Survey.State.CLOSED).order_by()


def _response(runs: Runs) -> Figure | None:
    # of so few asked not even the number of answers is shown: nor can it be had by subtraction
    found = (
        _surveys(runs).filter(invited__gte=rules.in_force().least).aggregate(own=Sum("answered"), all=Sum("invited"))
    )
    return percent_of(found["own"] or 0, found["all"] or 0)


def _satisfaction(runs: Runs) -> Figure | None:
    """Rater groups by the weights of the scheme. Surveys of fewer answers than may be shown do not count: what they add could be told by taking the
    figures of the others away."""
    scheme = rules.in_force().schemes.get(Subject.CLASS_RUN)
    scores: dict[str, list[int | None]] = {}
    marked = Sheet.objects.filter(survey__in=publishable(_surveys(runs)).values("pk")).order_by("pk")
    for group, score in marked.values_list("survey__group", "score"):
        scores.setdefault(group, []).append(score)
    means = {group: mean_of_enough(own) for group, own in scores.items()}
    figures = {group: _figure(mean) for group, mean in means.items() if mean}
    return weighed(figures, scheme.weights if scheme else dict.fromkeys(figures, 1))


def _figure(mean: Mean) -> Figure:
    half = None if mean.low is None or mean.high is None else (mean.high - mean.low) / 2
    return Figure(Fraction(round(mean.mean * 100), 100), mean.n, half)


FIGURES: Final[Mapping[Fact, Callable[[Runs], Figure | None]]] = {
    Fact.ATTENDANCE: _attendance,
    Fact.COMPLETION: _completion,
    Fact.SEATS_FILLED: _seats_filled,
    Fact.REGISTERS: _registers,
    Fact.INTERACTIVE: _interactive,
    Fact.LEADERS: _leaders,
    Fact.THEORY: _about(ClassRun.Content.THEORY),
    Fact.PARTY_SPIRIT: _about(ClassRun.Content.PARTY_SPIRIT),
    Fact.RESPONSE: _response,
    Fact.SATISFACTION: _satisfaction,
}
