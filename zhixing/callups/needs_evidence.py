"""What call-ups tell needs: themes of which many make-ups are past their day."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db.models import Count, Sum

from zhixing.callups.models import MakeUp
from zhixing.needs.actions.evidence import Said, put_evidence
from zhixing.needs.models import NeedsEvidence

WEIGHT: Final = 50
"""Hundredths of a level that each of those who missed it counts for."""


def put_missed(year: int, today: dt.date) -> int:
    """Bring the make-ups that are open past their day, by the theme of what was missed. Returns how many rows are kept."""
    open_ = MakeUp.objects.filter(state=MakeUp.State.OPEN, due_on__lt=today).exclude(missed__class_run__theme="")
    rows = (
        open_.order_by()
        .values("missed__class_run__theme")
        .annotate(n=Count("person", distinct=True), lost=Sum("tenths"))
    )
    found = [
        Said(
            f"theme:{row['missed__class_run__theme']}",
            row["n"],
            round(row["lost"] * 10 / row["n"]),
            WEIGHT,
            "make_ups_missed",
            topic=row["missed__class_run__theme"],
        )
        for row in rows
    ]
    return put_evidence(year, NeedsEvidence.Source.MISSED, found)
