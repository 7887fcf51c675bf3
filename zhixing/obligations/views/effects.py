"""Whom a draft would touch: the list behind the figures, and one person under both policies side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.columns import hours_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Export, Filter, Listing
from zhixing.base.models import Job
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.obligations import permissions
from zhixing.obligations.models import PolicyEffect
from zhixing.obligations.papers import EXPLAINED_MAX, explanations
from zhixing.obligations.problem import held_rank
from zhixing.obligations.queries.board import STATE_LABELS
from zhixing.obligations.queries.comparison import Compared, compared, effects_of, impact_of, is_kept
from zhixing.obligations.queries.explaining import Duty, by_rule, explain_under
from zhixing.obligations.views.filters import rank_filter, unit_filter
from zhixing.obligations.views.policies import comparison_for
from zhixing.people.actions import record_reading, record_readings
from zhixing.people.models import Account
from zhixing.people.queries import person_for
from zhixing.people.views.request import SignedInRequest


@require_GET
def effects(request: SignedInRequest, job_id: str) -> HttpResponse:
    """One row for each person and rule that the draft would change."""
    permissions.may_sign(request.user).require()
    job = _ended(request, job_id)
    made_of = compared(job)
    titles = made_of.titles
    kept = is_kept(job)
    listing = Listing(
        request,
        effects_of(job, request.user).select_related("person__unit"),
        _columns(job, titles),
        name="policy-effects",
        label=_("Who gains and who loses"),
        search=("person__name", "person__number"),
        search_label=_("Name or staff number"),
        filters=_filters(request.user, job, titles),
        empty=_nobody(kept),
    )
    listing.export = _with_explanations(request, job, made_of, listing) if kept else None
    context = {
        "job": job,
        "compared": made_of,
        "impact": impact_of(job, request.user),
        "kept": kept,
        "most": EXPLAINED_MAX,
    }
    return listing.response("obligations/effects.html", context)


def _nobody(kept: bool) -> Empty:
    if kept:
        return Empty(_("Nobody is touched"), _("The draft changes neither state nor missing hours."), icon="scale")
    weigh_again = reverse("obligations:sign")
    text = _("Newer comparisons took its place. Weigh the text again to see whom it would touch now.")
    return Empty(_("The list is no longer kept"), text, weigh_again, _("Weigh a text"), "scale")


def _with_explanations(request: SignedInRequest, job: Job, made_of: Compared, listing: Listing) -> Export:
    """The list as it is filtered; of few enough people, both explanations of each row on a second sheet."""

    def export(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
        touched = listing.filtered.order_by().values_list("person", flat=True).distinct()
        keys = list(touched[: EXPLAINED_MAX + 1])
        if len(keys) > EXPLAINED_MAX:
            return excel(name, headings, rows)
        record_readings(keys, request.user, "standing")

        def address(key: int) -> str:
            return request.build_absolute_uri(reverse("obligations:effect", args=(job.pk, key)))

        return excel(name, headings, rows, [explanations(listing.filtered, keys, made_of, address)])

    return export


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
        _state_column("before", _("in force when weighed")),
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

    code: str
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
    made_of = compared(job)
    record_reading(person, request.user, "standing")
    both = explain_under([person.pk], made_of.policies, made_of.on, made_of.known_at)
    titles = made_of.titles
    rows = [Both(code, titles.get(code, code), before, after) for code, before, after in by_rule(*both[person.pk])]
    context = {"job": job, "person": person, "rows": rows, "compared": made_of, "kept": is_kept(job)}
    return render(request, "obligations/effect.html", context)


def _ended(request: SignedInRequest, job_id: str) -> Job:
    job = comparison_for(request, job_id)
    if job.state != Job.State.DONE:
        raise NotFound
    return job
