"""What a need weighs, and by what: each finding gives people × a part of a level, and the weight is their sum, so that nothing hides in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from zhixing.engine.proportion import by_largest_remainder

WHOLE: Final = 10_000
"""Shares are told in ten-thousandths."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``n`` people lack ``hundredths`` of a level, says the ``source`` under its ``key``."""

    source: str
    key: str
    n: int
    hundredths: int
    code: str = ""
    value: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What a finding gives to the weight, and its share of it."""

    finding: Finding
    weight: int
    share: int


def weigh(findings: Sequence[Finding], people: int) -> tuple[int, list[Part]]:
    """The weight, and its parts in the order of what they give. A finding about more people than are concerned counts for these only.

    Without one of the findings the weight is less by the weight of its part, and nothing else changes. Shares add up to ``WHOLE`` (largest remainder).
    """
    given = [(one, max(0, min(one.n, people)) * max(0, one.hundredths)) for one in findings]
    ordered = sorted((one for one in given if one[1]), key=lambda one: (-one[1], one[0].source, one[0].key))
    total = sum(weight for _finding, weight in ordered)
    if not total:
        return 0, []
    shares = by_largest_remainder(WHOLE, {place: weight for place, (_finding, weight) in enumerate(ordered)})
    return total, [Part(one, weight, shares[place]) for place, (one, weight) in enumerate(ordered)]
