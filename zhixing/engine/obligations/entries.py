"""The keys of the entries in a stored ledger, read once: whether none stands twice, and in which rows those stand that were reversed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from zhixing.engine.obligations.places import Flags

Keys: TypeAlias = npt.NDArray[np.int64]
KEYS_AT_ONCE: Final = 1_048_576
ENTRIES_AT_ONCE: Final = 262_144
NUMBERS_A_KEY: Final = 8
"""Keys are near each other where so many numbers lie between the least and the greatest for each of them."""
NUMBERS_MOST: Final = 1_000_000_000
"""A byte each, twice."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Keys that rise from ``first`` to ``last``; ``rows`` (from 0, in the file) hold those of them that are sought."""

    first: int
    last: int
    rows: Keys


@dataclass(frozen=True, slots=True)
class ReversedRows:
    """Rows (from 0) of the entries that were reversed, and of those that reverse another."""

    reversed: Keys
    reversals: Keys

    @property
    def all(self) -> Keys:
        """Rising; a row may stand twice."""
        return np.sort(np.concatenate([self.reversed, self.reversals]))


def reversed_rows_of(
    path: str | os.PathLike[str], column: str, sought: Keys, reversals: Keys, threads: int
) -> ReversedRows | None:
    """``reversals`` name the keys ``sought`` (in any order, some more than once). None where ``rows_of_keys`` does not tell."""
    rows = rows_of_keys(path, column, np.unique(sought), threads)
    return None if rows is None else ReversedRows(rows, reversals)


def rows_of_keys(path: str | os.PathLike[str], column: str, sought: Keys, threads: int) -> Keys | None:
    """The rows (from 0, in any order) of a parquet file whose ``column`` is among ``sought`` (rising), where no key stands twice.

    None unless that is quickly told: where keys rise (``_of_rising``), or are near each other (``_of_near``).
    """
    rows = _of_rising(path, column, sought, threads)
    return _of_near(path, column, sought, threads) if rows is None else rows


def _of_rising(path: str | os.PathLike[str], column: str, sought: Keys, threads: int) -> Keys | None:
    """``rows_of_keys`` where keys rise within each row group and no two row groups overlap: a ledger written from its beginning to its end."""
    with ThreadPoolExecutor(threads) as pool:
        shares = list(
            pool.map(lambda share: _stretches(path, column, sought, slice(share, None, threads)), range(threads))
        )
    stretches = [stretch for share in shares for stretch in share]
    known = sorted((stretch for stretch in stretches if stretch), key=lambda stretch: stretch.first)
    if len(known) < len(stretches) or any(one.last >= other.first for one, other in pairwise(known)):
        return None
    return np.concatenate([np.empty(0, np.int64), *(stretch.rows for stretch in known)])


def _of_near(path: str | os.PathLike[str], column: str, sought: Keys, threads: int) -> Keys | None:
    """``rows_of_keys`` where keys are near each other, in any order: each has a place of its own."""
    with pq.ParquetFile(path) as file:
        ends, count = ends_of(file, column), file.metadata.num_rows
    if ends is None or not ends[1] - ends[0] < min(NUMBERS_A_KEY * count, NUMBERS_MOST):
        return None
    low, high = ends
    met, is_sought = np.zeros((2, high - low + 1), np.bool_)
    is_sought[sought[np.searchsorted(sought, low) : np.searchsorted(sought, high, "right")] - low] = True

    def meet(share: int) -> list[Keys]:
        with pq.ParquetFile(path) as file:
            return [
                row + _meet(batch.column(0).to_numpy().astype(np.int64) - low, met, is_sought)
                for row, batch in batches(file, [column], slice(share, None, threads), ENTRIES_AT_ONCE)
            ]

    with ThreadPoolExecutor(threads) as pool:
        found = [rows for share in pool.map(meet, range(threads)) for rows in share]
    return np.concatenate(found) if np.count_nonzero(met) == count else None


def _meet(places: Keys, met: Flags, is_sought: Flags) -> Keys:
    """Marks the places as met; returns which of them are sought."""
    met[places] = True
    return np.flatnonzero(is_sought.take(places))


def ends_of(file: pq.ParquetFile, column: str) -> tuple[int, int] | None:
    """The least and the greatest of the whole numbers in a column, by the statistics of the file; None where these do not tell, or one is missing."""
    place = {file.schema.column(leaf).path: leaf for leaf in range(len(file.schema))}[column]
    groups = [file.metadata.row_group(group).column(place).statistics for group in range(file.num_row_groups)]
    is_told = all(told and told.has_min_max and told.has_null_count and not told.null_count for told in groups)
    if not groups or not is_told or not pa.types.is_integer(file.schema_arrow.field(column).type):
        return None
    return min(told.min for told in groups), max(told.max for told in groups)


def _stretches(path: str | os.PathLike[str], column: str, sought: Keys, own: slice) -> list[Stretch | None]:
    """One for each batch of the ``own`` row groups; the first None, of keys that do not rise, is the last."""
    told: list[Stretch | None] = []
    with pq.ParquetFile(path) as file:
        for row, batch in batches(file, [column], own, KEYS_AT_ONCE):
            told.append(_stretch(row, batch.column(0), sought))
            if told[-1] is None:
                break
    return told


def batches(
    file: pq.ParquetFile, columns: Sequence[str], own: slice, at_once: int
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """(row of the first entry, entries) for the ``own`` row groups."""
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    first_rows = np.cumsum([0, *sizes])
    for group in range(file.num_row_groups)[own]:
        row = int(first_rows[group])
        for batch in file.iter_batches(at_once, row_groups=[group], columns=columns, use_threads=False):
            yield row, batch
            row += batch.num_rows


def _stretch(row: int, values: pa.Array, sought: Keys) -> Stretch | None:
    if values.null_count or not pa.types.is_integer(values.type):
        return None
    keys = values.to_numpy()
    if not (keys[1:] > keys[:-1]).all():
        return None
    first, last = int(keys[0]), int(keys[-1])
    wanted = sought[np.searchsorted(sought, first) : np.searchsorted(sought, last, "right")]
    places = np.searchsorted(keys, wanted)
    return Stretch(first, last, row + places[keys[places] == wanted])


def read_ahead(
    path: str | os.PathLike[str], columns: Sequence[str], made: Callable[[int, pa.RecordBatch], T], threads: int
) -> Iterator[T]:
    """``made`` (row of the first entry, entries) of every row group, in any order: ``threads`` make the next while the caller has one."""
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        files = [stack.enter_context(pq.ParquetFile(path, read_dictionary=["channel"])) for _share in range(threads)]
        shares = [
            starmap(made, batches(file, columns, slice(share, None, threads), ENTRIES_AT_ONCE))
            for share, file in enumerate(files)
        ]
        coming = deque((share, pool.submit(next, share, None)) for share in shares)
        while coming:
            share, making = coming.popleft()
            found = making.result()
            if found is not None:
                coming.append((share, pool.submit(next, share, None)))
                yield found
