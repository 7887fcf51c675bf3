"""``zhixing ratings fit`` from a file to files: what is written, and what is refused with its mend."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from zhixing.config.cli import main

pytestmark = pytest.mark.files


def marks(path: Path, rows: Sequence[tuple[object, ...]] | None = None, head: str = "rater,teacher,y") -> Path:
    rng = np.random.default_rng(7)
    severity, skill = rng.normal(0, 0.6, 30), rng.normal(0, 0.8, 12)
    made = [
        (f"r{rater}", f"t{teacher}", round(7 + severity[rater] + skill[teacher] + float(rng.normal(0, 0.5)), 1))
        for rater in range(30)
        for teacher in rng.choice(12, 6, replace=False).tolist()
    ]
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows or made)]) + "\n", encoding="utf-8")
    return path


def run(path: Path, out: Path, *more: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["ratings", "fit", str(path), "--response", "y", "--out", str(out), "--lang", "en", *more])
    return int(end.value.code or 0)


def fit(path: Path, out: Path, *more: str) -> None:
    assert run(path, out, "--crossed", "rater,teacher", *more) == 0


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(path: Path, out: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert run(path, out, "--crossed", "rater,teacher", *more) == 2
    assert not out.exists()
    return capsys.readouterr().err


def test_the_files_hold_every_level_every_term_and_every_variance(tmp_path: Path) -> None:
    out = tmp_path / "fit"
    fit(marks(tmp_path / "marks.csv"), out)
    effects = rows_of(out / "effects.csv")
    assert [row["group"] for row in effects] == ["rater"] * 30 + ["teacher"] * 12
    for row in effects:
        middle, se = float(row["estimate"]), float(row["se"])
        assert float(row["lower"]) == pytest.approx(middle - 1.96 * se, abs=1e-3)
        assert float(row["upper"]) == pytest.approx(middle + 1.96 * se, abs=1e-3)
    assert [row["term"] for row in rows_of(out / "fixed.csv")] == ["(Intercept)"]
    variances = {row["group"]: float(row["variance"]) for row in rows_of(out / "variances.csv")}
    assert variances["Residual"] == pytest.approx(0.25, rel=0.4)
    assert list(variances) == ["rater", "teacher", "Residual"]
    said = json.loads((out / "fit.json").read_text(encoding="utf-8"))
    assert (said["n"], said["method"], said["singular"]) == (180, "reml", [])
    assert said["log_likelihood"] < 0
    assert said["seconds"] >= 0
    assert said["iterations"] >= 1


def test_most_likely_variances_are_smaller_than_restricted_ones(tmp_path: Path) -> None:
    path = marks(tmp_path / "marks.csv")
    fit(path, tmp_path / "reml")
    fit(path, tmp_path / "ml", "--method", "ml")
    of = {name: rows_of(tmp_path / name / "variances.csv")[1]["variance"] for name in ("reml", "ml")}
    assert float(of["ml"]) < float(of["reml"])


def test_an_interaction_is_a_factor_of_the_pairs_that_occur(tmp_path: Path) -> None:
    out, path = tmp_path / "fit", marks(tmp_path / "marks.csv")
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    again = [f"{row.rpartition(',')[0]},{6 + place % 3}" for place, row in enumerate(rows)]
    path.write_text("\n".join([head, *rows, *again]) + "\n", encoding="utf-8")
    assert run(path, out, "--crossed", "rater,rater:teacher") == 0
    pairs = [row["level"] for row in rows_of(out / "effects.csv") if row["group"] == "rater:teacher"]
    assert len(pairs) == 180
    assert pairs[0].startswith("r0:t")


# Yields of dyestuff by batch (Davies 1949), with what other software says of them: Dyestuff of lme4, REML.
DYESTUFF = [
    (1545, 1440, 1440, 1520, 1580),
    (1540, 1555, 1490, 1560, 1495),
    (1595, 1550, 1605, 1510, 1560),
    (1445, 1440, 1595, 1465, 1545),
    (1595, 1630, 1515, 1635, 1625),
    (1520, 1455, 1450, 1480, 1445),
]


def test_published_figures_come_out_of_the_command(tmp_path: Path) -> None:
    rows = [(letter, mark) for letter, marks in zip("ABCDEF", DYESTUFF, strict=True) for mark in marks]
    out = tmp_path / "fit"
    assert run(marks(tmp_path / "marks.csv", rows, "batch,y"), out, "--crossed", "batch") == 0
    variances = {row["group"]: float(row["variance"]) for row in rows_of(out / "variances.csv")}
    assert variances == pytest.approx({"batch": 1764.05, "Residual": 2451.25}, rel=1e-5)
    assert json.loads((out / "fit.json").read_text())["log_likelihood"] == pytest.approx(-159.827138, abs=1e-4)


def test_a_factor_of_single_ratings_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(f"r{k}", f"t{k % 3}", k % 5) for k in range(30)]
    said = refused(marks(tmp_path / "marks.csv", rows), tmp_path / "fit", capsys)
    assert "column rater: 30 ratings, and each level of this factor has one only" in said


def test_what_is_wrong_is_named_with_its_mend_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fit"
    bad = marks(tmp_path / "bad.csv", [("a", "t", "good"), ("a", "s", "5"), ("b", "t", "x")])
    said = refused(bad, out, capsys)
    assert "row 2, column y: good is no number" in said
    assert "row 4, column y: x is no number" in said
    assert "column topic: the column is missing" in refused(bad, out, capsys, "--fixed", "topic")
    assert "rater stands twice" in refused(bad, out, capsys, "--crossed", "rater,rater")
    holes = marks(tmp_path / "holes.csv", [("", "t", 4), ("a", "s", 5), ("b", "t", 3)])
    assert "row 2, column rater: the cell is empty" in refused(holes, out, capsys)
    same = marks(tmp_path / "same.csv", [("a", "t", 4), ("a", "t", 5), ("b", "s", 3)])
    assert "parts the ratings in the same way as rater" in refused(same, out, capsys)
    out_of_step = marks(tmp_path / "step.csv", [("a", "t", ""), ("", "t", 4), ("a", "s", 5)])
    assert "row 3, column rater: the cell is empty" in refused(out_of_step, out, capsys)
    huge = marks(tmp_path / "huge.csv", [("a", "t", 4), ("a", "s", "3e300"), ("b", "t", "-inf")])
    said = refused(huge, out, capsys)
    assert "row 3, column y: 3e300 is no number" in said or "row 3, column y: 3e+300 is no number" in said
    assert "row 4, column y: -inf is no number" in said
    assert "stands in --fixed or --crossed" in refused(same, out, capsys, "--fixed", "y")


CELLS = "学员,教师,y\n" + "\n".join(f"学{k % 6},教{k // 6 % 4},{3 + k % 2 + k % 6 / 4}" for k in range(48)) + "\n"


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8-sig", ","), ("gbk", ","), ("gb18030", "\t"), ("utf-16", "\t"), ("utf-8", ";"), ("gbk", ";")],
)
def test_a_file_is_read_as_excel_writes_it_in_china(tmp_path: Path, encoding: str, delimiter: str) -> None:
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text(CELLS, encoding="utf-8")
    other.write_bytes(CELLS.replace(",", delimiter).encode(encoding))
    for path in (plain, other):
        assert run(path, path.with_suffix(""), "--crossed", "学员,教师") == 0
    written = [(tmp_path / name / "effects.csv").read_bytes() for name in ("plain", "other")]
    assert written[0] == written[1]


def test_a_large_file_turns_out_not_to_be_utf_8_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings and the first block are plain ASCII: the encoding shows further down."""
    monkeypatch.setattr("zhixing.config.cli.ratings_table.AT_ONCE", 2_000)
    rows = [(f"r{k % 9}", f"t{k // 9 % 4}", 3 + k % 3) for k in range(900)]
    rows[-1] = ("张三", "t1", 4)
    path = marks(tmp_path / "late.csv", rows)
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    fit(path, tmp_path / "fit")
    levels = {row["level"] for row in rows_of(tmp_path / "fit" / "effects.csv")}
    assert "张三" in levels
    assert len(levels) == 14


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n", "the file is empty"),
        (b"PK\x03\x04 and so on", "this is an Excel workbook: save it as CSV"),
        (b"\xd0\xcf\x11\xe0 and so on", "this is an Excel workbook"),
        (b"PAR1 and so on", "this is a Parquet file"),
        (b"rater,teacher,y\na,t,3\nb,t\na,s,4\n", "row 3 has 2 cells, the headings are 3"),
        (b"rater,teacher,y,y\na,t,3,4\n", "column y: the column stands twice"),
        (b"rater ,teacher,y\na,t,3\n", "column rater: the column is missing"),
        (b"rater ,teacher,y\na,t,3\n", "the columns of the file are: “rater ” “teacher” “y”"),
        (b"\xff\x81\x00rater\x01", "no CSV file"),
        (b"rater,teacher,y\na\xff\xff,t,3\n", "no CSV file"),
        (b"rater,teacher,y\n", "no rating has a response"),
    ],
)
def test_what_is_no_table_is_told_as_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    path = tmp_path / "marks.csv"
    path.write_bytes(content)
    assert said in refused(path, tmp_path / "fit", capsys)


