"""Who enters what a class run cost and what its tests showed: its institution (not a class head), and the department that organises it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.evaluations.models import CostEntry
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import holds, organises


def may_enter(user: Account, class_run: ClassRun) -> Verdict:
    if user.is_class_head or not (organises(user, class_run) or holds(user, class_run)):
        return no(_("Only the institution that holds the class run and the department that organises it enter this."))
    return no(_("This class run is cancelled.")) if class_run.state == ClassRun.State.CANCELLED else YES


def may_see_measured(user: Account, class_run: ClassRun) -> Verdict:
    """Costs and gains of a class run: whoever answers for it, but no class head."""
    may = not user.is_class_head and ClassRun.objects.in_charge(user).filter(pk=class_run.pk).exists()
    return YES if may else no(_("Costs and gains are for whoever answers for the class run."))


def may_correct(user: Account, entry: CostEntry) -> Verdict:
    if not (verdict := may_enter(user, entry.class_run)):
        return verdict
    if entry.corrects_id is not None:
        return no(_("This is a correction itself."))
    if CostEntry.objects.filter(corrects=entry).exists():
        return no(_("This was corrected already."))
    return YES
