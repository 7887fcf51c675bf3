from __future__ import annotations

from pathlib import Path

import pytest

from zhixing.config.cli import main
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.policy import read_policy

pytestmark = pytest.mark.files

NATIONAL = Path(__file__).parents[2] / "policies" / "national-2023.toml"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["policy", *arguments])
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def test_a_sound_policy_passes_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(NATIONAL)) == 0
    assert capsys.readouterr().out.startswith("national-2023.toml：无误：national-2023，5 条规则，sha256 ")
    assert run("check", str(NATIONAL), "--lang", "en") == 0
    assert capsys.readouterr().out.startswith("national-2023.toml: no problems: national-2023, 5 rules, sha256 ")


def test_every_file_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(tmp_path / "one.toml"), str(NATIONAL), str(tmp_path / "two.toml")) == 2
    assert [line.partition(".toml")[0][-3:] for line in capsys.readouterr().err.splitlines()] == ["one", "two"]


def test_names_stand_in_a_row_as_the_language_sets_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", str(NATIONAL), "--lang", "en") == 0
    assert "Full-time (off post), Other concentrated training" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "explain"])
def test_every_fault_is_listed_with_its_line(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = NATIONAL.read_text(encoding="utf-8").replace("hours = 550", "hours = 5.55").replace('["online"]', '["net"]')
    (tmp_path / "copy.toml").write_text(text, encoding="utf-8")
    assert run(command, str(tmp_path / "copy.toml")) == 2
    first, second = capsys.readouterr().err.splitlines()
    line = text.splitlines().index("hours = 5.55") + 1
    place = f"copy.toml:{line}: rule[1].hours: 5.55 (not_whole_tenths)"
    assert first == f"{place}：学时最多一位小数。请取整到 0.1 学时。"
    assert "rule[3].channels: net (unknown_value)：" in second
    assert "offjob" in second
    assert run(command, str(tmp_path / "copy.toml"), "--lang", "en") == 2
    first, _second = capsys.readouterr().err.splitlines()
    assert first == f"{place}: Hours have one decimal at most. Round to a tenth of an hour."


def test_an_explanation_says_who_owes_what_and_what_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.toml").write_text(
        """[policy]
code = "city"
in_force_from = 2026-01-01
[[rule]]
code = "annual"
title = "年度培训"
ranks = ["乡科级正职", "乡科级副职"]
window = "year"
hours = 90
channels = ["offjob", "study_group"]
caps = { study_group = 24.5 }
prorate = "join"
basis = "条例"
[[rule]]
code = "new-post"
ranks = ["乡科级正职"]
window = "after_promotion"
hours = 12
channels = ["offjob"]
""",
        encoding="utf-8",
    )
    assert run("explain", str(tmp_path / "policy.toml"), "--on", "2026-06-30", "--lang", "en") == 0
    assert capsys.readouterr().out == (
        """city
in force: from 2026-01-01 on
basis: not said

1. 年度培训 (annual)
   who: 乡科级正职, 乡科级副职
   how much: 90 hours within the calendar year
   what counts: Full-time (off post), Theory study group (at most 24.5)
   window: 2026-01-01 to 2026-12-31
   who joins inside the window: owes the share of its days that is left
   basis: 条例

2. new-post
   who: 乡科级正职
   how much: 12 hours within a year of promotion
   what counts: Full-time (off post)
"""
    )


def test_an_explanation_is_chinese_unless_asked_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", str(NATIONAL)) == 0
    said = capsys.readouterr().out
    assert "要求: 固定五年周期内 550 学时\n" in said
    assert "考核周期: " not in said  # without a day no dates are named


