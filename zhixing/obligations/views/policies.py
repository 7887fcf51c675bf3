"""Policies as sentences and as text; weighing and signing a new version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base import jobs
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.markup import page_about
from zhixing.base.models import Job
from zhixing.base.problems import Invalid, NotFound
from zhixing.engine import policies as engine
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import PolicyForm
from zhixing.obligations.models import Policy
from zhixing.obligations.queries.board import STATE_LABELS
from zhixing.obligations.queries.comparison import compared, impact_of, is_kept
from zhixing.obligations.queries.policies import (
    days_without_policy,
    policy_in_force,
    rule_titles,
    rules_of,
    signed_versions,
    titles_of,
)
from zhixing.obligations.sentences import policy_problems, recognition_sentences, rule_sentences
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest


@require_GET
def policies(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_policies(request.user).require()
    in_force = policy_in_force(timezone.localdate())
    may_sign = permissions.may_sign(request.user)
    listing = Listing(
        request,
        Policy.objects.all(),
        (
            Column(
                "title",
                _("policy"),
                sort="title",
                value=lambda one: one.title or one.code,
                link=lambda one: page_about("obligations:policy", one.pk),
            ),
            Column("version", _("version"), sort="version", numeric=True),
            Column("in_force_from", _("in force from"), sort="in_force_from"),
            Column("basis", _("basis")),
            Column("signed_at", _("signed at"), sort="signed_at"),
            Column("now", _("today"), value=lambda one: _("in force") if one == in_force else ""),
        ),
        name="policies",
        label=_("Policies"),
        search=("title", "code", "basis"),
        empty=Empty(
            _("No policy yet"),
            _("Sign the first one: nobody owes hours without a policy."),
            reverse("obligations:sign") if may_sign else "",
            _("Sign a policy"),
            "gavel",
        ),
    )
    context = {
        "in_force": in_force,
        "may_sign": may_sign,
        "bare_days": days_without_policy(timezone.localdate()),
    }
    return listing.response("obligations/policies.html", context)


@require_GET
def policy(request: SignedInRequest, pk: int) -> HttpResponse:
    permissions.may_see_policies(request.user).require()
    found = Policy.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    context = {
        "policy": found,
        "rules": _in_words(rules_of(found)),
        "in_force": policy_in_force(timezone.localdate()) == found,
        "signer": Account.objects.filter(pk=found.signed_by_id).first(),
        "versions": Policy.objects.filter(code=found.code).order_by("-version"),
        "may_sign": permissions.may_sign(request.user),
    }
    return render(request, "obligations/policy.html", context)


def _in_words(policy: engine.Policy) -> list[dict[str, Any]]:
    rules = [{"title": rule.title or rule.code, "lines": rule_sentences(rule)} for rule in policy.rules]
    kinds = [{"title": one.title, "lines": recognition_sentences(one)} for one in policy.recognitions]
    return rules + kinds


@require_http_methods(["GET", "POST"])
def sign(request: SignedInRequest) -> HttpResponse:
    """Give a new text: every fault is named; a sound one goes on to be weighed."""
    permissions.may_sign(request.user).require()
    if request.method == "GET":
        last = policy_in_force(timezone.localdate())
        national = shipped_policy()
        begins_anew = request.GET.get("from") == "national"
        form = PolicyForm(initial={"text": national if begins_anew else last.text if last else ""})
        context = {"form": form, "begins_anew": begins_anew, "may_adopt": not (begins_anew or _is_signed(national))}
        return render(request, "obligations/sign.html", context)
    form = PolicyForm(request.POST, request.FILES)
    faults: tuple[Any, ...] = ()
    if form.is_valid():
        text = form.document()
        try:
            job = actions.compare_policy(text, request.user, timezone.localdate())
        except Invalid as problem:
            form, faults = PolicyForm(initial={"text": text}), problem.problems
        else:
            return redirect("obligations:draft", job.pk)
    return render(request, "obligations/sign.html", {"form": form, "faults": faults}, status=422)


def _is_signed(text: str) -> bool:
    return Policy.objects.filter(digest=engine.parse(text).digest).exists()


@require_GET
def draft(request: SignedInRequest, job_id: str) -> HttpResponse:
    """A sound text that waits for its signature: what it asks, and what it would change."""
    permissions.may_sign(request.user).require()
    job = comparison_for(request, job_id)
    read = actions.read_policy(job.arguments["text"])
    gaps = actions.gaps_of(job.arguments["text"])
    held = compared(job).held if "held" in job.result else policy_in_force(timezone.localdate())
    titles = {**rule_titles(held), **titles_of(read)}
    context = {
        "job": job,
        "policy": read,
        "text": job.arguments["text"],
        "rules": _in_words(read),
        "changes": [_change(one, titles) for one in job.result.get("changes", ())],
        "people": sum(one["people"] for one in job.result.get("changes", ())),
        "known": Policy.objects.filter(digest=read.digest).first(),
        "gaps": policy_problems(engine.PolicyError(gaps)),
        "spans": _spans_with(read, job.arguments["text"]),
        "impact": impact_of(job, request.user) if job.ended else None,
        "kept": not job.result or is_kept(job),
        "may_sign": permissions.may_sign_draft(request.user, job),
    }
    return render(request, "obligations/draft.html", context)


def _spans_with(read: engine.Policy, text: str) -> list[dict[str, Any]]:
    """What would hold on which days, once the draft is signed."""
    signed = [one for one in signed_versions() if one.policy.digest != read.digest]
    draft = engine.Version(read.title or read.code, text, read)
    return [
        {"from_on": span.from_on, "to_on": span.to_on, "version": span.version, "is_draft": span.version is draft}
        for span in engine.line_of_time([*signed, draft])
    ]


def _change(change: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    none = _("no requirement")
    return {
        "rule": titles.get(change["rule"], change["rule"]),
        "before": STATE_LABELS.get(change["before"], none),
        "after": STATE_LABELS.get(change["after"], none),
        "people": change["people"],
        "states": (change["before"], change["after"]),
    }


@require_POST
def sign_draft(request: SignedInRequest, job_id: str) -> HttpResponse:
    job = comparison_for(request, job_id)
    permissions.may_sign_draft(request.user, job).require()
    accepts_gap = request.POST.get("accepts_gap") == "yes"
    made = actions.sign_policy(job.arguments["text"], request.user, accepts_gap=accepts_gap)
    messages.success(request, _("The policy is signed; the standings are being computed anew."))
    return redirect("obligations:policy", made.pk)


def comparison_for(request: SignedInRequest, job_id: str) -> Job:
    job = jobs.seen_by(request.user, job_id)
    if job.kind != "obligations.compare_policy":
        raise NotFound
    return job
