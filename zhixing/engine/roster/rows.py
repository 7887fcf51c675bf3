"""The roster sheet (formats.md §1): headings, one row, and the whole sheet."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from zhixing.engine.roster.headings import ROSTER, ROSTER_OF_KNOWN, roster_headings
from zhixing.engine.roster.words import OFF_POST, RETIRED, SECONDED, SERVING, SEXES, STATUSES, category_of
from zhixing.engine.sheets.cells import Sheet, bare, said
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.engine.sheets.headings import Header, HeadingTable, data_rows, find_header
from zhixing.engine.sheets.identity import FEMALE, MALE, Identity, read_id
from zhixing.engine.sheets.ranks import read_ranks
from zhixing.engine.sheets.readings import Parsed, Reading, RowReader, settle


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person as the sheet says; blank and None say nothing.

    ``sex`` and ``status`` are codes (``m``/``f``; ``words``), ``rank`` is the 职务层次 and ``grade`` the 职级, both canonical.
    """

    sheet: str
    row: int
    name: str
    id_number: str = ""
    number: str = ""
    sex: str = ""
    born: PartialDate | None = None
    unit: str = ""
    department: str = ""
    title: str = ""
    rank: str = ""
    grade: str = ""
    rank_since: PartialDate | None = None
    grade_since: PartialDate | None = None
    work_began: PartialDate | None = None
    category: str = ""
    phone: str = ""
    status: str = ""

    @property
    def key(self) -> str:
        """The ID number (18 characters), else the staff number."""
        return self.id_number or self.number

    @property
    def effective_rank(self) -> str:
        """职务层次, else 职级: what policies and classes look at."""
        return self.rank or self.grade


@dataclass(frozen=True, slots=True)
class Mention:
    """A person whose row was refused: named in the file, hence not missing from it. Fields that could not be read are blank."""

    name: str
    id_number: str
    number: str


@dataclass(frozen=True, slots=True)
class ParsedRoster(Parsed[RosterRow]):
    """``Parsed``, the people whose rows were refused, and the fields for which the sheet has a column."""

    mentions: tuple[Mention, ...] = ()
    columns: frozenset[str] = frozenset()


def parse_roster(sheet: Sheet, table: HeadingTable = ROSTER) -> ParsedRoster:
    """Read a roster. The whole sheet is refused when a needed heading is missing or claimed twice; else every row goes its own way."""
    header = find_header(sheet, table)
    if not isinstance(header, Header):
        return ParsedRoster((), tuple(header), refused=True)
    readings = _with_one_key(
        [_read_row(RowReader(header, number, cells)) for number, cells in data_rows(header)], header
    )
    rows, faults = settle(readings, header)
    accepted = {row.row for row in rows}
    mentions = tuple(
        Mention(made.name, made.id_number, made.number)
        for reading in readings
        if (made := reading.made).row not in accepted
    )
    return ParsedRoster(
        tuple(rows), tuple(faults), unread=tuple(header.unread), mentions=mentions, columns=frozenset(header.columns)
    )


def _read_row(reader: RowReader) -> Reading[RosterRow]:
    name = _name(reader)
    identity = _identity(reader)
    number = reader.text("number")
    if identity is None and not number and "id_number" not in reader.unreadable:
        reader.refuse("id_number" if "id_number" in reader.header.columns else "number", Fault.KEY_MISSING)
    rank, grade = _ranks(reader)
    row = RosterRow(
        sheet=reader.header.sheet.name,
        row=reader.number,
        name=name,
        id_number=identity.number if identity else "",
        number=number,
        sex=_sex(reader, identity),
        born=_born(reader, identity),
        unit=reader.text("unit", needed=reader.header.table.needs("unit")),
        department=reader.text("department"),
        title=reader.text("title"),
        rank=rank,
        grade=grade,
        rank_since=reader.date("rank_since"),
        grade_since=reader.date("grade_since"),
        work_began=reader.date("work_began"),
        category=_category(reader),
        phone=_phone(reader),
        status=_status(reader),
    )
    row = _without_days_before_birth(reader, row)
    return reader.reading(row.key, row)


def _name(reader: RowReader) -> str:
    name = reader.text("name", needed=True).replace("•", "·").replace("‧", "·").replace("・", "·")
    return name if name.isascii() else name.replace(" ", "")


def _identity(reader: RowReader) -> Identity | None:
    text = said(reader.raw("id_number"))
    if not text:
        return None
    read = read_id(text)
    if isinstance(read, Identity):
        return read
    if read is Fault.ID_MASKED and said(reader.raw("number")):
        # An export shows masked ID numbers; the staff number is the key then.
        return None
    reader.refuse("id_number", read)
    return None


def _ranks(reader: RowReader) -> tuple[str, str]:
    """Rank and grade; either column may hold either word. An unreadable grade beside a good rank is only doubtful."""
    rank, grade = _ranks_in(reader, "rank", True)
    spare_rank, own_grade = _ranks_in(reader, "grade", not (rank or grade))
    if (rank and spare_rank and rank != spare_rank) or (grade and own_grade and grade != own_grade):
        reader.doubt("grade", Fault.RANKS_CONTRADICT)
        return rank, grade or own_grade
    rank, grade = rank or spare_rank, own_grade or grade
    if not (rank or grade or reader.unreadable.keys() & {"rank", "grade"}) and reader.header.table.needs("rank"):
        reader.refuse("rank" if "rank" in reader.header.columns else "grade", Fault.MISSING)
    return rank, grade


