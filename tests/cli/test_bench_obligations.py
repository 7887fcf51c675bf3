"""The invented nation of ``zhixing bench`` is a ledger like any other."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.engine.obligations.ledgers import day
from zhixing.config.cli.bench import ledgers, obligations
from zhixing.engine import policies
from zhixing.engine.obligations.bulk import bulk_to_parquet

pytestmark = pytest.mark.files


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


@pytest.mark.spark
def test_spark_is_measured_only_by_a_result_of_equal_bytes(tmp_path: Path) -> None:
    ledgers.make(tmp_path, 300)
    obligations.bulk(tmp_path)
    (figure,) = obligations.on_spark(tmp_path)
    if figure.needs:
        pytest.skip(figure.needs)
    assert figure.value > 0


def test_another_result_on_spark_is_no_figure(tmp_path: Path) -> None:
    for name, content in (("local", b"one"), ("spark", b"another")):
        obligations.result_of(tmp_path, name).write_bytes(content)
    with pytest.raises(RuntimeError, match=r"same result"):
        obligations.require_equal_results(tmp_path)
