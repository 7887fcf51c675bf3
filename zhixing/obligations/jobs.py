"""Long work: recomputing standings, and asking what a new policy would change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from zhixing.base import jobs
from zhixing.obligations.actions import refresh_standings
from zhixing.obligations.queries.comparison import compared


@jobs.work("obligations.refresh")
def refresh(handle: jobs.Handle, person_ids: list[int] | None = None) -> dict[str, Any]:
    return {"standings": refresh_standings(person_ids, progress=handle.progress)}


@jobs.work("obligations.compare_policy")
def compare_policy(handle: jobs.Handle, text: str, on: str) -> dict[str, Any]:
    return compared(text, dt.date.fromisoformat(on), handle.progress)
