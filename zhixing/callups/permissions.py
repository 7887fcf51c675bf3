"""Who may plan, publish, answer and decide. The department decides; a person or the liaison of the unit answers; nobody decides on themselves."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.callups.models import BusyTime, Callup, CallupRun, MakeUp, OutsideCallup, OutsideList, Reply
from zhixing.callups.terms import Terms
from zhixing.people.models import Account, Role, Unit
from zhixing.people.permissions import OUTSIDE, is_within
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import ONLY_ORGANISER, holds, organises

State = CallupRun.State


def _department(user: Account) -> Verdict:
    return YES if user.is_department else no(_("Only the organisation department decides about call-ups."))


def _department_of(user: Account, unit: Unit | None) -> Verdict:
    """The department whose scope holds the person's unit."""
    if not (verdict := _department(user)):
        return verdict
    return YES if is_within(user, unit) else no(OUTSIDE)


def may_plan(user: Account) -> Verdict:
    """Make runs, and everything that belongs to them."""
    return _department(user)


def may_replace_templates(user: Account) -> Verdict:
    """The wording of notices is the whole city's."""
    if not (verdict := may_plan(user)):
        return verdict
    return YES if user.sees_the_city else no(_("The templates of notices belong to the department of the city."))


def _plans(user: Account, run: CallupRun) -> Verdict:
    """Whether the run is this department's own work."""
    if not (verdict := may_plan(user)):
        return verdict
    if user.sees_the_city or CallupRun.objects.visible_to(user).filter(pk=run.pk).exists():
        return YES
    return no(ONLY_ORGANISER)


def may_change_run(user: Account, run: CallupRun) -> Verdict:
    """Other class runs, terms or pins; solving again; dropping the run."""
    if not (verdict := _plans(user, run)):
        return verdict
    if run.state == State.SOLVING:
        return no(_("The run is being solved. Stop it first, or wait."))
    if run.state not in CallupRun.OPEN_TO_CHANGE:
        return no(_("This run is %(state)s, so it no longer changes.") % {"state": run.get_state_display()})
    return YES


def may_stop(user: Account, run: CallupRun) -> Verdict:
    if not (verdict := _plans(user, run)):
        return verdict
    return YES if run.state == State.SOLVING else no(_("Nothing is being solved."))


def may_publish(user: Account, run: CallupRun) -> Verdict:
    if not (verdict := _plans(user, run)):
        return verdict
    if run.state == State.PUBLISHED:
        return no(_("This run has been published."))
    if run.state != State.PROPOSED:
        return no(_("There is no list to publish yet. Solve the run first."))
    return YES


def may_repair(user: Account, run: CallupRun) -> Verdict:
    """Adjust a list that is proposed or published to what changed since."""
    if not (verdict := _plans(user, run)):
        return verdict
    if run.state not in {State.PROPOSED, State.PUBLISHED}:
        return no(_("Only a list that is proposed or published can be adjusted."))
    return YES


def may_try(user: Account, run: CallupRun) -> Verdict:
    """Let the worker try what would put somebody on the list."""
    if not (verdict := _plans(user, run)):
        return verdict
    if run.problem_file_id is None or run.state not in {State.PROPOSED, State.PUBLISHED}:
        return no(_("Only where a list is proposed or published can a change be tried."))
    return YES


def may_make_papers(user: Account, run: CallupRun) -> Verdict:
    if not (verdict := _plans(user, run)):
        return verdict
    return YES if run.state == State.PUBLISHED else no(_("Papers are made of published runs only."))


def is_answerable_by(user: Account, callup: Callup) -> bool:
    """The person called, or the liaison of the unit."""
    own = user.person_id is not None and user.person_id == callup.person_id
    return own or (user.is_liaison and is_within(user, callup.unit))


