"""What waits on a desk about annual plans and class runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.plans.queries.decisions import changes_to_decide, plans_to_decide
from zhixing.plans.short import short_among
from zhixing.portal.desks.desk import Figure


def short_class_runs(user: Account, today: dt.date) -> list[Figure]:
    """Class runs that have fewer people than they need, for each year that has any: the list of class runs shows one year."""
    rows = short_among(ClassRun.objects.in_charge(user), today).order_by()
    counts = Counter(rows.values_list("year", flat=True))
    page = reverse("plans:class_runs")
    label = _("class runs below their fewest people")
    return [Figure(n, label, f"{page}?year={year}&called=short", "warn") for year, n in sorted(counts.items())]


def plans_waiting(user: Account) -> list[Figure]:
    """Annual plans, and changes of them, that wait for the own decision; one alone is opened at once."""
    every, plans, changes = reverse("plans:plans"), plans_to_decide(user), changes_to_decide(user)
    plan = reverse("plans:approval", args=[plans[0].pk]) if len(plans) == 1 else every
    change = (
        reverse("plans:changes", args=[changes[0].plan_id]) if len({one.plan_id for one in changes}) == 1 else every
    )
    return [
        Figure(len(plans), _("plans to approve"), plan, "warn"),
        Figure(len(changes), _("changes of plans to decide"), change, "warn"),
    ]
