"""Deeds of single banks: the flagship review of a course, the steps of a case, topics of chapters, who took a practice up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from zhixing.base.asked import either
from zhixing.base.problems import NotFound, Text
from zhixing.base.verdicts import Verdict
from zhixing.people.models import Account
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources import actions, permissions
from zhixing.resources.forms.banks import ChapterTopicsForm, ChoiceForm, GroundsForm, ReviewForm, UptakeForm
from zhixing.resources.models import Bank, Case, Course, Kept, Practice, Textbook
from zhixing.resources.queries.banks import row_for
from zhixing.resources.views.shelves import SHELVES, item_url

deed = require_http_methods(["GET", "POST"])
STEP_NAMES: dict[tuple[str, str], Text] = {
    (Case.State.COLLECTED, Case.State.WRITING): gettext_lazy("Have it written"),
    (Case.State.WRITING, Case.State.REVIEW): gettext_lazy("Hand in for review"),
    (Case.State.REVIEW, Case.State.TRIAL): gettext_lazy("Pass, and try it in a class"),
    (Case.State.REVIEW, Case.State.WRITING): gettext_lazy("Return to the author"),
    (Case.State.TRIAL, Case.State.PUBLISHED): pgettext_lazy("case", "Publish"),
    (Case.State.TRIAL, Case.State.WRITING): gettext_lazy("Return to the author"),
    (Case.State.PUBLISHED, Case.State.REVISING): gettext_lazy("Have it revised"),
    (Case.State.REVISING, Case.State.REVIEW): gettext_lazy("Hand in for review"),
}


@dataclass(frozen=True)
class Deed:
    """A button on the page of a row; shown to whoever may do it, or to whom the verdict explains why not now."""

    label: Text
    url: str
    verdict: Verdict
    icon: str = ""
    primary: bool = False


def deeds_of(user: Account, row: Kept) -> Sequence[Deed]:
    """What ``user`` may do about the row beyond changing it; nothing that the user may never do."""
    if isinstance(row, Course):
        return [one for one in _course_deeds(user, row) if one.verdict]
    if isinstance(row, Case):
        return [one for one in _case_deeds(user, row) if one.verdict]
    if isinstance(row, Practice):
        url = reverse("resources:take_up", args=[row.pk])
        found = Deed(_("Enter who took it up"), url, permissions.may_take_up(user, row, None), "circle-check", True)
        return [found] if found.verdict else []
    if isinstance(row, Textbook) and permissions.may_change(user, row) and row.chapters.exists():
        url = reverse("resources:chapter_topics", args=[row.pk])
        return [Deed(_("Topics of the chapters"), url, permissions.may_change(user, row), "list-check")]
    return []


def _course_deeds(user: Account, course: Course) -> list[Deed]:
    def url(name: str) -> str:
        return reverse(f"resources:{name}", args=[course.pk])

    return [
        Deed(_("Propose as flagship course"), url("propose"), permissions.may_propose(user, course), "certificate"),
        Deed(_("Review"), url("review"), permissions.may_review(user, course), "message-report", True),
        Deed(_("Decide"), url("choose"), permissions.may_choose(user, course), "gavel", True),
        Deed(_("Take the status back"), url("unchoose"), permissions.may_unchoose(user, course), "arrow-back-up"),
    ]


def _case_deeds(user: Account, case: Case) -> list[Deed]:
    return [
        Deed(
            STEP_NAMES[case.state, after],
            reverse("resources:move_case", args=[case.pk, after]),
            permissions.may_move(user, case, after),
            "arrow-back-up" if (case.state, after) in Case.RETURNS else "send",
            (case.state, after) not in Case.RETURNS,
        )
        for after in Case.TRANSITIONS[Case.State(case.state)]
    ]


def steps_of(row: Kept) -> list[dict[str, Any]]:
    """What happened to a course or case, newest first, for the timeline."""
    if isinstance(row, Case):
        return [
            {
                "at": one.at,
                "title": STEP_NAMES.get((one.before, one.after), one.get_after_display()),
                "text": one.reason,
                "who": one.by.name,
            }
            for one in row.steps.select_related("by")
        ]
    if not isinstance(row, Course):
        return []
    steps = [
        {"at": one.at, "title": one.get_state_display(), "text": one.reason, "who": one.by.name}
        for one in row.flagship_steps.select_related("by")
    ]
    reviews = [
        {
            "at": one.at,
            "title": _("Reviewed: in favour") if one.in_favour else _("Reviewed: not in favour"),
            "text": one.text,
            "who": one.by.name,
        }
        for one in row.reviews.select_related("by")
    ]
    return sorted(steps + reviews, key=lambda one: one["at"], reverse=True)


def _page(
    request: SignedInRequest,
    bank: str,
    row: Kept,
    form: forms.Form,
    act: Callable[[], object],
    verdict: Verdict,
    title: Text,
    lead: Text = "",
) -> HttpResponse:
    back = item_url(bank, row.pk)

    def go() -> str:
        act()
        return back

    way = [
        (_("Resource banks"), reverse("resources:banks")),
        (SHELVES[bank].label, reverse(f"resources:{bank}")),
        (str(row), back),
    ]
    return deed_page(
        request,
        form,
        go,
        verdict=verdict,
        title=title,
        button=_("Confirm"),
        back=back,
        crumbs=way,
        lead=lead,
        done=_("Done."),
    )


@deed
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    course, user = row_for(request.user, Course, pk), request.user
    form = GroundsForm(request.POST or None, label=_("Why it is an example to others"))
    return _page(
        request,
        Bank.COURSES,
        course,
        form,
        lambda: actions.propose_flagship(course, form.cleaned_data["reason"], by=user),
        permissions.may_propose(user, course),
        _("Propose as flagship course"),
        _("Two named people review it, then the department decides. Whoever proposes does neither."),
    )


@deed
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    course, user = row_for(request.user, Course, pk), request.user
    form = ReviewForm(request.POST or None)

    def act() -> None:
        given = form.cleaned_data
        actions.review_course(course, either(given["in_favour"], "yes", "no"), given["text"], by=user)

    return _page(request, Bank.COURSES, course, form, act, permissions.may_review(user, course), _("Review the course"))


@deed
def choose(request: SignedInRequest, pk: int) -> HttpResponse:
    course, user = row_for(request.user, Course, pk), request.user
    form = ChoiceForm(request.POST or None)

    def act() -> None:
        given = form.cleaned_data
        actions.choose_flagship(course, either(given["chosen"], "yes", "no"), given["reason"], by=user)

    return _page(
        request, Bank.COURSES, course, form, act, permissions.may_choose(user, course), _("Decide about the course")
    )


@deed
def unchoose(request: SignedInRequest, pk: int) -> HttpResponse:
    course, user = row_for(request.user, Course, pk), request.user
    form = GroundsForm(request.POST or None)
    return _page(
        request,
        Bank.COURSES,
        course,
        form,
        lambda: actions.unchoose_flagship(course, form.cleaned_data["reason"], by=user),
        permissions.may_unchoose(user, course),
        _("Take the status back"),
    )


@deed
def move_case(request: SignedInRequest, pk: int, after: str) -> HttpResponse:
    case, user = row_for(request.user, Case, pk), request.user
    name = STEP_NAMES.get((case.state, after))
    if after not in Case.State.values:
        raise NotFound
    needed = (case.state, after) in Case.RETURNS or after == Case.State.PUBLISHED
    label = _("In which class it was tried, and what came of it") if after == Case.State.PUBLISHED else ""
    form = GroundsForm(request.POST or None, needed=needed, label=label)
    return _page(
        request,
        Bank.CASES,
        case,
        form,
        lambda: actions.move_case(case, after, form.cleaned_data["reason"], by=user),
        permissions.may_move(user, case, after),
        name or "",
    )


@deed
def take_up(request: SignedInRequest, pk: int) -> HttpResponse:
    practice, user = row_for(request.user, Practice, pk), request.user
    form = UptakeForm(request.POST or None, user=user, initial={"on": timezone.localdate()})
    return _page(
        request,
        Bank.PRACTICES,
        practice,
        form,
        lambda: actions.take_up(practice, **form.cleaned_data, by=user),
        permissions.may_take_up(user, practice, None),
        _("Enter who took it up"),
    )


@deed
def chapter_topics(request: SignedInRequest, pk: int) -> HttpResponse:
    textbook, user = row_for(request.user, Textbook, pk), request.user
    form = ChapterTopicsForm(request.POST or None, textbook=textbook)
    return _page(
        request,
        Bank.TEXTBOOKS,
        textbook,
        form,
        lambda: actions.set_chapter_topics(textbook, form.topics(), by=user),
        permissions.may_change(user, textbook),
        _("Topics of the chapters"),
    )
