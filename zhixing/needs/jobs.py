"""Long work about needs."""

from __future__ import annotations

from typing import Any

from zhixing.base import jobs
from zhixing.needs.actions.reckonings import complete_reckoning


@jobs.work("needs.reckon")
def reckon(handle: jobs.Handle, key: int) -> dict[str, Any]:
    handle.check()
    made = complete_reckoning(key)
    return {"reckoning": made.pk, "needs": made.needs.count()}
