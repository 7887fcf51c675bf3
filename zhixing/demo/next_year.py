"""The draft of the next year: the class runs of the year, as far as the rules let, resting on its needs; and two trials of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from zhixing.demo.annual import AIMS, fitting, priced
from zhixing.engine.plan.filling import trim
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.reasons import usage_of
from zhixing.needs.models import NeedsReckoning
from zhixing.people.models import Account, Role, Unit
from zhixing.plans import actions
from zhixing.plans.models import AnnualPlan, PlanComment, PlanTry
from zhixing.plans.problem import problem_of, rules_in_force
from zhixing.plans.try_problem import known_lines, reckoning_of

COMMENTS: Final = (
    "建议增加财政预算绩效管理专题班，今年相关岗位新人较多。",
    "建议第四季度少安排脱产班次，年底决算任务集中。",
)


def make_draft(on: dt.date, money: int) -> None:
    """From the class runs of the year, with two comments that units have written about it."""
    admin, year = Account.objects.get(username="zuzhibu"), on.year + 1
    facts = {"year": year, "title": f"云岚市{year}年度干部教育培训计划", "aims": AIMS, "money": money}
    plan = actions.plan_from_class_runs(facts, from_year=on.year, by=admin)
    liaisons = Account.objects.filter(role=Role.LIAISON).exclude(scope_unit=None).order_by("pk")[:2]
    PlanComment.objects.bulk_create(
        PlanComment(plan=plan, unit=who.scope_unit, text=text, by=who)
        for who, text in zip(liaisons, COMMENTS, strict=False)
    )


def finish_draft(on: dt.date) -> None:
    """Once the needs of the next year are reckoned."""
    admin = Account.objects.get(username="zuzhibu")
    plan = AnnualPlan.objects.select_related("unit").get(year=on.year + 1)
    reckoning = reckoning_of(plan)
    assert reckoning is not None
    _cut_back(plan, _problem(plan, reckoning, on))
    actions.rest_on_needs(plan, by=admin)
    plan.refresh_from_db()
    _tried(plan, _problem(plan, reckoning, on), reckoning, admin, on)


def _problem(plan: AnnualPlan, reckoning: NeedsReckoning, on: dt.date) -> PlanProblem:
    """Judged from the day of the demonstration, whenever it is made."""
    return problem_of(reckoning, money=plan.money, decided_on=on, rules=rules_in_force())


def _cut_back(plan: AnnualPlan, problem: PlanProblem) -> None:
    """The year had more class runs than a plan of its people, rooms and teachers may hold: those worth least are left out."""
    lines = list(plan.lines.order_by("number"))
    for line in lines:
        line.units = []  # those for certain units are judged like all others here
    known = known_lines(problem, lines)
    usage = usage_of(problem, known.lines)
    for number, runs in list(usage.runs.items()):
        if usage.options[number].never:
            usage.put(usage.options[number], -runs, -usage.seats[number])
    trim(usage)
    left = {usage.options[number].key: (runs, usage.seats[number]) for number, runs in usage.runs.items()}
    first = {numbers[0]: left[key] for key, numbers in known.numbers.items() if key in left}
    plan.lines.exclude(number__in=first).delete()
    kept = list(plan.lines.order_by("number"))
    for place, line in enumerate(kept, 1):
        line.runs, line.people = first[line.number]
        line.number, line.budget = place, priced(line.people, line.days, line.runs)
        line.save(update_fields=["number", "runs", "people", "budget"])
    plan.money = fitting(sum(line.budget for line in kept))
    plan.save(update_fields=["money"])


def _tried(plan: AnnualPlan, problem: PlanProblem, reckoning: NeedsReckoning, admin: Account, on: dt.date) -> None:
    """A tenth less money, and the second school closed."""
    second = Unit.objects.filter(kind=Unit.Kind.SCHOOL).order_by("pk")[1]
    asked: tuple[Mapping[str, Any], ...] = (
        {"money": -10},
        {"closed": [{"key": str(second.pk), "name": second.name}]},
    )
    for one in asked:
        made = PlanTry.objects.create(plan=plan, asked=one, by=admin)
        actions.keep_answer(made, problem, reckoning)
        made.refresh_from_db()
        made.answered_at = timezone.make_aware(dt.datetime.combine(on, dt.time(9)))
        made.answer["seconds"] = 1.0  # the same city whenever it is made
        made.save(update_fields=["answer", "answered_at"])
