"""Who organises a class: whoever runs it, until it is over."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import holds, organises


def may_organise(user: Account, class_run: ClassRun) -> Verdict:
    """Groups, leaders and committee."""
    if not (organises(user, class_run) or holds(user, class_run)):
        return no(_("Only the department and the institution that holds the class run may do this."))
    if class_run.state not in {ClassRun.State.CALLED, ClassRun.State.RUNNING}:
        return no(_("Groups are made once people are called, and until the class run is over."))
    return YES
