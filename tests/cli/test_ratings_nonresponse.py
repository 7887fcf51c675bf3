"""``zhixing ratings nonresponse`` from two files to weights, and what is refused with its mend."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from zhixing.config.cli import main

pytestmark = pytest.mark.files

ASKED = "单位,级别,asked\n市直,科级,80\n市直,处级,20\n区县,科级,60\n区县,处级,40\n"


def run(folder: Path, *options: str) -> int:
    arguments = ["ratings", "nonresponse", str(folder / "answers.csv"), str(folder / "asked.csv"), "--by", "单位,级别"]
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--columns", "总评", *options, "--out", str(folder / "out")])
    return int(end.value.code or 0)


def laid(folder: Path, counts: dict[str, tuple[int, str]], asked: str = ASKED) -> Path:
    """``counts``: kind → (sheets, the mark of each)."""
    rows = [f"{kind},{mark}" for kind, (n, mark) in counts.items() for _ in range(n)]
    (folder / "answers.csv").write_text("\n".join(["单位,级别,总评", *rows]) + "\n", encoding="utf-8")
    (folder / "asked.csv").write_text(asked, encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FULL = {"市直,科级": (40, "8"), "市直,处级": (20, "6"), "区县,科级": (30, "8"), "区县,处级": (20, "4")}


def test_each_kind_weighs_as_many_as_were_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(laid(tmp_path, FULL)) == 0
    assert "110" in capsys.readouterr().out
    [mean] = rows_of(tmp_path / "out" / "means.csv")
    assert float(mean["mean"]) == pytest.approx((70 * 8 + 20 * 6 + 20 * 4) / 110)
    assert float(mean["mean_weighted"]) == pytest.approx((140 * 8 + 20 * 6 + 40 * 4) / 200)
    kinds = rows_of(tmp_path / "out" / "kinds.csv")
    assert [float(one["weighed"]) for one in kinds] == pytest.approx([44, 11, 33, 22])
    said = json.loads((tmp_path / "out" / "nonresponse.json").read_text(encoding="utf-8"))
    assert (said["sheets"], said["asked"], said["trimmed"]) == (110, 200, 0)
    assert 1 < said["design_effect"] < 1.2


def test_raking_meets_each_column_by_itself(tmp_path: Path) -> None:
    assert run(laid(tmp_path, FULL), "--rake") == 0
    kinds = rows_of(tmp_path / "out" / "kinds.csv")
    weighed = [float(one["weighed"]) for one in kinds]
    assert weighed[0] + weighed[1] == pytest.approx(55)
    assert weighed[0] + weighed[2] == pytest.approx(110 * 140 / 200)


def test_a_kind_of_few_answers_is_joined_with_the_smaller_neighbour(tmp_path: Path) -> None:
    assert run(laid(tmp_path, FULL | {"市直,处级": (2, "6")})) == 0
    assert [one["joined"] for one in rows_of(tmp_path / "out" / "kinds.csv")] == ["1", "2", "2", "3"]


@pytest.mark.parametrize(
    ("counts", "asked", "options", "named"),
    [
        (FULL | {"市直,处级": (21, "6")}, ASKED, (), "市直 处级"),
        (FULL | {"省直,处级": (1, "6")}, ASKED, (), "省直 处级"),
        (FULL, ASKED + "市直,科级,1\n", (), "第 6 行"),
        (FULL, ASKED.replace("80", "八十"), (), "八十"),
        (FULL, ASKED.replace("80", "-1"), (), "-1"),
        (FULL | {"市直,处级": (0, ""), "区县,处级": (0, "")}, ASKED, ("--rake",), "处级"),
        ({}, ASKED, (), "answers.csv"),
    ],
    ids=["more than asked", "not asked", "a kind twice", "no number", "below zero", "nobody to rake", "no sheet"],
)
def test_what_cannot_be_weighed_is_refused_with_its_place(
    counts: dict[str, tuple[int, str]],
    asked: str,
    options: tuple[str, ...],
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(laid(tmp_path, counts, asked), *options) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
