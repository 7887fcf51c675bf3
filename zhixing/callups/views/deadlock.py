"""A run without a list: what conflicts, and the ways out, each change with the place where it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base.verdicts import Verdict
from zhixing.callups import permissions
from zhixing.callups.models import Callup, CallupRun, Pin
from zhixing.callups.sentences import Told
from zhixing.engine.callup.relaxations import Relaxation
from zhixing.people.models import Account, Unit
from zhixing.people.permissions import may_change_unit
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import may_edit

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a change is made: a page, or at once by a deed about ``person``."""

    label: str
    url: str
    verdict: Verdict
    person: int | None = None


@dataclass(frozen=True)
class Step:
    """One change; ``place`` is None when it is made already, or beyond the user's scope."""

    text: str
    place: Place | None


@dataclass(frozen=True)
class Way:
    steps: list[Step]
    cheapest: bool


@dataclass(frozen=True)
class Deadlock:
    """``knots``: one way of each has to be taken."""

    conflicts: list[list[str]]
    knots: list[list[Way]]


def deadlock_of(user: Account, run: CallupRun) -> Deadlock:
    """What the last search said about why there is no list; empty when there is one, or none was found in time."""
    conflicts: list[list[Said]] = run.result.get("conflicts") or [run.result.get("conflict", [])]
    knots: list[Said] = run.result.get("relaxations", [])
    changes = [change for knot in knots for way in knot["ways"] for change in way["changes"]]
    told = Told.to(user, [item for items in (*conflicts, changes) for item in items])
    places = _Places(user, run, changes)
    return Deadlock(
        conflicts=[told.conflict(items) for items in conflicts if items],
        knots=[
            [
                Way(
                    [Step(told.change(change), places.of(change)) for change in way["changes"]],
                    cheapest=knot["proven_cheapest"] and not number and len(knot["ways"]) > 1,
                )
                for number, way in enumerate(knot["ways"])
            ]
            for knot in knots
        ],
    )


class _Places:
    """Finds where each change is made, everything of one kind at once."""

    def __init__(self, user: Account, run: CallupRun, changes: Iterable[Said]) -> None:
        self.user, self.run = user, run
        self.may_change = permissions.may_change_run(user, run)
        listed = list(changes)
        classes = {change["class_id"] for change in listed if "class_id" in change}
        units = {change["unit_id"] for change in listed if "unit_id" in change}
        persons = {change["person_id"] for change in listed if "person_id" in change}
        self.class_runs = ClassRun.objects.visible_to(user).in_bulk(classes)
        self.units = Unit.objects.visible_to(user).in_bulk(units)
        pins = Pin.objects.filter(run=run, person__in=persons)
        self.pins = {(pin.person_id, pin.class_run_id): pin for pin in pins}
        standing = Callup.objects.visible_to(user).in_force().filter(person__in=persons, class_run__in=classes)
        self.standing = {(callup.person_id, callup.class_run_id): callup for callup in standing}

    def of(self, change: Said) -> Place | None:
        match change["change"]:
            case Relaxation.DROP_PIN:
                return self._pin((change["person_id"], change["class_id"]))
            case Relaxation.CLASS_SEATS | Relaxation.CLASS_MINIMUM:
                return self._class_run(change["class_id"], _("Change the class run"), "plans:edit")
            case Relaxation.QUOTA_SEATS | Relaxation.QUOTA_MINIMUM:
                return self._class_run(change["class_id"], _("Change the quotas"), "plans:quotas")
            case Relaxation.AWAY_MAX | Relaxation.AWAY_WEEK:
                return self._unit(change["unit_id"])
        return Place(_("Change the terms"), reverse("callups:change", args=[self.run.pk]), self.may_change)

    def _pin(self, pair: tuple[int, int]) -> Place | None:
        if pin := self.pins.get(pair):
            url = reverse("callups:unpin", args=[self.run.pk, pin.class_run_id])
            return Place(_("Take the decision back"), url, self.may_change, pin.person_id)
        if callup := self.standing.get(pair):
            return Place(_("Open the call-up"), reverse("callups:callup", args=[callup.pk]), self.may_change)
        return None

    def _class_run(self, pk: int, label: str, page: str) -> Place | None:
        found = self.class_runs.get(pk)
        return Place(label, reverse(page, args=[pk]), may_edit(self.user, found)) if found else None

    def _unit(self, pk: int) -> Place | None:
        found = self.units.get(pk)
        if found is None:
            return None
        return Place(_("Change the unit"), reverse("people:edit_unit", args=[pk]), may_change_unit(self.user, found))
