"""Reads about runs, call-ups, replies and make-ups, always in the user's scope."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import NotFound
from zhixing.callups.models import (
    BEYOND,
    Callup,
    CallupQuerySet,
    CallupRun,
    MakeUp,
    OutsideCallup,
    Paper,
    Reply,
    Waiting,
)
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people

State = Callup.State
CALLED_BEFORE = ~Q(state=State.PROPOSED)


def runs_of(user: Account) -> QuerySet[Any]:
    """Runs with ``class_run_count`` and ``callup_count``, each counted by itself."""
    return CallupRun.objects.visible_to(user).annotate(
        class_run_count=counted(CallupRun.class_runs.through.objects.filter(calluprun=OuterRef("pk"))),
        callup_count=counted(Callup.objects.filter(run=OuterRef("pk"), state__in=Callup.LIVE)),
    )


def counted(rows: QuerySet[Any]) -> Coalesce:
    """How many rows a correlated query has."""
    return Coalesce(Subquery(rows.order_by().annotate(n=Func("pk", function="COUNT")).values("n")), 0)


def published_for(user: Account) -> QuerySet[CallupRun]:
    """Published runs that have a paper for the account."""
    return CallupRun.objects.filter(pk__in=Paper.objects.visible_to(user).values("run_id"))


def run_for(user: Account, pk: int) -> CallupRun:
    """The run, when the user may see it."""
    found = CallupRun.objects.visible_to(user).select_related("job").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def last_repair(run: CallupRun) -> Job | None:
    """The latest search for changes of a run, also one that runs."""
    return Job.objects.filter(kind="callups.repair", arguments__run_id=run.pk).order_by("-created_at").first()


def repair_offered(run: CallupRun) -> Job | None:
    """The changes that wait for a decision: the latest found, unless they were made or the list is another one by now."""
    job = last_repair(run)
    if job is None or job.state != Job.State.DONE or job.result.get("made"):
        return None
    return job if (job.result["state"], job.result["digest"]) == (run.state, run.digest) else None


def last_try(run: CallupRun, person_id: int, class_run_id: int) -> Job | None:
    """The latest search for what would put one person on the list, of the run as it was solved last."""
    pair = {"arguments__person_id": person_id, "arguments__class_run_id": class_run_id}
    jobs = Job.objects.filter(kind="callups.try", arguments__run_id=run.pk, **pair).order_by("-created_at")
    job = jobs.first()
    return None if job is None or (job.result and job.result.get("digest") != run.digest) else job


def class_run_of(run: CallupRun, pk: int) -> ClassRun:
    found = run.class_runs.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def callups_of(user: Account) -> CallupQuerySet:
    """The call-ups in scope with what every page shows of them."""
    rows = Callup.objects.visible_to(user).select_related("person", "unit", "class_run", "run")
    return rows.defer("run__settings", "run__result")  # long texts to be taken apart, once for each row


def called_before(class_run: ClassRun) -> CallupQuerySet:
    """Call-ups after which their people get no seat of the class run that comes free: sent for it, whatever became of them, or excused on its days."""
    excused = Q(
        state=State.EXCUSED,
        class_run__starts_on__lte=class_run.ends_on,
        class_run__ends_on__gte=class_run.starts_on,
    )
    return Callup.objects.filter(CALLED_BEFORE, excused | Q(class_run=class_run))


def callup_for(user: Account, pk: int) -> Callup:
    """A call-up in the user's scope, or the own one."""
    rows = Callup.objects.select_related("person", "unit", "class_run", "class_run__institution", "run", "makes_up")
    mine = Q(pk__in=Callup.objects.of_person(user).values("pk")) if user.person_id else Q()
    found = rows.filter(Q(pk__in=Callup.objects.visible_to(user).values("pk")) | mine, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def reply_for(user: Account, pk: int) -> Reply:
    related = ("callup__person", "callup__unit", "callup__class_run", "callup__run", "substitute", "proof")
    found = Reply.objects.visible_to(user).select_related(*related).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def make_up_for(user: Account, pk: int) -> MakeUp:
    found = MakeUp.objects.visible_to(user).select_related("person", "missed__class_run").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def make_ups_of(user: Account) -> QuerySet[MakeUp]:
    return MakeUp.objects.visible_to(user).select_related("person", "person__unit", "missed__class_run")


def substitutes_for(callup: Callup) -> QuerySet[Person]:
    """People of the same unit and below it who belong to the target group and were not called to this class."""
    called = Callup.objects.filter(CALLED_BEFORE, class_run=callup.class_run_id).values("person_id")
    people = eligible_people(callup.class_run).filter(unit__path__startswith=callup.unit.path)
    return people.exclude(pk__in=called).select_related("unit")


def answers_due(user: Account) -> QuerySet[Callup]:
    """Call-ups that wait for an answer the user may give: the own, and for a liaison those of the unit."""
    mine = Q(person=user.person_id) if user.person_id else Q(pk=None)
    if user.is_liaison and user.scope_unit:
        mine |= Q(unit__path__startswith=user.scope_unit.path)
    rows = Callup.objects.filter(mine, state=State.SENT)
    return rows.select_related("person", "unit", "class_run", "run").order_by(
        "reply_by", "unit__path", "person__number"
    )


def decisions_due(user: Account) -> QuerySet[Reply]:
    """Answers that wait for the department."""
    rows = Reply.objects.visible_to(user).pending()
    return rows.select_related("callup__person", "callup__unit", "callup__class_run", "substitute", "proof")


def in_question(user: Account) -> QuerySet[Callup]:
    """Call-ups whose person left, moved or is called by others since; the department decides, the auditor and the liaison see it."""
    return callups_of(user).in_question().select_related("person__unit").order_by("class_run__starts_on", "unit__path")


@dataclass(frozen=True)
class RunCount:
    """The first line of a run's page. ``people`` are distinct; ``callups`` in force or proposed."""

    class_runs: int
    seats: int
    callups: int
    people: int


def count_run(run: CallupRun) -> RunCount:
    seats = 0
    class_runs = 0
    for most in run.class_runs.values_list("seats_max", flat=True):
        class_runs, seats = class_runs + 1, seats + most
    live = run.callups.filter(state__in=Callup.LIVE)
    counted = live.aggregate(callups=Count("pk"), people=Count("person_id", distinct=True))
    return RunCount(class_runs, seats, counted["callups"], counted["people"])


def short_class_runs(run: CallupRun) -> QuerySet[Any]:
    """Class runs of a run with fewer people on the list than their fewest seats."""
    return board(run).filter(held__lt=F("seats_min"))


def latest_run_of(user: Account, class_run_id: int) -> CallupRun:
    """The last published run that called people to the class run; the one whose waiting list comes first."""
    called = ClassRun.objects.filter(pk=class_run_id)
    runs = CallupRun.objects.visible_to(user).filter(state=CallupRun.State.PUBLISHED, class_runs__in=called)
    found = runs.order_by("-pk").first()
    if found is None:
        raise NotFound
    return found


def rules_owed(user: Account) -> QuerySet[Callup]:
    """The account's own call-ups with class rules that are still to be acknowledged; not those yet to be answered, where it is asked anyway."""
    if not user.person_id:
        return Callup.objects.none()
    mine = Callup.objects.of_person(user).filter(state__in=(State.ACCEPTED, State.ASKED))
    rows = mine.exclude(class_run__class_rules="").select_related("class_run")
    owed = [callup.pk for callup in rows if callup.owes_rules]
    return rows.filter(pk__in=owed).order_by("class_run__starts_on")


def called_to(user: Account, class_run: ClassRun) -> CallupQuerySet:
    """Everybody called to a class run and still expected, for those who answer for it; raises ``NotFound`` for others."""
    if not ClassRun.objects.in_charge(user).filter(pk=class_run.pk).exists():
        raise NotFound
    rows = Callup.objects.in_force().filter(class_run=class_run)
    return rows.select_related("person", "unit", "class_run").order_by("unit__path", "person__number")


def board(run: CallupRun) -> QuerySet[Any]:
    """The class runs of a run with how far each is filled: ``filled``, ``accepted``, ``asked``, ``unanswered``, ``standing`` of other runs,
    ``held`` in all, of whom ``beyond`` the seats; and the seats ``free``."""

    def count(condition: Q) -> Any:
        return Count("callups", filter=condition)

    own = Q(callups__run=run)
    return run.class_runs.annotate(
        filled=count(own & Q(callups__state__in=Callup.LIVE)),
        standing=count(~own & Q(callups__state__in=Callup.IN_FORCE)),
        accepted=count(own & Q(callups__state=State.ACCEPTED)),
        asked=count(own & Q(callups__state=State.ASKED)),
        unanswered=count(own & Q(callups__state=State.SENT)),
        beyond=count(Q(callups__state__in=Callup.IN_FORCE, callups__code=BEYOND, callups__seat=None)),
        taken=count(Q(callups__state__in=Callup.IN_FORCE) | (own & Q(callups__state=State.PROPOSED))),
    ).annotate(free=F("seats_max") + F("beyond") - F("taken"), held=F("filled") + F("standing"))


def waiting_of(run: CallupRun, class_run: ClassRun) -> QuerySet[Waiting]:
    rows = Waiting.objects.filter(run=run, class_run=class_run)
    return rows.select_related("person", "person__unit").order_by("position")


def units_of(run: CallupRun) -> QuerySet[Callup]:
    """One row for each unit: how many of its people are proposed or called."""
    live = run.callups.filter(state__in=Callup.LIVE).order_by()
    return live.values("unit_id", "unit__name", "unit__path").annotate(  # type: ignore[return-value]
        callups=Count("pk"), people=Count("person_id", distinct=True), class_runs=Count("class_run_id", distinct=True)
    )


def callable_class_runs(user: Account, today: dt.date) -> QuerySet[ClassRun]:
    """What a new run may be about: open or already called up, and not begun."""
    states = (ClassRun.State.OPEN, ClassRun.State.CALLED)
    return ClassRun.objects.in_charge(user).filter(state__in=states, starts_on__gt=today)


def template_kind(kind: str) -> str:
    """How a stored template of ours is marked: ``notice_template_class_run``, ``notice_template_unit``."""
    return f"notice_template_{kind}"


def notice_template(kind: str) -> StoredFile | None:
    """The department's own Word template, when one was put in place of ours."""
    return StoredFile.objects.filter(kind=template_kind(kind)).order_by("-id").first()


def burden_years(user: Account) -> list[int]:
    """Years with call-ups in the user's scope, newest first."""
    rows = Callup.objects.visible_to(user).filter(CALLED_BEFORE).order_by()
    return sorted(rows.values_list("class_run__year", flat=True).distinct(), reverse=True)


def taking_days_of(class_run: ClassRun, rows: QuerySet[OutsideCallup]) -> QuerySet[OutsideCallup]:
    """Of ``rows`` those that take people of the target group on days of a class run."""
    people = eligible_people(class_run).order_by().values("pk")
    standing = rows.filter(state=OutsideCallup.State.STANDING, person__in=people)
    return standing.filter(away_from__lte=class_run.ends_on, away_to__gte=class_run.starts_on)
