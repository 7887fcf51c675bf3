"""Evidence that other apps bring: put under their own key, so that bringing it again changes what was said instead of saying it twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict
from zhixing.engine.needs.rank_groups import group_of
from zhixing.needs import permissions
from zhixing.needs.models import Competency, NeedsEvidence, RankGroup
from zhixing.obligations.models import Standing
from zhixing.people.models import Account, Person, Unit

LEAST: Final = 5
"""Nothing is taken in about fewer people."""
Source = NeedsEvidence.Source


@dataclass(frozen=True)
class Said:
    """One finding as an app brings it; fields as of ``NeedsEvidence``."""

    key: str
    n: int
    value: int
    weight: int
    code: str
    competency: Competency | None = None
    topic: str = ""
    unit: Unit | None = None
    rank_group: str = ""


@transaction.atomic
def put_evidence(year: int, source: str, found: Iterable[Said], *, by: Account | None = None) -> int:
    """Everything that ``source`` says of ``year``: what it no longer says goes, what it says again is replaced. Returns how many are kept.

    What is about fewer than ``LEAST`` people is left out. Raises ``ValueError`` for a source or rank group that is none, and for a weight outside 1–100.
    """
    if source not in Source.values:
        raise ValueError(f"no source: {source}")
    kept = {one.key: _checked(one) for one in found if one.n >= LEAST}
    NeedsEvidence.objects.filter(year=year, source=source).exclude(key__in=kept).delete()
    fields = ("competency", "topic", "unit", "rank_group", "n", "value", "weight", "code", "at")
    NeedsEvidence.objects.bulk_create(
        (
            NeedsEvidence(
                year=year,
                source=source,
                key=one.key,
                competency=one.competency,
                topic=one.topic,
                unit=one.unit,
                rank_group=one.rank_group,
                n=one.n,
                value=one.value,
                weight=one.weight,
                code=one.code,
                at=timezone.now(),
            )
            for one in kept.values()
        ),
        update_conflicts=True,
        unique_fields=("year", "source", "key"),
        update_fields=fields,
        batch_size=500,
    )
    return len(kept)


def _checked(one: Said) -> Said:
    if not 1 <= one.weight <= 100 or one.rank_group not in {"", *RankGroup.values}:
        raise ValueError(f"evidence {one.key}: weight {one.weight}, rank group {one.rank_group!r}")
    return replace(one, topic=one.topic[:60], key=one.key[:80], code=one.code[:40])


def put_hours_owed(year: int, *, by: Account | None = None) -> int:
    """How many people of each rank group are behind or overdue with their hours, as standings say today: they are to be called, whatever they learn."""
    rows = (
        Person.objects.serving()
        .filter(standings__state__in=(Standing.State.SHORT, Standing.State.OVERDUE))
        .order_by()
        .values("pk", "rank", "grade")
        .annotate(missing=Max("standings__missing_tenths"), rules=Count("standings"))
    )
    people: dict[str, list[int]] = {}
    for row in rows:
        people.setdefault(group_of(row["rank"], row["grade"]), []).append(row["missing"])
    found = [
        Said(group, len(missing), round(sum(missing) * 10 / len(missing)), HOURS_WEIGHT, "hours_owed", rank_group=group)
        for group, missing in people.items()
    ]
    return put_evidence(year, Source.HOURS, found, by=by)


HOURS_WEIGHT: Final = 20
"""Hundredths of a level that a person behind with the hours counts for, over all competencies of the post together."""


@transaction.atomic
def withdraw_evidence(evidence: NeedsEvidence, *, by: Account) -> None:
    """Let one finding count for nothing from the next reckoning on, also when it is brought again. Raises ``Conflict`` when it was taken out before."""
    permissions.may_withdraw_evidence(by, evidence).require()
    _mark(evidence, withdrawn=True)
    audit.record("needs.evidence_withdrawn", evidence, by=by, year=evidence.year, source=evidence.source)


@transaction.atomic
def restore_evidence(evidence: NeedsEvidence, *, by: Account) -> None:
    """Let a finding that was taken out count again. Raises ``Conflict`` when it does."""
    permissions.may_withdraw_evidence(by, evidence).require()
    _mark(evidence, withdrawn=False)
    audit.record("needs.evidence_restored", evidence, by=by, year=evidence.year, source=evidence.source)


def _mark(evidence: NeedsEvidence, *, withdrawn: bool) -> None:
    if not NeedsEvidence.objects.filter(pk=evidence.pk, withdrawn=not withdrawn).update(withdrawn=withdrawn):
        raise Conflict(_("Somebody else has just done this."))
    evidence.withdrawn = withdrawn
