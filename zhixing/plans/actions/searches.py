"""What every search for lines needs, and how its answer is judged."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from zhixing.base.problems import Invalid
from zhixing.engine.plan.check import check
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.faults import PlanError
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.result import PlanResult
from zhixing.needs.models import NeedsReckoning
from zhixing.plans.fault_words import told_faults
from zhixing.plans.models import AnnualPlan
from zhixing.plans.try_problem import base_problem

FAULTS_TOLD: Final = 5


def needs_for(plan: AnnualPlan, found: NeedsReckoning | None) -> NeedsReckoning:
    """``found``, where there is one. Raises ``Invalid``."""
    if found is None:
        raise Invalid(_("No needs are reckoned for %(year)s yet. Reckon them first.") % {"year": plan.year})
    return found


def check_money(plan: AnnualPlan) -> None:
    if not plan.money:
        raise Invalid(_("Say first how much money there is: lines are proposed within it."))


def problem_for(plan: AnnualPlan, reckoning: NeedsReckoning) -> PlanProblem:
    """Raises ``Invalid`` with what is wrong with the needs, programmes or institutions, in words."""
    try:
        return base_problem(plan, reckoning)
    except PlanError as error:
        raise Invalid(told_faults(error.faults[:FAULTS_TOLD])) from error


def judged(problem: PlanProblem, result: PlanResult) -> dict[str, Any]:
    """The proposal as a document. One that breaks a rule would be an error of ours: it is never kept."""
    document = plan_document(problem, result)
    if result.lines and (broken := check(document["problem"], document).violations):
        raise AssertionError(f"a proposal breaks {sorted({one.code for one in broken})}")
    return document
