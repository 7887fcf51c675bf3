"""The rules of attendance and leave, read from ``policies/leave.toml`` by a strict parser: ladder, cap, shares, windows, ranks of evidence."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from zhixing.engine.policies.document import line_numbers

PRESENCES = ("present", "late", "left_early")
STATUSES = (*PRESENCES, "leave", "absent")
RANKED_SOURCES = ("closing", "qr", "paper", "roll_call", "appeal", "correction")
ROLES = ("school", "department")
TABLES = frozenset(
    "rules sign_in hours evidence cap ask approver ladder make_up completion correction appeal".split()
)  # of the document


class RulesError(ValueError):
    """The text is no set of rules; each problem names its place."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Approver:
    """Who may stand on one rung of the ladder: any account with one of ``roles`` and the class run (or person) in its scope."""

    code: str
    title: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """The approvers, in order, of a leave of at most ``half_days_max`` half days (None: any length)."""

    half_days_max: int | None
    approvers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules. Minutes, days and percent are whole numbers; shares are exact fractions."""

    code: str
    in_force_from: dt.date
    basis: str
    opens_before: dt.timedelta
    late_after: dt.timedelta
    confirm_within: dt.timedelta
    percent: Mapping[str, int]
    ranks: Mapping[str, int]
    cap: Fraction
    cap_counts: tuple[str, ...]
    absent_days_max: int
    ask_days_after: int
    keep_medical_paper: bool
    approvers: Mapping[str, Approver]
    ladder: tuple[Rung, ...]
    make_up_statuses: tuple[str, ...]
    attended_min: Fraction
    keeps_hours: bool
    correction_roles: tuple[str, ...]
    appeal_days: int
    appeal_roles: tuple[str, ...]

    def earned(self, status: str, tenths: int) -> int:
        """The hours (tenths) that ``status`` earns in a session of ``tenths``, rounded down."""
        return tenths * self.percent.get(status, 0) // 100

    def steps_for(self, half_days: int) -> tuple[str, ...]:
        """The approvers of a leave of ``half_days``, in order."""
        fitting = (rung for rung in self.ladder if rung.half_days_max is None or half_days <= rung.half_days_max)
        return next(fitting).approvers

    def over_cap(self, missed: int, total: int) -> bool:
        """Exact: is ``missed`` more than the cap's share of ``total`` (both tenths)?"""
        return missed * self.cap.denominator > total * self.cap.numerator

    def completes(self, attended: int, total: int) -> bool:
        """Exact: is ``attended`` at least the wanted share of ``total`` (both tenths)?"""
        return attended * self.attended_min.denominator >= total * self.attended_min.numerator


def rules_file() -> Path:
    from zhixing.base.policy_files import policy_file  # here, so that who only reads a text does not wait for Django

    return policy_file("leave.toml")


@cache
def in_force() -> Rules:
    """The rules of this installation, read once. Raises ``RulesError``."""
    path = rules_file()
    return parse(path.read_text(encoding="utf-8"), path.name)


def are_rules(text: str) -> bool:
    """Whether a TOML text, sound or not, is about attendance and leave: by its tables, for a policy of hours has others."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        found = {place.partition(".")[0].partition("[")[0]: None for place in line_numbers(text)}
    return bool(TABLES & found.keys()) and not {"policy", "rule", "recognition"} & found.keys()


def parse(text: str, name: str = "leave.toml") -> Rules:
    """Read the rules. Raises ``RulesError`` with every fault: a missing, unknown or impossible value is never guessed."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError([f"{name}: {error}"]) from error
    reader = _Reader(name, document, line_numbers(text))
    rules = _rules(reader)
    reader.refuse_unread()
    if reader.problems:
        raise RulesError(reader.problems)
    return rules


def _rules(read: _Reader) -> Rules:
    approvers = {one.code: one for one in read.approvers()}
    return Rules(
        code=read.text("rules", "code"),
        in_force_from=read.date("rules", "in_force_from"),
        basis=read.text("rules", "basis"),
        opens_before=dt.timedelta(minutes=read.integer("sign_in", "opens_minutes_before", 0, 24 * 60)),
        late_after=dt.timedelta(minutes=read.integer("sign_in", "late_after_minutes", 0, 24 * 60)),
        confirm_within=dt.timedelta(minutes=read.integer("sign_in", "confirm_minutes", 1, 60)),
        percent={status: read.integer("hours", status, 0, 100) for status in PRESENCES},
        ranks={source: read.integer("evidence", source, 0, 100) for source in RANKED_SOURCES},
        cap=read.share("cap", "share"),
        cap_counts=read.words("cap", "counts", STATUSES),
        absent_days_max=read.integer("cap", "absent_days_max", 0, 365),
        ask_days_after=read.integer("ask", "days_after", 0, 365),
        keep_medical_paper=read.truth("ask", "keep_medical_paper"),
        approvers=approvers,
        ladder=read.ladder(tuple(approvers)),
        make_up_statuses=read.words("make_up", "statuses", STATUSES),
        attended_min=read.share("completion", "attended_min"),
        keeps_hours=read.truth("completion", "keeps_hours"),
        correction_roles=read.words("correction", "roles", ROLES),
        appeal_days=read.integer("appeal", "days", 0, 365),
        appeal_roles=read.words("appeal", "roles", ROLES),
    )


