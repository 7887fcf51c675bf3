"""The logarithm of a determinant from the same probes as the traces, by Lanczos quadrature (Golub and Meurant 1994; Ubaru, Chen and Saad 2017)."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.linalg as la

from zhixing.engine.ratings.design import Floats, Reals
from zhixing.engine.ratings.gradients import Operator, products

STEPS = 10


def trace_of_log_less_itself(operator: Operator, probes: Callable[[int], Reals], blocks: int) -> tuple[float, float]:
    """The trace of log T − T for a symmetric ``operator`` T whose eigenvalues are about 1, and its standard error; ``probes`` of a block are random signs."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = np.concatenate(list(pool.map(lambda block: _log_less_itself(operator, probes(block)), range(blocks))))
    return float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found)))


def _log_less_itself(operator: Operator, z: Reals) -> Floats:
    """[c] z'(log T − T)z for the columns of z [q, c]"""
    size = products(z, z)
    now = z / np.sqrt(size).astype(z.dtype)
    before, links = np.zeros_like(now), np.zeros((STEPS, z.shape[1]))
    middles = np.zeros((STEPS, z.shape[1]))
    for step in range(STEPS):
        image = operator(now)
        if step:
            image -= links[step - 1].astype(z.dtype) * before
        middles[step] = products(image, now)
        image -= middles[step].astype(z.dtype) * now
        links[step] = np.sqrt(products(image, image))
        before = now
        now = image / np.maximum(links[step], 1e-30).astype(z.dtype)
    return np.array([n * _quadrature(a, b[:-1]) for n, a, b in zip(size, middles.T, links.T, strict=True)])


def _quadrature(middle: Floats, link: Floats) -> float:
    """e'(log T − T)e for the first unit vector and the tridiagonal T; a link that has vanished ends it."""
    ends = np.flatnonzero(link < 1e-5)
    last = int(ends[0]) + 1 if len(ends) else len(middle)
    values, axes = la.eigh_tridiagonal(middle[:last], link[: last - 1])
    return float(axes[0] ** 2 @ (np.log(np.maximum(values, 1e-12)) - values))
