"""Call-ups in the bench: its own problems, and the peers that solve them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.cli.test_callup import write
from tests.engine.callup.problems import selected_pairs
from tests.engine.callup.test_solver import city
from zhixing.config.cli.bench import callup_cases, callup_peers, callups
from zhixing.engine.callup.result import AGREEMENT
from zhixing.engine.callup.solver import solve

pytestmark = pytest.mark.files

SMALL = callups.Case(400, 10, callup_cases.TIGHT, gap=100, seconds=600, peers=("highs", "cp-sat", "greedy"))


@pytest.mark.parametrize("kind", [callup_cases.BASE, callup_cases.TIGHT])
def test_the_same_seed_makes_the_same_problem(tmp_path: Path, kind: str) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        callup_cases.make(tmp_path / name, 300, 8, kind, seed)
    files = {name: [path.read_bytes() for path in sorted((tmp_path / name).iterdir())] for name in ("one", "again")}
    assert files["one"] == files["again"]
    assert (tmp_path / "other" / "pairs.parquet").read_bytes() not in files["one"]


@pytest.mark.slow
def test_a_plain_program_agrees_with_our_bound(tmp_path: Path) -> None:
    callups.make(tmp_path / "problem", SMALL, 1, None)
    said = callups.ours(tmp_path).said
    exact, _ = callups.answer_of("highs", tmp_path / "problem", 60.0)
    officer, _ = callups.answer_of("greedy", tmp_path / "problem", 60.0)
    assert exact.objective is not None
    assert officer.objective is not None
    slack = AGREEMENT * abs(said["bound"])
    assert officer.objective - slack <= exact.objective <= said["bound"] + slack
    assert said["objective"] <= exact.objective + slack


def test_the_peers_count_themes_and_days_as_we_do(tmp_path: Path) -> None:
    case = dataclasses.replace(
        city(40, 6),
        themes={f"c{k:02}": "ab"[k % 2] for k in range(5)},
        repeated_theme_cost=30.0,
        close_callup_cost=12.5,
        close_days=30,
        second_callup_cost=2.0,
        callups_max=3,
    )
    ours = solve(case.problem(), seconds=60)
    folder = write(case, tmp_path / "problem")
    assert callup_peers.highs(folder, 60.0).objective == pytest.approx(ours.objective)
    assert case.spread(selected_pairs(case.problem(), ours)) > 0
    officer = callup_peers.greedy(folder, 60.0)
    assert officer.objective is not None
    assert officer.objective <= (ours.objective or 0.0) + AGREEMENT


@pytest.mark.slow
def test_every_row_of_the_table_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    larger = dataclasses.replace(SMALL, people=500)
    monkeypatch.setattr(callups, "CASES", (SMALL, larger))
    found = list(callups.figures(tmp_path, 0, seeds=2, largest=450, peer_seconds=20.0, maker=None))
    told = [figure.what.strip() for figure in found]
    assert told[0] == "400 × 10 tight, ours: gap"
    assert {"re-plan after one absence", "highs on the first: gap to our bound"} <= set(told)
    assert (found[-1].what, found[-1].needs) == (larger.name, "more than 450 people")
    assert not list(tmp_path.iterdir())  # nothing is left lying about
