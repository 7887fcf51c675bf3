"""干部任免审批表 files (.lrmx, XML): only what training needs is read. Family members and photo never reach a variable (H24, H25, H28).

Field order and tags: domain facts §8.3; no official specification is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.parsers import expat

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid
from zhixing.base.tables.archives import Archive, Limits
from zhixing.base.tables.guard import MAX_RATIO, MAX_UNPACKED, Kind, inspect
from zhixing.base.tables.text import decode
from zhixing.engine.roster.headings import ROSTER, roster_headings
from zhixing.engine.roster.rows import RosterRow, parse_roster
from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.faults import Fault, RowFault
from zhixing.engine.sheets.headings import HeadingTable
from zhixing.engine.sheets.ranks import ranks_in_post

_WANTED = {
    "XingMing": "name",
    "XingBie": "sex",
    "ChuShengNianYue": "born",
    "ShenFenZheng": "id_number",
    "XianRenZhiWu": "title",
    "CanJiaGongZuoShiJian": "work_began",
}
"""Tag → field of a roster row."""
_FAMILY, _FAMILY_MEMBER, _PHOTO = "JiaTingChengYuan", "Item", "ZhaoPian"
_DROPPED_AS = {_FAMILY: "family_members", _PHOTO: "photos"}
_INDIFFERENT = frozenset({"Version", "TianBiaoShiJian", "TianBiaoRen", "JiSuanNianLingShiJian", "ChengBaoDanWei"})
_TABLE = HeadingTable(ROSTER.headings, needed=("name", "id_number|number"))
"""A form names no unit, and a rank only in the text of the post; the officer gives the unit."""
_FIRST_ROW = 2
"""Row of the first form in the sheet made of them."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was passed over: people of the family, photos, and other filled fields that training does not need."""

    family_members: int = 0
    photos: int = 0
    other_fields: int = 0


@dataclass(frozen=True, slots=True)
class LrmxReading:
    """Rows, with rank and grade as far as the text of the post says them; faults name the file in ``sheet`` and 1 as the row."""

    rows: tuple[RosterRow, ...]
    faults: tuple[RowFault, ...]
    dropped: Dropped


def read_lrmx(source: Path | bytes, name: str, *, unit: str = "") -> LrmxReading:
    """Read one .lrmx, or a .zip of many; ``unit`` is where the officer says that these people serve.

    Raises ``Invalid`` when the guard refuses the file or one is not such a form.
    """
    kind = inspect(source, name)
    if kind not in {Kind.LRMX, Kind.LRMX_ZIP}:
        raise Invalid(format_lazy(_("{name} is neither an .lrmx form nor a .zip of them."), name=name))
    data = source if isinstance(source, bytes) else source.read_bytes()
    files = [(name, data)] if kind is Kind.LRMX else list(_unpacked(data))
    counts: Counter[str] = Counter()
    forms = []
    for file, content in files:
        form = _Form(file)
        form.read(content)
        forms.append(form.fields)
        counts.update(form.dropped)
    parsed = parse_roster(_sheet(forms, name, unit), _TABLE)
    names = [file for file, _content in files]
    return LrmxReading(
        tuple(replace(row, sheet=names[row.row - _FIRST_ROW], row=1) for row in parsed.rows),
        tuple(_in_file(fault, names) for fault in parsed.faults),
        Dropped(**counts),
    )


def _in_file(fault: RowFault, names: list[str]) -> RowFault:
    """The fault with names of files for numbers of rows."""
    about = fault.about
    if fault.fault is Fault.ROWS_CONTRADICT:
        about = (", ".join(names[int(row) - _FIRST_ROW] for row in about[0].split(", ")),)
    return replace(fault, sheet=names[fault.row - _FIRST_ROW], row=1, about=about)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    archive = Archive(data, Limits(MAX_UNPACKED, MAX_RATIO))
    for entry in archive.entries:
        file = entry.filename.rpartition("/")[2]
        if not file.startswith("._"):
            # A Mac adds such companions, which hold no form.
            yield file, archive.read(entry)


def _sheet(forms: list[dict[str, str]], name: str, unit: str) -> Sheet:
    """The forms as the sheet that an officer would have typed: one row for each, under the headings of the roster."""
    rows = [[title for _field, title in roster_headings()]]
    for form in forms:
        rank, grade = ranks_in_post(form.get("title", ""))
        cells = form | {"unit": unit, "rank": rank, "grade": grade}
        rows.append([cells.get(field, "") for field, _title in roster_headings()])
    return Sheet(name, rows)


class _Form:
    """One form while it is read; text outside the wanted fields is only ever asked whether it is blank."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._path: list[str] = []
        self._is_filled = False
        self.fields: dict[str, str] = {}
        self.dropped: Counter[str] = Counter()

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            parser.Parse(decode(content), True)
        except expat.ExpatError:
            raise self._no_form() from None
        if not any(text.strip() for text in self.fields.values()):
            raise self._no_form()

    def _no_form(self) -> Invalid:
        return Invalid(
            format_lazy(_("{name} is not a whole .lrmx form. Save it again in the form editor."), name=self._file)
        )

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise Invalid(_("The XML in this file declares a document type or entities; such files are never opened."))

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        if not self._path and tag != "Person":
            raise self._no_form()
        self._path.append(tag)
        if len(self._path) == 2 or self._is_member():
            self._is_filled = False

    def _is_member(self) -> bool:
        return len(self._path) == 3 and self._path[1] == _FAMILY and self._path[2].startswith(_FAMILY_MEMBER)

    def _text(self, text: str) -> None:
        if len(self._path) == 2 and self._path[1] in _WANTED:
            field = _WANTED[self._path[1]]
            self.fields[field] = self.fields.get(field, "") + text
        elif len(self._path) > 1:
            self._is_filled = self._is_filled or not text.isspace()

    def _end(self, tag: str) -> None:
        if self._is_filled and self._is_member():
            self.dropped["family_members"] += 1
            self._is_filled = False
        elif self._is_filled and len(self._path) == 2 and tag not in _INDIFFERENT:
            self.dropped[_DROPPED_AS.get(tag, "other_fields")] += 1
        self._path.pop()
