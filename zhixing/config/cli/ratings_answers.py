"""What ``zhixing ratings reliability`` and ``careless`` share: how a file of answers is read, and the scale that they lie on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.csv_files import NoTableError, Written, kept, read_written
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.options import parted
from zhixing.config.cli.ratings_sentences import fault, say
from zhixing.config.cli.ratings_table import no_table
from zhixing.engine.ratings.sheets import Sheets, SheetsError, sheets_of


def read_sheets(
    path: Path, items: str, group: str | None, seconds: str | None, scale: tuple[float, float] | None, lang: str
) -> Sheets:
    """The sheets of a CSV file; without ``items`` all columns that are not named otherwise."""
    table = _read(path, lang)
    others = {group, seconds}
    named = parted(items) or [name for name in table.column_names if name not in others]
    try:
        return sheets_of(table, named, group, seconds, scale)
    except SheetsError as error:
        raise told(path, error, lang) from error


def told(path: Path, error: SheetsError, lang: str) -> BadInput:
    return BadInput([fault(lang, path, one) for one in error.faults])


def _read(path: Path, lang: str) -> pa.Table:
    """All columns as they are written."""
    try:
        return read_written(path, lambda way: _columns(path, way))
    except NoTableError as error:
        raise no_table(path, error, lang) from error


def _columns(path: Path, way: Written) -> pa.Table:
    types = dict.fromkeys(way.headings(path), pa.string())
    return pa_csv.read_csv(path, read_options=way.options(), parse_options=way.parse, convert_options=kept([], types))


def scale_of(words: str | None, lang: str) -> tuple[float, float] | None:
    """``1:5`` → (1, 5)"""
    if words is None:
        return None
    low, _, high = words.partition(":")
    try:
        found = float(low), float(high)
    except ValueError:
        found = math.nan, math.nan
    if not (math.isfinite(found[0]) and math.isfinite(found[1]) and found[0] < found[1]):
        raise BadInput(say(lang, "no_scale", value=words))
    return found


def check_among(option: str, named: Sequence[str], items: Sequence[str], lang: str) -> None:
    """Raises ``BadInput`` for whatever is ``named`` and is no item."""
    lost = [name for name in named if name not in items]
    if lost:
        raise BadInput(say(lang, "not_among", option=option, value=", ".join(lost)))
