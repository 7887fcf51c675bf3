"""How much of a class run a person has missed, against the cap. Exact whole numbers; computed live from marks and leave, stored nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Sum

from zhixing.attendance import rules
from zhixing.attendance.models import Leave, LeaveSession, Mark, Register, Status
from zhixing.callups.models import Callup
from zhixing.plans.models import ClassRun


@dataclass
class Budget:
    """All in tenths of an hour. ``used`` counts against the cap, ``asked`` would if what is asked for were granted.

    ``absent_days`` are days with an absence without leave.
    """

    total: int
    used: int = 0
    asked: int = 0
    leave: int = 0
    absent: int = 0
    absent_days: set[object] = field(default_factory=set)

    @property
    def cap(self) -> int:
        """The last tenth that is still inside the cap."""
        share = rules.in_force().cap
        return self.total * share.numerator // share.denominator

    @property
    def left(self) -> int:
        return max(0, self.cap - self.used)

    @property
    def passed(self) -> bool:
        return rules.in_force().over_cap(self.used, self.total)

    @property
    def would_pass(self) -> bool:
        return rules.in_force().over_cap(self.used + self.asked, self.total)

    @property
    def absent_too_long(self) -> bool:
        return len(self.absent_days) > rules.in_force().absent_days_max


def class_tenths(class_run: ClassRun) -> int:
    """The hours of the whole class run: as planned, or the sum of its sessions when none were planned."""
    return class_run.tenths or class_run.sessions.aggregate(n=Sum("tenths"))["n"] or 0


def budget_of(callup: Callup) -> Budget:
    return budgets([callup])[callup.pk]


def budgets(callups: Iterable[Callup]) -> dict[int, Budget]:
    """The budget of each call-up, by key. Two queries and one for each class run.

    A session counts as its closed register says; where none is closed yet, as an approved leave says.
    """
    rows = list(callups)
    totals = {run.pk: class_tenths(run) for run in {c.class_run for c in rows}}
    found = {callup.pk: Budget(totals[callup.class_run_id]) for callup in rows}
    settled = _count_marks(found)
    _count_leave(found, settled)
    return found


def _count_marks(found: dict[int, Budget]) -> set[tuple[int, int]]:
    """Count what closed registers say; return the (call-up, session) pairs that are settled by them."""
    marks = Mark.objects.filter(callup__in=found, register__state=Register.State.CLOSED)
    counts = rules.in_force().cap_counts
    settled = set()
    values = ("callup_id", "status", "register__session_id", "register__session__tenths", "register__session__on")
    for callup_id, status, session_id, tenths, on in marks.values_list(*values):
        budget = found[callup_id]
        settled.add((callup_id, session_id))
        if status in counts:
            budget.used += tenths
        if status == Status.ABSENT:
            budget.absent += tenths
            budget.absent_days.add(on)
        elif status == Status.LEAVE:
            budget.leave += tenths
    return settled


def _count_leave(found: dict[int, Budget], settled: set[tuple[int, int]]) -> None:
    live = (Leave.State.ASKED, Leave.State.APPROVED, Leave.State.ENDED)
    rows = LeaveSession.objects.filter(leave__callup__in=found, leave__state__in=live, released_at=None)
    counted: dict[tuple[int, int], str] = defaultdict(str)
    for callup_id, session_id, state, tenths in rows.values_list(
        "leave__callup_id", "session_id", "leave__state", "session__tenths"
    ):
        key = (callup_id, session_id)
        if state == Leave.State.ASKED:
            found[callup_id].asked += 0 if key in settled else tenths
        elif key not in settled and not counted[key]:
            counted[key] = state
            found[callup_id].leave += tenths
            found[callup_id].used += tenths if Status.LEAVE in rules.in_force().cap_counts else 0
