"""A city with two counties, its department, a school, a liaison and whoever approves plans."""

from __future__ import annotations

from dataclasses import dataclass

from tests.factories import make_annual_plan, make_plan_line
from zhixing.people.models import Account, Unit
from zhixing.plans import actions
from zhixing.plans.actions import Step
from zhixing.plans.models import AnnualPlan, PlanLine


@dataclass
class City:
    """``maker`` plans, ``head`` approves, ``office`` is a further account of the same department."""

    unit: Unit
    north: Unit
    south: Unit
    school: Unit
    maker: Account
    office: Account
    head: Account
    liaison: Account
    staff: Account
    county: Account

    def draft(self, lines: int = 1, **fields: object) -> AnnualPlan:
        plan = make_annual_plan(self.unit, self.maker, **fields)
        for _n in range(lines):
            make_plan_line(plan, institution=self.school)
        return plan

    def route(self, *steps: Step) -> None:
        actions.set_route(self.unit, steps or (Step("部长审定", self.head),), by=self.maker)

    def approved(self, lines: int = 1, **fields: object) -> AnnualPlan:
        """A plan in force, by the way of every plan."""
        plan = self.draft(lines, **fields)
        self.route()
        actions.submit_plan(plan, by=self.maker)
        actions.approve_plan(AnnualPlan.objects.get(pk=plan.pk), by=self.head)
        return AnnualPlan.objects.get(pk=plan.pk)

    @staticmethod
    def line(plan: AnnualPlan, number: int = 1) -> PlanLine:
        return plan.lines.current().select_related("plan__unit").get(number=number)
