"""Class runs with real registers: people called, forty sessions with leave, lateness and absence, and one class whose replies are due.

Everything after the call-ups goes through the apps' own actions, so the demonstration city obeys every rule of a real one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from zhixing.attendance import actions as attendance
from zhixing.attendance.actions.observing import Seen, lock, observe
from zhixing.attendance.models import Evidence, Leave, Register, Status, Withdrawal
from zhixing.attendance.permissions import may_decide_leave
from zhixing.attendance.queries.leaves import current_step
from zhixing.callups.models import Callup, CallupRun, Reply
from zhixing.callups.queries import substitutes_for
from zhixing.callups.telling import tell_asked, tell_published
from zhixing.demo.accounts import STAFF, accounts_for
from zhixing.demo.busy import Busy
from zhixing.demo.courses import Runs
from zhixing.demo.people import People
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people
from zhixing.resources.models import Teacher
from zhixing.timetables.actions import lay_out_sessions
from zhixing.timetables.models import Session

HELD_RUNS = 3
NEAR = 3
"""So many people of the demonstration liaison's unit are called with the trainee, to be answered for."""
LOOKED_THROUGH = 9
"""Among so many called people one is sought who has a colleague to come instead."""
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
    near: int
    """The unit of the demonstration's liaison."""
    busy: Busy


def choose_held(starts: list[dt.date], ends: list[dt.date], keys: list[int], on: dt.date) -> set[int]:
    """The latest class runs of one working week that are over: they get registers."""
    week = [
        (end, key) for start, end, key in zip(starts, ends, keys, strict=True) if (end - start).days == 4 and end < on
    ]
    return {key for _end, key in sorted(week)[-HELD_RUNS:]}


def make_registers(
    rng: np.random.Generator, people: People, runs: Runs, held: set[int], on: dt.date, busy: Busy
) -> None:
    """Call people to the held class runs, to the one under way and to one that is to come, and keep registers up to ``on``."""
    admin = Account.objects.get(username="zuzhibu")
    deciders = [*Account.objects.filter(username__startswith=STAFF).order_by("pk"), admin]
    near = Unit.objects.get(accounts__username="lianluoyuan").pk
    cast = Cast(admin, deciders, Person.objects.get(account__username="xueyuan"), near, busy)
    now, coming = ClassRun.objects.get(pk=runs.under_way), ClassRun.objects.get(pk=runs.coming)
    past = list(ClassRun.objects.filter(pk__in=held).order_by("starts_on"))
    called: set[int] = {cast.trainee.pk}
    attended = []
    if past:
        run = _published_run(past, "第一批点名调训", past[0].starts_on - dt.timedelta(days=30), cast)
        for class_run in past:
            if _call(rng, run, class_run, Callup.State.ACCEPTED, cast, called):
                attended.append(class_run)  # a small city may have nobody left for it
    run = _published_run([now], "第二批点名调训", now.starts_on - dt.timedelta(days=20), cast)
    busy_now = _call(rng, run, now, Callup.State.ACCEPTED, cast, called, first=cast.trainee)
    accounts_for(people, np.array(sorted(called)))
    for number, class_run in enumerate(attended):
        _keep_registers(rng, class_run, cast, complete=number < len(attended) - 1)
    if busy_now:
        _keep_registers(rng, now, cast, until=on)
    waiting = _published_run([coming], "第三批点名调训", on - dt.timedelta(days=3), cast)
    waiting.reply_by = on + dt.timedelta(days=5)
    waiting.save(update_fields=("reply_by",))
    sent = _call(rng, waiting, coming, Callup.State.SENT, cast, called, first=cast.trainee)
    ClassRun.objects.filter(pk=coming.pk).update(state=ClassRun.State.CALLED)
    tell_published(waiting, sent)
    _ask_off(sent, cast)


