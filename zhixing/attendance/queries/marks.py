"""One mark with its whole trail, and what a person sees of the own attendance."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet

from zhixing.attendance.models import Appeal, Evidence, Leave, Mark, Register
from zhixing.attendance.queries.budgets import Budget, budgets
from zhixing.attendance.queries.leaves import with_people
from zhixing.base.problems import NotFound
from zhixing.base.verdicts import YES, Verdict
from zhixing.callups.models import Callup
from zhixing.classwork.models import Member
from zhixing.people.models import Account


def mark_for(user: Account, pk: int) -> Mark:
    """The mark, when the user sees its register or it is the user's own."""
    found = with_register(Mark.objects.filter(pk=pk)).first()
    if found is None:
        raise NotFound
    own = user.person_id is not None and found.callup.person_id == user.person_id
    if not (own or Register.objects.visible_to(user).filter(pk=found.register_id).exists()):
        raise NotFound
    return found


def with_register(marks: QuerySet[Mark]) -> QuerySet[Mark]:
    return marks.select_related(
        "register__session__class_run__institution", "register__session__teacher", "callup__person", "callup__unit"
    )


@dataclass(frozen=True)
class Deed:
    """One observation with the name of whoever made it."""

    evidence: Evidence
    who: str


def trail_of(mark: Mark) -> list[Deed]:
    """Every observation behind a mark, newest first."""
    rows = list(mark.register.evidence.filter(callup=mark.callup_id).order_by("-pk"))
    names = dict(Account.objects.filter(pk__in={row.by_id for row in rows}).values_list("pk", "name"))
    return [Deed(row, names.get(row.by_id or 0, "")) for row in rows]


@dataclass
class Attendance:
    """A person's way through one class run; ``member`` says in which study group, ``leader`` who leads that."""

    callup: Callup
    budget: Budget
    marks: list[Mark] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    may_ask: Verdict = YES
    member: Member | None = None
    leader: str = ""

    @property
    def earned(self) -> int:
        return sum(mark.tenths for mark in self.marks)


def attendances_of(user: Account) -> list[Attendance]:
    """The user's own class runs, latest first, with marks and leave. A handful of queries, whatever the number of class runs."""
    mine = Callup.objects.filter(person=user.person_id or 0, seat__isnull=False).exclude(state=Callup.State.PROPOSED)
    callups = list(mine.select_related("class_run__institution", "person", "unit").order_by("-class_run__starts_on"))
    found = budgets(callups)
    rows = {callup.pk: Attendance(callup, found[callup.pk]) for callup in callups}
    marks = with_register(Mark.objects.filter(callup__in=rows)).prefetch_related("appeals")
    for mark in marks.order_by("register__session__on", "register__session__begins_at"):
        rows[mark.callup_id].marks.append(mark)
    for leave in with_people(Leave.objects.filter(callup__in=rows)).prefetch_related("sessions"):
        rows[leave.callup_id].leaves.append(leave)
    return list(rows.values())


def appeals_seen_by(user: Account) -> QuerySet[Appeal]:
    return Appeal.objects.visible_to(user).select_related(
        "mark__callup__person", "mark__callup__unit", "mark__register__session__class_run__institution", "proof"
    )


def appeal_for(user: Account, pk: int) -> Appeal:
    found = appeals_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
