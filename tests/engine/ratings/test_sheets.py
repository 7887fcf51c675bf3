"""Columns → sheets, and everything that is wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from zhixing.engine.ratings.sheets import FaultCode, SheetsError, sheets_of


def faults(table: dict[str, list[Any]], items: list[str], **more: Any) -> list[tuple[FaultCode, str, int]]:
    with pytest.raises(SheetsError) as error:
        sheets_of(pa.table(table), items, **more)
    return [(fault.code, fault.column, fault.row) for fault in error.value.faults]


def test_numbers_empty_cells_groups_and_seconds_are_read() -> None:
    table = {"a": ["1", " 2 ", "", None], "b": [4, None, 2, 3], "g": ["x", "y", "x", "y"], "t": [30.0, 5, None, 7]}
    found = sheets_of(pa.table(table), ["a", "b"], group="g", seconds="t", scale=(1, 5))
    np.testing.assert_array_equal(found.values, [[1, 4], [2, np.nan], [np.nan, 2], [np.nan, 3]])
    assert found.groups is not None
    assert found.groups.names == ("x", "y")
    assert found.groups.code.tolist() == [0, 1, 0, 1]
    assert found.seconds is not None
    assert found.seconds[1] == 5
    turned = found.turned(["b"], 1, 5)
    np.testing.assert_array_equal(turned.values[:, 1], [2, np.nan, 4, 3])
    np.testing.assert_array_equal(turned.values[:, 0], found.values[:, 0])


def test_everything_wrong_is_named() -> None:
    table: dict[str, list[Any]] = {"a": ["1", "good", "inf", "9"], "b": ["", None, " ", ""], "g": ["x", None, "y", "x"]}
    assert faults(table, ["a", "b"], group="g", scale=(1, 5)) == [
        (FaultCode.NOT_A_NUMBER, "a", 2),
        (FaultCode.NOT_A_NUMBER, "a", 3),
        (FaultCode.OFF_SCALE, "a", 4),
        (FaultCode.NO_ANSWERS, "b", 0),
        (FaultCode.EMPTY_GROUP, "g", 2),
    ]
    assert faults(table, ["a", "c", "a"]) == [(FaultCode.MISSING_COLUMN, "c", 0), (FaultCode.TWICE, "a", 0)]
    assert faults(table, ["a"]) == [(FaultCode.FEW_COLUMNS, "", 0)]
    doubled = pa.table([[1], [2], [3]], names=["a", "a", "b"])
    with pytest.raises(SheetsError) as error:
        sheets_of(doubled, ["a", "b"])
    assert [fault.code for fault in error.value.faults] == [FaultCode.TWICE]
