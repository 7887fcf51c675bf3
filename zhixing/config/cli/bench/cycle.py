"""How long ``zhixing cycle`` takes on the demonstration city, written out as an officer's three spreadsheets."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from zhixing.config.cli.bench.city import home_of
from zhixing.config.cli.bench.figure import Figure, run

PEOPLE = """
SELECT p.number, p.name, CASE p.sex WHEN 'm' THEN '男' ELSE '女' END, u.name, p.department, p.title, p.rank, p.grade,
       CASE p.status WHEN 'serving' THEN '在职' WHEN 'retired' THEN '退休' WHEN 'seconded' THEN '借调' ELSE '离岗' END, p.joined_on
FROM people_person p JOIN people_unit u ON u.id = p.unit_id ORDER BY p.id
"""
CLASSES = "SELECT name, starts_on, ends_on, seats_max, seats_min, target_text, tenths / 10.0, theme FROM plans_classrun ORDER BY id"
HISTORY = """
SELECT p.number, e.title, coalesce(e.began_on, e.earned_on), e.earned_on, e.tenths / 10.0,
       CASE e.channel WHEN 'offjob' THEN '脱产' WHEN 'concentrated' THEN '集中' WHEN 'online' THEN '网络' ELSE '中心组' END
FROM obligations_entry e JOIN people_person p ON p.id = e.person_id ORDER BY e.id
"""
SHEETS = {
    "roster": (PEOPLE, "工号 姓名 性别 单位 内设机构 职务 职务层次 职级 状态 参加工作时间"),
    "classes": (CLASSES, "班次名称 开始日期 结束日期 人数上限 人数下限 培训对象 学时 主题"),
    "history": (HISTORY, "工号 班次名称 开始日期 结束日期 学时 培训方式"),
}


def figures(folder: Path, people: int) -> Iterator[Figure]:
    counts = write_sheets(home_of(folder) / "city.sqlite3", folder)
    out = folder / "cycle"
    on = dt.date.today().isoformat()  # noqa: DTZ011
    sheets = [word for name in SHEETS for word in (f"--{name}", str(folder / f"{name}.xlsx"))]
    made = run(["cycle", *sheets, "--on", on, "--out", str(out), "--seconds", "60"], folder / "cycle-home")
    summary = json.loads((out / "summary.json").read_text())
    yield Figure(
        f"cycle, {counts['roster']:,} people × {counts['classes']} classes, {counts['history']:,} records",
        made.seconds,
        "s",
        120,
    )
    yield Figure("  peak memory", made.peak_mb, "MB", 2000)
    yield Figure("  gap to the proven bound", summary["gap"] * 100, "%")


def write_sheets(database: Path, folder: Path) -> dict[str, int]:
    """Write the three spreadsheets from a city's database; returns the rows of each."""
    connection = sqlite3.connect(database)
    counts = {}
    for name, (query, headings) in SHEETS.items():
        with xlsxwriter.Workbook(
            folder / f"{name}.xlsx", {"constant_memory": True, "strings_to_numbers": False}
        ) as book:
            sheet = book.add_worksheet(name)
            rows: Any = connection.execute(query)
            sheet.write_row(0, 0, headings.split())
            for n, row in enumerate(rows, 1):
                sheet.write_row(n, 0, row)
            counts[name] = n
    connection.close()
    return counts
