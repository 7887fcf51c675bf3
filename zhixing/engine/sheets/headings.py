"""Finding the header row and the rows that hold data; pure work on lists of strings."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from zhixing.engine.sheets.cells import Sheet, bare, clean, without_brackets
from zhixing.engine.sheets.faults import VALUE_LIMIT, Fault, RowFault, Treatment

SEARCH_DEPTH = 60
"""Rows from the top among which the header is looked for."""
_FEWEST = 2
"""Headings that make a row a header."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a kind of sheet. A ``weak`` name also means other things and yields to a column with a better claim."""

    field: str
    title: str
    aliases: str = ""
    weak: str = ""
    limit: int = 120
    """Characters that the cell may hold."""


@dataclass(frozen=True)
class HeadingTable:
    """The headings of one kind of sheet. Each of ``needed`` names fields of which one alternative must stand there: ``a|b+c``."""

    headings: tuple[Heading, ...]
    needed: tuple[str, ...]
    name_field: str = "name"
    """The column whose cell alone can make a row of data."""
    may_be_blank: frozenset[str] = frozenset()
    """Fields whose column is needed and whose cells are not."""

    @cached_property
    def by_field(self) -> Mapping[str, Heading]:
        return {heading.field: heading for heading in self.headings}

    @cached_property
    def claims(self) -> Mapping[str, tuple[str, bool]]:
        """Bare heading → field, and whether the claim is strong."""
        weak = {bare(name): (heading.field, False) for heading in self.headings for name in heading.weak.split()}
        strong = {
            bare(name): (heading.field, True)
            for heading in self.headings
            for name in (heading.title, *heading.aliases.split())
        }
        return weak | strong

    def claim(self, label: str) -> tuple[str, bool] | None:
        """What a heading claims to be, with or without its brackets and remarks in them."""
        plain = _heading_form(label)
        return self.claims.get(_BRACKET_SIGNS.sub("", plain)) or self.claims.get(without_brackets(plain))

    def needs(self, name: str) -> bool:
        """Whether some alternative of what is needed names the field, and a blank cell of it is a fault."""
        return name in self._needed_fields and name not in self.may_be_blank

    @cached_property
    def _needed_fields(self) -> frozenset[str]:
        return frozenset(name for needed in self.needed for name in re.split(r"[|+]", needed))

    def titles(self, needed: str) -> str:
        """A member of ``needed`` in the words of the sheet."""
        ways = [[self.by_field[name].title for name in way.split("+")] for way in needed.split("|")]
        return " / ".join(" + ".join(way) for way in ways)


@dataclass(frozen=True)
class Header:
    """A header that was found: rows ``top`` to ``bottom`` (indexes from 0), and field → column index."""

    sheet: Sheet
    table: HeadingTable
    top: int
    bottom: int
    columns: Mapping[str, int]
    labels: Mapping[int, str]
    """Column index → heading as written, of every column that has one."""
    own_words: frozenset[str] = field(default=frozenset())
    """Bare texts of the header rows, by which a repeated header is known."""

    @property
    def unread(self) -> list[str]:
        """Headings of columns that are not read: nothing of them is kept."""
        used = set(self.columns.values())
        return [label for column, label in self.labels.items() if column not in used]

    def column_of(self, name: str) -> int | None:
        """The column of a field, else of what stands for it: 人数 for 人数上限, 职级 for 职务层次."""
        ways = (re.split(r"[|+]", needed) for needed in self.table.needed)
        others = next((way for way in ways if name in way), ())
        return next((self.columns[other] for other in (name, *others) if other in self.columns), None)

    def label(self, name: str) -> str:
        """The heading of a field as written, else its title."""
        column = self.column_of(name)
        return self.table.by_field[name].title if column is None else self.labels[column]


_BRACKET_SIGNS = re.compile(r"[()\[\]【】〔〕{}*:]")


def _heading_form(label: str) -> str:
    return bare(label).strip("*:;,.、。★☆")


def find_header(sheet: Sheet, table: HeadingTable) -> Header | list[RowFault]:
    """The row that holds most headings, or two rows that together hold more; faults when a needed one is missing or claimed twice."""
    depth = min(SEARCH_DEPTH, len(sheet.rows))
    one_row = (_Candidate(sheet, table, top, top) for top in range(depth))
    two_rows = (_Candidate(sheet, table, top, top + 1) for top in range(depth - 1))
    best = max(itertools.chain(one_row, two_rows), key=lambda candidate: len(candidate.fields), default=None)
    if best is None or len(best.fields) < _FEWEST:
        return _missing(sheet, table, 1, set(), _seen_at_top(sheet))
    twice = best.claimed_twice()
    missing = _missing(sheet, table, best.bottom + 1, best.fields, " ".join(best.labels.values()))
    return twice + missing or best.header()


def _seen_at_top(sheet: Sheet) -> str:
    """The fullest of the first rows: most likely what the officer takes for the header."""
    rows = sheet.rows[:SEARCH_DEPTH]
    fullest = max(rows, key=lambda row: len({cell for cell in row if cell}), default=())
    return " ".join(dict.fromkeys(filter(None, map(clean, fullest))))


def _missing(sheet: Sheet, table: HeadingTable, row: int, fields: set[str], seen: str) -> list[RowFault]:
    return [
        RowFault(sheet.name, row, table.titles(needed), seen[:VALUE_LIMIT], Treatment.REFUSED, Fault.HEADING_MISSING)
        for needed in table.needed
        if not any(fields.issuperset(way.split("+")) for way in needed.split("|"))
    ]


