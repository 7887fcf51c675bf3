"""Least squares whose errors allow for people of unlike spread and for people who were drawn together.

The errors are those of Bell and McCaffrey (2002), also called CR2: residuals are enlarged so that the variance is right when all are alike, and the degrees
of freedom are those of the variance itself (Satterthwaite). Where everybody is a cluster of one it is HC2. Nothing here grows with the square of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhixing.engine.columns import Floats, Longs
from zhixing.engine.effects.estimate import Estimate

NOTHING = 1e-10
"""A share of a direction that is all but lost to the fit."""


@dataclass(frozen=True, eq=False)
class Line:
    """The fit of y [n] on x [n, p], p columns of full rank; ``cluster`` [n] numbers from 0."""

    x: Floats
    y: Floats
    cluster: Longs

    def coefficients(self) -> Floats:
        return np.asarray(np.linalg.lstsq(self.x, self.y, rcond=None)[0])

    def contrast(self, weights: Floats) -> Estimate:
        """``weights`` [p] times the coefficients."""
        x, count = self.x, int(self.cluster.max()) + 1
        beta = self.coefficients()
        residual = self.y - x @ beta
        root = np.linalg.inv(np.linalg.cholesky(x.T @ x)).T  # the inverse of X'X is root root'
        z = x @ root
        gram, score = np.zeros((count, x.shape[1], x.shape[1])), np.zeros((count, x.shape[1]))
        np.add.at(gram, self.cluster, z[:, :, None] * z[:, None, :])
        np.add.at(score, self.cluster, z * residual[:, None])
        lengths, axes = np.linalg.eigh(gram)
        left = 1.0 - lengths
        enlarge = np.where(left > NOTHING, 1.0 / np.sqrt(np.maximum(left, NOTHING)), 0.0)
        way = root.T @ weights
        own = np.einsum("gij,gj,gkj,k->gi", axes, enlarge, axes, way)
        pull = np.einsum("gij,gj->gi", gram, own)
        error = float(np.sqrt(np.sum(np.einsum("gi,gi->g", score, own) ** 2)))
        return Estimate(float(weights @ beta), error, _freedom(own, pull))


def _freedom(own: Floats, pull: Floats) -> float:
    """2 E(V)² / Var(V) of the variance V, as if all residuals were alike: (tr M)² / tr M² with M = diag(own·pull) − pull pull'."""
    size = np.einsum("gi,gi->g", own, pull)
    square = np.einsum("gi,gi->g", pull, pull)
    among = pull.T @ pull
    trace = float(np.sum(size - square))
    second = float(np.sum(size**2) - 2.0 * np.sum(size * square) + np.sum(among**2))
    return trace**2 / second if second > 1e-300 else 0.0


def alone(n: int) -> Longs:
    """Everybody a cluster of one."""
    return np.arange(n, dtype=np.int64)
