"""The home desk, the audit trail, and complaints and suggestions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.callups.permissions import may_plan
from zhixing.obligations.permissions import may_see_board
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.portal import actions, deeds, desks, trails
from zhixing.portal.foresight import foresee
from zhixing.portal.forms import AnswerForm, SuggestionForm
from zhixing.portal.models import Suggestion


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    return render(request, "portal/home.html", {"desk": desks.desk_for(request.user)})


@require_GET
def foresight(request: SignedInRequest) -> HttpResponse:
    """How many people will be overdue at the end of the year, and the class runs that would cure it."""
    may_see_board(request.user).require()
    seen = foresee(request.user, timezone.localdate())
    first = seen.cures[0].class_run.year if seen.cures else 0
    chosen = [one.class_run.pk for one in seen.cures or () if one.class_run.year == first]
    context = {
        "seen": seen,
        "is_stale": seen.as_of is not None and seen.as_of < timezone.localdate(),
        "may_plan": may_plan(request.user),
        "callup_url": f"{reverse('callups:create')}?{urlencode([('year', first), *(('chosen', key) for key in chosen)])}",
    }
    return render(request, "portal/foresight.html", context)


@require_GET
def trail(request: SignedInRequest) -> HttpResponse:
    """Who did what, for the department and the auditor. Persons appear by key only."""
    user = request.user
    if not (user.is_department or user.is_auditor):
        raise NotFound
    names = dict(Account.objects.visible_to(user).values_list("pk", "username"))
    listing = Listing(
        request,
        deeds.visible_to(user),
        (
            Column("at", _("when"), sort="id"),
            Column("actor_id", _("account"), value=lambda e: names.get(e.actor_id, "")),
            Column("action", _("deed"), sort="action", value=lambda e: deeds.name(e.action)),
            Column("subject_type", _("kind of thing"), sort="subject_type", show=lambda e: trails.kind(e.subject_type)),
            Column("subject_id", _("key")),
            Column("details", _("details"), value=trails.codes, show=trails.particulars, long=True),
        ),
        name="audit-trail",
        label=_("Audit trail"),
        search=("action", "subject_type", "subject_id"),
        filters=(Filter("action", _("deed"), sorted(((c, deeds.name(c)) for c in deeds.NAMES), key=lambda c: c[1])),),
        export=excel,
    )
    return listing.response("portal/trail.html")


def suggestions(request: SignedInRequest) -> HttpResponse:
    """Write one; see the own ones and all answers. The department sees everything and answers."""
    user = request.user
    form = SuggestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.write_suggestion(form.cleaned_data["kind"], form.cleaned_data["text"], by=user)
        messages.success(request, _("Thank you. You will be answered."))
        return redirect("portal:suggestions")
    rows = Suggestion.objects.visible_to(user)
    context = {
        "form": form,
        "suggestions": rows[:100],
        "may_answer": actions.may_answer(user),
        "answer_form": AnswerForm(),
    }
    return render(request, "portal/suggestions.html", context, status=422 if form.errors else 200)


@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.may_answer(request.user).require()
    found = get_object_or_404(Suggestion.objects.visible_to(request.user), pk=pk)
    actions.answer_suggestion(found, request.POST.get("answer", ""), by=request.user)
    messages.success(request, _("The answer is sent."))
    return redirect("portal:suggestions")
