"""Class runs and years beside each other: what is told apart, what is not, and what a new form leaves unsaid."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhixing.engine.ratings.beside import beside, change, institutions
from zhixing.engine.ratings.design import DesignError
from zhixing.engine.ratings.design import FaultCode as Wrong
from zhixing.engine.ratings.ranking import FaultCode, RankingError


def table(means: dict[str, float], sheets: int = 30, spread: float = 8.0, **columns: str) -> pa.Table:
    """``sheets`` scores about the mean of each class run."""
    rng = np.random.default_rng(3)
    rows = [(run, mean + float(rng.normal(0, spread))) for run, mean in means.items() for _n in range(sheets)]
    given = {"version": "1", "year": "2026", **columns}
    return pa.table(
        {"class_run": [run for run, _score in rows], "score": [score for _run, score in rows]}
        | {name: [value] * len(rows) for name, value in given.items()}
    )


def test_far_ones_are_told_apart_and_near_ones_are_not() -> None:
    found = beside(table({"a": 90.0, "b": 89.5, "c": 60.0, "d": 61.0, "e": 75.0}), "class_run")
    stood = {one.level: one for one in found.stood}
    assert {found.stood[0].level, found.stood[1].level} == {"a", "b"}
    assert set(stood["a"].groups) & set(stood["b"].groups)
    assert not set(stood["a"].groups) & set(stood["c"].groups)
    assert found.apart == pytest.approx(0.8)
    assert found.k == 1
    for one in found.stood:
        assert one.low < one.corrected < one.high
        assert abs(one.corrected - 75.1) < abs(one.raw - 75.1) + 1.0
        assert 1 <= one.rank_low <= one.rank_high <= 5


def test_no_mean_lies_beyond_the_scale() -> None:
    """Class runs near the top with few sheets, and an institution of two that differ: their ranges end at 100."""
    rows = [("a", 100.0)] * 4 + [("a", 98.0)] + [("b", 100.0)] * 5 + [("c", 60.0), ("c", 100.0), ("c", 90.0)] * 2
    given = pa.table({"class_run": [run for run, _score in rows], "score": [score for _run, score in rows]})
    for name, value in (("version", "1"), ("institution", "甲")):
        given = given.append_column(name, [[value] * len(rows)])
    found = [(one.low, one.corrected, one.high) for one in beside(given, "class_run").stood]
    found += [(one.low or 0.0, one.mean, one.high or 0.0) for one in institutions(given)]
    assert all(0.0 <= low <= middle <= high <= 100.0 for low, middle, high in found)
    assert sum(high == 100.0 for _low, _middle, high in found) >= 2


def test_alike_ones_share_one_group() -> None:
    found = beside(table(dict.fromkeys("abcdefgh", 80.0)), "class_run")
    assert {group for one in found.stood for group in one.groups} == {1}
    assert found.apart == 0.0


def test_a_stricter_version_of_the_form_is_taken_out() -> None:
    old, new = table({"a": 80.0, "b": 70.0, "c": 75.0}), table({"d": 70.0, "e": 60.0, "f": 65.0}, version="2")
    stood = {one.level: one for one in beside(pa.concat_tables([old, new]), "class_run").stood}
    assert stood["a"].raw - stood["d"].raw == pytest.approx(10.0, abs=3)
    assert stood["a"].corrected - stood["d"].corrected == pytest.approx(0.0, abs=3)


def test_a_version_for_each_class_run_leaves_nothing_to_compare() -> None:
    """Six raw means from 84.0 to 87.5, and one corrected mean for all of them: that would not say that they are alike."""
    parts = [table({str(n): 84.0 + 0.7 * n}, version=str(n)) for n in range(6)]
    with pytest.raises(DesignError) as caught:
        beside(pa.concat_tables(parts), "class_run")
    assert [one.code for one in caught.value.faults] == [Wrong.DEPENDENT_TERM]
    shared = pa.concat_tables([*parts, table({"x": 80.0, "y": 90.0}, version="3")])
    assert len(beside(shared, "class_run").stood) == 8


def test_one_class_run_is_compared_with_nothing() -> None:
    with pytest.raises(RankingError) as caught:
        beside(table({"a": 80.0}), "class_run")
    assert caught.value.code is FaultCode.ONE_LEVEL


def test_a_better_year_is_told_and_an_equal_one_is_not() -> None:
    last = table({name: 70.0 + place for place, name in enumerate("abcde")}, year="2025")
    better = table({name: 80.0 + place for place, name in enumerate("fghij")})
    alike = table({name: 70.5 + place for place, name in enumerate("fghij")})
    told, untold = change(pa.concat_tables([last, better])), change(pa.concat_tables([last, alike]))
    assert told is not None
    assert told.is_told
    assert told.more == pytest.approx(10.0, abs=2)
    assert (told.runs, told.sheets) == ((5, 5), (150, 150))
    assert untold is not None
    assert not untold.is_told


def test_a_form_that_changed_with_the_year_tells_nothing() -> None:
    last = table({"a": 70.0, "b": 71.0}, year="2025")
    found = change(pa.concat_tables([last, table({"c": 80.0, "d": 81.0}, version="2")]))
    assert found is not None
    assert found.confounded
    assert found.more is None
    assert not found.is_told


@pytest.mark.parametrize("score", [84.0, 66.67, 91.3, 10 / 3])
@pytest.mark.parametrize("sheets", [5, 7, 30])
def test_two_years_of_one_and_the_same_score_differ_by_nothing(score: float, sheets: int) -> None:
    """What adding up leaves open beyond the fourteenth digit is no better year and no worse one."""
    last = table(dict.fromkeys("abc", score), sheets, spread=0.0, year="2025")
    found = change(pa.concat_tables([last, table(dict.fromkeys("de", score), sheets, spread=0.0)]))
    assert found is not None
    assert (found.more, found.low, found.high) == (0.0, None, None)
    assert not found.is_told


def test_one_year_or_two_class_runs_are_no_comparison() -> None:
    assert change(table({"a": 70.0, "b": 80.0})) is None
    assert change(pa.concat_tables([table({"a": 70.0}, year="2025"), table({"b": 80.0})])) is None


def test_institutions_are_told_by_their_class_runs_not_by_their_sheets() -> None:
    """However many sheets: three class runs that differ by twenty points leave the mean of the institution open."""
    one = table({"a": 70.0, "b": 80.0, "c": 90.0}, sheets=300, institution="甲")
    like = table({"d": 75.0, "e": 85.0, "f": 95.0}, sheets=300, institution="乙")
    far = table({"g": 20.0, "h": 21.0, "i": 22.0}, sheets=300, institution="丙")
    found = {one.level: one for one in institutions(pa.concat_tables([one, like, far]))}
    assert found["甲"].apart == found["乙"].apart == ("丙",)
    assert found["丙"].apart == ("乙", "甲")
    low, high = found["甲"].low, found["甲"].high
    assert low is not None
    assert high is not None
    assert high - low > 40
    assert found["甲"].mean == pytest.approx(80.0, abs=1)


def test_a_single_class_run_tells_nothing_of_its_institution() -> None:
    (found,) = institutions(table({"a": 70.0}, institution="甲"))
    assert (found.low, found.runs, found.apart) == (None, 1, ())


@pytest.mark.parametrize("score", [100.0, 66.67])
def test_sheets_that_all_say_the_same_give_no_range_and_are_told_from_nothing(score: float) -> None:
    one = table({"a": score, "b": score}, spread=0.0, institution="甲")
    other = table({"c": score - 1, "d": score - 1}, spread=0.0, institution="乙")
    usual = table({"e": 20.0, "f": 21.0, "g": 22.0}, institution="丙")
    found = {one.level: one for one in institutions(pa.concat_tables([one, other, usual]))}
    assert [(found[name].low, found[name].high, found[name].apart) for name in "甲乙"] == [(None, None, ())] * 2
    assert found["丙"].low is not None
    assert found["丙"].apart == ()
