"""Taking the evidence rows out of the installation: nothing is changed, but that they were taken is kept."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from zhixing.base import audit
from zhixing.evaluations.queries.evidence import Row, Source, evidence_of
from zhixing.people.models import Account, Unit


@transaction.atomic
def take_evidence(year: int, today: dt.date, *, by: Account | None) -> list[Row]:
    """Every row of a year; ``by`` None: whoever works at the machine."""
    rows = list(evidence_of(year, today))
    city = Unit.objects.filter(parent=None).order_by("path").first()
    if city is not None:
        few = sum(one.source is Source.SUPPRESSED for one in rows)
        audit.record("evaluations.evidence_taken", city, by=by, year=year, rows=len(rows), suppressed=few)
    return rows
