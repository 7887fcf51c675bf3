"""What all levels of a factor have in common is told apart badly: raise every teacher and lower every course, and the ratings stay what they are. Where
levels belong to a few others (teachers to institutions) this is so within each of these. An approximate inverse that knows such common ways exactly."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.linalg as la

from zhixing.engine.ratings.design import Flags, Floats, Ints, Reals
from zhixing.engine.ratings.grouped import Grouped
from zhixing.engine.ratings.rows import deal_out, pool

COLUMNS_MOST = 64
FEW = 16
"""A factor of no more levels than these is taken for what others belong to."""
LEAST = 1e-9
"""Ways whose share of the largest is less are not told from rounding."""
AT_ONCE = 65_536


@dataclass(frozen=True, eq=False)
class Shares:
    """``share`` [q_2, m]: which share of the ratings of each level belongs to each of the m levels of the smallest factor; m is 1 (all of them) where that
    has many levels. Side by side for all other factors they are the common ways P [q_2, v]: zero but in a level's own m columns, from ``column`` on."""

    grouped: Grouped
    share: Floats
    known: dict[bytes, tuple[Reals, Floats]] = field(default_factory=dict)

    @cached_property
    def column(self) -> Ints:
        wide = self.share.shape[1]
        return np.repeat(np.arange(0, wide * len(self.grouped.sizes), wide, dtype=np.int32), self.grouped.sizes)

    def own(self) -> Iterator[tuple[slice, slice]]:
        """The levels of each factor, and their columns"""
        wide = self.share.shape[1]
        for k, levels in enumerate(self.grouped.slices):
            yield levels, slice(k * wide, (k + 1) * wide)

    def met(self, there: Flags) -> tuple[Reals, Floats]:
        """Z_1'W Z_2 P [q_1, v] and Z_2'W Z_2 P [q_2, v], P being that of the levels [q_2] that are ``there``; kept for the next call."""
        key = there.tobytes()
        if key not in self.known:
            self.known.clear()
            ways = np.zeros((len(self.share), self.share.shape[1] * len(self.grouped.sizes)))
            for levels, columns in self.own():
                ways[levels, columns] = self.share[levels] * there[levels, None]
            none = np.zeros(len(self.grouped.start) - 1)
            with ThreadPoolExecutor(1) as pool:
                gathered = pool.submit(self.grouped.gather, ways.astype(np.float32))
                met = self.grouped.meet(ways, none)
                self.known[key] = gathered.result(), np.asarray(met, np.float64)
        return self.known[key]


