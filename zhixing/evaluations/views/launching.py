"""Launching a survey by hand, and the rules that launch them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.problems import Refused
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import actions, permissions, queries
from zhixing.evaluations.models import LaunchRule
from zhixing.evaluations.survey_forms import ClassRunForm, LaunchForm, RuleForm
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for


@require_http_methods(["GET", "POST"])
def choose(request: SignedInRequest) -> HttpResponse:
    """First: about which class run."""
    permissions.may_make_forms(request.user).require()
    form = ClassRunForm(ClassRun.objects.in_charge(request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("evaluations:launch", form.cleaned_data["class_run"].pk)
    return render(request, "evaluations/choose.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def launch(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    permissions.may_launch(request.user, class_run).require()
    form = LaunchForm(class_run, queries.versions_to_launch(request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.launch_survey(class_run=class_run, by=request.user, **form.facts())
        messages.success(request, _("The survey is open; everyone who is asked was told."))
        return redirect("evaluations:survey", made.pk)
    context = {"class_run": class_run, "form": form}
    return render(request, "evaluations/launch.html", context, status=422 if form.errors else 200)


def _state(rule: LaunchRule) -> str:
    return _("stopped on %(day)s") % {"day": rule.stopped_on} if rule.stopped_on else _("in force")


COLUMNS = (
    Column("form__title", gettext_lazy("questionnaire"), sort="form__title"),
    Column("get_group_display", gettext_lazy("rater group"), sort="group"),
    Column(
        "moment",
        pgettext_lazy("survey", "when"),
        value=lambda rule: f"{rule.form.get_subject_display()} · {rule.get_months_display()}",
    ),
    Column("open_days", gettext_lazy("open for days"), sort="open_days", numeric=True),
    Column("unit__name", gettext_lazy("for class runs organised by")),
    Column(
        "state",
        gettext_lazy("state"),
        value=_state,
        show=lambda rule: badge("quiet" if rule.stopped_on else "good", _state(rule)),
    ),
)


@require_http_methods(["GET", "POST"])
def rules(request: SignedInRequest) -> HttpResponse:
    """The rules in sight; the department adds one below them."""
    rows = queries.rules_seen_by(request.user)
    may_make = permissions.may_make_rules(request.user)
    if not (may_make or request.user.is_auditor):
        raise Refused(permissions.ONLY_DEPARTMENT)
    form = RuleForm(queries.forms_in_force(request.user), request.POST or None)
    if request.method == "POST":
        may_make.require()
        if form.is_valid():
            given = form.cleaned_data
            actions.make_rule(
                given["form"], given["group"], months=given["months"], open_days=given["open_days"], by=request.user
            )
            messages.success(request, _("The rule is in force from today on."))
            return redirect("evaluations:rules")
    listing = Listing(
        request,
        rows,
        (
            *COLUMNS,
            Column(
                "deed",
                gettext_lazy("deed"),
                value=lambda _rule: "",
                show=lambda rule: "" if rule.stopped_on else _("Stop the rule"),
                link=lambda rule: "" if rule.stopped_on else f"?stop={rule.pk}",
            ),
        )
        if may_make
        else COLUMNS,
        name="launch-rules",
        label=_("Launch rules"),
        search=("form__title",),
        search_label=_("Title"),
        export=None,
        empty=Empty(_("No rule yet"), _("With a rule, nobody needs to think of launching a survey."), icon="clock"),
    )
    in_force = rows.filter(stopped_on=None)
    asked = request.GET.get("stop", "")
    stopping = next((one for one in in_force if str(one.pk) == asked), None)
    context = {
        "form": form,
        "in_force": in_force.count(),
        "may_make": may_make,
        "stopping": stopping,
        "may_stop": permissions.may_stop_rule(request.user, stopping) if stopping else None,
    }
    answer = listing.response("evaluations/rules.html", context)
    answer.status_code = 422 if form.errors else 200
    return answer


@require_POST
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.stop_rule(queries.rule_for(request.user, pk), by=request.user)
    messages.success(request, _("The rule launches nothing more."))
    return redirect("evaluations:rules")
