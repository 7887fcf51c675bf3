"""The fit: variances that make the ratings most likely, and what they say of every level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy.linalg as la

from zhixing.engine.ratings.design import Design, Flags, Floats
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.sums import Sums, sums_of

START = 0.1
"""The first γ of every factor."""
STEPS_MOST = 100
STEP_MOST = 3.0
"""Of the logarithm of a variance at once."""
STEP_LEAST = 1e-6
"""The search ends when no logarithm of a variance moves by more."""
NOTHING = 1e-7
"""A γ below this whose slope still points down is none: the fit is singular there, and goes on without."""
AGAIN = 1e-3
TRIED = 1e-5
"""Large enough that a slope can be told from rounding."""
UNTOLD = 1e-9
"""A deviance that changes by less than this is flat."""
EVEN = 1e-14
"""Ratings whose squares about the fixed terms are below this share of all squares are all alike."""
NORMAL_95 = 1.959963984540054


class Method(StrEnum):
    REML = "reml"
    ML = "ml"


@dataclass(frozen=True, eq=False)
class Fit:
    """``effects`` and ``errors`` [Q] stand as in ``Sums.start``. ``errors`` are conditional on the variances and the fixed terms.

    ``singular``: the factors without variance. ``log_likelihood`` is None where all ratings are told by the fixed terms."""

    method: Method
    beta: Floats  # [p]
    beta_errors: Floats  # [p]
    variances: Floats  # [K]
    residual: float
    effects: Floats  # [Q]
    errors: Floats  # [Q]
    log_likelihood: float | None
    iterations: int
    singular: tuple[int, ...]


def fit(design: Design, method: Method = Method.REML) -> Fit:
    """The fit of all factors of a design, by average information on the logarithms of the variances."""
    return fit_sums(sums_of(design), method)


def fit_sums(sums: Sums, method: Method = Method.REML) -> Fit:
    restricted = method is Method.REML
    nothing = Point(sums, np.zeros(len(sums.start) - 1), restricted)
    if nothing.residual * nothing.freedom <= EVEN * max(sums.yy, 1e-300):
        return _told(nothing, method, 0, None)
    point, iterations = nothing, 0
    if len(nothing.gamma):
        point, iterations = _descend(Point(sums, np.full(len(nothing.gamma), START), restricted))
    return _told(point, method, iterations, -0.5 * point.deviance)


def _descend(point: Point) -> tuple[Point, int]:
    point = _without(point, _untold(point))
    for iteration in range(1, STEPS_MOST + 1):
        point = _without(point, (point.gamma > 0.0) & (point.gamma < NOTHING) & (point.slope >= 0.0))
        step = _step(point)
        point, moved = _lower(point, step)
        if moved < STEP_LEAST:
            back = _coming_back(point)
            if not back.any():
                return point, iteration
            point = Point(point.sums, np.where(back, AGAIN, point.gamma), point.restricted)
    return point, STEPS_MOST


def _without(point: Point, gone: Flags) -> Point:
    """Goes on without the factors that are gone."""
    return Point(point.sums, np.where(gone, 0.0, point.gamma), point.restricted) if gone.any() else point


def _untold(point: Point) -> Flags:
    """[K] the factors of which the ratings tell nothing: a single level, or levels that the fixed terms tell."""
    flat = np.abs(point.slope * point.gamma) + np.abs(np.diag(point.bend())) * point.gamma**2
    return flat < UNTOLD


def _coming_back(point: Point) -> Flags:
    """[K] the factors without variance that some would make more likely, now that the others have moved."""
    gone: Flags = (point.gamma == 0.0) & (np.diff(point.sums.start) > 1)
    if not gone.any():
        return gone
    tried = Point(point.sums, np.where(gone, TRIED, point.gamma), point.restricted)
    return np.asarray(gone & (tried.slope * TRIED < -UNTOLD))


def _step(point: Point) -> Floats:
    """[K] of the logarithms of γ, damped where the information is no use."""
    there = np.flatnonzero(point.gamma > 0.0)
    step = np.zeros(len(point.gamma))
    if not len(there):
        return step
    gamma = point.gamma[there]
    slope = point.slope[there] * gamma
    bend = point.bend()[np.ix_(there, there)] * np.outer(gamma, gamma)
    values, axes = la.eigh(bend)
    values = np.maximum(np.abs(values), 1e-10 * max(1.0, float(np.abs(values).max())))
    found = -axes @ ((axes.T @ slope) / values)
    step[there] = found * min(1.0, STEP_MOST / max(float(np.abs(found).max()), 1e-300))
    return step


def _lower(point: Point, step: Floats) -> tuple[Point, float]:
    """The first point along the step, halved as often as needed, that is no worse; and how far it lies."""
    for _ in range(30):
        there = np.flatnonzero(point.gamma > 0.0)
        gamma = point.gamma.copy()
        gamma[there] *= np.exp(step[there])
        further = Point(point.sums, gamma, point.restricted)
        if further.deviance <= point.deviance + 1e-9:
            return further, float(np.abs(step).max())
        step = step / 2.0
    return point, 0.0


def _told(point: Point, method: Method, iterations: int, log_likelihood: float | None) -> Fit:
    residual = point.residual
    return Fit(
        method=method,
        beta=point.beta,
        beta_errors=np.sqrt(residual * np.diag(la.inv(point.gram))),
        variances=residual * point.gamma,
        residual=residual,
        effects=point.scale * point.spherical,
        errors=math.sqrt(residual) * point.scale * np.sqrt(point.uncertainty),
        log_likelihood=log_likelihood if residual > 0.0 else None,
        iterations=iterations,
        singular=tuple(np.flatnonzero(point.gamma == 0.0).tolist()),
    )
