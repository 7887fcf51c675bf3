"""Bringing the paper sheet back: everything on it is right, or nothing is entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.attendance import permissions
from zhixing.attendance.actions.observing import Seen, lock, observe
from zhixing.attendance.actions.registers import must_be_time
from zhixing.attendance.models import Evidence, Register, Status
from zhixing.attendance.queries.registers import Line, lines_of, registers_of_day
from zhixing.attendance.sheet_words import HALVES, SHEET, status_of
from zhixing.base import audit
from zhixing.base.problems import Invalid, RowProblem, Text
from zhixing.base.tables.read import read_sheet
from zhixing.engine.sheets.cells import said
from zhixing.engine.sheets.faults import Treatment
from zhixing.engine.sheets.headings import Header, cell_at, data_rows, find_header
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun


@dataclass(frozen=True)
class BroughtBack:
    """How many cells were entered, and how many said what the register says already."""

    entered: int
    known: int


@dataclass(frozen=True)
class _Said:
    """One cell that could be read."""

    row: int
    register: Register
    line: Line
    status: Status

    @property
    def is_news(self) -> bool:
        return self.line.status != self.status


@transaction.atomic
def import_sheet(
    class_run: ClassRun, on: dt.date, upload: UploadedFile[Any], *, by: Account, now: dt.datetime | None = None
) -> BroughtBack:
    """Enter the sheet of one day. Idempotent: a cell that says what the register says adds nothing, a blank one says nothing.

    Raises ``Invalid`` with the rows to mend; then nothing at all is changed.
    """
    now = now or timezone.now()
    keys = sorted(register.pk for register in registers_of_day(by, class_run, on))
    registers = [lock(key) for key in keys]
    if not registers:
        raise Invalid(_("There is no register on this day."))
    reader = _Reader(upload, registers)
    cells = reader.read()
    if reader.problems:
        raise Invalid(_("Nothing was entered: some rows need mending first."), reader.problems)
    for register in registers:
        _enter(register, [one for one in cells if one.register is register and one.is_news], by=by, now=now)
    news = sum(one.is_news for one in cells)
    done = BroughtBack(news, len(cells) - news)
    audit.record("attendance.sheet_imported", class_run, by=by, on=on, **vars(done))
    return done


def _enter(register: Register, cells: Sequence[_Said], *, by: Account, now: dt.datetime) -> None:
    if not cells:
        return
    permissions.may_take(by, register).require()
    must_be_time(register, now)
    seen = [Seen(one.line.callup.pk, Evidence.Source.PAPER, one.status) for one in cells]
    observe(register, seen, by=by, at=now)


class _Reader:
    """Reads the sheet once and gathers every problem on the way."""

    def __init__(self, upload: UploadedFile[Any], registers: Sequence[Register]) -> None:
        self.sheet = read_sheet(upload.read(), upload.name or "sheet.xlsx")
        header = find_header(self.sheet, SHEET)
        if not isinstance(header, Header):
            raise Invalid(
                _("This is no sign-in sheet: it needs 工号 or 姓名, and one of 上午签到, 下午签到, 晚上签到.")
            )
        self.header = header
        self.registers = {str(register.session.half): register for register in registers}
        self.lines = {half: lines_of(register) for half, register in self.registers.items()}
        self.problems: list[RowProblem] = []
        self.known: dict[tuple[int, int], _Said] = {}

    def read(self) -> list[_Said]:
        for row, cells in data_rows(self.header):
            for half in HALVES:
                if text := self._cell(cells, half):
                    self._read_cell(row, cells, half, text)
        return list(self.known.values())

    def _cell(self, cells: Sequence[str], name: str) -> str:
        column = self.header.columns.get(name)
        return "" if column is None else said(cell_at(cells, column))

    def _read_cell(self, row: int, cells: Sequence[str], half: str, text: str) -> None:
        register = self.registers.get(half)
        if register is None:
            return self._refuse(row, half, text, _("There is no register for this half day."), _("Clear this cell."))
        line = self._line(half, self._cell(cells, "number"), self._cell(cells, "name"))
        if line is None:
            who = self._cell(cells, "number") or self._cell(cells, "name")
            column = "number" if "number" in self.header.columns else "name"
            mend = _("Check the staff number; a guest is not entered here.")
            return self._refuse(row, column, who, _("This person is not on the list of the class run."), mend)
        status = status_of(text)
        if status is None:
            mend = _("Write 出勤, 迟到, 早退, 请假 or 缺勤, or leave the cell blank.")
            return self._refuse(row, half, text, _("This word says no status."), mend)
        return self._keep(_Said(row, register, line, status), half, text)

    def _line(self, half: str, number: str, name: str) -> Line | None:
        """By staff number; without one by a name that only one person on the list has."""
        by_number = [one for one in self.lines[half] if number and one.callup.person.number == number]
        by_name = [one for one in self.lines[half] if not number and one.callup.person.name == name]
        found = by_number or by_name
        return found[0] if len(found) == 1 else None

    def _keep(self, one: _Said, half: str, text: str) -> None:
        key = (one.register.pk, one.line.callup.pk)
        before = self.known.setdefault(key, one)
        if before.status != one.status:
            reason = format_lazy(_("Row {row} says something else about this person."), row=before.row)
            self._refuse(one.row, half, text, reason, _("Keep the row that is right."))
        elif one.is_news and one.register.state == Register.State.CLOSED:
            mend = _("Clear this cell and correct the mark with its reason.")
            self._refuse(one.row, half, text, _("This register is closed and says something else."), mend)
        elif one.is_news and one.status == Status.LEAVE and not one.line.covered:
            mend = _("Record the leave first, or clear this cell.")
            self._refuse(one.row, half, text, _("No approved leave covers this half day."), mend)

    def _refuse(self, row: int, column: str, value: str, reason: Text, mend: Text) -> None:
        label = self.header.label(column)
        self.problems.append(RowProblem(self.sheet.name, row, label, value, Treatment.REFUSED.value, reason, mend))
