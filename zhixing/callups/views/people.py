"""The people of a run with the reason of each, and why one person is called or not."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.models import Job
from zhixing.base.problems import NotFound
from zhixing.callups import actions, explaining, permissions, queries, sentences
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.views.cells import name_cell, state_cell, why_cell
from zhixing.callups.views.left_out import LeftOutListing
from zhixing.callups.views.runs import run_context, run_tabs
from zhixing.engine.callup.codes import Code
from zhixing.people.models import Account, Person, Unit
from zhixing.people.queries import unit_for
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun


@require_GET
def people(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everybody on the list of a run, each with the reason."""
    found = queries.run_for(request.user, pk)
    listing = _on_the_list(request, found, None)
    return listing.response(
        "callups/people.html", run_context(request.user, found) | {"tabs": run_tabs(found, "people")}
    )


@require_GET
def unit(request: SignedInRequest, pk: int, unit_pk: int) -> HttpResponse:
    """Everybody of a unit and below it who is on the list of a run."""
    found = queries.run_for(request.user, pk)
    chosen = unit_for(request.user, unit_pk)
    listing = _on_the_list(request, found, chosen)
    return listing.response("callups/unit.html", {"run": found, "unit": chosen})


def _on_the_list(request: SignedInRequest, found: CallupRun, unit: Unit | None) -> Listing:
    names = Names()
    rows = queries.callups_of(request.user).filter(run=found, state__in=Callup.LIVE)
    if unit is not None:
        rows = rows.filter(unit__path__startswith=unit.path)
    return Listing(
        request,
        rows.order_by("unit__path", "person__number") if unit else rows.order_by("pk"),  # no sort of thousands
        (
            Column(
                "person__name",
                _("full name"),
                sort="person__name",
                show=lambda c: name_cell(found.pk, c.person, c.class_run_id),
            ),
            Column("person__number", _("staff number"), sort="person__number"),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column(
                "class_run__name",
                _("class run"),
                sort="class_run__name",
                link=lambda c: page_about("callups:class_list", found.pk, c.class_run_id),
            ),
            Column("class_run__starts_on", _("starts on"), sort="class_run__starts_on"),
            Column(
                "code",
                _("why"),
                value=lambda c: sentences.callup_sentence(c, names),
                show=lambda c: why_cell(c, names),
            ),
            Column("state", _("state"), value=lambda c: c.get_state_display(), show=state_cell),
        ),
        name="unit-list" if unit else "people-list",
        label=unit.name if unit else _("People on the list"),
        search=("person__name", "person__number", "unit__name", "class_run__name"),
        search_label=_("Name, staff number, unit or class run"),
        filters=(
            Filter(
                "by",
                _("why"),
                (("hand", _("decided by hand")), ("make_up", _("make-up")), ("second", _("called twice or more"))),
                apply=_by,
            ),
        ),
        empty=Empty(_("Nobody is on the list"), _("Solve the run first."), icon="users"),
    )


def _by(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    match chosen:
        case "hand":
            return rows.filter(code=Code.CHOSEN_PINNED)
        case "make_up":
            return rows.exclude(makes_up=None)
    others = Callup.objects.filter(run=OuterRef("run"), person=OuterRef("person"), state__in=Callup.LIVE)
    return rows.filter(Exists(others.exclude(pk=OuterRef("pk"))))


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
        "reasons_of": sentences.reasons_of(found),
        "person": person,
        "class_run": class_run,
        "may_change": permissions.may_change_run(request.user, found),
        "back": request.htmx.current_url_abs_path or "",
        "planner": CallupRun.objects.visible_to(request.user).filter(pk=found.pk).exists(),
        **explaining.explain(found, person, class_run, request.user),
    }
    if (may_try := permissions.may_try(request.user, found)) and not context["called"]:
        context |= {"may_try": may_try, **_tried(found, person, class_run)}
    return render(request, "callups/parts/why.html" if request.htmx else "callups/why.html", context)


def _tried(run: CallupRun, person: Person, class_run: ClassRun) -> dict[str, Any]:
    """The search that runs, or what the last one found."""
    job = queries.last_try(run, person.pk, class_run.pk)
    if job is None or job.state == Job.State.CANCELLED:
        return {}
    if job.state != Job.State.DONE:
        return {"try_job": job}
    names = Names()
    return {
        "tried": sentences.tried(job.result, names),
        "audit": sentences.price_audit(job.result, names) if job.result.get("prices") is not None else (),
    }


@require_POST
def try_change(request: SignedInRequest, pk: int, person_pk: int, class_run_pk: int) -> HttpResponse:
    """Let the worker try what would put this person on the list."""
    found = queries.run_for(request.user, pk)
    _run, person, class_run = _explainable(request.user, pk, person_pk, class_run_pk)
    actions.start_try(found, person, class_run, by=request.user)
    return redirect("callups:why", pk, person_pk, class_run_pk)


def _explainable(user: Account, pk: int, person_pk: int, class_run_pk: int) -> tuple[CallupRun, Person, ClassRun]:
    """Planners see every run, everyone else only published ones; and only people whose reasons the account may read."""
    run = CallupRun.objects.visible_to(user).filter(pk=pk).first() or _published(pk)
    person = Person.objects.select_related("unit").filter(pk=person_pk).first()
    class_run = run.class_runs.filter(pk=class_run_pk).first()
    path = person.unit.path if person and person.unit else ""
    if person is None or class_run is None or not permissions.may_read_reasons_of(user, path, person.pk):
        raise NotFound
    return run, person, class_run
