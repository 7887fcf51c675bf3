"""Rows of an extract: the words of ``engine.extracts.SOURCES`` for each training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zhixing.archive.queries.known import History
from zhixing.archive.queries.records import Course
from zhixing.engine.extracts.definition import Definition
from zhixing.engine.extracts.spans import span
from zhixing.engine.extracts.writing import Row


def rows_of(histories: Iterable[History], definition: Definition) -> Iterator[Row]:
    """One row for each training that ended in one of the ways the definition names."""
    for history in histories:
        for course in history.courses:
            if course.is_over and (not definition.results or course.result in definition.results):
                yield _row(history, course)


def _row(history: History, course: Course) -> Row:
    posting = history.posting_on(course.ended_on)
    months, days_over = span(course.began_on, course.ended_on)
    return {
        "key": course.key,
        "person_number": history.person.number,
        "person_name": history.person.name,
        "person_born_on": history.person.born_on,
        "unit_code": posting.unit.code if posting else None,
        "unit_name": posting.unit.name if posting else None,
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
    }
