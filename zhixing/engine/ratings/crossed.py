"""The fit: variances that make the ratings most likely, and what they say of every level."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import compress
from typing import Any

import numpy as np
import scipy.linalg as la

from zhixing.engine.ratings.design import Design, Factor, Floats
from zhixing.engine.ratings.exact import Exact
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.sampled import LARGE, Sampled, ground_of
from zhixing.engine.ratings.search import (
    LAST,
    LAST_GUESSED,
    LAST_LARGE,
    LAST_OF_PART,
    START,
    approach,
    descend,
    left_open,
    step_of,
)
from zhixing.engine.ratings.sums import Sums, sums_of

PART = 8
"""A large search begins where one with the ratings by every eighth level of the largest factor ended."""
PART_LEAST = 5_000
"""Ratings of such a part."""
BLOCKS = 1
GUESSED_LEAST = 1e-3
"""The least γ with which a search begins, whatever a part says."""
CLEAR = 1e-4
"""Whether a γ below this is anything at all is not left to samples where it can be had directly."""
SOLVED_OPEN = 2e-4
"""What the tolerances of the solves leave open of the logarithm of a variance: measured against 384 probes of a million ratings, the farthest."""
NOTHING_LEFT = 1e7
"""A factor that varies by so much more than single ratings do tells them all."""
EVEN = 1e-14
"""Ratings whose squares about the fixed terms are below this share of all squares are all alike."""


class Method(StrEnum):
    REML = "reml"
    ML = "ml"


class Way(StrEnum):
    """How the traces were had that decide about the variances."""

    DIRECT = "direct"
    SAMPLED = "sampled"


@dataclass(frozen=True)
class Sizes:
    """With up to ``direct`` levels of all factors but the largest everything is solved directly; with up to ``polished`` the search is sampled, but its last
    step is direct."""

    direct: int = 1_500
    polished: int = 4_500


@dataclass(frozen=True, eq=False)
class Fit:
    """``effects`` and ``errors`` [Q] stand as in ``Sums.start``. ``errors`` are conditional on the variances and the fixed terms.

    ``singular``: the factors without variance. ``log_likelihood`` is None where all ratings are told by the fixed terms. Of what is sampled a standard
    error is told, relative for ``variances_open`` [K] and for ``errors_open`` (root mean square over the levels)."""

    method: Method
    way: Way
    beta: Floats  # [p]
    beta_errors: Floats  # [p]
    variances: Floats  # [K]
    residual: float
    effects: Floats  # [Q]
    errors: Floats  # [Q]
    log_likelihood: float | None
    iterations: int
    singular: tuple[int, ...]
    variances_open: Floats
    errors_open: float = 0.0
    log_likelihood_open: float = 0.0

    @property
    def tells_all(self) -> bool:
        """Whether terms and levels leave nothing to the residual, so that there is no measure of what is not known."""
        return self.log_likelihood is None or float(self.variances.max(initial=0.0)) > NOTHING_LEFT * self.residual


SIZES = Sizes()


def fit(design: Design, method: Method = Method.REML, sizes: Sizes = SIZES) -> Fit:
    """The fit of all factors of a design."""
    sums = sums_of(design)
    return fit_sums(sums, method, sizes, _guess(design, sums, method, sizes))


def fit_sums(sums: Sums, method: Method = Method.REML, sizes: Sizes = SIZES, guess: Floats | None = None) -> Fit:
    """``guess``: the γ [K] to begin with, such as those of a part."""
    restricted = method is Method.REML
    guess = np.full(len(sums.start) - 1, START) if guess is None else np.maximum(guess, GUESSED_LEAST)
    nothing = Exact(sums, np.zeros(len(guess)), restricted)
    if nothing.residual * nothing.freedom <= EVEN * max(sums.yy, 1e-300):
        return _told(nothing, method, 0, None)
    if not len(guess):
        return _told(nothing, method, 0, -0.5 * nothing.deviance)
    if _others(sums) <= sizes.direct:
        point, iterations = descend(Exact(sums, guess, restricted))
        return _told(point, method, iterations, -0.5 * point.deviance)
    begin = Sampled(sums, guess, restricted, ground_of(sums), BLOCKS)
    if _others(sums) <= sizes.polished:
        return _polished(*approach(begin, LAST_GUESSED, enough=True), method)
    return _told_of_samples(*approach(begin, LAST_LARGE if sums.n > LARGE else LAST), method)


def _others(sums: Sums) -> int:
    """The levels of all factors but the largest"""
    sizes = np.diff(sums.start)
    return int(sizes.sum() - sizes.max(initial=0))


def _guess(design: Design, sums: Sums, method: Method, sizes: Sizes) -> Floats | None:
    """What a part of the ratings says, if there are enough."""
    if sums.n < PART * PART_LEAST or _others(sums) <= sizes.direct:
        return None
    part = _part_of(design)
    own = sums_of(part)
    further = _guess(part, own, method, sizes)
    restricted = method is Method.REML
    guess = np.full(len(design.factors), START) if further is None else np.maximum(further, GUESSED_LEAST)
    if _others(own) <= sizes.direct:
        return descend(Exact(own, guess, restricted))[0].gamma
    return approach(Sampled(own, guess, restricted, ground_of(own), BLOCKS), LAST_OF_PART, enough=True)[1]


def _part_of(design: Design) -> Design:
    """The ratings by every ``PART``-th level of the largest factor, with the levels that are left of each."""
    largest = max(design.factors, key=lambda factor: len(factor.levels))
    kept = largest.code % PART == 0
    factors = []
    for factor in design.factors:
        code = factor.code[kept]
        there = np.bincount(code, minlength=len(factor.levels)) > 0
        place = np.cumsum(there, dtype=np.int32) - 1
        factors.append(Factor(factor.name, tuple(compress(factor.levels, there)), place[code]))
    return Design(design.response[kept], design.terms, design.fixed[kept], tuple(factors))


def _told(point: Point, method: Method, iterations: int, log_likelihood: float | None) -> Fit:
    return Fit(
        method=method,
        way=Way.DIRECT,
        iterations=iterations,
        log_likelihood=log_likelihood if point.residual > 0.0 else None,
        **_said_by(point, point.uncertainty),
        variances_open=np.zeros(len(point.gamma)),
    )


def _told_of_samples(last: Sampled, gamma: Floats, iterations: int, method: Method) -> Fit:
    """At ``gamma``, a short step from the ``last`` point that was sampled."""
    point = last.finely(gamma)
    _ready = point.coarse
    with ThreadPoolExecutor(1) as pool:
        effects = pool.submit(lambda: point.solved)
        _meanwhile = point.log_determinant_estimate
        effects.result()
    return Fit(
        method=method,
        way=Way.SAMPLED,
        iterations=iterations,
        log_likelihood=-0.5 * point.deviance,
        **_said_by(point, last.uncertainty),
        variances_open=np.where(gamma > 0.0, np.hypot(left_open(last), SOLVED_OPEN), 0.0),
        errors_open=float(last.errors_open.max()),
        log_likelihood_open=0.5 * point.log_determinant_estimate[1],
    )


def _polished(last: Sampled, gamma: Floats, iterations: int, method: Method) -> Fit:
    """One direct step from where the samples led, if it is so short that all it changes is told by the derivatives; else the search goes on directly."""
    exact = Exact(last.sums, gamma, last.restricted)
    clear = float(gamma.min()) > CLEAR
    step = step_of(exact) if clear else np.full(len(gamma), np.inf)
    if np.abs(step).max() > LAST:
        exact, further = descend(exact)
        return _told(exact, method, iterations + further, -0.5 * exact.deviance)
    gamma = gamma * np.exp(step)
    gain = 0.5 * float(step @ (exact.slope * exact.gamma))
    return Fit(
        method=method,
        way=Way.DIRECT,
        iterations=iterations + 1,
        log_likelihood=-0.5 * (exact.deviance + gain),
        **_said_by(last.finely(gamma), exact.uncertainty),
        variances_open=np.zeros(len(gamma)),
    )


def _said_by(point: Point, uncertainty: Floats) -> dict[str, Any]:
    residual = point.residual
    return {
        "beta": point.beta,
        "beta_errors": np.sqrt(residual * np.diag(la.inv(point.gram))),
        "variances": residual * point.gamma,
        "residual": residual,
        "effects": point.scale * point.spherical,
        "errors": math.sqrt(residual) * point.scale * np.sqrt(uncertainty),
        "singular": tuple(np.flatnonzero(point.gamma == 0.0).tolist()),
    }
