"""``zhixing plan`` from a file to a file, what it says of the result, and what is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.plan.problems import need, problem, programme
from zhixing.config.cli import main
from zhixing.engine.plan.problem import PlanProblem, as_document
from zhixing.engine.plan.reading import read

Capture = pytest.CaptureFixture[str]


pytestmark = pytest.mark.files


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(["plan", *map(str, words)])
    return int(end.value.code or 0)


def written(folder: Path, one: PlanProblem | None = None, **changes: Any) -> Path:
    path = folder / "problem.json"
    path.write_text(json.dumps({**as_document(one or problem()), **changes}, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """The plan of the problem by hand."""
    out = tmp_path / "plan.json"
    assert run("propose", written(tmp_path), "--out", out) == 0
    return out


def test_a_plan_carries_lines_with_evidence_its_problem_and_no_violation(plan: Path, capsys: Capture) -> None:
    said = json.loads(plan.read_text(encoding="utf-8"))
    assert (said["status"], said["violations"], said["uncovered"]) == ("optimal", [], [])
    (line,) = said["lines"]
    assert (line["programme"], line["runs"], line["seats"], line["budget_cents"]) == ("p", 3, 10, 1_500_000)
    assert sum(one["share"] for one in line["evidence"]) == line["covers"][0]["weight"] == 45
    assert said["problem"]["money"] == 100_000_000
    assert run("check", plan) == 0
    assert "全部符合规则" in capsys.readouterr().out


def test_a_plan_that_someone_changed_is_found(plan: Path, capsys: Capture) -> None:
    said = json.loads(plan.read_text(encoding="utf-8"))
    said["lines"][0]["seats"] = 13
    plan.write_text(json.dumps(said), encoding="utf-8")
    assert run("check", plan) == 1
    told = capsys.readouterr().out
    assert "每班最多人数 p/g/i/2027-1，超出 1 个名额" in told
    assert "目标值与各行合计不符" in told


def test_a_plan_is_judged_by_another_problem_when_that_is_given(plan: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run("check", plan, "--problem", written(tmp_path, money=1)) == 1
    told = capsys.readouterr().out
    assert "全年经费" in told
    assert "与制定计划时所用的不一致" in told


def test_what_if_tells_what_is_different(plan: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "less.json"
    assert run("try", plan, "--money", 1, "--out", out) == 0
    assert "1 行有变动" in capsys.readouterr().out
    said = json.loads(out.read_text(encoding="utf-8"))
    assert said["difference"]["lines"][0]["seats"] == [10, 6]
    assert said["difference"]["covered"] == {"n": -400}
    assert run("try", plan, "--priority", "c", "g", 7, "--out", out) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["lines"][0]["covers"][0]["weight"] == 52


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--close", "x"), "没有“x”"),
        (("--close", "i"), "请至少保留一家"),
        (("--priority", "c", "h", "3"), "没有“h”"),
        (("--priority", "c", "g", "很多"), "应为整数"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    plan: Path, tmp_path: Path, words: tuple[str, ...], said: str, capsys: Capture
) -> None:
    assert run("try", plan, *words, "--out", tmp_path / "o.json") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "o.json").exists()


def test_a_plan_that_cannot_be_tells_the_rules_against_each_other(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "plan.json"
    one = problem(money=100_000, programmes=(programme(runs_min=1),))
    assert run("propose", written(tmp_path, one), "--out", out) == 0
    told = capsys.readouterr().out
    assert "必办班次" in told
    assert "全年经费" in told
    said = json.loads(out.read_text(encoding="utf-8"))
    assert said["status"] == "infeasible"
    assert {one["rule"] for one in said["conflict"]} == {"runs_min", "size_min", "money"}
    assert run("check", out) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"money": 12.5}, "带小数"),
        ({"money": -1}, "负数"),
        ({"money": 10**15}, "核对单位"),
        ({"needs": []}, "没有任何培训需求"),
        ({"institutions": []}, "没有任何培训机构"),
        ({"groups": [{"key": "g", "people": 0, "leading": 0, "fee_class": "county"}]}, "没有匹配到任何人"),
    ],
)
def test_bad_input_is_told_in_chinese_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, Any], said: str, capsys: Capture
) -> None:
    assert run("propose", written(tmp_path, **changes), "--out", tmp_path / "plan.json") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seats": None}, "lines[1].seats"),
        ({"term": ["1"]}, "lines[1].term"),
        ({"runs": 10**30}, "lines[1].runs"),
        ({"programme": "q"}, "lines[1]: 数据中没有“q/g/i/2027-1”；现有 p/g/i/2027-1"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_where_it_stands(
    plan: Path, tmp_path: Path, changes: dict[str, Any], said: str, capsys: Capture
) -> None:
    whole = json.loads(plan.read_text(encoding="utf-8"))
    whole["lines"][0] |= changes
    plan.write_text(json.dumps(whole), encoding="utf-8")
    assert run("try", plan, "--money", 1, "--out", tmp_path / "o.json") == 2
    assert said in capsys.readouterr().err
    assert run("check", plan) == (1 if "programme" in changes else 2)


def test_a_plan_saved_by_a_chinese_windows_is_read_and_a_key_said_twice_is_not(plan: Path, capsys: Capture) -> None:
    text = plan.read_text(encoding="utf-8")
    plan.write_bytes(text.encode("gb18030"))
    assert run("check", plan) == 0
    plan.write_text(text.replace('"money":', '"money": 1,\n"money":', 1), encoding="utf-8")
    assert run("check", plan) == 2
    assert "money: “money”重复" in capsys.readouterr().err
    plan.write_text(text.replace('"seed": 1', '"seed": NaN', 1), encoding="utf-8")
    assert run("check", plan) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lines": [{"runs": 1}], "problem": {}}', '{"lines": []}'])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    assert run("check", path) == 2
    assert run("propose", path, "--out", tmp_path / "o.json") == 2


def test_own_rules_stand_in_and_their_faults_are_told(tmp_path: Path, capsys: Capture) -> None:
    document = as_document(problem())
    del document["rules"]
    path, own = tmp_path / "problem.json", tmp_path / "own.toml"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run("propose", path, "--out", tmp_path / "plan.json") == 0
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["problem"]["rules"]["code"] == "plan-2027"
    own.write_text("[rules]\ncode = 3\n", encoding="utf-8")
    assert run("propose", path, "--rules", own, "--out", tmp_path / "o.json") == 2
    assert "rules.callups_max" in capsys.readouterr().err


def test_lines_that_could_be_one_are_told(tmp_path: Path, capsys: Capture) -> None:
    twin = programme("q", covers={"d": 10, "c": 90}, runs_max=1)
    one = problem(programmes=(programme(runs_max=1), twin), needs=(need(people=10), need("m", "d", people=10)))
    out = tmp_path / "plan.json"
    assert run("propose", written(tmp_path, one), "--out", out) == 0
    assert run("overlaps", out) == 0
    assert "p 与 q：覆盖需求相似 81%" in capsys.readouterr().out


def test_a_sample_city_is_a_problem(tmp_path: Path) -> None:
    assert run("sample", "--people", 300, "--out", tmp_path / "problem.json") == 0
    assert read(json.loads((tmp_path / "problem.json").read_text(encoding="utf-8"))).year == 2027
    assert run("sample", "--people", 300, "--out", tmp_path / "no" / "problem.json") == 2
