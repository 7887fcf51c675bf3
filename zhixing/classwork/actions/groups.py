"""Every write about the groups of a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.classwork import permissions, queries
from zhixing.classwork.models import Member
from zhixing.engine.groups import Learner, share_out
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

GROUPS_MAX = 30


@dataclass(frozen=True)
class Place:
    """Where somebody stands: ``group`` from 1 (None: in none), leader or not, and an office or none."""

    group: int | None = None
    leads: bool = False
    office: str = ""


@transaction.atomic
def draw_groups(class_run: ClassRun, groups: int, *, by: Account) -> int:
    """Share the class out into ``groups`` study groups; offices stay, leaders are named anew. Returns how many people stand in one."""
    permissions.may_organise(by, class_run).require()
    _lock(class_run)
    people = list(queries.people_of(class_run))
    if not 1 <= groups <= min(GROUPS_MAX, max(1, len(people))):
        raise Invalid(_("Choose at least one group, and no more groups than people."))
    learners = [Learner(one.pk, one.unit_id, one.person.sex, one.person.rank or one.person.grade) for one in people]
    known = queries.members_of(class_run)
    drawn = share_out(learners, groups)
    _write(
        class_run, {key: Place(group, office=known[key].office if key in known else "") for key, group in drawn.items()}
    )
    audit.record("classwork.groups_drawn", class_run, by=by, groups=groups, people=len(drawn))
    return len(drawn)


@transaction.atomic
def arrange(class_run: ClassRun, places: Mapping[int, Place], *, by: Account) -> None:
    """Replace where everybody stands: key of the call-up → place. Who is left out stands in no group.

    Raises ``Conflict`` for somebody who no longer holds a seat, ``Invalid`` for two leaders of a group, a leader without one or two monitors.
    """
    permissions.may_organise(by, class_run).require()
    _lock(class_run)
    on_list = set(queries.people_of(class_run).values_list("pk", flat=True))
    if not places.keys() <= on_list:
        raise Conflict(_("Somebody on the list changed a moment ago. Look at it again."))
    _check(places)
    _write(class_run, places)
    audit.record(
        "classwork.arranged",
        class_run,
        by=by,
        groups=len({one.group for one in places.values() if one.group}),
        leaders=sum(one.leads for one in places.values()),
        offices=sum(bool(one.office) for one in places.values()),
    )


def _lock(class_run: ClassRun) -> None:
    ClassRun.objects.select_for_update(of=("self",)).get(pk=class_run.pk)


def _check(places: Mapping[int, Place]) -> None:
    if any(one.group is not None and not 1 <= one.group <= GROUPS_MAX for one in places.values()):
        raise Invalid(_("The number of a group lies between 1 and %(most)d.") % {"most": GROUPS_MAX})
    if any(one.leads and one.group is None for one in places.values()):
        raise Invalid(_("Whoever leads a group stands in it: give the leader a group."))
    leaders = Counter(one.group for one in places.values() if one.leads)
    if twice := sorted(str(group) for group, n in leaders.items() if n > 1):
        raise Invalid(_("Group %(groups)s has more than one leader.") % {"groups": "、".join(twice)})
    if sum(one.office == Member.Office.MONITOR for one in places.values()) > 1:
        raise Invalid(_("A class has one monitor."))


def _write(class_run: ClassRun, places: Mapping[int, Place]) -> None:
    Member.objects.filter(class_run=class_run).delete()
    Member.objects.bulk_create(
        Member(callup_id=key, class_run=class_run, group=one.group, leads=one.leads, office=one.office)
        for key, one in places.items()
        if one != Place()
    )
