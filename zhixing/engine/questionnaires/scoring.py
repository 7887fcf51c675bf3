"""What a sheet is worth, exactly: fractions inside, whole hundredths outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from zhixing.engine.questionnaires.answering import Answer
from zhixing.engine.questionnaires.definition import Item, Questionnaire
from zhixing.engine.questionnaires.fields import Field

Weights = Mapping[str, Fraction]
"""Name of a field → its part of a mean."""


@dataclass(frozen=True, slots=True)
class Score:
    """Hundredths of a point from 0 to 10,000; None where nothing was answered that is scored. One for each block, in order."""

    total: int | None
    blocks: tuple[int | None, ...]


def worth(item: Item, value: int, grades: Sequence[int]) -> Fraction:
    """The share (0 to 1) of its points that ``value`` earns an item: of ``grades`` (percent, the worst first) for the four grades,
    otherwise ``value`` / top, so that 8 on a scale of ten earns 12 of 15 points.
    """
    return Fraction(grades[value - 1], 100) if item.graded else Fraction(value, item.top)


def score(form: Questionnaire, fields: Iterable[Field], answers: Mapping[str, Answer], grades: Sequence[int]) -> Score:
    """The total is the blocks' mean by weight, a block its items' mean by points, an item the mean of its fields.

    What was left blank is left out, and the weights of the rest are scaled up: nobody loses points by an item that did not concern them.
    """
    shares = _shares(fields, answers, grades)
    blocks = [
        _mean((shares[item.code], item.points) for item in block.items if item.code in shares) for block in form.blocks
    ]
    weighed = zip(blocks, form.blocks, strict=True)
    total = _mean((share, block.weight) for share, block in weighed if share is not None)
    return Score(_hundredths(total), tuple(map(_hundredths, blocks)))


def weights_of(
    form: Questionnaire, fields: Iterable[Field], answered: Container[str]
) -> tuple[Weights, tuple[Weights, ...]]:
    """By how much each field that was ``answered`` counts in the total and in each block of a sheet; the sheets of ``score``, but for rounding."""
    names: dict[str, list[str]] = defaultdict(list)
    for field in fields:
        if field.item.is_scored and field.name in answered:
            names[field.item.code].append(field.name)
    blocks: list[Weights] = []
    for block in form.blocks:
        items = [item for item in block.items if item.code in names]
        points = sum(item.points for item in items)
        parts = (
            {name: Fraction(item.points, points * len(names[item.code])) for item in items for name in names[item.code]}
            if points
            else {}
        )
        blocks.append(parts)
    weight = sum(block.weight for block, own in zip(form.blocks, blocks, strict=True) if own)
    total = {
        name: share * Fraction(block.weight, weight)
        for block, own in zip(form.blocks, blocks, strict=True)
        for name, share in own.items()
        if block.weight
    }
    return total, tuple(blocks)


def _shares(fields: Iterable[Field], answers: Mapping[str, Answer], grades: Sequence[int]) -> dict[str, Fraction]:
    """Code → mean share of the fields answered."""
    found: dict[str, list[Fraction]] = defaultdict(list)
    for field in fields:
        value = answers.get(field.name)
        if field.item.is_scored and isinstance(value, int):
            found[field.item.code].append(worth(field.item, value, grades))
    return {code: sum(shares, Fraction()) / len(shares) for code, shares in found.items()}


def _mean(weighed: Iterable[tuple[Fraction, int]]) -> Fraction | None:
    pairs = list(weighed)
    weight = sum(one for _share, one in pairs)
    return sum((share * one for share, one in pairs), Fraction()) / weight if weight else None


def _hundredths(share: Fraction | None) -> int | None:
    """Of 100 points, half up."""
    return None if share is None else int(share * 10_000 + Fraction(1, 2))
