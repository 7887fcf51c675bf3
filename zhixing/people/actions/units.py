"""Writing the unit tree. Every change is dated: ``placements`` keep what a unit was called and where it hung on any day."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people import permissions
from zhixing.people.models import Account, Posting, Unit, UnitPlacement

EARLIEST = dt.date(1949, 10, 1)


@transaction.atomic
def create_unit(
    parent: Unit | None, name: str, kind: str, *, code: str, by: Account | None, opened_on: dt.date = EARLIEST
) -> Unit:
    """Open a unit below ``parent``; only the installation itself (``by`` None) makes the top of the tree.

    Raises ``Refused``, and ``Invalid`` when the code is taken or the day lies in the future.
    """
    if by is not None and parent is not None:
        permissions.may_open_unit(by, parent).require()
    if by is not None and parent is None:
        raise Invalid(_("A unit hangs below another one."))
    _refuse_future(opened_on)
    try:
        with transaction.atomic():
            unit = Unit.objects.create(
                code=code, name=name, kind=kind, parent=parent, path=f"new {code}", opened_on=opened_on
            )
    except IntegrityError as error:
        raise Invalid(_("There already is a unit with the code %(code)s.") % {"code": code}) from error
    unit.path = f"{parent.path if parent else ''}{unit.pk:06d}."
    unit.save(update_fields=("path",))
    UnitPlacement.objects.create(unit=unit, parent=parent, name=name, from_on=opened_on)
    audit.record("people.unit_opened", unit, by=by, parent=parent.pk if parent else None)
    return unit


@transaction.atomic
def rename_unit(unit: Unit, name: str, *, from_on: dt.date, by: Account) -> None:
    """Give ``unit`` another name from ``from_on``; earlier days keep the old one."""
    permissions.may_change_unit(by, unit).require()
    unit = _locked(unit)
    if name == unit.name:
        return
    _place_anew(unit, from_on, name=name, parent=unit.parent)
    Unit.objects.filter(pk=unit.pk).update(name=name)
    audit.record("people.unit_renamed", unit, by=by, from_on=from_on)


@transaction.atomic
def move_unit(unit: Unit, parent: Unit, *, from_on: dt.date, by: Account) -> None:
    """Hang ``unit`` with everything below it under ``parent`` from ``from_on``.

    Raises ``Refused`` outside the scope and ``Invalid`` when ``parent`` lies below ``unit``.
    """
    permissions.may_move_unit(by, unit).require()
    permissions.may_open_unit(by, parent).require()
    _lock_tree()
    unit, parent = _locked(unit), _locked(parent)
    if parent.path.startswith(unit.path):
        raise Invalid(_("A unit cannot hang below itself."))
    if unit.parent_id == parent.pk:
        return
    _place_anew(unit, from_on, name=unit.name, parent=parent)
    old, new = unit.path, f"{parent.path}{unit.path.rstrip('.').rpartition('.')[2]}."
    Unit.objects.filter(pk=unit.pk).update(parent=parent)
    Unit.objects.filter(path__startswith=old).update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    audit.record("people.unit_moved", unit, by=by, parent=parent.pk, from_on=from_on)


@transaction.atomic
def close_unit(unit: Unit, *, on: dt.date, by: Account) -> None:
    """Close ``unit``; ``on`` is its last day. Raises ``Invalid`` while people or open units are left in it."""
    permissions.may_close_unit(by, unit).require()
    _refuse_future(on)
    unit = _locked(unit)
    if on < unit.opened_on:
        raise Invalid(_("A unit cannot close before it opened."))
    if unit.children.filter(closed_on=None).exists():
        raise Invalid(_("Close or move the units below it first."))
    if Posting.objects.filter(unit=unit, to_on=None).exists() or unit.people.serving().exists():
        raise Invalid(_("People still serve in this unit. Move them first."))
    if not Unit.objects.filter(pk=unit.pk, closed_on=None).update(closed_on=on):
        raise Conflict(_("Someone else closed this unit a moment ago."))
    open_placement = unit.placements.get(to_on=None)
    if on < open_placement.from_on:
        raise Invalid(_("The unit was renamed or moved after this day."))
    unit.placements.filter(pk=open_placement.pk).update(to_on=on)
    audit.record("people.unit_closed", unit, by=by, on=on)


@transaction.atomic
def edit_unit(unit: Unit, *, kind: str, position: int, away_max: int | None, by: Account) -> None:
    """Change what is not dated: kind, place among its siblings, and how many may be away in one week."""
    permissions.may_change_unit(by, unit).require()
    Unit.objects.filter(pk=unit.pk).update(kind=kind, position=position, away_max=away_max)
    audit.record("people.unit_edited", unit, by=by, kind=kind, position=position, away_max=away_max)


def _place_anew(unit: Unit, from_on: dt.date, *, name: str, parent: Unit | None) -> None:
    """End the placement in force the day before ``from_on`` and begin another; on its own first day it is corrected."""
    _refuse_future(from_on)
    if unit.closed_on is not None:
        raise Invalid(_("This unit is closed."))
    current = unit.placements.get(to_on=None)
    if from_on < current.from_on:
        raise Invalid(
            _("The unit was already renamed or moved on %(day)s; choose that day or a later one.")
            % {"day": current.from_on.isoformat()}
        )
    if from_on == current.from_on:
        unit.placements.filter(pk=current.pk).update(name=name, parent=parent)
        return
    unit.placements.filter(pk=current.pk).update(to_on=from_on - dt.timedelta(days=1))
    UnitPlacement.objects.create(unit=unit, parent=parent, name=name, from_on=from_on)


def _locked(unit: Unit) -> Unit:
    """The row as it is now, held until the end of the transaction."""
    return Unit.objects.select_for_update().get(pk=unit.pk)


def _lock_tree() -> None:
    """Two moves at once could hang two units below each other: moves wait for each other at the top of the tree."""
    list(Unit.objects.select_for_update().filter(parent=None).values_list("pk"))


def _refuse_future(day: dt.date) -> None:
    if day > timezone.localdate():
        raise Invalid(_("This day lies in the future. Enter the change when it holds."))
