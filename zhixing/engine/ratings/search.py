"""The search for the variances: average information on their logarithms (Gilmour, Thompson and Cullis 1995)."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import scipy.linalg as la

from zhixing.engine.ratings.design import Flags, Floats
from zhixing.engine.ratings.exact import Exact
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.sampled import Sampled

START = 0.1
"""The first γ of every factor."""
STEPS_MOST = 100
STEP_MOST = 3.0
"""Of the logarithm of a variance at once."""
STEP_LEAST = 1e-6
"""The search ends when no logarithm of a variance moves by more."""
NOTHING = 1e-7
"""A γ below this whose slope still points down is none: the fit is singular there, and goes on without."""
EVERYTHING = 1e8
"""No γ is taken beyond: levels that tell every rating leave nothing to the residual, and the likelihood rises for ever."""
AGAIN = 1e-3
TRIED = 1e-5
"""Large enough that a slope can be told from rounding."""
UNTOLD = 1e-9
"""A deviance that changes by less than this is flat."""
LAST = 1e-3
"""A search ends with a step that is no longer: what is left after it is far below what a figure could show, or probes leave open."""
LAST_LARGE = 0.012
"""… and among so many ratings that each look takes a minute: half its square is left after a step (6e-4 after one of 0.034, measured), 1e-4 at the most."""
UNTOLD_SAMPLED = 1e-4
OPEN_MOST = 2.5e-4
OPEN_SHARE = 0.1
"""More probes are sent until their standard error of the logarithm of a variance is below the one, or this share of what need not be known."""
BLOCKS_MOST = 24
LAST_GUESSED = 0.03
"""Of a search whose end is only where another begins,"""
LAST_OF_PART = 0.2
"""and of one among a part of the ratings, which tells no more than that."""
SMALL = 1e-3
STEP_SMALL = 1.0
"""A γ as small as that whose logarithm is to fall by more goes straight to nothing, once, for every step is dear; if it is something, the next says so."""
AnyPoint = TypeVar("AnyPoint", bound=Point)


def descend(point: Exact) -> tuple[Exact, int]:
    """The best point and the steps it took, watching the deviance."""
    point = _without(point, _untold(point, UNTOLD))
    for iteration in range(1, STEPS_MOST + 1):
        point = _without(point, _vanishing(point))
        point, moved = _lower(point, step_of(point))
        if moved < STEP_LEAST:
            back = _coming_back(point, UNTOLD)
            if not back.any():
                return point, iteration
            point = point.at(np.where(back, AGAIN, point.gamma))
    return point, STEPS_MOST


def approach(point: Sampled, last: float = LAST, enough: bool = False) -> tuple[Sampled, Floats, int]:
    """The last point that was sampled, the variances a short step further, which are the best, and the steps it took.

    The step is no longer than ``last`` or need not be known. Where steps do not shrink, probes are solved more finely; unless a first guess is
    ``enough``, more of them are sent until they leave little open. Looks at slopes alone, for a deviance would have to be estimated apart from them."""
    point = _without(point, _untold(point, UNTOLD_SAMPLED))
    tried, before = point.gamma == 0.0, np.inf
    for iteration in range(1, STEPS_MOST + 1):
        point = _without(point, _vanishing(point))
        step = step_of(point)
        falling = ~tried & (point.gamma > 0.0) & (point.gamma <= SMALL) & (step <= -STEP_SMALL)
        step[falling] = np.log(NOTHING / 2.0 / point.gamma[falling])
        tried |= falling
        length = float((np.abs(step) / np.maximum(last, _unneeded(point))).max(initial=0.0))
        if length > 1.0:
            point = _nearer(point.finer() if length > before / 2.0 else point, step)
            before = length
        elif not enough and (blocks := _blocks_for(point)) > point.blocks:
            point = point.with_blocks(blocks)
        else:
            back = _coming_back(point, UNTOLD_SAMPLED)
            if not back.any():
                return point, point.gamma * np.exp(step), iteration
            point = point.at(np.where(back, AGAIN, point.gamma))
    return point, point.gamma, STEPS_MOST


def _blocks_for(point: Sampled) -> int:
    """As many as leave open what may be, if those sent so far are a fair sample; more than these are at least half as many again."""
    excess = float((left_open(point) / np.maximum(OPEN_MOST, _unneeded(point))).max(initial=0.0))
    if excess <= 1.0:
        return point.blocks
    return min(BLOCKS_MOST, max(int(np.ceil(point.blocks * (1.1 * excess) ** 2)), point.blocks + 1 + point.blocks // 2))


def _unneeded(point: Point) -> Floats:
    """[K] what of the logarithm of each γ need not be known: the cube of its standard error from the ratings themselves, or that itself where they hardly
    tell it from nothing, times ``OPEN_SHARE``"""
    found = np.zeros(len(point.gamma))
    there = np.flatnonzero(point.gamma > 0.0)
    error = np.sqrt(np.maximum(2.0 * np.diag(la.pinvh(_in_logs(point, there))), 0.0))
    found[there] = OPEN_SHARE * error * np.minimum(error, 1.0) ** 2
    return found


def left_open(point: Sampled) -> Floats:
    """[K] the standard error, from sampling alone, of the logarithm of each γ"""
    found = np.zeros(len(point.gamma))
    there = np.flatnonzero(point.gamma > 0.0)
    spread = la.pinvh(_in_logs(point, there))
    found[there] = np.sqrt(np.maximum(np.diag(spread @ point.doubt[np.ix_(there, there)] @ spread), 0.0))
    return found


def _without(point: AnyPoint, gone: Flags) -> AnyPoint:
    """Goes on without the factors that are gone."""
    return _at(point, np.where(gone, 0.0, point.gamma)) if gone.any() else point


def _at(point: AnyPoint, gamma: Floats) -> AnyPoint:
    further = point.at(gamma)
    assert isinstance(further, type(point))
    return further


def _untold(point: Point, flat: float) -> Flags:
    """[K] the factors of which the ratings tell nothing: a single level, or levels that the fixed terms tell."""
    return np.abs(point.slope * point.gamma) + np.abs(np.diag(point.bend)) * point.gamma**2 < flat


def _vanishing(point: Point) -> Flags:
    return (point.gamma > 0.0) & (point.gamma < NOTHING) & (point.slope >= 0.0)


def _coming_back(point: Point, flat: float) -> Flags:
    """[K] the factors without variance that some would make more likely, now that the others have moved."""
    gone: Flags = (point.gamma == 0.0) & (np.diff(point.sums.start) > 1)
    if not gone.any():
        return gone
    tried = point.at(np.where(gone, TRIED, point.gamma))
    return np.asarray(gone & (tried.slope * TRIED < -flat))


def step_of(point: Point) -> Floats:
    """[K] of the logarithms of γ, damped where the information is no use."""
    there = np.flatnonzero(point.gamma > 0.0)
    step = np.zeros(len(point.gamma))
    if not len(there):
        return step
    values, axes = la.eigh(_in_logs(point, there))
    values = np.maximum(np.abs(values), 1e-10 * max(1.0, float(np.abs(values).max())))
    found = -axes @ ((axes.T @ (point.slope[there] * point.gamma[there])) / values)
    step[there] = found * min(1.0, STEP_MOST / max(float(np.abs(found).max()), 1e-300))
    return step


def _in_logs(point: Point, there: np.ndarray) -> Floats:
    """The second derivatives by the logarithms of those γ that are there"""
    gamma = point.gamma[there]
    return np.asarray(point.bend[np.ix_(there, there)] * np.outer(gamma, gamma))


def _stepped(point: Point, step: Floats) -> Floats:
    return np.minimum(point.gamma * np.exp(step), EVERYTHING)


def _lower(point: Exact, step: Floats) -> tuple[Exact, float]:
    """The first point along the step, halved as often as needed, that is no worse; and how far it lies."""
    for _ in range(30):
        further = point.at(_stepped(point, step))
        if further.deviance <= point.deviance + 1e-9:
            there = further.gamma > 0.0
            return further, float(np.abs(np.log(further.gamma[there] / point.gamma[there])).max(initial=0.0))
        step = step / 2.0
    return point, 0.0


def _nearer(point: Sampled, step: Floats) -> Sampled:
    """The first point along the step, halved as often as needed, where the deviance rises no more than half as steeply as it fell."""
    fall = -float(step @ (point.slope * point.gamma))
    for _ in range(30):
        further = point.at(_stepped(point, step))
        if float(step @ (further.slope * further.gamma)) <= max(fall, 0.0) / 2.0:
            break
        step = step / 2.0
    return further
