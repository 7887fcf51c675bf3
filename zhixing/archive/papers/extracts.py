"""An extract as CSV, XML or Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.utils.timezone import localtime

from zhixing.archive.models import Extract
from zhixing.archive.queries.extracts import rows_of
from zhixing.archive.queries.known import History, Question
from zhixing.base.tables.write import Column, Table, write_book, write_csv
from zhixing.engine.extracts.definition import Definition
from zhixing.engine.extracts.writing import Misfit, Row, values_of, xml_pieces

MISFITS_SHOWN: Final = 200


@dataclass
class Written:
    """``people``: the keys of those with a row; ``misfits`` values too long for their field were left whole, ``shown`` are the first."""

    rows: int = 0
    misfits: int = 0
    people: list[int] = field(default_factory=list)
    shown: list[Misfit] = field(default_factory=list)

    def tell(self, misfit: Misfit) -> None:
        self.misfits += 1
        if len(self.shown) < MISFITS_SHOWN:
            self.shown.append(misfit)


def write_extract(
    definition: Definition, question: Question, histories: Iterable[History], target: Path, format: str
) -> Written:
    """Write ``target``; in CSV and Excel no text can be taken for a formula."""
    written = Written()
    rows = rows_of(_noted(histories, written), definition)
    if format == Extract.Format.XML:
        attributes = {"on": question.on.isoformat(), "known_at": localtime(question.known_at).isoformat()}
        with target.open("w", encoding="utf-8", newline="") as file:
            file.writelines(xml_pieces(definition, _counted(rows, written), written.tell, attributes))
        return written
    columns = [Column(one.name) for one in definition.fields]
    cells = (
        values_of(definition, row, number, written.tell) for number, row in enumerate(_counted(rows, written), start=1)
    )
    if format == Extract.Format.CSV:
        write_csv(target, columns, cells)
    else:
        write_book(target, [Table(definition.code, columns, cells)])
    return written


def _noted(histories: Iterable[History], written: Written) -> Iterator[History]:
    for history in histories:
        before = written.rows
        yield history
        if written.rows > before:
            written.people.append(history.person.pk)


def _counted(rows: Iterable[Row], written: Written) -> Iterator[Row]:
    for row in rows:
        written.rows += 1
        yield row
