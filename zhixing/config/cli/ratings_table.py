"""Ratings as the commands take them: the columns of a CSV file, and lists of their names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.csv_files import NoTableError, Written, kept, read_written, twice_in
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.options import parted
from zhixing.config.cli.ratings_sentences import place, say
from zhixing.engine.ratings.design import FaultCode
from zhixing.engine.ratings.sheets import FaultCode as SheetsCode
from zhixing.engine.ratings.terms import as_written, columns_of

FIXED_HELP: Final = "Columns that are not shrunken, parted by commas; factor(x) takes numbers as names, a:b the products of two that stand there too."
NAMED: Final = 20
"""So many headings of the file are told where one is missing."""
AT_ONCE: Final = 8 << 20
"""Bytes of a large file read at once: within these a text that many ratings have is kept once."""


def names_of(words: str, option: str, lang: str) -> list[str]:
    """Names parted by commas, none of them twice."""
    names = parted(words)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(say(lang, "named_twice", option=option, names=", ".join(twice)))
    return names


def read_formula(path: Path, response: str, terms: list[str], factors: list[str], lang: str) -> pa.Table:
    """The columns of ``response ~ terms + (1 | factor) …``."""
    if response in columns_of("", terms, factors):
        raise BadInput(say(lang, "tells_itself", response=response))
    return read_ratings(path, columns_of(response, terms, factors), as_written(terms, factors), lang)


def read_ratings(path: Path, columns: list[str], text: list[str], lang: str) -> pa.Table:
    """The named columns of a CSV file, the response first, those of them that it has; the ``text`` ones as they are written."""
    try:
        return read_written(path, lambda way: _read(path, way, columns, text, lang))
    except NoTableError as error:
        raise no_table(path, error, lang) from error


def no_table(path: Path, error: NoTableError, lang: str) -> BadInput:
    return BadInput(place(lang, path) + say(lang, error.wrong, **error.values))


def _read(path: Path, way: Written, columns: list[str], text: list[str], lang: str) -> pa.Table:
    headings = way.headings(path)
    _must_stand_once(path, headings, columns, lang)
    known = [name for name in columns if name in headings]
    types = {name: pa.dictionary(pa.int32(), pa.string()) for name in text if name in known}
    if path.stat().st_size > AT_ONCE:
        try:
            numbers = {name: pa.float64() for name in known[:1] if name not in types}
            return _in_parts(path, way, known, types | numbers)
        except pa.ArrowInvalid:
            pass  # the first part did not tell the types of all: they are told by the whole
    return pa_csv.read_csv(
        path, read_options=way.options(), parse_options=way.parse, convert_options=kept(known, types)
    )


def _must_stand_once(path: Path, headings: list[str], columns: list[str], lang: str) -> None:
    """Raises ``BadInput`` for columns that are not there, with those that are, or that stand twice."""
    lost, twice = [name for name in columns if name not in headings], twice_in(headings, columns)
    if not lost and not twice:
        return
    faults = [place(lang, path, 0, name) + say(lang, FaultCode.MISSING_COLUMN) for name in lost]
    faults += [place(lang, path, 0, name) + say(lang, SheetsCode.TWICE) for name in twice]
    if lost:
        names = " ".join(f"“{one}”" for one in headings[:NAMED]) + (" …" if len(headings) > NAMED else "")
        faults.append(place(lang, path) + say(lang, "headings", names=names))
    raise BadInput(faults)


def _in_parts(path: Path, way: Written, known: list[str], types: dict[str, pa.DataType]) -> pa.Table:
    options = way.options(block_size=AT_ONCE)
    with pa_csv.open_csv(path, options, way.parse, convert_options=kept(known, types)) as batches:
        return pa.Table.from_batches(list(batches), batches.schema)
