"""Pages of appeals against decisions about courses and invitations: the list, one appeal with what was decided before and after, and its deeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound, Text
from zhixing.base.templatetags.pages import badge
from zhixing.base.verdicts import Verdict
from zhixing.evaluations import actions, appealing, proposals
from zhixing.evaluations.consequence_forms import AppealForm, CourseDecisionForm, InvitationForm
from zhixing.evaluations.models import Appeal, CourseDecision, Decision, InvitationDecision
from zhixing.evaluations.queries import appeals as queries
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.models import Account
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])
TONES = {"keep": "good", "fix": "warn", "drop": "bad", "again": "good", "talk": "warn", "not_next": "bad"}
LABELS = dict(CourseDecision.Choice.choices) | dict(InvitationDecision.Choice.choices)


def decision_badge(choice: str | None) -> str:
    return badge(TONES[choice], LABELS[choice]) if choice else badge("quiet", _("not decided"))


def decided_filter(choices: Sequence[tuple[str, Text]]) -> Filter:
    """By what was decided last (``standing``), or that nothing was."""
    return Filter(
        "standing",
        _("decision taken"),
        (*choices, ("none", _("not decided"))),
        apply=lambda rows, chosen: rows.filter(standing=None if chosen == "none" else chosen),
    )


def appeal_line(user: Account, appeal: Appeal) -> dict[str, Any]:
    """An appeal below the decision that it is against."""
    stuck = appeal.answer is None and not appealing.others_of(appeal).exists()
    return {"appeal": appeal, "may_answer": appealing.may_answer_appeal(user, appeal), "stuck": stuck}


def course_lines(user: Account, decisions: Iterable[CourseDecision]) -> list[dict[str, Any]]:
    """Decisions about courses with their appeals; a teacher reads no figure to which colleagues added, and no colleague's appeal."""
    rows = list(decisions)
    seen: dict[int | None, list[Appeal]] = {}
    for each in Appeal.objects.visible_to(user).filter(course__in=rows).select_related("by", "institution"):
        seen.setdefault(each.course_id, []).append(each)
    appeals = user.is_teacher or user.is_school
    return [
        {
            "decision": one,
            "badge": decision_badge(one.choice),
            "evidence": None if user.is_teacher else Evidence.of_kept(one.evidence),
            "may_appeal": appeals and appealing.may_appeal_decision(user, one),
            "appeals": [appeal_line(user, each) for each in seen.get(one.pk, ())],
        }
        for one in rows
    ]


def appeal_url(appeal: Appeal) -> str:
    return page_about("evaluations:appeal", appeal.pk)


@require_GET
def appeals(request: SignedInRequest) -> HttpResponse:
    """Every appeal in sight, those that wait first."""
    user = request.user
    appealing.may_see_appeals(user).require()
    rows = queries.appeals_for(user)
    waits = badge("warn", _("waits"))
    listing = Listing(
        request,
        rows.order_by("-answered_at", "at") if user.is_teacher else rows,
        (
            Column("thing", _("course or teacher"), sort="thing", long=True, link=appeal_url),
            Column("at", _("appealed at"), sort="at"),
            Column("who", _("appealed by"), value=lambda one: str(one.institution or one.by.name)),
            Column(
                "against",
                _("decision appealed against"),
                value=lambda one: one.decision.get_choice_display(),
                show=lambda one: decision_badge(one.decision.choice),
            ),
            Column("text", _("grounds"), long=True),
            Column(
                "then",
                _("answer"),
                value=lambda one: str(LABELS[one.then]) if one.then else _("waits"),
                show=lambda one: decision_badge(one.then) if one.then else waits,
            ),
            Column("answered_at", _("answered at"), sort="answered_at"),
        ),
        name="appeals",
        label=_("Appeals"),
        search=("text", "course__title", "course__institution__name", "invitation__teacher__name", "by__name"),
        search_label=_("Course, teacher or words"),
        filters=(
            Filter(
                "state",
                _("state"),
                (("waits", _("waits")), ("answered", pgettext("appeal", "answered"))),
                apply=lambda found, chosen: found.filter(then__isnull=chosen == "waits"),
            ),
            Filter("kind", _("about"), (("course", _("a course")), ("invitation", _("an invitation")))),
        ),
        empty=Empty(
            _("Nobody has appealed yet"),
            _("Teachers and institutions appeal where they read what was decided."),
            icon="scale",
        ),
    )
    waiting = rows.waiting().count()
    results = [(one, _result_url(one)) for one in queries.open_result_appeals(user)[:20]]
    return listing.response("evaluations/appeals.html", {"waiting": waiting, "results": results})


