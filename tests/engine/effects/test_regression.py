"""The errors of a fit against the same formulas written out with whole matrices."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg as la
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zhixing.engine.effects.estimate import Estimate, Verdict, judge
from zhixing.engine.effects.regression import Line, alone


def written_out(line: Line, weights: np.ndarray) -> tuple[float, float]:
    """Error and degrees of freedom from I − H, block by block (Bell and McCaffrey 2002, with the whole n × n matrix)."""
    x, n = line.x, len(line.y)
    inverse = np.linalg.inv(x.T @ x)
    left = np.eye(n) - x @ inverse @ x.T
    residual = left @ line.y
    pulls = []
    for one in np.unique(line.cluster):
        rows = np.flatnonzero(line.cluster == one)
        root = la.inv(la.sqrtm(left[np.ix_(rows, rows)])).real
        pull = np.zeros(n)
        pull[rows] = root @ x[rows] @ inverse @ weights
        pulls.append(pull)
    many = np.array(pulls)
    middle = many @ left @ many.T
    return float(np.sqrt(np.sum((many @ residual) ** 2))), float(np.trace(middle) ** 2 / np.sum(middle**2))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(8, 30), st.integers(1, 3), st.booleans())
def test_error_and_freedom_are_those_of_the_whole_matrices(seed: int, n: int, p: int, apart: bool) -> None:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), *(rng.normal(size=n) for _ in range(p - 1))])
    cluster = alone(n) if apart else np.unique(rng.integers(0, 6, n), return_inverse=True)[1]
    assume(apart or np.bincount(cluster).max() < n - p)
    line = Line(x, rng.normal(size=n), cluster)
    weights = rng.normal(size=p)
    inverse = np.linalg.inv(x.T @ x)
    blocks = [np.linalg.eigvalsh(x[cluster == g] @ inverse @ x[cluster == g].T).max() for g in np.unique(cluster)]
    assume(max(blocks) < 0.999)
    found = line.contrast(weights)
    error, freedom = written_out(line, weights)
    assert found.error == pytest.approx(error, rel=1e-6)
    assert found.freedom == pytest.approx(freedom, rel=1e-6)
    assert found.value == pytest.approx(float(weights @ np.linalg.solve(x.T @ x, x.T @ line.y)))


def test_a_mean_has_the_error_of_the_text_books() -> None:
    y = np.array([2.0, 4.0, 4.0, 5.0, 9.0])
    found = Line(np.ones((5, 1)), y, alone(5)).contrast(np.ones(1))
    assert found.error == pytest.approx(y.std(ddof=1) / np.sqrt(5))
    assert found.freedom == pytest.approx(4)
    assert (found.lower, found.upper) == pytest.approx(
        (4.8 - 2.7764 * found.error, 4.8 + 2.7764 * found.error), abs=1e-3
    )


def test_unlike_spreads_of_two_groups_are_those_of_welch() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 12), rng.normal(1, 4, 7)
    x = np.column_stack([np.ones(19), np.repeat([0.0, 1.0], [12, 7])])
    found = Line(x, np.concatenate([a, b]), alone(19)).contrast(np.array([0.0, 1.0]))
    assert found.error == pytest.approx(np.sqrt(a.var(ddof=1) / 12 + b.var(ddof=1) / 7))


def test_the_verdict_needs_an_interval_on_one_side_of_nothing() -> None:
    assert judge([Estimate(1.0, 0.1, 20)]) is Verdict.BETTER
    assert judge([Estimate(1.0, 0.1, 20)], less_is_better=True) is Verdict.WORSE
    assert judge([Estimate(-1.0, 0.1, 20)]) is Verdict.WORSE
    assert judge([Estimate(1.0, 0.1, 20), Estimate(0.1, 0.1, 20)]) is Verdict.NO_EVIDENCE
    assert judge([Estimate(1.0, 0.1, 20), Estimate(-1.0, 0.1, 20)]) is Verdict.NO_EVIDENCE
    assert judge([Estimate(1.0, 0.1, 3)]) is Verdict.TOO_FEW


def test_an_estimate_without_error_is_certain() -> None:
    assert (Estimate(1.0, 0.0, 9).p, Estimate(0.0, 0.0, 9).p) == (0.0, 1.0)
    assert Estimate(2.0, 1.0, 1e6).p == pytest.approx(0.0455, abs=1e-4)
    assert Estimate(0.0, 1.0, 1e6).unseen == pytest.approx(1.96 + 0.8416, abs=1e-3)
