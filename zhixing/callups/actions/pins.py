"""A planner's decision taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from zhixing.base import audit
from zhixing.callups import permissions, reasons
from zhixing.callups.links import make_up_for
from zhixing.callups.models import Callup, CallupRun, Waiting
from zhixing.callups.repairing import FACTS
from zhixing.callups.seats import Obstacle, Room, lock_run
from zhixing.callups.terms import Terms
from zhixing.engine.callup.codes import Code
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun


@transaction.atomic
def unpin_pair(run: CallupRun, person: Person, class_run: ClassRun, *, by: Account) -> Obstacle | None:
    """Take the decision about one pair back: an earlier one that it had put aside stands again, else the pair is as the last search left it.
    Without a decision nothing happens.

    Returns what keeps somebody off the list whom the search had put there: another holds the seat since.
    """
    run = lock_run(run)
    permissions.may_change_run(by, run).require()
    pin = run.pins.filter(person=person, class_run=class_run).first()
    if pin is None:
        return None
    audit.record("callups.unpinned", pin, by=by, person=person.pk, class_run=class_run.pk)
    earlier = pin.before
    if earlier:
        restored = {**earlier, "at": dt.datetime.fromisoformat(earlier["at"])}
        run.pins.filter(pk=pin.pk).update(**restored)
    else:
        pin.delete()
    if run.state != CallupRun.State.PROPOSED:
        return None
    row = reasons.of_pair(run, person.pk, class_run.pk)
    if earlier:
        return _stand_again(run, person, class_run, row, chosen=earlier["chosen"])
    if row is not None and row["chosen"]:
        return _put_back(run, person, class_run, row)
    _take_off(run, person, class_run)
    return None


def _stand_again(
    run: CallupRun, person: Person, class_run: ClassRun, row: dict[str, Any] | None, *, chosen: bool
) -> Obstacle | None:
    """Carry the earlier decision out, as when it was made; what was weighed of the pair, if the search saw it, goes with it."""
    if not chosen:
        run.callups.filter(person=person, class_run=class_run, state=Callup.State.PROPOSED).delete()
        return None
    weighed = row or {"value": 0, **dict.fromkeys(FACTS, 0)}
    obstacle = _put_back(run, person, class_run, {**weighed, "code": Code.CHOSEN_PINNED})
    if obstacle is None:
        run.waiting.filter(class_run=class_run, person=person).delete()
    return obstacle


def _put_back(run: CallupRun, person: Person, class_run: ClassRun, row: dict[str, Any]) -> Obstacle | None:
    proposed = run.callups.filter(person=person, class_run=class_run, state=Callup.State.PROPOSED)
    if proposed.update(code=row["code"]):
        return None
    room = Room([class_run], {class_run.pk: [person.pk]}, Terms.of(run.settings), run=run)
    obstacle = room.obstacle(person.pk, class_run.pk)
    if obstacle is None and person.unit_id is not None:  # without a unit nobody is eligible
        Callup.objects.create(
            run=run,
            person=person,
            class_run=class_run,
            unit_id=person.unit_id,
            value=row["value"],
            code=row["code"],
            detail={key: row[key] for key in FACTS},
            makes_up_id=make_up_for(person.pk, class_run),
        )
    return obstacle


def _take_off(run: CallupRun, person: Person, class_run: ClassRun) -> None:
    """Whom only the decision had put on the list leaves it, and waits where the search had put the person."""
    run.callups.filter(
        person=person, class_run=class_run, state=Callup.State.PROPOSED, code=Code.CHOSEN_PINNED
    ).delete()
    for row in reasons.waiting(run, Terms.of(run.settings).waiting, class_run.pk):
        if row["person_id"] == person.pk:
            place = {"position": row["position"], "value": row["value"]}
            Waiting.objects.get_or_create(run=run, class_run=class_run, person=person, defaults=place)
