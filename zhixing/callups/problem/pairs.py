"""Who is eligible for what, what speaks for each pair, and which pairs standing call-ups bar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zhixing.callups import values
from zhixing.callups.elsewhere import ELSEWHERE
from zhixing.callups.problem.away import AwayLimits
from zhixing.callups.problem.facts import (
    EPOCH,
    LONG_AGO,
    ClassFacts,
    Flags,
    Longs,
    Occupied,
    OpenMakeUp,
    People,
    Units,
    day_number,
    owing_of,
    read_latest,
    read_latest_in,
)
from zhixing.callups.problem.outside import Outside
from zhixing.engine.callup.days import THEME_DAYS
from zhixing.engine.callup.rules import Rule
from zhixing.engine.callup.weeks import week_of
from zhixing.engine.sheets.cells import bare

DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, eq=False)
class Pairs:
    """E pairs as places among the people and the classes, sorted by class, then person."""

    person: Longs
    class_: Longs

    def __len__(self) -> int:
        return len(self.person)

    def only(self, kept: Flags) -> Pairs:
        return Pairs(self.person[kept], self.class_[kept])


def eligible_pairs(people: People, units: Units, classes: Sequence[ClassFacts], seated: dict[int, list[int]]) -> Pairs:
    """Every pair that ``plans.queries.eligible_people`` would name; ``seated`` holds the units with seats of each class run."""
    persons, chosen = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    ranks, rank = np.unique(people.rank, return_inverse=True)
    for place, one in enumerate(classes):
        fits = people.serving & np.isin(ranks, one.ranks)[rank]
        if one.categories:
            fits &= np.isin(people.category, one.categories)
        if one.units:
            fits &= units.below(one.units)[people.unit]
        if one.quotas_close:
            fits &= units.below(seated.get(one.pk, []))[people.unit]
        found = np.flatnonzero(fits)
        persons.append(found)
        chosen.append(np.full(len(found), place, np.int64))
    return Pairs(np.concatenate(persons), np.concatenate(chosen))


def facts_of(
    pairs: Pairs,
    people: People,
    classes: Sequence[ClassFacts],
    make_ups: Sequence[OpenMakeUp],
    outside: Outside,
    carried: Longs,
    told_apart: Sequence[int] = (),
) -> values.PairFacts:
    """What the value of each pair is made of; ``carried`` [U] is what each unit bore beyond its share; standing call-ups to the class runs of
    ``told_apart`` repeat no theme here."""
    owing, missing = owing_of(people.pk)
    first = np.array([c.first for c in classes], np.int64)[pairs.class_]
    new_year = np.array([_new_year(c.first) for c in classes], np.int64)[pairs.class_]
    last = read_latest((row.person, row.ends_on) for row in outside.rows).of(people.pk)[pairs.person]
    months = np.maximum(0, ((first - last) / DAYS_A_MONTH).astype(np.int64))
    return values.PairFacts(
        owing=owing[pairs.person],
        missing=missing[pairs.person],
        make_up=_make_up_flags(pairs, people, classes, make_ups),
        months=np.where(last == LONG_AGO, values.NEVER, months),
        this_year=last >= new_year,
        same_theme=_trained_in_theme(pairs, people, classes, first, told_apart)
        | _theme_elsewhere(pairs, people, classes, outside),
        load=carried[people.unit[pairs.person]],
    )


def _new_year(day: int) -> int:
    return dt.date.fromordinal(day + EPOCH).replace(month=1, day=1).toordinal() - EPOCH


def _make_up_flags(
    pairs: Pairs, people: People, classes: Sequence[ClassFacts], make_ups: Sequence[OpenMakeUp]
) -> Longs:
    """[E] the flags of the best fitting open make-up of the person."""
    flags = np.zeros(len(pairs), np.int64)
    order = np.argsort(pairs.person, kind="stable")
    ordered = pairs.person[order]
    for duty in make_ups:
        place = int(np.searchsorted(people.pk, duty.person))
        if place == len(people.pk) or people.pk[place] != duty.person:
            continue
        own = order[np.searchsorted(ordered, place) : np.searchsorted(ordered, place, side="right")]
        fit = np.array([fit_of(duty, classes[c]) for c in pairs.class_[own]], np.int64)
        flags[own] = np.where(_strength(fit) > _strength(flags[own]), fit, flags[own])
    return flags


class Training(Protocol):
    """What a class is about: a row of the problem or a ``ClassRun``."""

    @property
    def theme(self) -> str: ...

    @property
    def channel(self) -> str: ...

    @property
    def content(self) -> str: ...


def fit_of(duty: Training, one: Training) -> int:
    """The flags of one make-up for one class; zero when the class cannot make it up, being of another form of training and theme."""
    theme = values.THEME if duty.theme and duty.theme == one.theme else 0
    channel = values.CHANNEL if duty.channel == one.channel else 0
    content = values.CONTENT if duty.content and duty.content == one.content else 0
    return values.OPEN | theme | channel | content if theme or channel else 0


def _strength(flags: Longs) -> Longs:
    """Theme before channel before content, as the default weights have it."""
    strength: Longs = (
        (flags & values.OPEN) * 8
        + ((flags & values.THEME) > 0) * 4
        + ((flags & values.CHANNEL) > 0) * 2
        + ((flags & values.CONTENT) > 0)
    )
    return strength


def _trained_in_theme(
    pairs: Pairs, people: People, classes: Sequence[ClassFacts], first: Longs, told_apart: Sequence[int]
) -> Flags:
    """[E] whether the person was trained in the theme of the class within a year before it starts."""
    trained = np.zeros(len(pairs), np.bool_)
    theme_of_class = np.array([c.theme for c in classes], np.str_)
    for theme in sorted({c.theme for c in classes if c.theme}):
        begins = min(c.first for c in classes if c.theme == theme)
        last = read_latest_in(theme, dt.date.fromordinal(begins + EPOCH - THEME_DAYS), told_apart).of(people.pk)
        mine = np.flatnonzero((theme_of_class == theme)[pairs.class_])
        trained[mine] = last[pairs.person[mine]] >= first[mine] - THEME_DAYS
    return trained


def _theme_elsewhere(pairs: Pairs, people: People, classes: Sequence[ClassFacts], outside: Outside) -> Flags:
    """[E] whether another authority calls the person to the theme of the class within a year of it (``Elsewhere.repeats``, for all at once)."""
    number = {theme: place for place, theme in enumerate(sorted({bare(one.theme) for one in classes if one.theme}))}
    rows = [row for row in outside.rows if bare(row.theme) in number]
    pair, other = _meetings(pairs.person, np.searchsorted(people.pk, np.array([row.person for row in rows], np.int64)))
    theme = np.array([number[bare(row.theme)] for row in rows], np.int64)[other]
    begins = np.array([day_number(row.starts_on) for row in rows], np.int64)[other]
    ends = np.array([day_number(row.ends_on) for row in rows], np.int64)[other]
    class_ = pairs.class_[pair]
    wanted = np.array([number.get(bare(one.theme), -1) for one in classes], np.int64)[class_]
    first = np.array([one.first for one in classes], np.int64)[class_]
    last = np.array([one.last for one in classes], np.int64)[class_]
    near = (begins - last <= THEME_DAYS) & (first - ends <= THEME_DAYS)
    repeated = np.zeros(len(pairs), np.bool_)
    repeated[pair[(theme == wanted) & near]] = True
    return repeated


@dataclass(frozen=True, eq=False)
class Barred:
    """[E] why standing call-ups rule a pair out: the place in ``BARS`` plus one, zero when nothing does.

    ``by`` is the class run, the week, or the place in ``Outside.rows``.
    """

    why: Longs
    by: Longs

    @property
    def free(self) -> Flags:
        free: Flags = self.why == 0
        return free


EXCUSED = "excused_then"
"""The person was excused from a class on some of these days."""
BARS = (Rule.CALLUPS_MAX, Rule.SHARED_DAY, Rule.AWAY_FULL, EXCUSED, ELSEWHERE)


def bar(
    pairs: Pairs,
    people: People,
    classes: Sequence[ClassFacts],
    occupied: Occupied,
    excused: Occupied,
    outside: Outside,
    limits: AwayLimits,
    callups_max: int,
    used_up: Flags,
) -> Barred:
    """Compare the pairs with the call-ups that stand, ours and others', and the days excused.

    ``limits`` is how many of each unit may be away in a week; ``used_up`` [P] who has no call-up left in three years.
    """
    why, by = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    taking = occupied.joined(outside.counted)
    holder = np.searchsorted(people.pk, taking.person)
    first = np.array([c.first for c in classes], np.int64)
    last = np.array([c.last for c in classes], np.int64)
    for week, unit in _full_weeks(people, taking, limits):
        touched = (week_of(first) <= week) & (week <= week_of(last))
        away = np.isin(pairs.person, holder[(week_of(taking.first) <= week) & (week <= week_of(taking.last))])
        hit = touched[pairs.class_] & (people.unit[pairs.person] == unit) & ~away
        why[hit], by[hit] = 3, week
    for code, busy in ((4, excused), (2, occupied)):
        pair, other = _meetings(pairs.person, np.searchsorted(people.pk, busy.person))
        together = (busy.first[other] <= last[pairs.class_[pair]]) & (first[pairs.class_[pair]] <= busy.last[other])
        why[pair[together]], by[pair[together]] = code, busy.class_[other[together]]
    spent = (used_up | (np.bincount(holder, minlength=len(people.pk)) >= callups_max))[pairs.person]
    why[spent], by[spent] = 1, 0
    pair, other = _taken_elsewhere(pairs, people, outside, first, last)
    why[pair], by[pair] = 5, other
    return Barred(why, by)


def _taken_elsewhere(pairs: Pairs, people: People, outside: Outside, first: Longs, last: Longs) -> tuple[Longs, Longs]:
    """(pair, place in ``outside.rows``) of every pair whose class shares a day with a call-up by another authority, the earliest last."""
    rows = outside.rows[::-1]
    pair, other = _meetings(pairs.person, np.searchsorted(people.pk, np.array([row.person for row in rows], np.int64)))
    away_from = np.array([day_number(row.away_from) for row in rows], np.int64)
    away_to = np.array([day_number(row.away_to) for row in rows], np.int64)
    class_ = pairs.class_[pair]
    together = (away_from[other] <= last[class_]) & (first[class_] <= away_to[other])
    return pair[together], len(rows) - 1 - other[together]


def _meetings(left: Longs, right: Longs) -> tuple[Longs, Longs]:
    """Every (place in ``left``, place in ``right``) with equal numbers; ``right`` is the short one."""
    order = np.argsort(left, kind="stable")
    begins = np.searchsorted(left[order], right)
    ends = np.searchsorted(left[order], right, side="right")
    counts = ends - begins
    at = np.repeat(begins - np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(right) else begins, counts)
    return order[at + np.arange(counts.sum())], np.repeat(np.arange(len(right)), counts)


def _full_weeks(people: People, occupied: Occupied, limits: AwayLimits) -> list[tuple[int, int]]:
    """(week, unit) where those who hold seats alone fill the away limit."""
    holder = np.searchsorted(people.pk, occupied.person)
    first, last = week_of(occupied.first), week_of(occupied.last)
    away: dict[tuple[int, int], set[int]] = {}
    for person, unit, begins, ends in zip(
        holder.tolist(), people.unit[holder].tolist(), first.tolist(), last.tolist(), strict=True
    ):
        for week in range(begins, ends + 1):
            away.setdefault((week, unit), set()).add(person)
    return sorted(place for place, persons in away.items() if len(persons) >= limits.most(place[1], place[0]))
