"""Hours that are counted column by column are those of the texts and of the reference, whatever is in the ledger."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.obligations import populations
from tests.engine.obligations.ledgers import credit, day, moment, person, policy, posting, rule, tables
from tests.engine.obligations.test_bulk import expected
from zhixing.engine.obligations import bulk as engine
from zhixing.engine.obligations import entries, hours, places
from zhixing.engine.obligations.bulk import bulk
from zhixing.engine.obligations.facts import PersonFacts
from zhixing.engine.policies import Channel, Content, Minimum, Policy, WindowKind

ON = day("2026-06-30")
neighbours = populations.populations().map(
    lambda people: [replace(facts, person_id=facts.person_id % 500) for facts in people]
)
"""Keys near each other; what they are modulo five tells people apart."""


def stored(held: dict[str, pa.Table], folder: Path, *, in_order: bool = True) -> dict[str, Any]:
    """Files, the ledger in row groups of three; ``in_order``: from its beginning to its end."""
    for name, table in held.items():
        ordered = table.sort_by("entry_id") if name == "credits" and in_order else table
        pq.write_table(ordered, folder / f"{name}.parquet", row_group_size=3)
    return {name: folder / f"{name}.parquet" for name in held}


def one_way_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on whoever asks hours.sql fails."""
    ask = engine.sql
    monkeypatch.setattr(engine, "sql", lambda name: ask("no such step" if name == "hours" else name))


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(
    people=neighbours,
    of=populations.policies,
    order=st.randoms(use_true_random=False),
    on=populations.days,
    known_on=st.none() | populations.moments,
    threads=st.integers(1, 3),
    at_once=st.integers(1, 4),
)
def test_what_is_counted_equals_the_reference(
    people: list[PersonFacts],
    of: Policy,
    order: random.Random,
    on: dt.date,
    known_on: dt.datetime | None,
    threads: int,
    at_once: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    held = tables(people)
    held = {
        name: table.take(pa.array(order.sample(range(len(table)), len(table)), pa.int64()))
        for name, table in held.items()
    }
    files = stored(held, tmp_path_factory.mktemp("ledger"), in_order=order.random() < 0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entries, "ENTRIES_AT_ONCE", at_once)
        patch.setattr(hours, "AT_ONCE", at_once)
        table = bulk(**files, policy=of, on=on, known_on=known_on, threads=threads)
    assert table.to_pylist() == expected(people, of, on, known_on)


def test_a_ledger_in_order_is_not_asked_by_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = tables([person(posting(), credit(1, "2026-03-01", 40), person_id=7), person(posting(), person_id=900)])
    one_way_only(monkeypatch)
    found = bulk(**stored(held, tmp_path), policy=policy(), on=ON)
    assert found.column("counted_tenths").to_pylist() == [40, 0]
    with pytest.raises(FileNotFoundError):
        bulk(**held, policy=policy(), on=ON)


def test_what_needs_too_large_arrays_is_left_to_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cell for each key from 7 to 900, and two for all outside."""
    held = tables([person(posting(), credit(1, "2026-03-01", 40), person_id=7), person(posting(), person_id=900)])
    files = stored(held, tmp_path)
    monkeypatch.setattr(places, "CELLS_MOST", 895)
    assert bulk(**files, policy=policy(), on=ON).column("counted_tenths").to_pylist() == [40, 0]
    one_way_only(monkeypatch)
    with pytest.raises(FileNotFoundError):
        bulk(**files, policy=policy(), on=ON)
    monkeypatch.setattr(places, "CELLS_MOST", 896)
    assert bulk(**files, policy=policy(), on=ON).column("counted_tenths").to_pylist() == [40, 0]


@pytest.mark.parametrize("in_order", [True, False])
def test_what_a_rule_parts_is_counted_too(in_order: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minimum of a channel, one of a content under a cap that takes from other contents first, and entries about nothing."""
    online = Minimum(channels=(Channel.ONLINE,), contents=(), tenths=30, share=0, of_counted=False)
    theory = Minimum(
        channels=(Channel.OFFJOB, Channel.ONLINE), contents=(Content.THEORY,), tenths=60, share=0, of_counted=False
    )
    of = policy(
        rule(
            channels=(Channel.OFFJOB, Channel.ONLINE), caps={Channel.ONLINE: 25}, minimums=(online, theory), tenths=100
        )
    )
    own = [
        credit(1, "2026-03-01", 40, content="theory"),
        credit(2, "2026-03-02", 50),
        credit(3, "2026-03-03", 20, "online", content="theory"),
        credit(4, "2026-03-04", 20, "online", content="ability"),
    ]
    held = tables([person(*own)])
    held["credits"] = held["credits"].take(pa.array([2, 0, 3, 1]))
    found = bulk(**held, policy=of, on=ON)
    one_way_only(monkeypatch)
    assert bulk(**stored(held, tmp_path, in_order=in_order), policy=of, on=ON) == found
    assert found.column("missing_tenths").to_pylist() == [5]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("person_id", pa.uint32()),
        ("earned_on", pa.date64()),
        ("tenths", pa.int16()),
        ("channel", pa.large_string()),
        ("channel", pa.dictionary(pa.int8(), pa.string())),
        ("recorded_at", pa.timestamp("ns")),
        ("recorded_at", pa.timestamp("s")),
    ],
)
def test_a_column_may_be_coded_otherwise(
    column: str, kind: pa.DataType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [
        credit(1, "2026-03-01", 40, recorded_at="2026-04-01"),
        credit(2, "2026-03-01", 7, recorded_at="2026-04-02"),
        credit(3, "2026-03-01", 1, recorded_at="2026-04-03", reverses=2),
    ]
    held = tables([person(*own)])
    place = held["credits"].schema.get_field_index(column)
    held["credits"] = held["credits"].set_column(place, column, held["credits"].column(column).cast(kind))
    one_way_only(monkeypatch)
    for known_on, counted in ((None, 40), (moment("2026-04-01"), 40), (moment("2026-04-02"), 47)):
        found = bulk(**stored(held, tmp_path), policy=policy(), on=ON, known_on=known_on)
        assert found.column("counted_tenths").to_pylist() == [counted]


def test_keys_outside_of_the_people_with_duties_are_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below, between, above, and as far away as an int64 can be."""
    far = [-(2**63), 6, 8, 10, 2**63 - 1]
    others = [
        replace(person(credit(n, "2026-03-01", 100), person_id=key), postings=()) for n, key in enumerate(far, start=10)
    ]
    held = tables([person(credit(1, "2026-03-01", 40), person_id=7), person(person_id=9), *others])
    one_way_only(monkeypatch)
    assert bulk(**stored(held, tmp_path), policy=policy(), on=ON).column("counted_tenths").to_pylist() == [40, 0]


@pytest.mark.parametrize(
    ("on", "edges", "counted"),
    [
        ("2026-06-30", ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01"), [6, 3]),
        ("2026-02-28", ("2025-02-28", "2025-03-01", "2026-02-28", "2026-03-01"), [4, 6]),
        ("2026-04-01", ("2025-02-28", "2025-03-01", "2026-02-28", "2026-03-01"), [12, 6]),
    ],
    ids=["the year and the asked day", "a promotion's last day", "past a promotion's year"],
)
def test_a_window_holds_its_first_and_its_last_day(
    on: str, edges: tuple[str, ...], counted: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year's window and one that is the person's own; tenths 1, 2, 4 and 8 on the days at the edges."""
    of = policy(rule("annual"), rule("new-post", window=WindowKind.AFTER_PROMOTION))
    own = [credit(n, edge, 2**n) for n, edge in enumerate(edges)]
    held = tables([person(posting("2025-03-01", promoted=True), *own)])
    found = bulk(**held, policy=of, on=day(on)).column("counted_tenths").to_pylist()
    one_way_only(monkeypatch)
    assert bulk(**stored(held, tmp_path), policy=of, on=day(on)).column("counted_tenths").to_pylist() == found
    assert found == counted


def test_each_cap_takes_what_is_over_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = policy(rule(caps={Channel.STUDY_GROUP: 30}))
    own = [
        credit(1, "2026-03-01", 40),
        credit(2, "2026-03-02", 20, "study_group"),
        credit(3, "2026-03-03", 25, "study_group"),
        credit(4, "2026-03-03", 99, "online"),
    ]
    one_way_only(monkeypatch)
    found = bulk(**stored(tables([person(*own)]), tmp_path), policy=of, on=ON).to_pylist()[0]
    assert (found["counted_tenths"], found["capped_tenths"]) == (70, 15)
