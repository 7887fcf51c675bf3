"""The four tables of a bulk computation: their columns as formats.md §2 lays them down, and what can be wrong in them."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeGuard

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

Source: TypeAlias = pa.Table | str | os.PathLike[str]
"""An Arrow table or the path of a parquet file."""


class Kind(StrEnum):
    """The type of a column; wider or differently coded Arrow types of the same meaning are accepted too."""

    KEY = "int64"
    DAY = "date"
    TENTHS = "int32"
    TEXT = "string"
    FLAG = "bool"
    MOMENT = "timestamp without time zone"


@dataclass(frozen=True, slots=True)
class Column:
    """``required``: no value may be missing; ``optional``: the whole column may."""

    name: str
    kind: Kind
    required: bool = True
    optional: bool = False


CONTENT: Final = "content"
"""What hours were about: read only when the policy names some."""
COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "people": (
        Column("person_id", Kind.KEY),
        Column("joined_on", Kind.DAY),
        Column("left_on", Kind.DAY, required=False),
    ),
    "postings": (
        Column("person_id", Kind.KEY),
        Column("unit_id", Kind.KEY),
        Column("rank", Kind.TEXT),
        Column("from_on", Kind.DAY),
        Column("to_on", Kind.DAY, required=False),
        Column("is_principal", Kind.FLAG),
        Column("promoted", Kind.FLAG),
    ),
    "credits": (
        Column("entry_id", Kind.KEY),
        Column("person_id", Kind.KEY),
        Column("earned_on", Kind.DAY),
        Column("tenths", Kind.TENTHS),
        Column("channel", Kind.TEXT),
        Column("recorded_at", Kind.MOMENT),
        Column("reverses", Kind.KEY, required=False),
        Column(CONTENT, Kind.TEXT, required=False, optional=True),
    ),
    "exemptions": (
        Column("person_id", Kind.KEY),
        Column("rule", Kind.TEXT),
        Column("from_on", Kind.DAY),
        Column("to_on", Kind.DAY),
        Column("recorded_at", Kind.MOMENT),
    ),
}
"""Only what the computation reads; other columns (source, reason) may be there and are left alone."""


class Fault(StrEnum):
    """What is refused, and (the last five) what is doubtful: computed to the letter, but worth a look."""

    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    MISSING_COLUMN = "missing_column"
    DOUBLED_COLUMN = "doubled_column"
    WRONG_TYPE = "wrong_type"
    EMPTY = "empty"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_CHANNEL = "unknown_channel"
    OUT_OF_RANGE = "out_of_range"
    NO_DAY = "no_day"
    SUM_TOO_LARGE = "sum_too_large"
    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"
    RANK_WITHOUT_RULE = "rank_without_rule"
    PERSON_MISSING = "person_missing"
    ENTRY_MISSING = "entry_missing"
    REVERSES_ITSELF = "reverses_itself"


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One fault in one table: ``row`` counts data rows from 1 (None: the whole column).

    ``wanted`` is the type that was asked for, ``more`` the number of further rows with this fault that are not listed.
    """

    table: str
    column: str
    fault: Fault
    row: int | None = None
    value: str = ""
    wanted: str = ""
    more: int = 0


class InputError(ValueError):
    """The tables cannot be computed; ``problems`` lists why."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Inputs:
    """The four tables; no exemptions at all may be given as None."""

    people: Source
    postings: Source
    credits: Source
    exemptions: Source | None = None

    def given(self) -> Iterator[tuple[str, Source]]:
        for name in COLUMNS:
            source = getattr(self, name)
            if source is not None:
                yield name, source


def open_views(connection: duckdb.DuckDBPyConnection, inputs: Inputs, *, needs_content: bool = False) -> None:
    """Lay the tables open under their names, with exactly the columns and types of ``COLUMNS``. Raises ``InputError``.

    An optional column that is not there has no values, unless ``needs_content`` asks for it.
    """
    problems = [problem for name, source in inputs.given() for problem in _schema_problems(name, source, needs_content)]
    if problems:
        raise InputError(problems)
    for name, source in inputs.given():
        if isinstance(source, pa.Table):
            connection.register(f"given_{name}", source)
        else:
            connection.read_parquet(glob.escape(os.fspath(source))).create_view(f"given_{name}")
        if name == "credits" and is_numbered(source):
            connection.read_parquet(glob.escape(os.fspath(source)), file_row_number=True).create_view(NUMBERED_CREDITS)
        _create_view(connection, name, f"FROM given_{name}", _absent(name, source))
    if inputs.exemptions is None:
        _create_view(connection, "exemptions", "FROM (SELECT " + _nulls("exemptions") + ") AS nothing WHERE 1 = 0")


def keys_of(people: Source) -> npt.NDArray[np.int64]:
    """The keys of all people, in their order."""
    table = people if isinstance(people, pa.Table) else pq.read_table(people, columns=["person_id"])
    keys: npt.NDArray[np.int64] = table.column("person_id").to_numpy().astype(np.int64, copy=False)
    return keys


ROW: Final = "file_row_number"
"""DuckDB's name for the row (from 0) of a parquet file."""
NUMBERED_CREDITS: Final = "numbered_credits"
"""The ledger as it was given, with ``ROW``, where it ``is_numbered``."""


