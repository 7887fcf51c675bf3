"""A result judged anew from the tables alone: the objective and every hard rule of formats.md §3, sharing no code with the solver."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

TOLERANCE = 1e-6
SHOWN = 5
"""Examples kept of each violation."""

Key = int | str
Pair = tuple[Key, Key]


@dataclass(frozen=True)
class CheckReport:
    """``violations`` counts, by rule, the seats, people or rows too many or too few. ``confirmed`` is about the status infeasible: True when the
    pins alone break a rule, None when hard minimums could be the cause, which no check of one selection can tell."""

    ok: bool
    status: str | None
    objective: float | None = None
    chosen: int = 0
    people_called: int = 0
    callups_beyond_first: int = 0
    repeated_themes: int = 0
    close_callups: int = 0
    short_seats: dict[str, int] = field(default_factory=dict)
    violations: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Any]] = field(default_factory=dict)
    claims: dict[str, bool] = field(default_factory=dict)
    reasons: dict[str, int] | None = None
    confirmed: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check(
    tables: Mapping[str, pa.Table],
    settings: Mapping[str, Any],
    selected: pa.Table | None,
    said: Mapping[str, Any],
    reasons: pa.Table | None = None,
) -> CheckReport:
    """Judges ``selected`` (person_id, class_id) and what ``result.json`` said about it. ``tables`` and ``settings`` are a well-formed problem."""
    status = said.get("status")
    judge = _Judge(tables, settings)
    if status == "infeasible":
        return _check_infeasible(judge, settings)
    rows = _pairs(selected) if selected is not None else []
    if status == "unknown":
        return CheckReport(ok=not rows and said.get("objective") is None, status="unknown", chosen=len(rows))
    judge.take(rows)
    objective = judge.objective()
    claims = _claims(said, objective)
    return CheckReport(
        ok=not any(judge.violations.values()) and claims["objective_agrees"] and claims["bound_holds"],
        status=status,
        objective=objective,
        chosen=len(judge.chosen),
        people_called=len(judge.classes_of),
        callups_beyond_first=judge.beyond(),
        repeated_themes=judge.repeated_themes(),
        close_callups=judge.close_callups(),
        short_seats=judge.short_seats(),
        violations={rule: count for rule, count in judge.violations.items() if count},
        examples=dict(judge.examples),
        claims=claims,
        reasons=_check_reasons(reasons, tables["pairs"], judge.chosen) if reasons is not None else None,
    )


def _check_infeasible(judge: _Judge, settings: Mapping[str, Any]) -> CheckReport:
    judge.take([pair for pair, chosen in judge.pins.items() if chosen])
    broken = {rule: count for rule, count in judge.violations.items() if count and rule != "minimum_unmet"}
    hard = bool(settings.get("hard_minimums", False))
    return CheckReport(
        ok=bool(broken) or hard,
        status="infeasible",
        violations=broken,
        examples=dict(judge.examples),
        confirmed=True if broken else None if hard else False,
    )


def _pairs(table: pa.Table) -> list[Pair]:
    return list(zip(table["person_id"].to_pylist(), table["class_id"].to_pylist(), strict=True))


def _iso_weeks(first: dt.date, last: dt.date) -> set[tuple[int, int]]:
    days = ((first + dt.timedelta(days=k)) for k in range((last - first).days + 1))
    return {day.isocalendar()[:2] for day in days}


class _Judge:
    """Takes pairs and counts what they break."""

    def __init__(self, tables: Mapping[str, pa.Table], settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.classes = {row["class_id"]: row for row in tables["classes"].to_pylist()}
        self.weeks = {key: _iso_weeks(row["starts_on"], row["ends_on"]) for key, row in self.classes.items()}
        self.units = {row["unit_id"]: row for row in tables["units"].to_pylist()}
        self.quotas = {(row["unit_id"], row["class_id"]): row for row in tables["quotas"].to_pylist()}
        self.own_weeks = {
            (row["unit_id"], row["week"].isocalendar()[:2]): row["away_max"]
            for row in (tables["away"].to_pylist() if "away" in tables else ())
        }
        self.pins = dict(zip(_pairs(tables["pins"]), tables["pins"]["chosen"].to_pylist(), strict=True))
        self.tables = tables
        self.violations: Counter[str] = Counter()
        self.examples: defaultdict[str, list[Any]] = defaultdict(list)

    def take(self, rows: list[Pair]) -> None:
        """Judges the pairs, all rules at once; pairs that are not eligible break a rule and then count for nothing."""
        times = Counter(rows)
        self._note("row_doubled", ((pair, n - 1) for pair, n in times.items() if n > 1))
        self.value_of = self._values(list(times))
        self._note("not_eligible", ((pair, 1) for pair in times if pair not in self.value_of))
        self._note("pinned_out", ((pair, 1) for pair in times if self.pins.get(pair) is False))
        self._note("pinned_in", ((pair, 1) for pair, chosen in self.pins.items() if chosen and pair not in times))
        self.chosen = sorted(self.value_of, key=str)
        self.unit_of = self._units_of({person for person, _ in self.chosen})
        self.classes_of: defaultdict[Key, list[Key]] = defaultdict(list)
        for person, class_ in self.chosen:
            self.classes_of[person].append(class_)
        self.in_class = Counter(class_ for _, class_ in self.chosen)
        self.in_quota = Counter(
            (unit, class_) for person, class_ in self.chosen for unit in self._line(self.unit_of[person])
        )
        self._judge_persons()
        self._judge_seats()
        self._judge_weeks()

    def _values(self, pairs: list[Pair]) -> dict[Pair, float]:
        """The value of each pair that is eligible, looked up by joining so that millions of others cost nothing."""
        table = self.tables["pairs"].select(["person_id", "class_id", "value"])
        kinds = [table.schema.field(name).type for name in ("person_id", "class_id")]
        wanted = pa.table(
            {
                "person_id": pa.array([person for person, _ in pairs], kinds[0]),
                "class_id": pa.array([class_ for _, class_ in pairs], kinds[1]),
            }
        )
        found = wanted.join(table, ["person_id", "class_id"], join_type="inner")
        return dict(zip(_pairs(found), found["value"].to_pylist(), strict=True))

    def _units_of(self, persons: set[Key]) -> dict[Key, Key]:
        people = self.tables["people"]
        wanted = people.filter(pc.is_in(people["person_id"], pa.array(list(persons), people["person_id"].type)))
        return dict(zip(wanted["person_id"].to_pylist(), wanted["unit_id"].to_pylist(), strict=True))

    def _line(self, unit: Key | None) -> Iterable[Key]:
        """A unit and all units above it."""
        while unit is not None:
            yield unit
            unit = self.units[unit]["parent_id"]

    def _note(self, rule: str, broken: Iterable[tuple[Any, int]]) -> None:
        for what, excess in broken:
            self.violations[rule] += excess
            if len(self.examples[rule]) < SHOWN:
                self.examples[rule].append(what)
        if not self.examples[rule]:
            del self.examples[rule]

    def _judge_persons(self) -> None:
        most = self.settings["callups_max"]
        self._note(
            "callups_max", ((person, len(held) - most) for person, held in self.classes_of.items() if len(held) > most)
        )
        self._note(
            "shared_day",
            ((clash, 1) for person, held in self.classes_of.items() for clash in self._clashes(person, held)),
        )

    def _clashes(self, person: Key, held: list[Key]) -> Iterable[tuple[Key, Key, Key]]:
        for place, one in enumerate(held):
            for other in held[:place]:
                a, b = self.classes[one], self.classes[other]
                if a["starts_on"] <= b["ends_on"] and b["starts_on"] <= a["ends_on"]:
                    yield person, other, one

    def _judge_seats(self) -> None:
        most_of_class = {key: row["seats_max"] for key, row in self.classes.items()}
        most_of_quota = {key: row["seats_max"] for key, row in self.quotas.items()}
        self._note("class_full", _over(self.in_class, most_of_class))
        self._note("quota_full", _over(self.in_quota, most_of_quota))
        if self.settings.get("hard_minimums", False):
            self._note("minimum_unmet", ((name, short) for name, short in self.short_seats().items() if short))

    def _judge_weeks(self) -> None:
        away: defaultdict[tuple[Key, tuple[int, int]], set[Key]] = defaultdict(set)
        for person, class_ in self.chosen:
            for week in self.weeks[class_]:
                away[self.unit_of[person], week].add(person)
        self._note(
            "away_full",
            (
                ((unit, f"{week[0]}-W{week[1]:02d}"), len(persons) - self._away_max(unit, week))
                for (unit, week), persons in away.items()
                if len(persons) > self._away_max(unit, week)
            ),
        )

    def _away_max(self, unit: Key, week: tuple[int, int]) -> int:
        """The number of the week, where it has one of its own, else that of the unit."""
        return int(self.own_weeks.get((unit, week), self.units[unit]["away_max"]))

    def beyond(self) -> int:
        """Call-ups of persons beyond their first."""
        return sum(len(held) - 1 for held in self.classes_of.values())

    def repeated_themes(self) -> int:
        """Call-ups of persons beyond their first of each theme; a theme that is empty is none."""
        themes = ((person, self.classes[class_].get("theme")) for person, class_ in self.chosen)
        return sum(count - 1 for count in Counter(one for one in themes if one[1]).values())

    def close_callups(self) -> int:
        """Call-ups that begin at most ``close_days`` days after the end of the person's call-up before them, in order of time."""
        most, count = dt.timedelta(days=self.settings.get("close_days", 0)), 0
        for held in self.classes_of.values():
            rows = sorted((self.classes[class_] for class_ in held), key=lambda row: row["starts_on"])
            gaps = [two["starts_on"] - one["ends_on"] for one, two in pairwise(rows)]
            count += sum(dt.timedelta() < gap <= most for gap in gaps)
        return count

    def short_seats(self) -> dict[str, int]:
        """Seats under the minimums of classes and of quotas."""
        return {
            "classes": sum(max(0, (row["seats_min"] or 0) - self.in_class[key]) for key, row in self.classes.items()),
            "quotas": sum(max(0, (row["seats_min"] or 0) - self.in_quota[key]) for key, row in self.quotas.items()),
        }

    def objective(self) -> float:
        value = math.fsum(self.value_of.values())
        short = sum(self.short_seats().values())
        costs = (
            self.settings["second_callup_cost"] * self.beyond(),
            self.settings["short_seat_cost"] * short,
            self.settings.get("repeated_theme_cost", 0) * self.repeated_themes(),
            self.settings.get("close_callup_cost", 0) * self.close_callups(),
        )
        return float(value - math.fsum(costs))


