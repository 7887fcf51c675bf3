"""Who may take a register, decide about leave, correct, appeal, withdraw and complete. Roles come from the rules where a place may differ."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from zhixing.attendance import rules
from zhixing.attendance.models import Appeal, Leave, LeaveStep, Mark, NamedApprover, Register, Status, Withdrawal
from zhixing.attendance.times import ends
from zhixing.base.verdicts import YES, Verdict, no
from zhixing.callups.models import Callup
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import holds, organises

NOT_YOURS = _("Only the department and the institution that holds the class run may do this.")
ON_THE_LIST = (Callup.State.SENT, Callup.State.ACCEPTED)
WAS_ON_THE_LIST = (*ON_THE_LIST, Callup.State.COMPLETED, Callup.State.NOT_COMPLETED)


def runs_the_class(user: Account, class_run: ClassRun) -> bool:
    return organises(user, class_run) or holds(user, class_run)


def may_open_registers(user: Account, class_run: ClassRun) -> Verdict:
    if not runs_the_class(user, class_run):
        return no(NOT_YOURS)
    if class_run.state not in {ClassRun.State.CALLED, ClassRun.State.RUNNING}:
        return no(_("Registers are opened once people have been called up, and before the class run is over."))
    return YES


def may_take(user: Account, register: Register) -> Verdict:
    """Mark people: staff of the class run, and the teacher of this session, while the register is open."""
    session = register.session
    teaches = user.is_teacher and session.teacher is not None and session.teacher.account_id == user.pk
    if not (teaches or runs_the_class(user, session.class_run)):
        return no(_("Only staff of this class run and the teacher of this session may take its register."))
    if register.state != Register.State.OPEN:
        return no(_("This register is closed. A mark is changed by a correction with its reason."))
    return YES


def may_close(user: Account, register: Register, now: dt.datetime) -> Verdict:
    if not runs_the_class(user, register.session.class_run):
        return no(NOT_YOURS)
    if now < ends(register.session):
        return no(_("The session is not over yet."))
    return YES


def may_correct(user: Account, register: Register) -> Verdict:
    if not (user.role in rules.in_force().correction_roles and runs_the_class(user, register.session.class_run)):
        return no(NOT_YOURS)
    if register.state != Register.State.CLOSED:
        return no(_("This register is open: mark it there."))
    return YES


def may_appeal(user: Account, mark: Mark, now: dt.datetime) -> Verdict:
    """The person concerned, within the days of the rules after the register was closed."""
    if user.person_id is None or user.person_id != mark.callup.person_id:
        return no(_("Only the person concerned may appeal."))
    if any(one.state == Appeal.State.OPEN for one in mark.appeals.all()):
        return no(_("An appeal against this mark is already waiting for a decision."))
    closed_at, days = mark.register.closed_at, rules.in_force().appeal_days
    if closed_at is None:
        return no(_("This register is still open. Speak to the class head."))
    if mark.status == Status.PRESENT:
        return no(_("You are marked as present."))
    if now > closed_at + dt.timedelta(days=days):
        return no(_("The time for an appeal is over: %(days)s days after the register was closed.") % {"days": days})
    return YES


def may_decide_appeal(user: Account, appeal: Appeal) -> Verdict:
    if not _in_scope(user, appeal.mark.callup, rules.in_force().appeal_roles):
        return no(_("This appeal is decided by someone else."))
    if user.person_id == appeal.mark.callup.person_id:
        return no(_("Nobody decides about themselves."))
    return YES


def may_ask_leave(user: Account, callup: Callup) -> Verdict:
    """The trainee, or staff of the class run who write down what the trainee asked for."""
    own = user.person_id is not None and user.person_id == callup.person_id
    if not (own or runs_the_class(user, callup.class_run)):
        return no(_("Leave is asked for by the trainee, or by staff of the class run on the trainee's behalf."))
    if callup.state not in ON_THE_LIST or callup.seat is None:
        return no(_("This person is not on the list of the class run."))
    return YES


def may_decide_leave(user: Account, leave: Leave, step: LeaveStep | None) -> Verdict:
    """Whoever stands on the next rung; nobody decides about themselves or on two rungs of one leave."""
    if leave.state != Leave.State.ASKED or step is None:
        return no(_("This leave is already decided."))
    approver = rules.in_force().approvers.get(step.approver)
    if approver is None or not _in_scope(user, leave.callup, approver.roles):
        return no(_("Someone else decides at this step."))
    named = NamedApprover.objects.filter(class_run=leave.callup.class_run_id, approver=step.approver).first()
    if named is not None and not named.is_for(user):
        return no(_("%(name)s decides at this step.") % {"name": named.account})
    if user.person_id == leave.callup.person_id:
        return no(_("Nobody decides about themselves."))
    if leave.steps.filter(by_id=user.pk).exists():
        return no(_("You already agreed at an earlier step; another person decides here."))
    return YES


def may_name_approvers(user: Account, class_run: ClassRun) -> Verdict:
    """Say who is class head: whoever answers for the class run, until it is over."""
    if not runs_the_class(user, class_run):
        return no(NOT_YOURS)
    if user.is_class_head:
        return no(_("Who runs a class run is named by the institution or the department."))
    if class_run.state in {ClassRun.State.HELD, ClassRun.State.CANCELLED}:
        return no(_("This class run is over."))
    return YES


def may_end_leave(user: Account, leave: Leave) -> Verdict:
    """Cancel it or report back: the trainee or staff of the class run."""
    own = user.person_id is not None and user.person_id == leave.callup.person_id
    if not (own or runs_the_class(user, leave.callup.class_run)):
        return no(_("Only the trainee and staff of the class run may do this."))
    if leave.state not in {Leave.State.ASKED, Leave.State.APPROVED}:
        return no(_("This leave is already over."))
    return YES


def may_decide_withdrawal(user: Account, withdrawal: Withdrawal) -> Verdict:
    if not _in_scope(user, withdrawal.callup, ("department",)):
        return no(_("Withdrawal is decided by the department."))
    if withdrawal.state != Withdrawal.State.PROPOSED:
        return no(_("This is already decided."))
    return YES


def may_read_report(user: Account) -> Verdict:
    if user.is_department or user.is_auditor or user.is_school:
        return YES
    return no(_("The report across class runs is for those who answer for them."))


def may_complete(user: Account, class_run: ClassRun) -> Verdict:
    if not runs_the_class(user, class_run):
        return no(NOT_YOURS)
    if class_run.state not in {ClassRun.State.CALLED, ClassRun.State.RUNNING}:
        return no(_("This class run is not running."))
    return YES


def _in_scope(user: Account, callup: Callup, roles: tuple[str, ...]) -> bool:
    if user.role not in roles:
        return False
    if user.is_department:
        return bool(user.scope_unit and callup.unit.path.startswith(user.scope_unit.path))
    return holds(user, callup.class_run)
