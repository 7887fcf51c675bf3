"""Reading columns: what they hold, and every fault with its row at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhixing.engine.columns import Columns, ColumnsError, FaultCode


def columns(**cells: list[str | None]) -> Columns:
    return Columns(pa.table({name: pa.array(values, pa.string()) for name, values in cells.items()}))


def test_numbers_flags_days_and_groups_are_read() -> None:
    read = columns(
        y=["1.5", " -2e1 ", None],
        yes=["是", "0", "TRUE"],
        on=["1970-01-02", "2027-03-15", "1969-12-31"],
        a=["x", "y", "x"],
        b=["1", "1", "2"],
    )
    assert read.numbers("y", may_be_empty=True).tolist()[:2] == [1.5, -20.0]
    assert np.isnan(read.numbers("y", may_be_empty=True)[2])
    assert read.flags("yes").tolist() == [True, False, True]
    assert read.days("on").tolist() == [1, 20892, -1]
    assert read.groups(["a", "b"]).tolist() == [0, 2, 1]
    assert read.groups([]).tolist() == [0, 0, 0]
    assert read.whole("b", 1, 2).tolist() == [1, 1, 2]
    read.done()


def test_every_fault_is_told_with_its_row() -> None:
    read = columns(
        y=["1", "good", "1e999", " "],
        yes=["1", "2", "0", None],
        on=["2027-02-30", "soon", "2027-01-01", "2027-01-01"],
        k=["1", "1.5", "9", "3"],
    )
    read.numbers("y")
    read.flags("yes")
    read.days("on")
    read.whole("k", 1, 4)
    read.texts("absent")
    with pytest.raises(ColumnsError) as told:
        read.done()
    assert {(fault.column, fault.row, fault.value, fault.code) for fault in told.value.faults} == {
        ("y", 2, "good", FaultCode.NOT_A_NUMBER),
        ("y", 3, "1e999", FaultCode.NOT_A_NUMBER),
        ("y", 4, "", FaultCode.EMPTY),
        ("yes", 2, "2", FaultCode.NOT_YES_OR_NO),
        ("yes", 4, "", FaultCode.EMPTY),
        ("on", 1, "2027-02-30", FaultCode.NOT_A_DAY),
        ("on", 2, "soon", FaultCode.NOT_A_DAY),
        ("k", 2, "1.5", FaultCode.NOT_WHOLE),
        ("k", 3, "9", FaultCode.OUTSIDE),
        ("absent", 0, "", FaultCode.MISSING_COLUMN),
    }
    assert "absent row 0" in str(told.value)


def test_a_table_without_rows_is_told() -> None:
    with pytest.raises(ColumnsError, match="no_rows"):
        columns(y=[]).done()


def test_many_faults_of_one_kind_are_counted() -> None:
    read = columns(y=["x"] * 250)
    read.numbers("y")
    assert len(read.faults) == 100
    assert read.faults[-1].more == 150
