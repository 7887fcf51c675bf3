"""The list of registers, and the register of one session: roll call, evidence, closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.models import Register, Status
from zhixing.attendance.queries import Tally
from zhixing.base.asked import whole_number
from zhixing.base.columns import state_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid
from zhixing.people.views.request import SignedInRequest

DAYS = (
    ("today", pgettext_lazy("day", "today")),
    ("past", gettext_lazy("before today")),
    ("coming", gettext_lazy("after today")),
)
DAY_LOOKUP = {"today": "session__on", "past": "session__on__lt", "coming": "session__on__gt"}


def _of_day(rows: QuerySet[Register], day: str) -> QuerySet[Register]:
    return rows.filter(**{DAY_LOOKUP[day]: timezone.localdate()})


def _register_link(register: Register) -> str:
    return page_about("attendance:register", register.pk)


COLUMNS = (
    Column(
        "session__on",
        gettext_lazy("half day"),
        sort=("session__on", "session__begins_at"),
        value=lambda r: f"{r.session.on.isoformat()} {r.session.get_half_display()}",
        link=_register_link,
    ),
    Column(
        "session__class_run__name",
        gettext_lazy("class run"),
        sort="session__class_run__name",
        link=lambda r: reverse("attendance:class_run", args=[r.session.class_run_id]),
    ),
    Column("session__title", pgettext_lazy("class", "session")),
    Column("session__teacher__name", gettext_lazy("teacher")),
    Column("listed", gettext_lazy("on the list"), numeric=True),
    Column("present", gettext_lazy("there"), sort="present", numeric=True),
    Column("on_leave", gettext_lazy("on leave"), sort="on_leave", numeric=True),
    Column("absent", gettext_lazy("absent"), sort="absent", numeric=True),
    state_column(gettext_lazy("state")),
)


@require_GET
def registers(request: SignedInRequest) -> HttpResponse:
    """Today's registers first, then those that lie behind, then those to come."""
    seen = Register.objects.visible_to(request.user)
    listing = Listing(
        request,
        queries.todays_first(queries.with_counts(queries.with_session(seen))),
        COLUMNS,
        name="registers",
        label=_("Registers"),
        search=("session__class_run__name", "session__class_run__code", "session__title"),
        search_label=_("Class run or session"),
        filters=(
            Filter("day", _("day"), DAYS, apply=_of_day),
            Filter("state", _("state"), Register.State.choices),
        ),
        export=excel,
        empty=Empty(
            _("No registers yet"),
            _("Once people have been called up and the timetable is laid out, open the registers of a class run."),
            reverse("plans:class_runs"),
            _("To the class runs"),
            "clipboard-list",
        ),
    )
    context = {"day": queries.day_count(request.user), "lacking": queries.without_registers(request.user)}
    return listing.response("attendance/registers.html", context)


@require_GET
def register(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.register_for(request.user, pk)
    return render(request, "attendance/register.html", _context(request, found))


def _context(request: SignedInRequest, register: Register) -> dict[str, Any]:
    lines = queries.lines_of(register)
    may_take = permissions.may_take(request.user, register)
    return {
        "register": register,
        "session": register.session,
        "class_run": register.session.class_run,
        "lines": lines,
        "tally": Tally(lines),
        "statuses": Status.choices,
        "may_take": may_take,
        "may_close": permissions.may_close(request.user, register, timezone.now()),
        "may_correct": permissions.may_correct(request.user, register),
        "open": register.state == Register.State.OPEN,
    }


@require_POST
def mark(request: SignedInRequest, pk: int, callup: int) -> HttpResponse:
    """One person seen. htmx gets the line and the counts; without JavaScript the page comes back at the line."""
    found = queries.register_for(request.user, pk)
    status, version = request.POST.get("status", ""), whole_number(request.POST.get("version", ""))
    if status not in Status.values or version is None:
        raise Invalid(_("Choose a status."))
    line = actions.mark_person(found, callup, status, version=version, by=request.user)
    if not request.htmx:
        return redirect(f"{_register_link(found)}#line-{callup}")
    context = {"line": line, "register": found, "statuses": Status.choices, "open": True}
    context["tally"] = Tally(queries.lines_of(found))
    return render(request, "attendance/parts/line_and_tally.html", {**context, "may_take": True})


@require_POST
def rest(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.register_for(request.user, pk)
    marked = actions.mark_rest(found, by=request.user)
    messages.success(request, _("%(n)s people who were not marked yet are present.") % {"n": marked})
    return redirect("attendance:register", pk)


@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.register_for(request.user, pk)
    closing = actions.close_register(found, by=request.user)
    messages.success(
        request,
        _("Closed: %(present)s there, %(on_leave)s on leave, %(absent)s absent. Hours are posted, make-ups opened.")
        % vars(closing),
    )
    return redirect("attendance:register", pk)
