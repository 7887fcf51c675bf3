"""Matching the unit named in a cell with the units known: by full name, code, or path with "/"."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.faults import Fault

SUGGESTIONS = 3
_CLOSE = 0.5
_LOOKED_AT = 40
"""Units that share most pairs of signs with a misspelt name; only these are compared in full."""


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit; ``path`` is the names from the top down to its own, joined by "/"."""

    key: str
    name: str
    code: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class UnitMiss:
    """Why a text names no unit: unknown, or ambiguous. ``near`` are the names (paths, when ambiguous) that may be meant."""

    fault: Fault
    near: tuple[str, ...]


class UnitIndex:
    """The units known, ready to be asked for by what officers write."""

    def __init__(self, units: Iterable[KnownUnit]) -> None:
        self._units = list(units)
        self._found: dict[str, str | UnitMiss] = {}
        self._by_code = {bare(unit.code): unit for unit in self._units if unit.code}
        self._by_tail: defaultdict[str, list[KnownUnit]] = defaultdict(list)
        self._by_pair: defaultdict[str, list[int]] = defaultdict(list)
        for position, unit in enumerate(self._units):
            for tail in _tails(unit):
                self._by_tail[tail].append(unit)
            for pair in _pairs(bare(unit.name)):
                self._by_pair[pair].append(position)

    def find(self, text: str) -> str | UnitMiss:
        """The key of the unit meant."""
        if text not in self._found:
            self._found[text] = self._look_up(text)
        return self._found[text]

    def _look_up(self, text: str) -> str | UnitMiss:
        plain = _plain_path(text)
        if unit := self._by_code.get(plain):
            return unit.key
        units = self._by_tail.get(plain, [])
        if len(units) == 1:
            return units[0].key
        whole = [unit for unit in units if _plain_path(unit.path or unit.name) == plain]
        if len(whole) == 1:
            return whole[0].key
        if units:
            return UnitMiss(Fault.UNIT_AMBIGUOUS, tuple(unit.path or unit.name for unit in units[:SUGGESTIONS]))
        return UnitMiss(Fault.UNIT_UNKNOWN, self._near(plain.rpartition("/")[2]))

    def _near(self, plain: str) -> tuple[str, ...]:
        """The nearest names, found among those that share most pairs of neighbouring signs."""
        shared = Counter(position for pair in _pairs(plain) for position in self._by_pair.get(pair, ()))
        names = {
            bare(name): name for position, _ in shared.most_common(_LOOKED_AT) if (name := self._units[position].name)
        }
        return tuple(names[near] for near in difflib.get_close_matches(plain, names, SUGGESTIONS, _CLOSE))


def _plain_path(text: str) -> str:
    return "/".join(part for part in bare(text).replace("\\", "/").replace(">", "/").split("/") if part)


def _tails(unit: KnownUnit) -> set[str]:
    """``市政府/财政局/办公室`` → 办公室, 财政局/办公室 and the whole."""
    parts = _plain_path(unit.path).split("/") if unit.path else []
    return {bare(unit.name)} | {"/".join(parts[start:]) for start in range(len(parts))}


def _pairs(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)}
