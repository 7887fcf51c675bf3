"""One call-up: what it is, why, what was answered and decided; and the trainee's own page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base import proofs
from zhixing.base.files import hand_out
from zhixing.base.problems import NotFound
from zhixing.callups import actions, explaining, further, papers, permissions, queries, sentences
from zhixing.callups.forms import LeaveForm, SubstituteForm
from zhixing.callups.models import Callup, CallupRun, MakeUp, OutsideCallup, Reply
from zhixing.callups.sentences import Names
from zhixing.callups.views.lists import people_json
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest

State, Kind = Callup.State, Reply.Kind
CURRENT = (State.SENT, State.ASKED, State.ACCEPTED)


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """The own call-ups, the open ones first, with big buttons."""
    user = request.user
    related = ("class_run", "class_run__institution", "unit", "person", "run")
    rows = Callup.objects.of_person(user).select_related(*related) if user.person_id else Callup.objects.none()
    callups = list(rows.order_by("class_run__starts_on"))
    names = Names()
    context = {
        "due": [_card(user, c, names) for c in callups if c.state == State.SENT],
        "coming": [_card(user, c, names) for c in callups if c.state in {State.ASKED, State.ACCEPTED}],
        "past": [c for c in reversed(callups) if c.state not in CURRENT],
        "elsewhere": [
            {"fact": one, "days": sentences.span(one.starts_on, one.ends_on)}
            for one in OutsideCallup.objects.of_person(user).standing()
        ],
        "make_ups": MakeUp.objects.filter(
            person=user.person_id, state__in=(MakeUp.State.OPEN, MakeUp.State.PLANNED)
        ).select_related("missed__class_run"),
    }
    return render(request, "callups/mine.html", context)


@require_GET
def not_called(request: SignedInRequest) -> HttpResponse:
    """To which classes the person was eligible and not called, and why; asked for by a link, for it reads the files of whole runs."""
    person = request.user.person_id
    rows = explaining.left_out_of_published(person) if person else ()
    return render(request, "callups/not_called.html", {"rows": rows})


def _card(user: Account, callup: Callup, names: Names) -> dict[str, Any]:
    return {
        "callup": callup,
        "why": sentences.callup_sentence(callup, names),
        "may_accept": permissions.may_reply(user, callup, Kind.ACCEPT),
        "may_ask": permissions.may_reply(user, callup, Kind.LEAVE),
        "further": further.questions(callup, user),
        "owes_rules": callup.owes_rules and bool(permissions.may_acknowledge(user, callup)),
    }


@require_GET
def callup(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, queries.callup_for(request.user, pk))


def _page(request: SignedInRequest, found: Callup, status: int = 200, **extra: Any) -> HttpResponse:
    user = request.user
    readable = permissions.may_read_reasons_of(user, found.unit.path, found.person_id)
    replies = list(found.replies.select_related("substitute", "proof").order_by("-id")) if readable else []
    pending = next((reply for reply in replies if reply.decision == Reply.Decision.PENDING), None)
    url = reverse("callups:colleagues", args=[found.pk])
    context = {
        **_card(user, found, Names()),
        "readable": readable,
        "answerable": permissions.is_answerable_by(user, found),
        "facts": _facts(found),
        "events": sentences.events(found, replies),
        "replies": replies,
        "pending": pending,
        "may_decide": permissions.may_decide(user, pending) if pending else None,
        "may_withdraw": permissions.may_withdraw(user, found),
        "concern": sentences.concern(found) if readable and found.state in Callup.TO_COME else "",
        "may_keep": permissions.may_keep(user, found),
        "obstacle": _obstacle(user, pending),
        "leave_form": LeaveForm(),
        "substitute_form": SubstituteForm(people=queries.substitutes_for(found), url=url),
        "planned": CallupRun.objects.visible_to(user).filter(pk=found.run_id).exists(),
        **extra,
    }
    return render(request, "callups/callup.html", context, status=status)


def _facts(found: Callup) -> list[tuple[str, Any]]:
    class_run = found.class_run
    return [
        (_("unit"), found.unit.name),
        (_("post"), found.person.title or None),
        (_("class days"), f"{class_run.starts_on} – {class_run.ends_on}"),
        (_("place"), class_run.place or None),
        (
            _("training institution"),
            class_run.institution.name if class_run.institution else class_run.institution_name,
        ),
        (_("contact"), " ".join(filter(None, (class_run.contact, class_run.contact_phone))) or None),
        (_("answer due by"), found.reply_by and found.reply_by.isoformat()),
        (_("seat"), _("invited beyond the seats; the next free seat") if found.is_beyond else found.seat),
        (_("class rules"), _rules_state(found)),
    ]


def _rules_state(found: Callup) -> str | None:
    """When the person acknowledged the rules of the class, if it has any."""
    if not found.class_run.class_rules:
        return None
    if found.owes_rules or found.acknowledged_at is None:
        return _("not acknowledged yet")
    return _("acknowledged on %(day)s") % {"day": timezone.localtime(found.acknowledged_at).date()}


def _obstacle(user: Account, pending: Reply | None) -> str:
    """What would keep a proposed substitute from the seat, for whoever decides."""
    if pending is None or pending.substitute is None or not user.is_department:
        return ""
    found = actions.obstacle_to(pending.callup, pending.substitute)
    return sentences.obstacle_sentence(found) if found else ""


@require_POST
def accept(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.callup_for(request.user, pk)
    actions.accept_callup(found, rules_read=request.POST.get("rules_read", ""), by=request.user)
    messages.success(request, _("Accepted. The class begins on %(day)s.") % {"day": found.class_run.starts_on})
    return _back(request, found)


@require_http_methods(["GET", "POST"])
def rules(request: SignedInRequest, pk: int) -> HttpResponse:
    """The class rules for the person called: to tick before accepting, or afterwards where somebody else accepted."""
    found = queries.callup_for(request.user, pk)
    permissions.may_acknowledge(request.user, found).require()
    if request.method == "POST":
        actions.acknowledge_rules(found, request.POST.get("rules_read", ""), by=request.user)
        messages.success(request, _("Thank you. The class rules are acknowledged."))
        return _back(request, found)
    if not found.class_run.class_rules:
        raise NotFound
    return render(request, "callups/rules.html", _card(request.user, found, Names()))


def _back(request: SignedInRequest, found: Callup) -> HttpResponse:
    asked = next((one.url for one in further.questions(found, request.user) if one.is_open), "")
    if asked:
        return redirect(asked)
    own = request.user.person_id == found.person_id and request.POST.get("from") == "mine"
    return redirect("callups:mine") if own else redirect("callups:callup", found.pk)


@require_http_methods(["GET", "POST"])
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask to be excused."""
    found = queries.callup_for(request.user, pk)
    permissions.may_reply(request.user, found, Kind.LEAVE).require()
    form = LeaveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["proof"]
        proof = proofs.keep(upload, by=request.user) if upload else None
        given = {key: form.cleaned_data[key] for key in ("reason", "text")}
        actions.ask_leave(found, **given, proof=proof, by=request.user)
        messages.success(request, _("Your request is with the department. You will hear of its decision here."))
        return redirect("callups:callup", pk)
    return _form_page(request, found, form, "leave")


