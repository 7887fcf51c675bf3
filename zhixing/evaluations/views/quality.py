"""Pages of quality files and improvements."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.asked import either
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound, Refused
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import actions, permissions
from zhixing.evaluations.forms import ImprovementForm, ReportForm
from zhixing.evaluations.models import Assessment, Improvement
from zhixing.evaluations.queries.quality import over_years, schools_for, told_of
from zhixing.evaluations.views.assessments import url_of
from zhixing.people.models import Unit
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])


def file_url(school: Unit) -> str:
    return reverse("evaluations:quality_file", args=[school.pk])


@require_GET
def improvements(request: SignedInRequest) -> HttpResponse:
    """What institutions were asked to mend, the most urgent first; and the way to each quality file."""
    user = request.user
    schools = schools_for(user)
    if not schools and not user.is_auditor and not user.is_department:
        raise Refused(_("Quality files are for departments and institutions."))
    rows, today = Improvement.objects.visible_to(user), timezone.localdate()
    listing = Listing(
        request,
        rows.select_related("institution"),
        (
            Column(
                "text", _("what is to be mended"), long=True, link=lambda one: f"{file_url(one.institution)}#i{one.pk}"
            ),
            Column("institution__name", _("institution"), sort="institution__path"),
            Column("owner", _("who answers for it"), sort="owner"),
            Column("due_on", _("to be mended by"), sort="due_on"),
            Column(
                "state",
                _("state"),
                sort="state",
                value=lambda one: _said(one, today),
                show=lambda one: _marked(one, today),
            ),
        ),
        name="improvements",
        label=_("Improvements"),
        search=("text", "owner", "institution__name"),
        filters=(Filter("state", _("state"), Improvement.State.choices),),
        empty=Empty(
            _("Nothing is to be mended"), _("After a result was told, its page asks for improvements."), icon="checks"
        ),
    )
    overdue = rows.overdue(today).count()
    return listing.response("evaluations/improvements.html", {"schools": schools, "overdue": overdue})


def _said(task: Improvement, today: dt.date) -> str:
    late = task.state == Improvement.State.OPEN and task.due_on < today
    return _("overdue") if late else str(task.get_state_display())


def _marked(task: Improvement, today: dt.date) -> str:
    late = task.state == Improvement.State.OPEN and task.due_on < today
    return badge("bad" if late else task.state, _said(task, today))


@require_GET
def quality_file(request: SignedInRequest, pk: int) -> HttpResponse:
    school = next((one for one in schools_for(request.user) if one.pk == pk), None)
    if school is None:
        raise NotFound
    told = told_of(school, request.user)
    tasks = Improvement.objects.visible_to(request.user).filter(institution=school).order_by("state", "due_on", "id")
    user, today = request.user, timezone.localdate()
    context = {
        "school": school,
        "told": [(one, url_of(one.assessment)) for one in told],
        "chart": over_years(told, _("Percent of the points, by year")),
        "tasks": [
            (
                one,
                one.state == Improvement.State.OPEN and one.due_on < today,
                permissions.may_report_improvement(user, one),
                permissions.may_close_improvement(user, one),
            )
            for one in tasks.select_related(
                "assessment__version__system", "assessment__class_run", "assessment__institution"
            )
        ],
    }
    return render(request, "evaluations/quality_file.html", context)


def _task(request: SignedInRequest, pk: int) -> Improvement:
    rows = Improvement.objects.visible_to(request.user).select_related("institution", "assessment__class_run")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@deed
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for an improvement after the result of an assessment."""
    found = Assessment.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    due = timezone.localdate() + dt.timedelta(days=60)
    form = ImprovementForm(request.POST or None, initial={"due_on": due})

    def act() -> str:
        made = actions.ask_improvement(found, **form.cleaned_data, by=request.user)
        return f"{file_url(made.institution)}#i{made.pk}"

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_ask_improvement(request.user, found),
        title=_("Ask for an improvement"),
        button=_("Ask"),
        back=url_of(found),
        crumbs=[(_("Assessments"), reverse("evaluations:assessments")), (found.object, url_of(found))],
        done=_("The institution is told."),
    )


@deed
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    task = _task(request, pk)
    form = ReportForm(request.POST or None)

    def act() -> str:
        actions.report_improvement(task, form.cleaned_data["text"], by=request.user)
        return f"{file_url(task.institution)}#i{task.pk}"

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_report_improvement(request.user, task),
        title=_("Report what was done"),
        button=_("Report"),
        lead=task.text,
        back=file_url(task.institution),
        crumbs=[
            (_("Improvements"), reverse("evaluations:improvements")),
            (task.institution.name, file_url(task.institution)),
        ],
        done=_("It is with the department, which looks at it."),
    )


@require_POST
def close(request: SignedInRequest, pk: int, word: str) -> HttpResponse:
    task = _task(request, pk)
    good = either(word, "good", "again")
    actions.close_improvement(task, good=good, by=request.user)
    messages.success(request, _("It is mended.") if good else _("It is open again."))
    return redirect(file_url(task.institution))