def test_a_folder_is_no_file_of_ratings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "this is a folder: name one CSV file" in refused(tmp_path, tmp_path / "fit", capsys)


def test_equal_ratings_and_a_factor_of_one_level_are_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(marks(tmp_path / "equal.csv", [(f"r{k % 5}", f"t{k % 3}", 4) for k in range(30)]), tmp_path / "equal")
    assert "all ratings are equal" in capsys.readouterr().out
    fit(marks(tmp_path / "one.csv", [("r", f"t{k % 3}", 3 + k % 2 + k % 3) for k in range(30)]), tmp_path / "one")
    said = capsys.readouterr().out
    assert "with one level only: rater" in said
    assert "without variance: rater" in said
    assert "all ratings are equal" not in said


def test_an_unanswered_rating_and_a_factor_without_variance_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(f"r{k}", f"t{m}", "" if k == m == 0 else 3 + k % 3 + (k + m) % 2 / 10) for k in range(9) for m in range(4)]
    fit(marks(tmp_path / "marks.csv", rows), tmp_path / "fit")
    said = json.loads((tmp_path / "fit" / "fit.json").read_text(encoding="utf-8"))
    assert said["left_out"] == 1
    assert said["singular"] == ["teacher"]
    told = capsys.readouterr().out
    assert "without variance: teacher" in told
    assert "1 without a response left out" in told


