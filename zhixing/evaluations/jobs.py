"""The long work of evaluations."""

from __future__ import annotations

from typing import Any

from zhixing.base import jobs
from zhixing.evaluations.actions.studies import reckon_study
from zhixing.evaluations.reckoning import WORK as RECKON
from zhixing.evaluations.reckoning import reckon_taught
from zhixing.evaluations.studying import WORK


@jobs.work(WORK)
def study(handle: jobs.Handle, study_id: int, file_id: int | None, by_id: int) -> dict[str, Any]:
    """Reckon with the outcomes of a study."""
    return reckon_study(study_id, file_id, by_id)


@jobs.work(RECKON)
def taught(_handle: jobs.Handle) -> dict[str, Any]:
    """Reckon the means of courses and teachers."""
    return reckon_taught()
