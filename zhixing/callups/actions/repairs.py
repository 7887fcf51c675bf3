"""A list adjusted after a change: a job looks for the smallest one, a named person confirms it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, jobs
from zhixing.base.asked import written
from zhixing.base.models import Job
from zhixing.base.problems import Conflict
from zhixing.callups import permissions, queries, telling
from zhixing.callups.actions.endings import take_back
from zhixing.callups.actions.papers import make_papers
from zhixing.callups.actions.seats import give_seat, seat_those_beyond
from zhixing.callups.links import make_up_for
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.problem.kept import FORMER, given_up_at_need, to_come
from zhixing.callups.seats import Room, lock_run
from zhixing.callups.sentences import obstacle_sentence
from zhixing.callups.terms import Terms
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun

Pair = tuple[int, int]


@transaction.atomic
def start_repair(run: CallupRun, *, by: Account) -> Job:
    """Queue the search for the smallest change that makes the list hold again. Nothing changes by it."""
    permissions.may_repair(by, run).require()
    if not to_come(run).exists():
        raise Conflict(_("Every class of this run has begun, or calls nobody any more: nothing can be adjusted."))
    job = jobs.start(
        "callups.repair",
        label=str(_("Adjust the list: %(run)s") % {"run": run.name}),
        by=by,
        link=reverse("callups:repair", args=[run.pk]),
        run_id=run.pk,
    )
    audit.record("callups.repair_started", run, by=by)
    return job


@transaction.atomic
def make_changes(run: CallupRun, job: Job, *, reason: str, by: Account) -> tuple[int, int]:
    """Make the changes that a job found: (taken off, put on). All or none.

    On a published list people are told: who is withdrawn gets ``reason``. Raises ``Conflict`` when the list, a reply or the facts changed since."""
    permissions.may_repair(by, run).require()
    run = lock_run(run)
    published = run.state == CallupRun.State.PUBLISHED
    if published:
        reason = written(reason, Callup.note.field, missing=_("Say why: whoever is withdrawn is told."))
    offered = queries.repair_offered(run)
    if offered is None or offered.pk != job.pk:
        raise Conflict(_("The list changed since. Look for the changes again."))
    class_runs = {c.pk: c for c in to_come(run)}
    if not (changes := offered.result["changes"]):
        raise Conflict(_("There is nothing to change."))
    lost, new = list(_pairs(changes, "lost")), list(_pairs(changes, "new"))
    _check_decisions(run, job, {pair for pair, _one in lost}, {pair for pair, _one in new})
    _take_off(run, [pair for pair, _one in lost], reason, by)
    freed = [class_runs[pk] for pk in {class_ for (_person, class_), _one in lost} & class_runs.keys()]
    if published:
        for class_run in freed:
            seat_those_beyond(class_run, by)
    _put_on(run, class_runs, new, by)
    Job.objects.filter(pk=job.pk).update(result={**offered.result, "made": True})
    if published:
        for class_run in freed:
            telling.tell_if_short(class_run)
        make_papers(run, by=by)
    audit.record("callups.repaired", run, by=by, withdrawn=len(lost), called=len(new))
    return len(lost), len(new)


def _pairs(changes: list[dict[str, Any]], kind: str) -> Iterator[tuple[Pair, dict[str, Any]]]:
    for item in changes:
        for one in item[kind]:
            yield (item["person"], one["class"]), one


def _check_decisions(run: CallupRun, job: Job, lost: set[Pair], new: set[Pair]) -> None:
    """What people decided since the search goes before what it found; an earlier pin that the facts rule out yields."""
    pins = run.pins.filter(at__gte=job.created_at).values_list("person_id", "class_run_id", "chosen")
    against = any((person, class_) in (lost if chosen else new) for person, class_, chosen in pins)
    former = Callup.objects.filter(class_run__in={class_ for _person, class_ in new}, state__in=FORMER)
    if against or new & set(former.values_list("person_id", "class_run_id")):
        raise Conflict(_("Somebody was decided about since. Look for the changes again."))


def _take_off(run: CallupRun, lost: list[Pair], reason: str, by: Account) -> None:
    rows = given_up_at_need(run).filter(person__in={person for person, _class in lost})
    found = {(c.person_id, c.class_run_id): c for c in rows.select_related("class_run", "person", "unit", "run")}
    for pair in lost:
        callup = found.get(pair)
        if callup is None:
            raise Conflict(_("Somebody answered, or was taken off the list, since. Look for the changes again."))
        if callup.state == Callup.State.PROPOSED:
            callup.delete()
        else:
            permissions.may_withdraw(by, callup).require()
            take_back(callup, reason, by)


def _put_on(
    run: CallupRun, class_runs: dict[int, ClassRun], new: list[tuple[Pair, dict[str, Any]]], by: Account
) -> None:
    considered: dict[int, list[int]] = defaultdict(list)
    for (person, class_), _one in new:
        considered[class_].append(person)
    if not considered.keys() <= class_runs.keys():
        raise Conflict(_("The list changed since. Look for the changes again."))
    if not new:
        return
    proposed = run.state == CallupRun.State.PROPOSED
    room = Room(
        [class_runs[pk] for pk in considered], considered, Terms.of(run.settings), run=run if proposed else None
    )
    for (person, class_), one in new:
        if obstacle := room.obstacle(person, class_):
            said = {"name": Person.objects.get(pk=person).name, "reason": obstacle_sentence(obstacle)}
            raise Conflict(_("%(name)s cannot be put on the list any more: %(reason)s") % said)
        callup = Callup(
            run=run,
            person_id=person,
            class_run_id=class_,
            makes_up_id=make_up_for(person, class_runs[class_]),
            value=one["value"],
            code="repaired",
            detail=one["facts"],
        )
        if proposed:
            callup.unit_id = room.candidates[person].unit
            room.take(person, class_)
            callup.save()
        else:
            audit.record("callups.seat_filled", give_seat(room, callup), by=by, seat=callup.seat)
        run.waiting.filter(class_run=class_, person=person).update(used=True)
