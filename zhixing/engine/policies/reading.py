"""The strict reader of policies: TOML text → ``Policy``, or every fault in it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from zhixing.engine.policies.channels import Channel
from zhixing.engine.policies.document import HOURS_MAX, Table
from zhixing.engine.policies.faults import Fault, PolicyError
from zhixing.engine.policies.reach import refuse_out_of_reach
from zhixing.engine.policies.recognising import RecognitionReader
from zhixing.engine.policies.rules import (
    Carry,
    Exempt,
    Minimum,
    Policy,
    Quantity,
    Rule,
    Unit,
    WindowKind,
)

YEARS: Final = range(1900, 3000)
DAYS_MAX: Final = 3660
"""Ten years: the longest window that is told in days."""
REMIND_BEFORE_MAX: Final = 366
REMINDERS_MAX: Final = 4
"""Reminders in one window."""


def parse(text: str, name: str = "policy", *, strict: bool = False, needs_rules: bool = True) -> Policy:
    """Read a policy's TOML text; ``name`` (a file name) goes into the problems. Raises ``PolicyError``.

    Where two rules of one code share a rank the first holds (formats.md §2); ``strict``, for authors, refuses that, and whatever can
    never have an effect (``reach``). A table of recognition may stand alone where no rules are needed.
    """
    reader = _Reader(text, name)
    policy = reader.policy(strict=strict, needs_rules=needs_rules)
    if strict:
        refuse_out_of_reach(reader, policy)
    if reader.problems:
        raise PolicyError(reader.problems)
    return policy


_POLICY_KEYS: Final = {
    "code": True,
    "in_force_from": True,
    "in_force_to": False,
    "basis": False,
    "title": False,
    "place": False,
    "example": False,
    "other_ranks": False,
    "other_contents": False,
}
"""Key → is it required."""
_RULE_KEYS: Final = {
    "code": True,
    "ranks": True,
    "window": True,
    "hours": False,
    "days": False,
    "months": False,
    "hours_per_day": False,
    "hours_per_month": False,
    "channels": True,
    "caps": False,
    "prorate": False,
    "block_start": False,
    "window_days": False,
    "before_days": False,
    "since": False,
    "minimum": False,
    "carry": False,
    "exempt": False,
    "remind_days": False,
    "basis": False,
    "title": False,
}
_MINIMUM_KEYS: Final = dict.fromkeys(("channels", "contents", "hours", "share", "of", "title", "basis"), False)
_CARRY_KEYS: Final = {"hours": True, "channels": False, "contents": False}
_EXEMPT_KEYS: Final = {"why": True, "ranks": False, "joined_last_days": False, "leaving": False}
_LASTS_DAYS: Final = (WindowKind.FIRST_YEAR, WindowKind.AFTER_APPOINTMENT)
_FOLLOW: Final = (WindowKind.YEAR, WindowKind.FIVE_YEARS)
"""Windows that follow each other, so that something can be carried from one into the next."""
_ONLY_FOR: Final = {
    "window_days": (WindowKind.AFTER_PROMOTION, *_LASTS_DAYS),
    "since": _LASTS_DAYS,
    "before_days": (WindowKind.AFTER_APPOINTMENT,),
    "carry": _FOLLOW,
}
"""Key → the windows for which it means anything."""


class _Reader(RecognitionReader):
    """Reads the tables of a policy."""

    in_force_from = dt.date.min

    def policy(self, *, strict: bool, needs_rules: bool) -> Policy:
        document = self.table(self.load(), "", {"policy": False, "rule": False, "recognition": False})
        if document.get("rule", []) == [] and (needs_rules or "recognition" not in document):
            self.refuse("rule", Fault.EMPTY, "write at least one rule under a heading [[rule]]")
        head = self.table(document.get("policy", {}), "policy", _POLICY_KEYS)
        self.in_force_from = self.day(head, "policy", "in_force_from") or dt.date.min
        in_force_to = self.day(head, "policy", "in_force_to")
        if in_force_to and in_force_to < self.in_force_from:
            self.refuse("policy.in_force_to", Fault.OUT_OF_RANGE, "write a day on or after in_force_from", in_force_to)
        return Policy(
            code=self.words(head, "policy", "code", filled=True),
            in_force_from=self.in_force_from,
            basis=self.words(head, "policy", "basis"),
            rules=self.rules(document.get("rule", []), strict=strict),
            digest=hashlib.sha256(self.text.encode()).hexdigest(),
            title=self.words(head, "policy", "title"),
            in_force_to=in_force_to,
            recognitions=self.recognitions(document.get("recognition", [])),
            place=self.words(head, "policy", "place"),
            is_example=self.flag(head, "policy", "example"),
            other_ranks=tuple(self.choices(head, "policy", "other_ranks")),
            other_contents=tuple(self.choices(head, "policy", "other_contents")),
        )

    def rules(self, found: object, *, strict: bool) -> tuple[Rule, ...]:
        tables = self.tables(found, "rule")
        rules = tuple(self.rule(table, place) for place, table in tables)
        self.compare_ranks(rules, strict=strict)
        return rules

    def compare_ranks(self, rules: Sequence[Rule], *, strict: bool) -> None:
        """Nobody comes under a rule whose ranks earlier rules of its code hold."""
        held: dict[str, set[str]] = {}
        for number, rule in enumerate(rules, start=1):
            earlier = held.setdefault(rule.code, set())
            shared = [rank for rank in rule.ranks if rank in earlier]
            if rule.ranks and len(shared) == len(rule.ranks):
                mend = "earlier rules of this code hold all its ranks: move it up, or give it another code"
                self.refuse(f"rule[{number}]", Fault.UNREACHABLE, mend, rule.code)
            elif shared and strict:
                mend = "an earlier rule of this code holds them: name each rank once, or give this rule another code"
                self.refuse(f"rule[{number}].ranks", Fault.OVERLAP, mend, "、".join(shared))
            earlier.update(rule.ranks)

    def rule(self, found: Table, place: str) -> Rule:
        table = self.table(found, place, _RULE_KEYS)
        channels = self.channels(table, place)
        window = self.window(table, place)
        ranks = tuple(self.choices(table, place, "ranks"))
        tenths, quantity = self.owed(table, place)
        return Rule(
            code=self.words(table, place, "code", filled=True),
            ranks=ranks,
            window=window,
            tenths=tenths,
            channels=channels,
            caps=self.caps(table.get("caps", {}), f"{place}.caps", channels),
            prorate_join=self.choice(table, place, "prorate", ("join",)) == "join",
            block_start=self.block_start(table, place),
            basis=self.words(table, place, "basis"),
            title=self.words(table, place, "title"),
            quantity=quantity,
            window_days=self.whole(table, place, "window_days", 1, DAYS_MAX),
            before_days=self.whole(table, place, "before_days", 0, DAYS_MAX),
            since=(self.day(table, place, "since") or self.in_force_from) if window in _LASTS_DAYS else None,
            minimums=self.minimums(table, place, channels, tenths),
            carry=self.carry(table["carry"], f"{place}.carry", channels) if "carry" in table else None,
            exempt=self.exempt(table, place, ranks),
            remind_days=self.remind_days(table, place),
        )

    def window(self, table: Table, place: str) -> WindowKind:
        """The kind, with the keys that it needs and without those that would do nothing."""
        window = WindowKind(self.choice(table, place, "window", WindowKind) or WindowKind.YEAR)
        if window == WindowKind.FIVE_YEARS and "block_start" not in table:
            self.refuse(f"{place}.block_start", Fault.NO_BLOCK_START, "add the first year of a block, such as 2023")
        if window in _LASTS_DAYS and "window_days" not in table:
            self.refuse(f"{place}.window_days", Fault.MISSING_KEY, "add how many days the window lasts, such as 365")
        for key, windows in _ONLY_FOR.items():
            if key in table and window not in windows:
                self.refuse(
                    f"{place}.{key}", Fault.DOES_NOTHING, f"it is for {' and '.join(windows)}: remove it", window
                )
        return window

    def channels(self, table: Table, place: str, known: Sequence[Channel] = tuple(Channel)) -> tuple[Channel, ...]:
        return tuple(Channel(word) for word in self.choices(table, place, "channels", known))

    def owed(self, table: Table, place: str) -> tuple[int, Quantity | None]:
        """What is owed in tenths; and how it is said, where that is in days or months with what one of them is worth."""
        units = [unit for unit in Unit if unit in table]
        if not units:
            self.refuse(f"{place}.hours", Fault.MISSING_KEY, "add the key hours, or days, or months")
            return 0, None
        unit = units[0]
        for other in units[1:]:
            self.refuse(f"{place}.{other}", Fault.DUPLICATE, f"the rule says its {unit} already: leave one")
        worth, where = self.worth(table, place, unit), f"{place}.{unit}"
        if unit == Unit.HOURS:
            return self.tenths(table[unit], where), None
        quantity = Quantity(self.number(table[unit], where, 0, HOURS_MAX, unit), unit, worth)
        if quantity.tenths > HOURS_MAX * 10:
            self.refuse(where, Fault.OUT_OF_RANGE, f"write so few that they are at most {HOURS_MAX} hours")
            return 0, None
        return quantity.tenths, quantity

    def worth(self, table: Table, place: str, unit: Unit) -> Fraction:
        """Hours that one day or month stands for; two numbers ``[550, 3]`` are 550 hours for 3 of them."""
        keys = {Unit.DAYS: "hours_per_day", Unit.MONTHS: "hours_per_month"}
        for key in keys.values():
            if key in table and keys.get(unit) != key:
                self.refuse(f"{place}.{key}", Fault.DOES_NOTHING, f"the rule counts {unit}: remove it")
        key = keys.get(unit, "")
        if not key or key not in table:
            if key:
                self.refuse(f"{place}.{key}", Fault.MISSING_KEY, f"add how many hours one stands for, {key} = 7.5")
            return Fraction(1)
        value, where = table[key], f"{place}.{key}"
        hours, per = value if isinstance(value, list) and len(value) == 2 else (value, 1)
        divisor = self.number(per, where, 1, DAYS_MAX, "days or months")
        return self.number(hours, where, 0, HOURS_MAX, "hours") / (divisor or 1)

    def caps(self, found: object, place: str, channels: tuple[Channel, ...]) -> dict[Channel, int]:
        caps: dict[Channel, int] = {}
        for channel, hours in self.table(found, place, dict.fromkeys(Channel, False)).items():
            where = f"{place}.{channel}"
            if channel not in channels:
                self.refuse(where, Fault.CAP_NOT_COUNTED, "add it to the rule's channels, or remove the cap", channel)
            caps[Channel(channel)] = self.tenths(hours, where)
        return caps

    def block_start(self, table: Table, place: str) -> int | None:
        """The first year of a block; a date stands for its year."""
        value = table.get("block_start")
        if type(value) is dt.date:
            value = value.year
        if value is None or (type(value) is int and value in YEARS):
            return value
        fault = Fault.OUT_OF_RANGE if type(value) is int else Fault.BAD_TYPE
        self.refuse(f"{place}.block_start", fault, "write the first year of a block, such as 2023", value)
        return None

    def remind_days(self, table: Table, place: str) -> tuple[int, ...]:
        """Few and far between: a reminder is help, not pressure."""
        days = self.wholes(table, place, "remind_days", 1, REMIND_BEFORE_MAX)
        if len(days) > REMINDERS_MAX:
            self.refuse(f"{place}.remind_days", Fault.OUT_OF_RANGE, f"name at most {REMINDERS_MAX}", len(days))
        return tuple(sorted(days, reverse=True))

    def minimums(self, rule: Table, place: str, channels: tuple[Channel, ...], tenths: int) -> tuple[Minimum, ...]:
        tables = self.tables(rule.get("minimum", []), f"{place}.minimum")
        return tuple(self.minimum(table, where, channels, tenths) for where, table in tables)

    def minimum(self, found: Table, place: str, channels: tuple[Channel, ...], owed: int) -> Minimum:
        table = self.table(found, place, _MINIMUM_KEYS)
        if "channels" not in table and "contents" not in table:
            self.refuse(place, Fault.MISSING_KEY, "add channels or contents: of what is it a minimum?")
        if ("hours" in table) == ("share" in table):
            fault = Fault.DUPLICATE if "hours" in table else Fault.MISSING_KEY
            self.refuse(place, fault, "say either hours or share (per cent)")
        of = self.choice(table, place, "of", ("required", "counted"))
        if of and "share" not in table:
            self.refuse(f"{place}.of", Fault.DOES_NOTHING, "it is for a share: remove it", of)
        tenths = self.tenths(table["hours"], f"{place}.hours") if "hours" in table else None
        if tenths is not None and tenths > owed:
            mend = f"the rule asks {owed / 10:g} hours in all: lower this, or raise those"
            self.refuse(f"{place}.hours", Fault.OUT_OF_RANGE, mend, table["hours"])
        return Minimum(
            channels=self.channels(table, place, channels) or channels,
            contents=tuple(self.choices(table, place, "contents")),
            tenths=tenths,
            share=self.whole(table, place, "share", 1, 99 if of == "counted" else 100),
            of_counted=of == "counted",
            title=self.words(table, place, "title"),
            basis=self.words(table, place, "basis"),
        )

    def carry(self, found: object, place: str, channels: tuple[Channel, ...]) -> Carry:
        table = self.table(found, place, _CARRY_KEYS)
        return Carry(
            tenths=self.tenths(table.get("hours", 0), f"{place}.hours"),
            channels=self.channels(table, place, channels) or channels,
            contents=tuple(self.choices(table, place, "contents")),
        )

    def exempt(self, rule: Table, place: str, ranks: tuple[str, ...]) -> tuple[Exempt, ...]:
        tables = self.tables(rule.get("exempt", []), f"{place}.exempt")
        clauses = tuple(self.clause(table, where, ranks) for where, table in tables)
        excused = {rank for clause in clauses for rank in clause.ranks}
        if ranks and excused.issuperset(ranks):
            self.refuse(
                f"{place}.exempt", Fault.SPARES_EVERYBODY, "all its ranks are exempt: remove the rule, or some of them"
            )
        return clauses

    def clause(self, found: Table, place: str, ranks: tuple[str, ...]) -> Exempt:
        table = self.table(found, place, _EXEMPT_KEYS)
        given = [key for key in _EXEMPT_KEYS if key != "why" and key in table]
        if len(given) != 1:
            fault = Fault.DUPLICATE if given else Fault.MISSING_KEY
            self.refuse(place, fault, "say one of ranks, joined_last_days, leaving; write another clause for another")
        leaving = self.flag(table, place, "leaving")
        if "leaving" in given and not leaving:
            self.refuse(f"{place}.leaving", Fault.DOES_NOTHING, "write true, or remove the clause")
        return Exempt(
            why=self.words(table, place, "why", filled=True),
            ranks=tuple(self.choices(table, place, "ranks", ranks)),
            joined_last_days=self.whole(table, place, "joined_last_days", 1, DAYS_MAX) or None,
            leaving=leaving,
        )
