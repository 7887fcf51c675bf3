"""Who decides about courses and invitations: a department, or the teaching office of the institution."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.queries.invitations import taught_where
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import in_charge
from zhixing.resources.models import Teacher

NOT_FOR_YOU = _("The department and the institution's teaching office decide about courses and invitations.")


def may_decide(user: Account, unit: Unit | None) -> Verdict:
    """What ``unit`` decides: whoever works for it, or a department above."""
    own = user.scope_unit
    if own is None or user.is_class_head or not (user.is_department or user.is_school):
        return no(NOT_FOR_YOU)
    return YES if unit and unit.path.startswith(own.path) else no(_("This is decided by somebody else."))


def may_decide_course(user: Account, institution: Unit, standing: CourseDecision | None) -> Verdict:
    """``standing``: what was decided last. What a unit above decided is not for those below to undo."""
    verdict, own = may_decide(user, institution), user.scope_unit
    above = standing and standing.of_unit
    if verdict and own and above and own.path != above.path and own.path.startswith(above.path):
        return no(_("%(unit)s decided about this course: only there is it decided anew.") % {"unit": above})
    return verdict


def may_see_invitations(user: Account) -> Verdict:
    """Figures that tell teachers apart: only for those who decide, and the auditor who checks them."""
    may = user.scope_unit and not user.is_class_head and (user.is_department or user.is_school or user.is_auditor)
    return YES if may else no(NOT_FOR_YOU)


def may_invite(user: Account, teacher: Teacher) -> Verdict:
    """Decide for the own unit about a teacher who taught in class runs that ``user`` answers for."""
    if not (verdict := may_decide(user, user.scope_unit)):
        return verdict
    if teacher.account_id == user.pk:
        return no(_("Nobody decides about oneself."))
    if not taught_where(in_charge(user, "class_run__")).filter(taught_by=teacher.pk).exists():
        return no(_("This teacher taught in none of your class runs."))
    if user.scope_unit and not who_answers(user.scope_unit, but=(user.pk, teacher.account_id)).exists():
        return no(
            _("Nobody else could answer an appeal: your unit or a department above it needs a second account first.")
        )
    return YES


def who_answers(unit: Unit, but: Iterable[int | None]) -> QuerySet[Account]:
    """Whoever decides for ``unit`` or above it, but for these accounts."""
    works = Account.objects.filter(role__in=(Role.SCHOOL, Role.DEPARTMENT), is_active=True, own_class_runs_only=False)
    found: QuerySet[Account] = works.filter(scope_unit__path__in=unit.paths_up)
    return found.exclude(pk__in=[one for one in but if one])
