"""People who leave, retire, move or are called by another authority after they were called: the call-up comes into question, and the department decides."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.asked import written
from zhixing.base.models import Job
from zhixing.base.problems import Conflict
from zhixing.callups import permissions, telling
from zhixing.callups.clashes import open_clashes
from zhixing.callups.models import Callup, KeptClash
from zhixing.people.models import Account, Person
from zhixing.plans.queries import eligible_people

Concern = Callup.Concern
MANY = 2000
"""From this many persons on, all call-ups to come are looked at."""


def enqueue_review(person_ids: Collection[int]) -> Job:
    """Queue one look at the call-ups of these persons, in the caller's transaction."""
    return jobs.start(
        "callups.review",
        label=_("Look for call-ups that came into question"),
        by=None,
        link=f"{reverse('callups:replies')}?face=changed",
        person_ids=None if len(person_ids) >= MANY else sorted(person_ids),
    )


@transaction.atomic
def review_callups(person_ids: Collection[int] | None, today: dt.date | None = None) -> int:
    """Note what became of called persons (None: of all) since; the department and the liaisons hear of it. Returns how many came into question.

    A concern that is over is taken back; one that the department settled does not come again."""
    callups = _to_come(person_ids, today or timezone.localdate())
    eligible = _eligible(callups)
    clashing = open_clashes(callups)
    raised: list[Callup] = []
    for callup in callups:
        concern = _concern(callup, callup.person_id in eligible[callup.class_run_id])
        settled = callup.concern_settled if concern == callup.concern_settled else ""
        standing = "" if settled else concern
        if not standing and callup.pk in clashing:
            standing = str(Concern.CALLER)
        if (standing, settled) == (callup.concern, callup.concern_settled):
            continue
        if standing and standing != callup.concern:
            raised.append(callup)
        callup.concern, callup.concern_settled = standing, settled
        callup.save(update_fields=["concern", "concern_settled"])
        audit.record("callups.reviewed", callup, by=None, concern=standing)
    telling.tell_in_question(raised)
    return len(raised)


def _to_come(person_ids: Collection[int] | None, today: dt.date) -> list[Callup]:
    rows = Callup.objects.filter(state__in=Callup.TO_COME, class_run__ends_on__gte=today)
    if person_ids is not None:
        rows = rows.filter(person__in=person_ids)
    return list(rows.select_for_update(of=("self",)).select_related("person__unit", "unit", "class_run").order_by("pk"))


def _eligible(callups: Collection[Callup]) -> dict[int, set[int]]:
    """Class run → which of the people called to it belong to its target group now."""
    called: defaultdict[int, list[Callup]] = defaultdict(list)
    for callup in callups:
        called[callup.class_run_id].append(callup)
    return {
        pk: set(
            eligible_people(own[0].class_run)
            .filter(pk__in=[callup.person_id for callup in own])
            .order_by()
            .values_list("pk", flat=True)
        )
        for pk, own in called.items()
    }


def _concern(callup: Callup, eligible: bool) -> str:
    person = callup.person
    if person.status != Person.Status.SERVING:
        return str(Concern.STATUS)
    if person.unit_id != callup.unit_id:
        return str(Concern.UNIT)
    return "" if eligible else str(Concern.TARGET)


@transaction.atomic
def keep_callup(callup: Callup, reason: str, by: Account) -> None:
    """The department lets a call-up in question stand; after a move, the new unit answers for it. Raises ``Conflict`` when nothing is in question."""
    permissions.may_keep(by, callup).require()
    reason = written(reason, Callup.note.field, missing=_("Say why the call-up stands."))
    found = Callup.objects.select_for_update(of=("self",)).select_related("person__unit", "class_run").get(pk=callup.pk)
    if found.state not in Callup.TO_COME or not found.concern or found.concern != callup.concern:
        raise Conflict(_("This call-up changed a moment ago. Look at it again."))
    if found.concern == Concern.CALLER:
        _keep_both(found, reason, by)
    else:
        found.concern_settled = "" if found.concern == Concern.UNIT else found.concern
    if found.concern == Concern.UNIT and found.person.unit is not None:
        found.unit = found.person.unit
    audit.record("callups.kept", found, by=by, concern=found.concern)
    found.concern, found.note = "", reason
    found.save(update_fields=["unit", "concern", "concern_settled", "note"])
    telling.tell_kept(found, reason)


def _keep_both(callup: Callup, reason: str, by: Account) -> None:
    """Decided of the call-ups by others that clash now; a further one comes into question again."""
    clashing = open_clashes([callup]).get(callup.pk, ())
    KeptClash.objects.bulk_create(
        KeptClash(callup=callup, outside_id=clash.elsewhere.pk, reason=reason, by_id=by.pk) for clash in clashing
    )
