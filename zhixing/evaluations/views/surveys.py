"""Surveys: the list with live rates and no names, and one with its deeds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base import audit
from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.evaluations import actions, permissions, queries, rules
from zhixing.evaluations.actions.launching import end_of_day
from zhixing.evaluations.models import Group, Survey
from zhixing.evaluations.survey_forms import ProlongForm
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest


def rate(survey: Survey) -> str:
    """Answered of invited; a dash where few were asked."""
    return "—" if survey.is_small else f"{survey.answered} / {survey.invited} · {survey.percent}%"


COLUMNS = (
    Column("about", gettext_lazy("about"), link=lambda one: page_about("evaluations:survey", one.pk)),
    Column("version__form__title", gettext_lazy("questionnaire"), sort="version__form__title"),
    Column("get_group_display", gettext_lazy("rater group"), sort="group"),
    Column("get_months_display", pgettext_lazy("survey", "when"), sort="months"),
    Column("closes_at", pgettext_lazy("survey", "closes"), sort="closes_at"),
    Column("rate", gettext_lazy("answered"), numeric=True, value=rate),
    state_column(gettext_lazy("state")),
)


@require_GET
def surveys(request: SignedInRequest) -> HttpResponse:
    rows = queries.surveys_seen_by(request.user)
    may_launch = permissions.may_make_forms(request.user)
    listing = Listing(
        request,
        rows.defer("version__document"),
        COLUMNS,
        name="surveys",
        label=_("Surveys"),
        search=("class_run__name", "title", "version__form__title"),
        search_label=_("Class run, session or form"),
        filters=(
            Filter("state", _("state"), Survey.State.choices),
            Filter("group", _("rater group"), Group.choices),
        ),
        empty=Empty(
            _("No survey yet"),
            _("A survey is launched by hand, or by a rule when a session or class run ends."),
            reverse("evaluations:choose") if may_launch else "",
            _("Launch a survey") if may_launch else "",
            "message-report",
        ),
    )
    waiting = rows.filter(state=Survey.State.OPEN).count()
    return listing.response("evaluations/surveys.html", {"open": waiting, "may_launch": may_launch})


@require_GET
def survey(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.survey_for(request.user, pk)
    return render(request, "evaluations/survey.html", survey_context(request.user, found))


def survey_context(user: Account, survey: Survey) -> dict[str, object]:
    """What the page of one survey shows, whatever its state."""
    now = timezone.now()
    runs = bool(permissions.may_run_survey(user, survey))
    return {
        "survey": survey,
        "least": rules.in_force().least,
        "lasting": survey.takes_answers(now),
        "runs": runs,
        "may_remind": permissions.may_remind(user, survey, now),
        "may_close": permissions.may_close(user, survey),
        "may_go_to_paper": permissions.may_go_to_paper(user, survey),
        "may_read_class_run": permissions.may_read_class_run(user, survey.class_run),
        "may_read": permissions.may_read_results(user, survey),
        "prolong_form": ProlongForm(initial={"closes_on": timezone.localdate(survey.closes_at)}),
        "trail": audit.trail(survey)[:20] if user.is_department or user.is_auditor else (),
    }


@require_http_methods(["POST"])
def prolong(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.survey_for(request.user, pk)
    form = ProlongForm(request.POST)
    if not form.is_valid():
        context = {**survey_context(request.user, found), "prolong_form": form}
        return render(request, "evaluations/survey.html", context, status=422)
    actions.prolong_survey(found, end_of_day(form.cleaned_data["closes_on"]), by=request.user)
    messages.success(request, _("The survey stays open until %(day)s.") % {"day": form.cleaned_data["closes_on"]})
    return redirect("evaluations:survey", pk)


@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.close_survey(queries.survey_for(request.user, pk), by=request.user)
    messages.success(
        request, _("The survey is closed: its results can be read, and nothing tells any more who answered.")
    )
    return redirect("evaluations:survey", pk)


@require_POST
def remind(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.remind(queries.survey_for(request.user, pk), by=request.user)
    messages.success(request, _("Whoever has not answered was reminded."))
    return redirect("evaluations:survey", pk)
