from __future__ import annotations

from pathlib import Path

import pytest

from zhixing.config.cli import main

NATIONAL = Path(__file__).parents[2] / "policies" / "national-2023.toml"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["policy", *arguments])
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def test_a_sound_policy_passes_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(NATIONAL)) == 0
    assert capsys.readouterr().out.startswith("national-2023.toml: no problems: national-2023, 5 rules, sha256 ")


@pytest.mark.parametrize("command", ["check", "explain"])
def test_every_fault_is_listed_with_its_line(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = NATIONAL.read_text(encoding="utf-8").replace("hours = 550", "hours = 5.55").replace('["online"]', '["net"]')
    (tmp_path / "copy.toml").write_text(text, encoding="utf-8")
    assert run(command, str(tmp_path / "copy.toml")) == 2
    first, second = capsys.readouterr().err.splitlines()
    line = text.splitlines().index("hours = 5.55") + 1
    assert first == f"copy.toml:{line}: rule[1].hours: 5.55 (not_whole_tenths): write hours with at most one decimal"
    assert "rule[3].channels: net (unknown_value): use one of offjob, " in second


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
    assert run("explain", str(tmp_path / "policy.toml"), "--on", "2026-06-30") == 0
    assert capsys.readouterr().out == (
        """city, in force from 2026-01-01
basis: not said

1. 年度培训 (annual)
   90.0 hours in each calendar year (2026-01-01 to 2026-12-31)
   who: 乡科级正职、乡科级副职
   what counts: offjob 脱产, study_group 中心组 (at most 24.5)
   who joins inside the window owes the share of its days that is left
   basis: 条例

2. new-post
   12.0 hours within one year of the last promotion
   who: 乡科级正职
   what counts: offjob 脱产
"""
    )


def test_without_a_day_no_dates_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", str(NATIONAL)) == 0
    assert "550.0 hours in each fixed block of five calendar years\n" in capsys.readouterr().out
