"""What of counted groups may be told, so that a group of a few cannot be had by subtraction either."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Longs: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


def told(count: Longs, least: int) -> Flags:
    """[..., n] which of n groups that make up a whole are told: those with at least ``least`` answers, but where those that are not told together have fewer
    than ``least``, the smallest of the others is left out, too. Empty groups tell nothing and hide nothing."""
    return _settled(count, least, (-1,))


def told_cells(count: Longs, least: int) -> Flags:
    """[..., J, L] which cells are told where the sums of rows and of columns may be known, too."""
    return _settled(count, least, (-1, -2))


def _settled(count: Longs, least: int, axes: tuple[int, ...]) -> Flags:
    shown = count >= max(least, 1)
    while True:
        before = shown
        for axis in axes:
            shown = shown & ~_to_leave_out(count, shown, least, axis)
        if (shown == before).all():
            return shown


def _to_leave_out(count: Longs, shown: Flags, least: int, axis: int) -> Flags:
    """The smallest shown group of every line of which too few are hidden"""
    hidden = np.where(shown, 0, count).sum(axis=axis, keepdims=True)
    leaks = (hidden > 0) & (hidden < least)
    size = np.where(shown, count, np.iinfo(np.int64).max)
    place = np.arange(count.shape[axis]).reshape([-1 if one == axis % count.ndim else 1 for one in range(count.ndim)])
    found: Flags = leaks & (place == size.argmin(axis=axis, keepdims=True)) & shown
    return found
