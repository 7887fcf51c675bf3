"""Reading the document of an indicator system strictly: nothing is guessed, and every fault is told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Final

from zhixing.engine.indicators.definition import Absent, Group, Indicator, Kind, Level, Object, System
from zhixing.engine.questionnaires.faults import DefinitionError, Fault
from zhixing.engine.questionnaires.values import WORD_MAX, Table, Values

INDICATORS_MAX: Final = 200
DEPTH_MAX: Final = 3
"""Levels of groups, as the systems in use have (一级、二级、三级指标)."""
TITLE_MAX, BASIS_MAX = 120, 300
PART_MOST: Final = 1_000
_SYSTEM: Final = {"title": True, "of": True, "points": True, "basis": False, "absent": True, "missed_percent": False}
_GROUP: Final = {"code": True, "title": True, "group": False, "indicator": False}
_INDICATOR: Final = {"code": True, "title": True, "points": True, "kind": True, "missed_below": False}
_OWN: Final = {Kind.FACT: {"fact": True, "scale": True}, Kind.JUDGED: {"evidence": False, "on_site": False}}
"""Key → is it required."""


def read(document: object, facts: Collection[str]) -> System:
    """The system of ``document``; ``facts``: the codes of the figures that there are. Raises ``DefinitionError`` with every fault."""
    reader = _Reader(facts)
    found = reader.system(document)
    if reader.faults:
        raise DefinitionError(reader.faults)
    return found


class _Reader(Values):
    """The parts of a system."""

    def __init__(self, facts: Collection[str]) -> None:
        super().__init__()
        self.facts = facts

    def system(self, document: object) -> System:
        top = self.table(document, "", {"system": True, "group": True, "level": False})
        system = self.table(top.get("system", {}), "system", _SYSTEM)
        title = self.text(system, "system", "title", TITLE_MAX)
        found = System(
            title=title,
            of=self.word(system, "system", "of", Object, Object.INSTITUTION),
            basis=self.text(system, "system", "basis", BASIS_MAX, may_be_empty=True),
            absent=self.word(system, "system", "absent", Absent, Absent.ZERO),
            missed_most=Fraction(self.whole(system, "system", "missed_percent", 0, 100, 100), 100),
            levels=tuple(self.levels(top.get("level", []))),
            root=Group("", title, tuple(self.groups(top.get("group", []), "group", 1))),
        )
        self.as_a_whole(found, self.whole(system, "system", "points", 1, 10_000))
        return found

    def as_a_whole(self, found: System, points: int) -> None:
        """What no part tells alone."""
        if not found.indicators:
            self.refuse("group", Fault.NO_ITEM)
        elif found.root.points != points:
            self.refuse("system.points", Fault.WEIGHTS, found.root.points)
        if len(found.indicators) > INDICATORS_MAX:
            self.refuse("group", Fault.TOO_MANY_ITEMS, len(found.indicators))
        for number, (upper, lower) in enumerate(pairwise(found.levels), start=2):
            if lower.percent >= upper.percent:
                self.refuse(f"level[{number}].percent", Fault.NOT_FALLING, lower.percent)

    def levels(self, rows: object) -> Iterable[Level]:
        for place, row in self.tables(rows, "level"):
            level = self.table(row, place, {"title": True, "percent": True})
            yield Level(self.text(level, place, "title", WORD_MAX), self.whole(level, place, "percent", 0, 100))

    def groups(self, rows: object, where: str, depth: int) -> Iterable[Group]:
        for place, row in self.tables(rows, where):
            group = self.table(row, place, _GROUP)
            code, title = self.code(group, place), self.text(group, place, "title", TITLE_MAX)
            inner: list[Group | Indicator] = []
            if depth < DEPTH_MAX:
                inner += self.groups(group.get("group", []), f"{place}.group", depth + 1)
            elif "group" in group:
                self.refuse(f"{place}.group", Fault.TOO_DEEP, DEPTH_MAX)
            inner += self.indicators(group.get("indicator", []), f"{place}.indicator")
            if not inner:
                self.refuse(place, Fault.NO_ITEM)
            yield Group(code, title, tuple(inner))

    def indicators(self, rows: object, where: str) -> Iterable[Indicator]:
        for place, row in self.tables(rows, where):
            kind = self.word(row, place, "kind", Kind, Kind.JUDGED) if "kind" in row else None
            own = _OWN[kind] if kind else {}
            yield self.indicator(self.table(row, place, {**_INDICATOR, **own}, strict=kind is not None), place, kind)

    def indicator(self, row: Table, place: str, kind: Kind | None) -> Indicator:
        return Indicator(
            code=self.code(row, place),
            title=self.text(row, place, "title", TITLE_MAX),
            points=self.whole(row, place, "points", 1, PART_MOST, 1),
            kind=kind or Kind.JUDGED,
            fact=self.fact(row, place) if kind is Kind.FACT else "",
            scale=tuple(self.scale(row, place)) if kind is Kind.FACT else (),
            evidence=self.flag(row, place, "evidence", False),
            on_site=self.flag(row, place, "on_site", False),
            missed=Fraction(self.whole(row, place, "missed_below", 0, 100), 100),
        )

    def fact(self, row: Table, place: str) -> str:
        code = self.text(row, place, "fact", 40)
        if code and code not in self.facts:
            self.refuse(f"{place}.fact", Fault.UNKNOWN_VALUE, code)
        return code

    def scale(self, row: Table, place: str) -> Iterable[tuple[Fraction, Fraction]]:
        """Pairs of whole numbers: a figure, in the unit of the fact, and the percent of the points that it earns."""
        pairs, where = row.get("scale", []), f"{place}.scale"
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            self.refuse(where, Fault.BAD_TYPE, pairs)
            return
        if len(pairs) < 2:
            self.refuse(where, Fault.TOO_FEW, 2)
        if any(later <= earlier for (earlier, _), (later, _) in pairwise(pairs)):
            self.refuse(where, Fault.NOT_RISING)
        for figure, percent in pairs:
            if not 0 <= percent <= 100:
                self.refuse(where, Fault.OUT_OF_RANGE, "0–100")
            yield Fraction(figure), Fraction(percent, 100)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(number) is int for number in pair)
