"""Rows of units and periods → a panel: what contradicts itself is told row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from zhixing.engine.columns import Floats, Longs
from zhixing.engine.effects.cohorts import NEVER, Panel

TOLD_MOST: Final = 100


class PanelFaultCode(StrEnum):
    """Another period of the call, or another cluster, than in an earlier row of the unit; a second row for the period."""

    OTHER_FIRST = "other_first"
    OTHER_CLUSTER = "other_cluster"
    TWICE = "twice"


@dataclass(frozen=True)
class PanelFault:
    """``row`` counts from 0."""

    row: int
    unit: str
    period: int
    code: PanelFaultCode


class PanelError(ValueError):
    """The rows contradict themselves; ``faults`` holds the first hundred of each kind."""

    def __init__(self, faults: Sequence[PanelFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"row {one.row}: {one.code} {one.unit}" for one in faults))


def panel_of(names: Sequence[str], period: Longs, first: Longs, outcome: Floats, cluster: Longs | None = None) -> Panel:
    """Row by row: whom it is about, the period, the period of the unit's call (0: never called), the outcome (NaN: not measured). Raises ``PanelError``."""
    texts = np.array(names, np.str_)
    units, place = np.unique(texts, return_inverse=True)
    periods, column = np.unique(period, return_inverse=True)
    wrong: list[tuple[PanelFaultCode, np.ndarray]] = []
    for code, own in ((PanelFaultCode.OTHER_FIRST, first), (PanelFaultCode.OTHER_CLUSTER, cluster)):
        if own is not None:
            wrong.append((code, np.flatnonzero(own != _of_units(own, place, len(units))[place])))
    cell = place * len(periods) + column
    _cells, seen = np.unique(cell, return_index=True)
    wrong.append((PanelFaultCode.TWICE, np.setdiff1d(np.arange(len(cell)), seen)))
    faults = [
        PanelFault(int(row), str(texts[row]), int(period[row]), code)
        for code, rows in wrong
        for row in rows[:TOLD_MOST]
    ]
    if faults:
        raise PanelError(faults)
    values = np.full((len(units), len(periods)), np.nan)
    values[place, column] = outcome
    call = _of_units(np.where(first == 0, NEVER, first), place, len(units))
    return Panel(periods, values, call, None if cluster is None else _of_units(cluster, place, len(units)))


def _of_units(values: Longs, place: np.ndarray, units: int) -> Longs:
    """[u] what stands in the first row of each"""
    found = np.zeros(units, np.int64)
    found[place[::-1]] = values[::-1]
    return found
