"""Frameworks as they are written: lines of competencies, levels and required levels, from sheets, with everything that is wrong told by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zhixing.engine.roster.words import category_of
from zhixing.engine.sheets.cells import Sheet, bare, said
from zhixing.engine.sheets.headings import Header, Heading, HeadingTable, cell_at, data_rows, find_header
from zhixing.engine.sheets.ranks import GRADES, RANKS, read_target

LEVEL_MOST: Final = 5
COMPETENCIES = HeadingTable(
    headings=(
        Heading("code", "编码", "能力编码 代码 序号编码", limit=20),
        Heading("name", "能力", "能力名称 能力项 名称 素质能力", limit=60),
        Heading("parent", "上级编码", "上级 父级编码 所属编码", limit=20),
        Heading("kind", "类型", "缺口类型 类别", limit=20),
        Heading("content", "内容板块", "板块 培训内容", limit=20),
        Heading("description", "说明", "定义 描述 释义", limit=500),
    ),
    needed=("code", "name", "kind", "content"),
    name_field="code",
)
LEVELS = HeadingTable(
    headings=(
        Heading("code", "编码", "能力编码 代码", limit=20),
        Heading("level", "等级", "级别 层级", limit=10),
        Heading("behaviour", "行为表现", "行为描述 行为 表现", limit=500),
    ),
    needed=("code", "level", "behaviour"),
    name_field="code",
)
REQUIRED = HeadingTable(
    headings=(
        Heading("code", "编码", "能力编码 代码", limit=20),
        Heading("required", "要求等级", "要求 应达等级", limit=10),
        Heading("ranks", "职务层次", "职务职级 适用层次 层次", limit=300),
        Heading("categories", "人员类别", "适用类别", limit=100),
        Heading("title", "职务关键词", "岗位关键词 岗位", limit=40),
    ),
    needed=("code", "required"),
    name_field="code",
)
KINDS: Final = {"知识": "knowledge", "素质": "quality", "能力": "skill", "技能": "skill"}
CONTENTS: Final = {"理论": "theory", "党性": "party_spirit", "政治": "political", "能力": "ability", "履职": "ability"}
_DIGITS: Final = {word: n for n, word in enumerate("一二三四五", 1)}


class FaultCode(StrEnum):
    """What is wrong with a line."""

    HEADING_MISSING = "heading_missing"
    NOTHING = "nothing"
    MISSING = "missing"
    TOO_LONG = "too_long"
    KIND_UNKNOWN = "kind_unknown"
    CONTENT_UNKNOWN = "content_unknown"
    CODE_TWICE = "code_twice"
    CODE_UNKNOWN = "code_unknown"
    PARENT_UNKNOWN = "parent_unknown"
    CYCLE = "cycle"
    NO_LEVEL = "no_level"
    LEVEL_HIGH = "level_high"
    LEVEL_TWICE = "level_twice"
    LEVEL_ORDER = "level_order"
    RANK_UNKNOWN = "rank_unknown"
    UNDESCRIBED = "undescribed"
    GROUP_REQUIRED = "group_required"


@dataclass(frozen=True, slots=True)
class LineFault:
    """``row`` counts from 1, the first row of the sheet; ``other``: the row it is compared with, or the number it may reach."""

    sheet: str
    row: int
    column: str
    value: str
    code: FaultCode
    other: int = 0


@dataclass(frozen=True, slots=True)
class CompetencyLine:
    """``parent``: the code of the competency above, or empty."""

    sheet: str
    row: int
    code: str
    name: str
    parent: str
    kind: str
    content: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class LevelLine:
    sheet: str
    row: int
    code: str
    level: int
    behaviour: str


@dataclass(frozen=True, slots=True)
class RequiredLine:
    sheet: str
    row: int
    code: str
    level: int
    ranks: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Lines:
    """A framework, whole or in the making."""

    competencies: tuple[CompetencyLine, ...] = ()
    levels: tuple[LevelLine, ...] = ()
    required: tuple[RequiredLine, ...] = ()


@dataclass(frozen=True)
class Read:
    lines: Lines
    faults: tuple[LineFault, ...]


def read_framework(sheets: Sequence[Sheet]) -> Read:
    """The sheets of a book, told apart by their headings; every fault of cells and of lines among each other."""
    faults: list[LineFault] = []
    competencies: list[CompetencyLine] = []
    levels: list[LevelLine] = []
    required: list[RequiredLine] = []
    kinds: tuple[tuple[HeadingTable, Callable[[_Cells], None]], ...] = (
        (REQUIRED, lambda cells: required.extend(_required(cells))),
        (LEVELS, lambda cells: levels.extend(_level(cells))),
        (COMPETENCIES, lambda cells: competencies.append(_competency(cells))),
    )
    for sheet in sheets:
        for table, take in kinds:
            header = find_header(sheet, table)
            if isinstance(header, Header):
                for row, cells in data_rows(header):
                    take(_Cells(header, row, cells, faults))
                break
    if not competencies:
        wanted = "、".join(COMPETENCIES.titles(name) for name in COMPETENCIES.needed)
        faults.append(LineFault(sheets[0].name if sheets else "", 1, wanted, "", FaultCode.HEADING_MISSING))
    lines = Lines(tuple(competencies), tuple(levels), tuple(required))
    return Read(lines, tuple(sorted((*faults, *check(lines)), key=lambda fault: (fault.sheet, fault.row))))


class _Cells:
    """One row; what cannot be right leaves a fault."""

    def __init__(self, header: Header, row: int, cells: Sequence[str], faults: list[LineFault]) -> None:
        self.header, self.row, self._cells, self._faults = header, row, cells, faults

    @property
    def place(self) -> tuple[str, int]:
        return self.header.sheet.name, self.row

    def text(self, name: str) -> str:
        column = self.header.columns.get(name)
        text = "" if column is None else said(cell_at(self._cells, column))
        if not text and self.header.table.needs(name):
            self.fault(name, "", FaultCode.MISSING)
        limit = self.header.table.by_field[name].limit
        if len(text) > limit:
            self.fault(name, text, FaultCode.TOO_LONG, limit)
            return text[:limit]
        return text

    def fault(self, name: str, value: str, code: FaultCode, other: int = 0) -> None:
        label = self.header.label(name) if name in self.header.columns else self.header.table.by_field[name].title
        self._faults.append(LineFault(*self.place, label, value[:60], code, other))

    def word(self, name: str, words: dict[str, str], code: FaultCode) -> str:
        text = self.text(name)
        found = next((value for word, value in words.items() if word in text), "")
        if text and not found:
            self.fault(name, text, code)
        return found

    def level(self, name: str) -> int:
        """1 to 5, as digit or word (三级); 0 with a fault for anything else."""
        text = self.text(name)
        plain = bare(text).removesuffix("级").removeprefix("第")
        level = _DIGITS.get(plain) or (int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 4 else 0)
        if text and not level:
            self.fault(name, text, FaultCode.NO_LEVEL)
        if level > LEVEL_MOST:
            self.fault(name, text, FaultCode.LEVEL_HIGH, LEVEL_MOST)
            return 0
        return level


def _competency(cells: _Cells) -> CompetencyLine:
    code, name = cells.text("code"), cells.text("name")
    kind = cells.word("kind", KINDS, FaultCode.KIND_UNKNOWN)
    content = cells.word("content", CONTENTS, FaultCode.CONTENT_UNKNOWN)
    return CompetencyLine(*cells.place, code, name, cells.text("parent"), kind, content, cells.text("description"))


def _level(cells: _Cells) -> list[LevelLine]:
    code, level, behaviour = cells.text("code"), cells.level("level"), cells.text("behaviour")
    return [LevelLine(*cells.place, code, level, behaviour)] if level and code else []


def _required(cells: _Cells) -> list[RequiredLine]:
    code, level = cells.text("code"), cells.level("required")
    target = cells.text("ranks")
    read = read_target(target) if target else None
    if read and read.unknown:
        cells.fault("ranks", "、".join(read.unknown), FaultCode.RANK_UNKNOWN)
    words = cells.text("categories").replace("、", " ").replace("，", " ").split()
    ranks = (
        read.ranks if read and len(read.ranks) < len(RANKS) + len(GRADES) else ()
    )  # 不限: of people without a rank, too
    title = cells.text("title")
    categories = tuple(map(category_of, words))
    return [RequiredLine(*cells.place, code, level, ranks, categories, title)] if level and code else []


def check(lines: Lines) -> Iterator[LineFault]:
    """What is wrong with lines among each other: codes twice or unknown, circles, levels out of order, required levels that nobody described."""
    first: dict[str, CompetencyLine] = {}
    for line in lines.competencies:
        if line.code in first:
            yield _at(line, "编码", line.code, FaultCode.CODE_TWICE, first[line.code].row)
        first.setdefault(line.code, line)
    yield from _parents(first)
    described: Counter[str] = Counter()
    yield from _levels(lines.levels, first, described)
    yield from _requirements(lines, first, described)


def _at(
    line: CompetencyLine | LevelLine | RequiredLine, column: str, value: str, code: FaultCode, other: int = 0
) -> LineFault:
    return LineFault(line.sheet, line.row, column, value, code, other)


def _parents(first: dict[str, CompetencyLine]) -> Iterator[LineFault]:
    settled: set[str] = set()
    for line in first.values():
        if line.parent and line.parent not in first:
            yield _at(line, "上级编码", line.parent, FaultCode.PARENT_UNKNOWN)
        path: list[str] = []
        code = line.code
        while code in first and code not in settled and code not in path:
            path.append(code)
            code = first[code].parent
        if code in path:
            circle = path[path.index(code) :]
            yield _at(first[circle[0]], "上级编码", " → ".join((*circle, circle[0])), FaultCode.CYCLE)
        settled.update(path)


def _levels(
    levels: Sequence[LevelLine], first: dict[str, CompetencyLine], described: Counter[str]
) -> Iterator[LineFault]:
    """Levels of one competency stand as 1, 2, 3 …: each is more than the one before."""
    seen: dict[tuple[str, int], int] = {}
    place: Counter[str] = Counter()
    for line in levels:
        if line.code not in first:
            yield _at(line, "编码", line.code, FaultCode.CODE_UNKNOWN)
        elif (line.code, line.level) in seen:
            yield _at(line, "等级", str(line.level), FaultCode.LEVEL_TWICE, seen[line.code, line.level])
        else:
            place[line.code] += 1  # whatever stands here: whoever writes what each row is told has an order
            if line.level != place[line.code]:
                yield _at(line, "等级", str(line.level), FaultCode.LEVEL_ORDER, place[line.code])
        seen.setdefault((line.code, line.level), line.row)
        described[line.code] = max(described[line.code], line.level)


def _requirements(lines: Lines, first: dict[str, CompetencyLine], described: Counter[str]) -> Iterator[LineFault]:
    groups = {line.parent for line in first.values()}
    for line in lines.required:
        if line.code not in first:
            yield _at(line, "编码", line.code, FaultCode.CODE_UNKNOWN)
        elif line.code in groups:
            yield _at(line, "编码", line.code, FaultCode.GROUP_REQUIRED)
        elif line.level > described[line.code]:
            yield _at(line, "要求等级", str(line.level), FaultCode.UNDESCRIBED, described[line.code])
