"""Computing only who was touched gives the same rows as computing everyone."""

from __future__ import annotations

import datetime as dt

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.obligations import populations
from tests.engine.obligations.ledgers import credit, day, person, policy, tables
from zhixing.engine.obligations.bulk import bulk
from zhixing.engine.obligations.inputs import InputError, Inputs
from zhixing.engine.obligations.standing import PersonFacts
from zhixing.engine.obligations.touched import of_persons
from zhixing.engine.policies import Policy


def computed(inputs: Inputs, of: Policy, on: dt.date, known_on: dt.datetime | None = None) -> list[dict[str, object]]:
    table = bulk(inputs.people, inputs.postings, inputs.credits, inputs.exemptions, of, on, known_on, threads=1)
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


@settings(max_examples=25, deadline=None)
@given(
    people=populations.populations(),
    of=populations.policies,
    on=populations.days,
    known_on=st.one_of(st.none(), populations.moments),
    every=st.integers(2, 4),
)
def test_the_touched_get_the_rows_that_everyones_computation_gives_them(
    people: list[PersonFacts], of: Policy, on: dt.date, known_on: dt.datetime | None, every: int
) -> None:
    everyone = Inputs(**tables(people))
    touched = {facts.person_id for facts in people[::every]}
    expected = [row for row in computed(everyone, of, on, known_on) if row["person_id"] in touched]
    assert computed(of_persons(everyone, touched), of, on, known_on) == expected


def test_an_entry_that_somebody_else_cancels_stays_cancelled() -> None:
    people = [
        person(credit(1, "2026-03-01", 100), person_id=1),
        person(credit(2, "2026-03-01", 100, reverses=1), person_id=2),
    ]
    few = of_persons(Inputs(**tables(people)), [1])
    assert [row["counted_tenths"] for row in computed(few, policy(), day("2026-06-30"))] == [0]
    assert pc.sum(few.credits.column("entry_id")).as_py() == 3


def test_nobody_touched_and_no_exemptions_give_no_rows() -> None:
    held = tables([person()])
    del held["exemptions"]
    assert computed(of_persons(Inputs(**held), []), policy(), day("2026-06-30")) == []


def test_what_bulk_refuses_is_refused_here_too() -> None:
    held = tables([person()])
    held["people"] = held["people"].drop_columns(["joined_on"])
    with pytest.raises(InputError):
        of_persons(Inputs(**held), [7])
