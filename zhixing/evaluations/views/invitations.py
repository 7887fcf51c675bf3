"""Pages of invitations: for those who decide one teacher at a time, and the own page of a teacher, with the appeal."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import actions, appealing, deciding, proposals
from zhixing.evaluations.consequence_forms import InvitationForm
from zhixing.evaluations.models import Appeal, InvitationDecision
from zhixing.evaluations.queries import invitations as queries
from zhixing.evaluations.queries.appeals import decisions_about_own_courses
from zhixing.evaluations.queries.taught import Evidence
from zhixing.evaluations.views.appeals import appeal_line, course_lines, decided_filter, decision_badge
from zhixing.evaluations.views.courses import occasions_page
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources.models import Teacher

deed = require_http_methods(["GET", "POST"])
Choice = InvitationDecision.Choice


def invitation_url(teacher: Teacher) -> str:
    return page_about("evaluations:invitation", teacher.pk)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Invitations"), reverse("evaluations:invitations"))]


@require_GET
def invitations(request: SignedInRequest) -> HttpResponse:
    """Teachers by name, without figures: nobody is ranked, and each is looked at on the own page."""
    deciding.may_see_invitations(request.user).require()
    rows = queries.teachers_to_decide(request.user)
    listing = Listing(
        request,
        rows,
        (
            Column("name", _("Name"), sort="name", link=invitation_url),
            Column("get_group_display", _("teacher group"), sort="group"),
            Column("institution", _("kept by"), value=lambda one: str(one.institution or _("the city"))),
            Column("times", _("sessions taught"), numeric=True),
            Column("last", _("last taught"), sort="last"),
            Column(
                "standing",
                _("decision taken"),
                value=lambda one: Choice(one.standing).label if one.standing else "",
                show=lambda one: decision_badge(one.standing),
            ),
            Column(
                "appealed",
                _("appeal"),
                value=lambda one: _("waits") if one.appealed else "",
                show=lambda one: badge("warn", _("waits")) if one.appealed else "—",
            ),
        ),
        name="invitations",
        label=_("Invitations"),
        search=("name", "topics"),
        search_label=_("Name or topic"),
        filters=(
            decided_filter(Choice.choices),
            Filter(
                "appealed",
                _("appeal"),
                (("yes", _("waits")),),
                apply=lambda found, _chosen: found.filter(appealed=True),
            ),
        ),
        empty=Empty(
            _("No teacher has taught yet"), _("Whoever taught in your class runs stands here."), icon="chalkboard"
        ),
    )
    waiting = Appeal.objects.visible_to(request.user).waiting().filter(course=None).count()
    return listing.response("evaluations/invitations.html", {"waiting": waiting})


@require_GET
def invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    deciding.may_see_invitations(request.user).require()
    found = queries.teacher_file(request.user, pk)
    context = _context(request, found) | {"may_decide": deciding.may_invite(request.user, found.teacher)}
    return render(request, "evaluations/invitation.html", context)


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """A teacher's own record: everything that those who decide see of it, and the reasons."""
    if not request.user.is_teacher:
        raise NotFound
    user = request.user
    found = queries.own_file(user)
    context: dict[str, Any] = _context(request, found) if found else {"file": None}
    context["courses"] = course_lines(user, decisions_about_own_courses(user)) if found else []
    return render(request, "evaluations/my_invitations.html", context)


def _context(request: SignedInRequest, found: queries.TeacherFile) -> dict[str, Any]:
    user = request.user
    return {
        "file": found,
        "occasions": occasions_page(request, found.occasions),
        "history": [
            {
                "decision": one,
                "badge": decision_badge(one.choice),
                "evidence": Evidence.of_kept(one.evidence),
                "may_appeal": user.is_teacher and appealing.may_appeal_decision(user, one),
                "appeals": [appeal_line(user, each) for each in one.appeals.all()],
            }
            for one in found.decisions
        ],
    }


@deed
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    deciding.may_see_invitations(request.user).require()
    found = queries.teacher_file(request.user, pk)
    form = InvitationForm(request.POST or None, found.evidence)
    lead = _(
        "The decision is that of %(unit)s. It is no judgement of a person: it says whether and how to go on together."
    ) % {"unit": request.user.scope_unit}

    def act() -> str:
        actions.decide_invitation(found.teacher, **form.facts(), by=request.user)
        return invitation_url(found.teacher)

    return deed_page(
        request,
        form,
        act,
        verdict=deciding.may_invite(request.user, found.teacher),
        title=_("Invite %(teacher)s again?") % {"teacher": found.teacher},
        button=_("Decide"),
        lead=f"{proposals.figures(found.evidence)} {lead}",
        back=invitation_url(found.teacher),
        crumbs=[*_crumbs(), (found.teacher.name, invitation_url(found.teacher))],
        done=_("The decision is kept with your name, and the teacher is told."),
    )
