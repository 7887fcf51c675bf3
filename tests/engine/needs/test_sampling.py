"""Samples are whole, fair and can be drawn again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.needs.sampling import Layer, Method, allocate, draw

layers = st.lists(st.builds(Layer, st.integers(0, 60), st.floats(0, 3)), max_size=12)


@given(layers, st.integers(0, 400), st.sampled_from(list(Method)))
def test_an_allocation_adds_up_and_asks_nobody_twice(found: list[Layer], sample: int, method: Method) -> None:
    asked = allocate(found, sample, method)
    assert sum(asked) == min(sample, sum(layer.people for layer in found))
    assert all(0 <= count <= layer.people for count, layer in zip(asked, found, strict=True))
    if sample >= sum(layer.people > 0 for layer in found):
        assert all(count for count, layer in zip(asked, found, strict=True) if layer.people)


@given(st.lists(st.integers(1, 200), min_size=1, max_size=10), st.integers(50, 300))
def test_in_proportion_nobody_is_more_than_one_and_the_first_off(people: list[int], sample: int) -> None:
    asked = allocate([Layer(count) for count in people], sample)
    sample = min(sample, sum(people))
    for count, got in zip(people, asked, strict=True):
        assert abs(got - sample * count / sum(people)) <= len(people)


def test_whoever_differs_more_is_asked_more() -> None:
    assert allocate([Layer(100, 1.0), Layer(100, 3.0)], 82, Method.NEYMAN) == [21, 61]


def test_equal_shares_go_on_where_a_stratum_is_full() -> None:
    assert allocate([Layer(3), Layer(100), Layer(100)], 31, Method.EQUAL) == [3, 14, 14]


def test_nothing_below_zero() -> None:
    with pytest.raises(ValueError, match="below"):
        allocate([Layer(1)], -1)


@given(st.lists(st.integers(), unique=True, max_size=30), st.integers(0, 30), st.randoms())
def test_the_same_seed_draws_the_same_people_in_any_order(keys: list[int], count: int, chance: object) -> None:
    drawn = draw(keys, count, 7, "a")
    shuffled = list(keys)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(shuffled, count, 7, "a") == drawn
    assert len(set(drawn)) == min(count, len(keys))


def test_other_seeds_and_strata_draw_others() -> None:
    keys = list(range(1000))
    assert draw(keys, 10, 1, "a") != draw(keys, 10, 2, "a")
    assert draw(keys, 10, 1, "a") != draw(keys, 10, 1, "b")
