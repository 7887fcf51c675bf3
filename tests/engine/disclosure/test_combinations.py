"""Groups that cells add up to: against every subset, and the search with a solver against the one without."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.disclosure.atoms import matrix_of
from zhixing.engine.disclosure.combinations import open_directions, small_sums
from zhixing.engine.disclosure.solver import cheapest_cover, computed_from, small_group

worlds = st.integers(3, 8).flatmap(
    lambda atoms: st.tuples(
        st.lists(st.sets(st.integers(0, atoms - 1), min_size=1), min_size=1, max_size=6),
        st.lists(st.integers(1, 3), min_size=atoms, max_size=atoms),
    )
)


def every(cells: list[set[int]], sizes: list[int], most: int) -> set[frozenset[int]]:
    """Subsets of at most ``most`` people in the row space, none of which holds another, by rank."""
    rows = np.array([[atom in cell for atom in range(len(sizes))] for cell in cells], float)
    rank = np.linalg.matrix_rank(rows)
    found: set[frozenset[int]] = set()
    for count in range(1, len(sizes) + 1):
        for group in itertools.combinations(range(len(sizes)), count):
            if sum(sizes[atom] for atom in group) <= most and not any(one <= set(group) for one in found):
                z = np.isin(np.arange(len(sizes)), group).astype(float)
                if np.linalg.matrix_rank(np.vstack([rows, z])) == rank:
                    found.add(frozenset(group))
    return found


@settings(max_examples=200, deadline=None)
@given(worlds)
def test_all_small_sums_are_found_and_no_other(world: tuple[list[set[int]], list[int]]) -> None:
    cells, sizes = world
    matrix = matrix_of([sorted(cell) for cell in cells], len(sizes))
    found = set(map(frozenset, small_sums(open_directions(matrix), np.array(sizes), 4)))
    assert found == every(cells, sizes, 4)


@settings(max_examples=100, deadline=None)
@given(worlds, st.integers(1, 6))
def test_the_solver_finds_one_where_there_is_one(world: tuple[list[set[int]], list[int]], most: int) -> None:
    cells, sizes = world
    matrix = matrix_of([sorted(cell) for cell in cells], len(sizes))
    people = matrix @ np.array(sizes, float)
    known: list[tuple[int, ...]] = []
    while True:
        found, ended = small_group(matrix, people, most, np.array(sizes, float), known)
        assert ended
        if found is None:
            break
        z = np.zeros(len(sizes))
        z[found.atoms] = 1.0
        assert np.allclose(matrix[found.cells].T @ found.factors, z)
        assert 0 < z @ sizes <= most
        assert tuple(found.atoms.tolist()) not in known
        known.append(tuple(found.atoms.tolist()))
    assert every(cells, sizes, most) <= set(map(frozenset, known))


def test_what_is_no_sum_of_cells_has_no_factors() -> None:
    matrix = matrix_of([[0, 1], [1, 2]], 3)
    assert computed_from(matrix, np.array([0])) is None
    found = computed_from(matrix_of([[0, 1, 2], [1, 2]], 3), np.array([0]))
    assert found is not None
    assert dict(zip(found.cells.tolist(), found.factors.tolist(), strict=True)) == {0: 1.0, 1: -1.0}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 5), min_size=1), max_size=6), st.lists(st.integers(1, 9), min_size=6, max_size=6)
)
def test_the_cheapest_cover_is_that_of_all_subsets(sets: list[set[int]], cost: list[int]) -> None:
    chosen = cheapest_cover(np.array(cost, float), [frozenset(one) for one in sets])
    assert all(chosen[list(one)].any() for one in sets)
    best = min(
        sum(cost[one] for one in pick)
        for k in range(7)
        for pick in itertools.combinations(range(6), k)
        if all(one & set(pick) for one in sets)
    )
    assert np.array(cost) @ chosen == best
