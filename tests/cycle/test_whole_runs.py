"""The messy books of ``sheets``, run through the command: every file of the output against what was worked out by hand."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import stat
from collections import Counter
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.cycle import sheets
from tests.cycle.conftest import Output, cycle
from tests.cycle.sheets import (
    CHEN,
    COUNTY_CLASS,
    FENG,
    FINANCE,
    HAN,
    HEADS_CLASS,
    JIANG,
    LABOUR,
    ON,
    OTHER_CLASS,
    SCHOOLS,
    SECTION_CLASS,
    SHEN,
    WANG,
    WEI,
    WU,
    YANG,
    ZHENG,
    ZHOU,
)

pytestmark = [pytest.mark.slow, pytest.mark.files]
UNITS = {
    **dict.fromkeys((ZHOU, WU, ZHENG), FINANCE),
    **dict.fromkeys((WANG, FENG, CHEN), LABOUR),
    **dict.fromkeys((JIANG, SHEN, HAN, YANG), SCHOOLS),
}
ELIGIBLE = {
    SECTION_CLASS: {ZHOU, WU, ZHENG, WANG, JIANG, SHEN, HAN, YANG},
    HEADS_CLASS: {ZHOU, ZHENG, WANG, JIANG},
    COUNTY_CLASS: {FENG},
    OTHER_CLASS: {CHEN},
}
"""Imported, 在职 or blank, rank listed. 朱十三 has a status nobody knows, 卫八 is 借调, 褚七 retired."""
DAYS = {
    SECTION_CLASS: (dt.date(2026, 11, 30), dt.date(2026, 12, 4)),
    HEADS_CLASS: (dt.date(2026, 12, 2), dt.date(2026, 12, 8)),
    COUNTY_CLASS: (dt.date(2026, 12, 14), dt.date(2026, 12, 18)),
    OTHER_CLASS: (dt.date(2025, 12, 9), dt.date(2025, 12, 11)),
}
SEATS = {SECTION_CLASS: 2, HEADS_CLASS: 3, COUNTY_CLASS: 1, OTHER_CLASS: 5}
HEADS_QUOTA = {FINANCE: 1, LABOUR: 0, SCHOOLS: 1}


def test_the_summary_has_exactly_the_keys_of_the_contract_and_the_counts_of_the_books(output: Output) -> None:
    summary = output.summary
    assert list(summary) == [
        "people", "units", "classes", "history_rows", "refused_rows", "doubtful_rows", "standings", "called", "seats",
        "objective", "bound", "gap", "violations", "seconds",
    ]  # fmt: skip
    assert summary["people"] == 13
    assert summary["units"] == 3
    assert summary["classes"] == 4
    assert summary["history_rows"] == 11
    assert summary["refused_rows"] == 15
    assert summary["doubtful_rows"] == 5
    assert summary["standings"] == {"met": 2, "on_track": 1, "short": 19, "overdue": 0, "exempt": 0}
    assert summary["seats"] == 11
    assert summary["violations"] == 0
    assert summary["seconds"]["total"] > 0


def test_the_output_folder_is_private_and_holds_these_names_and_no_keys(output: Output) -> None:
    assert {path.name for path in output.folder.iterdir()} == {
        "standings.csv", "callups.csv", "not_called.csv", "make_ups.csv", "notices", "problems.xlsx", "report.html",
        "city.sqlite3", "files", "summary.json",
    }  # fmt: skip
    assert stat.S_IMODE(output.folder.stat().st_mode) == 0o700
    assert not list(output.folder.parent.glob(".out.*"))


ANNUAL_2026 = ("annual", "2026-01-01", "2026-12-31", "40.0")


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        pytest.param(ZHOU, (*ANNUAL_2026, "40.0", "0.0", "0.0", "met"), id="40 of 40 hours off the desk"),
        pytest.param(WU, (*ANNUAL_2026, "8.0", "32.0", "4.0", "short"), id="12 hours of study group, 8 count"),
        pytest.param(ZHENG, (*ANNUAL_2026, "36.0", "4.0", "0.0", "on_track"), id="36 on day 327 of 365: 35.8 are due"),
        pytest.param(WANG, (*ANNUAL_2026, "0.0", "40.0", "0.0", "short"), id="a class that was missed earns nothing"),
        pytest.param(CHEN, (*ANNUAL_2026, "30.0", "10.0", "0.0", "short"), id="one not completed, one completed"),
        pytest.param(
            SHEN, (*ANNUAL_2026, "0.0", "40.0", "0.0", "short"), id="what ends after the day does not count yet"
        ),
        pytest.param(WEI, (*ANNUAL_2026, "0.0", "40.0", "0.0", "short"), id="who is lent out still owes"),
        pytest.param(
            JIANG,
            ("annual", "2026-01-01", "2026-12-31", "20.2", "0.0", "20.2", "0.0", "short"),
            id="joined on 1 July: 184 of 365 days, rounded up to a tenth",
        ),
        pytest.param(
            FENG,
            ("five", "2023-01-01", "2027-12-31", "550.0", "100.0", "450.0", "0.0", "short"),
            id="hours of the block before do not count",
        ),
    ],
)
def test_a_persons_standing_is_what_the_policy_says(output: Output, key: str, figures: tuple[str, ...]) -> None:
    columns = ("rule", "window_opens", "window_closes", "required", "counted", "missing", "capped", "state")
    lines = [line for line in output.lines("standings.csv") if line["key"] == key and line["rule"] != "online"]
    assert [tuple(line[column] for column in columns) for line in lines] == [figures]


def test_standings_name_person_unit_and_rank_and_leave_out_the_retired(output: Output) -> None:
    lines = output.lines("standings.csv")
    one = next(line for line in lines if line["key"] == ZHENG)
    assert (one["name"], one["unit"], one["rank"]) == ("郑三", FINANCE, "乡科级正职")
    assert "褚七" not in {line["name"] for line in lines}
    assert len({line["key"] for line in lines}) == 12


def test_each_eligible_person_is_called_or_left_out_of_each_class_once(output: Output) -> None:
    said = Counter(
        (line["class"], line["key"]) for name in ("callups.csv", "not_called.csv") for line in output.lines(name)
    )
    assert said == Counter((name, key) for name, keys in ELIGIBLE.items() for key in keys)
    assert output.summary["called"] == len(output.lines("callups.csv"))


def called(output: Output) -> list[tuple[str, str]]:
    return [(line["class"], line["key"]) for line in output.lines("callups.csv")]


def test_seats_and_quotas_are_kept(output: Output) -> None:
    taken = Counter(name for name, _key in called(output))
    assert all(taken[name] <= seats for name, seats in SEATS.items())
    of_unit = Counter(UNITS[key] for name, key in called(output) if name == HEADS_CLASS)
    assert all(of_unit[unit] <= seats for unit, seats in HEADS_QUOTA.items())


def test_nobody_is_in_two_classes_on_one_day_and_one_of_each_small_unit_is_away_in_a_week(output: Output) -> None:
    away: dict[tuple[str, dt.date], set[str]] = {}
    days: dict[str, set[dt.date]] = {}
    for name, key in called(output):
        first, last = DAYS[name]
        own = {first + dt.timedelta(days=n) for n in range((last - first).days + 1)}
        assert not own & days.get(key, set())
        days[key] = days.get(key, set()) | own
        for day in own:
            away.setdefault((UNITS[key], day - dt.timedelta(days=day.weekday())), set()).add(key)
    assert all(len(people) == 1 for people in away.values())


def test_the_list_is_the_best_and_its_objective_is_the_sum_of_the_values(output: Output) -> None:
    total = sum(float(line["value"]) for line in output.lines("callups.csv"))
    assert output.summary["objective"] == pytest.approx(total)
    assert output.summary["gap"] < 1e-6
    assert {key for name, key in called(output) if name in {COUNTY_CLASS, OTHER_CLASS}} == {FENG, CHEN}


def test_whoever_is_left_out_is_told_why(output: Output) -> None:
    reasons = {(line["class"], line["key"]): (line["code"], line["reason"]) for line in output.lines("not_called.csv")}
    code, reason = reasons[HEADS_CLASS, WANG]
    assert code == "quota_full"
    assert LABOUR in reason
    assert all(code and reason and code != reason for code, reason in reasons.values())


def test_what_was_missed_is_made_up_by_the_next_class_of_that_form_or_has_been(output: Output) -> None:
    lines = {line["key"]: line for line in output.lines("make_ups.csv")}
    assert set(lines) == {WANG, CHEN}
    assert (lines[WANG]["class"], lines[WANG]["result"], lines[WANG]["hours"]) == ("依法行政班", "absent", "30.0")
    assert (lines[WANG]["state"], lines[WANG]["made_up_by"]) == ("planned", SECTION_CLASS)
    assert (lines[CHEN]["state"], lines[CHEN]["made_up_by"]) == ("made_up", "能力提升二期")
    assert (SECTION_CLASS, WANG) in called(output)


def problems(output: Output) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(output.folder / "problems.xlsx")
    return list(book.active.iter_rows(values_only=True))


def test_problems_name_every_refused_and_doubtful_row_once(output: Output) -> None:
    heading, *rows = problems(output)
    assert heading == ("文件", "工作表", "行号", "列", "值", "处理", "原因", "处理建议")
    refused, doubtful = "拒收", "存疑"
    assert [(row[0], row[1], row[2], row[5]) for row in rows] == [
        ("花名册.xlsx", "在职人员", 16, doubtful),  # 韩十一: a man's number, 女
        ("花名册.xlsx", "在职人员", 17, doubtful),  # 2009.13
        ("花名册.xlsx", "在职人员", 18, doubtful),  # 长期出差
        *(("花名册.xlsx", "在职人员", row, refused) for row in range(19, 26)),
        ("班次计划.xlsx", "名额分配", 6, refused),
        ("班次计划.xlsx", "班次计划", 7, doubtful),
        ("班次计划.xlsx", "班次计划", 8, refused),
        ("班次计划.xlsx", "班次计划", 9, refused),
        ("培训记录.csv", "培训记录", 13, doubtful),
        *(("培训记录.csv", "培训记录", row, refused) for row in range(14, 19)),
    ]
    assert all(row[6] and row[7] for row in rows)


def test_a_row_with_several_faults_tells_them_all_in_one_line(output: Output) -> None:
    (row,) = [row for row in problems(output) if row[0] == "培训记录.csv" and row[2] == 13]
    assert row[3:5] == ("开始日期", "2026-08")
    assert "结束日期" in str(row[6])
    assert "学时" in str(row[6])


def text_of(path: Path) -> str:
    paper = docx.Document(str(path))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in paper.paragraphs] + cells)


def test_each_class_and_each_unit_that_sends_somebody_has_its_notice(output: Output) -> None:
    papers = {path.stem.partition(" ")[2]: text_of(path) for path in (output.folder / "notices").glob("*.docx")}
    assert set(papers) == {*ELIGIBLE, FINANCE, LABOUR, SCHOOLS}
    for line in output.lines("callups.csv"):
        assert line["name"] in papers[line["class"]]
        assert line["name"] in papers[line["unit"]]
        assert line["class"] in papers[line["unit"]]
    assert "周一" not in papers[SECTION_CLASS]


def test_the_database_holds_the_city_and_gives_no_id_number_away(output: Output) -> None:
    path = output.folder / "city.sqlite3"
    connection = sqlite3.connect(path)

    def count(table: str) -> int:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found

    assert (count("people_person"), count("people_posting"), count("obligations_entry")) == (13, 13, 11)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    proposed = connection.execute("SELECT count(*) FROM callups_callup WHERE state = 'proposed'").fetchone()[0]
    assert proposed == output.summary["called"]
    connection.close()
    assert ZHOU.encode() not in path.read_bytes()


def test_the_report_needs_nothing_from_outside_and_says_what_came_of_it(output: Output) -> None:
    page = (output.folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r"<script|<link|<img|https?://|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert "4 个班次 11 个名额，已落实到人 5 个（45.5%）" in page
    assert "15 行数据被拒收" in page
    assert "年度集中培训" in page
    assert page.count("<svg") > 20


def test_text_that_looks_like_a_formula_is_harmless(output: Output) -> None:
    for name in ("standings.csv", "callups.csv", "not_called.csv", "make_ups.csv"):
        assert not re.search(r"(?m)(^|,)\"?[=+@]", (output.folder / name).read_text(encoding="utf-8"))


def test_the_order_of_rows_changes_nothing(output: Output, shuffled: Output) -> None:
    for name in ("standings.csv", "callups.csv", "not_called.csv", "make_ups.csv"):
        assert (shuffled.folder / name).read_bytes() == (output.folder / name).read_bytes(), name
    assert {**shuffled.summary, "seconds": 0} == {**output.summary, "seconds": 0}
    for path in (output.folder / "notices").iterdir():
        assert (shuffled.folder / "notices" / path.name).read_bytes() == path.read_bytes(), path.name


def test_every_file_that_cannot_be_used_is_named_and_the_old_output_stays(tmp_path: Path) -> None:
    roster = sheets.write_sheet(tmp_path / "名册.xlsx", [("姓名", "职务层次"), ("周一", "乡科级正职")])
    classes = tmp_path / "班次.xlsx"
    classes.write_bytes(b"\x89PNG\r\n\x1a\n not a spreadsheet")
    history = sheets.write_sheet(tmp_path / "记录.xlsx", [("工号", "班次名称"), ("G1", "班")])
    policy = tmp_path / "policy.toml"
    policy.write_text("[policy]\ncode = 1\n", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text("old")
    handed = sheets.Handed(roster, classes, history, policy)
    done = cycle(*handed.options(), "--on", ON.isoformat(), "--out", out)
    assert done.returncode == 2
    assert done.stdout == ""
    for path in (roster, classes, history, policy):
        assert path.name in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_text() for path in out.iterdir()} == {"summary.json": "old"}
    assert not list(tmp_path.glob(".out.*"))
