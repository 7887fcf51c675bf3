"""``zhixing callup`` as an analyst's script meets it: exit codes, messages, and the files it leaves."""

from __future__ import annotations

import errno
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.callup.problems import Case
from zhixing.config.cli import callup_folder, main
from zhixing.config.cli.callup_sentences import audit
from zhixing.config.cli.language import speaking
from zhixing.engine.callup.reasons import REASONS
from zhixing.engine.callup.tables import FaultCode

pytestmark = pytest.mark.files

CASE = Case(
    classes={"A": (0, 4, 0, 2), "B": (7, 11, 0, 9)},
    units={"bureau": (None, 9), "office": ("bureau", 9)},
    people={"老王": "office", "q": "office", "r": "office"},
    pairs={("老王", "A"): 10.0, ("q", "A"): 9.0, ("r", "A"): 4.0, ("老王", "B"): 20.0},
    quotas={("bureau", "A"): (0, 2)},
    pins={("q", "A"): True},
    second_callup_cost=5.0,
)


def write(case: Case, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, table in case.tables().items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "settings.json").write_text(json.dumps(case.settings()), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder holds the problem ``city``."""
    write(CASE, tmp_path / "city")
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["callup", *words])
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def solve(folder: str = "city", out: str = "plan", *more: str) -> dict[str, Any]:
    assert run("solve", folder, "--out", out, "--seconds", "30", *more) == 0
    said: dict[str, Any] = json.loads(Path(out, "result.json").read_text(encoding="utf-8"))
    return said


def test_solve_writes_who_is_called_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    said = solve()
    assert {name: said[name] for name in ("status", "objective", "seed")} == {
        "status": "optimal", "objective": 34.0, "seed": 1,
    }  # fmt: skip
    assert said["gap"] == pytest.approx(0.0, abs=1e-6)
    assert said["bound"] >= 34.0
    assert pq.read_table("plan/selected.parquet").to_pylist() == [
        {"person_id": "q", "class_id": "A"},
        {"person_id": "老王", "class_id": "A"},
        {"person_id": "老王", "class_id": "B"},
    ]
    reasons = pq.read_table("plan/reasons.parquet")
    assert reasons.schema.equals(REASONS)
    assert {(r["person_id"], r["class_id"]): r["code"] for r in reasons.to_pylist()} == {
        ("q", "A"): "chosen_pinned",
        ("r", "A"): "class_full",
        ("老王", "A"): "chosen_best",
        ("老王", "B"): "chosen_best",
    }
    assert capsys.readouterr().out.startswith("plan: optimal, 3 call-ups, objective 34.00, bound 34.00")


def test_the_same_input_and_seed_give_the_same_bytes() -> None:
    for out in ("one", "two"):
        solve("city", out, "--seed", "7", "--workers", "1")
    for name in ("selected", "reasons", "prices"):
        assert Path("one", f"{name}.parquet").read_bytes() == Path("two", f"{name}.parquet").read_bytes()


def test_check_passes_what_solve_wrote_and_explain_tells_why(capsys: pytest.CaptureFixture[str]) -> None:
    solve()
    capsys.readouterr()
    assert run("check", "city", "plan") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["objective"], report["reasons"]["left_out"]) == (True, 34.0, 0)
    assert run("explain", "city", "plan", "--person", "r", "--class", "A") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["code"], [item["rule"] for item in said["obstacles"]]) == ("class_full", ["class_full", "quota_full"])
    paid = sum(item["price"] for item in said["prices"])
    assert paid > 0, "a full class has a price"
    what, value = said["audit"].split("；")[0].split("：")
    assert (what, float(value)) == ("此人对该班次的优先程度", said["value"])
    told = dict(part.split("：") for part in said["audit"].split("；")[1:-1])
    assert sum(map(float, told.values())) == pytest.approx(-paid)
    assert set(told) <= {"班次名额", "bureau的名额"}
    assert said["audit"].endswith(f"；不足：{paid - said['value']:.4f}")
    assert run("explain", "city", "plan", "--person", "r", "--class", "A", "--lang", "en") == 0
    english = json.loads(capsys.readouterr().out)
    assert english.pop("audit").startswith(f"Priority of the person for this class: {said['value']:g}; ")
    assert english == {key: value for key, value in said.items() if key != "audit"}, "codes are of no language"
    assert not Path("var").exists(), "sentences need no installation"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_audit_of_prices_is_a_sum_that_anyone_can_check(lang: str) -> None:
    english = lang == "en"

    def told(said: dict[str, Any]) -> list[str]:
        with speaking(lang):
            return audit(said).split("; " if english else "；")

    week = {"rule": "away_full", "unit": "7", "week": "2027-05-03", "price": 24.0}
    prices = [
        {"rule": "class_full", "class": "A", "price": 71.0},
        {"rule": "quota_full", "unit": "7", "class": "A", "price": 0.0},
    ]
    said = {"value": 92.0, "second_cost": 0.0, "spread": [], "prices": [*prices, week]}
    priority = "Priority of the person for this class: " if english else "此人对该班次的优先程度："
    seat = "A seat of the class: " if english else "班次名额："
    away, missing = ("The week of 2027-05-03 in 7: ", "Missing: ") if english else ("7 2027-05-03 当周：", "不足：")
    assert told(said) == [f"{priority}92", f"{seat}-71", f"{away}-24", f"{missing}3"]
    free = {"value": 5.0, "second_cost": 0.0, "spread": [], "prices": prices[1:]}
    assert told(free) == [f"{priority}5", "Left over: 5" if english else "结余：5"]
    short = [{"rule": "class_full", "class": "A", "price": -7.5}]
    again = {"value": 43.0, "second_cost": 60.0, "spread": [], "prices": short}
    second = "A further call-up of the person: -60" if english else "同一人再次调训：-60"
    assert told(again) == [f"{priority}43", f"{seat}+7.5", second, f"{missing}9.5"]
    beside = [{"rule": rule, "class": "B", "cost": 20.0} for rule in ("repeated_theme", "close_callup")]
    *_, theme, close, last = told({**again, "spread": beside})
    assert last == f"{missing}49.5"
    for line, word in ((theme, "theme" if english else "主题"), (close, "Shortly" if english else "间隔过近")):
        assert "B" in line
        assert word in line
        assert line.endswith("-20")


def test_check_fails_a_selection_that_breaks_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    solve()
    everyone = pa.table({"person_id": ["q", "老王", "r"], "class_id": ["A", "A", "A"]})
    pq.write_table(everyone, "plan/selected.parquet")
    Path("plan/reasons.parquet").unlink()
    capsys.readouterr()
    assert run("check", "city", "plan") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["violations"] == {"class_full": 1, "quota_full": 1}
    assert report["reasons"] is None


def test_pins_that_cannot_hold_leave_a_conflict_and_no_prices(tmp_path: Path) -> None:
    solve()
    write(
        Case(CASE.classes, CASE.people, CASE.pairs, CASE.units, {("office", "A"): (0, 0)}, CASE.pins), tmp_path / "city"
    )
    said = solve()
    assert (said["status"], said["objective"], said["bound"], said["gap"]) == ("infeasible", None, None, None)
    assert said["conflict"] == [
        {"rule": "quota_full", "unit_id": "office", "class_id": "A", "most": 0},
        {"rule": "pinned_in", "person_id": "q", "class_id": "A"},
    ]
    assert pq.read_table("plan/selected.parquet").num_rows == 0
    assert pq.read_table("plan/reasons.parquet").num_rows == 0
    assert not Path("plan/prices.parquet").exists()
    assert run("check", "city", "plan") == 0


def test_explain_refuses_what_it_cannot_explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    solve()
    capsys.readouterr()
    assert run("explain", "city", "plan", "--person", "nobody", "--class", "A") == 2
    assert capsys.readouterr().err == "city: there is no person_id nobody: ask for one of the problem\n"
    write(Case(CASE.classes, CASE.people, CASE.pairs, CASE.units), tmp_path / "other")
    assert run("explain", "other", "plan", "--person", "q", "--class", "A") == 2
    assert "this is the result of another problem" in capsys.readouterr().err
    Path("plan/result.json").write_text('{"status": "infeasible", "objective": null}', encoding="utf-8")
    assert run("explain", "city", "plan", "--person", "q", "--class", "A") == 2
    assert "nobody was chosen (infeasible)" in capsys.readouterr().err


def numbered(table: pa.Table) -> pa.Table:
    keys = {"老王": 1, "q": 2, "r": 3, "A": 10, "B": 11, "bureau": 20, "office": 21}
    for place, column in enumerate(table.column_names):
        if column.endswith("_id"):
            table = table.set_column(
                place, column, pa.array([keys.get(k) for k in table[column].to_pylist()], pa.int64())
            )
    return table


def test_keys_may_be_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    for name, table in CASE.tables().items():
        pq.write_table(numbered(table), f"city/{name}.parquet")
    assert solve()["objective"] == 34.0
    capsys.readouterr()
    assert run("explain", "city", "plan", "--person", "2", "--class", "10") == 0
    assert json.loads(capsys.readouterr().out)["code"] == "chosen_pinned"
    assert run("explain", "city", "plan", "--person", "q", "--class", "10") == 2
    assert "there is no person_id q" in capsys.readouterr().err
    text = pa.table({"person_id": ["someone"], "class_id": ["A"]})
    pq.write_table(text, "plan/selected.parquet")
    assert run("check", "city", "plan") == 2
    assert "write person_id int64, class_id int64" in capsys.readouterr().err


def test_every_fault_is_named_and_the_old_result_stays(capsys: pytest.CaptureFixture[str]) -> None:
    solve()
    before = {path.name: path.read_bytes() for path in Path("plan").iterdir()}
    units = CASE.tables()["units"]
    pq.write_table(units.set_column(2, "away_max", pa.array([-1, 9])), "city/units.parquet")
    pq.write_table(CASE.tables()["pairs"].set_column(2, "value", pa.array([1.0, 0.0, 2.0, 3.0])), "city/pairs.parquet")
    capsys.readouterr()
    assert run("solve", "city", "--out", "plan") == 2
    assert capsys.readouterr().err.splitlines() == [
        "city/units.parquet, row 1, column away_max: -1 is below 0: write 0 or more",
        "city/pairs.parquet, row 2, column value: 0.0 is not above 0: leave the pair out or give it a value",
    ]
    assert {path.name: path.read_bytes() for path in Path("plan").iterdir()} == before
    Path("city/settings.json").write_text(
        '{"callups_max": 0, "second_callup_cost": 1, "short_seat_cost": 1}', encoding="utf-8"
    )
    assert run("solve", "city", "--out", "plan") == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "city/settings.json, column callups_max",
        "city/units.parquet, row 1, column away_max",
        "city/pairs.parquet, row 2, column value",
    ]


def test_long_lists_of_faults_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    many = pa.table({"person_id": ["ghost"] * 150, "unit_id": ["office"] * 150})
    pq.write_table(many, "city/people.parquet")
    assert run("solve", "city", "--out", "plan") == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if "several rows" in line]
    assert lines[-1].endswith("(and 49 more rows)")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("units.parquet", None, "the file is missing"),
        ("units.parquet", b"unit_id;away_max", "this is no parquet file"),
        ("settings.json", None, "the file is missing"),
        ("settings.json", b"{", "this is no JSON"),
        ("settings.json", b"[]", "this is no JSON object"),
        ("settings.json", b'{"callups_max": 0}', "city/settings.json, column callups_max: 0 is no such setting"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    file: str, content: bytes | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("city", file).unlink()
    if content is not None:
        Path("city", file).write_bytes(content)
    assert run("solve", "city", "--out", "plan") == 2
    found = capsys.readouterr().err
    assert said in found
    assert file in found
    assert not Path("plan").exists()


def test_a_missing_parent_of_the_result_is_told_before_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("solve", "city", "--out", "no/where") == 2
    assert capsys.readouterr().err.startswith("no/where")


def test_a_full_disk_is_told_and_leaves_the_old_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    solve()
    before = {path.name: path.read_bytes() for path in Path("plan").iterdir()}

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(callup_folder.pq, "write_table", broken)
    with pytest.raises(SystemExit) as end:
        main(["callup", "solve", "city", "--out", "plan", "--seed", "9"])
    assert end.value.code == 2
    assert "no space left" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path("plan").iterdir()} == before


def test_every_fault_has_a_sentence_with_what_to_do() -> None:
    assert callup_folder.SENTENCES.keys() == set(FaultCode)
    assert all(": " in sentence for sentence in callup_folder.SENTENCES.values())


def test_a_terminal_shows_a_progress_bar_with_the_gap() -> None:
    ours, theirs = pty.openpty()
    program = "from zhixing.config.cli import main; main(['callup', 'solve', 'city', '--out', 'plan'])"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = b""
    while b"100%" not in shown:
        shown += os.read(ours, 1024)
    os.close(ours)
    assert b"####" in shown
    assert b"gap 0.000%" in shown
    assert done.stdout.decode().startswith("plan: optimal, 3 call-ups"), "and nothing else, such as a banner"


def test_no_list_is_told_with_every_conflict_and_the_ways_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quotas = {("office", "A"): (0, 1)}
    pins = {("q", "A"): True, ("r", "A"): True}
    write(Case(CASE.classes, CASE.people, CASE.pairs, CASE.units, quotas, pins), tmp_path / "city")
    said = solve()
    assert said["conflicts"] == [said["conflict"]]
    assert said["relaxations"] == [
        {
            "proven_cheapest": True,
            "ways": [
                {
                    "cost": 1.0,
                    "changes": [{"change": "quota_seats", "unit_id": "office", "class_id": "A", "from": 1, "to": 2}],
                },
                *(
                    {
                        "cost": 2.0,
                        "changes": [{"change": "drop_pin", "person_id": person, "class_id": "A", "chosen": True}],
                    }
                    for person in "qr"
                ),
            ],
        }
    ]
    assert capsys.readouterr().out.splitlines() == [
        "plan: infeasible, 0 call-ups",
        "冲突 1：office在“A”的名额为 1 个；指定：q参加“A”；指定：r参加“A”",
        "调整办法 1（代价 1，改动最小）：office在“A”增加 1 个名额",
        "调整办法 2（代价 2）：撤销q参加“A”的指定",
        "调整办法 3（代价 2）：撤销r参加“A”的指定",
    ]
    solve("city", "plan", "--lang", "en")
    assert capsys.readouterr().out.splitlines() == [
        "plan: infeasible, 0 call-ups",
        "Conflict 1: office has 1 seats in “A”; By hand: q goes to “A”; By hand: r goes to “A”",
        "Way out 1 (cost 1, smallest change): 1 more seat of office in “A”",
        "Way out 2 (cost 2): Take back that q goes to “A”",
        "Way out 3 (cost 2): Take back that r goes to “A”",
    ]


def test_all_that_the_issue_calls_bad_input_is_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    units = {"bureau": ("office", 9), "office": ("bureau", 9)}
    classes = {"A": (0, 4, 3, 2), "B": (7, 6, 0, 9)}
    pairs = {("ghost", "A"): 1.0, ("q", "A"): float("nan"), ("r", "A"): -1.0, ("q", "Z"): 1.0}
    case = Case(classes, CASE.people, pairs, units, {("nowhere", "A"): (2, 1)}, {("q", "B"): True, ("r", "B"): False})
    write(case, Path("city"))
    assert run("solve", "city", "--out", "plan") == 2
    said = {line.removeprefix("city/").split(":")[0] for line in capsys.readouterr().err.splitlines()}
    assert said == {
        "classes.parquet, row 1, column seats_min",
        "classes.parquet, row 2, column ends_on",
        "units.parquet, row 1, column parent_id",
        "units.parquet, row 2, column parent_id",
        "pairs.parquet, row 1, column person_id",
        "pairs.parquet, row 2, column value",
        "pairs.parquet, row 3, column value",
        "pairs.parquet, row 4, column class_id",
        "quotas.parquet, row 1, column unit_id",
        "quotas.parquet, row 1, column seats_min",
        "pins.parquet, row 1, column person_id + class_id",
        "pins.parquet, row 2, column person_id + class_id",
    }
    assert not Path("plan").exists()


@pytest.mark.parametrize("pairs", [{}, {("q", "A"): 9.0}], ids=["nobody eligible", "one person"])
@pytest.mark.parametrize("seconds", ["0", "30"])
def test_next_to_nothing_is_a_valid_answer(pairs: dict[tuple[str, str], float], seconds: str) -> None:
    write(Case(CASE.classes, {"q": "office"}, pairs, CASE.units), Path("city"))
    assert run("solve", "city", "--out", "plan", "--seconds", seconds) == 0
    said = json.loads(Path("plan/result.json").read_text(encoding="utf-8"))
    assert (said["status"], said["objective"]) == ("optimal", sum(pairs.values()))
    assert pq.read_table("plan/selected.parquet").num_rows == len(pairs)
    assert run("check", "city", "plan") == 0


def test_no_time_at_all_gives_a_list_with_its_bound() -> None:
    assert run("solve", "city", "--out", "plan", "--seconds", "0") == 0
    assert json.loads(Path("plan/result.json").read_text(encoding="utf-8"))["status"] in ("optimal", "feasible")
    assert run("check", "city", "plan") == 0
    assert run("solve", "city", "--out", "plan", "--seconds", "nan") == 2


def test_a_million_pairs_of_one_class() -> None:
    many = 1_000_000
    person, value = np.arange(many), np.random.default_rng(1).permutation(many) + 1.0
    tables = numbered_case(classes=1) | {
        "people": pa.table({"person_id": person, "unit_id": np.full(many, 21)}),
        "pairs": pa.table({"person_id": person, "class_id": np.full(many, 10), "value": value}),
    }
    for name, table in tables.items():
        pq.write_table(table, f"city/{name}.parquet")
    assert run("solve", "city", "--out", "plan", "--seconds", "5") == 0
    said = json.loads(Path("plan/result.json").read_text(encoding="utf-8"))
    assert said["bound"] >= said["objective"] == many + (many - 1)
    assert pq.read_table("plan/reasons.parquet").num_rows == many
    assert run("check", "city", "plan") == 0


def numbered_case(classes: int) -> dict[str, pa.Table]:
    """The case with keys that are numbers, its first classes, and no pins."""
    tables = {name: numbered(table) for name, table in CASE.tables().items()}
    return tables | {"classes": tables["classes"].slice(0, classes), "pins": tables["pins"].slice(0, 0)}


def test_ctrl_c_writes_the_best_list_so_far_with_its_bound() -> None:
    """The search is held in its first steps until the signal came, whatever the speed of the machine."""
    program = """
import os, signal
from zhixing.config.cli import callup, main

solve = callup.solve

def interrupted(problem, **how):
    pressed = []
    def progress(*told):
        how_progress(*told)
        if not pressed:
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)
    how_progress = how.pop("progress")
    return solve(problem, progress=progress, **how)

callup.solve = interrupted
main(["callup", "solve", "city", "--out", "plan", "--seconds", "600"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "(interrupted)" in done.stdout
    said = json.loads(Path("plan/result.json").read_text(encoding="utf-8"))
    assert said["interrupted"]
    assert said["status"] in ("optimal", "feasible")
    assert said["bound"] >= said["objective"]
    assert run("check", "city", "plan") == 0
