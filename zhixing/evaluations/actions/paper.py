"""Paper sheets (纸质问卷): the rest of a survey goes on paper, each sheet with a random number, and what was filled in is typed in and imported."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid, RowProblem, Text
from zhixing.base.tables.read import read_sheet
from zhixing.engine.questionnaires import Field, Wrong, check
from zhixing.engine.sheets.cells import said
from zhixing.engine.sheets.faults import Treatment
from zhixing.engine.sheets.headings import Header, cell_at, data_rows, find_header
from zhixing.evaluations import permissions
from zhixing.evaluations.actions.urn import Filled, lock, put_in
from zhixing.evaluations.asking import WRONG_WORDS, label_of
from zhixing.evaluations.models import PaperNumber, Survey
from zhixing.evaluations.paper_words import NUMBER_FIELD, given_of, heading_of, table_of
from zhixing.people.models import Account


@transaction.atomic
def go_to_paper(survey: Survey, *, by: Account) -> int:
    """From now on nobody answers online, and there is a numbered sheet for each of those who have not. Returns how many."""
    permissions.may_go_to_paper(by, survey).require()
    locked = lock(survey.pk)
    if locked is None or locked.state != Survey.State.OPEN or locked.on_paper:
        raise Conflict(_("Someone else changed this survey a moment ago."))
    numbers: set[str] = set()
    while len(numbers) < locked.invited - locked.answered:
        numbers.add(str(10**8 + secrets.randbelow(9 * 10**8)))
    PaperNumber.objects.bulk_create(PaperNumber(survey=locked, number=one) for one in sorted(numbers))
    Survey.objects.filter(pk=survey.pk).update(on_paper=True)
    audit.record("evaluations.gone_to_paper", survey, by=by, sheets=len(numbers))
    return len(numbers)


@transaction.atomic
def import_paper(survey: Survey, upload: UploadedFile[Any], *, by: Account) -> int:
    """Put the typed sheets into the urn. A row without any answer was not handed back and is passed over.

    Raises ``Invalid`` with the rows to mend; then nothing at all is taken. Returns how many sheets were.
    """
    permissions.may_import_paper(by, survey).require()
    locked = lock(survey.pk)
    if locked is None or locked.state != Survey.State.OPEN:
        raise Conflict(_("This survey was closed a moment ago."))
    reader = _Reader(locked, upload)
    rows = list(reader.read())
    if reader.problems:
        raise Invalid(_("Nothing was taken: some rows need mending first."), reader.problems)
    if not rows:
        raise Invalid(_("No row has an answer."))
    put_in(locked, [filled for _number, filled in rows])
    used = [number for number, _filled in rows]
    PaperNumber.objects.filter(survey=locked, number__in=used, used=False).update(used=True)
    Survey.objects.filter(pk=survey.pk).update(answered=F("answered") + len(rows))
    audit.record("evaluations.paper_imported", survey, by=by, sheets=len(rows))
    return len(rows)


def headings_of(survey: Survey) -> list[tuple[Field, str]]:
    """Each field with its heading in the workbook."""
    return [(field, heading_of(field, label_of(field, survey.labels))) for field in survey.fields]


class _Reader:
    """Reads the workbook once and gathers every problem on the way."""

    def __init__(self, survey: Survey, upload: UploadedFile[Any]) -> None:
        self.fields = survey.fields
        self.sheet = read_sheet(upload.read(), upload.name or "sheets.xlsx")
        header = find_header(self.sheet, table_of(headings_of(survey)))
        if not isinstance(header, Header):
            raise Invalid(
                _("This is not the workbook of this survey: it needs the column 编号 and one for each question.")
            )
        self.header = header
        self.known = dict(PaperNumber.objects.filter(survey=survey).values_list("number", "used"))
        self.seen: Counter[str] = Counter()
        self.problems: list[RowProblem] = []

    def read(self) -> Iterator[tuple[str, Filled]]:
        for row, cells in data_rows(self.header):
            texts = {field.name: text for field in self.fields if (text := self._cell(cells, field.name))}
            if not texts:
                continue
            number = self._cell(cells, NUMBER_FIELD).replace(" ", "")
            if self._is_good(row, number):
                yield from self._sheet(row, number, texts)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        column = self.header.columns.get(name)
        return "" if column is None else said(cell_at(cells, column))

    def _is_good(self, row: int, number: str) -> bool:
        self.seen[number] += 1
        if number not in self.known:
            self._refuse(
                row, NUMBER_FIELD, number, _("No sheet of this survey has this number."), _("Check it on the paper.")
            )
        elif self.known[number]:
            self._refuse(
                row, NUMBER_FIELD, number, _("A sheet with this number was taken before."), _("Take the row out.")
            )
        elif self.seen[number] > 1:
            self._refuse(
                row, NUMBER_FIELD, number, _("This number stands in an earlier row."), _("Keep the row that is right.")
            )
        else:
            return True
        return False

    def _sheet(self, row: int, number: str, texts: dict[str, str]) -> Iterator[tuple[str, Filled]]:
        given = {field.name: given_of(field, texts[field.name]) for field in self.fields if field.name in texts}
        checked = check(self.fields, given, complete=False)
        for fault in checked.faults:
            mend = _("Write the words of the answer, or its number; leave it blank where nothing is ticked.")
            if fault.wrong is Wrong.ONLY_ONE:
                mend = _("Leave it blank where several are ticked.")
            self._refuse(row, fault.name, texts[fault.name], WRONG_WORDS[fault.wrong], mend)
        if not checked.faults:
            yield number, Filled(checked.answers)

    def _refuse(self, row: int, column: str, value: str, reason: Text, mend: Text) -> None:
        label = self.header.label(column)
        problem = RowProblem(self.sheet.name, row, label, value[:80], Treatment.REFUSED.value, reason, mend)
        self.problems.append(problem)
