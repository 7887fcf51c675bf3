"""A few draws of known truths: what the bench shows on 500 (`zhixing bench --only ratings-truth`), with room for chance."""

from __future__ import annotations

import numpy as np
import pytest

from zhixing.config.cli.bench.ratings_truth import TRUTHS, Truth, bins, drawn, outcome

FEW = Truth("few, much alike", 16, class_run=0.10, teacher=0.2, rater=0.45, rest=0.9)


@pytest.mark.slow
def test_intervals_hold_the_truth_and_probabilities_come_true() -> None:
    """Of 40 draws with 16 class runs: 640 intervals, of which 95 % leave ± 2.6 points to chance were they independent. The fit alone holds far fewer."""
    found = outcome(FEW, runs=40, seed=5, bottom=5)
    assert 0.92 <= found.held.mean() <= 0.99
    assert found.plain.mean() < 0.90
    assert found.told.mean() == pytest.approx(5 / 16)
    likely, unlikely = found.told > 0.45, found.told < 0.2
    assert found.bottom[likely].mean() == pytest.approx(found.told[likely].mean(), abs=0.12)
    assert found.bottom[unlikely].mean() == pytest.approx(found.told[unlikely].mean(), abs=0.12)


@pytest.mark.slow
def test_shrunken_effects_name_more_of_a_true_bottom_than_raw_means() -> None:
    found = outcome(TRUTHS[0], runs=16, seed=3)
    assert found.shrunken.mean() > found.raw.mean() + 0.03


def test_a_draw_is_of_the_size_it_says_and_returns_with_its_seed() -> None:
    design, effect = drawn(TRUTHS[0], np.random.default_rng(1))
    again, _ = drawn(TRUTHS[0], np.random.default_rng(1))
    np.testing.assert_array_equal(design.response, again.response)
    run, rater = design.factors[0], design.factors[2]
    raters = [len(np.unique(rater.code[run.code == code])) for code in range(40)]
    assert min(raters) >= 5
    assert max(raters) <= 80
    assert len(effect) == len(run.levels) == 40


def test_true_effects_on_grades_are_those_of_mean_grades() -> None:
    """Many ratings of one class run have the mean that is told of it."""
    truth = Truth("grades", 4, class_run=0.6, teacher=0.3, rater=0.4, rest=0.6, grades=4, middle=3.2)
    found = [drawn(truth, np.random.default_rng(seed)) for seed in range(300)]
    means = np.array([np.bincount(d.factors[0].code, d.response) / np.bincount(d.factors[0].code) for d, _ in found])
    effects = np.array([effect for _, effect in found])
    middle = (means - effects).mean()
    slope = np.polyfit(effects.ravel(), means.ravel() - middle, 1)[0]
    assert slope == pytest.approx(1.0, abs=0.03)


def test_bins_tell_what_was_said_and_what_came() -> None:
    told, bottom = np.array([0.05, 0.02, 0.55, 1.0]), np.array([False, True, True, True])
    assert [(round(said, 3), came, count) for said, came, count in bins(told, bottom)] == [
        (0.035, 0.5, 2),
        (0.55, 1.0, 1),
        (1.0, 1.0, 1),
    ]
