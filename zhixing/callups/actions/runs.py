"""Runs in planning: made, changed, pinned, solved, stopped, dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, jobs
from zhixing.base.asked import written
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups import permissions
from zhixing.callups.elsewhere import ELSEWHERE
from zhixing.callups.models import PUT_AWAY, Callup, CallupRun, Pin
from zhixing.callups.queries import callable_class_runs
from zhixing.callups.seats import Obstacle, Room, lock_run
from zhixing.callups.sentences import obstacle_sentence
from zhixing.callups.terms import Terms
from zhixing.engine.callup.codes import Code
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun

State = CallupRun.State
SECONDS_MOST = 3600
OVER = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


@transaction.atomic
def create_run(
    name: str,
    class_runs: Iterable[ClassRun],
    *,
    by: Account,
    terms: Terms | None = None,
    seed: int = 1,
    seconds: int = 60,
    on: dt.date | None = None,
) -> CallupRun:
    """Make a draft about class runs of one year that are open for call-up and have not begun by ``on`` (default: today)."""
    permissions.may_plan(by).require()
    run = CallupRun(by_id=by.pk, on=on or timezone.localdate())
    chosen = _set(run, name, class_runs, terms or Terms(), seed, seconds, by)
    run.save()
    run.class_runs.set(chosen)
    audit.record("callups.run_created", run, by=by, class_runs=len(chosen))
    return run


@transaction.atomic
def change_run(
    run: CallupRun, name: str, class_runs: Iterable[ClassRun], *, terms: Terms, seed: int, seconds: int, by: Account
) -> None:
    """Change what a run is about. A proposal made under other terms is put away; pins stay."""
    permissions.may_change_run(by, run).require()
    chosen = _set(run, name, class_runs, terms, seed, seconds, by)
    if not CallupRun.objects.filter(pk=run.pk, state__in=CallupRun.OPEN_TO_CHANGE).update(state=State.DRAFT):
        raise Conflict(_("The run changed a moment ago. Look at it again."))
    run.state = State.DRAFT
    run.save()
    run.class_runs.set(chosen)
    put_away(run, by)
    audit.record("callups.run_changed", run, by=by, class_runs=len(chosen))


def _set(
    run: CallupRun, name: str, class_runs: Iterable[ClassRun], terms: Terms, seed: int, seconds: int, by: Account
) -> list[ClassRun]:
    chosen = list(class_runs)
    name = written(name, CallupRun.name.field, missing=_("Give the run a name."))
    if not chosen:
        raise Invalid(_("Choose at least one class run."))
    allowed = set(callable_class_runs(by, run.on).values_list("pk", flat=True))
    if any(c.pk not in allowed for c in chosen):
        raise Invalid(_("A class run is not open for call-up, or has begun."))
    if len({c.year for c in chosen}) > 1:
        raise Invalid(_("Choose class runs of one year: how often a person is called is counted by the year."))
    if not 1 <= seconds <= SECONDS_MOST or seed < 0:
        raise Invalid(_("The time limit lies between 1 and 3600 seconds, and the seed is not negative."))
    run.name, run.settings, run.seed, run.seconds = name, terms.kept(), seed, seconds
    return chosen


def put_away(run: CallupRun, by: Account) -> None:
    """Forget the proposal of a run: nobody was told of it. The reasons stay, marked as those of a list that no longer stands."""
    forget_list(run)
    if run.reasons_file_id is not None and PUT_AWAY not in run.result:
        run.result = {**run.result, PUT_AWAY: {"at": timezone.now().isoformat(), "by_id": by.pk}}
        run.save(update_fields=["result"])


def forget_list(run: CallupRun) -> None:
    run.callups.filter(state=Callup.State.PROPOSED).delete()
    run.waiting.all().delete()


@transaction.atomic
def drop_run(run: CallupRun, *, by: Account) -> None:
    permissions.may_change_run(by, run).require()
    if not CallupRun.objects.filter(pk=run.pk, state__in=CallupRun.OPEN_TO_CHANGE).update(state=State.DROPPED):
        raise Conflict(_("The run changed a moment ago. Look at it again."))
    run.state = State.DROPPED
    put_away(run, by)
    audit.record("callups.run_dropped", run, by=by)


@transaction.atomic
def start_run(run: CallupRun, *, by: Account) -> Job:
    """Queue the search for the best list. A run whose job came to an end without a word may be started again."""
    permissions.may_plan(by).require()
    job = jobs.start(
        "callups.solve",
        label=str(_("Propose people: %(run)s") % {"run": run.name}),
        by=by,
        link=reverse("callups:run", args=[run.pk]),
        run_id=run.pk,
    )
    startable = Q(state__in=CallupRun.OPEN_TO_CHANGE) | Q(state=State.SOLVING, job__state__in=OVER)
    if not CallupRun.objects.filter(startable, pk=run.pk).update(state=State.SOLVING, job=job):
        raise Conflict(_("The run is being solved, or is closed. Look at it again."))
    run.refresh_from_db()
    audit.record("callups.run_started", run, by=by, seed=run.seed, seconds=run.seconds)
    return job


@transaction.atomic
def stop_run(run: CallupRun, *, by: Account) -> None:
    """Ask the search to stop: it keeps the best list found so far. A search that has not begun leaves the run as it was."""
    permissions.may_stop(by, run).require()
    if run.job is None:
        return
    jobs.cancel(run.job)
    audit.record("callups.run_stopped", run, by=by)
    run.job.refresh_from_db()
    if run.job.state == Job.State.CANCELLED:
        leave_unsolved(run)


def leave_unsolved(run: CallupRun) -> None:
    """The search ended without a list: back to what the run was before."""
    had_list = run.callups.filter(state=Callup.State.PROPOSED).exists()
    before = State.PROPOSED if had_list else State.DRAFT
    CallupRun.objects.filter(pk=run.pk, state=State.SOLVING, job=run.job_id).update(state=before)
    run.refresh_from_db()


@transaction.atomic
def pin_pair(
    run: CallupRun, person: Person, class_run: ClassRun, *, chosen: bool, reason: str, by: Account
) -> Obstacle | None:
    """The planner's own yes or no to one pair; it holds in every later search.

    The list changes at once where it can: a no takes the person out, a yes adds the person unless a hard rule stands in the way, which is
    then returned: solving again builds the list around the pin. Raises ``Invalid`` for somebody outside the target group, and for days that
    another authority has taken: no list can be built around that.
    """
    run = lock_run(run)
    permissions.may_change_run(by, run).require()
    reason = written(reason, Pin.reason.field, missing=_("Give the reason: it is shown to whoever asks later."))
    if not run.class_runs.filter(pk=class_run.pk).exists():
        raise Invalid(_("The class run is not part of this run."))
    room = Room([class_run], {class_run.pk: [person.pk]}, Terms.of(run.settings), run=run)
    found = room.obstacle(person.pk, class_run.pk)
    if chosen and found is not None and found.rule == Rule.NOT_ELIGIBLE:
        raise Invalid(_("%(name)s does not belong to the target group of this class.") % {"name": person.name})
    if chosen and found is not None and found.rule == ELSEWHERE:
        raise Invalid(f"{person.name}: {obstacle_sentence(found)}")
    earlier = run.pins.filter(person=person, class_run=class_run).first()
    facts = {"chosen": chosen, "reason": reason, "by_id": by.pk, "at": timezone.now()}
    facts["before"] = earlier.put_aside(chosen) if earlier else None
    pin, _made = Pin.objects.update_or_create(run=run, person=person, class_run=class_run, defaults=facts)
    audit.record("callups.pinned", pin, by=by, person=person.pk, class_run=class_run.pk, chosen=chosen)
    proposed = run.callups.filter(person=person, class_run=class_run, state=Callup.State.PROPOSED)
    if not chosen:
        proposed.delete()
        return None
    if proposed.exists():
        proposed.update(code=Code.CHOSEN_PINNED)
        return None
    if found is None and run.state == State.PROPOSED:
        _propose(run, person, class_run)
    return found


def _propose(run: CallupRun, person: Person, class_run: ClassRun) -> None:
    """Add one person to the list by hand."""
    facts: dict[str, Any] = {"code": Code.CHOSEN_PINNED, "unit_id": person.unit_id}
    Callup.objects.create(run=run, person=person, class_run=class_run, **facts)
    run.waiting.filter(class_run=class_run, person=person).delete()
