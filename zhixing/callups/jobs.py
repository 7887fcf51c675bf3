"""The long work of call-ups."""

from __future__ import annotations

from typing import Any

from zhixing.base import jobs
from zhixing.callups.actions.concerns import review_callups
from zhixing.callups.actions.endings import free_cancelled
from zhixing.callups.actions.papers import write_papers
from zhixing.callups.actions.proposals import propose
from zhixing.callups.models import CallupRun
from zhixing.callups.repairing import offer
from zhixing.callups.trying import try_changes
from zhixing.people.models import Account


@jobs.work("callups.solve")
def solve(handle: jobs.Handle, run_id: int) -> dict[str, Any]:
    """Propose people for a run. A job that is no longer the run's own does nothing."""
    run = CallupRun.objects.select_related("job").get(pk=run_id)
    if run.state != CallupRun.State.SOLVING or run.job_id != handle.job.pk:
        return {}
    return propose(run, handle)


@jobs.work("callups.repair")
def repair(handle: jobs.Handle, run_id: int) -> dict[str, Any]:
    """Look for the smallest change that makes a list hold again."""
    return offer(CallupRun.objects.get(pk=run_id))


@jobs.work("callups.try")
def try_(handle: jobs.Handle, run_id: int, person_id: int, class_run_id: int) -> dict[str, Any]:
    """Try what would put a person on a list."""
    return try_changes(CallupRun.objects.get(pk=run_id), person_id, class_run_id)


@jobs.work("callups.papers")
def write(handle: jobs.Handle, run_id: int, by_id: int | None) -> dict[str, Any]:
    """Write the notices of a published run."""
    run = CallupRun.objects.get(pk=run_id)
    return {"papers": write_papers(run, handle, Account.objects.filter(pk=by_id).first())}


@jobs.work("callups.free_cancelled")
def free(handle: jobs.Handle, class_run_id: int, by_id: int | None) -> dict[str, Any]:
    """Withdraw everyone from a cancelled class run."""
    return {"withdrawn": free_cancelled(class_run_id, Account.objects.filter(pk=by_id).first())}


@jobs.work("callups.review")
def review(handle: jobs.Handle, person_ids: list[int] | None) -> dict[str, Any]:
    """Note which called people left or moved."""
    return {"in_question": review_callups(person_ids)}
