"""A problem is read strictly: what is wrong is told all at once, with its place; what was written is read back the same."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.engine.plan.problems import RULES, problem, tiny
from zhixing.engine.plan.faults import Fault, PlanError
from zhixing.engine.plan.problem import PlanProblem, as_document
from zhixing.engine.plan.reading import loads, read
from zhixing.engine.plan.rules_reading import parse_rules

RULES_FILE = Path(__file__).parents[3] / "policies" / "plan.toml"


def faults(document: object) -> dict[str, Fault]:
    with pytest.raises(PlanError) as error:
        read(document)
    return {one.place: one.fault for one in error.value.faults}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document of a good problem with one place changed; ``…`` as a value takes it out."""
    document: dict[str, Any] = copy.deepcopy(as_document(problem()))
    at: Any = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


@settings(max_examples=30, deadline=None)
@given(tiny())
def test_what_is_written_is_read_back(one: PlanProblem) -> None:
    again = read(json.loads(json.dumps(as_document(one), ensure_ascii=False)))
    assert again == one
    assert again.digest() == one.digest()


def test_the_digest_knows_every_number() -> None:
    assert read(changed("money", 1)).digest() != problem().digest()


@pytest.mark.parametrize(
    ("path", "value", "place", "fault"),
    [
        ("money", 1000000.5, "money", Fault.MONEY_DECIMAL),
        ("money", -1, "money", Fault.MONEY_NEGATIVE),
        ("money", 10**13, "money", Fault.MONEY_ABSURD),
        ("money", "一百万", "money", Fault.BAD_TYPE),
        ("programmes.0.person_day_cents", 550, "programmes[1].person_day_cents", Fault.MONEY_IN_YUAN),
        ("institutions.0.rate_cents", 300, "institutions[1].rate_cents", Fault.MONEY_IN_YUAN),
        ("groups.0.people", 0, "groups[1].people", Fault.NOBODY),
        ("needs.0.people", 0, "needs[1].people", Fault.NOBODY),
        ("needs.0.people", 11, "needs[1].people", Fault.MORE_THAN_GROUP),
        ("needs.0.group", "h", "needs[1].group", Fault.UNKNOWN_REFERENCE),
        ("needs.0.weight", 46, "needs[1].weight", Fault.WEIGHT_DIFFERS),
        ("needs.0.evidence", [], "needs[1].evidence", Fault.NO_EVIDENCE),
        ("needs", [], "needs", Fault.NO_NEEDS),
        ("institutions", [], "institutions", Fault.NO_INSTITUTIONS),
        ("programmes", [], "programmes", Fault.NO_PROGRAMMES),
        ("terms", [], "terms", Fault.NO_TERMS),
        ("year", 27, "year", Fault.OUT_OF_RANGE),
        ("decided_on", "12月1日", "decided_on", Fault.BAD_DATE),
        ("decided_on", ..., "decided_on", Fault.MISSING_KEY),
        ("holidays", ["2027-02-30"], "holidays.day", Fault.BAD_DATE),
        ("terms.0.ends_on", "2027-01-01", "terms[1].ends_on", Fault.NOT_IN_ORDER),
        ("terms.0.ends_on", "2999-01-01", "terms[1].ends_on", Fault.OUT_OF_RANGE),
        ("programmes.0.kind", "主体班", "programmes[1].kind", Fault.UNKNOWN_VALUE),
        ("programmes.0.methods.lecture", 1, "programmes[1].methods", Fault.HOURS_DIFFER),
        ("programmes.0.leader_tenths", 999, "programmes[1].leader_tenths", Fault.OUT_OF_RANGE),
        ("programmes.0.size_max", 1, "programmes[1].size_max", Fault.NOT_IN_ORDER),
        ("programmes.0.runs_max", -1, "programmes[1].runs_max", Fault.OUT_OF_RANGE),
        ("programmes.0.groups", ["g", "g"], "programmes[1].groups", Fault.DUPLICATE),
        ("programmes.0.groups", ["h"], "programmes[1].groups", Fault.UNKNOWN_REFERENCE),
        ("programmes.0.covers.c", 0, "programmes[1].covers.c", Fault.OUT_OF_RANGE),
        ("programmes.0.leading", 1, "programmes[1].leading", Fault.BAD_TYPE),
        ("programmes.0.colour", "red", "programmes[1].colour", Fault.UNKNOWN_KEY),
        ("programmes.0.key", " ", "programmes[1].key", Fault.EMPTY),
        ("groups.0.fee_class", "nation", "groups[1].fee_class", Fault.UNKNOWN_REFERENCE),
        ("institutions.0.capacities.0.term", "x", "institutions[1].capacities[1].term", Fault.UNKNOWN_REFERENCE),
        ("rules.callups_max", 0, "rules.callups_max", Fault.OUT_OF_RANGE),
        ("rules.steps", [[50, 50], [100, 100]], "rules.steps", Fault.NOT_IN_ORDER),
        ("rules.steps", [[50, 50]], "rules.steps", Fault.NOT_IN_ORDER),
        ("rules.steps", 3, "rules.steps", Fault.BAD_TYPE),
        ("rules.shares.theory_share", ..., "rules.shares.theory_share", Fault.MISSING_KEY),
        ("rules.shares.other", 3, "rules.shares.other", Fault.UNKNOWN_KEY),
        ("rules.sources.callups_max", "", "rules.sources.callups_max", Fault.NO_SOURCE),
        ("rules.sources.other", "x", "rules.sources.other", Fault.UNKNOWN_KEY),
        ("rules.fees", {}, "rules.fees", Fault.EMPTY),
        ("rules", ..., "rules", Fault.BAD_TYPE),
    ],
)
def test_each_fault_is_told_with_its_place(path: str, value: Any, place: str, fault: Fault) -> None:
    found = faults(changed(path, value))
    if path == "rules":
        assert found["rules.code"] is Fault.MISSING_KEY
    else:
        assert found[place] is fault


