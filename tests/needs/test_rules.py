"""The rules of needs: what is shipped, and what is refused."""

from __future__ import annotations

import pytest

from zhixing.engine.policies.faults import PolicyError
from zhixing.needs import rules

SHIPPED = rules.rules_file().read_text(encoding="utf-8")


def test_the_shipped_rules_hold() -> None:
    found = rules.parse(SHIPPED)
    assert sum(found.weights) == 100
    assert dict(zip(rules.SOURCES, found.weights, strict=True)) == {"self": 50, "superior": 30, "unit": 20}
    assert found.told["scale"] == {"priority": 100, "problem": 100, "evidence": 100, "usual": 50}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("self = 50", "self = 60", "sources"),
        ("self = 50", "self = -1", "sources.self"),
        ("unit = 20", "", "sources.unit"),
        ("usual = 50", "usual = 0", "scale.usual"),
        ("usual = 50", "usual = 0.5", "scale.usual"),
        ("problem = 100", "problem = 100\ntimes = 3", "scale.times"),
        ('code = "needs-2027"', 'code = ""', "rules.code"),
    ],
)
def test_what_is_missing_unknown_or_impossible_is_named(old: str, new: str, place: str) -> None:
    assert old in SHIPPED
    with pytest.raises(PolicyError) as error:
        rules.parse(SHIPPED.replace(old, new))
    assert [place in str(problem) for problem in error.value.problems] == [True]
