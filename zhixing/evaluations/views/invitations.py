"""Pages of invitations: for those who decide one teacher at a time, and the own page of a teacher, with the appeal."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import actions, deciding, proposals
from zhixing.evaluations.consequence_forms import InvitationAppealForm, InvitationForm
from zhixing.evaluations.models import InvitationAppeal, InvitationDecision
from zhixing.evaluations.queries import invitations as queries
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources.models import Teacher

deed = require_http_methods(["GET", "POST"])
Choice = InvitationDecision.Choice
TONES = {Choice.AGAIN: "good", Choice.TALK: "warn", Choice.NOT_NEXT: "bad"}


def invitation_url(teacher: Teacher) -> str:
    return page_about("evaluations:invitation", teacher.pk)


def decision_badge(choice: str | None) -> str:
    return badge(TONES[Choice(choice)], Choice(choice).label) if choice else badge("quiet", _("not decided"))


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
            Filter("standing", _("decision taken"), (*Choice.choices, ("none", _("not decided"))), apply=_decided),
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
    waiting = InvitationAppeal.objects.visible_to(request.user).waiting().count()
    return listing.response("evaluations/invitations.html", {"waiting": waiting})


def _decided(rows: QuerySet[Teacher], chosen: str) -> QuerySet[Teacher]:
    return rows.filter(standing=None if chosen == "none" else chosen)  # type: ignore[misc]


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
    found = queries.own_file(request.user)
    context = _context(request, found) if found else {"file": None}
    return render(request, "evaluations/my_invitations.html", context)


def _context(request: SignedInRequest, found: queries.TeacherFile) -> dict[str, Any]:
    user = request.user
    return {
        "file": found,
        "history": [
            {
                "decision": one,
                "badge": decision_badge(one.choice),
                "evidence": Evidence.of_kept(one.evidence),
                "may_appeal": user.is_teacher and deciding.may_appeal_invitation(user, one),
                "appeal": appeal,
                "may_answer": appeal and deciding.may_answer_appeal(user, appeal),
                "stuck": appeal and not hasattr(appeal, "answer") and not deciding.others_of(one).exists(),
            }
            for one in found.decisions
            for appeal in (one.appealed,)
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


@deed
def appeal(request: SignedInRequest, pk: int) -> HttpResponse:
    decision = (
        InvitationDecision.objects.visible_to(request.user).select_related("teacher", "unit").filter(pk=pk).first()
    )
    if decision is None:
        raise NotFound
    form = InvitationAppealForm(request.POST or None)
    back = reverse("evaluations:my_invitations")

    def act() -> str:
        actions.appeal_invitation(decision, form.cleaned_data["text"], by=request.user)
        return back

    return deed_page(
        request,
        form,
        act,
        verdict=deciding.may_appeal_invitation(request.user, decision),
        title=_("Appeal against this decision"),
        button=_("Appeal"),
        lead=decision.reason,
        back=back,
        crumbs=[(_("My invitations"), back)],
        done=_("Your appeal is with somebody who did not decide."),
    )


@deed
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decide anew after an appeal: somebody else than before."""
    rows = InvitationAppeal.objects.visible_to(request.user)
    found = rows.select_related("decision__teacher", "decision__unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    teacher = found.decision.teacher
    verdict = deciding.may_answer_appeal(request.user, found)
    verdict.require()
    evidence = queries.evidence_on_appeal(found)
    form = InvitationForm(request.POST or None, evidence)

    def act() -> str:
        actions.answer_appeal(found, **form.facts(), by=request.user)
        return invitation_url(teacher)

    return deed_page(
        request,
        form,
        act,
        verdict=verdict,
        title=_("Answer the appeal of %(teacher)s") % {"teacher": teacher},
        button=_("Decide anew"),
        lead=f"{found.text} {proposals.figures(evidence)}",
        back=invitation_url(teacher),
        crumbs=[*_crumbs(), (teacher.name, invitation_url(teacher))],
        done=_("The new decision stands beside the old one, and the teacher is told."),
    )
