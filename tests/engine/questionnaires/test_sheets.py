"""Fields, answers, scores and means: each beside a recomputation that shares no code with it."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.engine.questionnaires.test_reading import SOUND, load
from zhixing.engine.questionnaires import (
    AnswerFault,
    Kind,
    Per,
    Wrong,
    check,
    fields_of,
    mean_of,
    read,
    score,
)

GRADES = (30, 60, 80, 100)
FORM = read(SOUND)
SUBJECTS = {Per.TEACHER: ["7", "9"]}
FIELDS = fields_of(FORM, SUBJECTS)
FULL = {"a@7": ["4"], "a@9": ["1"], "b": ["8"], "c.1": ["3"], "c.2": ["2"], "d": ["1", "2"], "e": [" 好 "]}


def test_repeats_and_rows_make_fields_in_order() -> None:
    assert [(one.name, one.number) for one in FIELDS] == [
        ("a@7", "1-1"), ("a@9", "1-2"), ("b", "2"), ("c.1", "3-1"), ("c.2", "3-2"), ("d", "4"), ("e", "5"),
    ]  # fmt: skip
    assert [one.name for one in fields_of(FORM, {})] == ["b", "c.1", "c.2", "d", "e"]


def test_a_full_sheet_is_read() -> None:
    checked = check(FIELDS, FULL)
    assert checked.faults == ()
    assert checked.answers == {"a@7": 4, "a@9": 1, "b": 8, "c.1": 3, "c.2": 2, "d": [1, 2], "e": "好"}


@pytest.mark.parametrize(
    ("name", "texts", "wrong"),
    [
        ("b", [], Wrong.MISSING), ("b", [" "], Wrong.MISSING), ("b", ["0"], Wrong.NOT_OFFERED), ("b", ["11"], Wrong.NOT_OFFERED),
        ("b", ["²"], Wrong.NOT_OFFERED), ("b", ["9" * 5000], Wrong.NOT_OFFERED), ("b", ["-1"], Wrong.NOT_OFFERED),
        ("b", ["1", "2"], Wrong.ONLY_ONE), ("a@7", ["5"], Wrong.NOT_OFFERED), ("d", ["3"], Wrong.NOT_OFFERED),
        ("e", ["长" * 101], Wrong.TOO_LONG), ("c.2", [], Wrong.MISSING),
    ],
)  # fmt: skip
def test_each_wrong_answer_is_told_and_the_others_stand(name: str, texts: list[str], wrong: Wrong) -> None:
    checked = check(FIELDS, {**FULL, name: texts})
    assert checked.faults == (AnswerFault(name, wrong),)
    assert checked.answers.keys() == FULL.keys() - {name}


def test_on_paper_blanks_are_no_fault_and_unknown_names_are_not_looked_at() -> None:
    checked = check(FIELDS, {"b": ["3"], "a@8": ["4"], "zz": ["1"]}, complete=False)
    assert (checked.answers, checked.faults) == ({"b": 3}, ())


def test_a_score_by_hand() -> None:
    """Block 1: item a of 1 point at (100 + 30) / 2 = 65 %, b of 15 points at 80 %; block 2: rows at 80 and 60 %."""
    answers = check(FIELDS, FULL).answers
    found = score(FORM, FIELDS, answers, GRADES)
    first = Fraction(65 * 1 + 80 * 15, 16)
    assert found.blocks == (round(first * 100), 7000)
    assert found.total == math.floor((first * 60 + 70 * 40) / 100 * 100 + Fraction(1, 2))


def test_a_course_of_eight_tens_is_worth_a_hundred_and_points_weigh() -> None:
    form = load("course")
    fields = fields_of(form, {})
    best = {field.name: 10 for field in fields}
    assert score(form, fields, best, GRADES).total == 10_000
    assert score(form, fields, {**best, "clear": 8}, GRADES).total == 9_700  # 12 of 15 points


def test_nothing_answered_has_no_score() -> None:
    assert score(FORM, FIELDS, {"d": [1], "e": "好"}, GRADES) == score(FORM, FIELDS, {}, GRADES)
    assert score(FORM, FIELDS, {}, GRADES).total is None


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """Sound documents of marked items with random weights and points."""
    cut = draw(st.integers(1, 99))
    blocks = []
    for place, weight in enumerate((cut, 100 - cut)):
        items = []
        for n in range(draw(st.integers(1, 4))):
            item: dict[str, Any] = {"code": f"q{place}_{n}", "text": "问", "points": draw(st.integers(1, 20))}
            kind = draw(st.sampled_from(["grades", "scale", "matrix"]))
            item |= {"kind": kind, "per": draw(st.sampled_from(["form", "session"]))}
            if kind == "scale":
                item["top"] = draw(st.integers(2, 10))
            if kind == "matrix":
                item["rows"] = ["甲", "乙", "丙"][: draw(st.integers(1, 3))]
            items.append(item)
        blocks.append({"title": "块", "weight": weight, "item": items})
    return {"form": {"title": "问卷", "subject": "class_run"}, "block": blocks}


def by_hand(document: dict[str, Any], answers: dict[str, int]) -> float | None:
    """The total in floating point, from the document itself."""
    total = weights = 0.0
    for block in document["block"]:
        points = worth = 0.0
        for item in block["item"]:
            own = [value for name, value in answers.items() if name.split("@")[0].split(".")[0] == item["code"]]
            if own:
                top = item.get("top", 4)
                shares = [GRADES[v - 1] / 100 if item["kind"] != "scale" else v / top for v in own]
                points += item["points"]
                worth += item["points"] * sum(shares) / len(shares)
        if points:
            weights += block["weight"]
            total += block["weight"] * worth / points
    return 100 * total / weights if weights else None


@given(forms(), st.data())
def test_scores_equal_a_recomputation_from_the_document(document: dict[str, Any], data: st.DataObject) -> None:
    form = read(document)
    fields = fields_of(form, {Per.SESSION: ["1", "2"]})
    answers = {
        field.name: data.draw(st.integers(1, field.item.top)) for field in fields if data.draw(st.integers(0, 3)) > 0
    }
    expected, found = by_hand(document, answers), score(form, fields, answers, GRADES).total
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert abs(found / 100 - expected) <= 0.00501


@given(st.dictionaries(st.sampled_from([f.name for f in FIELDS]), st.lists(st.text(max_size=4), max_size=3)))
def test_what_is_read_is_always_an_answer_that_was_offered(given_texts: dict[str, list[str]]) -> None:
    checked = check(FIELDS, given_texts, complete=False)
    for field in FIELDS:
        answer = checked.answers.get(field.name)
        if isinstance(answer, int):
            assert 1 <= answer <= (field.item.top or len(field.item.options))
        elif isinstance(answer, list):
            assert field.item.kind is Kind.CHOICE
            assert answer == sorted(set(answer))
    assert not checked.answers.keys() & {fault.name for fault in checked.faults}


@given(st.lists(st.floats(0, 100), min_size=2, max_size=60))
def test_intervals_are_students(values: list[float]) -> None:
    found = mean_of(values)
    assert found is not None
    assert found.mean == pytest.approx(statistics.fmean(values), abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert -1e-9 <= found.low <= found.mean + 1e-6
    assert found.mean - 1e-6 <= found.high <= 100 + 1e-9
    if statistics.pvariance(values) > 1e-12:
        low, high = stats.t.interval(0.95, len(values) - 1, found.mean, stats.sem(values))
        assert found.low == pytest.approx(max(0, low), abs=1e-6)
        assert found.high == pytest.approx(min(100, high), abs=1e-6)


def test_one_value_has_no_interval_and_none_no_mean() -> None:
    assert mean_of([]) is None
    one = mean_of([80.0])
    assert one is not None
    assert (one.low, one.high) == (None, None)


def test_where_all_agree_the_interval_is_wilsons() -> None:
    found = mean_of([100.0] * 8)
    expected = stats.binomtest(8, 8).proportion_ci(0.95, method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((100 * expected.low, 100 * expected.high))
