"""Large made-up instances and a recomputation that shares no code with ours; skipped where those scripts are not at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.engine.obligations.ledgers import day, moment, rows_of
from tests.engine.obligations.populations import with_foreign_reversals
from zhixing.engine import policies
from zhixing.engine.obligations.bulk import bulk_to_parquet
from zhixing.engine.obligations.facts import Credit, Exemption, PersonFacts, Posting
from zhixing.engine.obligations.inputs import Inputs
from zhixing.engine.obligations.standing import standings

BENCH = Path(__file__).parents[4] / "shared" / "bench"
TABLES = ("people", "postings", "credits", "exemptions")
QUESTIONS = [
    ("2026-11-23", None),
    ("2026-12-31", "2026-10-09T12:00:00"),
    ("2024-02-29", None),
    ("2025-02-28", "2024-12-31"),
]

pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="the independent scripts are not at hand")


def run(script: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, BENCH / script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance")
    run("obligations_instances.py", "--people", "5000", "--years", "5", "--seed", "3", "--out", str(folder))
    return folder


def compute(folder: Path, on: str, known_on: str | None) -> Path:
    out = folder / "standings.parquet"
    of = policies.parse((folder / "policy.toml").read_text(encoding="utf-8"))
    inputs = Inputs(*(folder / f"{name}.parquet" for name in TABLES))
    bulk_to_parquet(inputs, of, day(on), moment(known_on) if known_on else None, out)
    return out


def some_people(folder: Path, how_many: int) -> list[PersonFacts]:
    held = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
    ids = held["people"].column("person_id").slice(0, how_many)

    def facts(name: str, kind: type, person_id: int) -> tuple[Any, ...]:
        return tuple(kind(**{field: row[field] for field in kind.__slots__}) for row in own[name].get(person_id, []))

    own = {name: _by_person(table.filter(pc.is_in(table.column("person_id"), ids))) for name, table in held.items()}
    return [
        PersonFacts(
            row["person_id"],
            row["joined_on"],
            row["left_on"],
            facts("postings", Posting, row["person_id"]),
            facts("credits", Credit, row["person_id"]),
            facts("exemptions", Exemption, row["person_id"]),
        )
        for [row] in own["people"].values()
    ]


def _by_person(table: pa.Table) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault(row["person_id"], []).append(row)
    return found


@pytest.mark.parametrize(("on", "known_on"), QUESTIONS)
def test_on_a_large_instance_the_bulk_result_equals_the_one_person_reference(
    instance: Path, on: str, known_on: str | None
) -> None:
    of = policies.parse((instance / "policy.toml").read_text(encoding="utf-8"))
    people = with_foreign_reversals(some_people(instance, 300))
    found = _by_person(pq.read_table(compute(instance, on, known_on)))
    for facts in people:
        rows = standings(facts, of, day(on), moment(known_on) if known_on else None)
        assert found.get(facts.person_id, []) == rows_of(facts.person_id, rows)


@pytest.mark.parametrize(("on", "known_on"), QUESTIONS)
def test_on_a_large_instance_the_bulk_result_equals_the_independent_recomputation(
    instance: Path, on: str, known_on: str | None
) -> None:
    out = compute(instance, on, known_on)
    known = ["--known-on", known_on] if known_on else []
    assert run("obligations_reference.py", "compare", str(instance), str(out), "--on", on, *known)["ok"]
