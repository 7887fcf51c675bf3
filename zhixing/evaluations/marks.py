"""Marks of tests before and after: read from a sheet, and compared with sheets taken in before by fingerprints alone.

The marks themselves are not kept. A fingerprint is a digest, under the key of the installation, of the class run and one person's two marks, without the
person: by it can be counted how many rows of two sheets differ, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from zhixing.base.problems import Invalid
from zhixing.base.sealed import blind_index
from zhixing.base.tables.read import read_sheet
from zhixing.plans.models import ClassRun

BEFORE, AFTER = "前测", "后测"
LONG: Final = 20
"""Characters of a digest that are kept: enough to tell any two rows apart."""
Marks = tuple[Decimal | None, Decimal | None]
Pairs = list[tuple[float | None, float | None]]


def read_marks(upload: UploadedFile[Any], most: int) -> list[Marks]:
    """As they stand, row by row; a blank cell is a test not taken. Raises ``Invalid`` with the row that is wrong."""
    sheet = read_sheet(upload.read(), upload.name or "scores.xlsx")
    rows = [[cell.strip() for cell in row] for row in sheet.rows]
    head = next((at for at, cells in enumerate(rows) if BEFORE in cells and AFTER in cells), None)
    if head is None:
        raise Invalid(_("The sheet needs a column 前测 and a column 后测."))
    columns = rows[head].index(BEFORE), rows[head].index(AFTER)
    found: list[Marks] = []
    for number, cells in enumerate(rows[head + 1 :], head + 2):
        before, after = (_mark(cells[one] if one < len(cells) else "", most, number) for one in columns)
        if before is not None or after is not None:
            found.append((before, after))
    return found


def _mark(text: str, most: int, row: int) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text)
    except ArithmeticError:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= most:
        raise Invalid(
            _("Row %(row)s: “%(value)s” is no score from 0 to %(most)s.")
            % {"row": row, "value": text[:20], "most": most}
        )
    return value


def of_hundred(row: Marks, most: int) -> tuple[float | None, float | None]:
    before, after = (None if one is None else float(100 * one / most) for one in row)
    return before, after


def fingerprints(class_run: ClassRun, rows: Sequence[Marks]) -> list[str]:
    """Of those who took both tests, in no order that tells who is who. The marks as written: another full mark alone makes no other sheet."""
    both = [(before, after) for before, after in rows if before is not None and after is not None]
    return sorted(
        blind_index(f"marks {class_run.pk} {one.normalize()} {other.normalize()}")[:LONG] for one, other in both
    )


def tells_few(earlier: Sequence[Sequence[str]], new: Sequence[str], least: int) -> bool:
    """Whether the means of ``new`` and of the sheets taken in before would tell of fewer than ``least`` people, in any combination."""
    from zhixing.engine.disclosure.sums import Sum, World, leave_out  # numpy: loaded only here

    sheets = [Counter(one) for one in (*earlier, new)]
    kinds: Counter[tuple[int, ...]] = Counter()  # the sheets in which rows stand → how many rows
    for print_ in set().union(*sheets):
        for turn in range(max(one[print_] for one in sheets)):
            kinds[tuple(n for n, one in enumerate(sheets) if one[print_] > turn)] += 1
    atoms = sorted(kinds)
    crowds = [frozenset(place for place, atom in enumerate(atoms) if n in atom) for n in range(len(sheets))]
    figures = [
        Sum(str(n), {(place, "marks"): 1.0 for place in sorted(crowd)}, fixed=n < len(earlier))
        for n, crowd in enumerate(crowds)
    ]
    return bool(leave_out(World([kinds[atom] for atom in atoms], crowds, least), figures))
