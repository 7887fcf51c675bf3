"""A class run from its attendance side: its registers day by day, its people with what they missed, its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.models import Register
from zhixing.attendance.queries import Result
from zhixing.base.columns import hours_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound, Text
from zhixing.base.templatetags.pages import badge
from zhixing.callups.models import Callup
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for

OUTCOMES = (("completes", gettext_lazy("completes")), ("fails", gettext_lazy("does not complete")))
CAP = (("inside", gettext_lazy("inside the cap")), ("passed", gettext_lazy("over the cap")))


@require_GET
def class_run(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    seen = queries.with_session(Register.objects.visible_to(request.user)).filter(session__class_run=found)
    rows = list(queries.with_counts(seen).order_by("session__on", "session__begins_at"))
    if not (rows or permissions.runs_the_class(request.user, found)):
        raise NotFound
    results = {result.callup.pk: result for result in queries.all_results_of(found)}
    named, shown = queries.named_on(found), _answers_for(request.user, found)
    context = {
        "class_run": found,
        "registers": rows,
        "days": [(day, list(group)) for day, group in groupby(rows, key=lambda r: r.session.on)],
        "closed": sum(r.state == Register.State.CLOSED for r in rows),
        "lacking": found.sessions.filter(register=None).count(),
        "listed": len(results),
        "completing": sum(result.stands for result in results.values()),
        "shows_people": shown,
        "may_open": permissions.may_open_registers(request.user, found),
        "may_complete": permissions.may_complete(request.user, found),
        "may_name": permissions.may_name_approvers(request.user, found),
        "named": [(rung.title, named.get(rung.code)) for rung in queries.nameable()],
        "running": found.state in {ClassRun.State.CALLED, ClassRun.State.RUNNING},
    }
    return _people(request, found, results if shown else {}).response("attendance/class_run.html", context)


def _answers_for(user: Account, class_run: ClassRun) -> bool:
    return ClassRun.objects.in_charge(user).filter(pk=class_run.pk).exists()


def _people(request: SignedInRequest, class_run: ClassRun, results: Mapping[int, Result]) -> Listing:
    """The people on the list; ordered by name or unit, never by hours (H2). Only those who answer for the class run may ask for it."""
    callups = queries.called_to(class_run) if results else Callup.objects.none()

    def judged(rows: QuerySet[Callup], chosen: str) -> QuerySet[Callup]:
        wanted = [key for key, one in results.items() if one.stands is (chosen == "completes")]
        return rows.filter(pk__in=wanted)

    def capped(rows: QuerySet[Callup], chosen: str) -> QuerySet[Callup]:
        wanted = [key for key, one in results.items() if one.budget.passed is (chosen == "passed")]
        return rows.filter(pk__in=wanted)

    return Listing(
        request,
        callups.select_related("person", "unit").order_by("unit__path", "person__number"),
        _columns(results, bool(permissions.may_complete(request.user, class_run))),
        name="people",
        label=_("People on the list"),
        search=("person__name", "person__number", "unit__name"),
        search_label=_("Name, staff number or unit"),
        filters=(
            Filter("outcome", _("result"), OUTCOMES, apply=judged),
            Filter("cap", _("cap"), CAP, apply=capped),
        ),
        export=excel,
        empty=Empty(
            _("Nobody is on this list"),
            _("People are on it once they have been called up and hold a seat."),
            icon="users",
        ),
    )


def _columns(results: Mapping[int, Result], may_record: bool) -> list[Column]:
    def outcome(callup: Callup) -> str:
        return str(dict(OUTCOMES)["completes" if results[callup.pk].stands else "fails"])

    def tenths(key: str, label: Text, read: Callable[[Result], int]) -> Column:
        return hours_column(key, label, lambda callup: read(results[callup.pk]))

    record_leave = Column(
        "leave",
        gettext_lazy("Leave"),
        value=lambda _callup: "",
        show=lambda _callup: _("Record leave"),
        link=lambda callup: reverse("attendance:ask_leave", args=[callup.pk]),
    )
    return [
        Column("person__name", pgettext_lazy("person", "name"), sort="person__name"),
        Column("person__number", gettext_lazy("staff number"), sort="person__number"),
        Column("unit__name", gettext_lazy("unit"), sort="unit__path"),
        tenths("attended", gettext_lazy("hours earned"), lambda one: one.attended),
        tenths("held", gettext_lazy("hours held"), lambda one: one.held),
        tenths("missed", gettext_lazy("hours missed"), lambda one: one.budget.used),
        tenths("cap", gettext_lazy("cap"), lambda one: one.budget.cap),
        Column(
            "outcome",
            gettext_lazy("result"),
            value=outcome,
            show=lambda callup: badge("good" if results[callup.pk].stands else "bad", outcome(callup)),
        ),
        *([record_leave] if may_record else []),
    ]


@require_POST
def open_registers(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    opened = actions.open_registers(found, by=request.user)
    messages.success(request, _("%(n)s registers are open.") % {"n": opened})
    return redirect("attendance:class_run", pk)


@require_POST
def complete(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    done = actions.complete_class_run(found, by=request.user)
    messages.success(
        request, _("The class run is over: %(completed)s completed it, %(not_completed)s did not.") % vars(done)
    )
    return redirect("attendance:class_run", pk)
