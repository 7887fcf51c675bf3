"""Inviting beyond the seats: what the run proposes for each class run, with its risk, and how well such foresight held in the past."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.asked import whole_number
from zhixing.callups import actions, permissions, queries, sentences
from zhixing.callups.actions.beyond import waiting_beyond
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences.terms import OVERFLOWS
from zhixing.callups.turnout import Beyond, Proposal
from zhixing.engine.callup.turnout import FEWEST
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun


@require_GET
def beyond(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every class run of the run with its proposal, and the test of the foresight on the history."""
    found = queries.run_for(request.user, pk)
    foresight = Beyond(found)
    rows = [_row(request.user, foresight, one) for one in foresight.proposals]
    context = {
        "run": found,
        "percent": foresight.percent,
        "asked": OVERFLOWS[foresight.percent],
        "history": foresight.history,
        "fewest": FEWEST,
        "rows": rows,
        "still": _still(request.user, found),
        "more": sum(row["proposal"].more for row in rows),
        "bins": [
            (one.callups, f"{100 * one.expected:.0f}", f"{100 * one.refused:.0f}")
            for one in foresight.history.reliability
        ],
    }
    return render(request, "callups/beyond.html", context)


def _still(user: Account, run: CallupRun) -> list[dict[str, Any]]:
    """The class runs in which people are beyond the seats, with who they are."""
    rows = waiting_beyond().filter(class_run__in=run.class_runs.all())
    found: dict[ClassRun, list[str]] = {}
    for callup in rows.select_related("class_run", "person").order_by("class_run__starts_on", "pk"):
        found.setdefault(callup.class_run, []).append(callup.person.name)
    return [
        {"class_run": one, "names": "、".join(names), "verdict": permissions.may_release_beyond(user, one)}
        for one, names in found.items()
    ]


def _row(user: Account, foresight: Beyond, one: Proposal) -> dict[str, Any]:
    return {
        "proposal": one,
        "class_run": one.class_run,
        "expected": round(one.invitation.expected),
        "risk": sentences.risk(one.invitation),
        "verdict": permissions.may_invite_beyond(user, foresight.run, one.class_run),
    }


@require_POST
def invite(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    """The person decides how many, at most as many as are proposed."""
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    count = whole_number(request.POST.get("count", "")) or 0
    called = actions.invite_beyond(found, class_run, count, by=request.user)
    if called:
        text = ngettext(
            "%(n)s person is called beyond the seats: %(names)s",
            "%(n)s people are called beyond the seats: %(names)s",
            len(called),
        )
        messages.success(request, text % {"n": len(called), "names": "、".join(one.person.name for one in called)})
    else:
        messages.info(request, _("Nobody on the waiting list can come: a hard rule stands in the way of each."))
    return redirect("callups:beyond", pk)


@require_POST
def release(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    """Whoever is still beyond the seats of a class run need not come."""
    class_run = queries.class_run_of(queries.run_for(request.user, pk), class_run_pk)
    released = actions.release_beyond(class_run, by=request.user)
    if released:
        names = "、".join(one.person.name for one in released)
        messages.success(request, _("Released and told: %(names)s") % {"names": names})
    else:
        messages.info(request, _("Seats were free: everyone has one now."))
    return redirect("callups:beyond", pk)
