"""Rows of an extract as texts and as XML, piece by piece: the same rows give the same bytes. CSV is written by ``base.tables.write``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from zhixing.engine.extracts.definition import Definition, Field, Form

Row = Mapping[str, object]
"""Word of ``SOURCES`` → text, number, day or None."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit its field: the row (from 1), the field, the value and the length it may have."""

    row: int
    field: str
    value: str
    max_length: int


def xml_pieces(
    definition: Definition, rows: Iterable[Row], tell: Callable[[Misfit], None], attributes: Mapping[str, str]
) -> Iterator[str]:
    """One element for each row with one element for each field, empty ones too; neighbours ``within`` the same element share it."""
    about = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{definition.root}{about}>\n'
    for number, row in enumerate(rows, start=1):
        yield _element(definition, values_of(definition, row, number, tell))
    yield f"</{definition.root}>\n"


def values_of(definition: Definition, row: Row, number: int, tell: Callable[[Misfit], None]) -> list[str]:
    """The texts of one row; a value longer than its field is told and left whole, for cutting it would falsify the record."""
    values = []
    for field in definition.fields:
        value = _value(definition, field, row)
        if field.max_length is not None and len(value) > field.max_length:
            tell(Misfit(number, field.name, value, field.max_length))
        values.append(value)
    return values


def _value(definition: Definition, field: Field, row: Row) -> str:
    if field.only and row["channel"] not in field.only:
        return ""
    if not field.source:
        return field.fixed
    value = row[field.source]
    if field.codes:
        return definition.codes[field.codes].get(str(value), "")
    return written(value, field.form)


def written(value: object, form: Form) -> str:
    """One value in its form; nothing stays nothing, and signs that XML 1.0 forbids are left out."""
    match value:
        case None:
            return ""
        case dt.date():
            return f"{value:%Y%m%d}" if form is Form.DATE8 else value.isoformat()
        case int() if form is Form.HOURS:
            return f"{value // 10}.{value % 10}"
    return "".join(sign for sign in str(value) if (sign >= " " and sign not in "\ufffe\uffff") or sign in "\t\n")


def _element(definition: Definition, values: Sequence[str]) -> str:
    lines = [f"  <{definition.row}>"]
    around: tuple[str, ...] = ()
    for field, value in zip(definition.fields, values, strict=True):
        if field.within != around:
            lines += [*_closed(around), *(f"{_indent(depth)}<{name}>" for depth, name in enumerate(field.within))]
            around = field.within
        lines.append(f"{_indent(len(around))}<{field.name}>{escape(value)}</{field.name}>")
    return "\n".join([*lines, *_closed(around), f"  </{definition.row}>", ""])


def _closed(around: Sequence[str]) -> list[str]:
    return [f"{_indent(depth)}</{name}>" for depth, name in reversed([*enumerate(around)])]


def _indent(depth: int) -> str:
    return "  " * (depth + 2)
