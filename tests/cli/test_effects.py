"""``zhixing effects`` from a file to files and sentences, and what is refused with its mend."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zhixing.config.cli import main

pytestmark = pytest.mark.files


def table(path: Path, head: str, rows: Iterable[Iterable[object]], encoding: str = "utf-8") -> Path:
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding=encoding)
    return path


def run(kind: str, *arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(["effects", kind, *map(str, arguments)])
    return int(end.value.code or 0)


def said(out: Path, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / f"{kind}.json").read_text(encoding="utf-8"))
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores(path: Path, encoding: str = "utf-8") -> Path:
    rng = np.random.default_rng(2)
    able = rng.normal(70, 8, 200)
    pre, post = able + rng.normal(0, 5, 200), able + rng.normal(0, 5, 200)
    rows = [
        (f"{a:.1f}", f"{b:.1f}" if a < 66 else "", int(a < 66), f"班{n % 7}")
        for n, (a, b) in enumerate(zip(pre, post, strict=True))
    ]
    return table(path, "训前,训后,参训,班次", rows, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_gain_of_those_called_by_a_low_score_is_no_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    out, path = tmp_path / "out", scores(tmp_path / "scores.csv", encoding)
    options = (
        "--pre",
        "训前",
        "--post",
        "训后",
        "--called",
        "参训",
        "--called-by-pre",
        "--reliability",
        0.72,
        "--out",
        out,
    )
    assert run("gain", path, *options) == 0
    found = said(out, "gain")
    assert found["verdict"] == "no_evidence"
    assert found["raw"]["lower"] > 0
    assert found["readings"][0]["method"] == "corrected"
    told = capsys.readouterr().out
    assert "没有证据表明有效果" in told
    assert "向均值回归" in told
    assert found["sentences"] == told.splitlines()
    assert run("gain", path, *options, "--lang", "en", "--cluster", "班次") == 0
    assert "There is no evidence of an effect" in capsys.readouterr().out


def test_matched_people_are_told_with_their_balance_and_whoever_has_no_match(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(3)
    level, age, called = rng.integers(0, 3, 300), rng.normal(40, 6, 300), rng.random(300) < 0.3
    outcome = level + 0.05 * age + 0.8 * called + rng.normal(0, 0.5, 300)
    age[np.flatnonzero(called)[0]] = 90
    path = table(
        tmp_path / "people.csv",
        "called,outcome,level,age",
        (
            (int(c), round(float(y), 3), f"L{one}", round(float(a), 2))
            for c, y, one, a in zip(called, outcome, level, age, strict=True)
        ),
    )
    out = tmp_path / "out"
    assert (
        run(
            "matched",
            path,
            "--called",
            "called",
            "--outcome",
            "outcome",
            "--exact",
            "level",
            "--near",
            "age",
            "--out",
            out,
        )
        == 0
    )
    found = said(out, "matched")
    assert found["verdict"] == "better"
    assert found["effect"]["lower"] < 0.8 < found["effect"]["upper"]
    assert int(np.flatnonzero(called)[0]) + 2 in found["unmatched_rows"]
    assert [row["name"] for row in rows_of(out / "balance.csv")] == ["age"]
    assert "有提高" in capsys.readouterr().out


def test_cohorts_are_told_by_time_since_the_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(4)
    first = rng.choice([2022, 2023, 0], 90)
    rows = [
        (
            f"u{unit}",
            year,
            first[unit],
            round(float(rng.normal() + 2.0 * (first[unit] and year >= first[unit])), 3),
            f"g{unit % 30}",
        )
        for unit in range(90)
        for year in range(2020, 2025)
    ]
    out, path = tmp_path / "out", table(tmp_path / "years.csv", "unit,year,first,y,group", rows)
    options = ("--unit", "unit", "--period", "year", "--first", "first", "--outcome", "y", "--out", out)
    assert run("cohorts", path, *options, "--cluster", "group") == 0
    found = said(out, "cohorts")
    assert found["verdict"] == "better"
    assert found["overall"]["lower"] < 2.0 < found["overall"]["upper"]
    assert [int(row["after"]) for row in rows_of(out / "since.csv")] == [-2, -1, 0, 1, 2]
    assert {row["cohort"] for row in rows_of(out / "group_times.csv")} == {"2022", "2023"}
    assert "调训当期之后第 1 期" in capsys.readouterr().out
    before = (out / "cohorts.json").read_text(encoding="utf-8")
    assert run("cohorts", path, *options, "--cluster", "group") == 0
    assert (out / "cohorts.json").read_text(encoding="utf-8") == before


def test_a_study_is_told_what_it_would_see(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run("detectable", "--called", 64, "--compared", 64, "--effect", 0.5, "--out", out) == 0
    found = said(out, "detectable")
    assert found["smallest_effect"] == pytest.approx(0.5, abs=0.002)
    assert found["needed"] == 64
    assert "需调训 64 人" in capsys.readouterr().out
    pilot = scores(tmp_path / "pilot.csv")
    options = ("--called", 50, "--compared", 50, "--outcome", "训前", "--cluster", "班次", "--out", out)
    assert run("detectable", pilot, *options, "--effect", 1e-5) == 0
    found = said(out, "detectable")
    assert found["pilot"]["spread"] > 5
    assert found["study"]["per_cluster"] == pytest.approx(200 / 7)
    assert found["needed"] is None
    assert run("detectable", "--called", 1, "--out", out) == 0
    assert said(out, "detectable")["smallest_effect"] is None


def refused(capsys: pytest.CaptureFixture[str], out: Path, kind: str, *arguments: object) -> str:
    assert run(kind, *arguments, "--out", out) == 2
    assert not out.exists()
    return capsys.readouterr().err


def test_what_is_wrong_is_named_with_row_and_mend_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    bad = table(tmp_path / "bad.csv", "pre,post,called", [(1, "good", 1), (2, 3, "maybe"), ("x", 4, "")])
    told = refused(
        capsys, out, "gain", bad, "--pre", "pre", "--post", "post", "--called", "called", "--cluster", "班次"
    )
    assert "第 2 行，“post”列：“good”不是可用的数" in told
    assert "第 3 行，“called”列：“maybe”既不是" in told
    assert "第 4 行，“called”列：单元格为空" in told
    assert "第 4 行，“pre”列：“x”不是可用的数" in told
    assert "“班次”列：缺少该列" in told
    assert "全都相同" in refused(
        capsys,
        out,
        "gain",
        table(tmp_path / "a.csv", "a,b", [(1, 2), (1, 3)]),
        "--pre",
        "a",
        "--post",
        "b",
        "--called-by-pre",
        "--mean",
        4,
    )
    alike = table(tmp_path / "alike.csv", "c,y", [(1, 2), (1, 3)])
    assert "没有可以比较的人" in refused(capsys, out, "matched", alike, "--called", "c", "--outcome", "y")
    panel = table(tmp_path / "p.csv", "u,t,g,y", [("a", 1, 2, 1), ("a", 2, 3, 1), ("a", 2, 2, 1), ("b", 1, -1, 1)])
    options = ("--unit", "u", "--period", "t", "--first", "g", "--outcome", "y")
    assert "“-1”超出允许的范围" in refused(capsys, out, "cohorts", panel, *options)
    panel = table(tmp_path / "p.csv", "u,t,g,y", [("a", 1, 2, 1), ("a", 2, 3, 1), ("a", 2, 2, 1)])
    told = refused(capsys, out, "cohorts", panel, *options)
    assert "第 3 行，“g”列：a 在前面的行中是另一个值" in told
    assert "第 4 行：a 在第 2 期已有一行" in told


def test_files_that_are_no_tables_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    options = ("--pre", "a", "--post", "b")
    twice = table(tmp_path / "twice.csv", "a,a,b", [(1, 2, 3)])
    assert "表头“a”出现两次" in refused(capsys, out, "gain", twice, *options)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert "文件是空的" in refused(capsys, out, "gain", empty, *options)
    ragged = table(tmp_path / "ragged.csv", "a,b", [(1, 2), (3,)])
    assert "第 3 行有 1 格，列名有 2 个" in refused(capsys, out, "gain", ragged, *options)
    head = table(tmp_path / "head.csv", "a,b", [])
    assert "表头以下没有数据" in refused(capsys, out, "gain", head, *options)
    other = table(tmp_path / "other.csv", "x,y", [(1, 2)])
    assert "“a”列：缺少该列" in refused(capsys, out, "gain", other, *options)
    assert "文件夹" in refused(capsys, tmp_path / "no" / "out", "gain", other, *options)
    assert run("detectable", other, "--called", 3, "--out", out) == 2
