"""Columns → the design of a model: the response, the fixed terms as numbers, and who belongs to which level of each factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.faults import NUMBER, told_rows
from zhixing.engine.ratings.terms import Part, alone, columns_of, parts_of

Floats = npt.NDArray[np.float64]
Reals = npt.NDArray[np.floating[Any]]
"""Of double or of single precision."""
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

INTERCEPT = "(Intercept)"
LARGEST = 1e100
"""Of a response either way: sums of squares of greater ones are no numbers any more."""


class FaultCode(StrEnum):
    """What is wrong with the ratings; the mend of each is a sentence of whoever shows it."""

    MISSING_COLUMN = "missing_column"
    NOT_A_NUMBER = "not_a_number"
    EMPTY = "empty"
    NO_RATINGS = "no_ratings"
    FEW_RATINGS = "few_ratings"
    SAME_FACTOR = "same_factor"
    DEPENDENT_TERM = "dependent_term"
    PRODUCT_ALONE = "product_alone"
    ONE_EACH = "one_each"


@dataclass(frozen=True)
class Fault:
    """One fault. ``row`` counts the ratings from 1 (0: all); ``more`` further rows have the same fault."""

    column: str
    row: int
    value: str
    code: FaultCode
    more: int = 0


class DesignError(ValueError):
    """The columns are no design; ``faults`` holds everything that is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.column} row {f.row}: {f.code} {f.value}" for f in faults))


@dataclass(frozen=True, eq=False)
class Factor:
    """A grouping factor with its q levels in the order of their names; ``code`` [n] tells the level of each rating."""

    name: str
    levels: tuple[str, ...]
    code: Ints


@dataclass(frozen=True, eq=False)
class Design:
    """n ratings with p fixed terms, the first of which is the intercept. ``left_out``: ratings without a response."""

    response: Floats  # [n]
    terms: tuple[str, ...]
    fixed: Floats  # [n, p]
    factors: tuple[Factor, ...]
    left_out: int = 0


def design_of(table: pa.Table, response: str, fixed: Sequence[str], crossed: Sequence[str]) -> Design:
    """The design of ``response ~ fixed + (1 | factor) …``. A fixed column of numbers is one term, one of texts has a term for every level but its first;
    ``terms.py`` has what else a fixed term may say.

    Raises ``DesignError`` naming everything that is wrong."""
    faults = [
        Fault(name, 0, "", FaultCode.MISSING_COLUMN)
        for name in columns_of(response, fixed, crossed)
        if name not in table.column_names
    ] + [Fault(term, 0, part, FaultCode.PRODUCT_ALONE) for term, part in alone(fixed)]
    if faults:
        raise DesignError(faults)
    numbers = _numbers(table[response], response, faults)
    answered = np.isfinite(numbers)
    kept = table if answered.all() else table.filter(pa.array(answered))
    for name in columns_of(response, fixed, crossed)[1:]:
        _note(name, answered & pc.is_null(table[name]).to_numpy(), table[name], FaultCode.EMPTY, faults)
    if faults:
        raise DesignError(faults)
    if not len(kept):
        raise DesignError([Fault(response, 0, "", FaultCode.NO_RATINGS)])
    terms, columns = [INTERCEPT], [np.ones(len(kept))]
    for name in fixed:
        for term, values in _term(kept, name):
            terms.append(term)
            columns.append(values)
    design = Design(
        response=numbers[answered],
        terms=tuple(terms),
        fixed=np.column_stack(columns),
        factors=tuple(_factor(kept, name) for name in crossed),
        left_out=int((~answered).sum()),
    )
    _check(design, response)
    return design


def _numbers(column: pa.ChunkedArray, name: str, faults: list[Fault]) -> Floats:
    """The numbers of a column, NaN where it is empty; whatever else is noted."""
    empty = pc.is_null(column).to_numpy()
    try:
        cells = column.cast(pa.float64())
    except pa.ArrowInvalid:
        words = pc.utf8_trim_whitespace(column.cast(pa.string()))
        number = pc.match_substring_regex(words, NUMBER)
        _note(name, ~pc.fill_null(number, True).to_numpy(), column, FaultCode.NOT_A_NUMBER, faults)
        cells = pc.if_else(number, words, None).cast(pa.float64())
    numbers: Floats = pc.fill_null(cells, np.nan).to_numpy()
    _note(name, ~empty & (np.abs(numbers) > LARGEST), column, FaultCode.NOT_A_NUMBER, faults)
    return numbers


