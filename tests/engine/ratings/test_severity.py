"""Strict and mild raters: found where they rated the same things, and not blamed for what they were given."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhixing.engine.ratings.severity import severities

MILD = {"甲": 6.0, "乙": 0.0, "丙": -6.0}


def table(rows: list[tuple[str, str, float]]) -> pa.Table:
    return pa.table(dict(zip(("rater", "object", "score"), zip(*rows, strict=True), strict=True)))


def rated(spread: float, things: int = 30, seed: int = 1) -> list[tuple[str, str, float]]:
    """The strict one is given the good things more often."""
    rng = np.random.default_rng(seed)
    rows = []
    for thing in range(things):
        worth = 60 + thing
        chosen = ["甲", "乙"] if thing < things // 2 else ["乙", "丙"]
        rows += [(name, f"o{thing}", worth + MILD[name] + float(rng.normal(0, spread))) for name in chosen]
    return rows


def test_it_equals_plain_least_squares() -> None:
    rows = rated(3.0)
    raters, things = sorted({row[0] for row in rows}), sorted({row[1] for row in rows})
    x = np.array([[row[0] == name for name in raters] + [row[1] == name for name in things] for row in rows], float)
    y = np.array([row[2] for row in rows])
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    own = beta[:3] - beta[:3].mean()
    left = y - x @ beta
    freedom = len(y) - np.linalg.matrix_rank(x)
    centre = np.hstack([np.eye(3) - 1 / 3, np.zeros((3, len(things)))])
    error = np.sqrt(left @ left / freedom * np.diag(centre @ np.linalg.pinv(x.T @ x) @ centre.T))
    found = {one.rater: one for one in severities(table(rows))}
    for name, milder, se in zip(raters, own, error, strict=True):
        assert found[name].milder == pytest.approx(milder)
        assert found[name].low is not None
        assert (found[name].high or 0) - found[name].low == pytest.approx(2 * 2.0518 * se, rel=0.01)


def test_the_strict_one_is_found_although_its_raw_mean_is_the_highest() -> None:
    found = {one.rater: one for one in severities(table(rated(2.0)))}
    assert max(found.values(), key=lambda one: one.raw).rater == "丙"
    for name in "甲丙":
        assert found[name].apart
        assert found[name].milder == pytest.approx(MILD[name], abs=1.5)
    assert not found["乙"].apart


def test_alike_raters_are_seldom_told_apart() -> None:
    told = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = [(name, f"o{n}", 70 + n + float(rng.normal(0, 5))) for n in range(8) for name in "甲乙丙"]
        told += any(one.apart for one in severities(table(rows)))
    assert told / 200 < 0.09


def test_who_rated_nothing_in_common_is_told_nothing_of() -> None:
    rows = [*rated(2.0), ("丁", "x", 10.0), ("戊", "y", 99.0)]
    found = {one.rater: one for one in severities(table(rows))}
    assert found["丁"].milder is found["戊"].milder is None
    assert found["甲"].milder is not None
    alone = severities(table([("甲", "a", 1.0), ("乙", "b", 2.0)]))
    assert [one.milder for one in alone] == [None, None]
    assert [one.milder for one in severities(table([("甲", "a", 1.0), ("乙", "a", 2.0)]))] == [None, None]
