"""What a fit needs to know of the ratings: sums over them. Parts of a nation's ratings are summed apart and added up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from zhixing.engine.ratings.design import Design, Floats, Ints


@dataclass(frozen=True, eq=False)
class Sums:
    """Cross products of the response y, the fixed terms X [n, p] and the indicators Z [n, Q] of all levels of all factors side by side.

    Level l of factor k is column ``start[k] + l``. Of the ratings themselves only their *cells* are left: ``codes`` [c, K], the level of each factor,
    and ``count`` [c], how many ratings have just these. A cell may stand twice."""

    n: int
    start: tuple[int, ...]  # [K + 1]
    yy: float
    xy: Floats  # [p]
    xx: Floats  # [p, p]
    zy: Floats  # [Q]
    zx: Floats  # [Q, p]
    codes: Ints
    count: npt.NDArray[np.float32]

    def __add__(self, other: Sums) -> Sums:
        """The sums of both parts, which must know the same terms and levels."""
        if self.start != other.start or self.xy.shape != other.xy.shape:
            raise ValueError("sums of different designs cannot be added")
        return Sums(
            n=self.n + other.n,
            start=self.start,
            yy=self.yy + other.yy,
            xy=self.xy + other.xy,
            xx=self.xx + other.xx,
            zy=self.zy + other.zy,
            zx=self.zx + other.zx,
            codes=np.vstack([self.codes, other.codes]),
            count=np.concatenate([self.count, other.count]),
        )

    @property
    def of_levels(self) -> Floats:
        """[Q] the ratings of each level, for the first fixed term is the intercept"""
        return self.zx[:, 0]

    @cached_property
    def zz(self) -> sp.csr_matrix:
        """[Q, Q] Z'Z: how many ratings have both levels"""
        sizes = range(self.codes.shape[1])
        blocks = [[self._counts(a, b) for b in sizes] for a in sizes]
        return sp.bmat(blocks, format="csr") if blocks else sp.csr_matrix((0, 0))

    def _counts(self, a: int, b: int) -> sp.csr_matrix:
        shape = (self.start[a + 1] - self.start[a], self.start[b + 1] - self.start[b])
        count = self.count.astype(np.float64)
        return sp.coo_matrix((count, (self.codes[:, a], self.codes[:, b])), shape=shape).tocsr()


def sums_of(design: Design) -> Sums:
    y = design.response
    return sums_of_cells(design, np.ones(len(y), np.float32), y, float(y @ y))


def sums_of_cells(design: Design, count: npt.NDArray[np.float32], total: Floats, squares: float) -> Sums:
    """For a ``design`` whose rows stand for ``count`` [c] ratings each, the sums of whose responses are ``total`` [c]; ``squares``: Σ y² over all ratings."""
    sizes = [len(factor.levels) for factor in design.factors]
    x = design.fixed
    weighed = count[:, None] * x
    codes = np.empty((len(x), len(sizes)), np.int32)
    zy, zx = [np.zeros(0)], [np.zeros((0, x.shape[1]))]
    for k, factor in enumerate(design.factors):
        codes[:, k] = factor.code
        zy.append(_by_level(factor.code, total, sizes[k]))
        zx.append(np.column_stack([_by_level(factor.code, column, sizes[k]) for column in weighed.T]))
    return Sums(
        n=int(count.sum(dtype=np.float64)),
        start=tuple(np.cumsum([0, *sizes]).tolist()),
        yy=squares,
        xy=x.T @ total,
        xx=x.T @ weighed,
        zy=np.concatenate(zy),
        zx=np.vstack(zx),
        codes=codes,
        count=count,
    )


def _by_level(code: Ints, values: Floats, levels: int) -> Floats:
    total: Floats = np.bincount(code, values, minlength=levels).astype(np.float64)
    return total
