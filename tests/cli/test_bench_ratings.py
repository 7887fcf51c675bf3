"""``zhixing bench --only ratings``: what it makes, measures and compares."""

from __future__ import annotations

import csv
import math
import shutil
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv
import pytest

from zhixing.config.cli.bench import ratings, ratings_cases, ratings_peers
from zhixing.engine.ratings.crossed import fit
from zhixing.engine.ratings.design import design_of

pytestmark = pytest.mark.files

FACTORS = [*ratings_cases.VARIANCES]


@pytest.mark.parametrize("kind", ratings_cases.KINDS)
def test_a_case_has_the_variances_it_was_made_with(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "made.csv"
    ratings_cases.make(path, 6_000, kind, seed=2)
    found = fit(design_of(pa_csv.read_csv(path), "y", [], FACTORS))
    assert found.residual == pytest.approx(ratings_cases.RESIDUAL, rel=0.1)
    assert found.variances[0] == pytest.approx(ratings_cases.VARIANCES["rater"], rel=0.35)
    assert found.beta[0] == pytest.approx(7.0, abs=0.5)


def test_the_same_seed_makes_the_same_ratings(tmp_path: Path) -> None:
    for name in ("one", "other"):
        ratings_cases.make(tmp_path / name, 500, ratings_cases.RUNS, seed=2)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_class_run_is_held_by_one_institution(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    ratings_cases.make(path, 2_000, ratings_cases.RUNS, seed=2)
    with path.open(newline="") as file:
        held = {(row["run"], row["institution"]) for row in csv.DictReader(file)}
    assert len(held) == len({run for run, _ in held})


def test_a_peer_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ratings_peers.Unfitted, match="r-cran-lme4"):
        ratings_peers.lme4(tmp_path / "made.csv", "y", [], ["rater"], errors=False, limit=5)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R")
def test_lme4_says_what_ours_says(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    ratings_cases.make(path, 1_000, ratings_cases.RUNS, seed=2)
    names = ["rater", "teacher"]
    peer = ratings_peers.lme4(path, "y", [], names, errors=True, limit=120)
    found = fit(design_of(pa_csv.read_csv(path), "y", [], names))
    assert [peer.variances[name] for name in names] == pytest.approx(found.variances.tolist(), rel=1e-3)
    assert found.log_likelihood == pytest.approx(peer.log_likelihood, abs=0.01)
    assert np.mean(list(peer.errors.values())) == pytest.approx(found.errors.mean(), rel=1e-3)


def test_other_keys_are_as_far_off_as_can_be() -> None:
    assert ratings._farthest({"a": 1.0}, {"a": 1.0, "b": 1.0}) == math.inf
    assert ratings._farthest({"a": 1.1}, {"a": 1.0}) == pytest.approx(0.1)
