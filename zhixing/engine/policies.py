"""Policies (学时要求): who owes how many hours in which window, read from a TOML document by a strict parser.

The document is the one of formats.md §2: one ``[policy]`` table and one ``[[rule]]`` table per rule.
Hours become whole tenths.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from zhixing.engine.policy_faults import Fault, PolicyError, PolicyProblem

__all__ = ["Channel", "Policy", "PolicyError", "PolicyProblem", "Rule", "WindowKind", "parse"]

HOURS_MAX: Final = Decimal(2**31 - 1) / 10
"""Hours leave the engine as int32 tenths."""
YEARS: Final = range(1900, 3000)


class Channel(StrEnum):
    """The way in which hours were earned (培训方式)."""

    OFFJOB = "offjob"  # 脱产
    CONCENTRATED = "concentrated"  # 其他集中
    ONLINE = "online"  # 网络
    STUDY_GROUP = "study_group"  # 中心组
    SELF_STUDY = "self_study"  # 自学
    TEACHING = "teaching"  # 授课


class WindowKind(StrEnum):
    """How the days are found within which hours are owed; each kind is one function in ``obligations.windows``."""

    YEAR = "year"
    FIVE_YEARS = "five_years"
    ROLLING_FIVE_YEARS = "rolling_five_years"
    AFTER_PROMOTION = "after_promotion"


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement: people of ``ranks`` owe ``tenths`` in each window; a cap (tenths) limits what a channel adds."""

    code: str
    ranks: tuple[str, ...]
    window: WindowKind
    tenths: int
    channels: tuple[Channel, ...]
    caps: Mapping[Channel, int] = field(default_factory=dict, hash=False)
    prorate_join: bool = False
    block_start: int | None = None
    basis: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a place's rules, in document order; ``digest`` is the SHA-256 of its text."""

    code: str
    in_force_from: dt.date
    basis: str
    rules: tuple[Rule, ...]
    digest: str
    title: str = ""

    def rules_for(self, rank: str) -> list[Rule]:
        """For each code, the first rule whose ranks hold ``rank``."""
        chosen: dict[str, Rule] = {}
        for rule in self.rules:
            if rank in rule.ranks:
                chosen.setdefault(rule.code, rule)
        return list(chosen.values())


def parse(text: str, name: str = "policy") -> Policy:
    """Read a policy's TOML text; ``name`` (a file name) goes into the problems. Raises ``PolicyError``."""
    reader = _Reader(text, name)
    policy = reader.policy()
    if reader.problems:
        raise PolicyError(reader.problems)
    return policy


_POLICY_KEYS: Final = {"code": True, "in_force_from": True, "basis": False, "title": False}
"""Key → is it required."""
_RULE_KEYS: Final = {
    "code": True,
    "ranks": True,
    "window": True,
    "hours": True,
    "channels": True,
    "caps": False,
    "prorate": False,
    "block_start": False,
    "basis": False,
    "title": False,
}
_HEADER: Final = re.compile(r"\s*(\[{1,2})\s*([\w.-]+)\s*\]")
_KEY: Final = re.compile(r"\s*([\w-]+(?:\.[\w-]+)*)\s*=")


