"""Every input row that was refused or is doubtful: one line each, in the words that formats.md §1 fixes for ``problems.xlsx``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zhixing.base.tables.sentences import TREATMENT_WORDS, row_problem
from zhixing.base.tables.write import Column, Content, Table, write_book
from zhixing.engine.sheets.faults import RowFault, Treatment, gravest

COLUMNS = (
    Column("文件"),
    Column("工作表"),
    Column("行号", Content.NUMBER),
    Column("列"),
    Column("值"),
    Column("处理"),
    Column("原因"),
    Column("处理建议"),
)


@dataclass(frozen=True)
class Doubt:
    """One row of one file: its gravest fault, and the others found in it."""

    file: str
    fault: RowFault
    others: tuple[RowFault, ...] = ()

    @property
    def refused(self) -> bool:
        return self.fault.treatment is Treatment.REFUSED

    def cells(self) -> list[object]:
        """The line of ``problems.xlsx``; other faults of the row are told behind the gravest."""
        told = row_problem(self.fault)
        others = [(fault, row_problem(fault)) for fault in self.others]
        reasons = [str(told.reason), *(f"{fault.column}：{words.reason}" for fault, words in others)]
        mends = dict.fromkeys([str(told.mend), *(str(words.mend) for _fault, words in others)])
        place = [self.file, told.sheet, told.row, told.column, told.value]
        return [*place, TREATMENT_WORDS[self.fault.treatment], "".join(reasons), "".join(mends)]


def doubts_of(file: str, faults: Iterable[RowFault]) -> list[Doubt]:
    """One for each row, in the order of sheets and rows."""
    by_row: dict[tuple[str, int], list[RowFault]] = {}
    for fault in faults:
        by_row.setdefault((fault.sheet, fault.row), []).append(fault)
    doubts = []
    for _place, found in sorted(by_row.items()):
        worst = gravest(found)[0]
        doubts.append(Doubt(file, worst, tuple(dict.fromkeys(fault for fault in found if fault is not worst))))
    return doubts


def write_doubts(path: Path, doubts: Sequence[Doubt]) -> None:
    write_book(path, [Table("问题", COLUMNS, (doubt.cells() for doubt in doubts))])