def test_all_faults_are_told_at_once() -> None:
    document = changed("money", -1)
    document["groups"][0]["people"] = 0
    document["needs"].append(document["needs"][0])
    found = faults(document)
    assert {found["money"], found["groups[1].people"], found["needs[2].key"]} == {
        Fault.MONEY_NEGATIVE,
        Fault.NOBODY,
        Fault.DUPLICATE,
    }


@pytest.mark.parametrize("document", [None, [], 3, {}, {"needs": {}}, {"groups": [1], "needs": [[]]}])
def test_what_is_no_problem_is_refused(document: object) -> None:
    assert faults(document)


def test_what_is_no_json_or_no_toml_is_refused() -> None:
    with pytest.raises(PlanError) as error:
        loads("{")
    assert error.value.faults[0].fault is Fault.NOT_JSON
    with pytest.raises(PlanError) as error:
        parse_rules("= 3")
    assert error.value.faults[0].fault is Fault.NOT_TOML


def test_the_rules_that_come_with_the_product_are_read_and_stand_in_where_a_problem_has_none() -> None:
    rules = parse_rules(RULES_FILE.read_text(encoding="utf-8"))
    assert dict(rules.shares) == dict(RULES.shares)
    assert (rules.callups_max, rules.leading_share, rules.business_days, rules.notice_days) == (2, 20, 5, 15)
    assert read(changed("rules", ...), rules).rules == rules


def test_a_rule_without_a_source_is_refused() -> None:
    text = RULES_FILE.read_text(encoding="utf-8").replace('callups_max = "地方', 'callups_most = "地方')
    with pytest.raises(PlanError) as error:
        parse_rules(text)
    assert {(one.place, one.fault) for one in error.value.faults} == {
        ("rules.sources.callups_max", Fault.NO_SOURCE),
        ("rules.sources.callups_most", Fault.UNKNOWN_KEY),
    }
