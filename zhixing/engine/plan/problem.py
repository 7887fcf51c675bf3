"""A planning problem: needs, programmes, institutions and groups of one year. Money in cents, hours in tenths, percents whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from zhixing.engine.plan.rules import Method, Rule, Rules
from zhixing.engine.policies.channels import Content

POINT = 1_000_000
"""Objectives are whole millionths of a point: one point is one unit of weight for one person covered in full, at full worth."""
HUNDREDTHS = 100
"""A seat of strength 100 covers one person: amounts are hundredths of persons."""
ONE_DAY = dt.timedelta(days=1)
SATURDAY = 5


class Kind(StrEnum):
    """What a programme is: main class (主体班), business (业务培训), special subject (专题班), online."""

    MAIN = "main"
    BUSINESS = "business"
    SPECIAL = "special"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reason for a need: where it comes from, and how much of the weight it gives."""

    key: str
    source: str
    share: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """``people`` of the target group ``group`` lack ``competency``. The weight is nothing but the sum of the shares of the evidence."""

    key: str
    competency: str
    group: str
    people: int
    evidence: tuple[Evidence, ...]
    title: str = ""

    @property
    def weight(self) -> int:
        return sum(one.share for one in self.evidence)

    @property
    def amount(self) -> int:
        """All its people, in hundredths."""
        return self.people * HUNDREDTHS


@dataclass(frozen=True, slots=True)
class Group:
    """A target group: its people, how many of them are members of leading groups, and the class of training by which fees are limited."""

    key: str
    people: int
    leading: int
    fee_class: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """A template of class runs. ``covers``: competency → strength in percent; ``leading``: it is for members of leading groups.

    ``person_day_cents`` is what it costs beside the rate of the institution, ``run_cents`` what a run costs once (teachers).
    Online programmes take no rooms, beds or call-ups; their days only count for money."""

    key: str
    kind: Kind
    days: int
    hours: Mapping[Content, int]
    methods: Mapping[Method, int]
    leader_tenths: int
    groups: tuple[str, ...]
    covers: Mapping[str, int]
    size_min: int
    size_max: int
    person_day_cents: int
    run_cents: int
    teacher_days: Mapping[str, int]
    leading: bool = False
    runs_min: int = 0
    runs_max: int | None = None
    title: str = ""

    @property
    def tenths(self) -> int:
        return sum(self.hours.values())

    @property
    def calls(self) -> bool:
        """Does it call people away from their desks?"""
        return self.kind != Kind.ONLINE

    @property
    def calls_leading(self) -> bool:
        return self.leading and self.calls

    def part(self, rule: Rule, rules: Rules) -> int:
        """The tenths of one run that count for a share."""
        if rule == Rule.THEORY_SHARE:
            return self.hours.get(Content.THEORY, 0) + self.hours.get(Content.PARTY_SPIRIT, 0)
        if rule == Rule.PARTY_SPIRIT_SHARE:
            return self.hours.get(Content.PARTY_SPIRIT, 0)
        if rule == Rule.INTERACTIVE_SHARE:
            return sum(tenths for method, tenths in self.methods.items() if method in rules.interactive)
        return self.leader_tenths


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the year, both days included."""

    key: str
    starts_on: dt.date
    ends_on: dt.date
    title: str = ""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an institution has in one term: classes and beds at once, and teacher days by topic."""

    term: str
    classes: int
    beds: int
    teachers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Institution:
    """``rate_cents`` per person-day for bed, board and house."""

    key: str
    rate_cents: int
    capacities: tuple[Capacity, ...]
    title: str = ""


@dataclass(frozen=True)
class PlanProblem:
    """Everything that a plan is made of; keys are unique within each kind, and every reference is known (``reading``)."""

    year: int
    decided_on: dt.date
    money: int
    groups: tuple[Group, ...]
    needs: tuple[Need, ...]
    programmes: tuple[Programme, ...]
    institutions: tuple[Institution, ...]
    terms: tuple[Term, ...]
    holidays: frozenset[dt.date]
    rules: Rules
    workdays: frozenset[dt.date] = frozenset()
    """Weekend days that are worked instead of a holiday (调休)."""

    @cached_property
    def first_day(self) -> dt.date:
        """The first day on which a class may begin: so many whole working days lie between the decision and it."""
        day, left = self.decided_on, self.rules.notice_days
        while left:
            day += ONE_DAY
            left -= self.is_working(day)
        return day + ONE_DAY

    def is_working(self, day: dt.date) -> bool:
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.holidays)

    @cached_property
    def term_days(self) -> dict[str, tuple[int, int]]:
        """Working days of each term: those that the notice leaves, and all."""
        return {
            term.key: (self._working(term, self.first_day), self._working(term, term.starts_on)) for term in self.terms
        }

    def _working(self, term: Term, begin: dt.date) -> int:
        return sum(self.is_working(day) for day in _days(max(term.starts_on, begin), term.ends_on))

    def most_class_days(self, capacity: Capacity) -> int:
        return capacity.classes * self.term_days[capacity.term][0] * self.rules.rooms_used // 100

    def most_bed_days(self, capacity: Capacity) -> int:
        return capacity.beds * self.term_days[capacity.term][0] * self.rules.rooms_used // 100

    @cached_property
    def leading_least(self) -> int:
        """Members of leading groups that a year must call, rounded up."""
        return -(-self.rules.leading_share * sum(group.leading for group in self.groups) // 100)

    def digest(self) -> str:
        """SHA-256 (hex) of the problem as it is written, whatever the order of keys."""
        written = json.dumps(as_document(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(b"plan 1\n" + written.encode()).hexdigest()

    def without_evidence(self, keys: frozenset[str]) -> PlanProblem:
        """The same problem without some evidence: each need loses exactly their shares."""
        kept = (
            replace(need, evidence=tuple(one for one in need.evidence if one.key not in keys)) for need in self.needs
        )
        return replace(self, needs=tuple(kept))


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += ONE_DAY


def as_document(problem: PlanProblem) -> dict[str, Any]:
    """What ``reading.read`` reads back: plain lists, texts and whole numbers."""
    document: dict[str, Any] = _plain(asdict(problem))
    if not document["workdays"]:
        del document["workdays"]
    rules = document["rules"]
    rules["steps"] = [[step["until"], step["value"]] for step in rules["steps"]]
    for programme in document["programmes"]:
        if programme["runs_max"] is None:
            del programme["runs_max"]
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value
