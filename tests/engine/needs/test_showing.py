"""Of a few people nothing is told, and nothing can be had by taking groups from their whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zhixing.engine.needs.showing import told, told_cells

cells = arrays(
    np.int64, st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 4)), elements=st.integers(0, 12)
)


@given(cells, st.integers(1, 6))
def test_what_is_left_out_is_nobody_or_enough_people(count: np.ndarray, least: int) -> None:
    for shown, axes in ((told(count, least), (-1,)), (told_cells(count, least), (-1, -2))):
        assert (count[shown] >= least).all()
        for axis in axes:
            hidden = np.where(shown, 0, count).sum(axis=axis)
            assert ((hidden == 0) | (hidden >= least) | ~shown.any(axis=axis)).all()


def test_one_small_group_takes_the_smallest_other_along() -> None:
    assert told(np.array([2, 9, 6, 30]), 5).tolist() == [False, True, False, True]
    assert told(np.array([2, 4, 6, 30]), 5).tolist() == [False, False, True, True]
    assert told(np.array([0, 6, 30]), 5).tolist() == [False, True, True]
