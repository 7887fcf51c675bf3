"""A need weighs what its findings say, no more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.needs.weights import WHOLE, Finding, weigh

findings = st.lists(
    st.builds(Finding, st.sampled_from("abc"), st.text("xyz", min_size=1), st.integers(0, 90), st.integers(-50, 300)),
    max_size=8,
)


@given(findings, st.integers(0, 80))
def test_shares_add_up_and_a_finding_taken_away_takes_its_weight(found: list[Finding], people: int) -> None:
    weight, parts = weigh(found, people)
    assert sum(part.share for part in parts) == (WHOLE if parts else 0)
    assert sum(part.weight for part in parts) == weight
    for part in parts:
        rest = list(found)
        rest.remove(part.finding)
        assert weigh(rest, people)[0] == weight - part.weight


def test_a_finding_counts_for_those_concerned_only() -> None:
    assert weigh([Finding("survey", "1", 50, 100)], 20)[0] == 2_000
    assert weigh([Finding("survey", "1", 50, -100)], 20) == (0, [])
