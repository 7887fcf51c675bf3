"""Rows of units and periods: put into a panel, and told where they contradict themselves."""

from __future__ import annotations

import numpy as np
import pytest

from zhixing.engine.effects.cohorts import NEVER
from zhixing.engine.effects.panel import PanelError, PanelFaultCode, panel_of

NAMES = ["b", "a", "b", "a"]
PERIOD, FIRST, OUTCOME = (
    np.array([2024, 2024, 2025, 2025]),
    np.array([2025, 0, 2025, 0]),
    np.array([1.0, 2.0, 3.0, np.nan]),
)


def test_rows_become_units_by_periods() -> None:
    panel = panel_of(NAMES, PERIOD, FIRST, OUTCOME, np.array([7, 8, 7, 8]))
    assert panel.periods.tolist() == [2024, 2025]
    assert panel.first.tolist() == [NEVER, 2025]
    np.testing.assert_array_equal(panel.outcome, [[2.0, np.nan], [1.0, 3.0]])
    assert panel.cluster is not None
    assert panel.cluster.tolist() == [8, 7]
    assert panel_of(NAMES, PERIOD, FIRST, OUTCOME).cluster is None


def test_contradictions_are_told_with_their_rows() -> None:
    with pytest.raises(PanelError) as caught:
        panel_of(
            [*NAMES, "a"],
            np.array([*PERIOD, 2025]),
            np.array([*FIRST, 2024]),
            np.array([*OUTCOME, 5.0]),
            np.array([7, 8, 9, 8, 8]),
        )
    told = [(one.row, one.unit, one.code) for one in caught.value.faults]
    assert told == [
        (4, "a", PanelFaultCode.OTHER_FIRST),
        (2, "b", PanelFaultCode.OTHER_CLUSTER),
        (4, "a", PanelFaultCode.TWICE),
    ]
