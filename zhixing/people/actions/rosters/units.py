"""Units that a roster names and the tree does not hold yet."""

from __future__ import annotations

from collections import defaultdict

from zhixing.people.actions.units import create_unit
from zhixing.people.models import Account, RosterImport, Unit
from zhixing.people.problem import NEW


def open_units(roster_import: RosterImport, by: Account) -> tuple[dict[str, int], list[int]]:
    """Open every unit of ``counts["units"]`` (paths of names) below the import's own.

    A part of a path that is there already, below the part before it or (the first of several) anywhere in the subtree, is not
    opened again. Returns the key of the unit for each key of the preview, and the keys of those that were opened.
    """
    tree = _Tree(roster_import, by)
    for path in roster_import.counts.get("units", ()):
        tree.reach(path.split("/"))
    return tree.found, tree.opened


class _Tree:
    """The subtree of an import while it grows."""

    def __init__(self, roster_import: RosterImport, by: Account) -> None:
        self._import, self._by = roster_import, by
        self._by_name: defaultdict[str, list[Unit]] = defaultdict(list)
        for unit in Unit.objects.within(roster_import.scope_unit).filter(closed_on=None):
            self._by_name[unit.name].append(unit)
        self.found: dict[str, int] = {}
        self.opened: list[int] = []

    def reach(self, parts: list[str]) -> None:
        """Walk down a path of names, opening what is missing."""
        parent = self._import.scope_unit
        for depth, name in enumerate(parts):
            parent = self._known(name, parent, anywhere=depth == 0 and len(parts) > 1) or self._open(name, parent)
        self.found[f"{NEW}{'/'.join(parts)}"] = parent.pk

    def _known(self, name: str, parent: Unit, *, anywhere: bool) -> Unit | None:
        units = self._by_name[name]
        if anywhere and len(units) == 1:
            return units[0]
        return next((unit for unit in units if unit.parent_id == parent.pk), None)

    def _open(self, name: str, parent: Unit) -> Unit:
        code = f"R{self._import.pk}-{len(self.opened) + 1}"
        unit = create_unit(parent, name, Unit.Kind.ORGAN, code=code, by=self._by)
        self._by_name[name].append(unit)
        self.opened.append(unit.pk)
        return unit