def test_ratings_entered_twice_count_and_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = marks(tmp_path / "marks.csv")
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *rows, *rows[:18]]) + "\n", encoding="utf-8")
    fit(path, tmp_path / "fit")
    said = json.loads((tmp_path / "fit" / "fit.json").read_text(encoding="utf-8"))
    assert (said["n"], said["doubled"]) == (198, 18)
    assert "18 say in all columns what another says" in capsys.readouterr().out


def test_levels_that_tell_every_rating_are_said_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("y,s,d\n" + "".join(f"{3 + t % 4},{t},{t * k % 3}\n" for t in range(6) for k in range(4)))
    assert run(path, tmp_path / "out", "--crossed", "s,d") == 0
    assert "leave nothing to the residual" in capsys.readouterr().out


def test_without_factors_only_fixed_terms_are_written(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("y,x\n1,1\n2,2\n4,3\n3,5\n")
    assert run(path, tmp_path / "out", "--fixed", "x") == 0
    assert rows_of(tmp_path / "out" / "effects.csv") == []
    assert [row["term"] for row in rows_of(tmp_path / "out" / "fixed.csv")] == ["(Intercept)", "x"]


def test_chinese_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = marks(
        tmp_path / "marks.csv", [(f"r{k}", f"t{m}", 3 + k % 3 + (k + m) % 2 / 10) for k in range(9) for m in range(4)]
    )
    words = [
        "ratings",
        "fit",
        str(path),
        "--response",
        "y",
        "--crossed",
        "rater,teacher",
        "--out",
        str(tmp_path / "fit"),
    ]
    with pytest.raises(SystemExit):
        main(words)
    told = capsys.readouterr().out
    assert "36 条评分" in told
    assert "方差为零的因素：teacher" in told
    bad = marks(tmp_path / "bad.csv", [("a", "t", "很好"), ("a", "s", "5"), ("b", "t", "4")])
    with pytest.raises(SystemExit) as end:
        main([str(bad) if word == str(path) else word for word in words])
    assert end.value.code == 2
    assert "第 2 行，列 y：“很好”不是可以计算的数" in capsys.readouterr().err


def test_a_large_file_is_read_in_parts_like_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"r{k % 9}", f"t{k % 4}", 3 + k % 3 if k < 40 else 3.5 + k % 2) for k in range(80)]
    path = marks(tmp_path / "marks.csv", [(*row[:2], "" if k == 70 else row[2]) for k, row in enumerate(rows)])
    fit(path, tmp_path / "whole")
    monkeypatch.setattr("zhixing.config.cli.ratings_table.AT_ONCE", 200)
    fit(path, tmp_path / "parts")
    for name in ("effects.csv", "variances.csv", "fixed.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()


def test_a_word_far_down_a_large_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhixing.config.cli.ratings_table.AT_ONCE", 200)
    rows = [(f"r{k % 9}", f"t{k % 4}", "good" if k == 77 else k % 5) for k in range(80)]
    assert "row 79, column y: good is no number" in refused(
        marks(tmp_path / "marks.csv", rows), tmp_path / "fit", capsys
    )
