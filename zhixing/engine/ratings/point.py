"""The likelihood at given variances and its slope (Henderson 1950; Gilmour, Thompson and Cullis 1995).

γ_k is the variance of factor k in units of the residual variance, H = I + Σ γ_k Z_k Z_k', and A = I + Λ Z'Z Λ with Λ = √γ on the levels, so that a factor
without variance needs no care. How A is solved and what is known of its inverse is left to those who inherit from ``Point``."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import scipy.linalg as la

from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.sums import Sums


@dataclass(frozen=True, eq=False)
class Point(ABC):
    """The profile likelihood at ``gamma`` [K]. ``restricted``: REML, else ML."""

    sums: Sums
    gamma: Floats  # [K]
    restricted: bool

    @abstractmethod
    def at(self, gamma: Floats) -> Point:
        """The same for other variances."""

    @abstractmethod
    def solve(self, right: Floats) -> Floats:
        """A⁻¹ right, for columns [Q, c]."""

    @property
    @abstractmethod
    def log_determinant(self) -> float:
        """log |A|"""

    @property
    @abstractmethod
    def uncertainty(self) -> Floats:
        """[Q] the diagonal of A⁻¹; 1 where there is no variance."""

    @cached_property
    def traces(self) -> Floats:
        """[K] the traces of the blocks of A⁻¹"""
        return self.by_factor(self.uncertainty)

    @cached_property
    def scale(self) -> Floats:
        """[Q] Λ"""
        return np.repeat(np.sqrt(self.gamma), np.diff(self.sums.start))

    @cached_property
    def solved(self) -> tuple[Floats, Floats]:
        """A⁻¹Λ Z'y [Q] and A⁻¹Λ Z'X [Q, p]"""
        found = self.solve(self.scale[:, None] * np.column_stack([self.sums.zy, self.sums.zx]))
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
        logs = self.log_determinant
        if self.restricted:
            logs += float(np.linalg.slogdet(self.gram)[1])
        return logs + self.freedom * (1.0 + float(np.log(2.0 * np.pi * self.residual)))

    def by_factor(self, values: Floats) -> Floats:
        """[K] sums over the levels of each factor"""
        return np.add.reduceat(np.append(values, 0.0), self.sums.start[:-1]) if len(self.gamma) else np.zeros(0)

    @cached_property
    def slope(self) -> Floats:
        """[K] by how much the deviance rises with each γ that is above 0"""
        known = self.traces
        if self.restricted:
            known = known + self.by_factor(np.einsum("ij,ij->i", self.solved[1] @ la.inv(self.gram), self.solved[1]))
        trace = np.diff(self.sums.start) - known
        fit = self.by_factor(self.spherical**2) / self.residual
        return np.divide(trace - fit, self.gamma, out=np.zeros(len(self.gamma)), where=self.gamma > 0.0)

    @cached_property
    def bend(self) -> Floats:
        """[K, K] the average of the observed and the expected second derivatives, 0 for a γ that is 0

        As Λ Z'H⁻¹Z Λ = I − A⁻¹, all that is solved for are the spherical effects of one factor after another."""
        over = np.divide(1.0, self.gamma, out=np.zeros(len(self.gamma)), where=self.gamma > 0.0)
        alone = np.zeros((len(self.spherical), len(over)))
        for k, (begin, end) in enumerate(pairwise(self.sums.start)):
            alone[begin:end, k] = self.spherical[begin:end] * over[k]
        squares = np.einsum("ij,ij->j", alone, alone)
        cross = self.solved[1].T @ alone
        bent = np.diag(squares) - alone.T @ self.solve(alone) - cross.T @ la.solve(self.gram, cross, assume_a="pos")
        lengths = squares * self.gamma
        bent = (bent + bent.T) / (2.0 * self.residual)
        return np.asarray(bent - np.outer(lengths, lengths) / (self.freedom * self.residual**2))
