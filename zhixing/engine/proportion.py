"""Whole numbers in proportion, which add up to what there is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def by_largest_remainder(total: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """``total`` in proportion to ``weights``: the whole parts, and what is left to the largest remainders, of equal ones to the first.

    Where nobody has a weight, nothing is given.
    """
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    given = {key: total * weight // whole for key, weight in weights.items()}
    left = total - sum(given.values())
    order = sorted(weights, key=lambda key: -(total * weights[key] % whole))
    for key in order[:left]:
        given[key] += 1
    return given