def is_numbered(credits: Source) -> TypeGuard[str | os.PathLike[str]]:
    """A file whose rows DuckDB can number: it has no column of that name."""
    return not isinstance(credits, pa.Table) and ROW not in map(str.casefold, _schema(credits).names)


def narrow_credits(
    connection: duckdb.DuckDBPyConnection, credits: Source, first_days: Mapping[str, int], *, by_row: bool
) -> None:
    """Leave of the opened ``credits`` those that were earned on the first day (from 1970-01-01) of their channel or later.

    The days stand in the question as lists: DuckDB looks up a channel once for a whole dictionary of them, not for each entry.
    ``by_row`` (``is_numbered``): ``entry_id`` becomes the row (from 0) of the entry in its file, which costs nothing to read.
    """
    source = NUMBERED_CREDITS if by_row else "given_credits"
    absent = _absent("credits", credits)
    channels = ", ".join(f"'{channel}'" for channel in first_days)
    days = ", ".join(map(str, first_days.values()))
    first_day = f"[{days}][list_position([{channels}], channel)]" if first_days else "NULL"
    connection.execute("DROP VIEW credits")
    narrowed = f"FROM {source} WHERE unix_date(CAST(earned_on AS DATE)) >= {first_day}"
    _create_view(connection, "credits", narrowed, absent, {"entry_id": ROW} if by_row else {})


def restore_credits(connection: duckdb.DuckDBPyConnection, credits: Source) -> None:
    """Undo ``narrow_credits``."""
    absent = _absent("credits", credits)
    connection.execute("DROP VIEW credits")
    _create_view(connection, "credits", "FROM given_credits", absent)


_SQL_TYPES: Final = {
    Kind.KEY: "BIGINT",
    Kind.DAY: "DATE",
    Kind.TENTHS: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.FLAG: "BOOLEAN",
    Kind.MOMENT: "TIMESTAMP",
}


def _create_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    source: str,
    absent: Collection[str] = frozenset(),
    instead: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """``instead``: column → the column of ``source`` that is read in its place."""
    read = {column.name: "NULL" if column.name in absent else column.name for column in COLUMNS[name]}
    read.update(instead)
    casts = ", ".join(
        f"CAST({read[column.name]} AS {_SQL_TYPES[column.kind]}) AS {column.name}" for column in COLUMNS[name]
    )
    connection.execute(f"CREATE VIEW {name} AS SELECT {casts} {source}")


def _absent(name: str, source: Source) -> set[str]:
    """The columns of a table that its source does not have."""
    return {column.name for column in COLUMNS[name]} - set(_schema(source).names)


def _nulls(name: str) -> str:
    return ", ".join(f"NULL AS {column.name}" for column in COLUMNS[name])


def _is_text(found: Any) -> bool:
    return bool(
        types.is_string(found)
        or types.is_large_string(found)
        or types.is_string_view(found)
        or (types.is_dictionary(found) and _is_text(found.value_type))
    )


def _is_whole(found: Any) -> bool:
    return bool(types.is_integer(found) and not types.is_uint64(found))


_ACCEPTS: Final[Mapping[Kind, Callable[[Any], bool]]] = {
    Kind.KEY: _is_whole,
    Kind.DAY: types.is_date,
    Kind.TENTHS: _is_whole,
    Kind.TEXT: _is_text,
    Kind.FLAG: types.is_boolean,
    Kind.MOMENT: lambda found: types.is_timestamp(found) and found.tz is None,
}


def _schema(source: Source) -> pa.Schema:
    return source.schema if isinstance(source, pa.Table) else pq.read_schema(source)


def _schema_problems(name: str, source: Source, needs_content: bool) -> Iterator[InputProblem]:
    try:
        schema = _schema(source)
    except (OSError, pa.ArrowInvalid) as error:
        yield InputProblem(name, "", Fault.UNREADABLE, value=str(error))
        return
    folded = [found.casefold() for found in schema.names]  # SQL tells no capitals from small letters
    for column in COLUMNS[name]:
        if folded.count(column.name) > 1:
            yield InputProblem(name, column.name, Fault.DOUBLED_COLUMN)
            continue
        if column.name not in schema.names:
            if column.optional and not needs_content:
                continue
            yield InputProblem(name, column.name, Fault.MISSING_COLUMN, wanted=column.kind)
            continue
        found = schema.field(column.name).type
        if not (
            types.is_null(found) or _ACCEPTS[column.kind](found)
        ):  # a column without any value has no type of its own
            yield InputProblem(name, column.name, Fault.WRONG_TYPE, value=str(found), wanted=column.kind)


def whole_columns(source: Source) -> set[str]:
    """The columns of a readable source that are known, without reading a value, to miss none. A parquet file tells by its statistics."""
    if isinstance(source, pa.Table):
        return {name for name in source.column_names if not source.column(name).null_count}
    file = pq.read_metadata(source)
    counted: Counter[str] = Counter()
    for group in map(file.row_group, range(file.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            told = column.statistics
            counted[column.path_in_schema] += bool(told and told.has_null_count and not told.null_count)
    return {name for name, groups in counted.items() if groups == file.num_row_groups}
