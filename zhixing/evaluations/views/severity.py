"""Mild and strict raters (评分松严): for the department only, which knows by it how to read a score and whom to ask to review together."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.charts import Chart
from zhixing.engine.ratings.compared import Severity
from zhixing.evaluations import permissions
from zhixing.evaluations.queries.severity import rater_groups, reviewers
from zhixing.people.views.request import SignedInRequest


@require_GET
def severity(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_severity(request.user).require()
    found = reviewers(request.user)
    groups = rater_groups(request.user)
    context = {
        "reviewers": [(one, said_of(one)) for one in found],
        "groups": [(one, said_of(one)) for one in groups],
        "apart": sum(one.apart for one in found),
        "chart": chart_of(found),
        "group_chart": chart_of(groups),
    }
    return render(request, "evaluations/severity.html", context)


def said_of(one: Severity) -> str:
    if one.milder is None:
        return _("Has rated too little of what others rated: nothing can be said.")
    if not one.apart:
        return _("Cannot be told from the others.")
    return _("Milder than the others.") if one.milder > 0 else _("Stricter than the others.")


def chart_of(found: Sequence[Severity]) -> Chart | None:
    """By name, like the table: it is no list of places."""
    told = [one for one in found if one.milder is not None]
    if not told:
        return None
    return Chart(
        _("Stricter (left) or milder (right) than the others"),
        [one.rater for one in told],
        {_("milder than the others by"): [None if one.milder is None else round(one.milder, 1) for one in told]},
        kind="interval",
        unit=_("points of 100"),
        intervals=[(round(one.low or 0.0, 1), round(one.high or 0.0, 1)) for one in told],
        interval_label=_("95 % range"),
    )
