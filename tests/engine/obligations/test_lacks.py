"""What an overdue duty lacks: in bulk as by the reference, and one more training leaves what the engine would leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.obligations import populations
from tests.engine.obligations.ledgers import SECTION, credit, day, moment, person, policy, rule, tables
from zhixing.engine.obligations.bulk import bulk_lacks
from zhixing.engine.obligations.facts import Credit, PersonFacts
from zhixing.engine.obligations.inputs import Inputs
from zhixing.engine.obligations.lacks import Lack, Training, after, lacks, missing_after
from zhixing.engine.obligations.standing import standings
from zhixing.engine.policies import Channel, Policy, Rule, WindowKind

YEAR_END = day("2026-12-31")


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(people=populations.populations(), of=populations.policies, on=populations.days)
def test_in_bulk_as_by_the_reference(people: list[PersonFacts], of: Policy, on: dt.date) -> None:
    one_by_one = [
        lack
        for facts in sorted(populations.with_foreign_reversals(people), key=lambda facts: facts.person_id)
        for lack in sorted(lacks(facts, of, on), key=lambda lack: lack.rule)
    ]
    assert bulk_lacks(Inputs(**tables(people)), of, on, threads=1) == one_by_one


@settings(max_examples=300, deadline=None)
@given(
    ledger=st.lists(populations.credits(0, 0), max_size=6),
    drawn=populations.rules(),
    owed=st.integers(600, 3000),
    channel=st.sampled_from(list(Channel)),
    content=st.sampled_from(populations.CONTENTS),
    tenths=st.integers(0, 900),
)
def test_one_more_training_leaves_what_the_engine_would_leave(
    ledger: list[Credit], drawn: Rule, owed: int, channel: Channel, content: str, tenths: int
) -> None:
    on = populations.EDGES[-1]
    own = [replace(one, entry_id=n, reverses=None, earned_on=on.replace(day=n + 1)) for n, one in enumerate(ledger)]
    facts = person(*own)
    held = replace(drawn, window=WindowKind.YEAR, ranks=(SECTION,), tenths=owed, exempt=())
    found = list(lacks(facts, policy(held), on))
    assume(found)
    more = person(*own, Credit(99, on, tenths, channel, moment("2020-01-01"), None, content))
    (engine,) = standings(more, policy(held), on)
    left = after(found[0], held, Training(channel, content, tenths, on, on))
    assert missing_after(found[0], held, Training(channel, content, tenths, on, on)) == left.missing_tenths
    assert left.counted_tenths == engine.counted_tenths
    if channel in held.caps:
        assert left.missing_tenths >= engine.missing_tenths
    else:
        assert left.missing_tenths == engine.missing_tenths


def _only(facts: PersonFacts, of: Policy) -> Lack:
    (lack,) = lacks(facts, of, YEAR_END)
    return lack


@pytest.mark.parametrize(
    ("training", "missing"),
    [
        (Training("offjob", "", 300, day("2026-12-01"), day("2026-12-05")), 300),
        (Training("offjob", "", 700, day("2026-12-01"), day("2026-12-05")), 0),
        (Training("online", "", 700, day("2026-12-01"), day("2026-12-05")), 600),  # not a channel of the rule
        (Training("offjob", "", 700, day("2026-12-30"), day("2027-01-02")), 600),  # not over when the window closes
        (Training("study_group", "", 700, day("2026-12-01"), day("2026-12-05")), 460),  # 10 of the cap's 24 are used
    ],
)
def test_only_what_counts_makes_up_for_what_is_missing(training: Training, missing: int) -> None:
    facts = person(credit(1, "2026-03-01", 200), credit(2, "2026-03-02", 100, "study_group"))
    of = policy(rule(caps={Channel.STUDY_GROUP: 240}))
    assert after(_only(facts, of), of.rules[0], training).missing_tenths == missing
    if training.channel != "study_group":
        uncapped = policy(rule())
        lack = _only(facts, uncapped)
        assert missing_after(lack, uncapped.rules[0], training) == missing
