"""``zhixing needs gaps`` from a file to a file, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from zhixing.config.cli import main


def run(path: Path, out: Path, *more: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["needs", "gaps", str(path), "--out", str(out), *more])
    return int(end.value.code or 0)


def answers(path: Path, sizes: tuple[int, ...] = (12, 9, 3, 20)) -> Path:
    rng = np.random.default_rng(3)
    lines = [
        f"依法行政,单位{unit},科级,4,{4 - 1 - 0.5 * (unit == 3) + rng.normal(0, 0.5):.2f}"
        for unit, size in enumerate(sizes)
        for _person in range(size)
    ]
    path.write_text("\n".join(["competency,unit,level,required,present", *lines]) + "\n", encoding="utf-8")
    return path


def test_gaps_are_told_of_all_of_levels_of_units_and_of_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(answers(tmp_path / "answers.csv"), tmp_path / "gaps.csv") == 0
    assert "44" in capsys.readouterr().out
    with (tmp_path / "gaps.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["unit", "level", "competency", "gap", "lower", "upper", "n"]
    assert [(row["unit"], row["level"], row["n"]) for row in rows[:2]] == [("", "", "44"), ("", "科级", "44")]
    assert {row["unit"]: row["n"] for row in rows[2:] if not row["level"]} == {
        "单位0": "12", "单位1": "0", "单位2": "0", "单位3": "20",
    }  # fmt: skip
    by_unit = {row["unit"]: row for row in rows[2:]}
    assert by_unit["单位1"] | {"unit": "单位2"} == by_unit["单位2"]  # what the others let expect, the same for both
    assert run(tmp_path / "answers.csv", tmp_path / "own.csv", "--least", "1") == 0
    with (tmp_path / "own.csv").open(encoding="utf-8", newline="") as file:
        own = {row["unit"]: row for row in csv.DictReader(file) if not row["level"]}
    assert own["单位2"]["n"] == "3"
    assert float(own["单位2"]["upper"]) - float(own["单位2"]["lower"]) < float(by_unit["单位2"]["upper"]) - float(
        by_unit["单位2"]["lower"]
    )
    assert all(float(row["lower"]) < float(row["gap"]) < float(row["upper"]) for row in rows)
    assert 0.8 < float(rows[0]["gap"]) < 1.6


def test_what_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = answers(tmp_path / "answers.csv")
    path.write_text(path.read_text(encoding="utf-8") + "依法行政,,科级,四,3\n", encoding="utf-8")
    assert run(path, tmp_path / "gaps.csv") == 2
    said = capsys.readouterr().err
    assert "unit" in said
    assert "四" in said
    assert not (tmp_path / "gaps.csv").exists()
