"""``zhixing callup nation``: the files it leaves for authorities that share classes, and what it refuses."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.callup.problems import Case
from tests.engine.callup.test_nation import part, random_part, together
from zhixing.config.cli import main
from zhixing.config.cli.bench import nation as maker
from zhixing.engine.callup.check import check

pytestmark = pytest.mark.files

PARTS = {"north": part("n", 9.0, 8.0), "south": part("s", 3.0, 2.0)}


def write(case: Case, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, table in case.tables().items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "settings.json").write_text(json.dumps(case.settings()), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder holds the authorities ``north`` and ``south``."""
    for name, case in PARTS.items():
        write(case, tmp_path / name)
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["callup", *words])
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def nation(*words: str) -> dict[str, Any]:
    assert run("nation", "north", "south", "--out", "plan", "--seconds", "60", *words) == 0
    said: dict[str, Any] = json.loads(Path("plan", "nation.json").read_text(encoding="utf-8"))
    return said


def test_each_authority_gets_a_list_and_the_nation_a_bound() -> None:
    write(random_part(1), Path("north"))
    write(dataclasses.replace(random_part(2), second_callup_cost=20.0), Path("south"))
    said = nation("--rounds", "3")
    whole = together([random_part(1), random_part(2)])
    lists = pa.concat_tables([pq.read_table(f"plan/{name}/selected.parquet") for name in ("north", "south")])
    report = check(whole.tables(), whole.settings(), lists, said)
    assert report.ok, report
    assert report.claims["gap_agrees"]
    assert said["gap"] < 0.02
    assert 1 <= len(said["rounds"]) <= 3
    assert said["bound"] == min(each["bound"] for each in said["rounds"])
    for shared in said["shared"]:
        used = sum(1 for row in lists.to_pylist() if row["class_id"] == shared["class_id"])
        assert sum(shared["seats"].values()) == used <= shared["seats_max"] == 12
    for name in ("north", "south"):
        assert run("check", f"plan/{name}/problem", f"plan/{name}") == 0
    assert not list(Path("plan").glob(".*"))


def test_what_the_folders_contradict_each_other_in_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    other = part("s", 3.0, seats=(0, 5, 0, 7), short_seat_cost=50.0)
    strange = dataclasses.replace(
        other,
        people=other.people | {"n1": "office s"},
        units=other.units | {"office n": (None, 1)},
        pairs={("s0", "A"): 3.0},
    )
    write(strange, Path("south"))
    assert run("nation", "north", "south", "--out", "plan") == 2
    lines = capsys.readouterr().err.splitlines()
    for told in (
        "south/settings.json: the settings are not those of north",
        "south/people.parquet, column person_id: n1 stands in north too",
        "south/units.parquet, column unit_id: office n stands in north too",
        "south/classes.parquet, class A: ends_on is 2026-03-07, but 2026-03-06 in north",
        "south/classes.parquet, class A: seats_max is 7, but 2 in north",
    ):
        assert any(line.startswith(told) for line in lines), (told, lines)
    assert len(lines) == 5
    assert not Path("plan").exists()


def test_what_is_wrong_within_a_folder_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    write(dataclasses.replace(PARTS["south"], pairs={("s0", "A"): float("nan"), ("s7", "A"): 1.0}), Path("south"))
    assert run("nation", "north", "south", "--out", "plan") == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "south/pairs.parquet, row 1, column value",
        "south/pairs.parquet, row 2, column person_id",
    ]


def test_keys_of_two_kinds_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    table = pq.read_table("south/classes.parquet")
    pq.write_table(table.set_column(0, "class_id", pa.array([1])), "south/classes.parquet")
    assert run("nation", "north", "south", "--out", "plan") == 2
    assert "south/classes.parquet, column class_id: numbers in one folder" in capsys.readouterr().err


def test_hard_minimums_and_a_name_told_twice_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    write(part("n", 1.0, hard_minimums=True), Path("north"))
    assert run("nation", "north", "north", "--out", "plan") == 2
    said = capsys.readouterr().err
    assert "authorities cannot share hard minimums" in said
    assert "another folder has this name too" in said


def test_more_pins_than_seats_leave_no_list() -> None:
    for name, case in PARTS.items():
        write(dataclasses.replace(case, pins=dict.fromkeys(case.pairs, True)), Path(name))
    said = nation()
    assert (said["status"], said["objective"], said["authorities"]) == ("infeasible", None, [])
    assert said["conflicts"] == [{"rule": "class_full", "class_id": "A", "most": 2, "pinned": {"north": 2, "south": 2}}]