def _over(used: Counter[Any], most: Mapping[Any, int]) -> Iterable[tuple[Any, int]]:
    """Every key with its excess."""
    return ((key, used[key] - limit) for key, limit in most.items() if used[key] > limit)


def _claims(said: Mapping[str, Any], objective: float) -> dict[str, bool]:
    """Do the numbers said agree with the objective recomputed, and with each other?"""
    claimed, bound, gap = (_number(said.get(name)) for name in ("objective", "bound", "gap"))
    slack = TOLERANCE * max(1.0, abs(objective))
    wanted = (bound - objective) / (abs(bound) or 1.0)
    return {
        "objective_agrees": abs(claimed - objective) <= slack,
        "bound_holds": bound >= objective - slack,
        "gap_agrees": abs(gap - wanted) <= TOLERANCE,
    }


def _number(said: object) -> float:
    """NaN, which agrees with nothing, for whatever is no finite number."""
    real = isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)
    return float(said) if real else math.nan  # type: ignore[arg-type]


def _check_reasons(reasons: pa.Table, pairs: pa.Table, chosen: list[Pair]) -> dict[str, int]:
    """How far ``reasons.parquet`` has one row with a code for each eligible pair and agrees with the selection; zeros are good."""
    keys = ["person_id", "class_id"]
    given = reasons.select(keys)
    distinct = given.group_by(keys).aggregate([])
    eligible = pairs.select(keys)
    said = set(_pairs(reasons.filter(reasons["chosen"])))
    empty = pc.or_kleene(pc.is_null(reasons["code"]), pc.equal(reasons["code"], ""))
    return {
        "doubled": len(given) - len(distinct),
        "not_eligible": len(distinct.join(eligible, keys, join_type="left anti")),
        "left_out": len(eligible.join(distinct, keys, join_type="left anti")),
        "said_chosen_but_not": len(said - set(chosen)),
        "chosen_but_not_said": len(set(chosen) - said),
        "without_code": pc.sum(pc.fill_null(empty, True)).as_py() or 0,
    }
