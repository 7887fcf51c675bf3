"""Who may write a class run's sessions: the department and the institution that holds it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import holds, organises


def may_schedule(user: Account, class_run: ClassRun) -> Verdict:
    if class_run.state in {ClassRun.State.HELD, ClassRun.State.CANCELLED}:
        return no(_("This class run is over."))
    if organises(user, class_run) or holds(user, class_run):
        return YES
    return no(_("Only the department and the institution that holds the class run may write its sessions."))
