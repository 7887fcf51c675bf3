"""The solver before the independent bench, where that is at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zhixing.config.cli import main

BENCH = Path(__file__).resolve().parents[4] / "shared" / "bench"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not BENCH.is_dir(), reason="needs the bench")]


def bench(script: str, *words: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run([sys.executable, str(BENCH / script), *words], capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def judged(folder: Path, *words: str) -> dict[str, Any]:
    """Makes a problem, solves it and lets the bench judge the result."""
    made, _ = bench("callup_instances.py", *words, "--out", str(folder / "problem"))
    assert made == 0
    with pytest.raises(SystemExit) as exit_:
        main(["callup", "solve", str(folder / "problem"), "--out", str(folder / "plan"), "--seconds", "30"])
    assert exit_.value.code == 0
    code, report = bench("callup_check.py", str(folder / "problem"), str(folder / "plan"))
    assert code == 0, report
    return report


@pytest.mark.parametrize(
    ("people", "classes", "variant", "keys", "gap"),
    [
        (1000, 20, "base", "string", 1e-5),
        (3000, 40, "tight", "int", 1e-5),
        (10000, 100, "base", "string", 0.001),
        (10000, 100, "tight", "int", 0.01),
    ],
)
def test_the_bench_finds_no_violation_and_a_small_gap(
    tmp_path: Path, people: int, classes: int, variant: str, keys: str, gap: float
) -> None:
    words = ("--people", str(people), "--classes", str(classes), "--variant", variant, "--keys", keys)
    report = judged(tmp_path, *words)
    assert report["result"]["gap_agrees"]
    assert report["result"]["gap_recomputed"] <= gap
    reasons = dict(report["reasons"])
    assert reasons.pop("rows") > 0
    assert not any(reasons.values())


@pytest.mark.parametrize("conflict", ["quota", "class", "away", "days", "callups"])
def test_a_planted_conflict_is_found(tmp_path: Path, conflict: str) -> None:
    words = ("--people", "2000", "--classes", "30", "--variant", "infeasible", "--conflict", conflict, "--seed", "3")
    assert judged(tmp_path, *words)["confirmed"]
    planted = json.loads((tmp_path / "problem" / "planted.json").read_text(encoding="utf-8"))
    said = json.loads((tmp_path / "plan" / "result.json").read_text(encoding="utf-8"))["conflict"]
    pins = [{name: item[name] for name in ("person_id", "class_id")} for item in said if item["rule"] == "pinned_in"]
    assert sorted(pins, key=str) == sorted(planted["pins"], key=str)
