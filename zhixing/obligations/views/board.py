"""The board of standings: how many people are in which state, and who asks for a new snapshot."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.charts import Chart
from zhixing.base.models import Job
from zhixing.obligations import actions, permissions
from zhixing.obligations.actions.standings import year_end
from zhixing.obligations.queries.board import STATE_LABELS, STATES, Board, GroupLine, board_for, units_below
from zhixing.obligations.queries.policies import days_without_policy, policy_in_force, rule_titles
from zhixing.people.views.request import SignedInRequest

GROUPS_SHOWN = 15
TONES = {"overdue": "bad", "short": "warn", "met": "good"}


@require_GET
def standings(request: SignedInRequest) -> HttpResponse:
    """How many people of the scope will be overdue at the end of the year, and where they are. A filter in the address means the list."""
    if request.user.is_trainee:
        return redirect("obligations:mine")
    permissions.may_see_board(request.user).require()
    if request.GET:
        return redirect(f"{reverse('obligations:standing_list')}?{request.GET.urlencode()}")
    policy = policy_in_force(timezone.localdate())
    board = board_for(request.user, rule_titles(policy))
    return render(
        request,
        "obligations/standings.html",
        {
            "board": board,
            "policy": policy,
            "bare_days": days_without_policy(timezone.localdate()),
            "tiles": [
                (STATE_LABELS[state], board.states.get(state, 0), _list(worst=state), TONES.get(state, ""))
                for state in STATES
            ],
            "state_labels": STATE_LABELS.values(),
            "rules": [_rule_row(line.code, line.title, line.counts) for line in board.rules],
            "year_end": year_end(board.on or timezone.localdate()),
            "due_url": _due(),
            "charts": _charts(board, units_below(request.user)),
            "may_refresh": permissions.may_refresh(request.user),
            "is_stale": board.on is not None and board.on < timezone.localdate(),
            "job": _refresh_under_way(request.user.pk),
        },
    )


def _list(**filters: str) -> str:
    return f"{reverse('obligations:standing_list')}?{urlencode(filters)}"


def _due(**filters: str) -> str:
    return f"{reverse('obligations:foreseen_list')}{'?' if filters else ''}{urlencode(filters)}"


def _rule_row(code: str, title: str, counts: tuple[int, ...]) -> dict[str, object]:
    cells = [
        (label, count, _list(rule=code, state=state))
        for (state, label), count in zip(STATE_LABELS.items(), counts, strict=True)
    ]
    return {"title": title, "url": _list(rule=code), "cells": cells}


def _charts(board: Board, units: list[GroupLine]) -> dict[str, Chart]:
    """People due by the year's end, by unit and by rank; one bar alone says nothing."""
    groups = {
        "units": (_("By unit"), "unit", units[:GROUPS_SHOWN]),
        "ranks": (_("By rank"), "rank", board.ranks[:GROUPS_SHOWN]),
    }
    return {key: _chart(title, name, lines) for key, (title, name, lines) in groups.items() if len(lines) > 1}


def _chart(title: str, name: str, lines: list[GroupLine]) -> Chart:
    return Chart(
        title,
        [line.label for line in lines],
        {
            _("overdue by the year's end"): [line.due for line in lines],
            _("held to a rule"): [line.people for line in lines],
        },
        unit=_("people"),
        horizontal=True,
        links=[_due(**{name: line.key}) for line in lines],
        tones={_("overdue by the year's end"): "bad", _("held to a rule"): "quiet"},
    )


def _refresh_under_way(account_id: int) -> Job | None:
    waiting = (Job.State.QUEUED, Job.State.RUNNING)
    return Job.objects.filter(owner_id=account_id, kind="obligations.refresh", state__in=waiting).first()


@require_POST
def refresh(request: SignedInRequest) -> HttpResponse:
    actions.ask_refresh(request.user)
    messages.info(request, _("The standings are being computed anew; this takes some seconds."))
    return redirect("obligations:standings")