def test_pins_of_one_authority_that_clash_are_told_in_its_folder() -> None:
    write(dataclasses.replace(PARTS["north"], callups_max=1), Path("north"))
    clash = part("s", 3.0, callups_max=1)
    two = dataclasses.replace(
        clash,
        classes={"A": (0, 4, 0, 2), "B": (7, 9, 0, 2)},
        pairs={("s0", "A"): 3.0, ("s0", "B"): 3.0},
        pins={("s0", "A"): True, ("s0", "B"): True},
    )
    write(two, Path("south"))
    said = nation()
    assert (said["status"], said["bound"], said["rounds"]) == ("infeasible", None, [])
    assert [each["status"] for each in said["authorities"]] == ["optimal", "infeasible"]
    assert json.loads(Path("plan/south/result.json").read_text(encoding="utf-8"))["conflict"]


def test_ctrl_c_writes_the_lists_so_far_with_the_bound() -> None:
    program = "from zhixing.config.cli import main; main()"
    words = ["callup", "nation", "north", "south", "--out", "plan", "--rounds", "9"]
    with subprocess.Popen([sys.executable, "-c", program, *words], stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list(Path().glob("plan/.prices-*")):
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        told = process.communicate()[1].decode()
    assert process.returncode == 0, told
    said = json.loads(Path("plan/nation.json").read_text(encoding="utf-8"))
    assert said["interrupted"]
    assert said["bound"] >= said["objective"] > 0


def test_the_maker_gives_authorities_their_own_keys_and_shared_classes(tmp_path: Path) -> None:
    folders = []
    for place in range(2):
        days = pa.array([20_000 + 7 * place, 20_007, 20_014], pa.int32()).cast(pa.date32())
        tables = {
            "classes": {"class_id": [1, 2, 3], "starts_on": days, "ends_on": days, "seats_min": [1, 1, 1], "seats_max": [4, 5, 6]},
            "people": {"person_id": [1, 2], "unit_id": [7, 7]},
            "units": {"unit_id": [7], "parent_id": pa.array([None], pa.int64()), "away_max": [2]},
            "pairs": {"person_id": [1, 2, 1], "class_id": [2, 2, 3], "value": [5.0, 6.0, 7.0]},
            "quotas": {"unit_id": [7], "class_id": [2], "seats_min": [0], "seats_max": [2]},
            "pins": {"person_id": [1], "class_id": [3], "chosen": [True]},
        }  # fmt: skip
        folders.append(tmp_path / f"raw{place}")
        folders[-1].mkdir()
        for name, columns in tables.items():
            pq.write_table(pa.table(columns), folders[-1] / f"{name}.parquet")
        (folders[-1] / "settings.json").write_text(
            '{"callups_max": 2, "second_callup_cost": 1, "short_seat_cost": 9}', encoding="utf-8"
        )
    one, two = maker.make(folders, tmp_path / "nation", shared=1)
    assert pq.read_table(two / "pairs.parquet").to_pydict() == {
        "person_id": [maker.APART + 1, maker.APART + 2, maker.APART + 1],
        "class_id": [-1, -1, maker.APART + 3],
        "value": [5.0, 6.0, 7.0],
    }
    shared = [row for row in pq.read_table(two / "classes.parquet").to_pylist() if row["class_id"] == -1]
    assert shared == [row for row in pq.read_table(one / "classes.parquet").to_pylist() if row["class_id"] == -1]
    assert (shared[0]["seats_min"], shared[0]["seats_max"]) == (2, 10)
    assert run("nation", str(one), str(two), "--out", "plan") == 0


def test_themes_reach_the_problem_of_each_authority_and_must_agree(capsys: pytest.CaptureFixture[str]) -> None:
    themed = {
        name: dataclasses.replace(case, themes={"A": "law"}, repeated_theme_cost=5.0) for name, case in PARTS.items()
    }
    write(themed["north"], Path("north"))
    write(themed["south"], Path("south"))
    nation()
    rows = pq.read_table("plan/south/problem/classes.parquet").to_pylist()
    assert {row["class_id"]: row["theme"] for row in rows}["A"] == "law"
    assert run("check", "plan/south/problem", "plan/south") == 0
    write(dataclasses.replace(themed["south"], themes={}), Path("south"))
    assert run("nation", "north", "south", "--out", "other") == 2
    assert "class A: theme is None, but law in north" in capsys.readouterr().err


@pytest.mark.slow
def test_the_bench_measures_a_small_nation(tmp_path: Path) -> None:
    figures = list(maker.figures(tmp_path, 0, None, province=1000, shared=2, seconds=60))
    assert [figure.unit for figure in figures] == ["%", "s", "s", "MB"]
    assert figures[0].value < 2.0
    assert all(figure.value > 0 for figure in figures[1:])