def _ask_off(sent: list[Callup], cast: Cast) -> None:
    """One unit proposes a substitute and two people ask leave, so that the department has something to decide.

    Written as rows: the actions ask whether the answer is in time by the day on which the city is made, not the day it stands on.
    """
    liaisons = list(Account.objects.filter(role=Role.LIAISON).select_related("scope_unit").order_by("pk"))
    asking = [callup for callup in sent if callup.person_id != cast.trainee.pk]
    replies = []
    for callup in asking[:LOOKED_THROUGH]:
        if found := substitutes_for(callup).order_by("pk").first():
            replies.append(Reply(callup=callup, kind=Reply.Kind.SUBSTITUTE, substitute=found, text="分管工作更对口"))
            asking.remove(callup)
            break
    reasons = ((Reply.Reason.DUTY, "须牵头迎接省级督查"), (Reply.Reason.HEALTH, "住院手术"))
    for callup, (reason, text) in zip(asking[::-1], reasons, strict=False):
        replies.append(Reply(callup=callup, kind=Reply.Kind.LEAVE, reason=reason, text=text))
    for reply in replies:
        path = reply.callup.unit.path
        answers = next((one for one in liaisons if one.scope_unit and path.startswith(one.scope_unit.path)), cast.admin)
        reply.by_id, reply.decision = answers.pk, Reply.Decision.PENDING
        reply.save()
        Callup.objects.filter(pk=reply.callup_id).update(state=Callup.State.ASKED)
        tell_asked(reply)


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
    """Fill nine tenths of the seats with people of the target group who are not called elsewhere and free on the days.

    ``first`` comes before all others where the target group holds that person, and some of the demonstration liaison's unit next.
    """
    away = {*taken, *map(int, cast.busy.during(class_run.starts_on, class_run.ends_on))}
    rows = list(eligible_people(class_run).order_by("pk").values_list("pk", "unit_id"))
    known = dict(rows)
    pool = [row for row in rows if row[0] not in away]
    chosen = [(first.pk, known[first.pk])] if first and first.pk in known else []
    if first:
        near = [row for row in pool if row[1] == cast.near][:NEAR]
        chosen += near
        pool = [row for row in pool if row not in near]
    wanted = max(0, min(len(pool), int(class_run.seats_max * 0.9) - len(chosen)))
    chosen += [pool[i] for i in sorted(rng.choice(len(pool), wanted, replace=False))]
    taken.update(person for person, _unit in chosen)
    cast.busy.take(class_run.starts_on, class_run.ends_on, [person for person, _unit in chosen])
    sent = run.published_at
    return Callup.objects.bulk_create(
        Callup(
            run=run, class_run=class_run, person_id=person, unit_id=unit, seat=seat, state=state, value=60, code="chosen_best",
            reply_by=run.reply_by, sent_at=sent,
        )
        for seat, (person, unit) in enumerate(chosen, 1)
    )  # fmt: skip


def _keep_registers(
    rng: np.random.Generator, class_run: ClassRun, cast: Cast, *, complete: bool = False, until: dt.date = dt.date.max
) -> None:
    """Open the registers of a class run and keep those before ``until``; of the day itself the first is half signed in and stays open."""
    lay_out_sessions(class_run, by=cast.admin)
    teachers = list(Teacher.objects.order_by("pk"))
    sessions = list(class_run.sessions.all())
    for n, session in enumerate(sessions):
        todays = session.on == until and session.half == Session.Half.MORNING
        session.title, session.teacher = _title(n, len(sessions)), teachers[0 if todays else n % len(teachers)]
        session.method, session.venue = _method(n), "一号楼报告厅"
    Session.objects.bulk_update(sessions, ("title", "teacher", "method", "venue"))
    callups = list(class_run.callups.filter(seat__isnull=False).order_by("pk"))
    attendance.open_registers(class_run, by=cast.admin, now=_at(sessions[0].on, 8))
    _give_leave(rng, callups, sessions, cast)
    truant = callups[int(rng.integers(len(callups) // 2, len(callups)))]  # the demonstration trainee is the first
    for register in (
        Register.objects.filter(session__in=sessions)
        .filter(session__on__lte=until)
        .select_related("session")
        .order_by("session__on", "session__begins_at")
    ):
        if register.session.on < until:
            _keep_one(rng, register, callups, truant, cast)
        elif register.session.half == Session.Half.MORNING:
            _sign_in(register, callups)
    later = [session for session in sessions if session.on > until]
    if later:  # one request for leave waits for the school
        text = "参加全市防汛调度会"
        attendance.ask_leave(
            callups[-1], later[-1:], reason=Leave.Reason.DUTY, by=cast.admin, text=text, now=_at(until, 9)
        )
    if complete:
        end = _at(sessions[-1].on, 18)
        for proposed in Withdrawal.objects.filter(callup__class_run=class_run, state=Withdrawal.State.PROPOSED):
            unexcused = proposed.callup_id == truant.pk
            note = "旷课超过规定时限" if unexcused else "因公请假，情况属实"
            attendance.decide_withdrawal(proposed, confirm=unexcused, note=note, by=cast.admin, now=end)
        attendance.complete_class_run(class_run, by=cast.admin, now=end)


def _sign_in(register: Register, callups: list[Callup]) -> None:
    """Every other person has scanned the code a few minutes before the session."""
    on_leave = set(register.marks.values_list("callup_id", flat=True))
    seen = [Seen(one.pk, Evidence.Source.QR, Status.PRESENT) for one in callups[::2] if one.pk not in on_leave]
    observe(lock(register.pk), seen, by=None, at=_at(register.session.on, 9))


def _title(n: int, count: int) -> str:
    """The first and the last session open and end the class run."""
    return TITLES[0] if n == 0 else TITLES[-1] if n == count - 1 else TITLES[1:-1][(n - 1) % (len(TITLES) - 2)]


def _method(n: int) -> str:
    order = ("lecture", "lecture", "lecture", "case", "simulation", "site", "lecture", "seminar", "lecture", "seminar")
    return order[n % len(order)]


def _at(on: dt.date, hour: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(on, dt.time(hour)))


def _give_leave(rng: np.random.Generator, callups: list[Callup], sessions: list[Session], cast: Cast) -> None:
    """Two people away for half a day, one for more than a seventh of the hours."""
    before = _at(sessions[0].on, 8)
    lengths = {position % len(callups): length for position, length in ((3, 1), (11, 1), (19, 2))}  # each person once
    for position, length in lengths.items():
        first = int(rng.integers(1, len(sessions) - length))
        away = sessions[first : first + length]
        leave = attendance.ask_leave(
            callups[position],
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
