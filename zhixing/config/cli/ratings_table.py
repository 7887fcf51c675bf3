"""Ratings as the commands take them: the columns of a CSV file, and lists of their names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.csv_files import kept
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.options import parted
from zhixing.config.cli.ratings_sentences import place, say
from zhixing.engine.ratings.terms import as_written, columns_of

FIXED_HELP: Final = "Columns that are not shrunken, parted by commas; factor(x) takes numbers as names, a:b the products of two that stand there too."
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
    return read_ratings(path, columns_of(response, terms, factors), as_written(terms, factors), lang)


def read_ratings(path: Path, columns: list[str], text: list[str], lang: str) -> pa.Table:
    """The named columns of a CSV file, the response first, those of them that it has; the ``text`` ones as they are written."""
    try:
        with pa_csv.open_csv(path) as first:
            known = [name for name in columns if name in first.schema.names]
        types = {name: pa.dictionary(pa.int32(), pa.string()) for name in text if name in known}
        if path.stat().st_size > AT_ONCE:
            try:
                return _in_parts(path, known, types | {name: pa.float64() for name in known[:1] if name not in types})
            except pa.ArrowInvalid:
                pass  # the first part did not tell the types of all: they are told by the whole
        return pa_csv.read_csv(path, convert_options=kept(known, types))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(place(lang, path) + say(lang, "no_csv", error=error)) from error


def _in_parts(path: Path, known: list[str], types: dict[str, pa.DataType]) -> pa.Table:
    options = pa_csv.ReadOptions(block_size=AT_ONCE)
    with pa_csv.open_csv(path, options, convert_options=kept(known, types)) as batches:
        return pa.Table.from_batches(list(batches), batches.schema)
