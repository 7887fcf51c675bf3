"""CSV files in and out: how they are written down, how cells are read, and a result of several tables with what is said of all as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.writing import written_whole

Found = TypeVar("Found")

ENCODINGS: Final = ("utf-8", "gb18030")
"""Excel writes the second one in China."""
DELIMITERS: Final = ",\t;"
HEAD: Final = 1 << 16
"""Bytes in which the first line ends."""
RAGGED: Final = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


class Wrong(StrEnum):
    """Why a file is no table of text."""

    FOLDER = "folder"
    EMPTY = "empty_file"
    WORKBOOK = "workbook"
    PARQUET = "parquet"
    RAGGED = "ragged"
    OTHER = "no_csv"


class NoTableError(ValueError):
    """``values`` go into the sentence: of a ragged row its number, how many cells it has and should have; else the error itself."""

    def __init__(self, wrong: Wrong, **values: object) -> None:
        self.wrong, self.values = wrong, values
        super().__init__(f"{wrong} {values}")


class Written:
    """How a file is written down: its encoding and what parts its cells."""

    def __init__(self, encoding: str, delimiter: str) -> None:
        self.encoding = encoding
        self.parse = pa_csv.ParseOptions(delimiter=delimiter)

    def options(self, **more: Any) -> pa_csv.ReadOptions:
        return pa_csv.ReadOptions(encoding=self.encoding, **more)

    def headings(self, path: Path) -> list[str]:
        with pa_csv.open_csv(path, read_options=self.options(), parse_options=self.parse) as first:
            return list(first.schema.names)


def read_written(path: Path, read: Callable[[Written], Found]) -> Found:
    """What ``read`` finds, in UTF-8 or else in GB18030 (UTF-16 where a mark says so), with the comma, tab or semicolon that parts the headings.

    Raises ``NoTableError``."""
    ways = _ways(path)
    failed: Exception | None = None
    for way in ways:
        try:
            return read(way)
        except (pa.ArrowException, UnicodeError, OSError) as error:
            failed = failed or error
    raise _told(path, ways[0], failed)


def _ways(path: Path) -> list[Written]:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except IsADirectoryError as error:
        raise NoTableError(Wrong.FOLDER) from error
    except OSError as error:
        raise NoTableError(Wrong.OTHER, error=error) from error
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise NoTableError(Wrong.EMPTY)
    for start, wrong in (
        (b"PK\x03\x04", Wrong.WORKBOOK),
        (b"\xd0\xcf\x11\xe0", Wrong.WORKBOOK),
        (b"PAR1", Wrong.PARQUET),
    ):
        if head.startswith(start):
            raise NoTableError(wrong)
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if is_wide else ENCODINGS
    return [Written(one, _delimiter(head.decode(one, "replace"))) for one in encodings]


def _delimiter(head: str) -> str:
    first = next((line for line in head.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _told(path: Path, way: Written, failed: Exception | None) -> NoTableError:
    """With the row that has too many or too few cells, which only reading one block after another tells."""
    try:
        pa_csv.read_csv(path, read_options=way.options(use_threads=False), parse_options=way.parse)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        if found := RAGGED.search(str(error)):
            row, expected, got = found.groups()
            return NoTableError(Wrong.RAGGED, row=row, expected=expected, got=got)
    return NoTableError(Wrong.OTHER, error=failed)


def twice_in(headings: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Those of the ``wanted`` that stand twice among the headings."""
    counted = Counter(headings)
    return [name for name in wanted if counted[name] > 1]


def kept(known: list[str], types: dict[str, pa.DataType]) -> pa_csv.ConvertOptions:
    """Reads the ``known`` columns (none: all), of the types that are told; an empty cell is no text."""
    return pa_csv.ConvertOptions(
        include_columns=known, column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=True
    )


def write_folder(
    out: Path, name: str, said: Mapping[str, Any], tables: Mapping[str, pa.Table], *, allow_nan: bool = True
) -> None:
    """Make the folder ``out`` where there is none, and put all files in their places together, ``name``.json last."""
    out.mkdir(exist_ok=True)
    with ExitStack() as stack:
        written = stack.enter_context(written_whole(out / f"{name}.json"))
        text = json.dumps(said, ensure_ascii=False, indent=1, allow_nan=allow_nan)
        written.write_text(text + "\n", encoding="utf-8")
        for table_name, table in tables.items():
            pa_csv.write_csv(table, stack.enter_context(written_whole(out / f"{table_name}.csv")))
