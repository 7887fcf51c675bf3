"""Lines proposed from the needs of the year: asked for by the department, searched by a job, put into the draft as long as that is empty.

Whoever asked decides about every line afterwards; nothing that somebody entered is overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.result import PlanResult
from zhixing.needs.models import NeedsReckoning
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import hold, new_line
from zhixing.plans.actions.searches import check_money, judged, needs_for, problem_for
from zhixing.plans.models import AnnualPlan, PlanLine
from zhixing.plans.problem import latest_reckoning, line_facts, named_limit

KIND: Final = "plans.propose"
SECONDS: Final = 45.0
"""Of the search; it ends before where it has proven enough."""


@transaction.atomic
def ask_for_lines(plan: AnnualPlan, *, by: Account) -> Job:
    """Queue the search. Raises ``Invalid`` with what it lacks, ``Conflict`` while it runs already."""
    permissions.may_propose_lines(by, plan).require()
    held = hold(plan, AnnualPlan.State.DRAFT)
    _needed(held)
    link = reverse("plans:plan", args=[held.pk])
    if Job.objects.filter(kind=KIND, link=link, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise Conflict(_("Lines are being proposed for this plan already."))
    job = jobs.start(KIND, label=held.title, by=by, link=link, key=held.pk, by_id=by.pk)
    audit.record("plans.proposal_asked", held, by=by)
    return job


def _needed(plan: AnnualPlan) -> NeedsReckoning:
    """The needs that lines are proposed from; the plan is empty and has money."""
    if plan.lines.exists():
        raise Invalid(_("The draft has lines already. Make a new plan to have lines proposed: nothing is overwritten."))
    check_money(plan)
    return needs_for(plan, latest_reckoning(plan.year, plan.unit))


def propose_lines(key: int, by_id: int, heard: Callable[[float], None]) -> dict[str, Any]:
    """Search, judge apart, and keep what was found; ``heard`` is told the share done. Raises ``Invalid`` with what is wrong with the needs or programmes."""
    from zhixing.engine.plan.search import propose

    plan = AnnualPlan.objects.select_related("unit").get(pk=key)
    reckoning = _needed(plan)
    problem = problem_for(plan, reckoning)
    heard(0.0)
    result = propose(problem, seconds=SECONDS, progress=heard)
    document = judged(problem, result)
    told = _told(problem, document, result)
    with transaction.atomic():
        held = hold(plan, AnnualPlan.State.DRAFT)
        if held.lines.exists():
            raise Conflict(_("Somebody entered lines meanwhile. Nothing was overwritten."))
        facts = line_facts(document, reckoning)
        lines = [new_line(held, number, one) for number, one in enumerate(facts, 1)]
        PlanLine.objects.bulk_create(lines)
        held.origin, held.reckoning, held.result = AnnualPlan.Origin.PROPOSED, reckoning, told
        held.save(update_fields=("origin", "reckoning", "result"))
        by = Account.objects.get(pk=by_id)
        audit.record("plans.lines_proposed", held, by=by, lines=len(lines))
    return {"lines": len(lines), "outcome": str(result.status)}


def _told(problem: PlanProblem, document: dict[str, Any], result: PlanResult) -> dict[str, Any]:
    """What the plan keeps of the search."""
    return {
        "status": str(result.status),
        "gap": result.gap,
        "seconds": result.seconds,
        "uncovered": dict(Counter(one["code"] for one in document.get("uncovered", []))),
        "conflict": [named_limit(problem, limit) for limit in result.conflict],
    }
