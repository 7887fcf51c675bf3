"""What evaluation tells needs: courses that a named person decided to mend or drop, by their titles, of enough answers only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.queries.taught import NOTHING, Evidence
from zhixing.needs.actions.evidence import LEAST, Said, put_evidence
from zhixing.needs.models import NeedsEvidence

WEIGHTS: Final = {CourseDecision.Choice.FIX: 20, CourseDecision.Choice.DROP: 40}
"""Hundredths of a level that each of those taught counts for."""


def put_courses(year: int, _today: dt.date) -> int:
    """Bring what stands about courses as evidence for ``year``. Returns how many rows are kept."""
    return put_evidence(year, NeedsEvidence.Source.EVALUATION, _of_courses())


def _of_courses() -> Iterator[Said]:
    """The latest decision about each course of an institution, with the figures that whoever decided had before them."""
    seen: set[tuple[int, str]] = set()
    for one in CourseDecision.objects.order_by("-pk").select_related("institution"):
        key = one.institution_id, one.title
        if key in seen:
            continue
        seen.add(key)
        known = Evidence.of_kept(one.evidence) if one.evidence else NOTHING
        if one.choice in WEIGHTS and known.raw is not None and known.sheets >= LEAST:
            weight = WEIGHTS[CourseDecision.Choice(one.choice)]
            name = f"course:{one.institution.code}:{one.pk}"
            yield Said(name, known.sheets, round(known.raw.mean * 100), weight, "course_weak", topic=one.title)