def may_reply(user: Account, callup: Callup, kind: str, today: dt.date | None = None) -> Verdict:
    """The right person, in time, and only once; who accepted may still ask leave until the deadline."""
    if not is_answerable_by(user, callup):
        return no(_("Only the person called and the liaison of the unit may answer."))
    if callup.state == Callup.State.ASKED:
        return no(_("An answer was given and waits for the decision of the department."))
    if callup.state == Callup.State.ACCEPTED and kind == Reply.Kind.ACCEPT:
        return no(_("This call-up was accepted before; one answer is enough."))
    if callup.state not in {Callup.State.SENT, Callup.State.ACCEPTED}:
        return no(_("This call-up is closed: %(state)s.") % {"state": callup.get_state_display()})
    if callup.reply_by and (today or timezone.localdate()) > callup.reply_by:
        day = date_format(callup.reply_by, "Y-m-d")
        return no(_("Answers were due by %(day)s. Turn to the organisation department.") % {"day": day})
    return YES


def may_acknowledge(user: Account, callup: Callup) -> Verdict:
    """Only the person, as long as the class is to come or running: nobody acknowledges for somebody else."""
    if user.person_id is None or user.person_id != callup.person_id:
        return no(_("Only the person called acknowledges the class rules."))
    if callup.state not in Callup.TO_COME:
        return no(_("This call-up is closed: %(state)s.") % {"state": callup.get_state_display()})
    return YES


def may_decide(user: Account, reply: Reply) -> Verdict:
    if not (verdict := _department_of(user, reply.callup.unit)):
        return verdict
    if user.person_id is not None and user.person_id == reply.callup.person_id:
        return no(_("Nobody decides on the own request."))
    return YES


def may_withdraw(user: Account, callup: Callup) -> Verdict:
    if not (verdict := _department_of(user, callup.unit)):
        return verdict
    if callup.state not in {Callup.State.SENT, Callup.State.ASKED, Callup.State.ACCEPTED}:
        return no(_("This call-up is closed: %(state)s.") % {"state": callup.get_state_display()})
    return YES


def may_keep(user: Account, callup: Callup) -> Verdict:
    """Let a call-up stand although something became of the person."""
    if not (verdict := may_withdraw(user, callup)):
        return verdict
    if user.person_id is not None and user.person_id == callup.person_id:
        return no(_("Nobody decides on the own call-up."))
    return YES if callup.concern else no(_("Nothing about this call-up is in question."))


def may_fill(user: Account, class_run: ClassRun, today: dt.date | None = None) -> Verdict:
    """Free seats go to the waiting list as long as the class has not begun."""
    if not organises(user, class_run):
        return no(ONLY_ORGANISER)
    if class_run.state != ClassRun.State.CALLED:
        return no(_("Seats are filled between the publication of the list and the start of the class."))
    if class_run.starts_on <= (today or timezone.localdate()):
        return no(_("The class has begun."))
    return YES


def may_record_attendance(user: Account, callup: Callup) -> Verdict:
    """Say how a call-up ended and what must be made up: whoever answers for the class run, and the person's own department."""
    if organises(user, callup.class_run) or holds(user, callup.class_run) or _department_of(user, callup.unit):
        return YES
    return no(_("Only the department and the institution that holds the class run may do this."))


def may_waive(user: Account, make_up: MakeUp) -> Verdict:
    if not (verdict := _department_of(user, make_up.person.unit)):
        return verdict
    if user.person_id is not None and user.person_id == make_up.person_id:
        return no(_("Nobody decides on the own duty."))
    if make_up.state not in {MakeUp.State.OPEN, MakeUp.State.PLANNED}:
        return no(_("This duty is closed: %(state)s.") % {"state": make_up.get_state_display()})
    return YES


def may_read_reasons_of(user: Account, person_unit_path: str, person: int) -> bool:
    """Department and auditor in their subtree, a liaison for the own people, everyone for themselves."""
    if user.person_id == person:
        return True
    return user.scope_unit is not None and reads_reasons(user) and person_unit_path.startswith(user.scope_unit.path)


def reads_reasons(user: Account) -> bool:
    """Whether the account reads the reasons of others at all, each in the own scope."""
    return bool(user.is_department or user.is_auditor or user.is_liaison)


def may_read_burden(user: Account) -> Verdict:
    """What units carry: department, auditor and liaison, each from the own unit downwards."""
    if (user.is_department or user.is_auditor or user.is_liaison) and user.scope_unit is not None:
        return YES
    return no(_("Only the department, the auditor and the liaisons see what units carry."))


