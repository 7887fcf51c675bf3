"""Pages of courses: as they were taught, with evidence, and what was decided about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import actions, deciding, proposals
from zhixing.evaluations.consequence_forms import CourseDecisionForm
from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.queries import courses as queries
from zhixing.evaluations.queries.taught import NOTHING, Evidence
from zhixing.evaluations.templatetags.evaluations import points
from zhixing.evaluations.views.appeals import course_lines, decided_filter, decision_badge
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])
Choice = CourseDecision.Choice


AT_ONCE: Final = 20
"""Occasions on one page: some teach several hundred times in a few years."""


def occasions_page(request: SignedInRequest, occasions: Sequence[queries.Occasion]) -> Page[queries.Occasion]:
    """The page asked for, or the nearest to it."""
    return Paginator(occasions, AT_ONCE).get_page(request.GET.get("page"))


def course_url(session: int) -> str:
    return page_about("evaluations:course", session)


@require_GET
def courses(request: SignedInRequest) -> HttpResponse:
    """Courses by name; the figures are reckoned once for the page."""
    user = request.user
    found: Any = SimpleLazyObject(lambda: queries.evidence_for(user))

    def evidence(row: dict[str, Any]) -> Evidence:
        return found.get(queries.course_of(row), NOTHING)  # type: ignore[no-any-return]

    def proposal(row: dict[str, Any]) -> proposals.Proposal:
        return proposals.about_course(evidence(row))

    listing = Listing(
        request,
        queries.courses_for(user).order_by("course", "path"),
        (
            Column(
                "course", _("course as taught"), sort="course", long=True, link=lambda row: course_url(row["session"])
            ),
            Column("class_run__institution__name", _("institution"), sort="path"),
            Column("times", _("times taught"), sort="times", numeric=True),
            Column("last", _("last taught"), sort="last"),
            Column("sheets", _("sheets"), numeric=True, value=lambda row: evidence(row).sheets),
            Column("raw", _("mean"), numeric=True, value=lambda row: _raw(evidence(row))),
            Column("corrected", _("corrected, 95 % range"), value=lambda row: range_words(evidence(row))),
            Column(
                "proposal",
                _("proposal"),
                value=lambda row: proposal(row).label,
                show=lambda row: badge(proposal(row).tone, proposal(row).label),
            ),
            Column(
                "standing",
                _("decision taken"),
                value=lambda row: Choice(row["standing"]).label if row["standing"] else "",
                show=lambda row: decision_badge(row["standing"]),
            ),
        ),
        name="courses",
        label=_("Courses to keep"),
        search=("course", "class_run__institution__name"),
        search_label=_("Course or institution"),
        filters=(decided_filter(Choice.choices),),
        tie="session",
        empty=Empty(
            _("No course was taught yet"), _("A course is what an institution teaches under one title."), icon="book"
        ),
    )
    return listing.response("evaluations/courses.html", {"overdue": queries.overdue_of(user)})


def _raw(evidence: Evidence) -> str:
    return points(evidence.raw.mean) if evidence.raw else ""


def range_words(evidence: Evidence) -> str:
    mean = evidence.corrected
    if mean is None:
        return ""
    return f"{points(mean.mean)}（{points(mean.low)}–{points(mean.high)}）"


@require_GET
def course(request: SignedInRequest, pk: int) -> HttpResponse:
    """One course; ``pk`` is one of its sessions."""
    found = queries.course_for(request.user, pk)
    context = {
        "file": found,
        "occasions": occasions_page(request, found.occasions),
        "proposal": proposals.about_course(found.evidence),
        "standing": decision_badge(found.standing.choice if found.standing else None),
        "history": course_lines(request.user, found.decisions),
        "may_decide": deciding.may_decide_course(request.user, found.institution, found.standing),
        "sees_more": bool(deciding.may_see_invitations(request.user)),
    }
    return render(request, "evaluations/course.html", context)


@deed
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.course_for(request.user, pk)
    proposal = proposals.about_course(found.evidence)
    form = CourseDecisionForm(
        request.POST or None, found.evidence
    )  # nothing is ticked: the proposal stands above, a person decides

    def act() -> str:
        actions.decide_course(found.institution, found.title, **form.facts(), by=request.user)
        return course_url(pk)

    said = _("Proposal: %(label)s. %(why)s") % {"label": proposal.label, "why": proposal.why}
    lead = f"{proposals.figures(found.evidence)} {said}"
    return deed_page(
        request,
        form,
        act,
        verdict=deciding.may_decide_course(request.user, found.institution, found.standing),
        title=_("Keep, mend or drop “%(course)s”") % {"course": found.title},
        button=_("Decide"),
        lead=lead,
        back=course_url(pk),
        crumbs=[(_("Courses to keep"), reverse("evaluations:courses")), (found.title, course_url(pk))],
        done=_("The decision is kept with your name."),
    )


@require_GET
def decisions(request: SignedInRequest) -> HttpResponse:
    """Every decision about courses, the newest first; nothing is ever changed in it."""
    listing = Listing(
        request,
        CourseDecision.objects.visible_to(request.user).select_related("institution", "by"),
        (
            Column("at", _("decided at"), sort="at"),
            Column("title", _("course as taught"), sort="title", long=True),
            Column("institution__name", _("institution"), sort="institution__path"),
            Column(
                "choice",
                _("decision"),
                sort="choice",
                value=lambda one: one.get_choice_display(),
                show=lambda one: decision_badge(one.choice),
            ),
            Column("reason", _("reason"), long=True),
            Column("owner", _("who answers for it")),
            Column("due_on", _("to be mended by"), sort="due_on"),
            Column("by__name", _("decided by"), sort="by__name"),
        ),
        name="course-decisions",
        label=_("Decisions about courses"),
        search=("title", "reason", "institution__name", "by__name"),
        filters=(Filter("choice", _("decision"), Choice.choices),),
        empty=Empty(_("Nothing was decided yet"), _("The page of a course takes the decision."), icon="gavel"),
    )
    return listing.response("evaluations/course_decisions.html")
