"""The pots of a policy (``tables``) as cells of an array: one for each content that a part of a rule asks for, and one for all others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np

from zhixing.engine.obligations.places import Indices, Int64s
from zhixing.engine.obligations.tables import Rows


def added(numbers: Iterable[Int64s]) -> Int64s:
    """The sum, place by place, of one array or more."""
    total: Int64s = reduce(np.add, numbers)
    return total


@dataclass(frozen=True, slots=True)
class Pot:
    """Where the hours of some channels are added up for a rule, under one cap; ``contents`` are told apart, their cells begin at ``first``."""

    rule_no: int
    cap: int | None
    channels: Collection[str]
    contents: Sequence[str]
    first: int

    def cell(self, content: str | None) -> int:
        return self.first + (self.contents.index(content) if content in self.contents else len(self.contents))

    def total(self, totals: Int64s, places: Indices | slice, contents: Collection[str] | None = None) -> Int64s:
        """[places] the tenths of some contents (None: of all), before the cap; ``totals`` [cell, place]."""
        cells = range(self.first, self.first + len(self.contents) + 1) if contents is None else map(self.cell, contents)
        return added(totals[cell, places] for cell in cells)

    def under_cap(self, total: Int64s) -> Int64s:
        return total if self.cap is None else np.minimum(total, self.cap)


@dataclass(frozen=True, slots=True)
class Pots:
    """``parts``: number of a part → its pots, each with the contents that belong to the part (None: all)."""

    pots: Sequence[Pot]
    parts: dict[int, list[tuple[Pot, Collection[str] | None]]]

    @classmethod
    def of(cls, laid_out: Rows) -> Self:
        channels: dict[int, set[str]] = defaultdict(set)
        contents: dict[int, set[str]] = defaultdict(set)
        sources: dict[tuple[int, int], set[str | None]] = defaultdict(set)
        for _rule_no, channel, pot_no in laid_out["rule_channels"]:
            channels[pot_no].add(channel)
        for part_no, pot_no, content in laid_out["part_sources"]:
            sources[part_no, pot_no].add(content)
            contents[pot_no] |= {content} if content else set()
        pots: list[Pot] = []
        for pot_no, rule_no, cap in laid_out["pots"]:
            first = pots[-1].first + len(pots[-1].contents) + 1 if pots else 0
            pots.append(Pot(rule_no, cap, channels[pot_no], sorted(contents[pot_no]), first))
        parts: dict[int, list[tuple[Pot, Collection[str] | None]]] = defaultdict(list)
        for (part_no, pot_no), own in sources.items():
            parts[part_no].append((pots[pot_no], None if None in own else [one for one in own if one]))
        return cls(pots, parts)

    @property
    def cells(self) -> int:
        return sum(len(pot.contents) + 1 for pot in self.pots)

    @property
    def needs_content(self) -> bool:
        return any(pot.contents for pot in self.pots)

    def uses(self, channel: str, content: str | None) -> list[tuple[int, int]]:
        """The (rule, cell) for which the hours of a channel and content count."""
        return [(pot.rule_no, pot.cell(content)) for pot in self.pots if channel in pot.channels]

    def rules(self) -> Iterator[tuple[int, list[Pot]]]:
        for rule_no in sorted({pot.rule_no for pot in self.pots}):
            yield rule_no, [pot for pot in self.pots if pot.rule_no == rule_no]
