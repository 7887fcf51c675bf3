"""Why hard minimums cannot be met: a minimal set of minimums and pins that exclude each other under the limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from zhixing.engine.callup.conflicts import Conflict, limit_said, pin_said
from zhixing.engine.callup.limits import Limits
from zhixing.engine.callup.problem import CallupProblem, Longs
from zhixing.engine.callup.rules import CLASS, Rule

Proof = Callable[[CallupProblem], bool]
"""Proves that a problem with hard minimums has no selection that meets them all; False when it could not."""


def minimum_said(problem: CallupProblem, limits: Limits, limit: int) -> dict[str, Any]:
    """A minimum by its rule, its keys and how many it asks for."""
    rule = Rule.CLASS_SHORT if limits.kind[limit] == CLASS else Rule.QUOTA_SHORT
    return limit_said(problem, limits, limit) | {"rule": str(rule), "least": int(limits.asked[limit])}


class Shortage(NamedTuple):
    """Minimums (among the limits of the problem) that cannot all be met, and the pins without which they could."""

    minimums: Longs
    pins: Longs

    def said(self, problem: CallupProblem, limits: Limits) -> Conflict:
        return (
            *(minimum_said(problem, limits, limit) for limit in self.minimums.tolist()),
            *(pin_said(problem, pin) for pin in self.pins.tolist()),
        )


def shortage_of(problem: CallupProblem, limits: Limits, proof: Proof) -> Shortage:
    """Takes minimums and pins away one by one as long as the rest still cannot hold (deletion filter; Chinneck, Dravnieks 1991).

    A minimum that nothing can reach on its own is told alone, with the pins that keep too many out."""
    minimums = np.flatnonzero(limits.asked > limits.least)[:1]
    if not len(minimums):
        asked = np.flatnonzero(limits.asked > 0)
        minimums = _shrunk(asked, lambda kept: proof(with_minimums(problem, limits, kept)))
    bare = with_minimums(problem, limits, minimums)
    return Shortage(minimums, _shrunk(np.arange(len(problem.pin_chosen)), lambda kept: proof(bare.with_pins(kept))))


def _shrunk(items: Longs, still: Callable[[Longs], bool]) -> Longs:
    """A minimal part of ``items`` for which ``still`` holds, as it does for all: whole, halves, quarters … and at last single items are left out."""
    size = len(items)
    while size:
        start = 0
        while start < len(items):
            rest = np.delete(items, np.s_[start : start + size])
            if still(rest):
                items = rest
            else:
                start += size
        size = (size + 1) // 2 if size > 1 else 0
    return items


def with_minimums(problem: CallupProblem, limits: Limits, kept: Longs) -> CallupProblem:
    """The problem with only some minimums, and of its pairs only those that are pinned or count for one of these."""
    asks = np.zeros(len(limits.kind), np.bool_)
    asks[kept] = True
    of_class, of_quota = kept[limits.kind[kept] == CLASS], kept[limits.kind[kept] != CLASS]
    quotas = problem.quota_unit.astype(np.int64) * problem.classes + problem.quota_class
    kept_quotas = limits.unit[of_quota].astype(np.int64) * problem.classes + limits.class_[of_quota]
    none = np.int64(0)
    pinned = problem.find_pairs(problem.pin_person, problem.pin_class)
    counts = limits.cells_drawing(asks)[limits.cell_of_pair]
    counts[pinned[pinned >= 0]] = True
    return dataclasses.replace(
        problem,
        seats_min=np.where(np.isin(np.arange(problem.classes), limits.class_[of_class]), problem.seats_min, none),
        quota_min=np.where(np.isin(quotas, kept_quotas), problem.quota_min, none),
        pair_person=problem.pair_person[counts],
        pair_class=problem.pair_class[counts],
        value=problem.value[counts],
    )