@require_http_methods(["GET", "POST"])
def substitute(request: SignedInRequest, pk: int) -> HttpResponse:
    """Propose somebody else of the unit."""
    found = queries.callup_for(request.user, pk)
    permissions.may_reply(request.user, found, Kind.SUBSTITUTE).require()
    url = reverse("callups:colleagues", args=[found.pk])
    form = SubstituteForm(request.POST or None, people=queries.substitutes_for(found), url=url)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.propose_substitute(found, given["substitute"], text=given["text"], by=request.user)
        messages.success(request, _("The proposal is with the department. You will hear of its decision here."))
        return redirect("callups:callup", pk)
    return _form_page(request, found, form, "substitute")


def _form_page(request: SignedInRequest, found: Callup, form: forms.Form, kind: str) -> HttpResponse:
    context = {"callup": found, "form": form, "kind": kind, "accept": proofs.ACCEPT}
    return render(request, "callups/ask.html", context, status=422 if form.errors else 200)


@require_GET
def colleagues(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who could come instead, for the search box."""
    found = queries.callup_for(request.user, pk)
    permissions.may_reply(request.user, found, Kind.SUBSTITUTE).require()
    return people_json(request, queries.substitutes_for(found))


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.callup_for(request.user, pk)
    called = actions.withdraw_callup(found, reason=request.POST.get("note", ""), by=request.user)
    messages.success(request, _("The call-up is withdrawn."))
    if called:
        names = "、".join(one.person.name for one in called)
        messages.info(request, _("Called from the waiting list: %(names)s") % {"names": names})
    return redirect("callups:callup", pk)


@require_POST
def keep(request: SignedInRequest, pk: int) -> HttpResponse:
    """A call-up in question stands."""
    found = queries.callup_for(request.user, pk)
    actions.keep_callup(found, request.POST.get("note", ""), by=request.user)
    messages.success(request, _("The call-up stands."))
    return redirect("callups:callup", pk)


@require_GET
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """The 回执 to print and sign."""
    found = queries.callup_for(request.user, pk)
    readable = permissions.may_read_reasons_of(request.user, found.unit.path, found.person_id)
    replies = list(found.replies.select_related("substitute")) if readable else []
    content = papers.receipt(found, replies, timezone.localdate())
    return hand_out(content, _("Reply slip %(name)s.pdf") % {"name": found.person.name}, inline=True)
