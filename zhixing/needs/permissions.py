"""Who makes frameworks, priorities and surveys, who reads needs, and who enters problems of work.

Answering asks for no account: the ticket is the permission."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.needs.models import Framework, NeedsEvidence, NeedsSurvey, Priority, WorkProblem
from zhixing.people.models import Account, Unit

ONLY_DEPARTMENT = _("Needs are worked out by the organisation department.")
NOT_YOURS = _("This belongs to another department.")
PUBLISHED = _("A published framework never changes. Begin a new version.")
REMIND_EVERY = 3
LONG_DONE = _("This problem was merged or answered already.")


def may_make(user: Account) -> Verdict:
    """Frameworks, priorities, surveys and reckonings."""
    return YES if user.is_department and user.scope_unit else no(ONLY_DEPARTMENT)


def _owns(user: Account, unit: Unit) -> Verdict:
    if not (verdict := may_make(user)):
        return verdict
    assert user.scope_unit is not None
    return YES if unit.path.startswith(user.scope_unit.path) else no(NOT_YOURS)


def may_edit(user: Account, framework: Framework) -> Verdict:
    if not (verdict := _owns(user, framework.unit)):
        return verdict
    return YES if framework.state == Framework.State.DRAFT else no(PUBLISHED)


def may_renew(user: Account, framework: Framework) -> Verdict:
    """Begin the next version as a copy, or retire this one."""
    if not (verdict := _owns(user, framework.unit)):
        return verdict
    return YES if framework.state != Framework.State.DRAFT else no(_("This version is still a draft: change it."))


def may_retire(user: Account, framework: Framework) -> Verdict:
    if not (verdict := _owns(user, framework.unit)):
        return verdict
    return YES if framework.state == Framework.State.PUBLISHED else no(_("Only a published framework is retired."))


def may_withdraw(user: Account, priority: Priority) -> Verdict:
    if not (verdict := _owns(user, priority.unit)):
        return verdict
    return YES if priority.state == Priority.State.IN_FORCE else no(_("This priority was withdrawn already."))


def may_withdraw_evidence(user: Account, evidence: NeedsEvidence) -> Verdict:
    """Evidence about no unit is about the whole city: for whoever answers for all of it."""
    if evidence.unit is not None:
        return _owns(user, evidence.unit)
    if not (verdict := may_make(user)):
        return verdict
    assert user.scope_unit is not None
    return YES if user.scope_unit.parent_id is None else no(NOT_YOURS)


def may_launch(user: Account, survey: NeedsSurvey) -> Verdict:
    if not (verdict := _owns(user, survey.unit)):
        return verdict
    return YES if survey.state == NeedsSurvey.State.DRAFT else no(_("This survey was launched already."))


def may_close(user: Account, survey: NeedsSurvey) -> Verdict:
    if not (verdict := _owns(user, survey.unit)):
        return verdict
    return YES if survey.state == NeedsSurvey.State.OPEN else no(_("This survey is not open."))


def may_remind(user: Account, survey: NeedsSurvey, today: dt.date) -> Verdict:
    """Those who have not answered; not again before some days are past, for who hears it again knows that others did not need to."""
    if not (verdict := may_close(user, survey)):
        return verdict
    if survey.reminded_on and today < survey.reminded_on + dt.timedelta(days=REMIND_EVERY):
        return no(_("A reminder was sent less than %(days)s days ago.") % {"days": REMIND_EVERY})
    return YES


def may_read_needs(user: Account) -> Verdict:
    """The board: department and auditor, and liaisons what concerns their unit."""
    if user.scope_unit and (user.is_department or user.is_auditor or user.is_liaison):
        return YES
    return no(_("The needs of a year are for departments and liaisons."))


def may_reckon(user: Account) -> Verdict:
    return may_make(user)


def may_see_problems(user: Account) -> Verdict:
    return may_read_needs(user)


def may_enter_problem(user: Account, unit: Unit) -> Verdict:
    """The liaison for the own units, the department for all of its subtree."""
    own = user.scope_unit
    if own is None or not (user.is_liaison or user.is_department):
        return no(_("Problems are entered by the liaison of the unit."))
    return YES if unit.path.startswith(own.path) else no(_("This unit lies outside your scope."))


def may_settle_problem(user: Account, problem: WorkProblem) -> Verdict:
    """Weigh, merge and answer it: the department."""
    if not (verdict := _owns(user, problem.unit)):
        return verdict
    return YES if problem.state == WorkProblem.State.OPEN else no(LONG_DONE)


def may_part_problem(user: Account, problem: WorkProblem) -> Verdict:
    """Take a merged one out again."""
    if not (verdict := _owns(user, problem.unit)):
        return verdict
    return YES if problem.state == WorkProblem.State.MERGED else no(_("This problem is not merged."))
