"""The projector with its rotating code, and the page that a phone's own camera opens."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.attendance import actions, permissions, queries, rules, tokens
from zhixing.attendance.models import Register
from zhixing.base.link_codes import drawn
from zhixing.base.middleware import open_to_all
from zhixing.people.views.request import SignedInRequest

SCAN = "attendance.scan"


@require_GET
@never_cache
def projector(request: SignedInRequest, pk: int) -> HttpResponse:
    """Full screen for the classroom: the code and a count, no names."""
    found = queries.register_for(request.user, pk)
    permissions.may_take(request.user, found).require()
    return render(request, "attendance/projector.html", _code_context(request, found))


@require_GET
@never_cache
def code(request: SignedInRequest, pk: int) -> HttpResponse:
    """The part of the projector that htmx asks for again and again."""
    found = queries.register_for(request.user, pk)
    return render(request, "attendance/parts/code.html", _code_context(request, found))


def _code_context(request: SignedInRequest, register: Register) -> dict[str, object]:
    counted = queries.with_counts(Register.objects.filter(pk=register.pk)).get()
    is_open = register.state == Register.State.OPEN
    return {
        "register": register,
        "session": register.session,
        "class_run": register.session.class_run,
        "present": counted.present,
        "listed": counted.listed,
        "open": is_open,
        "qr": _qr(request, register) if permissions.may_take(request.user, register) else "",
    }


def _qr(request: SignedInRequest, register: Register) -> SafeString:
    """The address of the sign-in page as an SVG without inline style."""
    token = tokens.make(register.pk, timezone.now())
    address = request.build_absolute_uri(reverse("attendance:sign_in", args=[token]))
    return drawn(address, _("Sign-in code"), "at-qr")


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: SignedInRequest, token: str) -> HttpResponse:
    """Confirm with one tap. Whoever is not signed in signs in first; the scan stays good for the minutes of the rules."""
    now = timezone.now()
    scanned_at = _scanned_at(request, token, now)
    register = queries.register_of_code(tokens.read(token, scanned_at))
    request.session[SCAN] = {"token": token, "at": scanned_at.isoformat()}
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{resolve_url('account_login')}?{urlencode({'next': request.path})}")
    context = {"register": register, "session": register.session, "class_run": register.session.class_run}
    if request.method == "POST":
        done = actions.sign_in(token, by=request.user, now=now, scanned_at=scanned_at)
        return render(request, "attendance/signed_in.html", {**context, "done": done})
    actions.on_list(register, request.user)
    actions.must_be_open(register, now)
    return render(request, "attendance/sign_in.html", context)


def _scanned_at(request: SignedInRequest, token: str, now: dt.datetime) -> dt.datetime:
    """When this browser opened this very code, if that was within the minutes of the rules; else now."""
    scan = request.session.get(SCAN, {})
    if scan.get("token") != token:
        return now
    at = dt.datetime.fromisoformat(scan["at"])
    return at if now - at <= rules.in_force().confirm_within else now
