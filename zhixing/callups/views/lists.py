"""The list of one class run: who is on it and why, who is not and why, who waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.callups import actions, permissions, queries, reasons, sentences
from zhixing.callups.forms import AddForm
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.views.cells import acknowledged_cell, acknowledged_text, name_cell, state_cell, why_cell
from zhixing.callups.views.left_out import LeftOutListing
from zhixing.people.models import Person
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import may_cancel
from zhixing.plans.queries import class_run_for, eligible_people
from zhixing.plans.short import is_short

FOUND_MOST = 20


def _tabs(found: CallupRun, class_run: ClassRun, active: str, left_out: int) -> list[dict[str, Any]]:
    keys = [found.pk, class_run.pk]
    on_list = found.callups.filter(class_run=class_run, state__in=Callup.LIVE).count()
    items = [
        ("called", _("On the list"), reverse("callups:class_list", args=keys), on_list),
        (
            "left_out",
            _("Eligible, not on the list"),
            reverse("callups:left_out", args=keys),
            left_out,
        ),
        (
            "waiting",
            _("Waiting list"),
            reverse("callups:waiting", args=keys),
            queries.waiting_of(found, class_run).count(),
        ),
    ]
    return [{"label": label, "url": url, "active": key == active, "count": count} for key, label, url, count in items]


def _context(
    request: SignedInRequest,
    found: CallupRun,
    class_run: ClassRun,
    active: str,
    counts: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """What stands above the tabs; ``counts`` are the people left out by reason, asked for when not given."""
    if counts is None:
        counts = reasons.codes_left_out(found, class_run.pk)
    board = queries.board(found).get(pk=class_run.pk)
    may_change = permissions.may_change_run(request.user, found)
    people_url = reverse("callups:find_people", args=[found.pk, class_run.pk])
    return {
        "run": found,
        "reasons_of": sentences.reasons_of(found),
        "class_run": board,
        "short": is_short(board, timezone.localdate()),
        "may_cancel": may_cancel(request.user, class_run),
        "tabs": _tabs(found, class_run, active, sum(counts.values())),
        "may_change": may_change,
        "may_fill": permissions.may_fill(request.user, class_run),
        "add_form": AddForm(people=Person.objects.none(), url=people_url) if may_change else None,
    }


@require_GET
def latest(request: SignedInRequest, class_run_pk: int) -> HttpResponse:
    """From a class run to its list and waiting list: those of the run that called people last."""
    found = queries.latest_run_of(request.user, class_run_pk)
    return redirect("callups:class_list", found.pk, class_run_pk)


@require_GET
def rules_read(request: SignedInRequest, class_run_pk: int) -> HttpResponse:
    """Who has acknowledged the class rules and who has not yet, for whoever runs the class."""
    class_run = class_run_for(request.user, class_run_pk)
    digest = class_run.rules_digest
    rows = queries.called_to(request.user, class_run)
    listing = Listing(
        request,
        rows,
        (
            Column("person__name", _("full name"), sort="person__name"),
            Column("person__number", _("staff number"), sort="person__number"),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("state", _("state"), sort="state", value=lambda c: Callup.State(c.state).label),
            Column("acknowledged_at", _("acknowledged"), value=acknowledged_text, show=acknowledged_cell),
        ),
        name="rules-read",
        label=_("Who has acknowledged the class rules"),
        search=("person__name", "person__number", "unit__name"),
        search_label=_("Name, staff number or unit"),
        filters=(
            Filter(
                "rules",
                _("class rules"),
                (("owed", _("not yet")), ("read", _("acknowledged"))),
                apply=lambda found, chosen: (
                    found.filter(acknowledged_digest=digest)
                    if chosen == "read"
                    else found.exclude(acknowledged_digest=digest)
                ),
            ),
        ),
        export=excel,
        empty=Empty(_("Nobody"), icon="circle-check"),
    )
    done = rows.filter(acknowledged_digest=digest).count() if digest else 0
    return listing.response("callups/rules_read.html", {"class_run": class_run, "done": done, "all": rows.count()})


@require_GET
def class_list(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    names = Names()
    rows = queries.callups_of(request.user).filter(run=found, class_run=class_run)
    if not request.GET.get("state"):
        rows = rows.filter(state__in=Callup.LIVE)
    listing = Listing(
        request,
        rows.order_by("unit__path", "person__number"),
        (
            Column(
                "person__name",
                _("full name"),
                sort="person__name",
                show=lambda c: name_cell(found.pk, c.person, c.class_run_id),
            ),
            Column("person__number", _("staff number"), sort="person__number"),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("person__title", _("post")),
            Column("person__effective_rank", _("rank or grade"), value=lambda c: c.person.effective_rank),
            Column(
                "code",
                _("why"),
                value=lambda c: sentences.callup_sentence(c, names),
                show=lambda c: why_cell(c, names),
            ),
            Column("state", _("state"), sort="state", value=lambda c: Callup.State(c.state).label, show=state_cell),
        ),
        name="class-list",
        label=_("People on the list"),
        search=("person__name", "person__number", "unit__name"),
        search_label=_("Name, staff number or unit"),
        filters=(Filter("state", _("state"), Callup.State.choices),),
        empty=Empty(_("Nobody is on the list"), _("Solve the run, or add people by hand."), icon="users"),
    )
    return listing.response("callups/class_list.html", _context(request, found, class_run, "called"))


@require_GET
def left_out(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    counts = reasons.codes_left_out(found, class_run.pk)
    listing = LeftOutListing.of_class_run(request, found, class_run, counts)
    context = _context(request, found, class_run, "left_out", counts)
    context["counts"] = [(sentences.code_label(code), count) for code, count in counts.items()]
    return listing.response("callups/left_out.html", context)


WAITING_COLUMNS = (
    Column("position", gettext_lazy("place"), sort="position", numeric=True),
    Column("person__name", gettext_lazy("full name"), sort="person__name"),
    Column("person__number", gettext_lazy("staff number"), sort="person__number"),
    Column("person__unit__name", gettext_lazy("unit"), sort="person__unit__path"),
    Column("used", gettext_lazy("called since")),
)


@require_GET
def waiting(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    listing = Listing(
        request,
        queries.waiting_of(found, class_run).filter(person__in=Person.objects.visible_to(request.user)),
        WAITING_COLUMNS,
        name="waiting-list",
        label=_("Waiting list"),
        search=("person__name", "person__number"),
        empty=Empty(
            _("Nobody waits"), _("Everyone eligible is on the list, or the run is not solved yet."), icon="users"
        ),
    )
    return listing.response("callups/waiting.html", _context(request, found, class_run, "waiting"))


@require_GET
def find_people(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    """People of the target group for the search box: ``?q=`` in name or staff number."""
    found = queries.run_for(request.user, pk)
    permissions.may_change_run(request.user, found).require()
    return people_json(request, eligible_people(queries.class_run_of(found, class_run_pk)))


def people_json(request: SignedInRequest, people: Any) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    if not words:
        return JsonResponse([], safe=False)
    rows = people.filter(Q(name__icontains=words) | Q(number__startswith=words)).select_related("unit")
    return JsonResponse(
        [{"value": str(p.pk), "label": f"{p.name} {p.number} {p.unit.name}"} for p in rows[:FOUND_MOST]], safe=False
    )


@require_POST
def fill(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    """Give free seats to the waiting list."""
    found = queries.run_for(request.user, pk)
    called = actions.fill_free_seats(queries.class_run_of(found, class_run_pk), request.user)
    if called:
        names = "、".join(callup.person.name for callup in called)
        messages.success(request, _("Called from the waiting list: %(names)s") % {"names": names})
    else:
        messages.info(
            request, _("Nobody on the waiting list can take a free seat: a hard rule stands in the way of each.")
        )
    return redirect("callups:class_list", pk, class_run_pk)