def may_see_outside(user: Account) -> Verdict:
    """The list of call-ups by other authorities, each within the own scope; a person reads the own ones on the own page."""
    if user.is_department or user.is_auditor or user.is_liaison:
        return YES
    return no(_("This list is for the department and for liaisons. Your own call-ups are on your own page."))


def is_in_scope(user: Account, callup: Callup) -> bool:
    """Whether the account sees the call-up among others (``CallupQuerySet.visible_to`` for one that is sent)."""
    officer = user.is_department or user.is_auditor or user.is_liaison
    return bool(officer and is_within(user, callup.unit)) or user.person_id == callup.person_id


def may_bring_outside(user: Account) -> Verdict:
    """Import lists of other authorities, or enter a call-up of theirs by hand."""
    return _department(user)


def may_apply_outside(user: Account, found: OutsideList) -> Verdict:
    """Apply or drop a list that was read."""
    if not (verdict := may_bring_outside(user)):
        return verdict
    if found.state != OutsideList.State.READ:
        return no(_("This list is %(state)s.") % {"state": found.get_state_display()})
    return YES


def may_undo_outside(user: Account, found: OutsideList) -> Verdict:
    if not (verdict := may_bring_outside(user)):
        return verdict
    if found.state != OutsideList.State.APPLIED:
        return no(_("This list is %(state)s.") % {"state": found.get_state_display()})
    return YES


def may_withdraw_outside(user: Account, found: OutsideCallup) -> Verdict:
    """Note that another authority calls the person no more: the department whose scope holds the person."""
    if not (verdict := _department_of(user, found.person.unit)):
        return verdict
    if found.state != OutsideCallup.State.STANDING:
        return no(_("This call-up is withdrawn already."))
    return YES


def may_invite_beyond(user: Account, run: CallupRun, class_run: ClassRun) -> Verdict:
    """Call more people than there are seats: where the terms of the run ask for it, once it is published."""
    if not (verdict := _plans(user, run)):
        return verdict
    if not Terms.of(run.settings).overflow_percent:
        return no(_("The terms of this run invite nobody beyond the seats."))
    if run.state != State.PUBLISHED:
        return no(_("Publish the list first: people are invited beyond the seats only afterwards."))
    return may_fill(user, class_run)


def may_see_busy(user: Account) -> Verdict:
    """The weeks that units named, each within the own scope."""
    if user.is_department or user.is_auditor or user.is_liaison:
        return YES
    return no(_("Only the department, the auditor and the liaisons see when units let nobody go."))


def may_enter_busy(user: Account, unit: Unit | None = None) -> Verdict:
    """The liaison for own units, the department for all; ``unit`` None: for any at all."""
    if not (user.is_department or user.is_liaison):
        return no(_("Only the liaison of the unit and the department say when a unit lets nobody go."))
    if unit is None:
        return YES
    if unit.closed_on is not None:
        return no(_("This unit is closed."))
    return YES if is_within(user, unit) else no(OUTSIDE)


def may_withdraw_busy(user: Account, found: BusyTime) -> Verdict:
    """Whoever may enter it for the unit; what the department entered, the department alone."""
    if not (user.is_department or user.is_liaison):
        return may_enter_busy(user)
    if not is_within(user, found.unit):
        return no(_("This was entered for all units below an authority above yours; turn to that authority."))
    if user.is_liaison and Account.objects.filter(pk=found.by_id, role=Role.DEPARTMENT).exists():
        return no(_("The department entered this; only the department withdraws it."))
    if found.state != BusyTime.State.STANDING:
        return no(_("This busy time is withdrawn already."))
    if found.is_over:
        return no(_("These weeks are over."))
    return YES


def may_release_beyond(user: Account, class_run: ClassRun) -> Verdict:
    """Tell those still beyond the seats that they need not come: whoever answers for the class run."""
    if not (verdict := may_plan(user)):
        return verdict
    return YES if organises(user, class_run) else no(ONLY_ORGANISER)
