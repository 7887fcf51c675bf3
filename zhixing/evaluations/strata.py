"""Response by stratum (分层填答率): how many of each kind of trainee were asked and have answered, counted from tickets when a survey closes.

Sheets carry no stratum, and shall not: so answers are never weighted by it, and what is told is how far weights could move the mean (``furthest``). What is
kept are counts of one partition of those asked, so coarse that no part is smaller than may be shown, and none has answered altogether or not at all: nobody
learns of any person whether that person answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from zhixing.evaluations import rules
from zhixing.evaluations.models import Survey
from zhixing.evaluations.queries.case_mix import level_of

REST: Final = "rest"
"""Kinds that are too small to be told by themselves."""
LEVEL, UNIT = "level", "unit"
Cells = dict[str, tuple[int, int]]
"""Kind → how many were asked, how many have answered."""


def strata_of(survey: Survey) -> dict[str, object]:
    """What is kept of an open survey that closes: ``by`` level or kind of unit, and its ``cells`` (kind, asked, answered); empty where nothing may be."""
    if survey.on_paper:
        return {}
    rows = survey.tickets.filter(person__isnull=False).order_by()
    told = rows.values_list("person__rank", "person__grade", "person__unit__kind", "burnt")
    held = list(told)
    parts = {
        LEVEL: [(level_of([rank or grade]), burnt) for rank, grade, _kind, burnt in held],
        UNIT: [(kind or "", burnt) for _rank, _grade, kind, burnt in held],
    }
    for by, people in parts.items():
        cells = safe_cells(counted(people), rules.in_force().least)
        if cells:
            return {"by": by, "cells": [(kind, *both) for kind, both in sorted(cells.items())]}
    return {}


def counted(people: Iterable[tuple[str, bool]]) -> Cells:
    given = list(people)
    asked, answered = Counter(kind for kind, _burnt in given), Counter(kind for kind, burnt in given if burnt)
    return {kind: (n, answered[kind]) for kind, n in asked.items()}


def safe_cells(cells: Mapping[str, tuple[int, int]], least: int) -> Cells:
    """Two cells or more that may be kept, small and unanimous ones put together; nothing where what is left over would be told by subtraction."""

    def may(cell: tuple[int, int]) -> bool:
        asked, answered = cell
        return asked >= least and 0 < answered < asked

    kept = {kind: cell for kind, cell in cells.items() if may(cell)}
    others = [cell for kind, cell in cells.items() if kind not in kept]
    if others:
        rest = sum(asked for asked, _answered in others), sum(answered for _asked, answered in others)
        if not may(rest):
            return {}
        kept[REST] = rest
    return kept if len(kept) > 1 else {}


def furthest(cells: Iterable[tuple[str, int, int]]) -> float:
    """The most that weighing each kind by how many were asked could move the mean, for each point by which the means of two kinds differ at most.

    The weighted mean less the plain one is the sum of (share of those asked − share of those who answered) × mean of the kind; no means within one point of
    each other make more of it than the shares that are too small, added up. Counts that are shown already tell it, and nothing of any sheet."""
    rows = [(asked, answered) for _kind, asked, answered in cells]
    asked, answered = sum(one for one, _own in rows), sum(own for _one, own in rows)
    return sum(max(0.0, one / asked - own / answered) for one, own in rows)
