"""``zhixing callup repair``: the list after a change, and what it says of it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.test_callup import CASE, run, solve, write

pytestmark = pytest.mark.files

BLOCKED = dataclasses.replace(CASE, away={("office", 1): 0})


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder holds the problem ``city``, its list ``plan``, and ``blocked``: a week later in which the office can spare nobody."""
    write(CASE, tmp_path / "city")
    monkeypatch.chdir(tmp_path)
    solve()
    write(BLOCKED, tmp_path / "blocked")


def test_a_blocked_week_takes_away_only_what_lies_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("repair", "blocked", "--from", "plan", "--out", "mended") == 0
    assert capsys.readouterr().out == "mended: optimal, 2 call-ups kept, 1 displaced; 1 fewer\n"
    assert pq.read_table("mended/selected.parquet").to_pylist() == [
        {"person_id": "q", "class_id": "A"},
        {"person_id": "老王", "class_id": "A"},
    ]
    difference = json.loads(Path("mended/difference.json").read_text(encoding="utf-8"))
    assert difference == {
        "kept": 2,
        "displaced": 1,
        "fewest": True,
        "people": {"fewer": 1},
        "changes": [
            {
                "person": "老王",
                "change": "fewer",
                "lost": [{"class": "B", "code": "away_full", "unit": "office", "week": "2026-03-09", "most": 0}],
                "new": [],
            }
        ],
    }
    assert run("check", "blocked", "mended") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["reasons"]["left_out"]) == (True, 0)


def test_a_repair_can_be_repaired_and_a_new_solve_takes_the_difference_away() -> None:
    assert run("repair", "blocked", "--from", "plan", "--out", "mended") == 0
    assert run("repair", "city", "--from", "mended", "--out", "mended") == 0
    difference = json.loads(Path("mended/difference.json").read_text(encoding="utf-8"))
    assert difference["people"] == {"more": 1}
    solve("city", "mended")
    assert not Path("mended/difference.json").exists()


def test_check_counts_more_away_than_a_week_of_its_own_allows(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("check", "blocked", "plan") == 1
    assert json.loads(capsys.readouterr().out)["violations"] == {"away_full": 1}


def test_without_an_earlier_list_there_is_nothing_to_repair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(dataclasses.replace(CASE, quotas={("office", "A"): (0, 0)}), tmp_path / "none")
    solve("none", "nobody")
    assert run("repair", "city", "--from", "nobody", "--out", "mended") == 2
    assert "there is nothing to repair: use solve" in capsys.readouterr().err
    Path("plan/prices.parquet").unlink()
    assert run("repair", "city", "--from", "plan", "--out", "mended") == 2
    assert "prices.parquet: the file is missing" in capsys.readouterr().err
    pq.write_table(pq.read_table("plan/selected.parquet"), "plan/prices.parquet")
    assert run("repair", "city", "--from", "plan", "--out", "mended") == 2
    assert "the columns rule, unit_id, week, price are missing" in " ".join(capsys.readouterr().err.split())
    assert not Path("mended").exists()