OLD, NEW = (
    f'[policy]\ncode = "city"\nother_ranks = ["A", "B"]\nin_force_from = {year}-01-01\n' for year in (2025, 2026)
)
RULE = '[[rule]]\ncode = "a"\nranks = ["A", "B"]\nwindow = "year"\nhours = 1\nchannels = ["online"]\n'


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        ((OLD, NEW), ""),
        ((OLD + "in_force_to = 2025-12-31\n", NEW), ""),
        (
            (OLD + "in_force_to = 2025-12-30\n", NEW),
            "0.toml:5: policy.in_force_to: 2025-12-30 (gap)：这一版本与相邻版本之间",
        ),
        (
            (OLD + "in_force_to = 2026-01-01\n", NEW),
            "0.toml:5: policy.in_force_to: 2026-01-01 (versions_overlap)：下一版本生效时这一版本还没有终止",
        ),
        ((NEW, NEW + "# again\n"), "0.toml:4: policy.in_force_from: 2026-01-01 (versions_overlap)："),
    ],
)
def test_versions_of_one_policy_follow_each_other_without_a_gap(
    heads: tuple[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / f"{number}.toml" for number in range(2)]
    for file, head in zip(files, heads, strict=True):
        file.write_text(head + RULE, encoding="utf-8")
    assert run("check", *map(str, reversed(files))) == (2 if said else 0)
    assert capsys.readouterr().err.startswith(said)


def test_an_end_without_a_successor_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.toml").write_text(OLD + "in_force_to = 2025-12-31\n" + RULE, encoding="utf-8")
    (tmp_path / "new.toml").write_text(NEW.replace('"city"', '"city-2026"') + RULE, encoding="utf-8")
    note = "提示：自 2026-01-01 起，所列文件均不再有效"
    for files, told in ((["old.toml"], True), (["old.toml", "new.toml"], False)):
        assert run("check", *(str(tmp_path / file) for file in files)) == 0
        assert (note in capsys.readouterr().out) == told


def test_the_check_is_stricter_than_a_computation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = RULE.replace('["A", "B"]', '["B", "C"]')
    (tmp_path / "city.toml").write_text(OLD.replace('"B"]', '"B", "C"]') + RULE + second, encoding="utf-8")
    assert run("check", str(tmp_path / "city.toml")) == 2
    assert capsys.readouterr().err.startswith("city.toml:13: rule[2].ranks: B (overlap)：")
    assert run("explain", str(tmp_path / "city.toml")) == 0


def test_a_rank_that_does_not_exist_is_named_with_its_line_and_what_was_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = NATIONAL.read_text(encoding="utf-8").replace('"县处级正职", "县处级副职",', '"县处极正职", "县处级副职",', 1)
    (tmp_path / "copy.toml").write_text(text, encoding="utf-8")
    assert run("check", str(tmp_path / "copy.toml")) == 2
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if "县处极正职" in row)
    said = capsys.readouterr().err
    assert said.startswith(f"copy.toml:{line}: rule[1].ranks: 县处极正职 (unknown_rank)：")
    assert "请改正写法（县处级正职" in said


LEAVE = NATIONAL.with_name("leave.toml")


def test_rules_of_leave_are_checked_by_their_own_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(LEAVE), str(NATIONAL)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "leave.toml：无误：attendance-2026，考勤与请假规则"
    assert said[1].startswith("national-2023.toml：无误：")
    assert run("check", str(LEAVE), "--lang", "en") == 0
    english = "leave.toml: no problems: attendance-2026, rules of attendance and leave\n"
    assert capsys.readouterr().out == english
    text = LEAVE.read_text(encoding="utf-8").replace("share = [1, 7]", "share = [8, 7]")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    assert run("check", str(tmp_path / "own.toml")) == 2
    line = 1 + next(number for number, row in enumerate(text.splitlines()) if row.startswith("share = [8, 7]"))
    [problem] = capsys.readouterr().err.splitlines()
    assert problem.startswith(f"own.toml:{line}: cap.share: [8, 7] (no_share)：这不是一个比例")


def test_rules_of_leave_are_not_taken_for_a_policy_of_hours(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", str(LEAVE)) == 2
    [problem] = capsys.readouterr().err.splitlines()
    assert problem.startswith("leave.toml：这是考勤与请假规则，不是学时政策")
    with pytest.raises(BadInput, match="these are rules of attendance and leave, not of hours"):
        read_policy(LEAVE)


HOLIDAYS = NATIONAL.with_name("holidays.toml")


def test_holidays_are_checked_by_their_own_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(HOLIDAYS), str(LEAVE)) == 0
    assert "holidays.toml：没有问题：2025、2026 年" in capsys.readouterr().out
    text = HOLIDAYS.read_text(encoding="utf-8").replace("worked = [2026-01-04]", "worked = [2026-01-05]")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    assert run("check", str(tmp_path / "own.toml")) == 2
    assert capsys.readouterr().err.startswith("own.toml: 2026.holidays.1: 2026-01-05 不是周末")


@pytest.mark.parametrize(
    ("name", "title", "old", "new", "fault"),
    [
        ("evaluation", "评估规则", "open_days = 7", "open_days = 700", "asking.open_days: 700 (out_of_range)："),
        ("needs", "需求研判规则", "[scale]", "[scales]", "scale: (missing_key)："),
        ("plan", "年度计划规则", "notice_days = 15", "notice_days = -1", "rules.notice_days: “-1”不在允许范围"),
    ],
)
def test_rules_of_every_kind_are_checked_by_their_own_reader(
    name: str, title: str, old: str, new: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = NATIONAL.with_name(f"{name}.toml")
    assert run("check", str(path)) == 0
    assert (
        capsys.readouterr().out == f"{name}.toml：无误：{name}-{'2026' if name == 'evaluation' else '2027'}，{title}\n"
    )
    text = path.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "own.toml").write_text(text.replace(old, new), encoding="utf-8")
    assert run("check", str(tmp_path / "own.toml")) == 2
    assert fault in capsys.readouterr().err
