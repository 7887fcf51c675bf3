"""Weights for those who did not answer: who answered stands for the others of his kind too.

By *cells*: a sheet weighs as many as were asked for each that answered in its cell; cells of too few answers are joined with a neighbour (Kalton and
Flores-Cervantes 2003). By *raking* to known margins where the cells are too many or unknown (Deming and Stephan 1940). Weights are *trimmed*, for one sheet
that stands for thirty makes the mean uncertain, and the *design effect* says by how much (Kish 1965). Only counts are known here, no persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.sheets import Codes

LEAST: Final = 20
"""Answers of a cell that stands alone (Cox and Cohen 1985 ask for 20; 30 is in use too)."""
CAP: Final = 5.0
"""The largest weight, in means."""
ROUNDS_MOST: Final = 1_000
CLOSE: Final = 1e-9
"""Raking ends when every margin is met within this share of the total."""


class FaultCode(StrEnum):
    """Why there are no weights."""

    NO_ANSWERS = "no_answers"
    NEGATIVE = "negative"
    NO_RESPONDENT = "no_respondent"
    UNASKED = "unasked"
    MORE_ANSWERS = "more_answers"
    UNEQUAL_TOTALS = "unequal_totals"
    LOW_CAP = "low_cap"


class WeightsError(ValueError):
    """``margin`` and ``place`` say where, −1 where it is no one place."""

    def __init__(self, code: FaultCode, margin: int = -1, place: int = -1) -> None:
        self.code, self.margin, self.place = code, margin, place
        super().__init__(f"{code} margin {margin} place {place}")


@dataclass(frozen=True, eq=False)
class Weights:
    """Of n sheets; their mean is 1. ``design_effect``: by how much unequal weights swell the variance of a mean; ``effective``: how many equal ones would
    tell as much. ``gap``: the largest share of the total by which trimming missed a margin or a cell. ``joined`` [C]: the cell that each went into."""

    weight: Floats  # [n]
    design_effect: float
    effective: float
    gap: float
    trimmed: int
    joined: Codes | None = None


def by_cells(cell: Codes, asked: Sequence[int], least: int = LEAST, cap: float = CAP) -> Weights:
    """Weights of sheets [n] by their ``cell``, of which ``asked`` [C] many were asked. Cells stand in an order in which neighbours are alike: one with fewer
    answers than ``least`` is joined with the smaller of its neighbours."""
    _check_cap(cap)
    population = np.asarray(asked, np.float64)
    count = np.bincount(cell, minlength=len(population))
    if not len(cell):
        raise WeightsError(FaultCode.NO_ANSWERS)
    if (population < 0).any():
        raise WeightsError(FaultCode.NEGATIVE, place=int(np.argmax(population < 0)))
    if (count > population).any():
        raise WeightsError(FaultCode.MORE_ANSWERS, place=int(np.argmax(count > population)))
    joined = _joined(count, least)
    target = np.bincount(joined, population)
    return _told(_trim(joined[cell][:, None], [target * len(cell) / target.sum()], np.ones(len(cell)), cap), joined)


def _joined(count: np.ndarray, least: int) -> Codes:
    """[C] new numbers of the cells"""
    runs = [[place] for place in range(len(count))]
    size = [int(answers) for answers in count]
    while len(runs) > 1 and min(size) < least:
        small = size.index(min(size))
        sides = [side for side in (small - 1, small + 1) if 0 <= side < len(runs)]
        side = min(sides, key=lambda one: size[one])
        first, second = sorted((small, side))
        runs[first] += runs.pop(second)
        size[first] += size.pop(second)
    joined = np.empty(len(count), np.int64)
    for number, run in enumerate(runs):
        joined[run] = number
    return joined


def rake(codes: Codes, margins: Sequence[Floats], cap: float = CAP) -> Weights:
    """Weights of sheets so that they meet every margin: ``codes`` [n, M] tell the category of each sheet in each margin, ``margins`` the counts of all who
    were asked. Raises ``WeightsError`` where a category that was asked has no respondent, or answered without being asked."""
    _check_cap(cap)
    if not len(codes):
        raise WeightsError(FaultCode.NO_ANSWERS)
    totals = [float(np.sum(margin)) for margin in margins]
    for place, margin in enumerate(margins):
        _check_margin(codes[:, place], np.asarray(margin, np.float64), place)
        if abs(totals[place] - totals[0]) > 1e-6 * totals[0]:
            raise WeightsError(FaultCode.UNEQUAL_TOTALS, place)
    targets = [
        np.asarray(margin, np.float64) * len(codes) / total for margin, total in zip(margins, totals, strict=True)
    ]
    return _told(_trim(codes, targets, np.ones(len(codes)), cap), None)


def _check_cap(cap: float) -> None:
    if not cap > 1.0:
        raise WeightsError(FaultCode.LOW_CAP)


def _check_margin(code: Codes, margin: Floats, place: int) -> None:
    count = np.bincount(code, minlength=len(margin))
    if (margin < 0).any():
        raise WeightsError(FaultCode.NEGATIVE, place, int(np.argmax(margin < 0)))
    empty = (margin > 0) & (count[: len(margin)] == 0)
    if empty.any():
        raise WeightsError(FaultCode.NO_RESPONDENT, place, int(np.argmax(empty)))
    unasked = np.flatnonzero(count > 0)
    unasked = unasked[(unasked >= len(margin)) | (margin[np.minimum(unasked, len(margin) - 1)] <= 0)]
    if len(unasked):
        raise WeightsError(FaultCode.UNASKED, place, int(unasked[0]))


def _trim(codes: Codes, targets: Sequence[Floats], weight: Floats, cap: float) -> tuple[Floats, float, int]:
    """Weights that meet the targets, none above ``cap`` means: what is cut off goes to the others of the same categories, in the same rounds as raking.
    The largest share of all by which a target is missed, and how many are cut."""
    for _ in range(ROUNDS_MOST):
        before = weight
        for code, target in zip(codes.T, targets, strict=True):
            have = np.bincount(code, weight, minlength=len(target))
            weight = weight * np.divide(target, have, out=np.ones(len(target)), where=have > 0)[code]
        weight = _capped(weight, cap)
        if np.abs(weight - before).max() <= CLOSE:
            break
    cut = int((weight >= cap * (1.0 - 1e-6)).sum())
    missed = [
        np.abs(np.bincount(code, weight, minlength=len(target)) - target).max()
        for code, target in zip(codes.T, targets, strict=True)
    ]
    return weight, float(max(missed)) / len(weight), cut


def _capped(weight: Floats, cap: float) -> Floats:
    """Weights of mean 1 none of which is above ``cap``: what is cut off raises the others in proportion, as often as this lifts more to the cap."""
    weight = weight / weight.mean()
    while (weight > cap).any():
        weight = np.minimum(weight, cap)
        low = weight < cap
        weight[low] *= (len(weight) - cap * (~low).sum()) / weight[low].sum()
    return weight


def _told(found: tuple[Floats, float, int], joined: Codes | None) -> Weights:
    weight, gap, trimmed = found
    effect = design_effect(weight)
    return Weights(weight, effect, len(weight) / effect, gap, trimmed, joined)


def design_effect(weight: Floats) -> float:
    """Kish: n Σw² / (Σw)²"""
    return float(len(weight) * (weight @ weight) / weight.sum() ** 2)
