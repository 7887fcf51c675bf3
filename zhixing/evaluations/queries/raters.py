"""Who is asked: of each rater group those whom registers, the timetable and the call-ups name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.db.models import Exists, OuterRef, QuerySet

from zhixing.attendance.models import Mark, NamedApprover
from zhixing.attendance.permissions import WAS_ON_THE_LIST
from zhixing.attendance.queries import staff_of
from zhixing.attendance.rules import PRESENCES
from zhixing.callups.models import Callup
from zhixing.evaluations.models import Group, Ticket
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.timetables.models import Session

HEAD = "class_head"
"""The rung of the ladder on which the class head stands."""


def attended(class_run: ClassRun, session: Session | None = None) -> QuerySet[Callup]:
    """Call-ups of those who really were there, in the session or in any of the class run. Where no register was kept at all, of those who completed it."""
    listed = Callup.objects.filter(class_run=class_run, seat__isnull=False, state__in=WAS_ON_THE_LIST)
    sessions = Session.objects.filter(pk=session.pk) if session else class_run.sessions.all()
    if not session and not class_run.sessions.filter(register__isnull=False).exists():
        return listed.filter(state=Callup.State.COMPLETED)
    seen = Mark.objects.filter(callup=OuterRef("pk"), register__session__in=sessions, status__in=PRESENCES)
    return listed.filter(Exists(seen))


def raters(group: str, class_run: ClassRun, session: Session | None = None) -> list[Ticket]:
    """Unsaved tickets of a survey yet to be launched, in no order that tells anything: by key."""
    return _RATERS[Group(group)](class_run, session)


def _trainees(class_run: ClassRun, session: Session | None) -> list[Ticket]:
    people = attended(class_run, session).order_by("person").values_list("person", flat=True)
    return [Ticket(person_id=key) for key in people]


def _superiors(class_run: ClassRun, session: Session | None) -> list[Ticket]:
    """One for each unit that sent somebody, held by the nearest unit that has a liaison to pass the link on to its leader."""
    liaisons = Account.objects.filter(is_active=True, role=Role.LIAISON, scope_unit__isnull=False)
    by_path = dict(liaisons.values_list("scope_unit__path", "scope_unit"))
    units = Unit.objects.filter(pk__in=attended(class_run, session).values("unit"))
    holding = (next((by_path[path] for path in reversed(unit.paths_up) if path in by_path), None) for unit in units)
    return [Ticket(unit_id=key) for key in sorted({key for key in holding if key is not None})]


def _teachers(class_run: ClassRun, session: Session | None) -> list[Ticket]:
    """Those who taught in the class run; of a session all but its own teacher."""
    taught = Account.objects.filter(is_active=True, teacher__sessions__class_run=class_run)
    if session and session.teacher_id:
        taught = taught.exclude(teacher=session.teacher_id)
    return _of_accounts(taught.order_by("pk").values_list("pk", flat=True).distinct())


def _heads(class_run: ClassRun) -> list[int]:
    named = NamedApprover.objects.filter(class_run=class_run, approver=HEAD).values_list("account", "deputy")
    return sorted({key for pair in named for key in pair if key is not None})


def _staff(class_run: ClassRun, session: Session | None) -> list[Ticket]:
    active = Account.objects.filter(is_active=True, pk__in=_heads(class_run)).order_by("pk")
    return _of_accounts(active.values_list("pk", flat=True))


def _office(class_run: ClassRun, session: Session | None) -> list[Ticket]:
    """Staff of the institution who are not the class heads."""
    staff = staff_of(class_run).filter(is_active=True).exclude(pk__in=_heads(class_run)).order_by("pk")
    return _of_accounts(staff.values_list("pk", flat=True))


def _of_accounts(keys: Iterable[int]) -> list[Ticket]:
    return [Ticket(account_id=key) for key in keys]


_RATERS: Mapping[Group, Callable[[ClassRun, Session | None], list[Ticket]]] = {
    Group.TRAINEES: _trainees,
    Group.TEACHERS: _teachers,
    Group.STAFF: _staff,
    Group.OFFICE: _office,
    Group.SUPERIORS: _superiors,
}
