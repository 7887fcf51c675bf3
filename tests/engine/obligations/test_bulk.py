"""The bulk computation equals the one-person reference in every column, whatever the facts and their order."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.obligations import populations
from tests.engine.obligations.ledgers import (
    COUNTY,
    credit,
    day,
    exemption,
    person,
    policy,
    posting,
    rows_of,
    rule,
    tables,
)
from zhixing.config.cli.bench import ledgers
from zhixing.engine.obligations import places
from zhixing.engine.obligations.bulk import STEPS, bulk, bulk_to_parquet
from zhixing.engine.obligations.facts import Credit, PersonFacts
from zhixing.engine.obligations.inputs import Fault, InputError, Inputs
from zhixing.engine.obligations.result import STANDINGS
from zhixing.engine.obligations.standing import standings
from zhixing.engine.policies import Policy, parse

known_moments = st.one_of(st.none(), populations.moments)


def expected(people: list[PersonFacts], of: Policy, on: dt.date, known_on: dt.datetime | None) -> list[dict[str, Any]]:
    ordered = sorted(populations.with_foreign_reversals(people), key=lambda facts: facts.person_id)
    return [row for facts in ordered for row in rows_of(facts.person_id, standings(facts, of, on, known_on))]


@settings(max_examples=120, deadline=None)
@given(people=populations.populations(), of=populations.policies, on=populations.days, known_on=known_moments)
def test_the_bulk_result_equals_the_reference_in_every_column(
    people: list[PersonFacts], of: Policy, on: dt.date, known_on: dt.datetime | None
) -> None:
    table = bulk(**tables(people), policy=of, on=on, known_on=known_on, threads=1)
    assert table.to_pylist() == expected(people, of, on, known_on)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    people=populations.populations(),
    of=populations.policies,
    on=populations.days,
    known_on=known_moments,
    seed=st.integers(0, 9),
)
def test_the_order_of_input_rows_changes_nothing(
    people: list[PersonFacts], of: Policy, on: dt.date, known_on: dt.datetime | None, seed: int
) -> None:
    held = tables(people)
    shuffled = {name: table.take(_permutation(table.num_rows, seed)) for name, table in held.items()}
    assert bulk(**shuffled, policy=of, on=on, known_on=known_on) == bulk(**held, policy=of, on=on, known_on=known_on)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    before=populations.populations(),
    late=st.lists(st.tuples(st.integers(0, 4), populations.credits(900, 12)), max_size=4),
    of=populations.policies,
    on=populations.days,
)
def test_computing_only_who_was_touched_equals_computing_everyone(
    before: list[PersonFacts], late: list[tuple[int, Credit]], of: Policy, on: dt.date
) -> None:
    """Late entries and reversals arrive; whoever owns one, or an entry that one reverses, is computed anew, the others keep their rows."""
    booked = [(n, replace(one, entry_id=900 + i)) for i, (n, one) in enumerate(late) if n < len(before)]
    after = [
        replace(facts, credits=facts.credits + tuple(one for owner, one in booked if owner == n))
        for n, facts in enumerate(before)
    ]
    reversed_ids = {one.reverses for _owner, one in booked}
    touched = [
        facts
        for n, facts in enumerate(after)
        if any(owner == n for owner, _one in booked) or reversed_ids & {c.entry_id for c in facts.credits}
    ]
    ids = [facts.person_id for facts in touched]
    held = tables(after)
    own = {name: table.filter(pc.is_in(table["person_id"], pa.array(ids, pa.int64()))) for name, table in held.items()}
    is_own = pc.is_in(held["credits"]["person_id"], pa.array(ids, pa.int64()))
    own["credits"] = held["credits"].filter(pc.or_(is_own, pc.is_valid(held["credits"]["reverses"])))
    kept = bulk(**tables(before), policy=of, on=on, threads=1)
    kept = kept.filter(pc.invert(pc.is_in(kept["person_id"], pa.array(ids, pa.int64()))))
    spliced = pa.concat_tables([kept, bulk(**own, policy=of, on=on, threads=1)])
    spliced = spliced.sort_by([("person_id", "ascending"), ("rule", "ascending")])
    assert spliced == bulk(**held, policy=of, on=on, threads=1)


def _permutation(length: int, seed: int) -> pa.Array:
    order = list(range(length))
    Random(seed).shuffle(order)
    return pa.array(order, pa.int64())


def test_a_reversal_booked_under_somebody_else_reverses_all_the_same() -> None:
    people = [
        person(credit(1, "2026-03-01", 100), person_id=1),
        person(credit(2, "2026-03-01", 100, reverses=1), person_id=2),
    ]
    table = bulk(**tables(people), policy=policy(), on=day("2026-06-30"))
    assert table.column("counted_tenths").to_pylist() == [0, 0]
    assert table.to_pylist() == expected(people, policy(), day("2026-06-30"), None)


@pytest.fixture
def a_town() -> list[PersonFacts]:
    """Three thousand people, enough for more than one vector of the database in every table."""
    return [
        person(
            posting(rank=COUNTY if n % 7 == 0 else "乡科级正职"),
            credit(2 * n, f"2026-0{n % 9 + 1}-11", 10 * (n % 90)),
            credit(2 * n + 1, f"2026-0{n % 8 + 1}-12", 300, "study_group"),
            exemption("2026-02-01", f"2026-0{n % 5 + 3}-01"),
            person_id=(n * 7919) % 3001,
        )
        for n in range(3000)
    ]


def _stored(people: list[PersonFacts], folder: Path) -> Inputs:
    for name, table in tables(people).items():
        pq.write_table(table, folder / f"{name}.parquet")
    return Inputs(*(folder / f"{name}.parquet" for name in ("people", "postings", "credits", "exemptions")))


def test_the_same_facts_give_the_same_bytes_in_whatever_order_and_with_however_many_threads(
    a_town: list[PersonFacts], tmp_path: Path
) -> None:
    (tmp_path / "shuffled").mkdir()
    other_way_round = Random(4).sample(a_town, len(a_town))
    results = []
    for inputs, threads in ((_stored(a_town, tmp_path), 2), (_stored(other_way_round, tmp_path / "shuffled"), 1)):
        out = tmp_path / f"standings-{threads}.parquet"
        bulk_to_parquet(inputs, policy(), day("2026-06-30"), None, out, threads=threads)
        results.append(out.read_bytes())
    assert results[0] == results[1]


def test_from_parquet_to_parquet_is_the_same_as_from_arrow_to_arrow(a_town: list[PersonFacts], tmp_path: Path) -> None:
    heard: list[str] = []
    out = tmp_path / "standings.parquet"
    written = bulk_to_parquet(_stored(a_town, tmp_path), policy(), day("2026-06-30"), None, out, on_step=heard.append)
    table = pq.read_table(out)
    assert table == bulk(**tables(a_town), policy=policy(), on=day("2026-06-30"))
    assert written.rows == table.num_rows == sum(n % 7 != 0 for n in range(3000))
    assert [(doubt.fault, doubt.value, doubt.more) for doubt in written.doubts] == [
        (Fault.RANK_WITHOUT_RULE, COUNTY, 428)
    ]
    assert tuple(heard) == STEPS


def test_the_result_has_the_columns_of_the_contract_and_is_sorted(a_town: list[PersonFacts]) -> None:
    both = policy(rule("b"), rule("a", ranks=("乡科级正职", COUNTY)))
    table = bulk(**tables(a_town), policy=both, on=day("2026-06-30"))
    assert table.schema == STANDINGS
    keys = [(row["person_id"], row["rule"]) for row in table.select(["person_id", "rule"]).to_pylist()]
    assert keys == sorted(keys)


def test_more_than_the_memory_holds_is_spilled_beside_the_result_and_cleared_away(
    a_town: list[PersonFacts], tmp_path: Path
) -> None:
    inputs = _stored(a_town, tmp_path)
    (tmp_path / "out").mkdir()
    during: list[int] = []
    bulk_to_parquet(
        inputs,
        policy(),
        day("2026-06-30"),
        None,
        tmp_path / "out" / "standings.parquet",
        on_step=lambda step: during.append(len(list((tmp_path / "out").glob(".zhixing-*")))),
    )
    assert set(during) == {1}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["standings.parquet"]


def test_a_file_name_full_of_wildcards_is_a_file_name(tmp_path: Path) -> None:
    folder = tmp_path / "学时[1]*?"
    folder.mkdir()
    bulk_to_parquet(_stored([person()], folder), policy(), day("2026-06-30"), None, tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 1


def test_no_exemptions_at_all_need_no_table() -> None:
    held = tables([person()])
    del held["exemptions"]
    assert bulk(**held, exemptions=None, policy=policy(), on=day("2026-06-30")).num_rows == 1


def test_other_arrow_types_of_the_same_meaning_are_read() -> None:
    held = tables([person(credit(1, "2026-03-01", 100), credit(2, "2026-03-01", 50, recorded_at="2026-09-01"))])
    credits = held["credits"]
    other_types = {
        "entry_id": pa.int32(),
        "tenths": pa.int64(),
        "channel": pa.dictionary(pa.int32(), pa.string()),
        "recorded_at": pa.timestamp("ns"),
        "earned_on": pa.date64(),
        "reverses": pa.null(),
    }
    for name, kind in other_types.items():
        index = credits.schema.get_field_index(name)
        column = pa.nulls(credits.num_rows) if kind == pa.null() else credits.column(name).cast(kind)
        credits = credits.set_column(index, name, column)
    held["credits"] = credits
    held["postings"] = held["postings"].set_column(2, "rank", held["postings"].column("rank").cast(pa.large_string()))
    table = bulk(**held, policy=policy(), on=day("2026-06-30"), known_on=dt.datetime.fromisoformat("2026-08-01"))
    assert table.column("counted_tenths").to_pylist() == [100]


def test_hours_that_no_int32_holds_are_refused_with_the_person() -> None:
    most = 2**31 - 1
    facts = person(credit(1, "2026-03-01", most), credit(2, "2026-03-02", 1), person_id=41)
    with pytest.raises(InputError) as refused:
        bulk(**tables([facts, person()]), policy=policy(), on=day("2026-06-30"))
    assert [(p.fault, p.value) for p in refused.value.problems] == [(Fault.SUM_TOO_LARGE, "41")]


@pytest.mark.slow
def test_a_computation_that_must_spill_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so does the one that counts no hours by column: joins of all entries are what must spill."""
    inputs = ledgers.make(tmp_path, 150_000)
    asked = (parse(ledgers.POLICY), day(ledgers.ON), None)
    (tmp_path / "out").mkdir()
    spilled: list[int] = []

    def weigh(_step: str) -> None:
        spilled.append(sum(f.stat().st_size for f in (tmp_path / "out").glob(".zhixing-*/**/*") if f.is_file()))

    bulk_to_parquet(inputs, *asked, tmp_path / "roomy.parquet")
    monkeypatch.setattr(places, "CELLS_MOST", 0)
    bulk_to_parquet(inputs, *asked, tmp_path / "out" / "tight.parquet", threads=1, memory_limit="70MB", on_step=weigh)
    assert max(spilled) > 0
    assert (tmp_path / "out" / "tight.parquet").read_bytes() == (tmp_path / "roomy.parquet").read_bytes()
