"""The inbox: the department decides about leave and substitutes; a liaison answers for the people of the unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.asked import either, whole_numbers
from zhixing.base.columns import state_column
from zhixing.base.files import hand_out_stored
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.callups import actions, queries, sentences
from zhixing.callups.clashes import Clash, open_clashes
from zhixing.callups.models import Callup, Reply
from zhixing.people.views.request import SignedInRequest


def _callup_url(callup: Callup) -> str:
    return page_about("callups:callup", callup.pk)


DECISION_COLUMNS = (
    Column(
        "callup__person__name",
        gettext_lazy("full name"),
        sort="callup__person__name",
        link=lambda r: _callup_url(r.callup),
    ),
    Column("callup__unit__name", gettext_lazy("unit"), sort="callup__unit__path"),
    Column("callup__class_run__name", gettext_lazy("class run"), sort="callup__class_run__name"),
    Column("callup__class_run__starts_on", gettext_lazy("starts on"), sort="callup__class_run__starts_on"),
    Column("kind", gettext_lazy("asks for"), sort="kind", value=lambda r: r.get_kind_display()),
    Column("reason", gettext_lazy("reason"), value=lambda r: r.get_reason_display() or r.text),
    Column("substitute__name", gettext_lazy("substitute")),
    Column("at", gettext_lazy("asked at"), sort="at"),
)
CALLUP_COLUMNS = (
    Column("person__name", gettext_lazy("full name"), sort="person__name", link=_callup_url),
    Column("unit__name", gettext_lazy("unit"), sort="unit__path"),
    Column("class_run__name", gettext_lazy("class run"), sort="class_run__name"),
    Column("class_run__starts_on", gettext_lazy("starts on"), sort="class_run__starts_on"),
    Column("class_run__ends_on", gettext_lazy("ends on"), sort="class_run__ends_on"),
    Column("reply_by", gettext_lazy("answer due by"), sort="reply_by"),
    state_column(gettext_lazy("state")),
)


def _changed_columns(clashing: Callable[[], Mapping[int, list[Clash]]]) -> tuple[Column, ...]:
    def said(callup: Callup) -> str:
        return sentences.concern(callup, clashing() if callup.concern == Callup.Concern.CALLER else {})

    return (
        *CALLUP_COLUMNS[:4],
        Column("concern", _("what became of the person"), sort="concern", long=True, value=said),
        CALLUP_COLUMNS[-1],
    )


@require_GET
def replies(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if not (user.is_department or user.is_auditor or user.is_liaison):
        return redirect("callups:mine")
    face = request.GET.get("face", "due")
    if face == "all":
        listing: Listing = _all(request)
    elif face == "changed":
        listing = _changed(request)
    elif user.is_liaison:
        listing = _to_answer(request)
    else:
        listing = _to_decide(request)
    context = {
        "face": face,
        "tabs": _tabs(request, face),
        "due": (queries.answers_due(user) if user.is_liaison else queries.decisions_due(user)).count(),
        "late": _late(request),
        "published": queries.published_for(user)[:10] if user.is_liaison else (),
    }
    return listing.response("callups/replies.html", context)


def _tabs(request: SignedInRequest, face: str) -> list[dict[str, Any]]:
    url = reverse("callups:replies")
    first = _("Waiting for our answer") if request.user.is_liaison else _("Waiting for a decision")
    return [
        {"label": first, "url": url, "active": face not in {"all", "changed"}},
        {
            "label": _("In question since"),
            "url": f"{url}?face=changed",
            "active": face == "changed",
            "count": queries.in_question(request.user).count(),
        },
        {"label": _("All call-ups"), "url": f"{url}?face=all", "active": face == "all"},
    ]


def _late(request: SignedInRequest) -> int:
    """Call-ups in scope whose deadline has passed without an answer."""
    late = Callup.objects.visible_to(request.user).filter(state=Callup.State.SENT, reply_by__lt=timezone.localdate())
    return late.count()


def _to_decide(request: SignedInRequest) -> Listing:
    return Listing(
        request,
        queries.decisions_due(request.user).order_by("at"),
        DECISION_COLUMNS,
        name="decisions",
        label=_("Waiting for a decision"),
        search=("callup__person__name", "callup__unit__name", "callup__class_run__name"),
        search_label=_("Name, unit or class run"),
        filters=(
            Filter("kind", _("asks for"), Reply.Kind.choices[1:]),
            Filter("reason", _("reason"), Reply.Reason.choices),
        ),
        empty=Empty(_("Nothing waits for a decision"), _("Leave and substitutes that units ask for appear here.")),
    )


def _to_answer(request: SignedInRequest) -> Listing:
    return Listing(
        request,
        queries.answers_due(request.user),
        CALLUP_COLUMNS,
        name="answers",
        label=_("Waiting for our answer"),
        search=("person__name", "person__number", "class_run__name"),
        search_label=_("Name, staff number or class run"),
        selectable=True,
        bulk_template="callups/parts/accept_bulk.html",
        bulk_url=reverse("callups:accept_selected"),
        empty=Empty(_("Every call-up is answered"), _("When people of your unit are called, they appear here.")),
    )


class _FaceListing(Listing):
    """The face stays in the address of every link of the list."""

    def url(self, **changes: str) -> str:
        found = super().url(**changes)
        return f"{found}{'&' if '?' in found else '?'}face={self.request.GET['face']}"


def _changed(request: SignedInRequest) -> Listing:
    rows = queries.in_question(request.user)
    clashing = cache(lambda: open_clashes(list(rows.filter(concern=Callup.Concern.CALLER))))
    return _FaceListing(
        request,
        rows,
        _changed_columns(clashing),
        name="changed",
        label=_("In question since"),
        search=("person__name", "person__number", "class_run__name", "unit__name"),
        search_label=_("Name, staff number, unit or class run"),
        filters=(Filter("concern", _("what became of the person"), Callup.Concern.choices),),
        empty=Empty(
            _("No call-up is in question"),
            _(
                "Called people who leave, retire, move to another unit or are called by another authority appear here until the department decides."
            ),
            icon="circle-check",
        ),
    )


def _all(request: SignedInRequest) -> Listing:
    return _FaceListing(
        request,
        queries.callups_of(request.user)
        .exclude(state=Callup.State.PROPOSED)
        .order_by("-class_run__starts_on", "unit__path"),
        CALLUP_COLUMNS,
        name="callups",
        label=_("All call-ups"),
        search=("person__name", "person__number", "class_run__name", "unit__name"),
        search_label=_("Name, staff number, unit or class run"),
        filters=(Filter("state", _("state"), Callup.State.choices[1:]),),
        empty=Empty(_("Nobody is called yet"), _("Call-ups appear here once a run is published.")),
    )


@require_POST
def accept_selected(request: SignedInRequest) -> HttpResponse:
    """A liaison accepts for the ticked people."""
    keys = whole_numbers(request.POST.getlist("selected"))
    done = actions.accept_all(queries.callups_of(request.user).filter(pk__in=keys), by=request.user)
    if done.accepted:
        messages.success(request, _("Accepted for %(count)s people.") % {"count": done.accepted})
    for reason in sorted({reason for _key, reason in done.refused}):
        messages.error(request, reason)
    return redirect("callups:replies")


@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    reply = queries.reply_for(request.user, pk)
    approved = either(request.POST.get("decision", ""), "approve", "refuse")
    called = actions.decide_reply(reply, approved=approved, note=request.POST.get("note", ""), by=request.user)
    if called:
        names = "、".join(callup.person.name for callup in called)
        messages.success(request, _("Decided. The seat goes to %(names)s.") % {"names": names})
    elif approved:
        messages.success(request, _("Approved. Nobody on the waiting list can take the seat; it stays free."))
    else:
        messages.success(request, _("Refused. The call-up stands and is to be answered anew."))
    return redirect("callups:callup", reply.callup_id)


@require_GET
def proof(request: SignedInRequest, pk: int) -> HttpResponse:
    """The paper that came with a leave, for those who may read the reason."""
    reply = queries.reply_for(request.user, pk)
    if reply.proof is None:
        raise NotFound
    return hand_out_stored(reply.proof, inline=True)
