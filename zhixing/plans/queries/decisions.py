"""What waits for the decision of one account: plans at a step of theirs, and changes of plans in force."""

from __future__ import annotations

from zhixing.people.models import Account
from zhixing.plans.models import AnnualPlan, PlanChange
from zhixing.plans.permissions import may_decide, may_decide_change


def plans_to_decide(user: Account) -> list[AnnualPlan]:
    waiting = AnnualPlan.objects.visible_to(user).filter(state=AnnualPlan.State.APPROVING)
    return [plan for plan in waiting.order_by("pk") if may_decide(user, plan)]


def changes_to_decide(user: Account) -> list[PlanChange]:
    waiting = PlanChange.objects.waiting().filter(plan__in=AnnualPlan.objects.visible_to(user))
    return [change for change in waiting.select_related("plan").order_by("pk") if may_decide_change(user, change)]
