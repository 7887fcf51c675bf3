"""The end of a class run: every person on the list has completed it or has not, by the rules, on a named person's word."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.attendance import permissions
from zhixing.attendance.actions.settling import fail
from zhixing.attendance.models import Appeal, Leave, Register, Withdrawal
from zhixing.attendance.queries.results import Result, results_of
from zhixing.base import audit
from zhixing.base.problems import Conflict
from zhixing.callups.actions import finish_callup
from zhixing.people.models import Account
from zhixing.plans.actions import mark_class_run
from zhixing.plans.models import ClassRun


@dataclass(frozen=True)
class Completion:
    """How many completed the class run, and how many did not."""

    completed: int
    not_completed: int


@transaction.atomic
def complete_class_run(class_run: ClassRun, *, by: Account, now: dt.datetime | None = None) -> Completion:
    """End a class run whose registers are all closed and about which nothing is left to decide."""
    permissions.may_complete(by, class_run).require()
    ClassRun.objects.select_for_update(of=("self",)).get(pk=class_run.pk)
    _nothing_is_left(class_run)
    results = results_of(class_run)
    for result in results:
        _finish(result, by=by, now=now or timezone.now())
    mark_class_run(class_run, ClassRun.State.HELD, by=by)
    completed = sum(result.completes for result in results)
    done = Completion(completed, len(results) - completed)
    audit.record("attendance.class_run_completed", class_run, by=by, **vars(done))
    return done


def _finish(result: Result, *, by: Account, now: dt.datetime) -> None:
    if result.completes:
        finish_callup(result.callup, completed=True, by=by)
    else:
        fail(result.callup, reason=_("Too few hours attended"), by=by, now=now)


def _nothing_is_left(class_run: ClassRun) -> None:
    """Raise ``Conflict`` with the first thing that still stands open."""
    sessions = class_run.sessions
    if not sessions.exists() or sessions.exclude(register__state=Register.State.CLOSED).exists():
        raise Conflict(_("Every session needs a closed register first."))
    if Appeal.objects.filter(state=Appeal.State.OPEN, mark__register__session__class_run=class_run).exists():
        raise Conflict(_("An appeal is still waiting for a decision."))
    if Withdrawal.objects.filter(state=Withdrawal.State.PROPOSED, callup__class_run=class_run).exists():
        raise Conflict(_("A proposed withdrawal is still waiting for a decision."))
    if Leave.objects.filter(state=Leave.State.ASKED, callup__class_run=class_run).exists():
        raise Conflict(_("A leave is still waiting for a decision."))
