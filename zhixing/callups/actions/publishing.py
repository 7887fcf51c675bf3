"""Publishing a list: the one human act that calls people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid, RowProblem
from zhixing.callups import permissions, telling
from zhixing.callups.actions.make_ups import plan_make_ups
from zhixing.callups.actions.papers import make_papers
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.seats import Room, lock_year
from zhixing.callups.sentences import obstacle_sentence
from zhixing.callups.terms import Terms
from zhixing.people.models import Account
from zhixing.plans.actions import mark_class_run
from zhixing.plans.models import ClassRun

State = CallupRun.State
BROKEN_SHOWN = 20


@transaction.atomic
def publish_run(run: CallupRun, *, reply_by: dt.date, by: Account) -> int:
    """Call everyone on the list: seats are numbered, people and liaisons are told, the papers are made by a job.

    Every hard rule is asked once more, for the facts may have changed since the search. Raises ``Conflict`` when someone published before,
    or when the list no longer holds; ``Invalid`` for a deadline in the past or after the first class. Returns how many were called.
    """
    permissions.may_publish(by, run).require()
    class_runs = list(run.class_runs.order_by("pk"))
    lock_year(class_runs[0].year)
    _check_deadline(run, reply_by)
    now = timezone.now()
    moved = CallupRun.objects.filter(pk=run.pk, state=State.PROPOSED)
    if not moved.update(state=State.PUBLISHED, reply_by=reply_by, published_at=now, published_by_id=by.pk):
        raise Conflict(_("Someone else published this run a moment ago."))
    run.refresh_from_db()
    callups = _seated(run)
    if not callups:
        raise Invalid(_("Nobody is on the list."))
    _send(callups, reply_by, now)
    _mark(callups, by)
    plan_make_ups(callup.makes_up_id for callup in callups if callup.makes_up_id)
    told = telling.tell_published(run, callups)
    make_papers(run, by=by)
    audit.record("callups.published", run, by=by, called=len(callups), told=told)
    return len(callups)


def _check_deadline(run: CallupRun, reply_by: dt.date) -> None:
    starts = run.callups.filter(state=Callup.State.PROPOSED).order_by("class_run__starts_on")
    first = starts.values_list("class_run__starts_on", flat=True).first()
    if reply_by < timezone.localdate():
        raise Invalid(_("The deadline for answers has passed already."))
    if first is not None and reply_by >= first:
        raise Invalid(_("The deadline must lie before %(day)s, when the first class begins.") % {"day": first})


def _seated(run: CallupRun) -> list[Callup]:
    """The proposals with their seat numbers; raises ``Conflict`` with the rules that the list breaks by now."""
    rows = run.callups.filter(state=Callup.State.PROPOSED).select_related("class_run", "person", "unit")
    callups = list(rows.order_by("class_run_id", "unit__path", "person__number"))
    considered: dict[int, list[int]] = defaultdict(list)
    class_runs: dict[int, ClassRun] = {}
    for callup in callups:
        considered[callup.class_run_id].append(callup.person_id)
        class_runs[callup.class_run_id] = callup.class_run
    if not callups:
        return []
    room = Room(class_runs.values(), considered, Terms.of(run.settings))
    broken: list[RowProblem] = []
    for callup in callups:
        if callup.class_run.state not in {ClassRun.State.OPEN, ClassRun.State.CALLED}:
            reason = str(_("The class run is no longer open for call-up."))
        elif found := room.obstacle(callup.person_id, callup.class_run_id):
            reason = obstacle_sentence(found)
        else:
            callup.seat = room.take(callup.person_id, callup.class_run_id)
            callup.unit_id = room.candidates[callup.person_id].unit
            continue
        broken.append(_broken(callup, reason))
        if len(broken) == BROKEN_SHOWN:
            break
    if broken:
        raise _Outdated(broken)
    return callups


def _broken(callup: Callup, reason: str) -> RowProblem:
    mend = _("Take the person out, or solve again.")
    return RowProblem(callup.class_run.name, 0, "", callup.person.name, "", reason, mend)


class _Outdated(Conflict):
    """The list no longer holds; ``problems`` names the pairs."""

    def __init__(self, problems: list[RowProblem]) -> None:
        first = problems[0]
        super().__init__(
            _("The facts changed since the search: %(name)s, %(class_run)s: %(reason)s Solve again. (%(count)s in all)")
            % {"name": first.value, "class_run": first.sheet, "reason": first.reason, "count": len(problems)}
        )
        self.problems = tuple(problems)


def _send(callups: list[Callup], reply_by: dt.date, now: dt.datetime) -> None:
    for callup in callups:
        callup.state, callup.reply_by, callup.sent_at = Callup.State.SENT, reply_by, now
    try:
        with transaction.atomic():
            Callup.objects.bulk_create(
                callups,
                batch_size=1000,
                update_conflicts=True,
                unique_fields=("id",),
                update_fields=("state", "seat", "reply_by", "sent_at", "unit"),
            )
    except IntegrityError as error:
        raise Conflict(_("A seat or a person was taken a moment ago. Solve again.")) from error


def _mark(callups: list[Callup], by: Account) -> None:
    for class_run in {callup.class_run_id: callup.class_run for callup in callups}.values():
        mark_class_run(class_run, ClassRun.State.CALLED, by=by)
