"""Reading roster imports and what they would change."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhixing.base.problems import NotFound, Text
from zhixing.base.sealed import mask, unseal
from zhixing.people.models import Account, Person, RosterChange, RosterImport, Unit
from zhixing.people.problem import NEW
from zhixing.people.sentences import FACTS

NOT_SHOWN = frozenset({"id_sealed", "joined_on"})


def imports_for(user: Account) -> QuerySet[RosterImport]:
    return RosterImport.objects.visible_to(user).select_related("scope_unit", "file", "job")


def import_for(user: Account, pk: int) -> RosterImport:
    """One import in scope; raises ``NotFound``."""
    found = imports_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Shown:
    """One change as the page shows it: ``facts`` are (label, before, after)."""

    change: RosterChange
    facts: Sequence[tuple[Text, str, str]]


class Showing:
    """Turns changes of one page into words, with one query for all units that they name."""

    def __init__(self, changes: Iterable[RosterChange]) -> None:
        self.changes = list(changes)
        named = [one.get("unit_id") for change in self.changes for one in (change.before, change.after)]
        named += [
            found[side]
            for change in self.changes
            for found in change.conflicts
            if found["fact"] == "unit_id"
            for side in ("imported", "now")
        ]
        self._units = Unit.objects.in_bulk([key for key in named if isinstance(key, int)])

    def rows(self) -> list[Shown]:
        return [Shown(change, self._facts(change)) for change in self.changes]

    def arrivals(self) -> list[tuple[RosterChange, dict[str, str]]]:
        """For each arrival what the row says, by field."""
        return [(change, {name: self._after(change, name) for name in FACTS}) for change in self.changes]

    def conflicts(self) -> list[Shown]:
        """For each change the facts that were edited since: as imported, as now."""
        return [
            Shown(
                change,
                [
                    (
                        FACTS[found["fact"]],
                        self._said(found["fact"], found["imported"]),
                        self._said(found["fact"], found["now"]),
                    )
                    for found in change.conflicts
                ],
            )
            for change in self.changes
        ]

    def _facts(self, change: RosterChange) -> list[tuple[Text, str, str]]:
        names = [name for name in FACTS if name in change.after and name not in NOT_SHOWN]
        shown = []
        for name in names:
            before, after = self._said(name, change.before.get(name)), self._after(change, name)
            if before != after:
                shown.append((FACTS[name], before, after))
        return shown

    def _after(self, change: RosterChange, name: str) -> str:
        if name == "id_index":
            return _masked(change.after.get("id_sealed", ""))
        return self._said(name, change.after.get(name))

    def _said(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return ""
        if name == "records":
            return _(", ").join(str(apps.get_model(label)._meta.verbose_name) for label in value)
        if name == "unit_id":
            if isinstance(value, str):
                return value.removeprefix(NEW)
            return self._units[value].name if value in self._units else str(value)
        if name == "status":
            return str(Person.Status(value).label)
        if name == "sex":
            return str(Person.Sex(value).label)
        return "******" if name == "id_index" else str(value)


def _masked(sealed: str) -> str:
    return mask(unseal(base64.b64decode(sealed))) if sealed else ""
