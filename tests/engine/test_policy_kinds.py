"""Each shipped file of rules is known by its tables, sound or broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhixing.engine.policies.kinds import Kind, kind_of

POLICIES = Path(__file__).parents[2] / "policies"
FILES = {
    "national-2023": Kind.HOURS,
    "leave": Kind.LEAVE,
    "evaluation": Kind.EVALUATION,
    "needs": Kind.NEEDS,
    "holidays": Kind.HOLIDAYS,
    "plan": Kind.PLAN,
}


def test_no_file_of_rules_is_forgotten() -> None:
    assert {path.stem for path in POLICIES.glob("*.toml")} == FILES.keys()
    assert set(FILES.values()) == {*Kind}


@pytest.mark.parametrize(("name", "kind"), FILES.items())
def test_a_file_is_known_by_its_tables_even_when_it_is_broken(name: str, kind: Kind) -> None:
    text = (POLICIES / f"{name}.toml").read_text(encoding="utf-8")
    assert kind_of(text) is kind
    assert kind_of("\ufeff" + text) is kind
    assert kind_of(text + "\n[broken") is kind


def test_a_text_without_known_tables_is_taken_for_a_policy() -> None:
    assert kind_of("") is kind_of("no TOML at all") is kind_of("[police]") is Kind.HOURS
