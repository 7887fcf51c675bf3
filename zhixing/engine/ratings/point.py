"""The likelihood at given variances, its slope, and what lies beneath it (Henderson 1950; Gilmour, Thompson and Cullis 1995).

γ_k is the variance of factor k in units of the residual variance, H = I + Σ γ_k Z_k Z_k', and A = I + Λ Z'Z Λ with Λ = √γ on the levels, so that a factor
without variance needs no care. The levels of the largest factor meet no other level of it: their block of A is diagonal and is taken out first; what is
left is as large as all other factors together, and dense."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg as la
import scipy.sparse as sp

from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.rows import sum_outer, sum_quadratic
from zhixing.engine.ratings.sums import Sums


@dataclass(frozen=True, eq=False)
class Point:
    """The profile likelihood at ``gamma`` [K]. ``restricted``: REML, else ML."""

    sums: Sums
    gamma: Floats  # [K]
    restricted: bool

    @cached_property
    def scale(self) -> Floats:
        """[Q] Λ"""
        return np.repeat(np.sqrt(self.gamma), np.diff(self.sums.start))

    @cached_property
    def first(self) -> slice:
        """The levels of the largest factor that has a variance; those of the first factor when none has."""
        sizes = np.diff(self.sums.start) * (self.gamma > 0.0)
        k = int(np.argmax(sizes))
        return slice(self.sums.start[k], self.sums.start[k + 1])

    @cached_property
    def others(self) -> np.ndarray:
        """The other levels of factors that have a variance."""
        kept = self.scale > 0.0
        kept[self.first] = False
        return np.flatnonzero(kept)

    @cached_property
    def diagonal(self) -> Floats:
        """The block of A that is taken out first."""
        count = self.sums.zz.diagonal()[self.first]
        return np.asarray(1.0 + self.scale[self.first] ** 2 * count)

    @cached_property
    def between(self) -> sp.csr_matrix:
        """B = λ Z_1'Z_2 Λ_2: the block of A between the first factor and the others."""
        block = self.sums.zz[self.first][:, self.others]
        block = (sp.diags(self.scale[self.first]) @ block @ sp.diags(self.scale[self.others])).tocsr()
        block.sort_indices()
        return block

    @cached_property
    def factor(self) -> Floats:
        """The lower Cholesky factor of S = A_22 − B'D⁻¹B."""
        inside = self.scale[self.others]
        s = -self._outer(1.0 / self.diagonal)
        block = self.sums.zz[self.others][:, self.others].tocoo()
        s[block.row, block.col] += inside[block.row] * block.data * inside[block.col]
        s[np.diag_indices_from(s)] += 1.0
        return np.asarray(la.cholesky(s, lower=True, overwrite_a=True, check_finite=False))

    def _outer(self, weight: Floats) -> Floats:
        """The lower triangle of B' diag(weight) B, dense."""
        total = np.zeros((len(self.others), len(self.others)))
        b = self.between
        sum_outer(b.indptr, b.indices, b.data, weight, total)
        return total

    def solve(self, right: Floats) -> Floats:
        """A⁻¹ Λ right, for columns [Q, c]."""
        scaled = right * self.scale[:, None]
        first, d = scaled[self.first], self.diagonal[:, None]
        found = np.zeros_like(scaled)
        if len(self.others):
            rest = scaled[self.others] - self.between.T @ (first / d)
            found[self.others] = la.cho_solve((self.factor, True), rest, check_finite=False)
            first = first - self.between @ found[self.others]
        found[self.first] = first / d
        return found

    @cached_property
    def solved(self) -> tuple[Floats, Floats]:
        """A⁻¹Λ Z'y [Q] and A⁻¹Λ Z'X [Q, p]"""
        found = self.solve(np.column_stack([self.sums.zy, self.sums.zx]))
        return found[:, 0], found[:, 1:]

    @cached_property
    def gram(self) -> Floats:
        """[p, p] X'H⁻¹X"""
        return self.sums.xx - (self.sums.zx * self.scale[:, None]).T @ self.solved[1]

    @cached_property
    def beta(self) -> Floats:
        """[p] the fixed terms"""
        xhy = self.sums.xy - (self.sums.zx * self.scale[:, None]).T @ self.solved[0]
        return np.asarray(la.solve(self.gram, xhy, assume_a="pos"))

    @cached_property
    def spherical(self) -> Floats:
        """[Q] what the effects are, in units of their standard deviation over that of the residual: effects = Λ · spherical."""
        return self.solved[0] - self.solved[1] @ self.beta

    @property
    def freedom(self) -> int:
        return self.sums.n - (len(self.beta) if self.restricted else 0)

    @cached_property
    def residual(self) -> float:
        """The residual variance."""
        s = self.sums
        return max(0.0, float(s.yy - s.xy @ self.beta - (s.zy * self.scale) @ self.spherical)) / self.freedom

    @cached_property
    def deviance(self) -> float:
        """−2 log likelihood; infinite where nothing is left of the ratings: no search goes there"""
        if self.residual <= 0.0:
            return math.inf
        logs = float(np.log(self.diagonal).sum())
        if len(self.others):
            logs += 2.0 * float(np.log(np.diag(self.factor)).sum())
        if self.restricted:
            logs += float(np.linalg.slogdet(self.gram)[1])
        return logs + self.freedom * (1.0 + float(np.log(2.0 * np.pi * self.residual)))

    @cached_property
    def inverse(self) -> Floats:
        """The lower triangle of S⁻¹"""
        inverse, failed = la.lapack.dpotri(self.factor, lower=True)
        if failed:
            raise np.linalg.LinAlgError("singular")
        return np.asarray(inverse)

    @cached_property
    def uncertainty(self) -> Floats:
        """[Q] the diagonal of A⁻¹; 1 where there is no variance."""
        found = np.ones(self.sums.start[-1])
        found[self.first] = 1.0 / self.diagonal
        if len(self.others):
            b = self.between
            quadratic = np.zeros(len(self.diagonal))
            sum_quadratic(b.indptr, b.indices, b.data, self.inverse, quadratic)
            found[self.first] += quadratic / self.diagonal**2
            found[self.others] = np.diag(self.inverse)
        return found

    def by_factor(self, values: Floats) -> Floats:
        """[K] sums over the levels of each factor"""
        return np.add.reduceat(np.append(values, 0.0), self.sums.start[:-1]) if len(self.gamma) else np.zeros(0)

    @cached_property
    def slope(self) -> Floats:
        """[K] by how much the deviance rises with each γ that is above 0"""
        known = self.uncertainty
        if self.restricted:
            known = known + np.einsum("ij,ij->i", self.solved[1] @ la.inv(self.gram), self.solved[1])
        trace = np.diff(self.sums.start) - self.by_factor(known)
        fit = self.by_factor(self.spherical**2) / self.residual
        return np.divide(trace - fit, self.gamma, out=np.zeros(len(self.gamma)), where=self.gamma > 0.0)

    def bend(self) -> Floats:
        """[K, K] the average of the observed and the expected second derivatives"""
        s, k = self.sums, len(self.gamma)
        lengths = np.zeros((s.start[-1], k))
        for place in np.flatnonzero(self.gamma > 0.0):
            own = slice(s.start[place], s.start[place + 1])
            lengths[own, place] = self.spherical[own] / np.sqrt(self.gamma[place])
        meets = s.zz @ lengths
        inner = lengths.T @ meets - (meets * self.scale[:, None]).T @ self.solve(meets)
        cross = s.zx.T @ lengths - (self.solved[1] * self.scale[:, None]).T @ meets
        squares = np.einsum("ij,ij->j", lengths, lengths)
        bent = (inner - cross.T @ la.solve(self.gram, cross, assume_a="pos")) / self.residual
        return np.asarray(bent - np.outer(squares, squares) / (self.freedom * self.residual**2))
