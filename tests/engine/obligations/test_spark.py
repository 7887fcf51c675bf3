"""Spark runs the same SQL texts and writes the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.obligations.ledgers import COUNTY, SECTION, credit, exemption, person, posting, tables
from zhixing.engine.obligations.facts import PersonFacts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.skipif(
        not (find_spec("pyspark") and shutil.which("java")),
        reason="Spark: pyspark (make scale) or Java 17 is not installed",
    ),
]
POLICY = f"""[policy]
code = "city-2026"
in_force_from = 2020-01-01
[[rule]]
code = "annual"
ranks = ["{SECTION}"]
window = "year"
hours = 90
channels = ["offjob", "study_group"]
caps = {{ study_group = 24 }}
prorate = "join"
[[rule]]
code = "block"
ranks = ["{COUNTY}", "{SECTION}"]
window = "five_years"
block_start = 2023
hours = 550
channels = ["offjob", "teaching"]
caps = {{ teaching = 37.5 }}
prorate = "join"
[[rule]]
code = "rolling"
ranks = ["{COUNTY}"]
window = "rolling_five_years"
hours = 360
channels = ["offjob"]
[[rule]]
code = "new-post"
ranks = ["{COUNTY}", "{SECTION}"]
window = "after_promotion"
hours = 90
channels = ["offjob"]
"""
LAW = f"""[policy]
code = "law-2026"
in_force_from = 2020-01-01
[[rule]]
code = "annual"
ranks = ["{SECTION}", "{COUNTY}"]
window = "year"
hours = 90
channels = ["offjob", "study_group", "online"]
caps = {{ study_group = 24, online = 40 }}
carry = {{ hours = 20, channels = ["offjob"] }}
[[rule.minimum]]
channels = ["offjob", "study_group"]
contents = ["theory", "party_spirit"]
share = 70
[[rule.minimum]]
contents = ["party_spirit"]
share = 20
of = "counted"
[[rule.minimum]]
channels = ["online"]
hours = 10
[[rule.exempt]]
why = "任现职不满三个月"
joined_last_days = 90
[[rule.exempt]]
why = "当年退休"
leaving = true
[[rule]]
code = "grace"
ranks = ["{SECTION}", "{COUNTY}"]
window = "after_promotion"
window_days = 730
hours = 90
channels = ["offjob"]
[[rule]]
code = "initial"
ranks = ["{SECTION}"]
window = "first_year"
window_days = 365
days = 12
hours_per_day = 7.5
channels = ["offjob"]
[[rule]]
code = "post"
ranks = ["{COUNTY}"]
window = "after_appointment"
window_days = 365
before_days = 90
months = 1
hours_per_month = [550, 3]
channels = ["offjob", "teaching"]
"""
QUESTIONS = [("2024-02-29", None), ("2025-02-28", "2024-12-31T23:59:59.999999")]
PROGRAM = """
import datetime as dt, json, sys
from pathlib import Path
from zhixing.engine import policies
from zhixing.engine.obligations.bulk import bulk_to_parquet
from zhixing.engine.obligations.inputs import InputError, Inputs
from zhixing.engine.obligations.spark import spark_to_parquet

folder, questions = Path(sys.argv[1]), json.loads(sys.argv[2])
of = policies.parse((folder / "policy.toml").read_text(encoding="utf-8"))
inputs = Inputs(*(folder / f"{name}.parquet" for name in ("people", "postings", "credits", "exemptions")))
for n, (on, known_on) in enumerate(questions):
    asked = dt.date.fromisoformat(on), known_on and dt.datetime.fromisoformat(known_on)
    for name, run in (("local", bulk_to_parquet), ("spark", spark_to_parquet)):
        try:
            written = run(inputs, of, *asked, folder / f"{name}-{n}.parquet")
            print(written.rows, [doubt.value for doubt in written.doubts])
        except InputError as error:
            print(error)
