"""From the frozen problem to the saved proposal."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.base import audit, files, jobs
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups import problem, reasons, sentences
from zhixing.callups.actions.runs import forget_list, leave_unsolved
from zhixing.callups.facts_digest import facts_digest
from zhixing.callups.links import make_ups_for
from zhixing.callups.models import Callup, CallupRun, Waiting
from zhixing.callups.problem import Frozen
from zhixing.callups.reasons_file import write_reasons
from zhixing.callups.repairing import FACTS
from zhixing.callups.sharing import price_of_sharing
from zhixing.callups.solution import Solution, solve
from zhixing.callups.terms import Terms
from zhixing.callups.turnout import TURNOUT, History
from zhixing.engine.callup.result import Status, gap_of
from zhixing.people.models import Account, Person

State = CallupRun.State
STEPS = 100
NO_LIST = (Status.INFEASIBLE, Status.UNKNOWN)


def propose(run: CallupRun, handle: jobs.Handle) -> dict[str, Any]:
    """Freeze, solve and save. Whatever goes wrong, the run is left as it was before."""
    try:
        handle.progress(0, STEPS, _("Reading who is eligible"))
        frozen = problem.load(run)
        if not frozen.tables["pairs"].num_rows and not frozen.tables[problem.BARRED].num_rows:
            raise Invalid(_("Nobody belongs to the target groups of these class runs."))
        watch = _Watch(handle, standing=int(np.count_nonzero(frozen.tables["pairs"]["occupied"])))
        solution = solve(frozen, seconds=run.seconds, seed=run.seed, progress=watch.tell, stop=watch.is_stopped)
        handle.progress(STEPS - 1, STEPS, _("Comparing with the list that leaves the load of units aside"))
        sharing = price_of_sharing(run, frozen, solution, watch.is_stopped)
        learned = {"sharing": sharing, TURNOUT: History.learned(run.on).kept()}
        save_proposal(run, frozen, replace(solution, result={**solution.result, **learned}))
    except Exception:
        leave_unsolved(run)
        raise
    return {key: solution.result[key] for key in ("status", "objective", "bound", "gap")}


class _Watch:
    """Tells the job how far the search is, and the search whether the owner asked to stop (asked at most once a second)."""

    def __init__(self, handle: jobs.Handle, standing: int) -> None:
        """``standing``: call-ups of other lists, which the search chooses with its own but does not propose."""
        self.handle, self.standing = handle, standing
        self.stopped = False
        self._asked = 0.0

    def tell(self, share: float, objective: float, bound: float, chosen: int) -> None:
        with contextlib.suppress(jobs.Cancelled):
            done = min(STEPS - 1, int(share * STEPS))
            if objective == -math.inf:
                self.handle.progress(done, STEPS, _("Looking for a first list"))
                return
            gap = gap_of(objective, bound)
            note = _("Best list so far: at most %(gap)s better is possible") % {"gap": sentences.gap({"gap": gap})}
            self.handle.progress(done, STEPS, note, {"gap": gap, "seats": max(0, chosen - self.standing)})

    def is_stopped(self) -> bool:
        now = time.monotonic()
        if not self.stopped and now - self._asked > 1:
            self._asked = now
            self.stopped = self.handle.asked_to_stop()
        return self.stopped


@transaction.atomic
def save_proposal(run: CallupRun, frozen: Frozen, solution: Solution) -> int:
    """Replace the run's proposal. Returns how many call-ups are proposed; raises ``Conflict`` when the run was stopped or started anew."""
    by = Account.objects.filter(pk=run.job.owner_id if run.job else None).first()
    mine = CallupRun.objects.filter(pk=run.pk, state=State.SOLVING, job=run.job_id)
    infeasible = solution.result["status"] in NO_LIST
    why, pairs = write_reasons(frozen, solution)
    moved = mine.update(
        state=State.INFEASIBLE if infeasible else State.PROPOSED,
        digest=solution.digest,
        result={**solution.result, "pairs": pairs, "facts": facts_digest(run, frozen)},
        problem_file=files.store(frozen.packed(), f"run-{run.pk}-problem.zip", "callup_problem", by=by),
        reasons_file=files.store(why, f"run-{run.pk}-reasons.parquet", "callup_reasons", by=by),
    )
    if not moved:
        raise Conflict(_("The run was stopped or started anew in the meantime."))
    forget_list(run)
    run.refresh_from_db()
    proposed = 0 if infeasible else _propose_people(run)
    audit.record(
        "callups.proposed",
        run,
        by=by,
        proposed=proposed,
        digest=run.digest,
        **{key: solution.result[key] for key in ("status", "objective", "bound", "gap")},
    )
    return proposed


def _propose_people(run: CallupRun) -> int:
    chosen = reasons.chosen(run)
    class_runs = {c.pk: c for c in run.class_runs.all()}
    duties = make_ups_for((row["person_id"], class_runs[row["class_id"]]) for row in chosen)
    unit_of = dict(Person.objects.exclude(unit=None).order_by().values_list("pk", "unit_id"))
    Callup.objects.bulk_create(
        [
            Callup(
                run=run,
                person_id=row["person_id"],
                class_run_id=row["class_id"],
                unit_id=unit_of[row["person_id"]],
                value=row["value"],
                code=row["code"],
                detail={key: row[key] for key in FACTS},
                makes_up_id=duty,
            )
            for row, duty in zip(chosen, duties, strict=True)
        ],
        batch_size=1000,
    )
    kept = Terms.of(run.settings).waiting
    Waiting.objects.bulk_create(
        [
            Waiting(
                run=run,
                class_run_id=row["class_id"],
                person_id=row["person_id"],
                position=row["position"],
                value=row["value"],
            )
            for row in reasons.waiting(run, kept)
        ],
        batch_size=1000,
    )
    return len(chosen)
