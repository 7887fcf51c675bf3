"""When units let nobody, or few, go (不宜抽调时段): the list, one entered, one withdrawn."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Conflict, Invalid, NotFound
from zhixing.callups import actions, permissions, sentences
from zhixing.callups.busy import in_the_way
from zhixing.callups.busy_forms import BusyForm
from zhixing.callups.models import BusyTime, Callup, CallupRun
from zhixing.engine.callup.weeks import whole_weeks
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest

State = BusyTime.State
COLUMNS = (
    Column(
        "unit__name",
        gettext_lazy("unit"),
        sort="unit__path",
        link=lambda one: page_about("callups:busy_time", one.pk),
    ),
    Column("scope", gettext_lazy("holds for")),
    Column("from_on", gettext_lazy("first day"), sort="from_on"),
    Column("to_on", gettext_lazy("last day"), sort="to_on"),
    Column("weeks", gettext_lazy("weeks"), value=sentences.busy_weeks),
    Column("most", gettext_lazy("may be away"), sort="most", numeric=True),
    Column("reason", gettext_lazy("reason"), long=True),
    state_column(gettext_lazy("state")),
    Column("created_at", gettext_lazy("entered at"), sort="created_at"),
)


def _in_time(rows: QuerySet[BusyTime], chosen: str) -> QuerySet[BusyTime]:
    """As ``BusyTime.is_over``: each holds until the Sunday after its last day."""
    monday, _sunday = whole_weeks(*2 * (timezone.localdate(),))
    return rows.filter(to_on__gte=monday) if chosen == "coming" else rows.filter(to_on__lt=monday)


@require_GET
def busy(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_busy(request.user).require()
    rows = BusyTime.objects.visible_to(request.user)
    may_enter = permissions.may_enter_busy(request.user)
    listing = Listing(
        request,
        rows.select_related("unit").order_by("-from_on", "pk"),
        COLUMNS,
        name="busy",
        label=_("Busy times of units"),
        search=("unit__name", "reason"),
        search_label=_("Unit or reason"),
        filters=(
            Filter("when", _("when"), (("coming", _("now or to come")), ("past", _("over"))), apply=_in_time),
            Filter("state", _("state"), State.choices),
        ),
        empty=Empty(
            _("No unit has named a busy time"),
            _(
                "Weeks in which a unit can let nobody go, such as a flood season or an audit: no list calls its people then."
            ),
            reverse("callups:enter_busy") if may_enter else "",
            _("Enter a busy time") if may_enter else "",
            "calendar-off",
        ),
    )
    coming = _in_time(rows.standing(), "coming")
    return listing.response("callups/busy.html", {"coming": coming.count(), "may_enter": may_enter})


@require_http_methods(["GET", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    permissions.may_enter_busy(request.user).require()
    own = request.user.scope_unit_id if request.user.is_liaison else None
    form = BusyForm(request.POST or None, user=request.user, initial={"unit": own})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.enter_busy_time(**form.facts(), by=request.user)
        except (Invalid, Conflict) as problem:
            form.add_error(None, str(problem.message))
        else:
            messages.success(request, _("Entered. Every list proposed from now on holds to it."))
            return redirect("callups:busy_time", made.pk)
    return render(request, "callups/busy_enter.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def busy_time(request: SignedInRequest, pk: int) -> HttpResponse:
    """One entry, with whom of the account's people it meets on a list that was sent."""
    found = _found(request, pk)
    called = in_the_way(found) if found.state == State.STANDING and not found.is_over else []
    shown = [callup for callup in called if permissions.is_in_scope(request.user, callup)]
    context = {
        "busy": found,
        "sentence": sentences.busy_sentence(found),
        "facts": _facts(found),
        "called": shown,
        "runs": _runs(request.user, shown),
        "may_withdraw": permissions.may_withdraw_busy(request.user, found),
    }
    return render(request, "callups/busy_time.html", context)


def _runs(user: Account, called: list[Callup]) -> list[CallupRun]:
    """The lists that the account may adjust to it."""
    runs = {callup.run_id: callup.run for callup in called}
    return [run for run in runs.values() if permissions.may_repair(user, run)]


def _facts(found: BusyTime) -> list[tuple[str, Any]]:
    names = dict(Account.objects.filter(pk__in=(found.by_id, found.withdrawn_by_id or 0)).values_list("pk", "name"))
    facts: list[tuple[str, Any]] = [
        (_("unit"), found.unit.name),
        (_("holds for"), found.scope),
        (_("days entered"), f"{found.from_on} – {found.to_on}"),
        (_("weeks"), sentences.busy_weeks(found)),
        (_("how many may be away at one time"), found.most),
        (_("reason"), found.reason),
        (_("entered by"), _who_when(names.get(found.by_id), found.created_at)),
    ]
    if found.withdrawn_at:
        by = names.get(found.withdrawn_by_id or 0)
        facts += [
            (_("withdrawn by"), _who_when(by, found.withdrawn_at)),
            (_("why it no longer stands"), found.note),
        ]
    return facts


def _who_when(name: str | None, at: Any) -> str:
    return f"{name or '—'} · {timezone.localtime(at):%Y-%m-%d %H:%M}"


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.withdraw_busy_time(_found(request, pk), request.POST.get("note", ""), by=request.user)
    messages.success(request, _("Withdrawn. The people of the unit may be called in these weeks again."))
    return redirect("callups:busy_time", pk)


def _found(request: SignedInRequest, pk: int) -> BusyTime:
    permissions.may_see_busy(request.user).require()
    found = BusyTime.objects.visible_to(request.user).select_related("unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
