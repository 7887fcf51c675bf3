"""What earlier figures say of a study to come: spread, correlation, and how alike people are who were drawn together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhixing.engine.columns import Floats, Longs


@dataclass(frozen=True)
class Pilot:
    """``spread``: the standard deviation of the outcome; ``per_cluster`` people in a cluster and their ``icc``, from 0; both 1 and 0 without clusters."""

    spread: float
    correlation: float
    per_cluster: float
    icc: float


def pilot_of(outcome: Floats, before: Floats | None = None, cluster: Longs | None = None) -> Pilot:
    """The intraclass correlation is that of the one-way analysis of variance (Donner and Koval 1980)."""
    n = len(outcome)
    spread = float(outcome.std(ddof=1)) if n > 1 else 0.0
    correlation = 0.0
    if before is not None and spread > 0.0 and float(before.std()) > 0.0:
        correlation = float(np.corrcoef(before, outcome)[0, 1])
    if cluster is None:
        return Pilot(spread, correlation, 1.0, 0.0)
    _names, groups = np.unique(cluster, return_inverse=True)
    size = np.bincount(groups)
    k = len(size)
    if k < 2 or k == n or spread == 0.0:
        return Pilot(spread, correlation, n / k, 0.0)
    mean = np.bincount(groups, outcome) / size
    within = float(np.sum((outcome - mean[groups]) ** 2)) / (n - k)
    between = float(np.sum(size * (mean - outcome.mean()) ** 2)) / (k - 1)
    usual = (n - float(np.sum(size**2)) / n) / (k - 1)
    return Pilot(spread, correlation, n / k, max(0.0, (between - within) / (between + (usual - 1.0) * within)))
