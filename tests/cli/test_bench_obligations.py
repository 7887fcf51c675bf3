"""The invented nation of ``zhixing bench`` is a ledger like any other."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from tests.engine.obligations.ledgers import day
from zhixing.config.cli.bench import ledgers, obligations
from zhixing.engine import policies
from zhixing.engine.obligations.bulk import bulk_to_parquet


def test_the_invented_nation_has_every_state_and_no_doubts_and_is_the_same_each_time(tmp_path: Path) -> None:
    results = []
    for name in ("once", "again"):
        inputs = ledgers.make(tmp_path / name, 2_000)
        assert pq.read_metadata(inputs.credits).num_rows == 2_000 * ledgers.ENTRIES_A_PERSON
        out = tmp_path / f"{name}.parquet"
        written = bulk_to_parquet(inputs, policies.parse(ledgers.POLICY), day(ledgers.ON), None, out)
        assert written.doubts == ()
        results.append(out.read_bytes())
    assert results[0] == results[1]
    table = pq.read_table(tmp_path / "once.parquet")
    assert len(set(table.column("person_id").to_pylist())) > 1_900
    assert set(table.column("state").to_pylist()) >= {"met", "on_track", "short", "overdue"}


def test_the_bare_scan_and_the_touched_are_measured_on_its_files(tmp_path: Path) -> None:
    inputs = ledgers.make(tmp_path, 300)
    assert obligations.bare_scan(inputs) > 0
    assert obligations.touched_seconds(inputs, 300) > 0
