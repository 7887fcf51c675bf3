"""Figures that are weighted sums over several items, such as the mean of a block beside those of its questions: what their combinations tell of few people.

What nobody knows is the sum of each item over each *atom*: people whom no figure tells apart (who left the same questions blank, whose marks stand in the
same sheets). A figure is a weighted sum of such sums. Whoever has some may add and subtract them in any way, so that everything that can be known exactly
is the span of their weights; a group is *told* when a sum in that span is about it alone. That holds at once for every pair of figures and for every
chain of them. Sizes are known to everybody; least and greatest marks are not reckoned with (``attack`` does, for tables of one item)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from zhixing.engine.columns import Floats
from zhixing.engine.disclosure.tables import SMALLEST

NEAR: Final = 1e-7
TRIED_MOST: Final = 20_000
"""Groups looked at before the search is careful instead: what might be told of few is then taken to be."""


@dataclass(frozen=True)
class Sum:
    """``weights``: (number of the atom, item) → by how much the sum of that item over that atom counts. ``cost``: what is lost where it is left out.

    ``fixed``: it was published before and cannot be taken back."""

    name: str
    weights: Mapping[tuple[int, str], float]
    cost: float = 1.0
    fixed: bool = False


@dataclass(frozen=True)
class World:
    """``sizes``: people of each atom. ``crowds``: sets of atoms within which nobody is twice, so that a group has at least as many people as its largest part
    within one; empty: all atoms are one crowd."""

    sizes: Sequence[int]
    crowds: Sequence[frozenset[int]] = ()
    least: int = SMALLEST

    def people(self, atoms: Collection[int]) -> int:
        if not self.crowds:
            return sum(self.sizes[one] for one in atoms)
        return max(sum(self.sizes[one] for one in crowd.intersection(atoms)) for crowd in self.crowds)


class TooMany(ValueError):
    """There are more groups of few people than can be looked at."""


def told(world: World, shown: Sequence[Sum]) -> frozenset[int] | None:
    """The atoms of a group of 1 to ``least`` − 1 people of which the figures tell a sum; None where there is none. Raises ``TooMany``."""
    span = _Span(world, shown)
    return next((group for group in span.suspects() if span.known_of(group)), None)


def leave_out(world: World, figures: Sequence[Sum]) -> frozenset[str]:
    """Names of the figures that cannot be shown beside the others. What costs least goes first; what had to go only because of what went later comes back.

    Where what was published before tells of few by itself, or there are too many groups to look at, nothing more is shown."""
    try:
        if told(world, [one for one in figures if one.fixed]) is None:
            return frozenset(one.name for one in _out(world, figures))
    except TooMany:
        pass
    return frozenset(one.name for one in figures if not one.fixed)


def _out(world: World, figures: Sequence[Sum]) -> list[Sum]:
    out: list[Sum] = []
    shown = list(figures)
    while (group := told(world, shown)) is not None:
        one = _cheapest(world, shown, group)
        shown.remove(one)
        out.append(one)
    for one in sorted(out, key=lambda each: -each.cost):
        if told(world, [*shown, one]) is None:
            shown.append(one)
    return [one for one in figures if one not in shown]


def _cheapest(world: World, shown: Sequence[Sum], group: frozenset[int]) -> Sum:
    """The cheapest figure without which less is told of the group; where several say the same, the cheapest about it."""
    free = sorted((one for one in shown if not one.fixed), key=lambda one: (one.cost, one.name))
    before = _Span(world, shown).known_of(group)
    for one in free:
        if _Span(world, [each for each in shown if each is not one]).known_of(group) < before:
            return one
    return next(one for one in free if any(atom in group for atom, _item in one.weights))


@dataclass
class _Span:
    """What can be had of ``shown`` by adding and subtracting."""

    world: World
    shown: Sequence[Sum]
    at: dict[int, list[int]] = field(init=False, default_factory=dict)  # atom → its columns
    base: Floats = field(init=False)  # [rank, columns], orthonormal

    def __post_init__(self) -> None:
        keys = sorted({key for one in self.shown for key, weight in one.weights.items() if weight})
        place = {key: number for number, key in enumerate(keys)}
        for number, (atom, _item) in enumerate(keys):
            self.at.setdefault(atom, []).append(number)
        matrix = np.zeros((len(self.shown), len(keys)))
        for row, one in enumerate(self.shown):
            for key, weight in one.weights.items():
                if weight:
                    matrix[row, place[key]] = weight * np.sqrt(self.world.sizes[key[0]])
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        matrix = matrix / np.where(lengths > 0, lengths, 1.0)
        _left, values, right = np.linalg.svd(matrix, full_matrices=False)
        self.base = right[values > NEAR]

    def _part(self, atoms: Collection[int]) -> Floats:
        columns = [column for atom in atoms for column in self.at.get(atom, ())]
        own = self.base[:, columns]
        return np.asarray(own @ own.T)

    def known_of(self, atoms: Collection[int]) -> int:
        """How many independent sums about these atoms alone there are: directions of the span that lie wholly within their columns."""
        if not len(self.base):
            return 0
        return int((np.linalg.eigvalsh(self._part(atoms)) > 1 - NEAR).sum())

    def suspects(self) -> Iterator[frozenset[int]]:
        """Groups of few people that might be told of: the share of a direction that lies within a group is at most the sum of those within its atoms."""
        if not len(self.base):
            return
        most = self.world.least - 1
        crowds = len(self.world.crowds) or 1
        small = [atom for atom in self.at if 0 < self.world.people([atom]) <= most]
        share = {atom: float(np.linalg.eigvalsh(self._part([atom]))[-1]) for atom in small}
        ordered = sorted((atom for atom in small if share[atom] > NEAR), key=lambda atom: (-share[atom], atom))
        tried = 0
        stack: list[tuple[int, tuple[int, ...], float]] = [(0, (), 0.0)]
        while stack:
            start, group, sum_of_shares = stack.pop()
            if group and sum_of_shares > 1 - NEAR:
                tried += 1
                if tried > TRIED_MOST:
                    raise TooMany
                yield frozenset(group)
            for place in range(len(ordered) - 1, start - 1, -1):
                atom = ordered[place]
                room = crowds * most - (self.world.people(group) if crowds == 1 else 0)
                if sum_of_shares + room * share[atom] <= 1 - NEAR:
                    continue
                longer = (*group, atom)
                if self.world.people(longer) <= most:
                    stack.append((place + 1, longer, sum_of_shares + share[atom]))
