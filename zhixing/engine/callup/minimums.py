"""Why hard minimums cannot be met: a minimal set of minimums and pins that exclude each other under the limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from zhixing.engine.callup.conflicts import Conflict, limit_said, pin_said
from zhixing.engine.callup.problem import CallupProblem, Flags, Ints, Longs
from zhixing.engine.callup.rules import CLASS, Limits, Rule

Proof = Callable[[CallupProblem], bool]
"""Proves that a problem with hard minimums has no selection that meets them all; False when it could not."""


def hopeless_conflict(problem: CallupProblem, limits: Limits) -> Conflict:
    """The first minimum that the pairs there are, or its own most, cannot reach, with the pins that keep too many out."""
    short = np.flatnonzero(limits.asked > limits.least)
    if not len(short):
        return ()
    limit = int(short[0])
    asked = int(limits.asked[limit])
    minimum = minimum_said(problem, limits, limit)
    if limits.most[limit] < asked:
        return (minimum,)
    drawing = np.flatnonzero(_draws(limits, limit)[limits.cell_of_pair])
    out = problem.find_pairs(problem.pin_person, problem.pin_class)
    pins = np.flatnonzero(~problem.pin_chosen & np.isin(out, drawing))
    needed = len(drawing) - asked + 1
    return (minimum, *(pin_said(problem, pin) for pin in pins[: max(0, needed)].tolist()))


def _draws(limits: Limits, limit: int) -> Flags:
    """[C] the cells that draw on a limit."""
    cell = np.repeat(np.arange(len(limits.seats_from)), limits.away_to - limits.seats_from)
    draws = np.zeros(len(limits.seats_from), np.bool_)
    draws[cell[limits.drawn == limit]] = True
    return draws


def minimum_said(problem: CallupProblem, limits: Limits, limit: int) -> dict[str, Any]:
    """A minimum by its rule, its keys and how many it asks for."""
    rule = Rule.CLASS_SHORT if limits.kind[limit] == CLASS else Rule.QUOTA_SHORT
    return limit_said(problem, limits, limit) | {"rule": str(rule), "least": int(limits.asked[limit])}


def minimum_conflict(problem: CallupProblem, limits: Limits, proof: Proof) -> Conflict:
    """Takes minimums and pins away one by one as long as the rest still cannot hold (deletion filter; Chinneck, Dravnieks 1991)."""
    asked = np.flatnonzero(limits.asked > 0).astype(np.int32)
    minimums = _shrunk(asked, lambda kept: proof(_with_minimums(problem, limits, kept)))
    bare = _with_minimums(problem, limits, minimums)
    pins = _shrunk(np.arange(len(problem.pin_chosen), dtype=np.int32), lambda kept: proof(_with_pins(bare, kept)))
    return (
        *(minimum_said(problem, limits, limit) for limit in minimums.tolist()),
        *(pin_said(problem, pin) for pin in pins.tolist()),
    )


def _shrunk(items: Ints, still: Callable[[Ints], bool]) -> Ints:
    """A minimal part of ``items`` for which ``still`` holds, as it does for all: halves are tried before single items."""
    size = len(items)
    while size:
        size = (size + 1) // 2 if size > 1 else 0
        start = 0
        while size and start < len(items):
            rest = np.delete(items, np.s_[start : start + size])
            if still(rest):
                items = rest
            else:
                start += size
    return items


def _with_minimums(problem: CallupProblem, limits: Limits, kept: Ints) -> CallupProblem:
    class_asks = np.zeros(problem.classes, np.bool_)
    class_asks[limits.class_[kept[limits.kind[kept] == CLASS]]] = True
    quotas = kept[limits.kind[kept] != CLASS]
    joint = problem.quota_unit.astype(np.int64) * problem.classes + problem.quota_class
    quota_asks = np.isin(joint, limits.unit[quotas].astype(np.int64) * problem.classes + limits.class_[quotas])
    none = np.int64(0)
    return dataclasses.replace(
        problem,
        seats_min=np.where(class_asks, problem.seats_min, none),
        quota_min=np.where(quota_asks, problem.quota_min, none),
    )


def _with_pins(problem: CallupProblem, kept: Ints) -> CallupProblem:
    chosen: Longs = kept.astype(np.int64)
    return dataclasses.replace(
        problem,
        pin_person=problem.pin_person[chosen],
        pin_class=problem.pin_class[chosen],
        pin_chosen=problem.pin_chosen[chosen],
    )
