"""Long work about plans."""

from __future__ import annotations

from typing import Any

from zhixing.base import jobs
from zhixing.plans.actions.proposals import KIND, propose_lines
from zhixing.plans.actions.tries import KIND as TRY
from zhixing.plans.actions.tries import answer_try


@jobs.work(KIND)
def propose(handle: jobs.Handle, key: int, by_id: int) -> dict[str, Any]:
    handle.check()
    return propose_lines(key, by_id, lambda share: handle.progress(round(100 * share), 101))


@jobs.work(TRY)
def what_if(handle: jobs.Handle, key: int) -> dict[str, Any]:
    handle.check()
    return answer_try(key, lambda share: handle.progress(round(100 * share), 101))
