"""The four indices: by hand on small cases, at their ends, and on drawn class runs of which the truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.diagnosis.index import NOTHING, Change, Index, Known, change_of, ratio_of, share_interval
from zhixing.engine.diagnosis.methods import Taught, diversity, diversity_of
from zhixing.engine.diagnosis.relevance import Gain, Others, gain_of, match_of
from zhixing.engine.diagnosis.staffing import evenness, load_of, staffing_of
from zhixing.engine.student import student_95

student_95(3)  # its library is loaded before anything is timed
HOURS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60), min_size=1)


class TestMethods:
    def test_one_method_is_nothing_and_even_hours_are_all(self) -> None:
        assert diversity(Taught({"lecture": 30}, 6), 8) == 0
        assert diversity(Taught({"lecture": 10, "case": 10}, 2), 8) == pytest.approx(1)
        assert diversity(Taught({"lecture": 20, "case": 10}, 3), 8) == pytest.approx((1 - 5 / 9) / (1 - 1 / 3))

    def test_a_single_half_day_says_nothing_of_how_mixed_a_class_is(self) -> None:
        assert diversity(Taught({"lecture": 4}, 1), 8) is None
        assert diversity_of([Taught({"lecture": 4}, 1)], 8) == NOTHING
        assert diversity_of([], 8).known is Known.NOTHING

    @given(HOURS, st.integers(0, 20))
    def test_it_is_a_share_and_two_alike_classes_say_what_one_says(self, hours: dict[str, int], more: int) -> None:
        taught = Taught(hours, len(hours) + more)
        share = diversity(taught, 8)
        if share is not None:
            assert 0 <= share <= 1
            assert diversity_of([taught, taught], 8).value == pytest.approx(share)

    def test_class_runs_weigh_by_their_hours(self) -> None:
        found = diversity_of([Taught({"lecture": 30}, 6), Taught({"lecture": 5, "case": 5}, 2)], 8)
        assert found.value == pytest.approx(0.25)
        assert found.lower is not None
        assert found.upper is not None
        assert found.lower < 0.25 < found.upper


class TestTraced:
    def test_nothing_to_trace_is_no_zero(self) -> None:
        assert ratio_of([]) == NOTHING
        assert ratio_of([(0, 0)]) == NOTHING

    def test_one_class_run_has_a_value_and_no_range(self) -> None:
        assert ratio_of([(3, 12)]) == Index(0.25, None, None, None, 1)

    def test_a_few_class_runs_without_any_trace_do_not_prove_that_there_is_none(self) -> None:
        few, many = ratio_of([(0, 10)] * 3), ratio_of([(0, 10)] * 300)
        assert (few.value, few.lower) == (0, 0)
        assert few.upper is not None
        assert many.upper is not None
        assert few.upper > 0.5 > 0.05 > many.upper > 0

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=12))
    def test_the_range_holds_the_value_and_stays_a_share(self, rows: list[tuple[int, int]]) -> None:
        found = ratio_of([(min(part, whole), whole) for part, whole in rows])
        assert found.value is not None
        assert found.lower is not None
        assert found.upper is not None
        assert 0 <= found.lower <= found.value <= found.upper <= 1


class TestStaffing:
    def test_equal_hours_are_even_and_one_teacher_is_not(self) -> None:
        assert evenness([10, 10, 10]) == pytest.approx(1)
        assert evenness([10]) == 0
        assert evenness([]) is None
        assert evenness([1, 3]) == pytest.approx(0.5)  # gini 1/4, twice that for two

    @given(st.lists(st.integers(1, 100), min_size=2, max_size=20))
    def test_it_is_ginis_mean_difference(self, hours: list[int]) -> None:
        n = len(hours)
        differences = sum(abs(one - other) for one in hours for other in hours)
        assert evenness(hours) == pytest.approx(1 - differences / (2 * n * (n - 1)) / (sum(hours) / n), abs=1e-9)

    def test_hours_without_a_named_teacher_are_told_apart(self) -> None:
        runs = [{1: 10.0, None: 30.0}, {2: 10.0}, {None: 5.0}]
        assert staffing_of(runs).class_runs == 2
        assert staffing_of(runs).value == pytest.approx(1)
        load = load_of(runs)
        assert (load.teachers, load.effective, load.largest) == (2, pytest.approx(2), 0.5)
        assert load.unnamed == pytest.approx(35 / 55)
        assert staffing_of([{None: 5.0}]) == NOTHING
        assert load_of([]).unnamed is None


class TestMatch:
    def test_the_called_who_need_it_most(self) -> None:
        others = Others({0: 90, 50: 10})
        assert others.chance({80: 5}) == 1
        assert others.chance({0: 5}) == pytest.approx(0.45)
        assert others.chance({50: 4}) == pytest.approx(0.95)
        assert others.chance({}) is None
        assert Others({}).chance({3: 1}) is None
        assert match_of([], others) == NOTHING

    @settings(max_examples=30)
    @given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.lists(st.integers(0, 9), min_size=1, max_size=12))
    def test_it_is_the_share_of_pairs(self, called: list[int], others: list[int]) -> None:
        pairs = sum((one > other) + (one == other) / 2 for one in called for other in others)
        counted = Others({need: others.count(need) for need in others})
        assert counted.chance({n: called.count(n) for n in called}) == pytest.approx(pairs / len(called) / len(others))


class TestGain:
    def test_nothing_measured_is_said_and_one_stands_for_itself(self) -> None:
        assert gain_of([]) is None
        assert gain_of([Gain(5, 1, 9)]) == Gain(5, 1, 9)

    def test_alike_gains_are_surer_together_and_unlike_ones_less(self) -> None:
        alike = gain_of([Gain(5, 1, 9)] * 8)
        unlike = gain_of([Gain(-20, -24, -16), Gain(30, 26, 34)] * 4)
        assert alike is not None
        assert unlike is not None
        assert alike.value == pytest.approx(5)
        assert alike.upper - alike.lower < 8 < 20 < unlike.upper - unlike.lower


class TestChange:
    def test_a_rise_is_told_only_beyond_what_class_runs_differ_by(self) -> None:
        def index(value: float, error: float | None) -> Index:
            return Index(value, value, value, error, 20)

        assert change_of(index(0.8, 0.02), index(0.5, 0.02)) is Change.MORE
        assert change_of(index(0.5, 0.02), index(0.8, 0.02)) is Change.LESS
        assert change_of(index(0.55, 0.05), index(0.5, 0.05)) is Change.ALIKE
        assert change_of(index(0.5, None), index(0.5, 0.1)) is Change.UNKNOWN
        assert change_of(index(1.0, 0.0), index(0.5, 0.0)) is Change.UNKNOWN
        assert change_of(NOTHING, index(0.5, 0.1)) is Change.UNKNOWN


def held(draw: Callable[[random.Random], Index], truth: float, times: int = 400) -> float:
    """In how many of so many drawn years the interval holds the truth."""
    rng = random.Random(20261130)
    found = [draw(rng) for _time in range(times)]
    return sum(bool(one.lower is not None and one.upper and one.lower <= truth <= one.upper) for one in found) / times


def _traced(rng: random.Random) -> Index:
    """Of 24 class runs of unlike length each is traced wholly, by half, or not at all."""
    hours = [rng.choice([18, 30, 90]) for _run in range(24)]
    return ratio_of([(rng.choices([0, 0.5, 1], [0.2, 0.2, 0.6])[0] * whole, whole) for whole in hours])


def _mixed(rng: random.Random) -> Index:
    """Each half day of a class run is a lecture with a chance that differs between class runs."""

    def taught() -> Taught:
        lecture = rng.choice([0.5, 0.9])
        drawn = [("lecture" if rng.random() < lecture else rng.choice("abc")) for _half in range(10)]
        return Taught({name: 3.0 * drawn.count(name) for name in set(drawn)}, 10)

    return diversity_of([taught() for _run in range(30)], 8)


def _matched(rng: random.Random) -> Index:
    others = Others(dict.fromkeys(range(100), 10))
    shift = [rng.gauss(20, 10) for _run in range(20)]
    runs = [[min(99, max(0, int(rng.uniform(0, 100) + by))) for _who in range(40)] for by in shift]
    return match_of([{need: run.count(need) for need in set(run)} for run in runs], others)


@pytest.mark.parametrize(("draw", "truth"), [(_traced, 0.7), (_mixed, None), (_matched, None)])
def test_intervals_hold_the_truth_of_drawn_class_runs(
    draw: Callable[[random.Random], Index], truth: float | None
) -> None:
    """Class runs are drawn anew each time; where the truth has no formula it is the mean of many years."""
    if truth is None:
        rng = random.Random(7)
        truth = math.fsum(draw(rng).value or 0.0 for _year in range(800)) / 800
    assert 0.925 <= held(draw, truth) <= 0.985


def test_three_classes_alike_by_a_hair_are_not_sure_to_a_hair() -> None:
    runs = [Taught({"lecture": 15.0, "case": 15.0 + step / 100}, 10) for step in range(3)]
    found = diversity_of([*runs, Taught({"lecture": 20.0, "case": 10.0}, 10)][:3], 2)
    assert found.lower is not None
    assert found.lower < 0.9


def test_an_interval_is_wilsons_where_class_runs_are_coins() -> None:
    lower, upper = share_interval(0.3, 0.3 * 0.7 / 1000, 1000)
    assert (lower, upper) == (pytest.approx(0.2724, abs=2e-4), pytest.approx(0.3292, abs=2e-4))
