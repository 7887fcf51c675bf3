"""What a repair changed: for each person whose call-ups are not what they were, what was lost, what is new, and why."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from zhixing.engine.callup.changes import Cause, Change
from zhixing.engine.callup.conflicts import limit_said
from zhixing.engine.callup.earlier import Earlier
from zhixing.engine.callup.limits import Limits
from zhixing.engine.callup.model import Model
from zhixing.engine.callup.problem import CallupProblem, Flags, Longs
from zhixing.engine.callup.rules import Rule

SHOWN = 5
"""People named whose seats came free."""

Key = int | str
Item = dict[str, Any]


def difference_of(
    problem: CallupProblem, model: Model, limits: Limits, earlier: Earlier, overfull: Flags, selected: Longs
) -> tuple[Item, ...]:
    """One item a person, in the order of the keys: ``person``, ``change`` (``Change``), ``lost`` and ``new``: [{class, code, …}].

    A lost call-up has the rules that it and others broke together (``overfull`` [R]): the first as ``code`` with what it is about, more as ``also``;
    or a ``Cause``. A new one has a ``Cause``; ``in_place_of`` names who had the seats that came free: [{person, class}]."""
    places = earlier.places(problem)
    chosen, held = np.zeros(problem.pairs, np.bool_), np.zeros(problem.pairs, np.bool_)
    chosen[selected] = True
    held[places[places >= 0]] = True
    gone = np.flatnonzero(~np.append(chosen, False)[places])
    came = np.flatnonzero(chosen & ~held)
    told = _Told(problem, model, limits, earlier, overfull, places, held | model.pinned)
    lost: defaultdict[Key, list[Item]] = defaultdict(list)
    for row in gone.tolist():
        lost[told.keys(row)[0]].append(told.lost(row))
    new: defaultdict[Key, list[Item]] = defaultdict(list)
    for pair in came.tolist():
        person = told.person(pair)
        new[person].append(told.new(pair, gone, [item["class"] for item in lost.get(person, ())]))
    keeps = set(problem.person_keys.take(model.person[np.flatnonzero(chosen & held)]).to_pylist())
    return tuple(
        {
            "person": person,
            "change": str(_change(person in keeps, bool(lost.get(person)), bool(new.get(person)))),
            "lost": lost.get(person, []),
            "new": new.get(person, []),
        }
        for person in sorted({*lost, *new}, key=lambda key: (str(type(key)), key))
    )


def _change(keeps: bool, lost: bool, new: bool) -> Change:
    if lost:
        return Change.MOVED if new else Change.FEWER if keeps else Change.LEFT
    return Change.MORE if keeps else Change.CAME


class _Told:
    """Says why, by keys. ``base`` [E]: the old call-ups and the pins together."""

    def __init__(
        self,
        problem: CallupProblem,
        model: Model,
        limits: Limits,
        earlier: Earlier,
        overfull: Flags,
        places: Longs,
        base: Flags,
    ) -> None:
        self.problem, self.model, self.limits, self.earlier = problem, model, limits, earlier
        self.overfull, self.places, self.base = overfull, places, base

    def keys(self, row: int) -> tuple[Key, Key]:
        """The person and the class of an earlier call-up."""
        return self.earlier.person_keys[row].as_py(), self.earlier.class_keys[row].as_py()

    def person(self, pair: int) -> Key:
        key: Key = self.problem.person_keys[int(self.model.person[pair])].as_py()
        return key

    def class_(self, pair: int) -> Key:
        key: Key = self.problem.class_keys[int(self.model.class_[pair])].as_py()
        return key

    def lost(self, row: int) -> Item:
        pair = int(self.places[row])
        said: Item = {"class": self.keys(row)[1]}
        if pair < 0:
            return said | {"code": str(Cause.NOT_ELIGIBLE)}
        if not self.model.open[pair]:
            return said | {"code": str(Cause.PINNED_OUT)}
        rules = [*self._own(pair), *(self._limit(limit) for limit in self._drawn(pair) if self.overfull[limit])]
        if not rules:
            return said | {"code": str(Cause.EXCHANGED)}
        also = {"also": rules[1:]} if rules[1:] else {}
        return said | rules[0] | also

    def _own(self, pair: int) -> list[Item]:
        """The rules that a person's own call-ups break together."""
        person = int(self.model.person[pair])
        pairs = np.arange(self.model.first_pair[person], self.model.first_pair[person + 1])
        pairs = pairs[self.base[pairs]]
        first, last = self.model.first_day[self.model.class_], self.model.last_day[self.model.class_]
        meets = pairs[(pairs != pair) & (first[pairs] <= last[pair]) & (first[pair] <= last[pairs])]
        found: list[Item] = [{"code": str(Rule.SHARED_DAY), "with": self.class_(other)} for other in meets.tolist()]
        if len(pairs) > self.model.callups_max:
            found.append({"code": str(Rule.CALLUPS_MAX), "most": self.problem.settings.callups_max})
        return found

    def _limit(self, limit: int) -> Item:
        said = limit_said(self.problem, self.limits, limit)
        of_class = {"of_class": said.pop("class")} if "class" in said else {}
        return {"code": said.pop("rule")} | of_class | said

    def _drawn(self, pair: int) -> list[int]:
        cell = self.model.cell[pair]
        drawn: list[int] = self.model.drawn[self.model.seats_from[cell] : self.model.away_to[cell]].tolist()
        return drawn

    def new(self, pair: int, gone: Longs, lost: list[Key]) -> Item:
        """``gone``: the rows of all lost call-ups; ``lost``: the classes that the same person lost."""
        said: Item = {"class": self.class_(pair)}
        if self.model.pinned[pair]:
            return said | {"code": str(Cause.PINNED_IN)}
        if lost:
            return said | {"code": str(Cause.INSTEAD), "of": lost}
        freed = self._freed(pair, gone)
        if not freed:
            return said | {"code": str(Cause.ROOM)}
        named = [dict(zip(("person", "class"), self.keys(row), strict=True)) for row in freed[:SHOWN]]
        return said | {"code": str(Cause.SEAT_FREED), "in_place_of": named}

    def _freed(self, pair: int, gone: Longs) -> list[int]:
        """The lost call-ups of the same class; where there are none, those that drew on a limit of the pair."""
        rows: list[int] = gone.tolist()
        same = [row for row in rows if self.keys(row)[1] == self.class_(pair)]
        drawn = set(self._drawn(pair))
        return same or [
            row for row in rows if self.places[row] >= 0 and not drawn.isdisjoint(self._drawn(int(self.places[row])))
        ]
