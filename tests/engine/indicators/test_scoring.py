"""What a system comes to equals the rules told by hand, and its interval holds what it should."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.indicators.systems import FACTS, document, earned_by_hand, found_for, group, indicator, trees
from zhixing.engine.indicators import Finding, State, System, fact_finding, judged_findings, read, score

HALF = Fraction(1, 2)


@given(st.data(), trees())
def test_the_points_are_those_of_the_rules(data: st.DataObject, system: System) -> None:
    findings = data.draw(found_for(system))
    found = score(system, findings)
    assert found.earned == (earned_by_hand(system, findings, {}) or 0) * system.root.points
    assert 0 <= found.low <= float(found.earned) + 1e-9
    assert float(found.earned) - 1e-9 <= found.high <= system.root.points
    top = [found.parts[one.code] for one in system.root.parts]
    assert sum((part.earned for part in top), Fraction()) == found.earned
    if any(part.points for part in top):
        assert sum(part.points for part in top) == system.root.points


def test_a_missed_indicator_earns_half_at_most_and_an_absent_one_nothing() -> None:
    """The rule of a county school's indicator system (domain.md §5.1)."""
    parts = [indicator("a", 40, missed_below=80), indicator("b", 40, missed_below=80), indicator("c", 20)]
    system = read(document(group("g", *parts), missed_percent=50), FACTS)
    found = score(system, {"a": Finding(Fraction(7, 10), None), "b": Finding(Fraction(9, 10), None)})
    assert found.earned == 20 + 36
    assert [found.parts[code].state for code in "abc"] == [State.MISSED, State.EARNED, State.ABSENT]
    assert found.unsure == ("a", "b")
    assert found.covered == 80


def test_what_is_left_out_gives_its_points_to_its_neighbours() -> None:
    tree = group("g", group("h", indicator("a", 30), indicator("b", 10)), group("i", indicator("c", 60)))
    system = read(document(tree, absent="left_out"), FACTS)
    found = score(system, {"b": Finding(HALF, 0.1), "c": Finding(Fraction(1), 0.0)})
    assert found.earned == 40 * HALF + 60
    assert found.parts["a"].state is State.LEFT_OUT
    assert (found.low, found.high) == (pytest.approx(76), pytest.approx(84))
    assert found.level == "合格"
    assert score(system, {}).earned == 0


def test_the_interval_says_which_grades_it_reaches() -> None:
    system = read(document(group("g", indicator("a", 100))), FACTS)
    assert score(system, {"a": Finding(Fraction(84, 100), 0.02)}).levels == ("优秀", "合格")
    assert score(system, {"a": Finding(Fraction(80, 100), 0.02)}).levels == ("合格",)
    assert score(system, {"a": Finding(Fraction(61, 100), 0.02)}).levels == ("合格",)
    assert score(system, {"a": Finding(Fraction(30, 100), 0.02)}).levels == ()


def test_a_figure_goes_along_its_scale_and_heeds_its_bends() -> None:
    scale = [[80, 0], [90, 60], [100, 100]]
    fact = {**indicator("a", 10), "kind": "fact", "fact": "attendance", "scale": scale}
    one = read(document(group("g", fact)), FACTS).indicators[0]
    for figure, percent in ((70, 0), (80, 0), (85, 30), (90, 60), (95, 80), (100, 100), (120, 100)):
        assert one.share_of(Fraction(figure)) == Fraction(percent, 100)
    assert fact_finding(one, Fraction(90), 5.0) == Finding(Fraction(60, 100), pytest.approx(0.3))
    assert fact_finding(one, Fraction(90), None).half is None


def test_reviewers_intervals_cover_what_they_say() -> None:
    """Six indicators with one to three reviewers each, 1,500 times: the 95 % intervals hold the truth in 94 to 96.5 of 100, those of one reviewer too."""
    rng = np.random.default_rng(1)
    held: dict[int, list[bool]] = {1: [], 2: [], 3: []}
    for _ in range(1500):
        truths = rng.uniform(50, 80, 6)
        given = {
            str(k): np.rint(rng.normal(truth, 8, 1 + k % 3)).astype(int).tolist() for k, truth in enumerate(truths)
        }
        for code, one in judged_findings(given).items():
            assert one.half is not None
            held[len(given[code])].append(abs(float(one.share) - truths[int(code)] / 100) <= one.half)
    for own in held.values():
        assert 0.94 <= np.mean(own) <= 0.965


def test_nobody_knows_how_sure_a_lonely_judgement_is() -> None:
    """Unless reviewers elsewhere have told how far they lie apart; its points stay open."""
    assert judged_findings({"a": [70], "b": [90]})["a"].half is None
    assert judged_findings({"a": [70]}, [[60, 70], [80, 90]])["a"].half == pytest.approx(
        4.302653 * 50**0.5 / 100, rel=1e-5
    )
    assert judged_findings({}) == {}
    system = read(document(group("g", indicator("a", 60), indicator("b", 40))), FACTS)
    found = score(system, {"a": Finding(Fraction(1, 2), None), "b": Finding(HALF, 0.1)})
    assert (found.earned, found.low, found.high) == (50, pytest.approx(16), pytest.approx(84))
    assert found.levels == ("合格",)
