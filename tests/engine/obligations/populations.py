"""Random policies and small populations with every twist of the contract, for properties."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import strategies as st

from zhixing.engine.obligations.facts import Credit, Exemption, PersonFacts, Posting
from zhixing.engine.policies import Carry, Channel, Exempt, Minimum, Policy, Rule, WindowKind

CODES = ("a", "b", "乙")
RANKS = ("乡科级正职", "县处级副职", "试用期")
EDGES = [
    dt.date.fromisoformat(text)
    for text in ("2020-02-29", "2023-01-01", "2023-12-31", "2024-02-28", "2024-02-29", "2024-03-01", "2024-12-31")
]
FIRST, LAST = dt.date(2018, 1, 1), dt.date(2029, 12, 31)

days = st.one_of(st.sampled_from(EDGES), st.dates(dt.date(2022, 6, 1), dt.date(2025, 6, 30)), st.dates(FIRST, LAST))
lengths = st.one_of(st.integers(0, 40), st.integers(0, 2000))
moments = st.builds(dt.datetime.combine, days, st.sampled_from([dt.time(), dt.time(12), dt.time(12, 0, 1)]))
tenths = st.one_of(st.integers(0, 1200), st.integers(0, 2**31 - 1))


CONTENTS = ("theory", "party_spirit", "")
channels = st.lists(st.sampled_from(Channel), min_size=1, unique=True).map(tuple)
some_contents = st.lists(st.sampled_from(CONTENTS[:2]), max_size=2, unique=True).map(tuple)


@st.composite
def minimums(draw: st.DrawFn, among: tuple[Channel, ...]) -> Minimum:
    counts_share = draw(st.booleans())
    return Minimum(
        channels=tuple(draw(st.lists(st.sampled_from(among), min_size=1, unique=True))),
        contents=draw(some_contents),
        tenths=None if counts_share else draw(tenths),
        share=draw(st.integers(1, 99)) if counts_share else 0,
        of_counted=counts_share and draw(st.booleans()),
    )


@st.composite
def carries(draw: st.DrawFn, among: tuple[Channel, ...]) -> Carry:
    own = tuple(draw(st.lists(st.sampled_from(among), min_size=1, unique=True)))
    return Carry(draw(st.integers(0, 900)), own, draw(some_contents))


@st.composite
def clauses(draw: st.DrawFn, ranks: tuple[str, ...]) -> Exempt:
    why = draw(st.sampled_from(["由规则免训", "另有安排"]))
    return draw(
        st.one_of(
            st.just(Exempt(why, leaving=True)),
            st.integers(1, 400).map(lambda days: Exempt(why, joined_last_days=days)),
            st.sampled_from(ranks).map(lambda rank: Exempt(why, ranks=(rank,))),
        )
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    own = draw(channels)
    ranks = tuple(draw(st.lists(st.sampled_from(RANKS[:2]), min_size=1, unique=True)))
    window = draw(st.sampled_from(WindowKind))
    follows = window in (WindowKind.YEAR, WindowKind.FIVE_YEARS)
    return Rule(
        code=draw(st.sampled_from(CODES)),
        ranks=ranks,
        window=window,
        tenths=draw(tenths),
        channels=own,
        caps=draw(st.dictionaries(st.sampled_from(own), st.integers(0, 900))),
        prorate_join=draw(st.booleans()),
        block_start=draw(st.integers(2018, 2030)),
        window_days=draw(st.integers(0 if window == WindowKind.AFTER_PROMOTION else 1, 800)),
        before_days=draw(st.sampled_from([0, 30])) if window == WindowKind.AFTER_APPOINTMENT else 0,
        since=draw(st.one_of(st.none(), st.none(), days)),
        minimums=tuple(draw(st.lists(minimums(own), max_size=2))),
        carry=draw(st.one_of(st.none(), carries(own))) if follows else None,
        exempt=tuple(draw(st.one_of(st.just([]), st.lists(clauses(ranks), max_size=2)))),
    )


policies = st.lists(rules(), min_size=1, max_size=5).map(lambda held: Policy("p", FIRST, "", tuple(held), ""))


@st.composite
def intervals(draw: st.DrawFn) -> tuple[dt.date, dt.date]:
    from_on = draw(days)
    return from_on, from_on + dt.timedelta(days=draw(lengths))


@st.composite
def postings(draw: st.DrawFn) -> Posting:
    from_on, to_on = draw(intervals())
    return Posting(
        unit_id=draw(st.integers(1, 3)),
        rank=draw(st.sampled_from(RANKS)),
        from_on=from_on,
        to_on=draw(st.sampled_from([None, None, to_on])),
        is_principal=draw(st.sampled_from([True, True, False])),
        promoted=draw(st.booleans()),
    )


@st.composite
def exemptions(draw: st.DrawFn) -> Exemption:
    from_on, to_on = draw(intervals())
    return Exemption(draw(st.sampled_from(CODES)), from_on, to_on, draw(moments))


@st.composite
def credits(draw: st.DrawFn, entry_id: int, entries: int) -> Credit:
    """An entry that may reverse any entry of the whole ledger, itself or one that does not exist."""
    return Credit(
        entry_id=entry_id,
        earned_on=draw(days),
        tenths=draw(st.integers(0, 1200)),
        channel=draw(st.sampled_from(Channel)),
        recorded_at=draw(moments),
        reverses=draw(st.one_of(st.none(), st.none(), st.integers(0, entries))),
        content=draw(st.sampled_from(CONTENTS)),
    )


@st.composite
def populations(draw: st.DrawFn) -> list[PersonFacts]:
    """Up to five people. Credits are each one's own rows of the ledger: see ``with_foreign_reversals``."""
    people = []
    entries = draw(st.integers(0, 12))
    owners = [draw(st.integers(0, 4)) for _ in range(entries)]
    for index in range(draw(st.integers(0, 5))):
        joined_on = draw(st.one_of(st.just(FIRST), days))
        people.append(
            PersonFacts(
                person_id=draw(st.integers(0, 2**40)) * 5 + index,
                joined_on=joined_on,
                left_on=draw(
                    st.one_of(st.none(), st.none(), lengths.map(lambda n, on=joined_on: on + dt.timedelta(n)))
                ),
                postings=tuple(draw(st.lists(postings(), max_size=4))),
                credits=tuple(draw(credits(n, entries)) for n, owner in enumerate(owners) if owner == index),
                exemptions=tuple(draw(st.lists(exemptions(), max_size=4))),
            )
        )
    return people


def with_foreign_reversals(people: list[PersonFacts]) -> list[PersonFacts]:
    """The facts as the reference wants them: with the entries of others that reverse one's own."""
    reversals = [credit for facts in people for credit in facts.credits if credit.reverses is not None]
    return [
        replace(facts, credits=facts.credits + tuple(r for r in reversals if r not in facts.credits))
        for facts in people
    ]
