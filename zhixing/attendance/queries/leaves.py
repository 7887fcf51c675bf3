"""Leave, the step it waits at, and for whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from zhixing.attendance import rules
from zhixing.attendance.models import Leave, LeaveSession, LeaveStep, Mark, NamedApprover, Register, Withdrawal
from zhixing.attendance.queries.approvers import named_on
from zhixing.attendance.times import ends
from zhixing.base.problems import NotFound
from zhixing.callups.models import Callup
from zhixing.people.models import Account
from zhixing.timetables.models import Session


def current_step(leave: Leave) -> LeaveStep | None:
    """The first rung that nobody has decided, asked from the database each time."""
    if leave.state != Leave.State.ASKED:
        return None
    return leave.steps.filter(decision=LeaveStep.Decision.WAITING).order_by("order").first()


def leave_for(user: Account, pk: int) -> Leave:
    """The leave, when the user may see it."""
    found = with_people(Leave.objects.visible_to(user)).prefetch_related("steps").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def with_people(leaves: QuerySet[Leave]) -> QuerySet[Leave]:
    return leaves.select_related("callup__person", "callup__unit", "callup__class_run__institution", "proof")


def leaves_seen_by(user: Account) -> QuerySet[Any]:
    """With ``waits_at``: the code of the approver at whom it waits, or None."""
    waiting = LeaveStep.objects.filter(leave=OuterRef("pk"), decision=LeaveStep.Decision.WAITING).order_by("order")
    return with_people(Leave.objects.visible_to(user)).annotate(waits_at=Subquery(waiting.values("approver")[:1]))


def waiting_for(user: Account) -> QuerySet[Any]:
    """Leave that waits at a rung on which ``user`` may stand, not agreed to by the same person before."""
    codes = [one.code for one in rules.in_force().approvers.values() if user.role in one.roles]
    rows = leaves_seen_by(user).filter(state=Leave.State.ASKED, waits_at__in=codes)
    if not user.is_department:
        here = NamedApprover.objects.filter(class_run=OuterRef("callup__class_run"), approver=OuterRef("waits_at"))
        rows = rows.filter(Exists(here.filter(Q(account=user) | Q(deputy=user))) | ~Exists(here))
    return rows.exclude(Q(steps__by_id=user.pk) | Q(callup__person=user.person_id or 0)).distinct()


@dataclass(frozen=True)
class LadderStep:
    """One rung as pages show it; ``tone`` is a tone of the design."""

    title: str
    step: LeaveStep
    who: str

    @property
    def tone(self) -> str:
        tones = {LeaveStep.Decision.AGREED: "good", LeaveStep.Decision.REFUSED: "bad"}
        return tones.get(LeaveStep.Decision(self.step.decision), "quiet")


def ladder_of(leave: Leave) -> list[LadderStep]:
    """The rungs of a leave in order, with who decided, or who is named to decide."""
    steps = list(leave.steps.all())
    names = dict(Account.objects.filter(pk__in={one.by_id for one in steps}).values_list("pk", "name"))
    approvers, named = rules.in_force().approvers, named_on(leave.callup.class_run)
    return [
        LadderStep(
            approvers[one.approver].title if one.approver in approvers else one.approver,
            one,
            names.get(one.by_id or 0, "") or str(getattr(named.get(one.approver), "account", "")),
        )
        for one in steps
    ]


@dataclass(frozen=True)
class RungShown:
    """One line of the ladder as data: up to how many half days (None: any) and the titles in order."""

    half_days_max: int | None
    titles: list[str]


def rungs() -> list[RungShown]:
    """The whole ladder, for the page that explains it before anything is asked."""
    known = rules.in_force()
    return [
        RungShown(one.half_days_max, [known.approvers[code].title for code in one.approvers]) for one in known.ladder
    ]


def callup_for(user: Account, pk: int) -> Callup:
    """A call-up that the user may see, with what leave needs of it."""
    seen = Callup.objects.visible_to(user).select_related("person", "unit", "class_run__institution")
    found = seen.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def sessions_for_leave(callup: Callup, now: dt.datetime) -> list[Session]:
    """Half days that leave can still be asked for: not too long ago, and in no other leave."""
    live = (Leave.State.ASKED, Leave.State.APPROVED, Leave.State.ENDED)
    taken = LeaveSession.objects.filter(leave__callup=callup, leave__state__in=live, released_at=None)
    sessions = callup.class_run.sessions.exclude(pk__in=taken.values("session")).order_by("on", "begins_at")
    oldest = now - dt.timedelta(days=rules.in_force().ask_days_after)
    return [session for session in sessions if ends(session) >= oldest]


def withdrawals_seen_by(user: Account) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.visible_to(user).select_related(
        "callup__person", "callup__unit", "callup__class_run__institution"
    )


def withdrawal_for(user: Account, pk: int) -> Withdrawal:
    found = withdrawals_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def missed_by(callup: Callup) -> list[Mark]:
    """The marks of closed registers that count against the cap, in order of time."""
    marks = Mark.objects.filter(callup=callup, register__state=Register.State.CLOSED)
    counted = marks.filter(status__in=rules.in_force().cap_counts).select_related("register__session")
    return list(counted.order_by("register__session__on", "register__session__begins_at"))
