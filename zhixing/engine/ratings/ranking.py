"""Where the levels of a factor stand, said with what is not known about it.

A *rank* counts from 1, the highest mean. Ranks, and being among the first or last k, are asked of draws from the joint posterior distribution of all levels
(Laird and Louis 1989; Goldstein and Spiegelhalter 1996): a share of draws is a probability with a known Monte Carlo error. Two levels *can be told apart*
when the difference of their effects keeps its sign in intervals that hold for all pairs at once with 95 % (the largest studentised difference of a draw;
Besag et al. 1995 for simultaneous bands from draws); *tie groups* are sets of levels of which no two can be told apart, so chosen that every such pair shares
a group, and that none can take in a further level: a cover by cliques, as compact letter displays are (Piepho 2004; Gramm et al. 2007)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from zhixing.engine.ratings.crossed import Fit, fit_sums
from zhixing.engine.ratings.design import Design, Flags, Floats
from zhixing.engine.ratings.posterior import Places, Posterior, posterior_of
from zhixing.engine.ratings.sums import Sums, sums_of

DRAWS: Final = 10_000
DRAWN_MOST: Final = 40_000_000
"""Draws × levels: beyond, the draws get fewer and their error larger."""
PAIR_DRAWS: Final = 2_000
LEVELS_MOST: Final = 1_500
"""Of more levels no tie groups are told: nobody could read them."""
LEVEL: Final = 0.95


class FaultCode(StrEnum):
    """Why there is nothing to rank."""

    UNKNOWN_FACTOR = "unknown_factor"
    ONE_LEVEL = "one_level"
    NO_DIFFERENCES = "no_differences"
    TOO_MANY = "too_many"


class RankingError(ValueError):
    """Nothing can be ranked; ``column`` and ``value`` say where and what."""

    def __init__(self, code: FaultCode, column: str, value: str = "") -> None:
        self.code, self.column, self.value = code, column, value
        super().__init__(f"{column}: {code} {value}")


@dataclass(frozen=True, eq=False)
class Ranking:
    """The q levels of a factor in the order of their names. Rank 1 is the highest.

    ``raw_mean`` = ``middle`` + ``case_mix`` + ``severity`` + what the level itself shows, unshrunken. ``case_mix`` is what the fixed terms of its ratings
    add, compared with those of all ratings; ``severity`` what the levels of the other factors add (raters, teachers, courses). ``corrected_mean`` =
    ``middle`` + ``estimate``, between ``mean_lower`` and ``mean_upper``.
    The interval of an estimate holds 95 %, so does that of its rank, each for one level at a time.
    ``joint``: whether the levels were drawn together; ``error``: the largest Monte Carlo standard error of a probability; ``singular``: the likeliest
    variance of the factor is zero, so that what is told of ranks is hardly more than chance."""

    factor: str
    levels: tuple[str, ...]
    count: Places
    raw_mean: Floats
    raw_rank: Places
    case_mix: Floats
    severity: Floats
    corrected_mean: Floats
    mean_lower: Floats
    mean_upper: Floats
    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    rank_lower: Places
    rank_upper: Places
    p_bottom: Floats
    p_top: Floats
    tie_groups: tuple[tuple[int, ...], ...]
    bottom: int
    top: int
    middle: float
    draws: int
    error: float
    joint: bool
    singular: bool


def rank(design: Design, of: str, bottom: int, top: int, seed: int = 1) -> Ranking:
    """Where the levels of factor ``of`` stand, with the probability of each of being among the ``bottom`` lowest and the ``top`` highest.

    Raises ``RankingError``."""
    place = _place(design, of, bottom, top)
    sums = sums_of(design)
    found = fit_sums(sums)
    if found.log_likelihood is None:
        raise RankingError(FaultCode.NO_DIFFERENCES, of)
    known = posterior_of(sums, found, place, seed)
    standing = stand(known, bottom, top, seed)
    raw = Raw.of(sums, found, place)
    means = known.of_means()
    return Ranking(
        factor=of,
        levels=design.factors[place].levels,
        count=raw.count,
        raw_mean=raw.mean,
        raw_rank=places_of(raw.mean),
        case_mix=raw.case_mix,
        severity=raw.severity,
        corrected_mean=known.middle + known.estimate,
        mean_lower=means.quantile((1.0 - LEVEL) / 2.0),
        mean_upper=means.quantile((1.0 + LEVEL) / 2.0),
        estimate=known.estimate,
        se=known.error,
        lower=known.quantile((1.0 - LEVEL) / 2.0),
        upper=known.quantile((1.0 + LEVEL) / 2.0),
        rank_lower=standing.rank_lower,
        rank_upper=standing.rank_upper,
        p_bottom=standing.p_bottom,
        p_top=standing.p_top,
        tie_groups=standing.tie_groups,
        bottom=bottom,
        top=top,
        middle=known.middle,
        draws=standing.draws,
        error=standing.error,
        joint=known.covariance is not None,
        singular=place in found.singular,
    )


def _place(design: Design, of: str, bottom: int, top: int) -> int:
    names = [factor.name for factor in design.factors]
    if of not in names:
        raise RankingError(FaultCode.UNKNOWN_FACTOR, of, ", ".join(names))
    for factor in design.factors:
        if len(factor.levels) == 1:
            raise RankingError(FaultCode.ONE_LEVEL, factor.name, factor.levels[0])
    levels = len(design.factors[names.index(of)].levels)
    if max(bottom, top) >= levels:
        raise RankingError(FaultCode.TOO_MANY, of, f"{max(bottom, top)} ≥ {levels}")
    return names.index(of)


@dataclass(frozen=True, eq=False)
class Raw:
    """What the ratings of every level of a factor show as they stand, and what of it others bring."""

    count: Places
    mean: Floats
    case_mix: Floats
    severity: Floats

    @classmethod
    def of(cls, sums: Sums, found: Fit, place: int) -> Raw:
        own = slice(sums.start[place], sums.start[place + 1])
        count = sums.zz.diagonal()[own]
        others = found.effects.copy()
        others[own] = 0.0
        return cls(
            count=count.astype(np.int64),
            mean=sums.zy[own] / count,
            case_mix=(sums.zx[own] / count[:, None] - sums.xx[0] / sums.n) @ found.beta,
            severity=(sums.zz[own] @ others) / count,
        )


def places_of(values: Floats) -> Places:
    """Ranks from 1, the highest first; equal values share the best of theirs."""
    return np.asarray(1 + len(values) - np.searchsorted(np.sort(values), values, side="right"), np.int64)


@dataclass(frozen=True, eq=False)
class Standing:
    """What draws say of ranks."""

    rank_lower: Places
    rank_upper: Places
    p_bottom: Floats
    p_top: Floats
    tie_groups: tuple[tuple[int, ...], ...]
    draws: int
    error: float


def stand(known: Posterior, bottom: int, top: int, seed: int) -> Standing:
    """Ranks from seeded draws. The order of the levels changes nothing: they are drawn in the order of their estimates."""
    levels = known.mean.shape[1]
    count = min(DRAWS, DRAWN_MOST // levels)
    order = np.lexsort((known.error, known.estimate))
    drawn = known.draws(count, order, seed)
    ranks = np.empty(drawn.shape, np.int32)
    places = np.arange(levels, 0, -1, dtype=np.int32)
    for row, sorted_ in zip(ranks, np.argsort(drawn, axis=1), strict=True):
        row[sorted_] = places
    p_bottom, p_top = (ranks > levels - bottom).mean(axis=0), (ranks <= top).mean(axis=0)
    lower, upper = np.quantile(ranks, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], axis=0, method="inverted_cdf").astype(
        np.int64
    )
    both = np.concatenate([p_bottom, p_top])
    return Standing(
        rank_lower=lower,
        rank_upper=upper,
        p_bottom=p_bottom,
        p_top=p_top,
        tie_groups=_tie_groups(known, drawn, order[::-1]),
        draws=count,
        error=float(np.sqrt(both * (1.0 - both) / count).max()),
    )


def _tie_groups(known: Posterior, drawn: Floats, order: Places) -> tuple[tuple[int, ...], ...]:
    """The tie groups of every level, numbered from the highest; none at all where levels are too many."""
    if len(order) > LEVELS_MOST:
        return ((),) * len(order)
    some = drawn[:: max(1, len(drawn) // PAIR_DRAWS)]
    apart = told_apart(known.estimate[order], known.gap_error()[np.ix_(order, order)], some[:, order])
    found: list[list[int]] = [[] for _ in order]
    for number, group in enumerate(cliques(~apart), 1):
        for place in order[group].tolist():
            found[place].append(number)
    return tuple(tuple(groups) for groups in found)


def told_apart(estimate: Floats, error: Floats, drawn: Floats) -> Flags:
    """[q, q] the pairs whose difference keeps its sign in intervals that hold for all pairs at once. ``error`` [q, q] of differences, ``drawn`` [S, q]."""
    off = drawn - estimate
    largest = np.zeros(len(drawn))
    for place in range(len(estimate) - 1):
        gap, scale = np.abs(off[:, place + 1 :] - off[:, [place]]), error[place, place + 1 :]
        np.divide(gap, scale, out=gap, where=scale > 0.0)
        np.maximum(largest, gap.max(axis=1), out=largest)
    return np.asarray(np.abs(np.subtract.outer(estimate, estimate)) > np.quantile(largest, LEVEL) * error)


def cliques(same: Flags) -> list[Places]:
    """Sets of places of which all pairs are ``same`` [q, q], together covering every such pair, each as large as can be; in order of their first place.

    Each begins with the first place that has an uncovered pair and the last place it pairs with, so that few sets reach far."""
    same = same | np.eye(len(same), dtype=bool)
    open_ = same.copy()
    found = []
    for place in range(len(same)):
        while open_[place].any():
            last = int(np.flatnonzero(open_[place])[-1])
            may, group = same[place] & same[last], [place, last]
            for other in np.flatnonzero(may).tolist():
                if may[other]:
                    group.append(other)
                    may &= same[other]
            group_ = np.unique(group)
            open_[np.ix_(group_, group_)] = False
            found.append(group_)
    return sorted(found, key=lambda group: group.tolist())
