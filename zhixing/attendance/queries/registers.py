"""Registers with their counts, the list of one register, and what was seen about each person on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from zhixing.attendance.models import Evidence, LeaveSession, Mark, Register, Status
from zhixing.attendance.permissions import ON_THE_LIST, WAS_ON_THE_LIST
from zhixing.attendance.rules import PRESENCES
from zhixing.base.problems import NotFound
from zhixing.callups.models import Callup
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.timetables.models import Session


@dataclass
class Line:
    """One person on a register. ``version`` is the number of observations so far; ``covered``: an approved leave holds."""

    callup: Callup
    mark: Mark | None = None
    evidence: list[Evidence] = field(default_factory=list)
    covered: bool = False

    @property
    def version(self) -> int:
        return len(self.evidence)

    @property
    def status(self) -> str:
        return self.mark.status if self.mark else ""

    @property
    def disagrees(self) -> bool:
        """Did two sources say different things?"""
        return len({one.status for one in self.evidence if one.source not in {"leave", "no_leave"}}) > 1


@dataclass(frozen=True)
class Tally:
    """How many lines of a register say what."""

    lines: list[Line]

    def _count(self, *statuses: str) -> int:
        return sum(line.status in statuses for line in self.lines)

    @property
    def present(self) -> int:
        return self._count(*PRESENCES)

    @property
    def on_leave(self) -> int:
        return self._count(Status.LEAVE)

    @property
    def absent(self) -> int:
        return self._count(Status.ABSENT)

    @property
    def unmarked(self) -> int:
        return self._count("")

    @property
    def listed(self) -> int:
        return len(self.lines)


def register_for(user: Account, pk: int) -> Register:
    """The register, when the user may see it."""
    found = with_session(Register.objects.visible_to(user)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def register_of_code(pk: int) -> Register:
    """The register that a valid code names: whoever stands in the room may ask for it, in scope or not."""
    found = with_session(Register.objects.filter(pk=pk)).first()
    if found is None:
        raise NotFound
    return found


def todays_first(registers: QuerySet[Register]) -> QuerySet[Register]:
    """Today, then what lies behind (latest first), then what is to come (soonest first)."""
    today = timezone.localdate()
    nearness = Case(When(session__on=today, then=0), When(session__on__lt=today, then=1), default=2)
    behind = Case(When(session__on__lt=today, then=F("session__on")))
    return registers.order_by(nearness, behind.desc(nulls_last=True), "session__on", "session__begins_at")


@dataclass(frozen=True)
class DayCount:
    """Today's registers, and how many of all earlier ones are still open."""

    today: int
    today_open: int
    overdue: int


def day_count(user: Account) -> DayCount:
    today, is_open = timezone.localdate(), Q(state=Register.State.OPEN)
    counts = Register.objects.visible_to(user).aggregate(
        today=Count("pk", filter=Q(session__on=today)),
        today_open=Count("pk", filter=Q(session__on=today) & is_open),
        overdue=Count("pk", filter=Q(session__on__lt=today) & is_open),
    )
    return DayCount(**counts)


def with_session(registers: QuerySet[Register]) -> QuerySet[Register]:
    return registers.select_related("session__class_run__institution", "session__teacher")


def listed(class_run: ClassRun) -> QuerySet[Callup]:
    """Who is on the list: called, not replaced, holding a seat."""
    return class_run.callups.filter(state__in=ON_THE_LIST, seat__isnull=False)


def called_to(class_run: ClassRun) -> QuerySet[Callup]:
    """Who is on the list, or was when the class run ended."""
    return class_run.callups.filter(state__in=WAS_ON_THE_LIST, seat__isnull=False)


def lines_of(register: Register, callup_ids: Iterable[int] | None = None) -> list[Line]:
    """The list of a register, ordered by unit and staff number; a closed one shows whom it was closed with. Five queries, whatever the size."""
    closed = register.state == Register.State.CLOSED
    callups = Callup.objects.filter(marks__register=register) if closed else listed(register.session.class_run)
    if callup_ids is not None:
        callups = callups.filter(pk__in=callup_ids)
    rows = callups.select_related("person", "unit").order_by("unit__path", "person__number")
    lines = {callup.pk: Line(callup) for callup in rows}
    for mark in register.marks.filter(callup__in=lines):
        lines[mark.callup_id].mark = mark
    for one in register.evidence.filter(callup__in=lines):
        lines[one.callup_id].evidence.append(one)
    covered = LeaveSession.objects.in_force().filter(session=register.session_id, leave__callup__in=lines)
    for callup_id in covered.values_list("leave__callup_id", flat=True):
        lines[callup_id].covered = True
    return list(lines.values())


def counted(rows: QuerySet[Any], group: str) -> Coalesce:
    """How many of ``rows`` (which name an outer row) there are, as a subquery: nothing is multiplied, and only shown rows are counted."""
    found = rows.order_by().values(group).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(found, output_field=IntegerField()), 0)


def with_counts(registers: QuerySet[Register]) -> QuerySet[Any]:
    """Add ``present``, ``on_leave`` and ``absent`` (marks that say so), and ``listed``: the people on the list, or with whom it was closed."""
    marks = Mark.objects.filter(register=OuterRef("pk"))
    callups = Callup.objects.filter(class_run=OuterRef("session__class_run"), state__in=ON_THE_LIST, seat__isnull=False)
    closed = When(state=Register.State.CLOSED, then=counted(marks, "register"))
    return registers.annotate(
        present=counted(marks.filter(status__in=PRESENCES), "register"),
        on_leave=counted(marks.filter(status=Status.LEAVE), "register"),
        absent=counted(marks.filter(status=Status.ABSENT), "register"),
        listed=Case(closed, default=counted(callups, "class_run")),
    )


def without_registers(user: Account) -> QuerySet[ClassRun]:
    """Class runs under way that have sessions without a register, with ``lacking`` (how many)."""
    runs = ClassRun.objects.in_charge(user).filter(state__in=(ClassRun.State.CALLED, ClassRun.State.RUNNING))
    if user.is_auditor:
        return runs.none()
    return runs.annotate(lacking=Count("sessions", filter=Q(sessions__register=None))).filter(lacking__gt=0)


def registers_of_day(user: Account, class_run: ClassRun, on: dt.date) -> list[Register]:
    rows = with_session(Register.objects.visible_to(user)).filter(session__class_run=class_run, session__on=on)
    return list(rows.order_by("session__begins_at"))


def sessions_of(class_run: ClassRun) -> list[Session]:
    return list(class_run.sessions.order_by("on", "begins_at"))
