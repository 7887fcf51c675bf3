"""The likelihood solved directly: the levels of the largest factor meet no other level of it, so that their block of A is diagonal and is taken out first;
what is left is as large as all other factors together, and dense."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg as la
import scipy.sparse as sp

from zhixing.engine.ratings.design import Floats, Longs, Reals
from zhixing.engine.ratings.gradients import conjugate_gradients
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.rows import sum_outer, sum_quadratic

DOUBLE_MOST = 2_000
"""Levels of a block that is factored in double precision: a larger one takes half the time in single, and solutions are refined."""
REFINED = 1e-9
REFINES = 0.1
"""A refinement ends when it adds no more than the one share of the largest number; where it adds more than the other, single precision is too coarse."""


@dataclass(frozen=True, eq=False)
class Exact(Point):
    def at(self, gamma: Floats) -> Exact:
        return Exact(self.sums, gamma, self.restricted)

    @cached_property
    def first(self) -> slice:
        """The levels of the largest factor that has a variance; those of the first factor when none has, none where there is no factor."""
        if not len(self.gamma):
            return slice(0, 0)
        sizes = np.diff(self.sums.start) * (self.gamma > 0.0)
        k = int(np.argmax(sizes))
        return slice(self.sums.start[k], self.sums.start[k + 1])

    @cached_property
    def others(self) -> Longs:
        """The other levels of factors that have a variance."""
        kept = self.scale > 0.0
        kept[self.first] = False
        return np.flatnonzero(kept)

    @cached_property
    def diagonal(self) -> Floats:
        """The block of A that is taken out first."""
        return np.asarray(1.0 + self.scale[self.first] ** 2 * self.sums.of_levels[self.first])

    @cached_property
    def between(self) -> sp.csr_matrix:
        """B = λ Z_1'Z_2 Λ_2: the block of A between the first factor and the others."""
        block = self.sums.zz[self.first][:, self.others]
        block = (sp.diags(self.scale[self.first]) @ block @ sp.diags(self.scale[self.others])).tocsr()
        block.sort_indices()
        return block

    @cached_property
    def among(self) -> sp.csr_matrix:
        """A_22 − I: the block of A among the others, as it is stored."""
        inside = sp.diags(self.scale[self.others])
        return (inside @ self.sums.zz[self.others][:, self.others] @ inside).tocsr()

    @cached_property
    def factor(self) -> Reals:
        """The upper Cholesky factor of S = A_22 − B'D⁻¹B; in single precision where it is large."""
        return self._factored(np.float64 if len(self.others) <= DOUBLE_MOST else np.float32)

    def _factored(self, kind: type[np.floating[Any]]) -> Reals:
        s = self._outer(-1.0 / self.diagonal, kind)
        block = self.among.tocoo()
        s[block.row, block.col] += block.data
        s[np.diag_indices_from(s)] += 1.0
        [potrf] = la.get_lapack_funcs(["potrf"], dtype=kind)
        found, failed = potrf(s.T, lower=False, overwrite_a=True, clean=False)
        if failed and kind is np.float32:
            return self._factored(np.float64)
        if failed:
            raise np.linalg.LinAlgError("singular")
        return np.asarray(found)

    def _outer(self, weight: Floats, kind: type[np.floating[Any]]) -> Reals:
        """The lower triangle of B' diag(weight) B, dense."""
        total = np.zeros((len(self.others), len(self.others)), kind)
        b = self.between
        sum_outer(b.indptr, b.indices, b.data, weight, total)
        return total

    def solve(self, right: Floats) -> Floats:
        first, d = right[self.first], self.diagonal[:, None]
        found = right.copy()
        if len(self.others):
            rest = right[self.others] - self.between.T @ (first / d)
            found[self.others] = self._solve_others(rest)
            first = first - self.between @ found[self.others]
        found[self.first] = first / d
        return found

    def _solve_others(self, right: Reals) -> Reals:
        """S⁻¹ right; what single precision leaves is found by a few conjugate gradients."""
        start = self._by_factor(right)
        if self.factor.dtype == np.float64:
            return start
        rest = right - self._apply(start)
        return conjugate_gradients(self._apply, self._by_factor, right, start, rest, REFINED)

    def _apply(self, x: Reals) -> Reals:
        """S x"""
        found: Reals = x + self.among @ x - self.between.T @ ((self.between @ x) / self.diagonal[:, None])
        return found

    def _by_factor(self, right: Reals) -> Reals:
        solved = la.cho_solve((self.factor, False), right.astype(self.factor.dtype, copy=False), check_finite=False)
        return np.asarray(solved, np.float64)

    @property
    def log_determinant(self) -> float:
        logs = float(np.log(self.diagonal).sum())
        return logs + 2.0 * float(np.log(np.diag(self.factor).astype(np.float64)).sum()) if len(self.others) else logs

    @cached_property
    def inverse(self) -> Reals:
        """The lower triangle of S⁻¹; in single precision where it is large, which is exact enough for sums of its diagonal."""
        factor = self.factor.astype(np.float32 if len(self.others) > DOUBLE_MOST else np.float64)
        [potri] = la.get_lapack_funcs(["potri"], [factor])
        inverse, failed = potri(factor, lower=False, overwrite_c=True)
        if failed:
            raise np.linalg.LinAlgError("singular")
        return np.asarray(inverse.T)

    @cached_property
    def uncertainty(self) -> Floats:
        found = np.ones(self.sums.start[-1])
        found[self.first] = 1.0 / self.diagonal
        if len(self.others):
            b = self.between
            quadratic = np.zeros(len(self.diagonal))
            sum_quadratic(b.indptr, b.indices, b.data, self.inverse, quadratic)
            found[self.first] += quadratic / self.diagonal**2
            found[self.others] = np.diag(self.inverse)
        return found
