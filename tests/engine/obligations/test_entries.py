"""The keys of a stored ledger are read once: no key that stands twice goes through, and whoever was reversed is found by its row."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.obligations.ledgers import credit, day, person, policy, posting, tables
from zhixing.engine.obligations import entries
from zhixing.engine.obligations.bulk import bulk
from zhixing.engine.obligations.entries import rows_of_keys
from zhixing.engine.obligations.inputs import Fault, InputError

ON = day("2026-06-30")
keys = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), max_size=30)


def rows(path: Path, keys: list[int], sought: list[int], *, at_once: int = 4, threads: int = 2) -> list[int] | None:
    """Row groups of ``at_once`` rows each."""
    pq.write_table(pa.table({"entry_id": pa.array(keys, pa.int64())}), path, row_group_size=at_once)
    found = rows_of_keys(path, "entry_id", np.array(sorted(sought), np.int64), threads)
    return None if found is None else sorted(found.tolist())


@settings(max_examples=150, deadline=None)
@given(keys=keys, also=keys, is_sorted=st.booleans(), threads=st.integers(1, 3))
def test_rows_are_told_only_where_every_key_stands_once(
    keys: list[int], also: list[int], is_sorted: bool, threads: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = sorted(set(keys)) if is_sorted else keys
    sought = {*keys[::2], *also}
    found = rows(tmp_path_factory.mktemp("keys") / "credits.parquet", held, list(sought), threads=threads)
    assert found in (None, [row for row, key in enumerate(held) if key in sought])
    if is_sorted or (held and max(held) - min(held) < 8 * len(held) and len(set(held)) == len(held)):
        assert found is not None
    if len(set(held)) < len(held):
        assert found is None


def test_row_groups_may_come_in_any_order_but_not_overlap(tmp_path: Path) -> None:
    path = tmp_path / "credits.parquet"
    assert rows(path, [5, 6, 7, 8, 1, 2, 3, 4], [1, 8, 9]) == [3, 4]
    assert rows(path, [1, 2, 3, 800, 4, 5, 6, 7], [1]) is None
    assert rows(path, [1, 2, 3, 4, 4, 5], [4]) is None


def test_keys_near_each_other_may_come_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "credits.parquet"
    assert rows(path, [5, -3, 8, 1, 9, 2], [-9, -3, 2, 9, 10]) == [1, 4, 5]
    assert rows(path, [5, -3, 8, 1, 9, -3], [5]) is None
    monkeypatch.setattr(entries, "NUMBERS_MOST", 12)
    assert rows(path, [5, -3, 8, 1, 9, 2], [5]) is None
    assert rows(path, [5, -3, 8, 1, 7, 2], [5]) == [0]


def test_a_file_that_does_not_tell_the_ends_of_its_keys_is_left_to_the_checks(tmp_path: Path) -> None:
    pq.write_table(pa.table({"entry_id": [3, 1, 2]}), tmp_path / "credits.parquet", write_statistics=False)
    assert rows_of_keys(tmp_path / "credits.parquet", "entry_id", np.array([1]), 2) is None


def test_a_large_row_group_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "KEYS_AT_ONCE", 3)
    assert rows(tmp_path / "credits.parquet", list(range(10)), [0, 5, 9], at_once=10) == [0, 5, 9]
    assert rows(tmp_path / "credits.parquet", [0, 1, 2, 2], [0], at_once=10) is None


def test_missing_and_other_keys_are_left_to_the_checks(tmp_path: Path) -> None:
    for values in (pa.array([1, None, 3]), pa.nulls(2)):
        pq.write_table(pa.table({"entry_id": values}), tmp_path / "credits.parquet")
        assert rows_of_keys(tmp_path / "credits.parquet", "entry_id", np.array([1]), 2) is None


def _stored(held: dict[str, pa.Table], folder: Path, **credits: pa.Array) -> dict[str, Path]:
    """Files of several row groups; ``credits``: further columns of the ledger."""
    ledger = held["credits"]
    for name, values in credits.items():
        ledger = ledger.append_column(name, values)
    for name, table in {**held, "credits": ledger}.items():
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=2)
    return {name: folder / f"{name}.parquet" for name in held}


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 3, 0, 1, 4, 2]], ids=["rising", "shuffled"])
def test_a_stored_ledger_gives_what_its_table_gives(order: list[int], tmp_path: Path) -> None:
    """A reversal of somebody else's, one of an entry before its window, and a late one, which is not known yet."""
    own = [
        credit(11, "2026-03-01", 100),
        credit(12, "2026-03-02", 40),
        credit(15, "2026-03-03", 7),
        credit(20, "2025-12-31", 900),
    ]
    other = [
        credit(30, "2020-01-01", 1, reverses=11),
        credit(31, "2026-04-01", 1, reverses=15, recorded_at="2026-06-01"),
    ]
    held = tables([person(posting(), *own, person_id=1), person(*other, person_id=2)])
    held["credits"] = held["credits"].take(pa.array(order))
    for known_on, counted in ((None, [40, 0]), ("2026-05-01T00:00:00", [47, 0])):
        moment = known_on and pa.scalar(known_on).cast(pa.timestamp("us")).as_py()
        of = {"policy": policy(), "on": ON, "known_on": moment}
        table = bulk(**_stored(held, tmp_path), **of)
        assert table.column("counted_tenths").to_pylist() == counted
        assert table == bulk(**held, **of)


def test_a_ledger_with_a_column_of_the_rows_own_name_is_read_by_its_keys(tmp_path: Path) -> None:
    held = tables([person(credit(1, "2026-03-01", 100), credit(2, "2026-03-01", 100, reverses=1), person_id=1)])
    paths = _stored(held, tmp_path, file_row_number=pa.array([7, 8]))
    assert bulk(**paths, policy=policy(), on=ON).column("counted_tenths").to_pylist() == [0]


@pytest.mark.parametrize("places", list(pairwise(range(5))))
def test_a_doubled_key_of_a_stored_ledger_is_refused_wherever_it_stands(
    places: tuple[int, int], tmp_path: Path
) -> None:
    held = tables([person(*(credit(n, "2026-03-01", 1) for n in range(5)))])
    doubled = [places[0] if n == places[1] else n for n in range(5)]
    held["credits"] = held["credits"].set_column(0, "entry_id", pa.array(doubled, pa.int64()))
    with pytest.raises(InputError) as refused:
        bulk(**_stored(held, tmp_path), policy=policy(), on=ON)
    assert [(problem.fault, problem.row) for problem in refused.value.problems] == [
        (Fault.DUPLICATE_KEY, place + 1) for place in places
    ]


def test_the_ends_of_keys_are_told_beside_columns_that_hold_several(tmp_path: Path) -> None:
    path = tmp_path / "credits.parquet"
    nested = pa.array([{"x": -5, "y": 70}, {"x": -5, "y": 72}, {"x": -5, "y": 71}])
    pq.write_table(pa.table({"more": nested, "entry_id": [3, 1, 2]}), path)
    found = rows_of_keys(path, "entry_id", np.array([1, 9]), 2)
    assert found is not None
    assert found.tolist() == [1]
