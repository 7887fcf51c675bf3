"""A later outcome of called people beside that of people like them who were not called yet.

Everyone called is compared with the nearest others of the same stratum, with the mean of all who are equally near, and with nobody farther away than the
caliper; one person may stand for several. What difference is left between neighbours is taken out by a line through the others (Abadie and Imbens 2011). The
effect is that on the called who were matched; its error follows from what every person adds to it, cluster by cluster (Otsu and Rai 2017). Nothing hangs on
the order of the rows or on chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.effects.balance import UNLIKE, Balance, balance_of
from zhixing.engine.effects.estimate import Estimate, Verdict, judge
from zhixing.engine.effects.regression import alone

CALIPER = 0.25
"""The typical difference between neighbours, in standard deviations of the traits, beyond which they are none."""
NEIGHBOURS = 3
EQUAL = 1e-9
"""Distances that differ by less are equal."""


@dataclass(frozen=True, eq=False)
class People:
    """n people: who was ``called`` [n]; their ``outcome`` [n]; a number for the ``stratum`` [n] within which alone they are compared; ``traits`` [n, p] by
    which they are near; ``names`` [p] of these; ``cluster`` [n] of those whose outcomes hang together."""

    called: Flags
    outcome: Floats
    stratum: Longs
    traits: Floats
    names: tuple[str, ...]
    cluster: Longs | None = None


@dataclass(frozen=True, eq=False)
class Matched:
    """``effect`` on the ``matched`` of the ``called``; None when nobody was. ``unmatched`` [n] called without anybody like them; ``weight`` [n] of the others:
    how many of the called each stands for. ``used`` others have a weight; ``unlike``: the largest difference that is left, in standard deviations."""

    effect: Estimate | None
    raw: float
    called: int
    matched: int
    used: int
    unmatched: Flags
    weight: Floats
    balance: tuple[Balance, ...]
    unlike: float
    verdict: Verdict


def match(
    people: People, caliper: float = CALIPER, neighbours: int = NEIGHBOURS, less_is_better: bool = False
) -> Matched:
    """The effect on the called. Raises ``ValueError`` where nobody was called, or everybody."""
    if people.called.all() or not people.called.any():
        raise ValueError("called and others are needed")
    order = _order(people)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    cluster = alone(len(order)) if people.cluster is None else people.cluster[order]
    called, outcome, traits = people.called[order], people.outcome[order], people.traits[order]
    pairs = _pairs(called, people.stratum[order], _in_spreads(called, traits), caliper, neighbours)
    weight: Floats = np.bincount(pairs[1], pairs[2], len(order)).astype(np.float64)
    kept = np.bincount(pairs[0], minlength=len(order)) > 0
    effect = _effect(called, outcome, traits, cluster, kept, weight, people.stratum[order])
    balance = balance_of(people.names, traits, called, kept, weight)
    unlike = max((abs(one.after) for one in balance), default=0.0) if effect else math.inf
    return Matched(
        effect=effect,
        raw=float(outcome[called].mean() - outcome[~called].mean()),
        called=int(called.sum()),
        matched=int(kept.sum()),
        used=int((weight > 0.0).sum()),
        unmatched=(called & ~kept)[back],
        weight=weight[back],
        balance=balance,
        unlike=unlike,
        verdict=_verdict(effect, unlike, less_is_better),
    )


def _verdict(effect: Estimate | None, unlike: float, less_is_better: bool) -> Verdict:
    if effect is None:
        return Verdict.TOO_FEW
    verdict = judge([effect], less_is_better)
    return Verdict.NOT_COMPARABLE if unlike > UNLIKE and verdict is not Verdict.TOO_FEW else verdict


def _order(people: People) -> Longs:
    """Rows by what they say, so that sums do not hang on the order in which they came."""
    cluster = alone(len(people.called)) * 0 if people.cluster is None else people.cluster
    keys = (cluster, people.outcome, people.called, *people.traits.T[::-1], people.stratum)
    return np.lexsort(keys).astype(np.int64)


def _in_spreads(called: Flags, traits: Floats) -> Floats:
    """[n, p] such that the distance of two rows is their typical difference in standard deviations within the two groups."""
    inside = (traits[called].var(axis=0) * called.sum() + traits[~called].var(axis=0) * (~called).sum()) / len(called)
    spread = np.sqrt(np.where(inside > 0.0, inside, np.maximum(traits.var(axis=0), 1e-300)))
    return np.asarray(traits / (spread * math.sqrt(max(1, traits.shape[1]))))


Pairs = tuple[Longs, Longs, Floats]


def _pairs(called: Flags, stratum: Longs, place: Floats, caliper: float, neighbours: int) -> Pairs:
    """(row of a called, row of another, weight): the weights of each called add up to 1."""
    start = np.flatnonzero(np.diff(stratum, prepend=stratum[0] - 1))
    parts = [
        part
        for one in np.split(np.arange(len(called)), start[1:])
        for part in _within(one, called, place, caliper, neighbours)
    ]
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    sizes = [len(theirs) for _mine, theirs in parts]
    mine = np.repeat([one for one, _theirs in parts], sizes)
    return mine, np.concatenate([theirs for _mine, theirs in parts]), 1.0 / np.repeat(sizes, sizes)


def _within(rows: Longs, called: Flags, place: Floats, caliper: float, neighbours: int) -> Iterator[tuple[int, Longs]]:
    """Each called of one stratum who has neighbours, with these: the nearest, and all who are as near as the last of them."""
    mine, theirs = rows[called[rows]], rows[~called[rows]]
    if not len(mine) or not len(theirs):
        return
    if not place.shape[1]:
        yield from ((int(one), theirs) for one in mine)
        return
    tree = cKDTree(place[theirs])
    reach = tree.query(place[mine], k=[min(neighbours, len(theirs))])[0][:, 0]
    limit = caliper * (1.0 + EQUAL)
    for one, far in zip(mine, np.minimum(reach * (1.0 + EQUAL) + EQUAL * EQUAL, limit), strict=True):
        near = tree.query_ball_point(place[one], far, return_sorted=True)
        if near:
            yield int(one), theirs[near]


def _effect(
    called: Flags, outcome: Floats, traits: Floats, cluster: Longs, kept: Flags, weight: Floats, stratum: Longs
) -> Estimate | None:
    """The mean over the matched of what they did more than the others would be expected to do with the same traits.

    Person i adds ψ_i = (y_i − m(x_i) − τ) of a called and −w_i (y_i − m(x_i)) of another, m the line through the others."""
    n = int(kept.sum())
    if not n:
        return None
    rest = outcome - _expected(traits, outcome, weight, stratum)
    value = float(rest[kept].sum() - weight @ rest) / n
    shared = kept | (weight > 0.0)
    used, told = int((weight > 0.0).sum()), traits.shape[1] + len(np.unique(stratum[weight > 0.0]))
    spare = max(used - told, 1e-9)
    theirs = weight * (rest - float(weight @ rest) / n) * math.sqrt(used / spare)
    adds = np.where(kept, rest - float(rest[kept].mean()), 0.0) - theirs
    _names, groups = np.unique(cluster[shared], return_inverse=True)
    sums, count = np.bincount(groups, adds[shared]), int(groups.max()) + 1
    freedom = min(
        _counted(groups, kept[shared].astype(np.float64)) - 1.0,
        _counted(groups, weight[shared]) * min(1.0, spare / used) - 1.0,
    )
    error = math.sqrt(float(sums @ sums) * count / max(1, count - 1)) / n
    return Estimate(value, error, freedom)


def _counted(groups: Longs, weight: Floats) -> float:
    """How many clusters of equal weight would say as much."""
    sums = np.bincount(groups, weight)
    return float(sums.sum() ** 2 / (sums @ sums))


def _expected(traits: Floats, outcome: Floats, weight: Floats, stratum: Longs) -> Floats:
    """[n] the outcome without the call: a line through the others who stand for somebody, by how many, about the mean of their stratum."""
    _names, group = np.unique(stratum, return_inverse=True)
    total = np.bincount(group, weight)

    def about_mean(values: Floats) -> tuple[Floats, Floats]:
        mean = np.divide(np.bincount(group, weight * values), total, out=np.zeros(len(total)), where=total > 0.0)[group]
        return values - mean, mean

    root = np.sqrt(weight)
    rest, mean = about_mean(outcome)
    if not traits.shape[1]:
        return mean
    moved = np.column_stack([about_mean(trait)[0] for trait in traits.T])
    slope = np.linalg.lstsq(moved * root[:, None], rest * root, rcond=None)[0]
    return np.asarray(mean + moved @ slope)
