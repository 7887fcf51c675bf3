"""``zhixing ratings rank`` from a file to files: what is written, and what is refused in both languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from tests.cli.test_ratings import rows_of
from zhixing.config.cli import main
from zhixing.config.cli.ratings_rank import numbers
from zhixing.config.cli.ratings_sentences import WORDS
from zhixing.engine.ratings import design, ranking, sheets

pytestmark = pytest.mark.files

HEAD = "level n raw_mean raw_rank estimate se lower upper rank_lower rank_upper p_bottom p_top tie_group".split()


def marks(path: Path, rows: Sequence[tuple[object, ...]] | None = None, spread: float = 0.8) -> Path:
    """Marks of eight class runs by twenty raters each of a pool of sixty."""
    rng = np.random.default_rng(5)
    severity, quality = rng.normal(0, 0.5, 60), np.linspace(-spread, spread, 8)
    made = [
        (f"r{rater}", f"c{run}", round(7 + severity[rater] + quality[run] + float(rng.normal(0, 0.4)), 1))
        for run in range(8)
        for rater in rng.choice(60, 20, replace=False).tolist()
    ]
    lines = [",".join(map(str, row)) for row in (made if rows is None else rows)]
    path.write_text("\n".join(["rater,class_run,y", *lines]) + "\n", encoding="utf-8")
    return path


def run(path: Path, out: Path, *more: str) -> int:
    asked = ["--response", "y", "--crossed", "rater,class_run", "--of", "class_run", "--out", str(out)]
    with pytest.raises(SystemExit) as end:
        main(["ratings", "rank", str(path), *asked, "--bottom", "3", "--top", "2", *more])
    return int(end.value.code or 0)


def refused(path: Path, out: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert run(path, out, *more) == 2
    assert not out.exists()
    return capsys.readouterr().err


def test_the_file_tells_raw_and_corrected_figures_and_what_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ranking"
    assert run(marks(tmp_path / "marks.csv"), out) == 0
    rows = rows_of(out / "ranking.csv")
    assert list(rows[0])[: len(HEAD)] == HEAD
    assert [row["level"] for row in rows] == [f"c{k}" for k in range(8)]
    assert sum(float(row["p_bottom"]) for row in rows) == pytest.approx(3)
    assert sum(float(row["p_top"]) for row in rows) == pytest.approx(2)
    assert float(rows[0]["p_bottom"]) > 0.9
    assert rows[0]["tie_group"].split()[-1] != rows[7]["tie_group"].split()[0] == "1"
    assert all(float(row["lower"]) < float(row["estimate"]) < float(row["upper"]) for row in rows)
    said = json.loads((out / "ranking.json").read_text(encoding="utf-8"))
    assert (said["n"], said["levels"], said["bottom"], said["top"], said["joint"]) == (160, 8, 3, 2, True)
    assert said["monte_carlo_error"] <= 0.005
    assert "的 8 个水平，160 条评分" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_file_and_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    path = marks(tmp_path / "marks.csv")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")
    for name, of in (("one", path), ("again", path), ("turned", turned)):
        assert run(of, tmp_path / name) == 0
    one, again, other = (rows_of(tmp_path / name / "ranking.csv") for name in ("one", "again", "turned"))
    assert one == again
    for row, same in zip(one, other, strict=True):
        assert float(row["p_bottom"]) == pytest.approx(float(same["p_bottom"]), abs=1e-3)


def test_class_runs_that_are_all_alike_are_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(f"r{k}", f"c{run}", 4 + (k + run) % 2) for k in range(20) for run in range(6)]
    assert run(marks(tmp_path / "marks.csv", rows), tmp_path / "out", "--lang", "en") == 0
    told = capsys.readouterr().out
    assert "no two of them can be told apart" in told
    assert "the variance of class_run is zero" in told
    assert {row["tie_group"] for row in rows_of(tmp_path / "out" / "ranking.csv")} == {"1"}


def test_what_cannot_be_ranked_is_named_with_its_mend_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, path = tmp_path / "out", marks(tmp_path / "marks.csv")
    assert "--of 不在 --crossed（rater, class_run）之中" in refused(path, out, capsys, "--of", "teacher")
    assert "请减小 --bottom" in refused(path, out, capsys, "--bottom", "8")
    one = marks(tmp_path / "one.csv", [("a", f"c{k % 4}", k) for k in range(12)])
    assert "只有一个水平（a）" in refused(one, out, capsys)
    level = marks(tmp_path / "level.csv", [(f"r{k % 4}", "c", k) for k in range(12)])
    assert "column class_run: there is one level only (c)" in refused(level, out, capsys, "--lang", "en")
    equal = marks(tmp_path / "equal.csv", [(f"r{k % 4}", f"c{k % 5}", 4) for k in range(20)])
    assert "所有评分都一样" in refused(equal, out, capsys)
    bad = marks(tmp_path / "bad.csv", [("a", "c", "good"), ("b", "d", 5)])
    assert "第 2 行，列 y：“good”不是" in refused(bad, out, capsys)
    empty = marks(tmp_path / "empty.csv", [("a", "c", ""), ("b", "d", "")])
    assert "没有一条评分有分数" in refused(empty, out, capsys)
    assert "文件夹不存在" in refused(path, tmp_path / "no" / "out", capsys)


def test_numbers_in_a_row_are_told_by_their_ends() -> None:
    assert numbers((1, 2, 4, 5, 6, 9)) == "1 2 4-6 9"
    assert numbers(()) == ""


def test_every_code_has_a_sentence_and_both_languages_say_the_same_values() -> None:
    for code in [*ranking.FaultCode, *sheets.FaultCode, *design.FaultCode]:
        assert code in WORDS, code
    for key, (chinese, english) in WORDS.items():
        one, other = ({name for _, name, _, _ in Formatter().parse(said) if name} for said in (chinese, english))
        assert one == other, key
