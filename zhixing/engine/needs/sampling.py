"""Samples: how many of each stratum are asked, and who. The same seed draws the same people, so that anybody can draw again."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)
CERTAIN_BELOW: Final = 1
"""At least so many of each stratum that has anybody, while the sample reaches."""


class Method(StrEnum):
    """How a sample is shared out."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"


@dataclass(frozen=True, slots=True)
class Layer:
    """A stratum: its ``people``, and how much they differ (any unit; looked at by Neyman's way only)."""

    people: int
    spread: float = 1.0


def allocate(layers: Sequence[Layer], sample: int, method: str = Method.PROPORTIONAL) -> list[int]:
    """Whole numbers that add up to ``sample`` (or to all people, if these are fewer), no stratum above its people.

    Neyman (1934): in proportion to people × spread. Each stratum gets one first, where the sample reaches so far: of nobody asked nothing is known. Then
    largest remainders; a stratum that is full gives its share to the others. Ties go to the earlier stratum. Raises ``ValueError`` below 0.
    """
    if sample < 0 or any(layer.people < 0 for layer in layers):
        raise ValueError("nothing below 0")
    people = [layer.people for layer in layers]
    sample = min(sample, sum(people))
    held = [place for place, count in enumerate(people) if count]
    found = [0] * len(layers)
    if sample >= len(held):
        for place in held:
            found[place] = CERTAIN_BELOW
    wish = [_wish(layer, method) for layer in layers]
    while (left := sample - sum(found)) > 0:
        open_ = [place for place in held if found[place] < people[place]]
        _hand_out(found, people, wish if any(wish[place] for place in open_) else [1.0] * len(wish), open_, left)
    return found


def _wish(layer: Layer, method: str) -> float:
    if method == Method.EQUAL:
        return 1.0 if layer.people else 0.0
    return layer.people * (max(layer.spread, 0.0) if method == Method.NEYMAN else 1.0)


def _hand_out(found: list[int], people: list[int], wish: list[float], open_: list[int], left: int) -> None:
    """So many of ``left`` as fit: whole shares first, and single ones by the largest remainder."""
    total = sum(wish[place] for place in open_)
    exact = {place: left * wish[place] / total for place in open_}
    given = 0
    for place in open_:
        more = min(floor(exact[place] + 1e-9), people[place] - found[place])
        found[place] += more
        given += more
    if given:
        return
    for place in sorted(open_, key=lambda one: (-exact[one], one))[:left]:
        found[place] += 1


def draw(keys: Sequence[Key], count: int, seed: int, stratum: str) -> list[Key]:
    """``count`` of the keys without replacement: those with the smallest digests of seed, stratum and key. The order of ``keys`` does not matter."""
    ordered = sorted(keys, key=lambda key: hashlib.sha256(f"{seed}/{stratum}/{key}".encode()).digest())
    return ordered[:count]