def shares_of(grouped: Grouped) -> Shares:
    smallest = int(np.argmin(grouped.sizes))
    few = grouped.sizes[smallest] if grouped.sizes[smallest] <= min(FEW, COLUMNS_MOST // len(grouped.sizes)) else 1
    belongs = grouped.other[:, smallest] - grouped.slices[smallest].start
    found = np.ones((len(grouped.others), few))
    for k, levels in enumerate(grouped.slices if few > 1 else ()):
        own = (grouped.other[:, k] - levels.start).astype(np.int64)
        counts = np.bincount(own * few + belongs, grouped.count, minlength=grouped.sizes[k] * few)
        counts = counts.reshape(grouped.sizes[k], few)
        found[levels] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return Shares(grouped, found)


@dataclass(frozen=True, eq=False)
class Spanned:
    """D⁻¹ + V C V' with the ``diagonal`` D [q_2] and V [q_2, v] = diag(over) P for the common ways P."""

    shares: Shares
    over: Floats
    diagonal: Floats
    centre: Floats

    def times(self, x: Reals, measured: Reals | None = None) -> Reals:
        """D⁻¹x + V C V'm, m being x unless it is ``measured`` otherwise."""
        share, column = self.shares.share, self.shares.column
        total = np.zeros((len(self.centre), x.shape[1]))
        pool(share, column, self.over, x if measured is None else measured, total)
        found = np.empty_like(x)
        deal_out(share, column, self.over, self.diagonal, self.centre @ total, x, found)
        return found


@dataclass(frozen=True, eq=False)
class Half:
    """L with LL' = M⁻¹: D^−½ + V N V'D^½. ``rank``: how many common ways are told; ``log_determinant``: log |M|."""

    spanned: Spanned
    whole: Floats
    rank: int
    log_determinant: float

    def times(self, x: Reals) -> Reals:
        return self.spanned.times(x, x * self.spanned.diagonal.astype(x.dtype)[:, None])

    def transposed(self, x: Reals) -> Reals:
        """L'x"""
        square = Spanned(self.spanned.shares, self.spanned.over, self.whole, self.spanned.centre)
        return np.asarray(self.spanned.diagonal.astype(x.dtype)[:, None] * square.times(x))


@dataclass(frozen=True, eq=False)
class Coarse:
    """M⁻¹ = D⁻¹ + V E⁻¹ V' for S with the ``diagonal`` D [q_2]: V [q_2, v] = Λ⁻¹P spans the common ways, E = V'SV; ``over`` is Λ⁻¹.

    ``turn`` [v, w]: the ways that are told, brought to turn' E turn = 1. ``image`` [q_2, v] is S V, ``gathered`` [q_1, v] Z_1'W Z_2 P."""

    shares: Shares
    diagonal: Floats
    over: Floats
    turn: Floats
    image: Floats
    gathered: Reals

    @cached_property
    def middle(self) -> Floats:
        """E⁻¹"""
        return np.asarray(self.turn @ self.turn.T)

    @cached_property
    def _spanned(self) -> Spanned:
        return Spanned(self.shares, self.over, self.diagonal, self.middle)

    def precondition(self, right: Reals) -> Reals:
        """M⁻¹ right"""
        return self._spanned.times(right)

    def halved(self) -> Half:
        weight = np.zeros((len(self.turn), len(self.turn)))
        for levels, columns in self.shares.own():
            own = self.over[levels, None] * self.shares.share[levels]
            weight[columns, columns] = own.T @ (self.diagonal[levels, None] * own)
        strength, axes = la.eigh(self.turn.T @ weight @ self.turn)
        strength = np.maximum(strength, 0.0)
        root = np.sqrt(1.0 + strength)
        turned = self.turn @ axes
        half = Spanned(self.shares, self.over, np.sqrt(self.diagonal), (turned / (root + 1.0)) @ turned.T)
        logs = float(np.log(self.diagonal).sum() - np.log1p(strength).sum())
        return Half(half, self.diagonal, len(strength), logs)

    @cached_property
    def twice(self) -> Floats:
        """[q_2] the diagonal of 2 M⁻¹ − M⁻¹SM⁻¹, which is nearer to that of S⁻¹."""
        found = 1.0 / self.diagonal
        for levels, columns in self.shares.own():
            own = self.over[levels, None] * self.shares.share[levels]
            found[levels] += np.einsum("ij,ij->i", own @ self.middle[columns, columns], own)
            across = np.einsum("ij,ij->i", self.image[levels] @ self.middle[:, columns], own)
            found[levels] -= 2.0 * across / self.diagonal[levels]
        return found

    @cached_property
    def common(self) -> Floats:
        """[q_1] b'V E⁻¹ V'b for b = Λ Z_2'W e, e a level of the first factor"""
        parts = [self.gathered[at : at + AT_ONCE] for at in range(0, len(self.gathered), AT_ONCE)]
        return np.concatenate([np.einsum("ij,ij->i", part @ self.middle, part) for part in parts])


def coarse_of(shares: Shares, scale: Floats, shrink: Floats, diagonal: Floats) -> Coarse:
    """For S = 1 + Λ Z_2'(W − W Z_1 diag(shrink) Z_1'W) Z_2 Λ, Λ = ``scale`` [q_2]; levels without scale share in nothing."""
    over = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0.0)
    gathered, met = shares.met(scale > 0.0)
    image = met - shares.grouped.spread(gathered * shrink.astype(np.float32)[:, None])
    image *= scale[:, None]
    energy = np.empty((image.shape[1], image.shape[1]))
    for levels, columns in shares.own():
        image[levels, columns] += over[levels, None] * shares.share[levels]
        energy[columns] = (over[levels, None] * shares.share[levels]).T @ image[levels]
    return Coarse(shares, diagonal, over, _turn((energy + energy.T) / 2.0), image, gathered)


def _turn(energy: Floats) -> Floats:
    """[v, w] such that turn' E turn = 1, without what cannot be told from rounding; columns are first brought to one size."""
    size = np.sqrt(np.maximum(np.diag(energy), 1e-300))
    strengths, axes = la.eigh(energy / np.outer(size, size))
    told = strengths > LEAST * max(float(strengths.max(initial=0.0)), 1e-300)
    return np.asarray((axes[:, told] / np.sqrt(strengths[told])) / size[:, None])
