"""Reading an old workbook (.xls) in a process of its own.

On a damaged .xls the parser may ask for terabytes and end its process, which the guard cannot foresee; it must not be the worker's.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys

from zhixing.base.tables.workbooks import read_sheets
from zhixing.engine.sheets.cells import Number, Sheet

SECONDS = 60
MEMORY = 2 << 30
"""Bytes of address space; 16 million cells, the most an .xls can hold, fit."""
_DAMAGED = 3


class Damaged(Exception):
    """The file cannot be read."""


def read_aside(data: bytes) -> list[Sheet]:
    """Every worksheet of the workbook. Raises ``Damaged``."""
    command = [sys.executable, "-m", __name__]
    try:
        child = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Damaged from None
    if child.returncode:
        raise Damaged
    return [
        Sheet(name, [[cell if isinstance(cell, str) else Number(cell[0]) for cell in row] for row in rows], hidden)
        for name, rows, hidden in json.loads(child.stdout)
    ]


def main() -> int:
    """Standard input: the workbook. Standard output: JSON, a number cell as a list of its text."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        sheets = read_sheets(sys.stdin.buffer.read())
    except BaseException:
        # A panic of the parser derives from no Exception; this process does nothing but read.
        return _DAMAGED
    told = [(sheet.name, [list(map(_tell, row)) for row in sheet.rows], sheet.hidden) for sheet in sheets]
    json.dump(told, sys.stdout, ensure_ascii=True)
    return 0


def _tell(cell: str) -> str | list[str]:
    return [cell] if isinstance(cell, Number) else cell


if __name__ == "__main__":
    sys.exit(main())
