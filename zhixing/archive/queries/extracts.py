"""Rows of an extract: the words of ``engine.extracts.SOURCES`` for each training; and where two statistics differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from zhixing.archive.queries.known import History
from zhixing.archive.queries.records import Course
from zhixing.engine.extracts.definition import Definition
from zhixing.engine.extracts.spans import span
from zhixing.engine.extracts.writing import Row

ABROAD: Final[dict[bool | None, str]] = {True: "yes", False: "no"}


def rows_of(histories: Iterable[History], definition: Definition) -> Iterator[Row]:
    """One row for each training that ended in one of the ways the definition names."""
    for history in histories:
        for course in history.courses:
            if course.is_over and (not definition.results or course.result in definition.results):
                yield _row(history, course)


class ChangedCell(NamedTuple):
    """One figure of the statistics that two answers to the same question give otherwise; empty where a line is missing."""

    table: str
    line: str
    column: str
    before: str
    after: str


def changed_cells(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[ChangedCell]:
    """In the order of ``after``; lines that only ``before`` has come last."""
    was, now = _cells(before), _cells(after)
    keys = [*now, *(key for key in was if key not in now)]
    return [
        ChangedCell(*key, was.get(key, ""), now.get(key, "")) for key in keys if was.get(key, "") != now.get(key, "")
    ]


def _cells(figures: list[dict[str, Any]]) -> dict[tuple[str, str, str], str]:
    return {
        (table["name"], row[0], head): cell
        for table in figures
        for row in table["rows"]
        for head, cell in zip(table["heads"][1:], row[1:], strict=True)
    }


def _row(history: History, course: Course) -> Row:
    posting = history.posting_on(course.ended_on)
    months, days_over = span(course.began_on, course.ended_on)
    return {
        "key": course.key,
        "person_number": history.person.number,
        "person_name": history.person.name,
        "person_born_on": history.person.born_on,
        "unit_code": posting.unit.code if posting and posting.unit else None,
        "unit_name": posting.unit.name if posting and posting.unit else None,
        "rank": (posting.rank or posting.grade) if posting else None,
        "title": course.title,
        "theme": course.theme,
        "content": course.content,
        "channel": course.channel,
        "result": course.result,
        "began_on": course.began_on,
        "ended_on": course.ended_on,
        "months": months,
        "days_over": days_over,
        "days": (course.ended_on - course.began_on).days + 1,
        "tenths": course.tenths,
        "organiser": course.organiser,
        "institution": course.institution,
        "certificate": course.certificate,
        "abroad": ABROAD.get(history.abroad.get(course.key)),
    }
