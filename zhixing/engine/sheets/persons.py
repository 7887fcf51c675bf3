"""The person whom a row names by ID number or staff number."""

from __future__ import annotations

from collections.abc import Callable

from zhixing.engine.sheets.cells import said
from zhixing.engine.sheets.faults import Fault
from zhixing.engine.sheets.identity import Identity, looks_like_id, read_id
from zhixing.engine.sheets.readings import RowReader

Find = Callable[[str], str | None]
"""ID number (18 characters) or staff number → the key of a person, None when there is none."""


def numbers_of(reader: RowReader) -> dict[str, str]:
    """Field → ID number or staff number, of the key columns that say one; one that cannot be read refuses the row."""
    numbers = {}
    for name in key_columns(reader):
        text = said(reader.raw(name))
        if text and (name == "id_number" or (name == "key" and looks_like_id(text))):
            read = read_id(text)
            if isinstance(read, Identity):
                numbers[name] = read.number
            else:
                reader.refuse(name, read)
        elif text:
            numbers[name] = text
    return numbers


def key_columns(reader: RowReader) -> list[str]:
    return [name for name in ("id_number", "key", "number") if name in reader.header.columns]


def person_of(reader: RowReader, numbers: dict[str, str], find: Find) -> str:
    """The one person whom the numbers name; blank, and the row is refused, when they name nobody or two."""
    people = {person for number in numbers.values() if (person := find(number))}
    if len(people) != 1:
        reader.refuse(next(iter(numbers)), Fault.KEYS_DISAGREE if people else Fault.PERSON_UNKNOWN)
        return ""
    return people.pop()
