"""The keys of the entries in a stored ledger, read once: whether they rise from row to row, and in which rows those stand that were reversed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

Keys: TypeAlias = npt.NDArray[np.int64]
KEYS_AT_ONCE: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Stretch:
    """Keys that rise from ``first`` to ``last``; ``rows`` (from 0, in the file) hold those of them that are sought."""

    first: int
    last: int
    rows: Keys


def rows_of_keys(path: str | os.PathLike[str], column: str, sought: Keys, threads: int) -> Keys | None:
    """The rows (from 0) of a parquet file whose ``column`` is among ``sought`` (rising); None unless that is quickly told.

    It is where the keys rise within each row group and no two row groups overlap, as in a ledger written from its beginning to its
    end. Then no key stands twice.
    """
    with ThreadPoolExecutor(threads) as pool:
        shares = list(
            pool.map(lambda share: _stretches(path, column, sought, slice(share, None, threads)), range(threads))
        )
    stretches = [stretch for share in shares for stretch in share]
    known = sorted((stretch for stretch in stretches if stretch), key=lambda stretch: stretch.first)
    if len(known) < len(stretches) or any(one.last >= other.first for one, other in pairwise(known)):
        return None
    return np.concatenate([np.empty(0, np.int64), *(stretch.rows for stretch in known)])


def _stretches(path: str | os.PathLike[str], column: str, sought: Keys, own: slice) -> list[Stretch | None]:
    """One for each batch of the ``own`` row groups; the first None, of keys that do not rise, is the last."""
    told: list[Stretch | None] = []
    with pq.ParquetFile(path) as file:
        for row, values in _batches(file, column, own):
            told.append(_stretch(row, values, sought))
            if told[-1] is None:
                break
    return told


def _batches(file: pq.ParquetFile, column: str, own: slice) -> Iterator[tuple[int, pa.Array]]:
    """(row of the first value, values)."""
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    first_rows = np.cumsum([0, *sizes])
    for group in range(file.num_row_groups)[own]:
        row = int(first_rows[group])
        for batch in file.iter_batches(KEYS_AT_ONCE, row_groups=[group], columns=[column], use_threads=False):
            yield row, batch.column(0)
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
