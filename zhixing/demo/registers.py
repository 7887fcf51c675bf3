"""Class runs with real registers: people called, forty sessions with leave, lateness and absence, and one class whose replies are due.

Everything after the call-ups goes through the apps' own actions, so the demonstration city obeys every rule of a real one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from zhixing.attendance import actions as attendance
from zhixing.attendance.models import Leave, Register, Status, Withdrawal
from zhixing.attendance.permissions import may_decide_leave
from zhixing.attendance.queries.leaves import current_step
from zhixing.callups.models import Callup, CallupRun
from zhixing.demo.accounts import STAFF, accounts_for
from zhixing.demo.people import People
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people
from zhixing.resources.models import Teacher
from zhixing.timetables.actions import lay_out_sessions
from zhixing.timetables.models import Session

HELD_RUNS = 4
TITLES = (
    "开班式与专题导学", "党的创新理论的体系与方法", "中国式现代化的地方实践", "案例教学：一件信访积案的化解", "沙盘模拟：突发事件处置",
    "现场教学：基层治理示范点", "依法行政与风险防范", "分组研讨：难点堵点痛点", "数字政府建设实务", "交流汇报与结业式",
)  # fmt: skip


@dataclass
class Cast:
    """Who acts in the demonstration."""

    admin: Account
    deciders: list[Account]
    trainee: Person


def choose_held(starts: list[dt.date], ends: list[dt.date], keys: list[int], on: dt.date) -> set[int]:
    """The latest class runs of one working week that are over: they get registers."""
    week = [
        (end, key) for start, end, key in zip(starts, ends, keys, strict=True) if (end - start).days == 4 and end < on
    ]
    return {key for _end, key in sorted(week)[-HELD_RUNS:]}


def make_registers(rng: np.random.Generator, people: People, held: set[int], on: dt.date) -> None:
    """Call people to the held class runs and to one that is to come, and keep the registers of the held ones."""
    admin = Account.objects.get(username="zuzhibu")
    deciders = [*Account.objects.filter(username__startswith=STAFF).order_by("pk"), admin]
    cast = Cast(admin, deciders, Person.objects.get(account__username="xueyuan"))
    past = list(ClassRun.objects.filter(pk__in=held).order_by("starts_on"))
    coming = ClassRun.objects.filter(starts_on__gt=on + dt.timedelta(days=7)).order_by("starts_on")
    future = next((run for run in coming if cast.trainee.effective_rank in run.ranks), None)
    run = _published_run(past, "下半年第一批点名调训", on - dt.timedelta(days=60), cast)
    called: set[int] = set()
    attended = []
    for class_run in past:
        callups = _call(rng, run, class_run, Callup.State.ACCEPTED, cast, called)
        called.update(callup.person_id for callup in callups)
        if callups:  # a small city may have nobody left for it
            attended.append(class_run)
    accounts_for(people, np.array(sorted(called)))
    for number, class_run in enumerate(attended):
        _keep_registers(rng, class_run, cast, complete=number < len(attended) - 1)
    if future:
        waiting = _published_run([future], "下半年第二批点名调训", on - dt.timedelta(days=3), cast)
        waiting.reply_by = min(on + dt.timedelta(days=5), future.starts_on - dt.timedelta(days=1))
        waiting.save(update_fields=("reply_by",))
        _call(rng, waiting, future, Callup.State.SENT, cast, called, first=cast.trainee)
        ClassRun.objects.filter(pk=future.pk).update(state=ClassRun.State.CALLED)


def _published_run(class_runs: list[ClassRun], name: str, on: dt.date, cast: Cast) -> CallupRun:
    moment = timezone.make_aware(dt.datetime.combine(on, dt.time(9)))
    run = CallupRun.objects.create(
        name=name, on=on, state=CallupRun.State.PUBLISHED, by_id=cast.admin.pk, published_by_id=cast.admin.pk, published_at=moment,
        reply_by=on + dt.timedelta(days=7),
    )  # fmt: skip
    run.class_runs.set(class_runs)
    return run


def _call(
    rng: np.random.Generator,
    run: CallupRun,
    class_run: ClassRun,
    state: str,
    cast: Cast,
    taken: set[int],
    first: Person | None = None,
) -> list[Callup]:
    """Fill nine tenths of the seats with people of the target group who are not called elsewhere."""
    rows = eligible_people(class_run).exclude(pk__in=taken).order_by("pk").values_list("pk", "unit_id")
    pool = [row for row in rows if not first or row[0] != first.pk]
    wanted = min(len(pool), int(class_run.seats_max * 0.9) - bool(first))
    chosen = [pool[i] for i in sorted(rng.choice(len(pool), wanted, replace=False))]
    if first:
        chosen.insert(0, (first.pk, first.unit_id))
    sent = run.published_at
    return Callup.objects.bulk_create(
        Callup(
            run=run, class_run=class_run, person_id=person, unit_id=unit, seat=seat, state=state, value=60, code="chosen_best",
            reply_by=run.reply_by, sent_at=sent,
        )
        for seat, (person, unit) in enumerate(chosen, 1)
    )  # fmt: skip


def _keep_registers(rng: np.random.Generator, class_run: ClassRun, cast: Cast, *, complete: bool) -> None:
    lay_out_sessions(class_run, by=cast.admin)
    teachers = list(Teacher.objects.order_by("pk"))
    sessions = list(class_run.sessions.all())
    for n, session in enumerate(sessions):
        session.title, session.teacher = TITLES[n % len(TITLES)], teachers[n % len(teachers)]
        session.method, session.venue = _method(n), "一号楼报告厅"
    Session.objects.bulk_update(sessions, ("title", "teacher", "method", "venue"))
    callups = list(class_run.callups.filter(seat__isnull=False).order_by("pk"))
    attendance.open_registers(class_run, by=cast.admin, now=_at(sessions[0].on, 8))
    _give_leave(rng, callups, sessions, cast)
    truant = callups[int(rng.integers(len(callups)))]
    for register in (
        Register.objects.filter(session__in=sessions)
        .select_related("session")
        .order_by("session__on", "session__begins_at")
    ):
        _keep_one(rng, register, callups, truant, cast)
    if complete:
        for proposed in Withdrawal.objects.filter(callup__class_run=class_run, state=Withdrawal.State.PROPOSED):
            unexcused = proposed.callup_id == truant.pk
            note = "旷课超过规定时限" if unexcused else "因公请假，情况属实"
            attendance.decide_withdrawal(proposed, confirm=unexcused, note=note, by=cast.admin)
        attendance.complete_class_run(class_run, by=cast.admin)


def _method(n: int) -> str:
    order = ("lecture", "lecture", "lecture", "case", "simulation", "site", "lecture", "seminar", "lecture", "seminar")
    return order[n % len(order)]


def _at(on: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(on, dt.time(hour)))


def _give_leave(rng: np.random.Generator, callups: list[Callup], sessions: list[Session], cast: Cast) -> None:
    """Two people away for half a day, one for more than a seventh of the hours."""
    before = _at(sessions[0].on, 8)
    for position, length in ((3, 1), (11, 1), (19, 2)):
        first = int(rng.integers(1, len(sessions) - length))
        away = sessions[first : first + length]
        leave = attendance.ask_leave(
            callups[position % len(callups)],
            away,
            reason=Leave.Reason.DUTY,
            by=cast.admin,
            text="须到现场处置",
            now=before,
        )
        while leave.state == Leave.State.ASKED:
            step = current_step(leave)
            decider = next(one for one in cast.deciders if may_decide_leave(one, leave, step))
            leave = attendance.decide_leave(leave, agree=True, by=decider, now=before)


def _keep_one(rng: np.random.Generator, register: Register, callups: list[Callup], truant: Callup, cast: Cast) -> None:
    """One register: a few late, the truant absent from the third session on, everybody else present."""
    now = timezone.make_aware(dt.datetime.combine(register.session.on, register.session.ends_at))
    marked = set(register.marks.values_list("callup_id", flat=True))
    late = [callups[int(i)] for i in rng.integers(0, len(callups), 2)]
    odd = {c.pk: Status.LATE for c in late} | ({truant.pk: Status.ABSENT} if register.session.on.weekday() > 1 else {})
    for callup, status in odd.items():
        if callup not in marked:
            attendance.mark_person(register, callup, status, version=0, by=cast.admin, now=now)
    attendance.mark_rest(register, by=cast.admin, now=now)
    attendance.close_register(register, by=cast.admin, now=now)