def _result_url(appeal: Any) -> str:
    return f"{page_about('evaluations:assessment', appeal.result.assessment_id)}#{appeal.code}"


@require_GET
def appeal(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was decided, what is said against it, and what was decided then: all three stay."""
    user = request.user
    found = queries.appeal_for(user, pk)
    decision, known = queries.standing_before(found)
    answer = found.answer
    context = {
        "appeal": found,
        "kind": pgettext("appeal", "course") if found.course_id else pgettext("appeal", "invitation"),
        "before": _told(user, decision, known),
        "after": _told(user, answer, Evidence.of_kept(answer.evidence)) if answer else None,
        **appeal_line(user, found),
    }
    return render(request, "evaluations/appeal.html", context)


def _told(user: Account, decision: Decision, evidence: Evidence) -> dict[str, Any]:
    hides = user.is_teacher and isinstance(decision, CourseDecision)
    return {
        "decision": decision,
        "badge": decision_badge(decision.choice),
        "unit": appealing.decided_for(decision),
        "figures": "" if hides or not evidence.raw else proposals.figures(evidence),
    }


@deed
def appeal_course(request: SignedInRequest, pk: int) -> HttpResponse:
    rows = CourseDecision.objects.visible_to(request.user).select_related("institution", "unit", "by__scope_unit")
    return _appeal(request, rows.filter(pk=pk).first())


@deed
def appeal_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    rows = InvitationDecision.objects.visible_to(request.user).select_related("teacher", "unit")
    return _appeal(request, rows.filter(pk=pk).first())


def _appeal(request: SignedInRequest, decision: Decision | None) -> HttpResponse:
    if decision is None:
        raise NotFound
    form = AppealForm(request.POST or None)
    own = request.user.is_teacher
    back = reverse("evaluations:my_invitations" if own else "evaluations:course_decisions")

    def act() -> str:
        return appeal_url(actions.appeal_decision(decision, form.cleaned_data["text"], by=request.user))

    return deed_page(
        request,
        form,
        act,
        verdict=appealing.may_appeal_decision(request.user, decision),
        title=_("Appeal against this decision"),
        button=_("Appeal"),
        lead=f"{LABELS[decision.choice]}：{decision.reason}",
        back=back,
        crumbs=[(_("My invitations") if own else _("Decisions about courses"), back)],
        done=_("Your appeal is with somebody who did not decide."),
    )


@deed
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decide anew after an appeal: somebody else than before."""
    found = queries.appeal_for(request.user, pk)
    verdict: Verdict = appealing.may_answer_appeal(request.user, found)
    verdict.require()
    evidence = queries.evidence_on_appeal(found)
    make = CourseDecisionForm if found.course_id else InvitationForm
    form = make(request.POST or None, evidence)

    def act() -> str:
        actions.answer_appeal(found, **form.facts(), by=request.user)
        return appeal_url(found)

    who = found.institution or found.by.name
    return deed_page(
        request,
        form,
        act,
        verdict=verdict,
        title=_("Answer the appeal of %(who)s") % {"who": who},
        button=_("Decide anew"),
        lead=f"{found.text} {proposals.figures(evidence)}",
        back=appeal_url(found),
        crumbs=[(_("Appeals"), reverse("evaluations:appeals")), (found.about, appeal_url(found))],
        done=_("The new decision stands beside the old one, and whoever appealed is told."),
    )
