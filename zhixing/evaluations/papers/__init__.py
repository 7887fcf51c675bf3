"""The paper sheets of a survey as PDF, one for each number, and the workbook into which they are typed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from zhixing.base.documents import render_pdf
from zhixing.base.tables.write import plain_text
from zhixing.engine.questionnaires import Field, Item, Kind
from zhixing.evaluations.actions.paper import headings_of
from zhixing.evaluations.asking import Part, parts_of
from zhixing.evaluations.models import Survey
from zhixing.evaluations.paper_words import GRADE_NAMES, NUMBER

FOLDER = Path(__file__).parent
LIST_MAX = 255
"""Characters of a list to choose from that Excel takes in a cell."""


def sheets_pdf(survey: Survey, numbers: Sequence[str]) -> bytes:
    """A4, one sheet for each of ``numbers``."""
    form = survey.version.questionnaire
    facts = {
        "title": form.title,
        "about": survey.about,
        "intro": form.intro,
        "numbers": [f"{one[:3]} {one[3:6]} {one[6:]}" for one in numbers],
        "parts": [_part(part) for part in parts_of(form, survey.fields, survey.labels)],
    }
    return render_pdf(FOLDER / "sheets.typ", facts)


def _part(part: Part) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for question in part.questions:
        item = question.lines[0].field.item
        head = {"number": question.number, "text": item.text, "hint": _hint(item), "boxes": [], "write": False}
        if question.is_single:
            rows.append({**head, **_answer(question.lines[0].field)})
            continue
        rows.append(head)
        for line in question.lines:
            rows.append({"number": line.field.number, "text": line.label, "hint": "", **_answer(line.field)})
    return {"title": part.title, "rows": rows}


def _answer(field: Field) -> dict[str, Any]:
    """Boxes to tick, or room to write in."""
    item = field.item
    if item.kind is Kind.CHOICE:
        return {"boxes": [f"{n} {word}" for n, word in enumerate(item.options, start=1)], "write": False}
    return {"boxes": _answers_of(item), "write": item.kind is Kind.TEXT}


def _answers_of(item: Item) -> list[str]:
    """The words to choose among, the best grade first; none for a text."""
    if item.graded:
        return [*reversed(GRADE_NAMES)]
    return [*item.options] or [str(number) for number in range(1, item.top + 1)]


def _hint(item: Item) -> str:
    if item.kind is Kind.CHOICE and item.many:
        return "可多选"
    return f"1 {item.low}，{item.top} {item.high}" if item.low and item.high and not item.graded else ""


def workbook(survey: Survey, numbers: Sequence[str]) -> bytes:
    """A row for each number that has not come back, a column for each field, and lists to choose from."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    headings = headings_of(survey)
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("答卷")
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#EDF1F1", "border": 1})
        cell = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(headings), 12, cell)
        sheet.write_row(0, 0, [NUMBER, *(plain_text(title) for _field, title in headings)], bold)
        for row, number in enumerate(numbers, start=1):
            sheet.write_string(row, 0, number, cell)
        for column, (field, _title) in enumerate(headings, start=1):
            if words := _words(field.item):
                rule = {"validate": "list", "source": words, "ignore_blank": True}
                sheet.data_validation(1, column, max(1, len(numbers)), column, rule)
    return content.getvalue()


def _words(item: Item) -> list[str]:
    """What one of can be chosen in a cell; nothing where several may be, or where the list is too long for Excel."""
    words = [] if item.many else _answers_of(item)
    return words if len(",".join(words)) <= LIST_MAX and not any("," in word for word in words) else []