def _ranks_in(reader: RowReader, name: str, needed: bool) -> tuple[str, str]:
    text = said(reader.raw(name))
    read = read_ranks(text) if text else ("", "")
    if read is None:
        (reader.refuse if needed else reader.doubt)(name, Fault.RANK_UNKNOWN)
        return "", ""
    return read


def _sex(reader: RowReader, identity: Identity | None) -> str:
    text = bare(said(reader.raw("sex")))
    sex = SEXES.get(text, "") if text else ""
    if text and text not in SEXES:
        reader.doubt("sex", Fault.SEX_UNKNOWN)
    if identity and sex and sex != identity.sex:
        reader.doubt("sex", Fault.ID_CONTRADICTS_SEX)
    return identity.sex if identity else sex


def _born(reader: RowReader, identity: Identity | None) -> PartialDate | None:
    born = reader.date("born")
    if identity is None:
        return born
    certain = PartialDate.of(identity.born)
    if born and not born.agrees(certain):
        reader.doubt("born", Fault.ID_CONTRADICTS_BIRTH)
    return certain


def _category(reader: RowReader) -> str:
    return category_of(reader.text("category"))


def _status(reader: RowReader) -> str:
    """A word that is not known counts as off post, so that nobody is called up on a guess."""
    text = bare(said(reader.raw("status")))
    if not text or text in STATUSES:
        return STATUSES.get(text, "")
    reader.doubt("status", Fault.STATUS_UNKNOWN)
    return OFF_POST


_PHONE = re.compile(r"(?:\+?86-?)?(1\d{10}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|\d{7,8})", re.ASCII)


def _phone(reader: RowReader) -> str:
    text = bare(said(reader.raw("phone")))
    if not text or "*" in text:
        # An export may show masked numbers; they say nothing.
        return ""
    shape = _PHONE.fullmatch(text) or _PHONE.fullmatch(text.replace("-", ""))
    if shape is None:
        reader.doubt("phone", Fault.PHONE_UNREADABLE)
        return ""
    return shape[1]


def _without_days_before_birth(reader: RowReader, row: RosterRow) -> RosterRow:
    """Nobody began work or took a post before birth."""
    if row.born is None:
        return row
    early: dict[str, Any] = {}
    for name, date in (
        ("work_began", row.work_began),
        ("rank_since", row.rank_since),
        ("grade_since", row.grade_since),
    ):
        if date and date.is_before(row.born):
            reader.doubt(name, Fault.DATE_BEFORE_BIRTH)
            early[name] = None
    return replace(row, **early) if early else row


def _with_one_key(readings: list[Reading[RosterRow]], header: Header) -> list[Reading[RosterRow]]:
    """Give rows that hold only a staff number the ID number beside which it stands elsewhere; refuse a number that two people share."""
    if not {"id_number", "number"} <= header.columns.keys():
        return readings
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for reading in readings:
        if reading.made.id_number and reading.made.number:
            holders[reading.made.number].add(reading.made.id_number)
    return [_keyed(reading, holders.get(reading.made.number, set()), header) for reading in readings]


def _keyed(reading: Reading[RosterRow], holders: set[str], header: Header) -> Reading[RosterRow]:
    row = reading.made
    if len(holders) > 1:
        fault = RowFault(row.sheet, row.row, header.label("number"), row.number, Treatment.REFUSED, Fault.NUMBER_SHARED)
        return replace(reading, faults=(*reading.faults, fault), refused=True)
    if holders and not row.id_number:
        return replace(reading, key=next(iter(holders)))
    return reading


_SEX_WORDS = {MALE: "男", FEMALE: "女"}
_STATUS_WORDS = {SERVING: "在职", OFF_POST: "离岗", SECONDED: "借调", RETIRED: "退休"}


def roster_cells(row: RosterRow) -> tuple[str, ...]:
    """The cells of a row under ``roster_headings()``: reading them gives the row back."""
    values = {name: getattr(row, name) for name, _ in roster_headings()}
    values["sex"] = _SEX_WORDS.get(row.sex, "")
    values["status"] = _STATUS_WORDS.get(row.status, "")
    return tuple("" if value is None else str(value) for value in values.values())


_AGAIN = 5
"""Readings after which a row surely stays what it is: each one only takes signs away."""


def as_read(row: RosterRow) -> tuple[RosterRow | None, tuple[RowFault, ...]]:
    """What an import makes of ``row`` once it is written out, and the faults that it finds in it.

    The row that comes back is read back unchanged ever after. None: it is refused, or passed over as a title, total or footer.
    """
    titles = tuple(title for _field, title in roster_headings())
    faults: tuple[RowFault, ...] = ()
    for _ in range(_AGAIN):
        parsed = parse_roster(Sheet(row.sheet, [titles, roster_cells(row)]), ROSTER_OF_KNOWN)
        faults = faults or parsed.faults
        if not parsed.rows:
            return None, faults
        if parsed.rows[0] == row:
            break
        row = parsed.rows[0]
    return row, faults
