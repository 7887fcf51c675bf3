"""What a run has come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhixing.base.templatetags.pages import number
from zhixing.callups.models import CallupRun
from zhixing.callups.queries import RunCount


def gap(result: Mapping[str, Any]) -> str:
    """``1.3%`` from the result of a run; empty before there is one."""
    share = result.get("gap")
    if share is None:
        return ""
    percent = share * 100
    return "<0.01%" if 1e-4 <= percent < 0.005 else f"{round(percent, 2):g}%"


def run_answer(run: CallupRun, count: RunCount) -> str:
    """The first line of a run's page."""
    figures = {
        "class_runs": number(count.class_runs),
        "seats": number(count.seats),
        "callups": number(count.callups),
        "people": number(count.people),
        "gap": gap(run.result),
    }
    return _ANSWERS[CallupRun.State(run.state)](figures)


_ANSWERS: Mapping[str, Callable[[dict[str, str]], str]] = {
    CallupRun.State.DRAFT: lambda f: _("%(class_runs)s class runs, %(seats)s seats: no list yet") % f,
    CallupRun.State.SOLVING: lambda f: _("%(class_runs)s class runs, %(seats)s seats: looking for the best list") % f,
    CallupRun.State.PROPOSED: lambda f: (
        _(
            "%(class_runs)s class runs, %(seats)s seats, %(callups)s call-ups of %(people)s people proposed; gap to the proven bound %(gap)s"
        )
        % f
    ),
    CallupRun.State.INFEASIBLE: lambda f: _("No list can keep all that is asked") % f,
    CallupRun.State.PUBLISHED: lambda f: (
        _("%(class_runs)s class runs: %(callups)s call-ups of %(people)s people in force") % f
    ),
    CallupRun.State.DROPPED: lambda f: _("This run was dropped") % f,
}
