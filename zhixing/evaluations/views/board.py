"""The evaluation board (评价看板): the entry of evaluations, with what is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.markup import page_about
from zhixing.evaluations import permissions
from zhixing.evaluations.models import Improvement
from zhixing.evaluations.queries.board import Board, Waiting, board_for
from zhixing.evaluations.views.assessments import url_of
from zhixing.evaluations.views.quality import file_url
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun

Row = TypeVar("Row")
SHOWN = 8
"""Rows of a matter; the rest is folded away."""


@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_board(request.user).require()
    user, found = request.user, board_for(request.user, timezone.now())
    context = {
        "board": found,
        "undrawn": _undrawn(found),
        "tiles": _tiles(found),
        "unasked": parted([(one, _way_to(user, one)) for one in found.unasked]),
        "open": parted(found.open),
        "follow_ups": parted(found.follow_ups),
        "assessments": parted([(one, url_of(one.assessment), waiting_sentence(one)) for one in found.assessments]),
        "improvements": parted(
            [*_tasks(found.overdue, "late"), *_tasks(found.reported, "done"), *_tasks(found.soon, "")]
        ),
        "may_make_rules": permissions.may_make_rules(user),
    }
    return render(request, "evaluations/board.html", context)


def parted(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """What is shown at once, and the rest."""
    return rows[:SHOWN], rows[SHOWN:]


def _tiles(found: Board) -> list[tuple[int, str, str, str]]:
    """Count, label, address and tone of each matter."""
    n, open_surveys = found.counts, f"{reverse('evaluations:surveys')}?state=open"
    return [
        (n.open, _("surveys open now"), open_surveys, ""),
        (n.unasked, _("class runs over, not asked about"), "#unasked", "warn" if n.unasked else ""),
        (n.follow_ups, _("follow-ups about this time"), "#follow-ups", "warn" if n.missed else ""),
        (n.turns, _("assessments that wait for you"), "#assessments", "warn" if n.turns else ""),
        (n.overdue, _("improvements overdue"), "#improvements", "bad" if n.overdue else ""),
    ]


def _undrawn(found: Board) -> dict[str, int]:
    """Of each matter how many are counted and not drawn."""
    n = found.counts
    return {
        "open": n.open - len(found.open),
        "unasked": n.unasked - len(found.unasked),
        "follow_ups": n.follow_ups - len(found.follow_ups),
        "assessments": n.assessments - len(found.assessments),
        "improvements": n.overdue + n.reported + n.soon - len([*found.overdue, *found.reported, *found.soon]),
    }


def _way_to(user: Account, class_run: ClassRun) -> str:
    """Where the survey is launched, for whoever may; else the class run."""
    if permissions.may_launch(user, class_run):
        return reverse("evaluations:launch", args=[class_run.pk])
    return page_about("plans:class_run", class_run.pk)


def _tasks(rows: Sequence[Improvement], state: str) -> list[tuple[Improvement, str, str]]:
    return [(one, f"{file_url(one.institution)}#i{one.pk}", state) for one in rows]


def waiting_sentence(one: Waiting) -> str:
    """Whose turn it is, and until when."""
    words = {
        "report": _("The institution hands in its self-assessment by %(day)s."),
        "review": _("Reviewers judge."),
        "appeal": _("An appeal waits for its decision."),
        "may_appeal": _("The institution may appeal until %(day)s."),
        "file": _("The days for an appeal are past: the result can be filed."),
    }
    return words[one.what] % {"day": one.day}
