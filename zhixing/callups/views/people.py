"""A run seen from the units, and why one person is called or not."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.callups import explaining, permissions, queries, sentences
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.views.left_out import LeftOutListing
from zhixing.callups.views.runs import run_context, run_tabs
from zhixing.people.models import Account, Person, Unit
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun


@require_GET
def units(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    listing = Listing(
        request,
        queries.units_of(found).order_by("unit__path"),
        (
            Column(
                "unit__name",
                _("unit"),
                sort="unit__path",
                link=lambda row: reverse("callups:unit", args=[found.pk, row["unit_id"]]),
            ),
            Column("people", _("people"), sort="people", numeric=True),
            Column("callups", _("call-ups"), sort="callups", numeric=True),
            Column("class_runs", _("class runs"), sort="class_runs", numeric=True),
        ),
        name="run-units",
        label=_("Units of this run"),
        search=("unit__name",),
        search_label=_("Unit"),
        tie="unit_id",
        empty=Empty(_("Nobody is on the list"), _("Solve the run first."), icon="users"),
    )
    return listing.response("callups/units.html", run_context(request.user, found) | {"tabs": run_tabs(found, "units")})


@require_GET
def unit(request: SignedInRequest, pk: int, unit_pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    chosen = Unit.objects.visible_to(request.user).filter(pk=unit_pk).first()
    if chosen is None:
        raise NotFound
    names = Names()
    rows = queries.callups_of(request.user).filter(
        run=found, unit__path__startswith=chosen.path, state__in=(Callup.State.PROPOSED, *Callup.IN_FORCE)
    )
    listing = Listing(
        request,
        rows,
        (
            Column(
                "person__name",
                _("full name"),
                sort="person__name",
                link=lambda c: reverse("callups:why", args=[found.pk, c.person_id, c.class_run_id]),
            ),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("class_run__name", _("class run"), sort="class_run__name"),
            Column("class_run__starts_on", _("starts on"), sort="class_run__starts_on"),
            Column("class_run__ends_on", _("ends on")),
            Column("code", _("why"), value=lambda c: sentences.callup_sentence(c, names)),
            Column("state", _("state"), value=lambda c: c.get_state_display(), show=_state),
        ),
        name="unit-list",
        label=chosen.name,
        search=("person__name", "person__number", "class_run__name"),
    )
    return listing.response("callups/unit.html", {"run": found, "unit": chosen})


def _state(callup: Callup) -> Any:
    return badge(callup.state, callup.get_state_display())


@require_GET
def ours(request: SignedInRequest, pk: int) -> HttpResponse:
    """For the liaison: people of the own unit who were eligible in a published run and not called, with the reason of each."""
    found = _published(pk)
    if not (request.user.is_liaison or request.user.is_department or request.user.is_auditor):
        raise NotFound
    listing = LeftOutListing.of_class_run(request, found, None, sentences.CODES_LEFT_OUT)
    return listing.response("callups/ours.html", {"run": found})


def _published(pk: int) -> CallupRun:
    found = CallupRun.objects.filter(pk=pk, state=CallupRun.State.PUBLISHED).first()
    if found is None:
        raise NotFound
    return found


@require_GET
def why(request: SignedInRequest, pk: int, person_pk: int, class_run_pk: int) -> HttpResponse:
    """Why this person is, or is not, called to this class: the sentence, what was weighed, and what would change it."""
    found, person, class_run = _explainable(request.user, pk, person_pk, class_run_pk)
    context = {
        "run": found,
        "person": person,
        "class_run": class_run,
        "may_change": permissions.may_change_run(request.user, found),
        "planner": CallupRun.objects.visible_to(request.user).filter(pk=found.pk).exists(),
        **explaining.explain(found, person, class_run),
    }
    return render(request, "callups/parts/why.html" if request.htmx else "callups/why.html", context)


def _explainable(user: Account, pk: int, person_pk: int, class_run_pk: int) -> tuple[CallupRun, Person, ClassRun]:
    """Planners see every run, everyone else only published ones; and only people whose reasons the account may read."""
    run = CallupRun.objects.visible_to(user).filter(pk=pk).first() or _published(pk)
    person = Person.objects.select_related("unit").filter(pk=person_pk).first()
    class_run = run.class_runs.filter(pk=class_run_pk).first()
    path = person.unit.path if person and person.unit else ""
    if person is None or class_run is None or not permissions.may_read_reasons_of(user, path, person.pk):
        raise NotFound
    return run, person, class_run
