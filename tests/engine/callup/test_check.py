"""The checker, which shares no code with the solver: it finds every violation that is planted."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.engine.callup.problems import Case, Pair
from zhixing.engine.callup import check as module
from zhixing.engine.callup.check import CheckReport, check

CASE = Case(
    classes={"A": (0, 1, 1, 2), "B": (3, 11, 0, 9), "C": (11, 15, 3, 9)},
    units={"bureau": (None, 2), "office": ("bureau", 2)},
    people={"p": "office", "q": "office", "r": "office", "s": "bureau"},
    pairs={(person, class_): 10.0 for person in "pqrs" for class_ in "ABC" if person + class_ != "sC"},
    quotas={("bureau", "A"): (2, 9), ("office", "B"): (0, 1)},
    pins={("p", "A"): True, ("q", "A"): False},
    second_callup_cost=4.0,
    short_seat_cost=100.0,
)


def judged(*pairs: str, case: Case = CASE, reasons: pa.Table | None = None, **said: Any) -> CheckReport:
    """The report on a selection; what is not said is right."""
    chosen: list[Pair] = [(pair[0], pair[1:]) for pair in pairs]
    selected = pa.table({"person_id": [person for person, _ in chosen], "class_id": [class_ for _, class_ in chosen]})
    known = [pair for pair in dict.fromkeys(chosen) if pair in case.pairs]
    objective = case.objective(known)
    claims = {"status": "feasible", "objective": objective, "bound": objective, "gap": 0.0} | said
    return check(case.tables(), case.settings(), selected, claims, reasons)


def test_a_good_selection_passes_with_its_numbers() -> None:
    report = judged("pA", "pB", "sA")
    assert report.ok
    assert report.as_dict() | {"examples": {}} == {
        "ok": True,
        "status": "feasible",
        "objective": 30.0 - 4.0 - 300.0,
        "chosen": 3,
        "people_called": 2,
        "callups_beyond_first": 1,
        "repeated_themes": 0,
        "close_callups": 0,
        "short_seats": {"classes": 3, "quotas": 0},
        "violations": {},
        "examples": {},
        "claims": {"objective_agrees": True, "bound_holds": True, "gap_agrees": True},
        "reasons": None,
        "confirmed": None,
    }


@pytest.mark.parametrize(
    ("pairs", "violations"),
    [
        (("pA", "pA"), {"row_doubled": 1}),
        (("pA", "sC"), {"not_eligible": 1}),
        (("pA", "qA"), {"pinned_out": 1}),
        (("rB",), {"pinned_in": 1}),
        (("pA", "rA", "sA"), {"class_full": 1}),
        (("pA", "pB", "rB"), {"quota_full": 1}),
        (("pA", "sB", "sA"), {}),
        (("pA", "rC", "rB"), {"shared_day": 1}),
        (("pA", "pC", "qC", "rC"), {"away_full": 2}),
    ],
)
def test_every_broken_rule_is_found(pairs: tuple[str, ...], violations: dict[str, int]) -> None:
    report = judged(*pairs)
    assert report.violations == violations
    assert report.ok == (not violations)
    assert report.examples.keys() == violations.keys()


def test_repeated_themes_and_close_callups_are_counted_and_cost() -> None:
    classes = {"A": (0, 1, 0, 9), "B": (4, 5, 0, 9), "C": (9, 10, 0, 9), "D": (20, 21, 0, 9)}
    case = Case(
        classes=classes,
        people={"p": "office", "q": "office"},
        pairs={(person, class_): 100.0 for person in "pq" for class_ in classes},
        themes={"A": "law", "B": "", "C": "law", "D": "law"},
        callups_max=4,
        repeated_theme_cost=7.0,
        close_callup_cost=11.0,
        close_days=4,
    )
    report = judged("pA", "pB", "pC", "pD", "qA", "qC", case=case)
    assert (report.repeated_themes, report.close_callups) == (3, 2)
    assert report.objective == 600.0 - 3 * 7.0 - 2 * 11.0
    assert report.ok


def test_too_many_callups_count_each_one_beyond() -> None:
    report = judged("pA", "rA", "rB", "rC", case=dataclasses.replace(CASE, callups_max=1))
    assert report.violations == {"callups_max": 2, "shared_day": 1}


def test_weeks_away_are_iso_weeks_across_the_year() -> None:
    classes = {"A": (301, 301, 0, 9), "B": (306, 306, 0, 9)}
    case = Case(
        classes=classes,
        people={"p": "office", "q": "office"},
        units={"office": (None, 1)},
        pairs={("p", "A"): 1.0, ("q", "B"): 1.0},
    )
    report = judged("pA", "qB", case=case)
    assert report.violations == {"away_full": 1}
    assert report.examples["away_full"] == [("office", "2026-W53")]


def test_an_unmet_hard_minimum_is_a_violation() -> None:
    report = judged("pA", "rA", case=dataclasses.replace(CASE, hard_minimums=True))
    assert report.violations == {"minimum_unmet": 3}


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ({"objective": -273.9}, "objective_agrees"),
        ({"objective": None}, "objective_agrees"),
        ({"objective": True}, "objective_agrees"),
        ({"bound": -275.0}, "bound_holds"),
        ({"bound": float("inf")}, "bound_holds"),
        ({"gap": 0.1}, "gap_agrees"),
    ],
)
def test_a_wrong_number_is_found(said: dict[str, Any], claim: str) -> None:
    report = judged("pA", "pB", "sA", **said)
    assert report.claims[claim] is False
    assert report.ok == (claim == "gap_agrees")


def test_infeasible_is_confirmed_by_pins_that_break_a_rule() -> None:
    broken = dataclasses.replace(CASE, pins={(person, "A"): True for person in "pqr"})
    said = {"status": "infeasible", "objective": None}
    report = check(broken.tables(), broken.settings(), None, said)
    assert (report.ok, report.confirmed, report.violations) == (True, True, {"class_full": 1, "away_full": 1})
    report = check(CASE.tables(), CASE.settings(), None, said)
    assert (report.ok, report.confirmed) == (False, False)
    hard = dataclasses.replace(CASE, hard_minimums=True)
    report = check(hard.tables(), hard.settings(), None, said)
    assert (report.ok, report.confirmed) == (True, None)


def test_unknown_comes_without_a_selection() -> None:
    assert check(CASE.tables(), CASE.settings(), None, {"status": "unknown", "objective": None}).ok
    assert not judged("pA", status="unknown").ok


def test_reasons_are_held_to_the_selection() -> None:
    rows = [
        ("p", "A", False, ""),
        ("r", "A", True, "chosen_best"),
        ("r", "A", True, "chosen_best"),
        ("s", "C", False, None),
    ]
    reasons = pa.table(
        {name: [row[k] for row in rows] for k, name in enumerate(("person_id", "class_id", "chosen", "code"))}
    )
    report = judged("pA", reasons=reasons)
    assert report.reasons == {
        "doubled": 1,
        "not_eligible": 1,
        "left_out": len(CASE.pairs) - 2,
        "said_chosen_but_not": 1,
        "chosen_but_not_said": 1,
        "without_code": 2,
    }


def test_it_imports_nothing_of_the_engine() -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(name.startswith("zhixing") for name in imported)


def test_only_a_few_examples_of_a_violation_are_kept() -> None:
    report = judged(*[f"x{n}" for n in range(module.SHOWN + 3)])
    assert report.violations == {"not_eligible": module.SHOWN + 3, "pinned_in": 1}
    assert len(report.examples["not_eligible"]) == module.SHOWN
