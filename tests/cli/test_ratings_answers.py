"""``zhixing ratings reliability`` and ``careless`` from a file to files, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_ratings import rows_of
from tests.engine.ratings.test_agreement import OBSERVERS
from tests.engine.ratings.test_reliability import ATTITUDE, SHROUT_FLEISS
from zhixing.config.cli import main
from zhixing.config.cli.bench.answers import BLOCKS, ITEMS, REVERSED, planted

pytestmark = pytest.mark.files


def table(path: Path, head: str, values: np.ndarray) -> Path:
    cells = ["" if np.isnan(cell) else f"{cell:g}" for cell in values.ravel().tolist()]
    rows = [",".join(cells[first : first + values.shape[1]]) for first in range(0, len(cells), values.shape[1])]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def run(what: str, path: Path, out: Path, *more: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["ratings", what, str(path), "--out", str(out), *more])
    return int(end.value.code or 0)


def said(path: Path) -> dict[str, object]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_items_have_alpha_omega_and_a_row_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(tmp_path / "a.csv", "rating,complaints,privileges,learning,raises,critical,advance", ATTITUDE)
    assert run("reliability", path, tmp_path / "out") == 0
    found = said(tmp_path / "out" / "reliability.json")
    assert found["alpha"]["value"] == pytest.approx(0.84314277)  # type: ignore[index]
    assert found["omega"] == pytest.approx(0.85632694, abs=1e-5)
    rows = rows_of(tmp_path / "out" / "items.csv")
    assert [row["item"] for row in rows][:2] == ["rating", "complaints"]
    assert all(0 < float(row["item_rest"]) < 1 for row in rows)
    assert "7 个题目，30 份答卷，α = 0.843" in capsys.readouterr().out


def test_items_that_point_the_other_way_are_turned_and_groups_are_told(tmp_path: Path) -> None:
    sheets, _ = planted(600, seed=2)
    values = np.column_stack([sheets.values, np.arange(600) % 20])
    path = table(tmp_path / "a.csv", ",".join([*ITEMS, "class_run"]), values)
    more = ["--scale", "1:5", "--group", "class_run"]
    assert run("reliability", path, tmp_path / "raw", *more) == 0
    assert run("reliability", path, tmp_path / "turned", *more, "--reversed", ",".join(REVERSED)) == 0
    raw, turned = (said(tmp_path / name / "reliability.json") for name in ("raw", "turned"))
    assert turned["alpha"]["value"] > raw["alpha"]["value"] + 0.05  # type: ignore[index]
    assert turned["groups"]["groups"] == 20  # type: ignore[index]
    groups = rows_of(tmp_path / "turned" / "agreement.csv")
    assert len(groups) == 20
    assert {row["sheets"] for row in groups} == {"30"}
    assert all(0 <= float(row["r_wg_j"]) <= 1 for row in groups)


def test_raters_have_intraclass_correlations_and_krippendorffs_alpha(tmp_path: Path) -> None:
    path = table(tmp_path / "sf.csv", "a,b,c,d", SHROUT_FLEISS)
    assert run("reliability", path, tmp_path / "sf", "--of", "raters", "--measure", "interval") == 0
    found = said(tmp_path / "sf" / "reliability.json")
    assert found["intraclass"]["single_2"]["value"] == pytest.approx(0.29, abs=5e-3)  # type: ignore[index]
    path = table(tmp_path / "k.csv", "a,b,c,d", OBSERVERS)
    assert run("reliability", path, tmp_path / "k", "--of", "raters", "--resamples", "0") == 0
    found = said(tmp_path / "k" / "reliability.json")
    assert found["krippendorff"]["value"] == pytest.approx(0.815, abs=5e-4)  # type: ignore[index]
    assert found["krippendorff"]["lower"] is None  # type: ignore[index]
    path = table(tmp_path / "never.csv", "a,b,c", np.array([[1, 2, np.nan], [np.nan, 3, 3], [4, np.nan, 5.0]]))
    assert run("reliability", path, tmp_path / "never", "--of", "raters") == 0
    assert said(tmp_path / "never" / "reliability.json")["intraclass"] is None


def test_careless_sheets_are_told_by_index_and_means_stand_with_and_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheets, kind = planted(500, seed=4)
    assert sheets.seconds is not None
    path = table(tmp_path / "a.csv", ",".join([*ITEMS, "took"]), np.column_stack([sheets.values, sheets.seconds]))
    blocks = ";".join(",".join(block) for block in BLOCKS)
    more = ["--scale", "1:5", "--blocks", blocks, "--reversed", ",".join(REVERSED), "--seconds", "took"]
    assert run("careless", path, tmp_path / "out", *more) == 0
    rows = rows_of(tmp_path / "out" / "sheets.csv")
    aside = np.array([row["aside"] == "true" for row in rows])
    assert aside[kind != 0].mean() > 0.85
    assert aside[kind == 0].mean() < 0.02
    hasty = next(row for row, one in zip(rows, kind, strict=True) if one == 3)
    assert {"longest_run", "seconds"} <= set(hasty["flagged"].split())
    means = rows_of(tmp_path / "out" / "means.csv")
    assert len(means) == 20
    assert all(int(row["n_left"]) < int(row["n"]) for row in means)
    assert f"{aside.sum()} 份有 2 个以上迹象" in capsys.readouterr().out
    assert (
        run("careless", path, tmp_path / "off", *more, "--limit", "item_seconds=off", "--limit", "run_share=0.9") == 0
    )
    found = said(tmp_path / "off" / "careless.json")
    assert found["thresholds"]["item_seconds"] is None  # type: ignore[index]
    assert found["flagged"]["seconds"] == 0  # type: ignore[index]


def refused(capsys: pytest.CaptureFixture[str], what: str, path: Path, out: Path, *more: str) -> str:
    assert run(what, path, out, *more) == 2
    assert not out.exists()
    return capsys.readouterr().err


def test_bad_answers_are_named_with_their_mend_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    one = table(tmp_path / "one.csv", "a", np.array([[1.0], [2]]))
    assert "至少要两个题目（或两名评分人）" in refused(capsys, "reliability", one, out)
    equal = table(tmp_path / "equal.csv", "a,b", np.full((4, 2), 4.0))
    for of in ("items", "raters"):
        assert "所有答案都一样" in refused(capsys, "reliability", equal, out, "--of", of)
    empty = table(tmp_path / "empty.csv", "a,b,c", np.array([[1, np.nan, 2], [2, np.nan, 4.0]]))
    assert "列 b：这一列没有一个答案" in refused(capsys, "reliability", empty, out)
    words = tmp_path / "words.csv"
    words.write_text("a,b\n1,good\n2,3\n7,1\n", encoding="utf-8")
    told = refused(capsys, "careless", words, out, "--scale", "1:5", "--lang", "en")
    assert "row 2, column b: good is no number" in told
    assert "row 4, column a: 7 lies off the scale" in told
    good = table(tmp_path / "good.csv", "a,b,c", np.array([[1, 2, 3], [2, 3, 1], [3, 3, 2.0]]))
    assert "请写成“最低:最高”" in refused(capsys, "careless", good, out, "--scale", "5:1")
    assert "--group 需要知道量表" in refused(capsys, "reliability", good, out, "--group", "c")
    assert "--blocks：d 不在所选的列之中" in refused(capsys, "careless", good, out, "--scale", "1:5", "--blocks", "a,d")
    assert "名称是 run_share" in refused(capsys, "careless", good, out, "--scale", "1:5", "--limit", "speed=1")
    assert "没有这一列" in refused(capsys, "reliability", good, out, "--columns", "a,z")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00\x01\n\x00")
    assert refused(capsys, "reliability", binary, out)
