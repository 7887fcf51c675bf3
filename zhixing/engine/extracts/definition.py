"""The definition of an extract, read from TOML by a strict parser: an unknown key, source or code table is an error with its place.

One ``[extract]`` table, one ``[[field]]`` per column in the order of the data set, and ``[codes.NAME]`` tables that turn our words into
the codes of the receiver. A field has either ``source`` (a word of ``SOURCES``), ``fixed`` (a text) or nothing: then it stays empty, and
``note`` says why.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

SOURCES: Final[Mapping[str, str]] = {
    "key": "our number of the training: that of its first ledger entry",
    "person_number": "staff number",
    "person_name": "name",
    "person_born_on": "day of birth",
    "unit_code": "code of the unit of the principal posting on the last day of the training",
    "unit_name": "name of that unit",
    "rank": "rank, else grade, of that posting",
    "title": "title of the training",
    "theme": "its theme",
    "content": "its content block",
    "channel": "form of training",
    "result": "how it ended",
    "began_on": "first day",
    "ended_on": "last day",
    "months": "whole months from the first to the last day",
    "days_over": "days beyond these months",
    "days": "days from the first to the last day, both included",
    "tenths": "credited hours",
    "organiser": "organiser",
    "institution": "training institution",
    "certificate": "certificate number",
    "abroad": "whether it was held outside the mainland, `yes` or `no`; nothing where nobody said",
}
"""Where a field may come from: a word, and what it says."""
XML_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


class Form(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DATE = "date"  # 2026-11-24
    DATE8 = "date8"  # 20261124
    HOURS = "hours"  # integer tenths as 37.5
    NUMBER = "number"


class Fault(StrEnum):
    NOT_TOML = "not_toml"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_TYPE = "bad_type"
    UNKNOWN_VALUE = "unknown_value"
    DUPLICATE = "duplicate"
    BAD_NAME = "bad_name"
    TWO_SOURCES = "two_sources"
    EMPTY_WITHOUT_NOTE = "empty_without_note"


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """``place`` is dotted, fields counted from 1 (``field[3].source``); ``value`` is what stands there."""

    place: str
    fault: Fault
    value: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}{f' ({self.value})' if self.value else ''}"


class DefinitionError(ValueError):
    """The text defines no extract; ``problems`` lists every fault."""

    def __init__(self, problems: Iterable[DefinitionProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Field:
    """One column. ``only`` are the forms of training for which it is filled (empty: all); ``within`` the XML elements around it."""

    name: str
    title: str
    source: str = ""
    fixed: str = ""
    form: Form = Form.TEXT
    max_length: int | None = None
    codes: str = ""
    only: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    certainty: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """``results`` are the ways a training may have ended to be in it (empty: all); ``digest`` is the SHA-256 of the text."""

    code: str
    title: str
    basis: str
    root: str
    row: str
    fields: tuple[Field, ...]
    digest: str
    certainty: str = ""
    note: str = ""
    results: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    @property
    def unfilled_codes(self) -> list[str]:
        """Code tables in use with a code still missing: the place fills them in."""
        used = {one.codes for one in self.fields if one.codes}
        return sorted(name for name in used if not all(self.codes[name].values()))


def parse(text: str) -> Definition:
    """Raises ``DefinitionError`` with every fault."""
    reader = _Reader()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([DefinitionProblem("document", Fault.NOT_TOML, str(error))]) from error
    made = reader.definition(document, hashlib.sha256(text.encode()).hexdigest())
    if reader.problems:
        raise DefinitionError(reader.problems)
    return made


_TEXT: Final = "text"
_WORDS: Final = "words"
_COUNT: Final = "count"
_EXTRACT: Final = {
    "code": _TEXT, "title": _TEXT, "basis": _TEXT, "root": _TEXT, "row": _TEXT,
    "certainty": _TEXT, "note": _TEXT, "results": _WORDS,
}  # fmt: skip
_FIELD: Final = {
    "name": _TEXT, "title": _TEXT, "source": _TEXT, "fixed": _TEXT, "form": _TEXT, "max_length": _COUNT,
    "codes": _TEXT, "only": _WORDS, "within": _WORDS, "certainty": _TEXT, "note": _TEXT,
}  # fmt: skip
_NEEDED: Final = {"extract": ("code", "title", "basis", "root", "row"), "field": ("name", "title")}


class _Reader:
    """Walks the document once and gathers every fault."""

    def __init__(self) -> None:
        self.problems: list[DefinitionProblem] = []

    def refuse(self, place: str, fault: Fault, value: object = "") -> None:
        self.problems.append(DefinitionProblem(place, fault, str(value)[:80]))

    def definition(self, document: Mapping[str, Any], digest: str) -> Definition:
        for key in document.keys() - {"extract", "field", "codes"}:
            self.refuse(key, Fault.UNKNOWN_KEY)
        about = self.table("extract", document.get("extract"), _EXTRACT)
        codes = self.codes(document.get("codes", {}))
        rows = document.get("field")
        if not isinstance(rows, list) or not rows:
            self.refuse("field", Fault.MISSING_KEY)
            rows = []
        fields = [self.field(f"field[{place}]", row, codes) for place, row in enumerate(rows, start=1)]
        self.once("name", [one.name for one in fields])
        for key in ("root", "row"):
            self.xml_name(f"extract.{key}", about.get(key, ""))
        made: dict[str, Any] = {key: about.get(key, "") for key in _NEEDED["extract"]} | about
        return Definition(**{**made, "fields": tuple(fields), "digest": digest, "codes": codes})

    def field(self, place: str, given: object, codes: Mapping[str, Mapping[str, str]]) -> Field:
        row = self.table(place, given, _FIELD)
        form = row.pop("form", Form.TEXT)
        self.known(f"{place}.form", form, [*Form])
        self.known(f"{place}.source", row.get("source", ""), ["", *SOURCES])
        self.known(f"{place}.codes", row.get("codes", ""), ["", *codes])
        for name in (row.get("name", ""), *row.get("within", ())):
            self.xml_name(f"{place}.name", name)
        if row.get("source") and row.get("fixed"):
            self.refuse(place, Fault.TWO_SOURCES)
        if not (row.get("source") or row.get("fixed") or row.get("note")):
            self.refuse(place, Fault.EMPTY_WITHOUT_NOTE, row.get("name", ""))
        made = {"name": "", "title": ""} | row
        return Field(**made, form=Form(form) if form in [*Form] else Form.TEXT)

    def table(self, place: str, given: object, keys: Mapping[str, str]) -> dict[str, Any]:
        """The known keys of one table with values of the right kind; lists become tuples."""
        if not isinstance(given, dict):
            self.refuse(place, Fault.MISSING_KEY if given is None else Fault.BAD_TYPE)
            return {}
        for key in given.keys() - keys.keys():
            self.refuse(f"{place}.{key}", Fault.UNKNOWN_KEY)
        for key in _NEEDED[place.partition("[")[0]]:
            if not given.get(key):
                self.refuse(f"{place}.{key}", Fault.MISSING_KEY)
        read = {key: self.value(f"{place}.{key}", given[key], keys[key]) for key in given.keys() & keys.keys()}
        return {key: value for key, value in read.items() if value is not None}

    def value(self, place: str, given: object, kind: str) -> Any:
        match kind, given:
            case "text", str():
                return given.strip()
            case "words", list() if all(isinstance(one, str) for one in given):
                return tuple(given)
            case "count", int() if not isinstance(given, bool) and given > 0:
                return given
        self.refuse(place, Fault.BAD_TYPE, given)
        return None

    def codes(self, given: object) -> dict[str, dict[str, str]]:
        if not isinstance(given, dict):
            self.refuse("codes", Fault.BAD_TYPE, given)
            return {}
        read: dict[str, dict[str, str]] = {}
        for name, table in given.items():
            if isinstance(table, dict) and all(isinstance(one, str) for one in table.values()):
                read[name] = table
            else:
                self.refuse(f"codes.{name}", Fault.BAD_TYPE)
                read[name] = {}
        return read

    def once(self, what: str, values: Iterable[str]) -> None:
        seen: set[str] = set()
        for place, value in enumerate(values, start=1):
            if value in seen:
                self.refuse(f"field[{place}].{what}", Fault.DUPLICATE, value)
            seen.add(value)

    def known(self, place: str, value: str, words: Iterable[str]) -> None:
        if value not in words:
            self.refuse(place, Fault.UNKNOWN_VALUE, value)

    def xml_name(self, place: str, name: str) -> None:
        if name and not XML_NAME.fullmatch(name):
            self.refuse(place, Fault.BAD_NAME, name)
