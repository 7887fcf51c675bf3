"""``zhixing disclosure``: tables that give nobody away, a ledger that is kept, and attacks that are found."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zhixing.config.cli import main

pytestmark = pytest.mark.files


def run(kind: str, *arguments: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(["disclosure", kind, *map(str, arguments)])
    return int(end.value.code or 0)


def answers(path: Path, n: int = 160, head: str = "单位,职务层次,总体,收到") -> Path:
    rng = np.random.default_rng(3)
    rows = [
        f"局{unit // 3}/科{unit},L{level},{grade},2027-0{month}-01"
        for unit, level, grade, month in zip(
            rng.integers(0, 9, n),
            rng.choice(3, n, p=[0.6, 0.3, 0.1]),
            np.clip(np.round(rng.normal(3.2, 0.8, n)), 1, 4).astype(int),
            rng.integers(1, 4, n),
            strict=True,
        )
    ]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


OPTIONS = ("--items", "总体", "--scale", "1-4", "--nested", "单位", "--came", "收到")


def tables(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def written(path: Path, *made: dict[str, Any], **further: Any) -> Path:
    path.write_text(json.dumps({"tables": list(made), **further}, ensure_ascii=False), encoding="utf-8")
    return path


def table(cut: list[str], *cells: tuple[list[str], int | None, object], **further: Any) -> dict[str, Any]:
    shown = [{"at": dict(zip(cut, at, strict=True)), "n": n, "mean": mean} for at, n, mean in cells]
    return {"cut": cut, "item": "总体", "scale": [1, 4], "cells": shown, **further}


def test_protected_tables_pass_the_check_together_with_those_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, first, second = answers(tmp_path / "a.csv"), tmp_path / "first", tmp_path / "second"
    assert run("protect", path, *OPTIONS, "--cuts", "单位,职务层次", "--until", "2027-02-15", "--out", first) == 0
    ledger = first / "tables.json"
    assert run("protect", path, *OPTIONS, "--cuts", "单位:职务层次,单位", "--published", ledger, "--out", second) == 0
    assert "格，公布" in capsys.readouterr().out
    assert run("check", ledger, second / "tables.json") == 0
    assert "都不能得手" in capsys.readouterr().out
    for cell in (cell for one in tables(second / "tables.json")["tables"] for cell in one["cells"]):
        assert ("left_out" in cell) != ("n" in cell and "mean" in cell)
        assert cell.get("n", 5) >= 5
    with (second / "tables.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any(row["left_out"] == "gives_away" for row in rows)
    assert all(row["n"] == row["mean"] == "" for row in rows if row["left_out"])


def test_counts_are_published_grade_by_grade(tmp_path: Path) -> None:
    path, out = answers(tmp_path / "a.csv"), tmp_path / "out"
    assert run("protect", path, *OPTIONS, "--cuts", "单位", "--statistic", "counts", "--out", out) == 0
    cells = tables(out / "tables.json")["tables"][0]["cells"]
    assert sum(cells[0]["counts"]) == cells[0]["n"] == 160
    assert run("check", out / "tables.json") == 0


def test_each_attack_is_found_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everybody = table([], ([], 12, "3.00"))
    by_unit = table(["单位"], (["甲"], 9, "3.00"), (["乙"], None, None))
    assert run("check", written(tmp_path / "t.json", everybody, by_unit)) == 1
    told = capsys.readouterr().out
    assert "[全体] − [单位=甲] = 3 人，其总分必在 9 至 9 之间" in told
    assert "单位=乙：虽未公布，但可知至多 3 人，且总分必在 9 至 9 之间" in told
    small = table(["单位"], (["甲"], 4, "2.50"), (["乙"], 6, "4.00"))
    assert run("check", written(tmp_path / "t.json", small), "--lang", "en") == 1
    told = capsys.readouterr().out
    assert "单位=甲: 4 people only" in told
    assert "单位=乙: all 6 answered alike" in told
    earlier, later = table([], ([], 10, "3.10"), until="2027-01-31"), table([], ([], 11, "3.18"))
    assert run("check", written(tmp_path / "a.json", earlier), written(tmp_path / "b.json", later)) == 1
    assert "[全体] − [全体（截至 2027-01-31）] = 1 人，其总分必在 4 至 4 之间" in capsys.readouterr().out
    assert run("check", written(tmp_path / "a.json", earlier)) == 0


def test_a_part_of_a_part_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nested = table(["单位"], (["局"], 14, "3.00"), (["局/一科"], 6, "3.00"), (["局/二科"], 6, "3.00"))
    assert run("check", written(tmp_path / "t.json", nested, nested=["单位"])) == 1
    assert "= 2 人，其总分必在 6 至 6 之间" in capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], kind: str, *arguments: object) -> str:
    assert run(kind, *arguments) == 2
    return capsys.readouterr().err


def test_bad_tables_are_named_place_by_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.json"
    path.write_text("{", encoding="utf-8")
    assert "不是 JSON" in refused(capsys, "check", path)
    assert "请至少提供一张" in refused(capsys, "check", written(path))
    assert "tables：此处应为列表" in refused(capsys, "check", written(path) and path.write_text("[]") and path)
    bad = {"cut": ["a", "a"], "item": 3, "scale": [4, 1], "statistic": "sum", "until": "soon", "cells": {}}
    told = refused(capsys, "check", written(path, bad, "x", nested=3))  # type: ignore[arg-type]
    for place in ("cut", "item", "scale", "statistic", "until", "cells"):
        assert f"tables[0].{place}：此处应为" in told
    assert "tables[1]：此处应为对象" in told
    assert "nested：此处应为列表" in told
    cells = table(
        ["单位"],
        (["甲"], -1, None),
        (["乙"], 3, "2.50"),
        (["丙"], 6, True),
        (["丁"], 6, "9"),
        (["戊"], 6, None),
        (["戊"], 6, None),
    )
    cells["cells"] += [
        {"at": {}},
        {"at": {"单位": "己"}, "counts": [1]},
        {"at": {"单位": "庚"}, "n": 5, "counts": [1, 1, 1, 1]},
    ]
    other = table([], ([], 6, "3"), scale=[1, 5])
    told = refused(capsys, "check", written(path, cells, other))
    assert "cells[0].n：此处应为人数" in told
    assert "cells[1].mean：3 人的评分不可能有平均分 2.50" in told
    assert "cells[2].mean" in told
    assert "cells[3].mean：6 人的评分不可能有平均分 9" in told
    assert "“单位=戊”这一格出现两次" in told
    assert "cells[6].at" in told
    assert "cells[7].counts：此处应为每一档" in told
    assert "各档合计 4 人，而不是 5 人" in told
    assert "量表与此不同" in told
    against = table([], ([], 10, "3.00")), table(["单位"], (["甲"], 5, "1.00"), (["乙"], 5, "1.00"))
    assert "相互矛盾" in refused(capsys, "check", written(path, *against))
    many = [table([f"x{k}"], *(([str(v)], None, None) for v in range(30))) for k in range(4)]
    assert "数量过多" in refused(capsys, "check", written(path, *many))


def test_bad_answers_and_other_ledgers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = answers(tmp_path / "a.csv"), tmp_path / "out"
    assert "--scale 4：" in refused(
        capsys, "protect", path, "--items", "总体", "--cuts", "单位", "--scale", "4", "--out", out
    )
    assert "“总体”列" in refused(
        capsys, "protect", path, "--items", "总体", "--cuts", "单位", "--scale", "1-3", "--out", out
    )
    assert "“区县”列：缺少该列" in refused(capsys, "protect", path, *OPTIONS, "--cuts", "区县", "--out", out)
    assert "--came" in refused(
        capsys,
        "protect",
        path,
        "--items",
        "总体",
        "--cuts",
        "单位",
        "--scale",
        "1-4",
        "--until",
        "2027-02-01",
        "--out",
        out,
    )
    assert "文件夹" in refused(capsys, "protect", path, *OPTIONS, "--cuts", "单位", "--out", tmp_path / "no" / "out")
    ledger = written(tmp_path / "t.json", table([], ([], 100, "3.00")), table(["单位"], (["外局"], 9, "3.00")))
    told = refused(capsys, "protect", path, *OPTIONS, "--cuts", "单位", "--published", ledger, "--out", out)
    assert "“全体”公布时为 100 人，而现有答卷为 160 人" in told
    assert "“单位=外局”公布时为 9 人，而现有答卷为 0 人" in told
    ledger = written(tmp_path / "t.json", table([], ([], 100, "3.00"), until="2027-02-01", scale=[1, 5]))
    plain = ("--items", "总体", "--scale", "1-4", "--cuts", "单位")
    told = refused(capsys, "protect", path, *plain, "--published", ledger, "--out", out)
    assert "量表与 --scale 不一致" in told
    assert "因此需要 --came" in told
    assert not out.exists()


def test_what_was_published_unsafely_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "out"
    grades = "1234123412" + "43"
    path.write_text(
        "u,q\n" + "".join(f"{'A' if n < 10 else 'B'},{grade}\n" for n, grade in enumerate(grades)), encoding="utf-8"
    )
    ledger = written(
        tmp_path / "t.json",
        {**table([], ([], 12, f"{30 / 12:.2f}")), "item": "q"},
        {**table(["u"], (["A"], 10, "2.30")), "item": "q"},
    )
    assert (
        run("protect", path, "--items", "q", "--cuts", "u", "--scale", "1-4", "--published", ledger, "--out", out) == 0
    )
    assert "可以算出一个 2 人小组的结果" in capsys.readouterr().out
