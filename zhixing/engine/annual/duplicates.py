"""Lines of a plan that teach the same people the same in the same quarter, with why they look so, and the line that two of them would be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from zhixing.engine.plan.overlaps import ALIKE, likeness
from zhixing.engine.proportion import by_largest_remainder

WHOLE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Taught:
    """A line as it is compared. ``covers``: competency → strength; ``hours``: tenths by block and method; ``ranks``, ``units``: empty for all.

    ``size_max`` is the most seats of a run, where a programme says so."""

    number: int
    programme: str
    title: str
    group: str
    ranks: frozenset[str]
    units: frozenset[str]
    place: str
    term: int
    runs: int
    people: int
    budget: int
    covers: Mapping[str, int]
    hours: Mapping[str, int]
    size_max: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines, the one with the lower number first. ``covered`` and ``taught``: how alike in percent, None where nothing is known of it.

    ``runs``: what one line for all these people needs; ``saved`` the runs that this spares."""

    first: int
    second: int
    same: bool
    same_place: bool
    covered: int | None
    taught: int | None
    runs: int
    saved: int


def pairs_of(lines: Iterable[Taught], alike: int = ALIKE) -> list[Pair]:
    """Every two lines of one quarter for the same people that are the same class, or alike in both what they cover and what they teach.

    One class at two institutions is no duplicate: that is how a class comes near the people."""
    found = []
    by_term: dict[int, list[Taught]] = {}
    for line in sorted(lines, key=lambda line: line.number):
        by_term.setdefault(line.term, []).append(line)
    for together in by_term.values():
        found += [pair for one, two in combinations(together, 2) if (pair := _pair(one, two, alike)) is not None]
    return sorted(found, key=lambda pair: (not pair.same, -(pair.covered or 0), pair.first, pair.second))


def _pair(one: Taught, two: Taught, alike: int) -> Pair | None:
    if not _same_people(one, two):
        return None
    same = one.title == two.title or (bool(one.programme) and one.programme == two.programme)
    covered = likeness(one.covers, two.covers) if one.covers and two.covers else None
    taught = likeness(one.hours, two.hours) if one.hours and two.hours else None
    both_alike = covered is not None and taught is not None and covered >= alike and taught >= alike
    if not (one.place == two.place if same else both_alike):
        return None
    runs = runs_together(one, two)
    return Pair(one.number, two.number, same, one.place == two.place, covered, taught, runs, one.runs + two.runs - runs)


def _same_people(one: Taught, two: Taught) -> bool:
    """Of one rank group, with ranks and units in common."""
    ranks = not one.ranks or not two.ranks or bool(one.ranks & two.ranks)
    units = not one.units or not two.units or bool(one.units & two.units)
    return one.group == two.group and ranks and units


def runs_together(kept: Taught, dropped: Taught) -> int:
    """Runs of one line for the people of both: as many as the programme of the kept one needs, all of both where none says how many fit."""
    both = kept.runs + dropped.runs
    if not kept.size_max:
        return both
    return min(both, -(-(kept.people + dropped.people) // kept.size_max))


def text_together(kept: str, dropped: str) -> str:
    """Whom one line for both is for, as it is written: what one of the two says already is not said twice; where one is silent, nothing."""
    if not kept or not dropped:
        return ""
    first, second = _items(kept), _items(dropped)
    if set(first) <= set(second):
        return dropped
    more = [item for item in second if item not in first]
    return f"{kept}；{'、'.join(more)}" if more else kept


def _items(text: str) -> list[str]:
    """Whole items: a group is not another one because its name lies within the other's."""
    return [item for part in re.split("[、；，]", text) if (item := part.strip())]


def evidence_together(
    kept: Sequence[Mapping[str, Any]], dropped: Sequence[Mapping[str, Any]], people: tuple[int, int]
) -> list[dict[str, Any]]:
    """What one line for both rests on: needs with amounts added up, shares by what each line gives, ten-thousandths in all.

    A line's own weight is the weight of its needs times the amount; where these are not known, its people."""
    weights = _weight(kept), _weight(dropped)
    first, second = weights if all(weights) else people
    needs: dict[str, dict[str, Any]] = {}
    given: dict[str, int] = {}
    for rows, weight in ((kept, first), (dropped, second)):
        for row in rows:
            key = str(row.get("need", ""))
            found = needs.setdefault(key, {**row, "amount": 0, "evidence": []})
            found["amount"] += int(row.get("amount", 0))
            found["evidence"] = _joined(found["evidence"], row.get("evidence", ()))
            if aside := {*map(str, found.get("aside", ())), *map(str, row.get("aside", ()))}:
                found["aside"] = sorted(aside)
            given[key] = given.get(key, 0) + int(row.get("share", 0)) * weight
    if not sum(given.values()):
        return list(needs.values())
    shares = by_largest_remainder(WHOLE, given)
    return [{**row, "share": shares[key]} for key, row in needs.items() if shares[key]]


def _joined(known: list[Mapping[str, Any]], more: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    keys = {str(one.get("key", "")) for one in known}
    return [*known, *(one for one in more if str(one.get("key", "")) not in keys)]


def _weight(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(
        int(row.get("amount", 0)) * sum(int(one.get("share", 0)) for one in row.get("evidence", ())) for row in rows
    )
