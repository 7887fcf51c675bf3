"""What is refused, with table, column and row, before a wrong number can come of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.obligations.ledgers import credit, day, exemption, person, policy, posting, tables
from zhixing.engine.faults import SHOWN
from zhixing.engine.obligations import checks, places
from zhixing.engine.obligations.bulk import bulk, bulk_to_parquet
from zhixing.engine.obligations.inputs import Fault, InputError, InputProblem, Inputs

ON = day("2026-06-30")


def refused(held: dict[str, Any]) -> tuple[InputProblem, ...]:
    """What is said of tables, which is what is said of the same in files."""
    with pytest.raises(InputError) as error:
        bulk(**held, policy=policy(), on=ON)
    with TemporaryDirectory() as folder, pytest.raises(InputError) as of_files:
        bulk(**_stored(held, Path(folder)), policy=policy(), on=ON)
    as_coded = [replace(problem, value="") for problem in of_files.value.problems]  # a type has another name in a file
    assert as_coded == [replace(problem, value="") for problem in error.value.problems]
    return error.value.problems


def _stored(held: dict[str, Any], folder: Path) -> dict[str, Any]:
    files = dict(held)
    for name, table in held.items():
        if isinstance(table, pa.Table):
            files[name] = folder / f"{name}.parquet"
            pq.write_table(table, files[name])
    return files


def replaced(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)


def test_every_missing_column_and_wrong_type_of_all_tables_is_listed_at_once() -> None:
    held = tables([person(credit(1, "2026-03-01", 100))])
    held["people"] = held["people"].drop_columns(["left_on"])
    held["credits"] = replaced(held["credits"], "tenths", pa.array([10.0]))
    held["postings"] = replaced(held["postings"], "is_principal", pa.array(["yes"]))
    assert refused(held) == (
        InputProblem("people", "left_on", Fault.MISSING_COLUMN, wanted="date"),
        InputProblem("postings", "is_principal", Fault.WRONG_TYPE, value="string", wanted="bool"),
        InputProblem("credits", "tenths", Fault.WRONG_TYPE, value="double", wanted="int32"),
    )


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("credits", "recorded_at", pa.array([0], pa.timestamp("us", "Asia/Shanghai"))),
        ("credits", "entry_id", pa.array([1], pa.uint64())),
        ("credits", "channel", pa.array([1]).dictionary_encode()),
        ("people", "joined_on", pa.array(["2026-01-01"])),
        ("people", "joined_on", pa.array([0], pa.timestamp("us"))),
    ],
    ids=["a moment with a zone", "a key beyond int64", "coded numbers", "a date as text", "a date with a time"],
)
def test_a_type_that_could_mean_something_else_is_refused(table: str, column: str, values: pa.Array) -> None:
    held = tables([person(credit(1, "2026-03-01", 100))])
    held[table] = replaced(held[table], column, values)
    [problem] = refused(held)
    assert (problem.table, problem.column, problem.fault) == (table, column, Fault.WRONG_TYPE)


def test_a_file_that_is_no_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    path.write_text("person_id,joined_on,left_on\n")
    [problem] = refused({**tables([person()]), "people": path})
    assert (problem.table, problem.fault) == ("people", Fault.UNREADABLE)


def _latin(words: list[str], coded: str) -> pa.Array:
    """Texts whose bytes are no UTF-8, as a careless writer leaves them."""
    raw = pa.array([word.encode(coded) for word in words])
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())


def test_every_column_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    held = tables([person(credit(n, "2026-03-01", 100, "online")) for n in range(1000)])
    ranks = held["postings"].column("rank").to_pylist()
    held["people"] = replaced(held["people"], "person_id", pa.array(range(1000)))
    held["postings"] = replaced(held["postings"], "rank", _latin(ranks, "gb18030"))
    files = _stored(held, tmp_path)
    pq.write_table(held["credits"].sort_by([("entry_id", "descending")]), files["credits"], use_dictionary=False)
    start = pq.read_metadata(files["credits"]).row_group(0).column(0).data_page_offset
    raw = bytearray(files["credits"].read_bytes())
    raw[start : start + 40] = bytes(40)
    files["credits"].write_bytes(raw)
    with pytest.raises(InputError) as error:
        bulk(**files, policy=policy(), on=ON)
    found = [(problem.table, problem.column, problem.fault) for problem in error.value.problems]
    assert found == [("postings", "rank", Fault.DAMAGED), ("credits", "entry_id", Fault.DAMAGED)]


@pytest.mark.parametrize("name", ["tenths", "Tenths"])
def test_a_column_that_stands_twice_is_refused_whatever_its_capitals(name: str) -> None:
    held = tables([person(credit(1, "2026-03-01", 100))])
    held["credits"] = held["credits"].add_column(0, name, pa.array([0]))
    assert refused(held) == (InputProblem("credits", "tenths", Fault.DOUBLED_COLUMN),)


def test_a_day_that_no_calendar_knows_is_refused() -> None:
    held = tables([person(credit(1, "2026-03-01", 100))])
    held["people"] = replaced(held["people"], "joined_on", pa.array([-(2**31) + 5], pa.int32()).cast(pa.date32()))
    [problem] = refused(held)
    assert (problem.table, problem.column, problem.fault, problem.row) == ("people", "joined_on", Fault.NO_DAY, 1)


def test_the_least_key_of_all_is_a_key_like_any_other() -> None:
    facts = [person(credit(-(2**63), "2026-03-01", 100), person_id=-(2**63))]
    [row] = bulk(**tables(facts), policy=policy(), on=ON).to_pylist()
    assert (row["person_id"], row["counted_tenths"]) == (-(2**63), 100)


def test_a_missing_value_in_a_required_column_is_named_by_its_row() -> None:
    held = tables([person(credit(n, "2026-03-01", 100)) for n in range(3)])
    held["people"] = replaced(held["people"], "person_id", pa.array([1, 2, 3]))
    held["credits"] = replaced(held["credits"], "earned_on", pa.array([ON, None, ON]))
    assert refused(held) == (InputProblem("credits", "earned_on", Fault.EMPTY, row=2),)


def test_a_required_column_without_any_value_is_refused_for_its_rows() -> None:
    held = tables([person()])
    held["postings"] = replaced(held["postings"], "rank", pa.nulls(1))
    assert refused(held) == (InputProblem("postings", "rank", Fault.EMPTY, row=1),)


def test_an_unknown_channel_and_impossible_hours_are_named_with_their_value() -> None:
    held = tables([person(credit(1, "2026-03-01", 1, "off-job"), credit(2, "2026-03-01", 2))])
    held["credits"] = replaced(held["credits"], "tenths", pa.array([1, 2**31]))
    assert refused(held) == (
        InputProblem("credits", "tenths", Fault.OUT_OF_RANGE, row=2, value=str(2**31)),
        InputProblem("credits", "channel", Fault.UNKNOWN_CHANNEL, row=1, value="off-job"),
    )


def test_what_is_met_while_the_ledger_is_counted_is_listed_with_all_the_rest() -> None:
    """An unknown channel and a doubled key are found last, when the ledger is already read only in part."""
    held = tables([person(credit(1, "2026-03-01", 5), credit(2, "1999-03-01", 5), credit(3, "2026-03-01", 5))])
    held["credits"] = replaced(held["credits"], "channel", pa.array(["offjob", "radio", "offjob"]))
    assert [(found.fault, found.row) for found in refused(held)] == [(Fault.UNKNOWN_CHANNEL, 2)]
    held["credits"] = replaced(held["credits"], "entry_id", pa.array([1, 2, 1]))
    held["people"] = replaced(held["people"], "joined_on", pa.array([None], pa.date32()))
    assert [(found.fault, found.row) for found in refused(held)] == [
        (Fault.EMPTY, 1),
        (Fault.UNKNOWN_CHANNEL, 2),
        (Fault.DUPLICATE_KEY, 1),
        (Fault.DUPLICATE_KEY, 3),
    ]


def test_an_unknown_channel_is_found_where_arrays_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CELLS_MOST", 1)
    held = tables([person(posting(), credit(1, "1999-03-01", 5))])
    held["credits"] = replaced(held["credits"], "channel", pa.array(["radio"]))
    assert [found.fault for found in refused(held)] == [Fault.UNKNOWN_CHANNEL]


def test_a_person_or_an_entry_that_stands_twice_is_refused_in_every_row() -> None:
    held = tables([person(credit(5, "2026-03-01", 1), person_id=3), person(credit(5, "2026-03-02", 1), person_id=3)])
    assert refused(held) == (
        InputProblem("people", "person_id", Fault.DUPLICATE_KEY, row=1, value="3"),
        InputProblem("people", "person_id", Fault.DUPLICATE_KEY, row=2, value="3"),
        InputProblem("credits", "entry_id", Fault.DUPLICATE_KEY, row=1, value="5"),
        InputProblem("credits", "entry_id", Fault.DUPLICATE_KEY, row=2, value="5"),
    )


@pytest.mark.parametrize(
    "keys",
    [(5,), (-3, 4, 40), (-(2**63), 0, 2**63 - 1), tuple(range(-5_000, 5_000))],
    ids=["one", "close together", "as far apart as can be", "many, around zero"],
)
def test_one_doubled_key_is_found_however_far_apart_the_keys_lie(keys: tuple[int, ...]) -> None:
    once = [credit(key, "2026-03-01", 1) for key in keys]
    assert bulk(**tables([person(*once)]), policy=policy(), on=ON).num_rows == 1
    problems = refused(tables([person(*once, credit(keys[0], "2026-03-02", 1))]))
    assert [(problem.fault, problem.row, problem.value) for problem in problems] == [
        (Fault.DUPLICATE_KEY, row, str(keys[0])) for row in (1, len(keys) + 1)
    ]


def test_of_very_many_faulty_rows_the_first_are_listed_and_the_rest_counted() -> None:
    problems = refused(tables([person(*(credit(n, "2026-03-01", 1, "?") for n in range(SHOWN + 23)))]))
    assert len(problems) == SHOWN
    assert [problem.row for problem in problems[:2]] == [1, 2]
    assert [problem.more for problem in problems[-2:]] == [0, 23]


def test_what_is_odd_but_has_a_meaning_is_computed_and_told(tmp_path: Path) -> None:
    held = tables(
        [
            person(posting(rank="科长"), person_id=1),
            person(posting("2025-01-01", "2024-01-01"), posting(rank="科长"), person_id=2),
            person(exemption("2026-03-02", "2026-03-01"), left_on="2009-01-01", person_id=3),
        ]
    )
    written = bulk_to_parquet(Inputs(**held), policy(), ON, None, tmp_path / "out.parquet")
    assert written.rows == 0
    assert written.doubts == (
        InputProblem("people", "left_on", Fault.ENDS_BEFORE_IT_BEGINS, row=3, value="2009-01-01"),
        InputProblem("postings", "to_on", Fault.ENDS_BEFORE_IT_BEGINS, row=2, value="2024-01-01"),
        InputProblem("exemptions", "to_on", Fault.ENDS_BEFORE_IT_BEGINS, row=1, value="2026-03-01"),
        InputProblem("postings", "rank", Fault.RANK_WITHOUT_RULE, row=1, value="科长", more=1),
    )


@pytest.mark.parametrize("gap", [0, 5], ids=["keys without gaps", "keys with gaps"])
def test_credits_that_name_what_is_not_there_are_computed_and_told(gap: int, tmp_path: Path) -> None:
    right = [credit(1, "2026-03-01", 100), credit(2 + gap, "2026-03-01", 100)]
    reversals = [
        credit(3 + gap, "2026-03-01", 100, reverses=900),
        credit(4 + gap, "2026-03-01", 100, reverses=4 + gap),
    ]
    known = tables([person(posting(), *right, person_id=1), person(posting(), person_id=2 + gap)])
    held = tables(
        [
            person(posting(), *right, *reversals, person_id=1),
            person(posting(), person_id=2 + gap),
            person(credit(5 + gap, "2026-03-01", 100), person_id=77),
        ]
    )
    held["people"] = known["people"]
    written = bulk_to_parquet(Inputs(**held), policy(), ON, None, tmp_path / "out.parquet")
    told = [(doubt.column, doubt.fault, doubt.value) for doubt in written.doubts]
    assert told == [
        ("person_id", Fault.PERSON_MISSING, "77"),
        ("reverses", Fault.ENTRY_MISSING, "900"),
        ("reverses", Fault.REVERSES_ITSELF, str(4 + gap)),
    ]
    assert pq.read_table(tmp_path / "out.parquet") == bulk(**known, policy=policy(), on=ON)


def test_of_a_ledger_too_large_to_match_only_keys_beyond_the_ends_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "MATCHED_MOST", 0)
    monkeypatch.setattr(checks, "DECODED_MOST", 0)
    own = [credit(1, "2026-03-01", 1), credit(9, "2026-03-01", 1, reverses=5), credit(8, "2026-03-01", 1, reverses=10)]
    written = bulk_to_parquet(Inputs(**tables([person(posting(), *own)])), policy(), ON, None, tmp_path / "out.parquet")
    assert [(doubt.fault, doubt.value) for doubt in written.doubts] == [(Fault.ENTRY_MISSING, "10")]