class _Reader:
    """Takes values out of the document one by one; a fault is noted with its place and read as something harmless."""

    def __init__(self, name: str, document: dict[str, Any], lines: Mapping[str, int]) -> None:
        self.name, self.document, self.lines = name, document, lines
        self.problems: list[str] = []
        self.known: set[tuple[str, str]] = {("ladder", "half_days_max")}

    def refuse(self, place: str, mend: str, row: Any = None) -> None:
        """Note a fault at ``place`` (table.key), in a list of tables at ``row``; the line is the key's, else the table's."""
        table, _, key = place.partition(".")
        numbers = [number for number, one in enumerate(self.rows(table), start=1) if one is row]
        at = f"{table}[{numbers[0]}]" if numbers else table
        line = self.lines.get(f"{at}.{key}") or self.lines.get(at) or self.lines.get(f"{table}[1]")
        name = f"{self.name}:{line}" if line else self.name
        self.problems.append(f"{name}: {place}: {mend}")

    def refuse_unread(self) -> None:
        """Note every table and key that nobody asked for: most likely a slip of the pen that would silently change nothing."""
        for table, content in self.document.items():
            for row in content if isinstance(content, list) else [content]:
                for key in row if isinstance(row, dict) else [""]:
                    if (table, key) not in self.known:
                        self.refuse(f"{table}.{key}".rstrip("."), "is not known here: remove it, or correct it", row)

    def value(self, table: str, key: str, kind: type, meaning: str, where: Any = None) -> Any:
        self.known.add((table, key))
        place = self.document.get(table) if where is None else where
        found = place.get(key) if isinstance(place, dict) else None
        if type(found) is kind:
            return found
        self.refuse(f"{table}.{key}", f"{meaning} is needed, not {found!r}", where)
        return dt.date.min if kind is dt.date else kind()

    def text(self, table: str, key: str) -> str:
        found: str = self.value(table, key, str, "a text")
        return found

    def date(self, table: str, key: str) -> dt.date:
        found: dt.date = self.value(table, key, dt.date, "a date")
        return found

    def truth(self, table: str, key: str) -> bool:
        found: bool = self.value(table, key, bool, "true or false")
        return found

    def integer(self, table: str, key: str, low: int, high: int, where: Any = None) -> int:
        found: int = self.value(table, key, int, f"a whole number from {low} to {high}", where)
        if not low <= found <= high:
            self.refuse(f"{table}.{key}", f"a whole number from {low} to {high} is needed, not {found}", where)
        return found

    def share(self, table: str, key: str) -> Fraction:
        found = self.value(table, key, list, "a pair [parts, whole]")
        if len(found) == 2 and all(type(n) is int for n in found) and 0 < found[0] <= found[1]:
            return Fraction(*found)
        self.refuse(f"{table}.{key}", "a pair [parts, whole] with 0 < parts <= whole is needed")
        return Fraction(1)

    def words(self, table: str, key: str, known: tuple[str, ...], where: Any = None) -> tuple[str, ...]:
        found = self.value(table, key, list, "a list", where)
        if wrong := [word for word in found if word not in known]:
            self.refuse(f"{table}.{key}", f"unknown {wrong}; known: {', '.join(known)}", where)
        return tuple(found)

    def rows(self, table: str) -> list[Any]:
        found = self.document.get(table)
        return found if isinstance(found, list) else []

    def approvers(self) -> list[Approver]:
        return [
            Approver(
                code=self.value("approver", "code", str, "a text", row),
                title=self.value("approver", "title", str, "a text", row),
                roles=self.words("approver", "roles", ROLES, row),
            )
            for row in self.rows("approver")
        ]

    def ladder(self, approvers: tuple[str, ...]) -> tuple[Rung, ...]:
        """Rungs in rising order; only the last one has no upper limit."""
        rows = self.rows("ladder")
        rungs = [self._rung(row, approvers, last=row is rows[-1]) for row in rows]
        limits = [rung.half_days_max for rung in rungs[:-1] if rung.half_days_max is not None]
        if not rungs or limits != sorted(set(limits)):
            self.refuse("ladder", "rungs with rising half_days_max are needed, the last one without a limit")
        return tuple(rungs)

    def _rung(self, row: dict[str, Any], approvers: tuple[str, ...], last: bool) -> Rung:
        if last and "half_days_max" in row:
            self.refuse("ladder.half_days_max", "the last rung takes every length and has no limit", row)
        limit = None if last else self.integer("ladder", "half_days_max", 1, 1000, row)
        names = self.words("ladder", "approvers", approvers, row)
        if not names:
            self.refuse("ladder.approvers", "at least one approver is needed", row)
        return Rung(limit, names)
