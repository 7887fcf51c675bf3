"""Study groups: whatever the class, sizes and units are even, and the same people give the same groups."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.groups import Learner, share_out

LEARNERS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["", "m", "f"]), st.sampled_from(["", "a", "b", "c"])), max_size=40
).map(lambda rows: [Learner(key, *row) for key, row in enumerate(rows)])


def spread(numbers: Counter[int], groups: int) -> int:
    found = [numbers[group] for group in range(1, groups + 1)]
    return max(found) - min(found)


@settings(max_examples=150, deadline=None)
@given(LEARNERS, st.integers(1, 8))
def test_sizes_and_units_differ_by_at_most_one_between_groups(learners: list[Learner], groups: int) -> None:
    found = share_out(learners, groups)
    assert found.keys() == {learner.key for learner in learners}
    assert spread(Counter(found.values()), groups) <= 1
    for unit in {learner.unit for learner in learners}:
        of_unit = Counter(found[learner.key] for learner in learners if learner.unit == unit)
        assert spread(of_unit, groups) <= 1


@settings(max_examples=60, deadline=None)
@given(LEARNERS, st.integers(1, 8), st.integers(0, 99))
def test_the_order_in_which_people_are_given_does_not_matter(learners: list[Learner], groups: int, seed: int) -> None:
    mixed = list(learners)
    random.Random(seed).shuffle(mixed)
    assert share_out(mixed, groups) == share_out(learners, groups)


def test_sexes_and_ranks_are_evened_out_where_units_leave_room() -> None:
    learners = [Learner(n, unit=n, sex="f" if n < 6 else "m", rank="a" if n % 2 else "b") for n in range(24)]
    found = share_out(learners, 3)
    for one in ("f", "m"):
        assert spread(Counter(found[p.key] for p in learners if p.sex == one), 3) <= 1
    for one in ("a", "b"):
        assert spread(Counter(found[p.key] for p in learners if p.rank == one), 3) <= 1


def test_fewer_than_one_group_is_no_question() -> None:
    with pytest.raises(ValueError, match="one group"):
        share_out([], 0)
