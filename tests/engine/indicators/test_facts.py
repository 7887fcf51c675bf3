"""Figures of the system: percents of something, and their mean by weight."""

from __future__ import annotations

from fractions import Fraction

import pytest

from zhixing.engine.indicators.definition import Object
from zhixing.engine.indicators.facts import Fact, Figure, facts_of, percent_of, weighed


def test_a_percent_of_nothing_is_none() -> None:
    assert percent_of(0, 0) is None
    assert percent_of(1, 3) == Figure(Fraction(100, 3), 3, 0.0)


def test_rater_groups_are_weighed_and_who_is_not_there_is_left_out() -> None:
    figures = {
        "trainees": Figure(Fraction(90), 30, 3.0),
        "staff": Figure(Fraction(60), 4, 8.0),
        "guests": Figure(Fraction(1), 9),
    }
    found = weighed(figures, {"trainees": 60, "staff": 20, "superiors": 20})
    assert found == Figure(Fraction(165, 2), 34, pytest.approx((2.25**2 + 2.0**2) ** 0.5))
    alone = weighed({**figures, "staff": Figure(Fraction(60), 1, None)}, {"trainees": 60, "staff": 20})
    assert alone
    assert alone.half is None
    assert weighed(figures, {"superiors": 20}) is None


def test_a_single_class_run_has_no_shares_among_class_runs() -> None:
    assert facts_of(Object.INSTITUTION) == set(Fact)
    assert Fact.THEORY not in facts_of(Object.CLASS_RUN)
    assert facts_of(Object.TEXTBOOK) == frozenset()
