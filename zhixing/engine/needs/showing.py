"""What of counted groups may be told, so that no combination of all that is told is about a few people.

A block is what people once gave all together: the sheets of one survey. Figures of several blocks are safe where those of each are, for whoever reads them at
several moments can take one block away from another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhixing.engine.columns import Flags, Longs
from zhixing.engine.needs.gaps import Answers


def told(count: Longs, least: int) -> Flags:
    """[..., n] which of n groups that make up a whole are told: those with at least ``least`` answers, but where those that are not told together have fewer
    than ``least``, the smallest of the others is left out, too. Empty groups tell nothing and hide nothing."""
    return _settled([count], count, count >= max(least, 1), least)


def told_shares(ticked: Longs, asked: Longs, least: int) -> Flags:
    """[..., n] of which of n groups it is told how many of those ``asked`` have ``ticked``: neither they nor the others are a few, be it by subtraction."""
    parts = [ticked, asked - ticked]
    shown = asked >= max(least, 1)
    for part in parts:
        shown &= (part == 0) | (part >= least)
    return _settled(parts, asked, shown, least)


def _settled(parts: Sequence[Longs], size: Longs, shown: Flags, least: int) -> Flags:
    """Leaves out the smallest, by ``size``, as long as what is not told is a few of any part"""
    while True:
        hidden = [np.where(shown, 0, part).sum(axis=-1, keepdims=True) for part in parts]
        leaks = np.logical_or.reduce([(some > 0) & (some < least) for some in hidden])
        of_shown = np.where(shown, size, np.iinfo(np.int64).max)
        gone = leaks & (np.arange(size.shape[-1]) == of_shown.argmin(axis=-1, keepdims=True)) & shown
        if not gone.any():
            return shown
        shown = shown & ~gone


@dataclass(frozen=True, eq=False)
class Told:
    """Which figures of one block may be told, beside those of the whole: of ``units`` [C, J], ``levels`` [C, L] and ``cells`` [C, J, L]."""

    units: Flags
    levels: Flags
    cells: Flags


def told_of(count: Longs, least: int) -> Told:
    """Of ``count`` [C, J, L]. The whole tells of at least ``least`` or is nobody's business."""
    units, levels = told(count.sum(axis=2), least), told(count.sum(axis=1), least)
    cells = np.zeros(count.shape, bool)
    for c in range(len(count)):
        levels[c] &= not count[c].any() or _cells(count[c], units[c], cells[c], least)
    return Told(units, levels, cells)


def _cells(count: Longs, units: Flags, cells: Flags, least: int) -> bool:
    """Marks the ``cells`` [J, L] that are told. False: not even levels may be told beside units.

    Of a unit all cells are told or none. Sums of levels and of units are known, too: for any levels T they give what units that have somebody in T have
    outside of it, if the sums of all of these are known; and what those units have in T that have somebody outside of it, or whose sum is not known. None of
    that may be a few."""
    shown = units & ((count == 0) | (count >= least)).all(axis=1)
    while _leaks(count[~shown], units[~shown], least):
        if not shown.any():
            return False
        shown[np.where(shown, count.sum(axis=1), np.iinfo(np.int64).max).argmin()] = False
    cells[:] = shown[:, None] & (count > 0)
    return True


def _leaks(hidden: Longs, known: Flags, least: int) -> bool:
    levels = hidden.shape[1]
    for size in range(1, levels):
        for chosen in itertools.combinations(range(levels), size):
            within = np.zeros(levels, bool)
            within[list(chosen)] = True
            inside, outside = hidden[:, within].sum(axis=1), hidden[:, ~within].sum(axis=1)
            of_units = outside[inside > 0].sum() if known[inside > 0].all() else 0
            if any(0 < n < least for n in (of_units, inside[(outside > 0) | ~known].sum(), inside.sum())):
                return True
    return False


@dataclass(frozen=True, eq=False)
class Guarded:
    """``answers``, with further units behind those that there are: of whatever may not tell of its own. ``told``: of the units that there are, by what counts
    for them. ``kept`` [n]: which rows of what was given count at all."""

    answers: Answers
    told: Told
    kept: Flags


def guarded(answers: Answers, block: Longs, open_blocks: Longs, least: int) -> Guarded:
    """So that what is reckoned of a unit rests on nobody's answers or on those of at least ``least`` people of each ``block`` [n], and can be told.

    What a block has of too few people of a unit counts for levels and all, as if it came from another unit; where another block tells of a level, one with
    too few of it counts nowhere. ``open_blocks`` are said by units, not by persons: they count as they are."""
    blocks = np.setdiff1d(np.unique(block), open_blocks)
    shape = answers.sizes
    of_block = {int(b): answers.counted(block == b) for b in blocks}
    safe = {b: told_of(count, least) for b, count in of_block.items()}
    levels = np.zeros((shape[0], shape[2]), bool)
    for one in safe.values():
        levels |= one.levels
    unit, kept = answers.unit.copy(), np.ones(len(block), bool)
    units, cells, somebody = np.zeros(shape[:2], bool), np.ones(shape, bool), np.zeros(shape, bool)
    for b, one in safe.items():
        mine = block == b
        place = answers.competency, answers.unit, answers.level
        kept &= ~mine | one.levels[place[0], place[2]] | ~levels[place[0], place[2]]
        unit[mine & ~one.units[place[0], place[1]]] += shape[1]
        units |= one.units
        there = (of_block[b] > 0) & one.units[:, :, None]
        somebody |= there
        cells &= one.cells | ~there
    cells &= somebody
    further, number = np.unique(unit[unit >= shape[1]], return_inverse=True)
    unit[unit >= shape[1]] = shape[1] + number
    rows = Answers(
        answers.competency[kept],
        unit[kept],
        answers.level[kept],
        answers.gap[kept],
        (shape[0], shape[1] + len(further), shape[2]),
        None if answers.source is None else answers.source[kept],
    )
    said = answers.counted(np.isin(block, open_blocks)).sum(axis=1)
    return Guarded(rows, Told(units, levels | (said >= least), cells), kept)
