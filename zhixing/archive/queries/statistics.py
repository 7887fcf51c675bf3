"""The yearly statistics (年度干部教育培训统计表): person-times, hours and coverage by level and kind.

A person-time is one completed training of one person, in the year in which it ended; hours belong to the year in which they were earned, so
that a class run over New Year is one person-time and brings hours to both. Levels are those of the principal posting on the last day; 职务层次 and 职级 stay
two scales. Whoever left before that day is counted in a line of its own, with person-times and hours but without coverage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from zhixing.archive.queries.known import History, Question
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.obligations.models import Channel, Entry

LEFT: Final = "left"
OTHER: Final = "other"
LEVELS: Final = tuple(
    dict.fromkeys([*(rank[:-2] if rank.endswith("职") else rank for rank in RANKS), *(g[2:] for g in GRADES)])
)
"""Families of ranks, then of grades, highest first; 科员 is one of both."""


@dataclass
class Sums:
    """``people`` in service, of whom ``trained`` completed something; ``times`` person-times, ``tenths`` hours."""

    people: int = 0
    trained: int = 0
    times: int = 0
    tenths: int = 0

    @property
    def coverage(self) -> float | None:
        """Per cent of the people, one decimal."""
        return (self.trained * 1000 + self.people // 2) // self.people / 10 if self.people else None

    @property
    def per_head(self) -> int | None:
        """Tenths of hours for each person, rounded."""
        return (self.tenths + self.people // 2) // self.people if self.people else None


@dataclass
class Line(Sums):
    """One line of the table; ``of_channel`` splits it by form of training."""

    of_channel: dict[str, Sums] = field(default_factory=lambda: {channel: Sums() for channel in Channel.values})


@dataclass
class Statistics:
    """``levels`` by family of ranks, ``contents`` by content block (blank: not said), ``total`` of those in service."""

    levels: dict[str, Line]
    contents: dict[str, Sums]
    total: Line
    left: Line


def yearly(histories: Iterable[History], question: Question) -> Statistics:
    levels: dict[str, Line] = {level: Line() for level in (*LEVELS, OTHER)}
    made = Statistics(levels, {}, Line(), Line())
    for history in histories:
        if history.joined_on > question.on:
            continue
        if history.left_on is not None and history.left_on < question.on:
            _add(made.left, history, made.contents)
            continue
        for line, contents in ((levels[level_of(history, question)], made.contents), (made.total, None)):
            line.people += 1
            _add(line, history, contents)
    made.levels = {level: line for level, line in levels.items() if line.people}
    return made


def level_of(history: History, question: Question) -> str:
    """县处级正职 → 县处级; without a rank the family of the grade: 一级调研员 → 调研员."""
    posting = history.posting_on(question.on)
    if posting is None:
        return OTHER
    level = posting.rank.removesuffix("正职").removesuffix("副职") if posting.rank else posting.grade[2:]
    return level if level in LEVELS else OTHER


def _add(line: Line, history: History, contents: dict[str, Sums] | None) -> None:
    """One person's completed trainings; ``contents`` takes them by content block."""
    completed = [course for course in history.courses if course.result == Entry.Result.COMPLETED]
    over = [course for course in completed if course.is_over]
    line.trained += bool(over)
    for channel in {course.channel for course in over}:
        line.of_channel[channel].trained += 1
    for content in {course.content for course in over} if contents is not None else ():
        contents.setdefault(content, Sums()).trained += 1  # type: ignore[union-attr]
    for course in completed:
        sums_of = [line, line.of_channel[course.channel]]
        if contents is not None:
            sums_of.append(contents.setdefault(course.content, Sums()))
        for sums in sums_of:
            sums.times += course.is_over
            sums.tenths += course.tenths - course.earlier
