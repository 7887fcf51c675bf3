"""The rules of attendance and leave, read from ``policies/leave.toml`` by a strict parser: ladder, cap, shares, windows, ranks of evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from zhixing.engine.policies.document import Document, Table
from zhixing.engine.policies.faults import Fault, PolicyError

PRESENCES = ("present", "late", "left_early")
STATUSES = (*PRESENCES, "leave", "absent")
RANKED_SOURCES = ("closing", "qr", "paper", "roll_call", "appeal", "correction")
ROLES = ("school", "department")
_TABLES: Final = {
    "rules": ("code", "in_force_from", "basis"),
    "sign_in": ("opens_minutes_before", "late_after_minutes", "confirm_minutes"),
    "hours": PRESENCES,
    "evidence": RANKED_SOURCES,
    "cap": ("share", "counts", "absent_days_max"),
    "ask": ("days_after", "keep_medical_paper"),
    "make_up": ("statuses",),
    "completion": ("attended_min", "keeps_hours"),
    "correction": ("roles",),
    "appeal": ("days", "roles"),
}
"""Each table of the document and its keys, all of them needed."""
_DAY: Final = 24 * 60
_HALF_DAYS: Final = 1000


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
    """The rules of this installation, read once. Raises ``PolicyError``."""
    path = rules_file()
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, name: str = "leave.toml") -> Rules:
    """Read the rules. Raises ``PolicyError`` with every fault: a missing, unknown or impossible value is never guessed."""
    document = Document(text, name)
    rules = _rules(document, document.table(document.load(), "", dict.fromkeys((*_TABLES, "approver", "ladder"), True)))
    if document.problems:
        raise PolicyError(document.problems)
    return rules


def _rules(document: Document, top: Table) -> Rules:
    given = {name: document.table(top.get(name, {}), name, dict.fromkeys(keys, True)) for name, keys in _TABLES.items()}

    def whole(table: str, key: str, least: int, most: int) -> int:
        return document.whole(given[table], table, key, least, most)

    def words(table: str, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(document.choices(given[table], table, key, known, may_be_empty=True))

    approvers = {one.code: one for one in _approvers(document, top.get("approver", []))}
    return Rules(
        code=document.words(given["rules"], "rules", "code"),
        in_force_from=document.day(given["rules"], "rules", "in_force_from") or dt.date.min,
        basis=document.words(given["rules"], "rules", "basis"),
        opens_before=dt.timedelta(minutes=whole("sign_in", "opens_minutes_before", 0, _DAY)),
        late_after=dt.timedelta(minutes=whole("sign_in", "late_after_minutes", 0, _DAY)),
        confirm_within=dt.timedelta(minutes=whole("sign_in", "confirm_minutes", 1, 60)),
        percent={status: whole("hours", status, 0, 100) for status in PRESENCES},
        ranks={source: whole("evidence", source, 0, 100) for source in RANKED_SOURCES},
        cap=_share(document, given["cap"], "cap", "share"),
        cap_counts=words("cap", "counts", STATUSES),
        absent_days_max=whole("cap", "absent_days_max", 0, 365),
        ask_days_after=whole("ask", "days_after", 0, 365),
        keep_medical_paper=document.flag(given["ask"], "ask", "keep_medical_paper"),
        approvers=approvers,
        ladder=_ladder(document, top.get("ladder", []), tuple(approvers)),
        make_up_statuses=words("make_up", "statuses", STATUSES),
        attended_min=_share(document, given["completion"], "completion", "attended_min"),
        keeps_hours=document.flag(given["completion"], "completion", "keeps_hours"),
        correction_roles=words("correction", "roles", ROLES),
        appeal_days=whole("appeal", "days", 0, 365),
        appeal_roles=words("appeal", "roles", ROLES),
    )


def _share(document: Document, table: Table, place: str, key: str) -> Fraction:
    """A pair [parts, whole] with 0 < parts <= whole."""
    found = table.get(key)
    if isinstance(found, list) and len(found) == 2 and all(type(n) is int for n in found) and 0 < found[0] <= found[1]:
        return Fraction(*found)
    if key in table:
        document.refuse(f"{place}.{key}", Fault.NO_SHARE, "write a pair [parts, whole], such as [1, 7]", found)
    return Fraction(1)


def _approvers(document: Document, rows: object) -> Iterator[Approver]:
    for place, row in document.tables(rows, "approver"):
        approver = document.table(row, place, dict.fromkeys(("code", "title", "roles"), True))
        yield Approver(
            code=document.words(approver, place, "code", filled=True),
            title=document.words(approver, place, "title", filled=True),
            roles=tuple(document.choices(approver, place, "roles", ROLES)),
        )


def _ladder(document: Document, rows: object, approvers: tuple[str, ...]) -> tuple[Rung, ...]:
    """Rungs in rising order; only the last one has no upper limit."""
    placed = document.tables(rows, "ladder")
    rungs = [_rung(document, place, row, approvers, last=row is placed[-1][1]) for place, row in placed]
    for (place, _row), (before, rung) in zip(placed[1:], pairwise(rungs), strict=True):
        if rung.half_days_max and before.half_days_max and rung.half_days_max <= before.half_days_max:
            document.refuse(place, Fault.NEVER_REACHED, "let half_days_max rise", rung.half_days_max)
    if not rungs:
        document.refuse("ladder", Fault.EMPTY, "write at least one rung, the last one without half_days_max")
    return tuple(rungs)


def _rung(document: Document, place: str, row: Table, approvers: tuple[str, ...], *, last: bool) -> Rung:
    rung = document.table(row, place, {"half_days_max": not last, "approvers": True})
    limit = document.whole(rung, place, "half_days_max", 1, _HALF_DAYS) or None
    if last and "half_days_max" in rung:
        mend = "the last rung takes every length: remove it"
        document.refuse(f"{place}.half_days_max", Fault.DOES_NOTHING, mend, rung["half_days_max"])
    return Rung(limit, tuple(document.choices(rung, place, "approvers", approvers)))
