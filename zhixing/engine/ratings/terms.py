"""Fixed terms as they are written: ``x`` (numbers as they are, texts by level), ``factor(x)`` (numbers by level too), ``a:b`` (the products of both)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

BY_LEVEL: Final = re.compile(r"factor\((.+)\)")


class Part(NamedTuple):
    """A column in a term; ``by_level`` asks for a term for every level but the first whatever stands in it."""

    column: str
    by_level: bool


def parts_of(term: str) -> list[Part]:
    """The columns whose products the term is; a term without a colon has one."""
    found = []
    for part in map(str.strip, term.split(":")):
        by_level = BY_LEVEL.fullmatch(part)
        found.append(Part(by_level[1].strip(), True) if by_level else Part(part, False))
    return found


def columns_of(response: str, fixed: Sequence[str], crossed: Sequence[str]) -> list[str]:
    """The columns that a formula names, each once; ``a:b`` names two."""
    terms = [part.column for term in fixed for part in parts_of(term)]
    return list(dict.fromkeys([response, *terms, *(part for factor in crossed for part in factor.split(":"))]))


def as_written(fixed: Sequence[str], crossed: Sequence[str]) -> list[str]:
    """The columns whose cells are names: those of factors that no fixed term reads as numbers."""
    terms = {part.column for term in fixed for part in parts_of(term)}
    return [name for name in columns_of("", [], crossed)[1:] if name not in terms]


def alone(fixed: Sequence[str]) -> list[tuple[str, str]]:
    """Products of something that is no term by itself, with what is not: its levels would mean something else."""
    stated = {tuple(parts_of(term)) for term in fixed}
    return [
        (term, part.strip())
        for term in fixed
        if ":" in term
        for part in term.split(":")
        if tuple(parts_of(part)) not in stated
    ]
