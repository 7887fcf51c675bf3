"""What a fit needs to know of the ratings: sums over them. Parts of a nation's ratings are summed apart and added up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from zhixing.engine.ratings.design import Design, Floats, Ints


@dataclass(frozen=True, eq=False)
class Sums:
    """Cross products of the response y, the fixed terms X [n, p] and the indicators Z [n, Q] of all levels of all factors side by side.

    Level l of factor k is column ``start[k] + l``. Nothing here grows with the number of ratings."""

    n: int
    start: tuple[int, ...]  # [K + 1]
    yy: float
    xy: Floats  # [p]
    xx: Floats  # [p, p]
    zy: Floats  # [Q]
    zx: Floats  # [Q, p]
    zz: sp.csr_matrix  # [Q, Q]

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
            zz=(self.zz + other.zz).tocsr(),
        )


def sums_of(design: Design) -> Sums:
    start = tuple(np.cumsum([0, *(len(factor.levels) for factor in design.factors)]).tolist())
    y, x = design.response, design.fixed
    sizes = range(len(design.factors))
    codes = [factor.code for factor in design.factors]
    blocks = [[_counts(codes[a], codes[b], start, a, b) for b in sizes] for a in sizes]
    zy = [_by_level(code, y, start[k + 1] - start[k]) for k, code in enumerate(codes)]
    zx = [
        np.column_stack([_by_level(code, column, start[k + 1] - start[k]) for column in x.T])
        for k, code in enumerate(codes)
    ]
    return Sums(
        n=len(y),
        start=start,
        yy=float(y @ y),
        xy=x.T @ y,
        xx=x.T @ x,
        zy=np.concatenate([np.zeros(0), *zy]),
        zx=np.vstack([np.zeros((0, x.shape[1])), *zx]),
        zz=sp.bmat(blocks, format="csr") if blocks else sp.csr_matrix((0, 0)),
    )


def _counts(a: Ints, b: Ints, start: tuple[int, ...], k: int, m: int) -> sp.csr_matrix:
    """How many ratings have both levels, for every pair of levels of two factors that occurs."""
    shape = (start[k + 1] - start[k], start[m + 1] - start[m])
    return sp.coo_matrix((np.ones(len(a)), (a, b)), shape=shape).tocsr()


def _by_level(code: Ints, values: Floats, levels: int) -> Floats:
    total: Floats = np.bincount(code, values, minlength=levels).astype(np.float64)
    return total
