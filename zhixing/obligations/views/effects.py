"""Whom a draft would touch: the list behind the figures, and one person under both policies side by side."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.columns import hours_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.models import Job
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.engine import policies as engine
from zhixing.obligations import permissions
from zhixing.obligations.models import PolicyEffect
from zhixing.obligations.problem import held_rank
from zhixing.obligations.queries.board import STATE_LABELS
from zhixing.obligations.queries.comparison import effects_of, impact_of
from zhixing.obligations.queries.explaining import Duty, by_rule, explain_person, explain_under
from zhixing.obligations.queries.policies import policy_in_force, rule_titles, titles_of
from zhixing.obligations.views.filters import rank_filter, unit_filter
from zhixing.obligations.views.policies import comparison_for
from zhixing.people.actions import record_reading
from zhixing.people.models import Account
from zhixing.people.queries import person_for
from zhixing.people.views.request import SignedInRequest


@require_GET
def effects(request: SignedInRequest, job_id: str) -> HttpResponse:
    """One row for each person and rule that the draft would change."""
    permissions.may_sign(request.user).require()
    job = _ended(request, job_id)
    titles = _titles(job)
    listing = Listing(
        request,
        effects_of(job, request.user).select_related("person__unit"),
        _columns(job, titles),
        name="policy-effects",
        label=_("Who gains and who loses"),
        search=("person__name", "person__number"),
        search_label=_("Name or staff number"),
        filters=_filters(request.user, job, titles),
        empty=Empty(_("Nobody is touched"), _("The draft changes neither state nor missing hours."), icon="scale"),
    )
    return listing.response("obligations/effects.html", {"job": job, "impact": impact_of(job, request.user)})


def _columns(job: Job, titles: dict[str, str]) -> tuple[Column, ...]:
    return (
        Column(
            "person__name",
            _("full name"),
            sort="person__name",
            link=lambda one: reverse("obligations:effect", args=(job.pk, one.person_id)),
        ),
        Column("person__number", _("staff number"), sort="person__number"),
        Column("person__unit__name", _("unit"), sort="person__unit__path"),
        Column("person__effective_rank", _("rank")),
        Column("rule", _("rule"), sort="rule", long=True, value=lambda one: titles.get(one.rule, one.rule)),
        _state_column("before", _("policy now in force")),
        hours_column("missing_before", _("missing, in force"), sort="missing_before"),
        _state_column("after", _("draft")),
        hours_column("missing_after", _("missing, draft"), sort="missing_after"),
        Column("direction", _("what changes"), sort="direction", value=lambda one: one.get_direction_display()),
    )


def _state_column(key: str, label: str) -> Column:
    def said(one: PolicyEffect) -> str:
        return str(STATE_LABELS.get(getattr(one, key), _("no requirement")))

    return Column(key, label, sort=key, value=said, show=lambda one: badge(getattr(one, key), said(one)))


def _filters(user: Account, job: Job, titles: dict[str, str]) -> tuple[Filter, ...]:
    held = effects_of(job, user).annotate(held=held_rank("person__")).order_by("held").values_list("held", flat=True)
    return (
        Filter("direction", _("what changes"), PolicyEffect.Direction.choices),
        Filter("rule", _("rule"), list(titles.items()), chips=False),
        rank_filter(held.distinct()),
        unit_filter(user),
    )


@dataclass(frozen=True)
class Both:
    """One rule under both; None where it asks nothing."""

    title: str
    before: Duty | None
    after: Duty | None

    @property
    def differs(self) -> bool:
        before, after = (duty and duty.explanation.standing for duty in (self.before, self.after))
        return bool(before != after)


@require_GET
def effect(request: SignedInRequest, job_id: str, pk: int) -> HttpResponse:
    """One person's two explanations: in force | draft."""
    permissions.may_sign(request.user).require()
    job = _ended(request, job_id)
    person = person_for(request.user, pk)
    record_reading(person, request.user, "standing")
    on = dt.date.fromisoformat(job.result["on"])
    pairs = by_rule(explain_person(person, on).duties, explain_under(person, engine.parse(job.arguments["text"]), on))
    titles = _titles(job)
    rows = [Both(titles.get(code, code), before, after) for code, before, after in pairs]
    return render(request, "obligations/effect.html", {"job": job, "person": person, "rows": rows})


def _ended(request: SignedInRequest, job_id: str) -> Job:
    job = comparison_for(request, job_id)
    if job.state != Job.State.DONE:
        raise NotFound
    return job


def _titles(job: Job) -> dict[str, str]:
    """Of both policies."""
    draft = titles_of(engine.parse(job.arguments["text"]))
    return {**rule_titles(policy_in_force(timezone.localdate())), **draft}
