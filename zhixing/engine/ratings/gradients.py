"""Conjugate gradients for several right-hand sides that take their steps together (Hestenes and Stiefel 1952)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zhixing.engine.ratings.design import Floats, Reals
from zhixing.engine.ratings.rows import advance, dots

STEPS_MOST = 1000
Operator = Callable[[Reals], Reals]


def conjugate_gradients(
    operator: Operator, precondition: Operator, right: Reals, start: Reals, rest: Reals, tolerance: float
) -> Reals:
    """x [q, c] with S x = ``right`` for a symmetric positive definite ``operator`` S, from ``start`` whose remainder right − S start is ``rest``.

    Ends when no remainder is longer than ``tolerance`` times its right-hand side, both measured by the ``precondition``er; S and it do not mix columns."""
    x, rest = start.copy(), rest.copy()
    aim = tolerance**2 * products(right, precondition(right))
    nearer = precondition(rest)
    way, length = nearer.copy(), products(rest, nearer)
    for _ in range(STEPS_MOST):
        if (length <= aim).all():
            break
        image = operator(way)
        moving = length > 0.0
        step = np.divide(length, products(way, image), out=np.zeros_like(length), where=moving)
        advance(x, rest, way, image, step.astype(x.dtype))
        nearer = precondition(rest)
        further = products(rest, nearer)
        way *= np.divide(further, length, out=np.zeros_like(length), where=moving).astype(x.dtype)
        way += nearer
        length = further
    return x


def products(a: Reals, b: Reals) -> Floats:
    """[c] the inner products of the columns"""
    found = np.empty(a.shape[1])
    dots(a, b, found)
    return found
