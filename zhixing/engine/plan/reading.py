"""Reading a planning problem from its document: every reference known, every sum right, or every fault at once."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from zhixing.engine.plan.faults import Fault, PlanError, PlanFault
from zhixing.engine.plan.problem import (
    Capacity,
    Evidence,
    Group,
    Institution,
    Kind,
    Need,
    PlanProblem,
    Programme,
    Term,
)
from zhixing.engine.plan.rules import Method, Rules
from zhixing.engine.plan.rules_reading import read_rules
from zhixing.engine.plan.values import DAY_RATE_MAX, Table, Values
from zhixing.engine.policies.channels import Content

DAYS_MAX: Final = 366
SHARE_MAX: Final = 100_000
_TOP: Final = {
    "year": True,
    "decided_on": True,
    "money": True,
    "groups": True,
    "needs": True,
    "programmes": True,
    "institutions": True,
    "terms": True,
    "holidays": False,
    "workdays": False,
    "rules": False,
}
_GROUP: Final = {"key": True, "people": True, "leading": True, "fee_class": True, "title": False}
_EVIDENCE: Final = {"key": True, "source": True, "share": True, "title": False}
_NEED: Final = {
    "key": True,
    "competency": True,
    "group": True,
    "people": True,
    "evidence": True,
    "weight": False,
    "title": False,
}
_PROGRAMME: Final = {
    "key": True,
    "kind": True,
    "days": True,
    "hours": True,
    "methods": True,
    "leader_tenths": True,
    "groups": True,
    "covers": True,
    "size_min": True,
    "size_max": True,
    "person_day_cents": True,
    "run_cents": True,
    "teacher_days": True,
    "leading": False,
    "runs_min": False,
    "runs_max": False,
    "title": False,
}
_INSTITUTION: Final = {"key": True, "rate_cents": True, "capacities": True, "title": False}
_CAPACITY: Final = {"term": True, "classes": True, "beds": True, "teachers": True}
_TERM: Final = {"key": True, "starts_on": True, "ends_on": True, "title": False}
_ROW: Final = re.compile(r"(?P<table>[a-z]+)\[(?P<number>[0-9]+)\]")
_LISTS: Final = {
    "needs": Fault.NO_NEEDS,
    "institutions": Fault.NO_INSTITUTIONS,
    "programmes": Fault.NO_PROGRAMMES,
    "terms": Fault.NO_TERMS,
}


def loads(text: str) -> Any:
    """JSON of a document. Raises ``PlanError``, also for a key that stands twice."""
    try:
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise PlanError([PlanFault("problem", Fault.NOT_JSON, str(error)[:80])]) from error


def _distinct(pairs: list[tuple[str, Any]]) -> Table:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _value in pairs)
        raise PlanError([PlanFault(key, Fault.DUPLICATE, key) for key in times if times[key] > 1])
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def read(document: object, rules: Rules | None = None) -> PlanProblem:
    """The problem of ``document``; ``rules`` stand in where it has none of its own. Raises ``PlanError`` with every fault."""
    reader = _Reader()
    problem = reader.problem(document, rules)
    if reader.faults:
        raise PlanError([replace(one, title=_title_at(document, one.place)) for one in reader.faults])
    return problem


def _title_at(document: object, place: str) -> str:
    """What the row that ``place`` lies in is called; nothing where it has no title."""
    found = _ROW.match(place)
    rows = document.get(found["table"]) if found and isinstance(document, dict) else None
    row = rows[int(found["number"]) - 1] if found and isinstance(rows, list) else None
    title = row.get("title", "") if isinstance(row, dict) else ""
    return title.strip() if isinstance(title, str) else ""


class _Reader(Values):
    """The parts of a problem, those without references first."""

    def problem(self, document: object, rules: Rules | None) -> PlanProblem:
        top = self.table(document, "", _TOP)
        for name, fault in _LISTS.items():
            if name in top and top[name] == []:
                self.refuse(name, fault)
        if "rules" in top or rules is None:
            rules = read_rules(self, top.get("rules", {}))
        self.rules = rules
        groups, terms = tuple(self.groups(top)), tuple(self.terms(top))
        self.people = {group.key: group.people for group in groups}
        self.term_keys = {term.key for term in terms}
        needs = tuple(self.needs(top))
        self.competencies = {need.competency for need in needs}
        return PlanProblem(
            year=self.number(top.get("year", 2000), "year", 1990, 2999),
            decided_on=self.day(top, "", "decided_on"),
            money=self.money(top, "", "money"),
            groups=groups,
            needs=needs,
            programmes=tuple(self.programmes(top)),
            institutions=tuple(self.institutions(top)),
            terms=terms,
            holidays=self.days(top, "holidays"),
            workdays=self.days(top, "workdays"),
            rules=rules,
        )

    def days(self, top: Table, name: str) -> frozenset[dt.date]:
        return frozenset(self.day({"day": day}, name, "day") for day in self.words(top, "", name))

    def groups(self, top: Table) -> Iterator[Group]:
        seen = []
        for place, row in self.rows(top, "groups", _GROUP):
            people = self.whole(row, place, "people")
            if people == 0 and type(row.get("people")) is int:
                self.refuse(f"{place}.people", Fault.NOBODY, row.get("key"))
            fee_class = self.text(row, place, "fee_class")
            if fee_class:
                self.known(fee_class, f"{place}.fee_class", self.rules.fees)
            seen.append((f"{place}.key", self.text(row, place, "key")))
            leading = self.whole(row, place, "leading", 0, max(people, 0))
            yield Group(seen[-1][1], people, leading, fee_class, self.text(row, place, "title", filled=False))
        self.apart(seen)

    def terms(self, top: Table) -> Iterator[Term]:
        seen = []
        for place, row in self.rows(top, "terms", _TERM):
            starts_on, ends_on = self.day(row, place, "starts_on"), self.day(row, place, "ends_on")
            if ends_on < starts_on:
                self.refuse(f"{place}.ends_on", Fault.NOT_IN_ORDER, ends_on)
            elif (ends_on - starts_on).days >= DAYS_MAX:
                self.refuse(f"{place}.ends_on", Fault.OUT_OF_RANGE, ends_on)
                ends_on = starts_on
            seen.append((f"{place}.key", self.text(row, place, "key")))
            yield Term(seen[-1][1], starts_on, ends_on, self.text(row, place, "title", filled=False))
        self.apart(seen)

    def needs(self, top: Table) -> Iterator[Need]:
        seen, pairs, evidence_keys = [], [], []
        for place, row in self.rows(top, "needs", _NEED):
            group = self.known(self.text(row, place, "group"), f"{place}.group", self.people)
            people = self.whole(row, place, "people")
            if people == 0 and type(row.get("people")) is int:
                self.refuse(f"{place}.people", Fault.NOBODY, row.get("key"))
            elif people > self.people.get(group, people):
                self.refuse(f"{place}.people", Fault.MORE_THAN_GROUP, people, [self.people[group]])
            evidence = tuple(self.evidence(row, place))
            evidence_keys += [(f"{place}.evidence", one.key) for one in evidence]
            need = Need(
                self.text(row, place, "key"),
                self.text(row, place, "competency"),
                group,
                people,
                evidence,
                self.text(row, place, "title", filled=False),
            )
            if "weight" in row and row["weight"] != need.weight:
                self.refuse(f"{place}.weight", Fault.WEIGHT_DIFFERS, row["weight"], [need.weight])
            seen.append((f"{place}.key", need.key))
            pairs.append((place, f"{need.competency} / {group}"))
            yield need
        self.apart(seen)
        self.apart(pairs)
        self.apart(evidence_keys)

    def evidence(self, need: Table, where: str) -> Iterator[Evidence]:
        if need.get("evidence") == []:
            self.refuse(f"{where}.evidence", Fault.NO_EVIDENCE)
        for place, row in self.rows(need, "evidence", _EVIDENCE, where):
            yield Evidence(
                self.text(row, place, "key"),
                self.text(row, place, "source"),
                self.whole(row, place, "share", 0, SHARE_MAX),
                self.text(row, place, "title", filled=False),
            )

    def programmes(self, top: Table) -> Iterator[Programme]:
        seen = []
        for place, row in self.rows(top, "programmes", _PROGRAMME):
            programme = self.programme(place, row)
            self.hours_add_up(place, programme)
            if programme.size_max < programme.size_min:
                self.refuse(f"{place}.size_max", Fault.NOT_IN_ORDER, programme.size_max)
            if programme.runs_max is not None and programme.runs_max < programme.runs_min:
                self.refuse(f"{place}.runs_max", Fault.NOT_IN_ORDER, programme.runs_max)
            seen.append((f"{place}.key", programme.key))
            yield programme
        self.apart(seen)

    def programme(self, place: str, row: Table) -> Programme:
        return Programme(
            key=self.text(row, place, "key"),
            kind=self.word(row.get("kind", Kind.MAIN), f"{place}.kind", Kind, Kind.MAIN),
            days=self.whole(row, place, "days", 1, DAYS_MAX, 1),
            hours={
                self.word(name, f"{place}.hours.{name}", Content, Content.ABILITY): tenths
                for name, tenths in self.amounts(row, place, "hours").items()
            },
            methods={
                self.word(name, f"{place}.methods.{name}", Method, Method.LECTURE): tenths
                for name, tenths in self.amounts(row, place, "methods").items()
            },
            leader_tenths=self.whole(row, place, "leader_tenths"),
            groups=tuple(self.known(one, f"{place}.groups", self.people) for one in self.words(row, place, "groups")),
            covers=self.covers(row, place),
            size_min=self.whole(row, place, "size_min", 1, absent=1),
            size_max=self.whole(row, place, "size_max", 1, absent=1),
            person_day_cents=self.money(row, place, "person_day_cents", DAY_RATE_MAX, per_day=True),
            run_cents=self.money(row, place, "run_cents"),
            teacher_days=self.amounts(row, place, "teacher_days", DAYS_MAX * 10),
            leading=self.flag(row, place, "leading"),
            runs_min=self.whole(row, place, "runs_min", 0, 10_000),
            runs_max=self.whole(row, place, "runs_max", 0, 10_000) if "runs_max" in row else None,
            title=self.text(row, place, "title", filled=False),
        )

    def covers(self, row: Table, place: str) -> dict[str, int]:
        """A competency that nobody needs this year may stand in a template; a strength of 0 may not."""
        return self.amounts(row, place, "covers", 100, 1)

    def hours_add_up(self, place: str, programme: Programme) -> None:
        """Blocks and methods are two views of the same hours."""
        by_method = sum(programme.methods.values())
        if by_method != programme.tenths:
            self.refuse(f"{place}.methods", Fault.HOURS_DIFFER, by_method, [programme.tenths])
        if programme.leader_tenths > programme.tenths:
            self.refuse(f"{place}.leader_tenths", Fault.OUT_OF_RANGE, programme.leader_tenths, [programme.tenths])

    def institutions(self, top: Table) -> Iterator[Institution]:
        seen = []
        for place, row in self.rows(top, "institutions", _INSTITUTION):
            seen.append((f"{place}.key", self.text(row, place, "key")))
            yield Institution(
                seen[-1][1],
                self.money(row, place, "rate_cents", DAY_RATE_MAX, per_day=True),
                tuple(self.capacities(row, place)),
                self.text(row, place, "title", filled=False),
            )
        self.apart(seen)

    def capacities(self, institution: Table, where: str) -> Iterator[Capacity]:
        seen = []
        for place, row in self.rows(institution, "capacities", _CAPACITY, where):
            term = self.known(self.text(row, place, "term"), f"{place}.term", self.term_keys)
            seen.append((f"{place}.term", term))
            yield Capacity(
                term,
                self.whole(row, place, "classes", 0, 10_000),
                self.whole(row, place, "beds", 0, 1_000_000),
                self.amounts(row, place, "teachers"),
            )
        self.apart(seen)
