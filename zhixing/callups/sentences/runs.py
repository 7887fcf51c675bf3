"""What a run has come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from zhixing.base.templatetags.pages import number
from zhixing.callups.models import PUT_AWAY, CallupRun
from zhixing.callups.queries import RunCount
from zhixing.people.models import Account


def gap(result: Mapping[str, Any]) -> str:
    """``1.3%`` from the result of a run; empty before there is one."""
    share = result.get("gap")
    if share is None:
        return ""
    percent = share * 100
    return "<0.01%" if 1e-4 <= percent < 0.005 else f"{round(percent, 2):g}%"


def reasons_of(run: CallupRun) -> str:
    """Of which list the reasons of a run are, and who put it away; empty before there is one."""
    if run.reasons_file is None:
        return ""
    facts = {"searched": _searched(run)}
    if not run.is_put_away:
        return _("The reasons are those of the list of %(searched)s.") % facts
    away = run.result.get(PUT_AWAY)
    by = Account.objects.filter(pk=away["by_id"]).first() if away else None
    if away is None or by is None:
        return _("The list of %(searched)s no longer stands. Reasons and figures are those of then.") % facts
    facts |= {"away": _moment(dt.datetime.fromisoformat(away["at"])), "name": by.name}
    text = _(
        "The list of %(searched)s was put away on %(away)s by %(name)s. Reasons and figures are those of then; no list stands now."
    )
    return text % facts


def of_then(run: CallupRun, why: str) -> str:
    """The reason of a pair on a list that was put away."""
    return _("By the list of %(searched)s, since put away: %(why)s") % {"searched": _searched(run), "why": why}


def _searched(run: CallupRun) -> str:
    return _moment(run.reasons_file.created_at) if run.reasons_file else ""


def _moment(at: dt.datetime) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i")


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