"""


def both(
    people: list[PersonFacts], folder: Path, questions: list[tuple[str, str | None]], policy: str = POLICY
) -> list[str]:
    """What the two engines say to each question in turn, in a time zone far from UTC; their results lie in ``folder``."""
    for name, table in tables(people).items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "policy.toml").write_text(policy, encoding="utf-8")
    return _ask(folder, questions)


def _ask(folder: Path, questions: list[tuple[str, str | None]]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), json.dumps(questions)],
        env={**os.environ, "TZ": "Asia/Shanghai"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()


@pytest.fixture
def a_town() -> list[PersonFacts]:
    """People at the edges of windows, with reversals (also of reversals, also by others), late entries, overlapping exemptions."""
    return [
        person(
            posting("2015-01-01", "2024-02-28", SECTION),
            posting("2024-02-29", None, COUNTY if n % 3 else SECTION, promoted=n % 4 != 0),
            posting("2024-02-29", None, SECTION, unit_id=2, is_principal=n % 5 == 0),
            *_entries(n),
            exemption("2024-01-10", f"2024-0{n % 9 + 1}-28"),
            *([exemption("2023-12-01", "2025-01-01")] if n % 13 == 0 else []),
            exemption("2024-02-01", "2024-03-31", "annual" if n % 2 else "block", recorded_at="2025-06-01"),
            person_id=(n * 7919) % 1009,
            joined_on="2024-02-10" if n % 6 == 0 else "",
            left_on="2026-12-30" if n % 11 == 0 else "",
        )
        for n in range(500)
    ]


def _entries(n: int) -> list[Any]:
    days = ("2024-02-29", "2023-01-01", "2022-12-31", "2025-02-27", "2025-02-28", "2024-12-31", "2026-07-01")
    channels = ("offjob", "study_group", "teaching", "online")
    earned = [
        credit(100 * n + k, day, 10 * ((n + k) % 90) + 5, channels[(n + k) % 4], recorded_at=f"{day}T23:59:59.999999")
        for k, day in enumerate(days)
    ]
    named = 100 * ((n + 1) % 500)
    reversals = [
        credit(100 * n + 50, "2024-03-01", 5, reverses=named, recorded_at="2024-12-31T23:59:59.999999"),
        credit(100 * n + 51, "2024-03-01", 5, reverses=100 * n + 50, recorded_at="2025-01-01"),
    ]
    return earned + (reversals if n % 7 == 0 else [])


def test_spark_writes_the_same_bytes_as_the_local_engine(a_town: list[PersonFacts], tmp_path: Path) -> None:
    said = both(a_town, tmp_path, QUESTIONS)
    assert said[0::2] == said[1::2]
    states: set[str] = set()
    for n in range(len(QUESTIONS)):
        local, spark = (tmp_path / f"{name}-{n}.parquet" for name in ("local", "spark"))
        assert local.read_bytes() == spark.read_bytes()
        states |= set(pq.read_table(spark).column("state").to_pylist())
    assert states == {"met", "on_track", "short", "overdue", "exempt"}


def test_spark_knows_the_whole_law(a_town: list[PersonFacts], tmp_path: Path) -> None:
    """Minimums, what is carried over, who is exempt, windows that run from a day of the person."""
    contents = ("theory", "party_spirit", "professional", "")
    town = [
        replace(one, credits=tuple(replace(c, content=contents[c.entry_id % 4]) for c in one.credits)) for one in a_town
    ]
    questions = [("2024-06-30", None), ("2025-01-31", "2024-12-31T23:59:59.999999")]
    said = both(town, tmp_path, questions, LAW)
    assert said[0::2] == said[1::2]
    rules: set[tuple[str, str]] = set()
    for n in range(len(questions)):
        local, spark = (tmp_path / f"{name}-{n}.parquet" for name in ("local", "spark"))
        assert local.read_bytes() == spark.read_bytes()
        table = pq.read_table(spark)
        rules |= set(zip(table.column("rule").to_pylist(), table.column("state").to_pylist(), strict=True))
    assert {rule for rule, _state in rules} == {"annual", "grace", "initial", "post"}
    assert {state for rule, state in rules if rule == "annual"} >= {"short", "exempt"}


def test_types_and_names_that_spark_does_not_read_are_written_anew(a_town: list[PersonFacts], tmp_path: Path) -> None:
    folder = tmp_path / "学时[1]*?%20{a}"
    folder.mkdir()
    both(a_town[:50], folder, [])
    credits = pq.read_table(folder / "credits.parquet")
    credits = credits.set_column(5, "recorded_at", credits.column("recorded_at").cast(pa.timestamp("ns")))
    pq.write_table(credits.set_column(6, "reverses", pa.nulls(len(credits))), folder / "credits.parquet")
    said = _ask(folder, QUESTIONS[:1])
    assert said[0] == said[1]
    assert (folder / "local-0.parquet").read_bytes() == (folder / "spark-0.parquet").read_bytes()
    assert not list(folder.glob(".zhixing-*"))


def test_spark_refuses_what_the_local_engine_refuses(tmp_path: Path) -> None:
    most = 2**31 - 1
    facts = person(credit(1, "2024-03-01", most), credit(2, "2024-03-02", 1), posting(rank=COUNTY), person_id=41)
    said = both([facts, person()], tmp_path, [("2024-06-30", None)])
    assert "sum_too_large" in said[0]
    assert said[0] == said[1]
    doubled = both([facts, facts], tmp_path, [("2024-06-30", None)])
    assert "duplicate_key" in doubled[0]
    assert doubled[0] == doubled[1]
