"""The paper sheet (签到表) of one day: a PDF to sign, and an Excel form to fill in and bring back. The print page is a template.

The words of both are Chinese whatever the language of the page: they are signed and handed round.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from zhixing.attendance.models import Mark, Register
from zhixing.attendance.queries.registers import listed
from zhixing.attendance.sheet_words import HEADING_OF_HALF, WORD_OF_STATUS
from zhixing.base.documents import render_pdf
from zhixing.base.tables.write import plain_text
from zhixing.callups.models import Callup
from zhixing.classwork.queries import groups_of
from zhixing.plans.models import ClassRun

WIDTHS = (6, 14, 12, 34, 14, 14, 14)
FOLDER = Path(__file__).parent
WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
HEADINGS = ("序号", "工号", "姓名", "单位")


@dataclass(frozen=True)
class SheetRow:
    """One person of the day's list; ``cells`` hold the word for the status in each register, blank when not marked. ``group``: the study group."""

    callup: Callup
    cells: list[str]
    group: int | None = None


def sheet_rows(class_run: ClassRun, registers: Sequence[Register]) -> list[SheetRow]:
    """The list of one day, in list order. Three queries."""
    callups = listed(class_run).select_related("person", "unit").order_by("unit__path", "person__number")
    marks = {(m.callup_id, m.register_id): m for m in Mark.objects.filter(register__in=registers)}
    rows, groups = [], groups_of(class_run)
    for callup in callups:
        found = (marks.get((callup.pk, register.pk)) for register in registers)
        rows.append(SheetRow(callup, [WORD_OF_STATUS[m.status] if m else "" for m in found], groups.get(callup.pk)))
    return rows


def sheet_pdf(class_run: ClassRun, registers: Sequence[Register]) -> bytes:
    """A4, ready to be signed."""
    rows = [
        {
            "number": number,
            "code": row.callup.person.number,
            "name": row.callup.person.name,
            "unit": row.callup.unit.name,
            "group": str(row.group or ""),
            "cells": row.cells,
        }
        for number, row in enumerate(sheet_rows(class_run, registers), 1)
    ]
    on = registers[0].session.on
    facts = {
        "class_name": class_run.name,
        "day": f"{on.year}年{on.month}月{on.day}日（{WEEKDAYS[on.weekday()]}）",
        "halves": [HEADING_OF_HALF[register.session.half] for register in registers],
        "rows": rows,
        "grouped": any(row["group"] for row in rows),
    }
    return render_pdf(FOLDER / "sheet.typ", facts)


def sheet_book(class_run: ClassRun, registers: Sequence[Register]) -> bytes:
    """The Excel form, with what is known already filled in; bringing it back unchanged changes nothing."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("签到表")
        _set_up(sheet)
        title = book.add_format({"bold": True, "font_size": 15, "align": "center"})
        heading = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#EDF1F1"})
        cell = book.add_format({"border": 1, "num_format": "@", "valign": "vcenter"})
        columns = [*HEADINGS, *(HEADING_OF_HALF[register.session.half] for register in registers)]
        on = registers[0].session.on.isoformat()
        sheet.merge_range(0, 0, 0, len(columns) - 1, plain_text(f"{class_run.name} {on} 签到表"), title)
        sheet.write_row(1, 0, columns, heading)
        for number, row in enumerate(sheet_rows(class_run, registers), 1):
            person = row.callup.person
            values = [str(number), person.number, person.name, row.callup.unit.name, *row.cells]
            sheet.set_row(number + 1, 24)
            for column, value in enumerate(values):
                sheet.write_string(number + 1, column, plain_text(value), cell)
        words = [*WORD_OF_STATUS.values()]
        sheet.data_validation(
            2, len(HEADINGS), 2000, len(columns) - 1, {"validate": "list", "source": words, "ignore_blank": True}
        )
    return content.getvalue()


def _set_up(sheet: Any) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)


def sheet_name(class_run: ClassRun, registers: Sequence[Register], suffix: str) -> str:
    return f"{class_run.code}-{registers[0].session.on.isoformat()}-签到表{suffix}"
