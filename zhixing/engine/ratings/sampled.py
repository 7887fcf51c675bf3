"""The likelihood of many levels: A is solved by conjugate gradients, and the traces of its inverse are estimated by probes (Hutchinson 1989).

As in ``exact`` the levels of the largest factor are taken out, which leaves S. A trace of S⁻¹ is that of 2 M⁻¹ − M⁻¹SM⁻¹, known exactly for an
approximate inverse M⁻¹ (``coarse``), and what the probes see of the small rest. Factors of few levels are probed level by level, so that nothing about
them is estimated. Probes are the same at all variances: what they estimate is smooth, and each solution is the start of the next."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from zhixing.engine.ratings.coarse import FEW, Coarse, Shares, coarse_of, shares_of
from zhixing.engine.ratings.design import Flags, Floats, Reals
from zhixing.engine.ratings.gradients import conjugate_gradients
from zhixing.engine.ratings.grouped import Grouped, grouped_of
from zhixing.engine.ratings.lanczos import trace_of_log_less_itself
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.sums import Sums

WIDE = 16
"""Probes that are solved together: what they need of a level fills a line of the cache."""
PROBED = 2e-3
PROBED_ALONE = 1e-4
PROBED_LEAST = 1e-5
SOLVED = 1e-5
SOLVED_LAST = 1e-7
BENT = 1e-2
"""What solutions may leave: of random probes, of those of single levels, of any where the search does not settle, of the effects during the search
and after it, of the second derivatives."""
BLOCKS_OF_LOG = 2
BLOCKS_OF_LOG_LARGE = 1
LARGE = 3_000_000
"""Ratings beyond which a block must do for the logarithm of the determinant: each costs ten seconds, and of millions nobody asks for its last digit."""
BENT_AGAIN = 0.1
"""By so much the logarithm of a variance may change before the second derivatives by these logarithms are found anew."""
SEED = 20261130


@dataclass(frozen=True, eq=False)
class Ground:
    """What is the same at all variances."""

    sums: Sums
    grouped: Grouped
    shares: Shares

    @cached_property
    def few(self) -> Flags:
        """[q_2] the levels that are probed one by one"""
        return np.repeat([size <= FEW for size in self.grouped.sizes], self.grouped.sizes)

    def probes(self, block: int) -> Reals:
        """[q_2, c] of a block: first those of single levels, then random signs."""
        places = np.flatnonzero(self.few)
        if block < self.blocks_of_few:
            own = places[block * FEW : (block + 1) * FEW]
            found = np.zeros((len(self.few), len(own)), np.float32)
            found[own, np.arange(len(own))] = 1.0
            return found
        signs = self.signs(block - self.blocks_of_few)
        signs[places] = 0.0
        return signs

    def signs(self, block: int) -> Reals:
        """[q_2, c] a block of random signs"""
        drawn = np.random.default_rng([SEED, block]).integers(0, 2, (len(self.few), WIDE), dtype=np.int8)
        signs: Reals = drawn.astype(np.float32)
        signs *= np.float32(2.0)
        signs -= np.float32(1.0)
        return signs

    @cached_property
    def blocks_of_few(self) -> int:
        return -(-int(self.few.sum()) // FEW)


def ground_of(sums: Sums) -> Ground:
    grouped = grouped_of(sums)
    return Ground(sums, grouped, shares_of(grouped))


@dataclass(frozen=True, eq=False)
class Answer:
    """What a block of probes z says. ``solved`` [q_2, c]: S⁻¹z. ``traces`` [K, c]: what each adds to what is known of each factor, first factor first.

    ``first`` [q_1] and ``others`` [q_2]: the sums over the block of what it adds to each level, and ``*_squares`` of its squares."""

    solved: Reals
    traces: Floats
    first: Floats
    first_squares: Floats
    others: Floats
    others_squares: Floats


@dataclass(frozen=True, eq=False)
class Sampled(Point):
    """``blocks`` of random probes; ``before``: answers and effects nearby, from which solutions start."""

    ground: Ground
    blocks: int
    before: tuple[tuple[Reals, ...], Floats | None] = ((), None)
    tolerance: float = SOLVED
    probed: float = PROBED

    def at(self, gamma: Floats) -> Sampled:
        found = replace(self, gamma=gamma, before=self._nearby)
        if "bend" in vars(self) and ((gamma > 0.0) == (self.gamma > 0.0)).all():
            turned = np.divide(self.gamma, gamma, out=np.ones(len(gamma)), where=gamma > 0.0)
            if np.abs(np.log(turned)).max() < BENT_AGAIN:
                vars(found)["bend"] = self.bend * np.outer(turned, turned)
        return found

    def with_blocks(self, blocks: int) -> Sampled:
        return replace(self, blocks=blocks, before=self._nearby)

    def finer(self) -> Sampled:
        """Of which the points that follow solve the probes more finely"""
        found = replace(self, probed=max(self.probed / 10.0, PROBED_LEAST))
        vars(found).update({name: value for name, value in vars(self).items() if name not in vars(found)})
        return found

    def finely(self, gamma: Floats) -> Sampled:
        """At the end of the search: for the effects, with no more probes."""
        return replace(self, gamma=gamma, before=((), self._nearby[1]), tolerance=SOLVED_LAST)

    @property
    def _nearby(self) -> tuple[tuple[Reals, ...], Floats | None]:
        answers = tuple(answer.solved for answer in self.answers) if "answers" in vars(self) else self.before[0]
        effects = np.column_stack(self.solved) if "solved" in vars(self) else self.before[1]
        return answers, effects

    @cached_property
    def order(self) -> list[int]:
        """The factors as they stand here: the first, then the others."""
        sizes = np.diff(self.sums.start)
        largest = int(np.argmax(sizes))
        return [largest, *(k for k in range(len(sizes)) if k != largest)]

    @cached_property
    def inside(self) -> Floats:
        """[q_2] Λ of the others"""
        return self.scale[self.ground.grouped.others]

    @cached_property
    def first_diagonal(self) -> Floats:
        """[q_1] D_1, the block of A that is taken out"""
        return 1.0 + self.first_gamma * self.sums.of_levels[self.ground.grouped.first]

    @property
    def first_gamma(self) -> float:
        return float(self.gamma[self.order[0]])

    @cached_property
    def shrink(self) -> Floats:
        return self.first_gamma / self.first_diagonal

    @cached_property
    def squares(self) -> Floats:
        """[2, q_2] Λ² Σ_r n_rj² γ/D_1 and Λ² Σ_r n_rj² γ/D_1²: of the diagonals of B'D_1⁻¹B and B'D_1⁻²B"""
        weight = np.column_stack([self.shrink, self.shrink / self.first_diagonal])
        return self.inside**2 * self.ground.grouped.sum_squares(weight).T

    @cached_property
    def coarse(self) -> Coarse:
        diagonal = 1.0 + self.inside**2 * self.sums.of_levels[self.ground.grouped.others] - self.squares[0]
        return coarse_of(self.ground.shares, self.inside, self.shrink, diagonal)

    def apply(self, x: Reals) -> Reals:
        """S x"""
        scale = self.inside.astype(x.dtype)[:, None]
        found: Reals = scale * self.ground.grouped.meet(scale * x, self.shrink)
        found += x
        return found

    def _solve_others(self, right: Reals, start: Reals | None, tolerance: float) -> Reals:
        start = self.coarse.precondition(right) if start is None else start
        return conjugate_gradients(
            self.apply, self.coarse.precondition, right, start, right - self.apply(start), tolerance
        )

    def solve(self, right: Floats) -> Floats:
        """No more precisely than second derivatives need."""
        return np.asarray(self._solve(right.astype(np.float32), None, BENT), np.float64)

    def _solve(self, right: Reals, start: Reals | None, tolerance: float) -> Reals:
        grouped = self.ground.grouped
        first, root = right[grouped.first], float(np.sqrt(self.first_gamma))
        d, scale = (part.astype(right.dtype)[:, None] for part in (self.first_diagonal, self.inside))
        rest = right[grouped.others] - scale * grouped.spread(root * first / d)
        found = np.empty_like(right)
        others = self._solve_others(rest, None if start is None else start[grouped.others], tolerance)
        found[grouped.others] = others
        found[grouped.first] = (first - root * grouped.gather(scale * others)) / d
        return found

    @cached_property
    def solved(self) -> tuple[Floats, Floats]:
        right = self.scale[:, None] * np.column_stack([self.sums.zy, self.sums.zx])
        found = np.asarray(self._solve(right, self.before[1], self.tolerance), np.float64)
        return found[:, 0], found[:, 1:]

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Of all blocks; meanwhile the effects are solved for, and what the second derivatives need.

        Levels that are probed one by one come first, for they are solved most finely: whoever begins with them is not left alone with them at the end."""
        few = self.ground.blocks_of_few
        _ready = self.coarse, self.squares, self.order
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            alone = [pool.submit(self._answer, block) for block in range(few)]
            further = pool.submit(lambda: (self.solved, self.bend))
            random = [pool.submit(self._answer, block) for block in range(few, few + self.blocks)]
            further.result()
            return tuple(answer.result() for answer in [*alone, *random])

    def _answer(self, block: int) -> Answer:
        z, grouped = self.ground.probes(block), self.ground.grouped
        near = self.coarse.precondition(z)
        image = self.apply(near)
        known = self.before[0][block] if block < len(self.before[0]) else None
        x = conjugate_gradients(
            self.apply,
            self.coarse.precondition,
            z,
            near if known is None else known,
            z - (image if known is None else self.apply(known)),
            min(PROBED_ALONE, self.probed) if block < self.ground.blocks_of_few else self.probed,
        )
        added = z * (x - 2.0 * near + self.coarse.precondition(image))
        scale = self.inside.astype(z.dtype)[:, None]
        first = self.first_gamma * grouped.gather(scale * z) * grouped.gather(scale * (x - near))
        of_first = (1.0 / self.first_diagonal**2) @ first
        return Answer(
            solved=x,
            traces=np.vstack(
                [of_first, *(added[own].sum(axis=0, dtype=np.float64) for own in self.ground.grouped.slices)]
            ),
            first=first.sum(axis=1, dtype=np.float64),
            first_squares=np.einsum("ij,ij->i", first, first).astype(np.float64),
            others=added.sum(axis=1, dtype=np.float64),
            others_squares=np.einsum("ij,ij->i", added, added).astype(np.float64),
        )

    @cached_property
    def base(self) -> tuple[Floats, Floats]:
        """What is known before any probe: b'M⁻¹b [q_1] for the rows b of B, and the diagonal of S⁻¹ [q_2] by ``Coarse.twice``."""
        squares = self.ground.grouped.weigh_squares(self.inside**2 / self.coarse.diagonal)
        return self.first_gamma * (squares + self.coarse.common), self.coarse.twice

    @cached_property
    def traces(self) -> Floats:
        first, others = self.base
        d = self.first_diagonal
        known = [
            float((1.0 / d + first / d**2).sum()),
            *(float(others[own].sum()) for own in self.ground.grouped.slices),
        ]
        few = sum((a.traces.sum(axis=1) for a in self.answers[: self.ground.blocks_of_few]), start=np.zeros(len(known)))
        found = np.empty(len(known))
        found[self.order] = np.array(known) + few + self._random.mean(axis=1)
        return found

    @cached_property
    def _random(self) -> Floats:
        """[K, m] what each random probe adds"""
        return np.hstack([answer.traces for answer in self.answers[self.ground.blocks_of_few :]])

    @cached_property
    def doubt(self) -> Floats:
        """[K, K] the covariance of the ``traces``, by how much the probes differ"""
        found = np.empty((len(self.gamma), len(self.gamma)))
        found[np.ix_(self.order, self.order)] = np.atleast_2d(np.cov(self._random)) / self._random.shape[1]
        return found

    @cached_property
    def uncertainty(self) -> Floats:
        first, others = (part.copy() for part in self.base)
        for place, answer in enumerate(self.answers):
            weight = 1.0 if place < self.ground.blocks_of_few else 1.0 / self._random.shape[1]
            first += weight * answer.first
            others += weight * answer.others
        d = self.first_diagonal
        return np.minimum(
            self._laid(1.0 / d + np.maximum(first, 0.0) / d**2, np.maximum(others, 1.0 / self.coarse.diagonal)), 1.0
        )

    @cached_property
    def errors_open(self) -> Floats:
        """[K] the relative standard error of the square root of ``uncertainty``, from sampling alone: root mean square over the levels of a factor"""
        first, others = self._spread("first"), self._spread("others")
        open_ = np.sqrt(self._laid(first / self.first_diagonal**4, others)) / (2.0 * self.uncertainty)
        sizes = np.diff(self.sums.start)
        return np.sqrt(self.by_factor(open_**2) / np.maximum(sizes, 1))

    def _spread(self, name: str) -> Floats:
        """The variance of the mean over the random probes, level by level"""
        answers, m = self.answers[self.ground.blocks_of_few :], self._random.shape[1]
        total = sum((getattr(a, name) for a in answers), start=np.zeros(1))
        squares = sum((getattr(a, f"{name}_squares") for a in answers), start=np.zeros(1))
        return np.asarray(np.maximum(squares - total**2 / m, 0.0) / (m * (m - 1)))

    def _laid(self, first: Floats, others: Floats) -> Floats:
        """[Q] as the levels stand in the sums"""
        found = np.empty(self.sums.start[-1])
        found[self.ground.grouped.first], found[self.ground.grouped.others] = first, others
        return found

    @property
    def log_determinant(self) -> float:
        return self.log_determinant_estimate[0]

    @cached_property
    def log_determinant_estimate(self) -> tuple[float, float]:
        """log |A| and its standard error, from sampling alone.

        S is divided by its approximate inverse from both sides, T = L'SL with LL' = M⁻¹, whose trace is known; so a probe tells only that of log T − T,
        where what it errs is small."""
        half = self.coarse.halved()
        found, error = trace_of_log_less_itself(
            lambda x: half.transposed(self.apply(half.times(x))),
            self.ground.signs,
            BLOCKS_OF_LOG if self.sums.n <= LARGE else BLOCKS_OF_LOG_LARGE,
        )
        known = len(self.inside) + half.rank + half.log_determinant + float(np.log(self.first_diagonal).sum())
        return known + found, error
