"""How many of those invited come: refusal rates of groups from the history, and the exact risk that more come than there are seats.

The rate of a person's groups is the rate of all, times one factor for each trait (kind of unit, ranks, season): how many of the trait's groups
refused against how many were to be expected. A group of few call-ups says little, so each factor is drawn towards 1 as if ``STEADY`` more
expected refusals had come out as expected (credibility by a gamma prior; the factors are found in turns: Bailey's minimum bias method, 1963).
No trait is a person: two people of the same groups have the same rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STEADY = 10.0
"""Expected refusals that a group needs for its own history to count as much as that of all."""
TURNS = 50
RATE_MOST = 0.9
"""However often a group refused, one of ten is expected to come."""
FEWEST = 100
"""Call-ups below which a history says nothing: nobody is invited beyond the seats."""
BINS = 5


@dataclass(frozen=True, eq=False)
class Rates:
    """``overall`` is the rate of all; ``factors[t][g]`` of group g of trait t. ``caution`` (at most 1) is what a held-out history taught."""

    overall: float
    factors: tuple[Floats, ...]
    caution: float = 1.0

    def of(self, groups: Longs) -> Floats:
        """[N] the refusal rate of each row of groups [N, T]; a group without a history, or -1, has the factor 1."""
        rate = np.full(len(groups), self.overall * self.caution)
        for trait, factor in enumerate(self.factors):
            known = (groups[:, trait] >= 0) & (groups[:, trait] < len(factor))
            rate[known] *= factor[groups[known, trait]]
        capped: Floats = np.minimum(rate, RATE_MOST)
        return capped


def learn(groups: Longs, refused: Flags) -> Rates:
    """The rates that a history of N call-ups shows: ``groups`` [N, T] the group of each trait (from 0), ``refused`` [N]."""
    overall = float(refused.mean()) if len(refused) else 0.0
    sizes = [int(groups[:, trait].max(initial=-1)) + 1 for trait in range(groups.shape[1])]
    factors = [np.ones(size) for size in sizes]
    if not overall:
        return Rates(0.0, tuple(factors))
    seen = [np.bincount(groups[:, trait], weights=refused, minlength=size) for trait, size in enumerate(sizes)]
    for _ in range(TURNS):
        for trait, size in enumerate(sizes):
            others = np.full(len(groups), overall)
            for other, factor in enumerate(factors):
                if other != trait:
                    others *= factor[groups[:, other]]
            expected = np.bincount(groups[:, trait], weights=others, minlength=size)
            factors[trait] = (seen[trait] + STEADY) / (expected + STEADY)
    return Rates(overall, tuple(factors))


@dataclass(frozen=True)
class Bin:
    """One row of a reliability table: ``callups`` whose rates lie together, the share ``expected`` to refuse and the share that ``refused``."""

    callups: int
    expected: float
    refused: float


def reliability(rates: Rates, groups: Longs, refused: Flags, bins: int = BINS) -> tuple[Bin, ...]:
    """Rates against a history that they were not learned from, in up to ``bins`` parts of about equal size, the lowest rates first.

    Call-ups of equal rate stay together."""
    rate = rates.of(groups)
    order = np.argsort(rate, kind="stable")
    cuts = [rate[order[len(order) * k // bins]] for k in range(1, bins)] if len(order) else []
    place = np.searchsorted(np.unique(cuts), rate, side="right")
    return tuple(
        Bin(int(inside.sum()), float(rate[inside].mean()), float(refused[inside].mean()))
        for inside in (place == k for k in np.unique(place))
    )


def learn_and_test(groups: Longs, refused: Flags, begins: Longs, share: float = 0.3) -> tuple[Rates, tuple[Bin, ...]]:
    """Rates from the whole history, and the reliability table of rates from its older part on the latest ``share`` of its call-ups.

    ``begins`` [N] is the first day of each class; a day is never split. Where fewer refused in the later part than the older part foretold, the
    rates are lowered by as much (``Rates.caution``), for a seat too few is worse than an empty one; more refusals raise nothing."""
    latest = np.sort(begins)[int(len(begins) * (1 - share))] if len(begins) else 0
    old = begins < latest
    table: tuple[Bin, ...] = ()
    caution = 1.0
    if old.any():
        before = learn(groups[old], refused[old])
        table = reliability(before, groups[~old], refused[~old])
        foretold = float(before.of(groups[~old]).sum())
        caution = min(1.0, (float(refused[~old].sum()) + STEADY) / (foretold + STEADY))
    found = learn(groups, refused)
    return Rates(found.overall, found.factors, caution), table


def coming(rates: Sequence[float] | Floats) -> Floats:
    """[N + 1] the chance that exactly 0, 1 … N of N invited people come, each refusing for himself (Poisson-binomial, by convolution)."""
    chances = np.zeros(len(rates) + 1)
    chances[0] = 1.0
    for count, rate in enumerate(rates):
        _join(chances, count, rate)
    return chances


def _join(chances: Floats, count: int, rate: float) -> None:
    """One more person, who refuses at ``rate``, joins ``count`` people whose chances come first in ``chances``, in place."""
    comes = chances[: count + 1] * (1.0 - rate)
    chances[: count + 1] *= rate
    chances[1 : count + 2] += comes


def overflow(rates: Sequence[float] | Floats, seats: int) -> float:
    """The chance that more than ``seats`` of those invited come; ``rates`` are their refusal rates."""
    return float(coming(rates)[seats + 1 :].sum())


@dataclass(frozen=True)
class Invitation:
    """Invite ``beyond`` people more than there are seats, with ``risk`` that more come than seats; ``expected`` to come of all invited."""

    beyond: int
    risk: float
    expected: float


def invite(on_list: Sequence[float], waiting: Sequence[float], seats: int, risk: float) -> Invitation:
    """The most of those ``waiting`` (refusal rates, in order) to invite beside those ``on_list`` so that more than ``seats`` come with at most
    ``risk``. Free seats are no matter of risk: only people beyond the seats count in ``beyond``."""
    chances = np.zeros(len(on_list) + len(waiting) + 1)
    chances[: len(on_list) + 1] = coming(on_list)
    best = Invitation(0, float(chances[seats + 1 : len(on_list) + 1].sum()), float(np.sum(1.0 - np.asarray(on_list))))
    expected = best.expected
    for count, rate in enumerate(waiting, start=len(on_list)):
        _join(chances, count, rate)
        expected += 1.0 - rate
        found = float(chances[seats + 1 : count + 2].sum())
        if found > risk:
            break
        best = Invitation(max(0, count + 1 - seats), found, expected)
    return best
