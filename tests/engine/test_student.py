"""Half the width of an interval in standard errors, against printed tables."""

from __future__ import annotations

import pytest

from zhixing.engine.student import student_95


@pytest.mark.parametrize(("freedom", "width"), [(1, 12.706), (2, 4.303), (10, 2.228), (30, 2.042), (10**9, 1.960)])
def test_the_printed_table(freedom: int, width: float) -> None:
    assert student_95(freedom) == pytest.approx(width, abs=5e-4)
