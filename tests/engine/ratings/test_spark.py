"""Ratings summed on Spark against the same ratings summed here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv
import pytest

pytest.importorskip("pyspark")

from zhixing.config.cli.bench.ratings_cases import RUNS, make
from zhixing.engine.ratings.crossed import fit, fit_sums
from zhixing.engine.ratings.design import DesignError, FaultCode, design_of
from zhixing.engine.ratings.spark import sums_on_spark
from zhixing.engine.ratings.sums import sums_of

pytestmark = [pytest.mark.slow, pytest.mark.spark]
PARTITIONS = 16
FACTORS = ["rater", "teacher", "run:institution"]


@pytest.fixture(scope="module")
def partitions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same ratings whole and in a folder of ``PARTITIONS`` files, some without a response."""
    folder = tmp_path_factory.mktemp("nation")
    make(folder / "whole.csv", 3_000, RUNS, seed=4)
    head, *rows = (folder / "whole.csv").read_text(encoding="utf-8").splitlines()
    rows = [row.rsplit(",", 1)[0] + "," if place % 100 == 7 else row for place, row in enumerate(rows)]
    (folder / "whole.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (folder / "parts").mkdir()
    for part in range(PARTITIONS):
        own = [head, *rows[part::PARTITIONS]]
        (folder / "parts" / f"{part}.csv").write_text("\n".join(own) + "\n", encoding="utf-8")
    return folder


def test_partitions_summed_on_spark_give_the_sums_and_the_fit_of_the_whole(partitions: Path) -> None:
    whole = design_of(pa_csv.read_csv(partitions / "whole.csv"), "y", ["course"], FACTORS)
    design, sums = sums_on_spark(partitions / "parts", "y", ["course"], FACTORS)
    here = sums_of(whole)
    assert design.left_out == whole.left_out == 30
    assert (sums.n, sums.start, design.terms) == (here.n, here.start, whole.terms)
    assert [factor.levels for factor in design.factors] == [factor.levels for factor in whole.factors]
    assert sums.yy == pytest.approx(here.yy, rel=1e-12)
    for name in ("xy", "xx", "zy", "zx"):
        np.testing.assert_allclose(getattr(sums, name), getattr(here, name), rtol=1e-9, atol=1e-9)
    assert (sums.zz != here.zz).nnz == 0
    assert sums.count.sum() == here.n
    found, known = fit_sums(sums), fit(whole)
    np.testing.assert_allclose(found.variances, known.variances, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(found.effects, known.effects, rtol=1e-4, atol=1e-6)
    assert found.log_likelihood == pytest.approx(known.log_likelihood, abs=1e-5)


def test_spark_names_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("rater,teacher,y\na,t,good\n,t,3\nb,s,4\n", encoding="utf-8")
    with pytest.raises(DesignError) as error:
        sums_on_spark(path, "y", [], ["rater", "teacher"])
    told = [(fault.column, fault.value, fault.code) for fault in error.value.faults]
    assert told == [("y", "good", FaultCode.NOT_A_NUMBER), ("rater", "", FaultCode.EMPTY)]
    with pytest.raises(DesignError) as error:
        sums_on_spark(path, "y", [], ["topic"])
    assert [(fault.column, fault.code) for fault in error.value.faults] == [("topic", FaultCode.MISSING_COLUMN)]


def test_what_fixed_terms_say_is_the_same_on_spark(tmp_path: Path) -> None:
    """A column of numbers is one term although a factor is made of it too, and its levels when they are asked for."""
    rng = np.random.default_rng(5)
    rows = [f"{rng.integers(2)},{rng.choice([2, 4, 10])},d{rng.integers(9)},{rng.integers(1, 6)}" for _ in range(400)]
    path = tmp_path / "marks.csv"
    path.write_text("\n".join(["service,age,dept,y", *rows]) + "\n", encoding="utf-8")
    fixed, crossed = ["service", "factor(age)", "service:factor(age)"], ["dept:service"]
    whole = design_of(pa_csv.read_csv(path), "y", fixed, crossed)
    design, sums = sums_on_spark(path, "y", fixed, crossed)
    terms = ("(Intercept)", "service", "age4", "age10", "service:age4", "service:age10")
    assert design.terms == whole.terms == terms
    assert design.factors[0].levels == whole.factors[0].levels
    np.testing.assert_allclose(sums.xx, sums_of(whole).xx)