class _Candidate:
    """One row, or two rows read as groups and their members, judged as a header."""

    def __init__(self, sheet: Sheet, table: HeadingTable, top: int, bottom: int) -> None:
        self.sheet, self.table, self.top, self.bottom = sheet, table, top, bottom
        self.labels: dict[int, str] = {}
        self.claims: dict[str, dict[int, bool]] = {}
        for column in range(max(len(sheet.rows[top]), len(sheet.rows[bottom]))):
            self._look_at(column)

    def _look_at(self, column: int) -> None:
        upper, lower = (clean(cell_at(self.sheet.rows[row], column)) for row in (self.top, self.bottom))
        labels = [lower, upper + lower] if lower and lower != upper else [upper]
        claimed = next(((label, claim) for label in labels if label and (claim := self.table.claim(label))), None)
        if claimed is None:
            if lower or upper:
                self.labels[column] = lower or upper
            return
        self.labels[column], (name, strong) = claimed
        self.claims.setdefault(name, {})[column] = strong

    @property
    def fields(self) -> set[str]:
        return set(self.claims)

    def _contenders(self, name: str) -> list[int]:
        """The columns with the strongest claim to a field."""
        columns = self.claims[name]
        return [column for column, strong in columns.items() if strong] or list(columns)

    def claimed_twice(self) -> list[RowFault]:
        return [
            RowFault(
                self.sheet.name,
                self.bottom + 1,
                self.table.by_field[name].title,
                " | ".join(f"{self.labels[column]} ({column_letters(column)})" for column in columns)[:VALUE_LIMIT],
                Treatment.REFUSED,
                Fault.HEADING_TWICE,
            )
            for name in self.claims
            if len(columns := self._contenders(name)) > 1
        ]

    def header(self) -> Header:
        columns = {name: self._contenders(name)[0] for name in self.claims}
        rows = (self.sheet.rows[self.top], self.sheet.rows[self.bottom])
        words = frozenset(bare(cell) for row in rows for cell in row if cell)
        return Header(self.sheet, self.table, self.top, self.bottom, columns, self.labels, words)


def cell_at(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def column_letters(column: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def data_rows(header: Header) -> Iterator[tuple[int, Sequence[str]]]:
    """Number and cells of each row that holds data; blank rows, repeated headers, section titles, totals and footers are passed over."""
    mapped = sorted(header.columns.values())
    name_column = header.columns.get(header.table.name_field, -1)
    for number, row in enumerate(header.sheet.rows[header.bottom + 1 :], start=header.bottom + 2):
        if any(cell_at(row, column).strip() for column in mapped) and not _is_furniture(row, name_column, header):
            yield number, row


_TOTAL = re.compile(r"[^，。,.;；:]{0,12}?(合计|总计|小计|共计|累计|总人数)[:：]?[\d,.人名个班期]*(\(.*\))?")
_FOOTER = re.compile(
    r"(注|备注|说明|填表说明|附注|填表人|制表人|填报人|审核人|审核|审批人|复核人|经办人|负责人|联系人|单位负责人|主要领导|分管领导|主要负责人|"
    r"联系电话|填报单位|填表单位|制表单位|报送单位|填表日期|填报日期|制表日期|填报时间|填表时间|制表时间|打印日期|打印时间|领导签字|签字|"
    r"单位\((盖章|公章|签章)\)|\(?(盖章|公章|签章)\)?)(\([^)]*\))?(\d{0,2}[:：.、].*)?"
)
_PAGE = re.compile(r"第?[\d一二三四五六七八九十]+页.*|共\d+页.*")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|[\u3400-\u9fff]+·[\u3400-\u9fff·]+")
_LONGEST_FURNITURE = 400


def _is_furniture(row: Sequence[str], name_column: int, header: Header) -> bool:
    """Whether a row that is not blank holds no data all the same."""
    texts = [cell for cell in row if cell and not cell.isspace()]
    first = bare(texts[0][:_LONGEST_FURNITURE])
    if _ends_or_sums_up(first) or (len(texts) > 1 and _sums_up(bare(texts[1][:_LONGEST_FURNITURE]))):
        return True
    if all(text == texts[0] for text in texts):
        return len(texts) > _FEWEST or not (
            _NAME.fullmatch(clean(cell_at(row, name_column)).replace(" ", "")) or _is_key(first)
        )
    return _repeats(texts, header)


@lru_cache(maxsize=1 << 16)
def _ends_or_sums_up(text: str) -> bool:
    return _sums_up(text) or _FOOTER.fullmatch(text) is not None or _PAGE.fullmatch(text) is not None


@lru_cache(maxsize=1 << 16)
def _sums_up(text: str) -> bool:
    return _TOTAL.fullmatch(text) is not None


def _is_key(text: str) -> bool:
    return text.isalnum() and sum(map(str.isdigit, text)) >= 4


def _repeats(texts: Sequence[str], header: Header) -> bool:
    """At least half the cells, and two at least, are words of the header itself."""
    if bare(texts[0]) not in header.own_words and bare(texts[-1]) not in header.own_words:
        return False
    alike = sum(count for text, count in Counter(map(bare, texts)).items() if text in header.own_words)
    return alike >= _FEWEST and alike * 2 >= len(texts)