def _note(name: str, wrong: Flags, column: pa.ChunkedArray, code: FaultCode, faults: list[Fault]) -> None:
    for row, more in told_rows(wrong):
        faults.append(Fault(name, row + 1, str(column[row].as_py() or ""), code, more))


def _term(table: pa.Table, term: str) -> list[tuple[str, Floats]]:
    """Every product of a column of each part, with its name."""
    parts = [_part(table[part.column], part) for part in parts_of(term)]
    return [
        (":".join(name for name, _values in one), reduce(np.multiply, (values for _name, values in one)))
        for one in product(*parts)
    ]


def _part(column: pa.ChunkedArray, part: Part) -> list[tuple[str, Floats]]:
    numbers = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if numbers and not part.by_level:
        return [(part.column, column.cast(pa.float64()).to_numpy())]
    code, levels = _coded(column)
    return [
        (f"{part.column}{level}", (code == place).astype(np.float64))
        for place, level in enumerate(levels.to_pylist())
        if place
    ]


def _coded(column: pa.ChunkedArray) -> tuple[Ints, pa.StringArray]:
    """The place of each cell among the different texts, in order: numbers by size, other texts by their letters."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    cells = column.unify_dictionaries()
    names = cells.chunk(0).dictionary if cells.num_chunks else pa.array([], column.type.value_type)
    order = pc.sort_indices(names).to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    code = np.concatenate([np.zeros(0, np.int32), *(place[chunk.indices.to_numpy()] for chunk in cells.chunks)])
    there = np.bincount(code, minlength=len(order)) > 0
    if not there.all():
        code = (np.cumsum(there, dtype=np.int32) - 1)[code]
    return code, names.take(pa.array(order)).filter(pa.array(there)).cast(pa.string())


def _factor(table: pa.Table, name: str) -> Factor:
    """A factor of one column, or of the pairs (a:b) that occur."""
    parts = [_coded(table[part]) for part in name.split(":")]
    code, levels = parts[0]
    for further, names in parts[1:]:
        joint, places = np.unique(code.astype(np.int64) * len(names) + further, return_inverse=True)
        code = places.astype(np.int32)
        left, right = (pa.array(part) for part in np.divmod(joint, len(names)))
        levels = pc.binary_join_element_wise(levels.take(left), names.take(right), ":")
    return Factor(name, tuple(levels.to_pylist()), code)


def _check(design: Design, response: str) -> None:
    """More ratings than fixed terms, no term that the others tell, and no two factors that part the ratings in the same way."""
    faults = []
    n, p = design.fixed.shape
    if n <= p:
        faults.append(Fault(response, 0, f"{n} ≤ {p}", FaultCode.FEW_RATINGS))
    gram = design.fixed.T @ design.fixed
    for place in range(1, p):
        told, *_ = np.linalg.lstsq(gram[:place, :place], gram[:place, place], rcond=None)
        rest = gram[place, place] - gram[:place, place] @ told
        if rest <= 1e-9 * max(gram[place, place], 1e-300):
            faults.append(Fault(design.terms[place], 0, "", FaultCode.DEPENDENT_TERM))
    for place, one in enumerate(design.factors):
        for other in design.factors[:place]:
            if len(one.levels) == len(other.levels) and _same(one, other):
                faults.append(Fault(one.name, 0, other.name, FaultCode.SAME_FACTOR))
    if faults:
        raise DesignError(faults)


def check_levels(design: Design, n: int) -> None:
    """Raises ``DesignError`` for a factor with a level for each of the ``n`` ratings: it and the residual cannot be told apart."""
    faults = [Fault(one.name, 0, str(n), FaultCode.ONE_EACH) for one in design.factors if len(one.levels) == n > 1]
    if faults:
        raise DesignError(faults)


def _same(one: Factor, other: Factor) -> bool:
    """Whether two factors of as many levels part the ratings in the same way"""
    met = np.zeros(len(one.levels), np.int32)
    met[one.code] = other.code
    return bool((met[one.code] == other.code).all()) and len(np.unique(met)) == len(met)


def doubled_in(design: Design) -> int:
    """How many ratings say what another says already: the same response, fixed terms and levels. Told by 64 bits of each, which may err once in a nation."""
    mixed = np.zeros(len(design.response), np.uint64)
    columns = [design.response, *design.fixed.T, *(factor.code for factor in design.factors)]
    for column in columns:
        mixed ^= np.ascontiguousarray(column, np.float64).view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    mixed.sort()
    return int((mixed[1:] == mixed[:-1]).sum())
