"""Long work about plans."""

from __future__ import annotations

from typing import Any

from zhixing.base import jobs
from zhixing.plans.actions.proposals import KIND, propose_lines


@jobs.work(KIND)
def propose(handle: jobs.Handle, key: int, by_id: int) -> dict[str, Any]:
    handle.check()
    return propose_lines(key, by_id, lambda share: handle.progress(round(100 * share), 101))
