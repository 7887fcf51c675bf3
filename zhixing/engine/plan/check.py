"""A plan judged anew from its document and the problem's alone, in whole numbers; shares no code with what proposed it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zhixing.engine.plan.claims import claims_of, weight_of

Row = Mapping[str, Any]
PLACE: Final = ("programme", "group", "institution", "term")


@dataclass(frozen=True, slots=True)
class Violation:
    """``over``: by how much, in the unit of the rule (cents, class-days, seats, runs, hundredths of a percent …)."""

    code: str
    about: str
    over: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """``claims``: does what the document says of itself agree with what was counted? ``objective`` is the one counted."""

    objective: int
    violations: tuple[Violation, ...]
    claims: Mapping[str, bool] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.violations and all(self.claims.values())


def check(problem: Row, plan: Row) -> CheckReport:
    """``problem`` is a well-formed document of a problem, ``plan`` a document with lines, whatever else it says."""
    judge = Judge(problem, [*plan.get("lines", [])])
    violations = tuple(judge.violations())
    objective = judge.objective()
    return CheckReport(objective, violations, claims_of(judge, plan, objective, violations))


class Judge:
    """The rules of the problem, and what the lines come to."""

    def __init__(self, problem: Row, lines: list[Row]) -> None:
        self.problem, self.rules = problem, problem["rules"]
        self.groups = {row["key"]: row for row in problem["groups"]}
        self.programmes = {row["key"]: row for row in problem["programmes"]}
        self.institutions = {row["key"]: row for row in problem["institutions"]}
        self.terms = {row["key"]: row for row in problem["terms"]}
        self.capacities = {
            (house["key"], row["term"]): row for house in problem["institutions"] for row in house["capacities"]
        }
        self.known = [row for row in lines if self._is_known(row)]
        self.unknown = [row for row in lines if not self._is_known(row)]
        self.working = {key: self._working_days(row) for key, row in self.terms.items()}

    def _is_known(self, row: Row) -> bool:
        if any(type(row.get(name)) is not str for name in PLACE):
            return False
        counts = all(type(row.get(name)) is int and row[name] > 0 for name in ("runs", "seats"))
        place = (row["institution"], row["term"]) in self.capacities
        return counts and place and row["group"] in self.programmes.get(row["programme"], {"groups": []})["groups"]

    def _working_days(self, term: Row) -> tuple[int, int]:
        """(days left after the notice, all days) on which people work."""
        holidays, instead = set(self.problem.get("holidays", [])), set(self.problem.get("workdays", []))

        def works(on: dt.date) -> bool:
            return on.isoformat() in instead or (on.isoweekday() <= 5 and on.isoformat() not in holidays)

        day, notice = dt.date.fromisoformat(self.problem["decided_on"]), self.rules["notice_days"]
        while notice > 0:
            day += dt.timedelta(days=1)
            notice -= works(day)
        first, last = dt.date.fromisoformat(term["starts_on"]), dt.date.fromisoformat(term["ends_on"])
        every = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        worked = [one for one in every if works(one)]
        return sum(one > day for one in worked), len(worked)

    def violations(self) -> Iterator[Violation]:
        yield from (Violation("unknown_line", _name(row), 1) for row in self.unknown)
        twice = Counter(_name(row) for row in self.known)
        yield from (Violation("line_twice", name, count - 1) for name, count in twice.items() if count > 1)
        for row in self.known:
            yield from self._of_line(row)
        yield from self._of_places()
        yield from self._of_people()
        yield from self._of_shares()
        yield from self._of_runs()
        over = sum(map(self.cents, self.known)) - self.problem["money"]
        if over > 0:
            yield Violation("money", "", over)

    def _of_line(self, row: Row) -> Iterator[Violation]:
        programme = self.programme(row)
        name, days = _name(row), programme["days"]
        if programme["kind"] == "business" and days > self.rules["business_days"]:
            yield Violation("business_days", name, days - self.rules["business_days"])
        over = self._seat_cents(row) - self._fee_most(row)
        if over > 0:
            yield Violation("fee_ceiling", name, over)
        left, every = self.working[row["term"]]
        if days > left:
            yield Violation("notice" if days <= every else "term_days", name, days - left)
        if row["seats"] < row["runs"] * programme["size_min"]:
            yield Violation("size_min", name, row["runs"] * programme["size_min"] - row["seats"])
        if row["seats"] > row["runs"] * programme["size_max"]:
            yield Violation("size_max", name, row["seats"] - row["runs"] * programme["size_max"])

    def _of_places(self) -> Iterator[Violation]:
        class_days, bed_days = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        teacher_days = Counter[tuple[str, str, str]]()
        for row in self.known:
            programme, place = self.programme(row), (row["institution"], row["term"])
            if programme["kind"] != "online":
                class_days[place] += row["runs"] * programme["days"]
                bed_days[place] += row["seats"] * programme["days"]
            for topic, days in programme["teacher_days"].items():
                teacher_days[*place, topic] += row["runs"] * days
        for place, capacity in self.capacities.items():
            share = self.working[place[1]][0] * self.rules["rooms_used"]
            for code, used, most in (("rooms", class_days, "classes"), ("beds", bed_days, "beds")):
                over = used[place] - capacity[most] * share // 100
                if over > 0:
                    yield Violation(code, "/".join(place), over)
        for (house, term, topic), used_days in teacher_days.items():
            over = used_days - self.capacities[house, term]["teachers"].get(topic, 0)
            if over > 0:
                yield Violation("teachers", f"{house}/{term}/{topic}", over)

    def _of_people(self) -> Iterator[Violation]:
        called, leading = self._called()
        most = self.rules["callups_max"]
        for key, group in self.groups.items():
            if called[key] > most * group["people"]:
                yield Violation("callups_max", key, called[key] - most * group["people"])
            if leading[key] > most * group["leading"]:
                yield Violation("leading_callups_max", key, leading[key] - most * group["leading"])
        reached, least = self.leading()
        if reached < least:
            yield Violation("leading_share", "", least - reached)

    def _called(self) -> tuple[Counter[str], Counter[str]]:
        """Seats by group: all that call people, and those for members of leading groups."""
        called, leading = Counter[str](), Counter[str]()
        for row in self.known:
            programme = self.programme(row)
            if programme["kind"] != "online":
                called[row["group"]] += row["seats"]
                leading[row["group"]] += row["seats"] if programme.get("leading") else 0
        return called, leading

    def leading(self) -> tuple[int, int]:
        """How many members of leading groups are called, and how many must be."""
        _called, leading = self._called()
        members = sum(group["leading"] for group in self.groups.values())
        reached = sum(min(leading[key], group["leading"]) for key, group in self.groups.items())
        return reached, -(-self.rules["leading_share"] * members // 100)

    def _of_shares(self) -> Iterator[Violation]:
        hours = self.main_hours()
        for name, percent in self.rules["shares"].items():
            if 100 * hours[name] < percent * hours["all"]:
                yield Violation(name, "", 100 * percent - 10_000 * hours[name] // hours["all"])

    def main_hours(self) -> Counter[str]:
        """Tenths of main classes: all, and those that each share asks for."""
        hours = Counter[str]()
        for row in self.known:
            programme = self.programme(row)
            if programme["kind"] != "main":
                continue
            blocks, methods = programme["hours"], programme["methods"]
            parts = {
                "all": sum(blocks.values()),
                "theory_share": blocks.get("theory", 0) + blocks.get("party_spirit", 0),
                "party_spirit_share": blocks.get("party_spirit", 0),
                "interactive_share": sum(methods.get(name, 0) for name in self.rules["interactive"]),
                "leaders_share": programme["leader_tenths"],
            }
            for name, tenths in parts.items():
                hours[name] += row["runs"] * tenths
        return hours

    def _of_runs(self) -> Iterator[Violation]:
        runs = Counter[str]()
        for row in self.known:
            runs[row["programme"]] += row["runs"]
        for key, programme in self.programmes.items():
            if runs[key] < programme.get("runs_min", 0):
                yield Violation("runs_min", key, programme["runs_min"] - runs[key])
            if runs[key] > programme.get("runs_max", runs[key]):
                yield Violation("runs_max", key, runs[key] - programme["runs_max"])

    def objective(self) -> int:
        """Millionths of a point: worth of what is covered, less what runs and money must earn."""
        amounts = self.amounts()
        total = sum(self._worth(need, amounts[need["key"]]) for need in self.problem["needs"])
        runs = sum(row["runs"] for row in self.known)
        cents = sum(map(self.cents, self.known))
        return int(total - 1_000_000 * self.rules["run_cost"] * runs - self.rules["money_cost"] * cents)

    def amounts(self) -> dict[str, int]:
        """Hundredths of persons by need, also beyond all there are."""
        sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        for row in self.known:
            for competency, strength in self.programme(row)["covers"].items():
                sums[competency, row["group"]] += strength * row["seats"]
        return {need["key"]: sums[need["competency"], need["group"]] for need in self.problem["needs"]}

    def _worth(self, need: Row, amount: int) -> int:
        """Each step reaches from the one before to its percent of the people; hundredths of persons are percents of the need's people."""
        weight, worth, before = weight_of(need), 0, 0
        for until, value in self.rules["steps"]:
            here = min(max(amount - before * need["people"], 0), (until - before) * need["people"])
            worth += here * value * weight * 100
            before = until
        return worth

    def programme(self, row: Row) -> Row:
        found: Row = self.programmes[row["programme"]]
        return found

    def _seat_cents(self, row: Row) -> int:
        programme = self.programme(row)
        rate = self.institutions[row["institution"]]["rate_cents"]
        return int(programme["days"] * (programme["person_day_cents"] + rate))

    def _fee_most(self, row: Row) -> int:
        ceiling = self.rules["fees"][self.groups[row["group"]]["fee_class"]]
        days, normal = self.programme(row)["days"], self.rules["fee_long_days"]
        beyond = max(days - normal, 0)
        return int((100 * (days - beyond) + self.rules["fee_long_percent"] * beyond) * ceiling // 100)

    def cents(self, row: Row) -> int:
        return int(row["runs"] * self.programme(row)["run_cents"] + row["seats"] * self._seat_cents(row))

    def needs(self, row: Row) -> list[Row]:
        """Those that the line covers."""
        covered = self.programme(row)["covers"]
        return [one for one in self.problem["needs"] if one["group"] == row["group"] and one["competency"] in covered]


def _name(row: Row) -> str:
    return "/".join(str(row.get(part)) for part in PLACE)
