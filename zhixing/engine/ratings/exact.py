"""The likelihood solved directly: the levels of the largest factor meet no other level of it, so that their block of A is diagonal and is taken out first;
what is left is as large as all other factors together, and dense."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg as la
import scipy.sparse as sp

from zhixing.engine.ratings.design import Floats, Longs, Reals
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.rows import sum_outer, sum_quadratic

DOUBLE_MOST = 2_000


@dataclass(frozen=True, eq=False)
class Exact(Point):
    def at(self, gamma: Floats) -> Exact:
        return Exact(self.sums, gamma, self.restricted)

    @cached_property
    def first(self) -> slice:
        """The levels of the largest factor that has a variance; those of the first factor when none has."""
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
        first, d = right[self.first], self.diagonal[:, None]
        found = right.copy()
        if len(self.others):
            rest = right[self.others] - self.between.T @ (first / d)
            found[self.others] = la.cho_solve((self.factor, True), rest, check_finite=False)
            first = first - self.between @ found[self.others]
        found[self.first] = first / d
        return found

    @property
    def log_determinant(self) -> float:
        logs = float(np.log(self.diagonal).sum())
        return logs + 2.0 * float(np.log(np.diag(self.factor)).sum()) if len(self.others) else logs

    @cached_property
    def inverse(self) -> Reals:
        """The lower triangle of S⁻¹; in single precision where it is large, which is exact enough for sums of its diagonal."""
        if len(self.others) <= DOUBLE_MOST:
            inverse, failed = la.lapack.dpotri(self.factor, lower=True)
        else:
            inverse, failed = la.lapack.spotri(self.factor.astype(np.float32), lower=True, overwrite_c=True)
        if failed:
            raise np.linalg.LinAlgError("singular")
        return np.asarray(inverse)

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
