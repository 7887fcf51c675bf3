"""Of a few people nothing is told, and nothing can be had by adding up and taking away what is told: tried by linear algebra."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zhixing.engine.needs.gaps import Answers
from zhixing.engine.needs.showing import Told, guarded, told, told_of, told_shares

counts = arrays(np.int64, st.tuples(st.integers(1, 3), st.integers(1, 6)), elements=st.integers(0, 12))
tables = arrays(
    np.int64, st.tuples(st.just(1), st.integers(1, 4), st.integers(1, 3)), elements=st.sampled_from([0, 0, 1, 2, 4, 9])
)


def equations(count: np.ndarray, one: Told) -> list[np.ndarray]:
    """What is known of a table [J, L]: the whole, and every sum and cell that is told, as weights of cells."""
    units, levels = count.shape
    found = [np.ones(count.shape)]
    for j in range(units):
        if one.units[0, j]:
            found.append(np.repeat(np.eye(units)[j][:, None], levels, axis=1))
    for k in range(levels):
        if one.levels[0, k]:
            found.append(np.repeat(np.eye(levels)[k][None], units, axis=0))
    for j, k in np.argwhere(one.cells[0]):
        found.append(np.outer(np.eye(units)[j], np.eye(levels)[k]))
    return [one.ravel() for one in found]


def exposed(count: np.ndarray, known: list[np.ndarray], least: int) -> list[tuple[int, ...]]:
    """Groups of a few people whose sum follows from what is known: their indicator lies in its span."""
    places = np.flatnonzero(count.ravel())
    rows = np.array(known)[:, places]
    basis = np.linalg.svd(rows, full_matrices=False)[2][: np.linalg.matrix_rank(rows)]
    size = count.ravel()[places]
    found = []
    for n in range(1, len(places) + 1):
        for some in itertools.combinations(range(len(places)), n):
            if size[list(some)].sum() < least:
                sought = np.zeros(len(places))
                sought[list(some)] = 1.0
                if np.linalg.norm(sought - basis.T @ (basis @ sought)) < 1e-9:
                    found.append(some)
    return found


@settings(max_examples=400, deadline=None)
@given(tables, st.integers(2, 5))
def test_nothing_about_a_few_follows_from_all_that_is_told(count: np.ndarray, least: int) -> None:
    if count.sum() < least:
        return
    one = told_of(count, least)
    assert (count[one.cells] >= least).all()
    assert exposed(count[0], equations(count[0], one), least) == []


def test_a_cell_that_was_left_out_for_another_is_had_from_its_level() -> None:
    """The unit of 2 + 6: leaving out the 6 beside the 2 does not help, for the 6 is what the level has beyond the others."""
    count = np.array([[[2, 6, 30], [9, 0, 20], [9, 0, 20]]])
    one = told_of(count, 5)
    assert not one.cells[0, 0].any()
    assert exposed(count[0], equations(count[0], one), 5) == []
    naive = equations(count[0], one)
    for j in (1, 2):
        for k in (0, 2):
            naive.append(np.outer(np.eye(3)[j], np.eye(3)[k]).ravel())
    assert exposed(count[0], naive, 5) != []


def test_where_many_answered_everything_is_told() -> None:
    one = told_of(np.full((1, 3, 2), 8), 5)
    assert one.cells.all()
    assert one.units.all()
    assert one.levels.all()


@given(counts, st.integers(1, 6))
def test_what_is_left_out_is_nobody_or_enough_people(count: np.ndarray, least: int) -> None:
    shown = told(count, least)
    assert (count[shown] >= least).all()
    hidden = np.where(shown, 0, count).sum(axis=-1)
    assert ((hidden == 0) | (hidden >= least) | ~shown.any(axis=-1)).all()


def test_one_small_group_takes_the_smallest_other_along() -> None:
    assert told(np.array([2, 9, 6, 30]), 5).tolist() == [False, True, False, True]
    assert told(np.array([2, 4, 6, 30]), 5).tolist() == [False, False, True, True]
    assert told(np.array([0, 6, 30]), 5).tolist() == [False, True, True]


@given(
    arrays(np.int64, 4, elements=st.integers(0, 9)), arrays(np.int64, 4, elements=st.integers(0, 9)), st.integers(1, 5)
)
def test_shares_tell_neither_of_the_few_who_ticked_nor_of_the_few_who_did_not(
    ticked: np.ndarray, others: np.ndarray, least: int
) -> None:
    shown = told_shares(ticked, ticked + others, least)
    for part in (ticked, others):
        assert ((part[shown] == 0) | (part[shown] >= least)).all()
        hidden = part[~shown].sum()
        assert hidden == 0 or hidden >= least or not shown.any()


def answers_of(count: np.ndarray, block: np.ndarray) -> tuple[Answers, np.ndarray]:
    """One row for each person of ``count`` [B, J, L]."""
    which, unit, level = (np.repeat(place.ravel(), count.ravel()) for place in np.indices(count.shape))
    gap = np.arange(len(unit), dtype=np.float64)
    return Answers(np.zeros(len(unit), np.int64), unit, level, gap, (1, *count.shape[1:])), block[which]


def test_what_a_block_has_of_too_few_of_a_unit_counts_elsewhere_and_the_unit_stays() -> None:
    count = np.zeros((2, 3, 2), np.int64)
    count[0] = [[9, 9], [9, 9], [9, 9]]
    count[1] = [[9, 9], [2, 0], [4, 0]]
    answers, block = answers_of(count, np.array([7, 8]))
    found = guarded(answers, block, np.array([], np.int64), 5)
    rows = found.answers
    assert rows.sizes == (1, 5, 2)
    assert np.bincount(rows.unit).tolist() == [36, 18, 18, 2, 4]
    assert found.told.units[0].tolist() == [True, True, True]
    assert len(rows.gap) == len(answers.gap)


def test_few_of_a_level_in_a_second_block_count_nowhere_and_what_units_say_counts_as_it_is() -> None:
    count = np.zeros((3, 2, 2), np.int64)
    count[0] = [[9, 9], [9, 9]]
    count[1] = [[9, 3], [9, 0]]
    count[2] = [[1, 0], [0, 1]]
    answers, block = answers_of(count, np.array([1, 2, 3]))
    rows = guarded(answers, block, np.array([3]), 5).answers
    assert len(rows.gap) == count[0].sum() + 2
    both = guarded(answers, np.where(block == 3, 2, block), np.array([], np.int64), 5).answers
    assert len(both.gap) < len(rows.gap) + 18


def test_of_nobody_nothing_is_told() -> None:
    count = np.array([[[9, 0], [9, 9], [9, 9]]])
    answers, block = answers_of(count, np.array([1]))
    found = guarded(answers, block, np.array([], np.int64), 5)
    assert found.told.cells[0].tolist() == [[True, False], [True, True], [True, True]]
    nobody = guarded(*answers_of(count * 0, np.array([1])), np.array([], np.int64), 5)
    assert not nobody.told.cells.any()


def test_answers_are_counted_by_competency_unit_and_level() -> None:
    place = [np.array(one, np.int64) for one in ([0, 0, 1], [1, 1, 0], [0, 0, 1])]
    answers = Answers(*place, np.zeros(3), (2, 2, 2))
    assert answers.counted().tolist() == [[[0, 0], [2, 0]], [[0, 1], [0, 0]]]
    assert answers.counted(np.array([True, False, False])).sum() == 1
