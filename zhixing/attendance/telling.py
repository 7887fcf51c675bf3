"""Notices about attendance: what happened, what it means, and what the person may do about it."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.attendance import rules
from zhixing.attendance.models import Appeal, Leave, LeaveStep, Mark, Register, Withdrawal
from zhixing.attendance.queries.approvers import named_for, staff_of
from zhixing.base import notices
from zhixing.callups.models import Callup
from zhixing.people.models import Account, Role
from zhixing.plans.permissions import holds


def accounts_of(callups: Iterable[int]) -> list[Account]:
    return list(Account.objects.filter(is_active=True, person__callups__in=list(callups)).distinct())


def deciders(callup: Callup, roles: Iterable[str], apart_from: Iterable[int | None] = ()) -> list[Account]:
    """Staff of the institution, when ``roles`` hold them and there are any; else the department whose scope holds the person's unit."""
    found: list[Account] = []
    active = Account.objects.filter(is_active=True).exclude(person=callup.person_id).exclude(pk__in=list(apart_from))
    if Role.SCHOOL in roles and callup.class_run.institution:
        staff = active.filter(pk__in=staff_of(callup.class_run).values("pk")).select_related("scope_unit")
        found += [one for one in staff if holds(one, callup.class_run)]
    if Role.DEPARTMENT in roles and not found:
        found += active.filter(role=Role.DEPARTMENT, scope_unit__path__in=callup.unit.paths_up)
    return found


def _liaisons_of(callup: Callup) -> list[Account]:
    """Those of the nearest unit that has one."""
    found = Account.objects.filter(is_active=True, role=Role.LIAISON, scope_unit__path__in=callup.unit.paths_up)
    nearest = found.order_by("-scope_unit__path").values_list("scope_unit", flat=True).first()
    return list(found.filter(scope_unit=nearest))


def tell_absent(register: Register, marks: list[Mark]) -> None:
    session = register.session
    place = {"class_run": session.class_run, "on": session.on, "half": session.get_half_display()}
    title = _("You are marked as absent: %(class_run)s, %(on)s %(half)s") % place
    days = rules.in_force().appeal_days
    text = _("If you were there or had leave, appeal within %(days)s days, with proof if you have it.") % {"days": days}
    people = accounts_of(mark.callup_id for mark in marks)
    notices.tell(people, "attendance.absent", title, text=text, link=reverse("attendance:mine"))


def tell_step(leave: Leave, step: LeaveStep) -> None:
    """Whoever stands on the next rung hears that a leave waits."""
    approver = rules.in_force().approvers[step.approver]
    title = _("Leave waits for your decision: %(name)s, %(class_run)s") % {
        "name": leave.callup.person,
        "class_run": leave.callup.class_run,
    }
    earlier = leave.steps.exclude(by_id=None).values_list("by_id", flat=True)
    people = deciders(leave.callup, approver.roles, apart_from=earlier)
    if named := named_for(leave.callup.class_run_id, step.approver):
        reachable = [one for one in people if named.is_for(one)]
        people = reachable or deciders(leave.callup, [Role.DEPARTMENT], apart_from=earlier)
    notices.tell(people, "attendance.leave_asked", title, link=reverse("attendance:leave", args=[leave.pk]))


def tell_leave_decided(leave: Leave, note: str) -> None:
    title = _("Your leave from %(class_run)s: %(state)s") % {
        "class_run": leave.callup.class_run,
        "state": leave.get_state_display(),
    }
    link = reverse("attendance:leave", args=[leave.pk])
    notices.tell(accounts_of([leave.callup_id]), "attendance.leave_decided", title, text=note, link=link)


def tell_withdrawal(withdrawal: Withdrawal) -> None:
    """The department decides; the person hears it at the same time and may speak first."""
    callup = withdrawal.callup
    names = {"name": callup.person, "class_run": callup.class_run}
    link = reverse("attendance:withdrawals")
    title = _("Withdrawal proposed: %(name)s, %(class_run)s") % names
    text = str(withdrawal.get_cause_display())
    notices.tell(deciders(callup, [Role.DEPARTMENT]), "attendance.withdrawal_proposed", title, text=text, link=link)
    title = _("Your withdrawal from %(class_run)s has been proposed") % names
    text = _(
        "The department decides. Speak to the class head or the department before it does, or appeal against a mark."
    )
    people = accounts_of([callup.pk])
    notices.tell(people, "attendance.withdrawal_proposed", title, text=text, link=reverse("attendance:mine"))


def tell_withdrawal_decided(withdrawal: Withdrawal) -> None:
    """The person, and the liaison of the person's unit when it is a withdrawal."""
    callup = withdrawal.callup
    kind, state = "attendance.withdrawal_decided", withdrawal.get_state_display()
    title = _("%(class_run)s: %(state)s") % {"class_run": callup.class_run, "state": state}
    link = reverse("attendance:mine")
    notices.tell(accounts_of([callup.pk]), kind, title, text=withdrawal.note, link=link)
    if withdrawal.state == Withdrawal.State.CONFIRMED:
        names = {"name": callup.person, "class_run": callup.class_run, "state": state}
        title = _("%(name)s, %(class_run)s: %(state)s") % names
        link = reverse("attendance:withdrawal", args=[withdrawal.pk])
        notices.tell(_liaisons_of(callup), kind, title, text=withdrawal.note, link=link)


def tell_corrected(mark: Mark, reason: str) -> None:
    session = mark.register.session
    title = _("Your attendance was corrected: %(class_run)s, %(on)s %(half)s, now %(status)s") % {
        "class_run": session.class_run,
        "on": session.on,
        "half": session.get_half_display(),
        "status": mark.get_status_display(),
    }
    people = accounts_of([mark.callup_id])
    notices.tell(people, "attendance.corrected", title, text=reason, link=reverse("attendance:mine"))


def tell_appeal(appeal: Appeal) -> None:
    callup = appeal.mark.callup
    title = _("Appeal against a mark: %(name)s, %(class_run)s") % {
        "name": callup.person,
        "class_run": callup.class_run,
    }
    people = deciders(callup, rules.in_force().appeal_roles)
    notices.tell(people, "attendance.appeal", title, link=reverse("attendance:appeal", args=[appeal.pk]))


def tell_appeal_decided(appeal: Appeal) -> None:
    title = _("Your appeal: %(state)s") % {"state": appeal.get_state_display()}
    people = accounts_of([appeal.mark.callup_id])
    notices.tell(people, "attendance.appeal_decided", title, text=appeal.decision_note, link=reverse("attendance:mine"))
