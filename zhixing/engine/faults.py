"""What is read as a number, and which of the rows with the same fault are told one by one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
"""What is read as a number."""
SHOWN = 100
"""Faults of one kind listed one by one; the last of them carries how many more there are."""


def told_rows(wrong: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """(row from 0, further rows that are not told) of the first ``SHOWN`` rows that are ``wrong`` [N]."""
    rows = np.flatnonzero(wrong)
    shown = rows[:SHOWN].tolist()
    for row in shown:
        yield row, len(rows) - len(shown) if row == shown[-1] else 0
