"""Books of a few rows, and a larger city: what happens at the edges."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cycle import sheets
from tests.cycle.city import City, write_city
from tests.cycle.filled import Filled, run_through
from tests.cycle.sheets import FINANCE
from zhixing.cycle.books import Paths
from zhixing.engine.policies import parse
from zhixing.obligations.shipped import shipped_policy

pytestmark = pytest.mark.django_db
Small = Callable[..., Filled]


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Run books of a few rows."""

    def run(people: list[sheets.Row], classes: list[sheets.Row], history: list[sheets.Row] | None = None) -> Filled:
        roster = sheets.write_sheet(tmp_path / "r.xlsx", [("姓名", "工号", "单位", "职务层次", "状态"), *people])
        heading = ("班次名称", "开始日期", "结束日期", "人数", "培训对象")
        held = sheets.write_sheet(tmp_path / "c.xlsx", [heading, *classes])
        done = history and sheets.write_sheet(
            tmp_path / "h.xlsx", [("工号", "班次名称", "开始日期", "结束日期", "学时", "培训方式", "结果"), *history]
        )
        return run_through(tmp_path / "out", Paths(roster, held, done or None))

    return run


def test_books_without_rows_give_empty_lists_and_a_report(small: Small) -> None:
    filled = small([], [])
    for name in ("standings.csv", "callups.csv", "not_called.csv", "make_ups.csv"):
        assert filled.lines(name) == []
    summary = filled.outcome.summary(filled.clock)
    assert (summary["people"], summary["called"], summary["gap"], summary["violations"]) == (0, 0, 0.0, 0)
    assert "没有人适用该政策" in (filled.folder / "report.html").read_text(encoding="utf-8")


def test_a_class_for_which_nobody_is_eligible_has_a_notice_with_an_empty_list(small: Small) -> None:
    filled = small(
        [("周一", "G1", FINANCE, "乡科级正职", "离岗")], [("理论班", "2026-12-01", "2026-12-02", 5, "乡科级")]
    )
    assert filled.lines("callups.csv") == filled.lines("not_called.csv") == []
    assert [path.name for path in (filled.folder / "notices").iterdir()] == ["班次001 理论班.docx"]


def test_without_a_policy_the_national_one_holds(small: Small) -> None:
    filled = small([("周一", "G1", FINANCE, "乡科级正职", "")], [])
    assert {line["rule"] for line in filled.lines("standings.csv")} == {"section-annual", "online-annual"}
    assert filled.outcome.standings.policy == parse(shipped_policy())


def test_names_that_begin_like_formulas_are_harmless_in_every_list(small: Small) -> None:
    people: list[sheets.Row] = [
        ("周一", "@G1", "-市财政局", "乡科级正职", ""),
        ("吴二", "+G2", "-市财政局", "乡科级正职", ""),
    ]
    missed: list[sheets.Row] = [("@G1", "=补课", "2026-03-02", "2026-03-03", 8, "网络", "缺训")]
    filled = small(people, [("=理论班", "2026-12-01", "2026-12-02", 1, "乡科级")], missed)
    texts = [
        (filled.folder / name).read_text(encoding="utf-8")
        for name in ("standings.csv", "callups.csv", "not_called.csv", "make_ups.csv")
    ]
    assert all("'-市财政局" in text for text in texts)
    assert all(
        cell[0] not in "=+-@" for text in texts for line in csv.reader(text.splitlines()) for cell in line if cell
    )
    (missed_line,) = filled.lines("make_ups.csv")
    assert missed_line["state"] == "open"


def test_a_larger_city_keeps_every_rule_and_accounts_for_every_eligible_pair(tmp_path: Path) -> None:
    city = City(people=600, units=12, classes=12, records=4_000, seed=5)
    books = write_city(tmp_path, city)
    filled = run_through(tmp_path / "out", Paths(books.roster, books.classes, books.history))
    summary = filled.outcome.summary(filled.clock)
    assert (summary["people"], summary["classes"], summary["history_rows"]) == (600, 12, 4_000)
    assert (summary["refused_rows"], summary["doubtful_rows"], summary["violations"]) == (0, 0, 0)
    members = filled.outcome.books.roster.members
    eligible = {
        (one.name, member.row.key)
        for one in filled.outcome.books.classes.rows
        for member in members
        if member.row.status in {"", "serving"} and member.row.effective_rank in one.ranks
    }
    said = [(line["class"], line["key"]) for name in ("callups.csv", "not_called.csv") for line in filled.lines(name)]
    assert len(said) == len(eligible) > 1_000
    assert set(said) == eligible
    assert summary["called"] <= summary["seats"]
    assert sum(filled.outcome.left_out.values()) == len(eligible) - summary["called"]