def _line_numbers(text: str) -> dict[str, int]:
    """Dotted place → line. Good enough for messages: ``tomllib`` keeps no places."""
    lines: dict[str, int] = {}
    rules, prefix = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            first, _, rest = header[2].partition(".")
            rules += header[1] == "[[" and first == "rule"
            prefix = ".".join(filter(None, [f"rule[{rules}]" if first == "rule" else first, rest]))
            lines.setdefault(prefix, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{prefix}.{key[1]}" if prefix else key[1], number)
    return lines


class _Reader:
    """Walks the document once and gathers every fault; a value at fault is read as something harmless on the way."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text.removeprefix("\ufeff"), name
        self.lines = _line_numbers(self.text)
        self.problems: list[PolicyProblem] = []

    def refuse(self, key: str, fault: Fault, mend: str, value: object = "", line: int | None = None) -> None:
        place = key
        while line is None and place:
            line = self.lines.get(place)
            place = place.rpartition(".")[0]
        self.problems.append(PolicyProblem(self.name, line, key, fault, str(value)[:80], mend))

    def policy(self) -> Policy:
        document = self.document()
        head = self.table(document.get("policy", {}), "policy", _POLICY_KEYS)
        rules = self.rules(document.get("rule", []))
        return Policy(
            code=self.words(head, "policy", "code"),
            in_force_from=self.day(head),
            basis=self.words(head, "policy", "basis"),
            rules=rules,
            digest=hashlib.sha256(self.text.encode()).hexdigest(),
            title=self.words(head, "policy", "title"),
        )

    def document(self) -> dict[str, Any]:
        try:
            document = tomllib.loads(self.text, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            at = re.search(r"line (\d+)", str(error))
            mend = "mend the TOML syntax at this place"
            self.refuse("document", Fault.NOT_TOML, mend, error, line=int(at[1]) if at else None)
            raise PolicyError(self.problems) from error
        return self.table(document, "", {"policy": False, "rule": False})

    def table(self, found: object, place: str, keys: Mapping[str, bool]) -> dict[str, Any]:
        """The table's known keys; unknown and missing ones are refused."""
        if not isinstance(found, dict):
            self.refuse(place, Fault.BAD_TYPE, "make it a table", found)
            return {}
        inside = f"{place}." if place else ""
        for key in (key for key in found if key not in keys):
            self.refuse(inside + key, Fault.UNKNOWN_KEY, f"remove it or use one of {', '.join(keys)}")
        for key, required in keys.items():
            if required and key not in found:
                self.refuse(inside + key, Fault.MISSING_KEY, f"add the key {key}")
        return {key: value for key, value in found.items() if key in keys}

    def words(self, table: dict[str, Any], place: str, key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, "write a text in quotes", value)
            return ""
        if key == "code" and key in table and not value.strip():
            self.refuse(f"{place}.{key}", Fault.EMPTY, "write a short name")
        return value

    def day(self, head: dict[str, Any]) -> dt.date:
        value = head.get("in_force_from", dt.date.min)
        if type(value) is not dt.date:
            self.refuse("policy.in_force_from", Fault.BAD_TYPE, "write a date such as 2026-01-01, no quotes", value)
            return dt.date.min
        return value

    def rules(self, found: object) -> tuple[Rule, ...]:
        if not isinstance(found, list):
            self.refuse("rule", Fault.BAD_TYPE, "write each rule under a heading [[rule]]")
            return ()
        if not found:
            self.refuse("rule", Fault.EMPTY, "write at least one rule under a heading [[rule]]")
        rules = tuple(self.rule(table, f"rule[{number}]") for number, table in enumerate(found, start=1))
        held: dict[str, set[str]] = {}
        for number, rule in enumerate(rules, start=1):
            earlier = held.setdefault(rule.code, set())
            if rule.ranks and earlier.issuperset(rule.ranks):
                mend = "earlier rules of this code hold all its ranks: move it up, or give it another code"
                self.refuse(f"rule[{number}]", Fault.UNREACHABLE, mend, rule.code)
            earlier.update(rule.ranks)
        return rules

    def rule(self, found: object, place: str) -> Rule:
        table = self.table(found, place, _RULE_KEYS)
        channels = tuple(Channel(word) for word in self.choices(table, place, "channels", Channel))
        window = self.choice(table, place, "window", WindowKind)
        block_start = self.block_start(table, place)
        if window == WindowKind.FIVE_YEARS and "block_start" not in table:
            self.refuse(f"{place}.block_start", Fault.NO_BLOCK_START, "add the first year of a block, such as 2023")
        return Rule(
            code=self.words(table, place, "code"),
            ranks=tuple(self.choices(table, place, "ranks")),
            window=WindowKind(window or WindowKind.YEAR),
            tenths=self.tenths(table.get("hours", 0), f"{place}.hours"),
            channels=channels,
            caps=self.caps(table.get("caps", {}), f"{place}.caps", channels),
            prorate_join=self.choice(table, place, "prorate", ("join",)) == "join",
            block_start=block_start,
            basis=self.words(table, place, "basis"),
            title=self.words(table, place, "title"),
        )

    def choice(self, table: dict[str, Any], place: str, key: str, known: Iterable[str]) -> str:
        """The one word under ``key``; empty when it is absent or refused."""
        value, known = table.get(key, ""), [str(word) for word in known]
        if key in table and value not in known:
            fault = Fault.UNKNOWN_VALUE if isinstance(value, str) else Fault.BAD_TYPE
            self.refuse(f"{place}.{key}", fault, f"use one of {', '.join(known)}", value)
            return ""
        return str(value)

    def choices(self, table: dict[str, Any], place: str, key: str, known: Iterable[str] | None = None) -> list[str]:
        """The list of distinct words under ``key``, each among ``known`` when that is given."""
        value, where = table.get(key, []), f"{place}.{key}"
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            self.refuse(where, Fault.BAD_TYPE, 'write a list of texts, such as ["…", "…"]', value)
            return []
        if key in table and not value:
            self.refuse(where, Fault.EMPTY, "name at least one")
        accepted: list[str] = []
        for word in value:
            if word in accepted:
                self.refuse(where, Fault.DUPLICATE, "name it once", word)
            elif known is not None and word not in list(known):
                self.refuse(where, Fault.UNKNOWN_VALUE, f"use one of {', '.join(known)}", word)
            else:
                accepted.append(word)
        return accepted

    def caps(self, found: object, place: str, channels: tuple[Channel, ...]) -> dict[Channel, int]:
        caps: dict[Channel, int] = {}
        for channel, hours in self.table(found, place, dict.fromkeys(Channel, False)).items():
            where = f"{place}.{channel}"
            if channel not in channels:
                self.refuse(where, Fault.CAP_NOT_COUNTED, "add it to the rule's channels, or remove the cap", channel)
            caps[Channel(channel)] = self.tenths(hours, where)
        return caps

    def tenths(self, hours: object, place: str) -> int:
        """Hours (int or Decimal) as whole tenths."""
        if isinstance(hours, bool) or not isinstance(hours, int | Decimal):
            self.refuse(place, Fault.BAD_TYPE, "write a number of hours", hours)
            return 0
        exact = Decimal(hours)
        if not (exact.is_finite() and 0 <= exact <= HOURS_MAX):
            self.refuse(place, Fault.OUT_OF_RANGE, f"write hours from 0 to {HOURS_MAX}", hours)
            return 0
        rounded = exact.quantize(Decimal("0.1"))
        if rounded != exact:
            self.refuse(place, Fault.NOT_WHOLE_TENTHS, "write hours with at most one decimal", hours)
        return int(rounded * 10)

    def block_start(self, table: dict[str, Any], place: str) -> int | None:
        """The first year of a block; a date stands for its year."""
        value = table.get("block_start")
        if type(value) is dt.date:
            value = value.year
        if value is None or (type(value) is int and value in YEARS):
            return value
        fault = Fault.OUT_OF_RANGE if type(value) is int else Fault.BAD_TYPE
        self.refuse(f"{place}.block_start", fault, "write the first year of a block, such as 2023", value)
        return None
