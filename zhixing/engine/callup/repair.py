"""Repair (名单调整): the list after a change, in which as few people as possible lose a call-up that they had.

First the number of people displaced is made the least: nobody loses a call-up that the changed problem still knows as eligible, unless rules and
pins leave no other list. Then, among all lists that displace so few, the objective of formats.md §3 is made the highest: seats that came free
are filled, those displaced are called elsewhere. Both steps are exact, and both look at a neighbourhood alone:

- Whoever draws on no limit that the old call-ups and the pins together overfill, and whose own call-ups go together, keeps them: taking those
  call-ups away could mend nothing, so a list that did would displace one more than needed.
- Of all other pairs only those can enter that fit, each on its own, beside those who keep theirs.

The bound is over all lists, also those that displace more people: the earlier prices, moved on a little, prove it."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhixing.engine.callup.ascent import Ascent
from zhixing.engine.callup.conflicts import pin_clashes
from zhixing.engine.callup.difference import difference_of
from zhixing.engine.callup.earlier import Earlier
from zhixing.engine.callup.lots import lots_of
from zhixing.engine.callup.model import Model, model_of
from zhixing.engine.callup.pieces import Piece, Way, chosen_pairs, draws_of, value_of, ways_of, whole
from zhixing.engine.callup.problem import CallupProblem, Floats
from zhixing.engine.callup.result import CallupResult
from zhixing.engine.callup.selection import Selection, add_all, drop, empty_selection, fill, fill_left, mark_entering
from zhixing.engine.callup.solver import TIE, judged, maximise, objective_of, solve

PIECE_WAYS = 8000
"""People who could come are looked at together up to this many ways, and in turn beyond."""
BOUND_WAYS = 1500
"""A problem of so many ways is solved whole for its bound."""
NODES = 20_000
PERIODS = 2
"""Periods of the search for prices after a change."""
RIPE = 400
"""… as late in that search as if it had run for so many iterations: the prices move little."""
KEEP = 4.0
"""An earlier call-up counts this many times what a pair can be worth where the whole problem is searched for the sake of hard minimums."""
ALMOST = 1.0 - 1e-3
"""People are whole: a bound less than one above a number proves it."""
ALONE = 0.5
"""The share of the seconds that finding the least number of displaced people may take."""


@dataclass(frozen=True, eq=False)
class Repair:
    """``result`` as ``solver.solve`` gives it. ``displaced`` persons lost a call-up for which they are still eligible; ``fewest``: it is proven that no
    list displaces fewer. ``difference``: one item for each person whose call-ups are not what they were (see ``difference.difference_of``)."""

    result: CallupResult
    kept: int  # call-ups of the earlier list
    displaced: int
    fewest: bool
    difference: tuple[dict[str, Any], ...]

    def summary(self) -> dict[str, Any]:
        """``difference.json``."""
        kinds = [item["change"] for item in self.difference]
        return {
            "kept": self.kept,
            "displaced": self.displaced,
            "fewest": self.fewest,
            "people": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
            "changes": list(self.difference),
        }


def repair(
    problem: CallupProblem,
    earlier: Earlier,
    *,
    seconds: float = 60.0,
    workers: int = 2,
    change_cost: float | None = None,
) -> Repair:
    """The list of a changed problem that leaves as many people as possible where an earlier list had them.

    ``change_cost``: give up an earlier call-up also where that gains more than this, in the unit of values; the whole problem is searched
    then, and fewest is not claimed. The same is done where hard minimums cannot be met without displacing more people."""
    start = time.perf_counter()
    if pin_clashes(problem):
        return Repair(solve(problem, seconds=seconds, seed=earlier.seed, workers=workers), 0, 0, False, ())
    with ThreadPoolExecutor(workers) as pool:
        search = _Repair(problem, earlier, pool, start, seconds)
        fewest = search.run() if change_cost is None else False
        if change_cost is not None or (problem.settings.hard_minimums and search.short()):
            fewest = False
            given_up = search.search_all(change_cost, workers)
            if given_up is not None:
                return Repair(given_up, 0, 0, False, ())
        return search.finish(fewest)


class _Repair:
    """One repair. ``held``: earlier call-ups that may still be; ``s``: the selection."""

    def __init__(
        self, problem: CallupProblem, earlier: Earlier, pool: ThreadPoolExecutor, start: float, seconds: float
    ) -> None:
        self.problem, self.earlier, self.start, self.seconds = problem, earlier, start, seconds
        self.model, self.limits = model_of(problem)
        places = earlier.places(problem)
        held = np.zeros(problem.pairs, np.bool_)
        held[places[places >= 0]] = True
        self.held = held & self.model.open
        self.lots = lots_of(problem, earlier.seed)
        self.ascent = Ascent(self.model, -self.model.short_cost * self.limits.hopeless, pool)
        self.s = empty_selection(self.model)
        self.overfull = np.zeros(len(self.model.most), np.bool_)
        self.unsettled: list[int] = []
        self.displaced_most = 0

    def left(self) -> float:
        return max(0.1, self.seconds - (time.perf_counter() - self.start))

    def run(self) -> bool:
        """Both steps; is the number of displaced people proven to be the least?"""
        self._keep()
        fewest = self._displace()
        self._enter()
        return fewest

    def short(self) -> int:
        return objective_of(self.model, self.limits, self.s)[1]

    def _keep(self) -> None:
        """Gives back their call-ups to all who keep them for sure; leaves ``unsettled`` whoever may have to be displaced."""
        model = self.model
        base = np.flatnonzero(self.held | model.pinned)
        person = model.person[base]
        clash = np.bincount(person, minlength=len(model.unit)) > model.callups_max
        together = (person[1:] == person[:-1]) & (
            model.first_day[model.class_[base[1:]]] <= model.last_day[model.class_[base[:-1]]]
        )
        clash[person[1:][together]] = True
        add_all(model, self.s, base[~clash[person]])
        wanted = self.s.used.copy()
        for who in np.unique(person[clash[person]]).tolist():
            np.add.at(wanted, draws_of(model, tuple(base[person == who].tolist())), 1)
        self.overfull = wanted > model.most
        unsettled = clash.copy()
        unsettled[person[self.limits.cells_drawing(self.overfull)[model.cell[base]]]] = True
        self.unsettled = np.flatnonzero(unsettled).tolist()
        for pair in chosen_pairs(self.s, np.array(self.unsettled, np.int32)):
            drop(model, self.s, pair)

    def _displace(self) -> bool:
        """Displaces as few of the unsettled as possible; False when it could not be proven in time that no fewer would do."""
        if not self.unsettled:
            return True
        kept_only = self.model._replace(open=self.held | self.model.pinned, short_cost=0.0)
        piece = self._piece(kept_only, {who: ways_of(kept_only, who) for who in self.unsettled})
        worth = 1.0 - self._displacing(piece)
        bounded, room = self._bounded(kept_only, len(piece.persons))
        taken, bound = maximise(bounded, room, piece, worth, 0.0, ALONE * self.left(), NODES)
        if not len(taken):
            self._keep_in_turn()
            return False
        add_all(self.model, self.s, np.array([pair for way in taken for pair in piece.ways[way]], np.int64))
        best = round(float(worth[taken].sum()))
        self.displaced_most = len(piece.persons) - best
        return bound < best + ALMOST

    def _keep_in_turn(self) -> None:
        """Without a search: the pins of the unsettled, then their call-ups one by one as long as they fit."""
        unsettled = np.isin(self.model.person, self.unsettled)
        add_all(self.model, self.s, np.flatnonzero(unsettled & self.model.pinned))
        kept = np.flatnonzero(unsettled & self.held)
        fill(self.model.without_costs(), self.s, kept[np.lexsort((self.lots[kept], -self.model.value[kept]))])
        lost = self.held & ~self.s.chosen
        self.displaced_most = len(np.unique(self.model.person[lost]))

    def _bounded(self, model: Model, displaced: int) -> tuple[Model, Selection]:
        """A model that lets so many people be displaced, with the selection so far."""
        bounded = model._replace(most=np.append(model.most, displaced), least=np.append(model.least, 0))
        return bounded, self.s._replace(used=np.append(self.s.used, 0))

    def _enter(self) -> None:
        """Lets in, for the highest objective, whom the limits have room for; the unsettled among them, while no more are displaced."""
        model, held = self.model, self.held
        free = np.zeros(len(model.unit), np.bool_)
        free[self.unsettled] = True
        first = chosen_pairs(self.s, np.array(self.unsettled, np.int32))
        for pair in first:
            drop(model, self.s, pair)
        fits = held | model.pinned
        mark_entering(model.without_spread(), self.s, fits)
        add_all(model, self.s, np.array(first, np.int64))
        able = model._replace(open=fits, pinned=model.pinned | (held & ~free[model.person]))
        new = np.flatnonzero(fits & ~held & ~free[model.person])
        new = new[np.lexsort((self.lots[new], -model.value[new], model.class_[new]))]
        for ways in self._cut(able, dict.fromkeys(model.person[new].tolist())):
            self._solve(able, self._piece(able, ways))
        fill_left(model, self.s, model.value, self.lots)

    def _cut(self, able: Model, coming: Iterable[int]) -> Iterator[dict[int, list[Way]]]:
        """The ways of all who are unsettled, with those of the others until there are many; then the others in turn."""
        ways = {who: ways_of(able, who) or self._ways_kept(who) for who in self.unsettled}
        total = sum(map(len, ways.values()))
        for who in coming:
            found = ways_of(able, who)
            if found:
                ways[who] = found
                total += len(found)
            if total >= PIECE_WAYS:
                yield ways
                ways, total = {}, 0
        if ways:
            yield ways

    def _ways_kept(self, who: int) -> list[Way]:
        """What is left to a person whose ways are too many to list: parts of the earlier call-ups."""
        return ways_of(self.model._replace(open=self.held | self.model.pinned), who)

    def _piece(self, model: Model, ways: dict[int, list[Way]]) -> Piece:
        """Like ``pieces.piece_of``, with going nowhere as a way of its own, and one more limit: ways that displace their person draw on it."""
        change = len(model.most)
        listed: list[Way] = []
        owner: list[int] = []
        drawn: list[list[int]] = []
        for place, (who, found) in enumerate(ways.items()):
            first, last = model.first_pair[who], model.first_pair[who + 1]
            pinned = bool(model.pinned[first:last].any())
            kept = set(np.flatnonzero(self.held[first:last]) + first)
            for way in found if pinned else [*found, ()]:
                listed.append(way)
                owner.append(place)
                drawn.append(draws_of(model, way) + ([] if kept.issubset(way) else [change]))
        return Piece(
            persons=np.array(list(ways), np.int32),
            must_go=np.ones(len(ways), np.bool_),
            ways=listed,
            owner=np.array(owner, np.int32),
            value=np.array([value_of(model, way) for way in listed]),
            draw_from=np.cumsum([0, *map(len, drawn)]).astype(np.int64),
            draws=np.array([limit for limits in drawn for limit in limits], np.int32),
        )

    def _displacing(self, piece: Piece) -> Floats:
        """[M] 1 for each way that displaces its person, else 0."""
        marked = np.zeros(len(piece.ways))
        last = piece.draw_from[1:] - 1
        some = last >= piece.draw_from[:-1]
        marked[some] = piece.draws[last[some]] == len(self.model.most)
        return marked

    def _solve(self, able: Model, piece: Piece) -> None:
        """Takes the best ways of a piece; where the search finds none in time, keeps the call-ups as they are."""
        held = chosen_pairs(self.s, piece.persons)
        for pair in held:
            drop(self.model, self.s, pair)
        bounded, room = self._bounded(able, self.displaced_most)
        luck = np.array([1.0 - self.lots[way[0]] / 2.0**64 if way else 0.0 for way in piece.ways])
        taken, _ = maximise(bounded, room, piece, piece.value * (1.0 + TIE * luck), 0.0, self.left(), NODES)
        found = [pair for way in taken for pair in piece.ways[way]] if len(taken) else held
        add_all(self.model, self.s, np.array(found, np.int64))

    def search_all(self, change_cost: float | None, workers: int) -> CallupResult | None:
        """Searches the whole problem with a bonus for each earlier call-up. Returns the result when it has no list."""
        most = float(self.model.value.max(initial=1.0)) + self.model.cost_most()
        bonus = KEEP * most if change_cost is None else change_cost
        dearer = dataclasses.replace(self.problem, value=self.model.value + bonus * self.held)
        found = solve(dearer, seconds=self.left(), seed=self.earlier.seed, workers=workers)
        if found.objective is None:
            return found
        self.s = empty_selection(self.model)
        add_all(self.model, self.s, found.selected)
        return None

    def finish(self, fewest: bool) -> Repair:
        """Counts anew, proves a bound and tells the difference."""
        objective = objective_of(self.model, self.limits, self.s)[0]
        bound = max(self._bound(), objective)
        selected = np.flatnonzero(self.s.chosen)
        status = judged(objective, bound, float(self.model.value[selected].sum()))
        spent = time.perf_counter() - self.start
        result = CallupResult(status, objective, bound, spent, self.earlier.seed, selected, self.ascent.best)
        lost = self.held & ~self.s.chosen
        return Repair(
            result=result,
            kept=int((self.held & self.s.chosen).sum()),
            displaced=len(np.unique(self.model.person[lost])),
            fewest=fewest,
            difference=difference_of(self.problem, self.model, self.limits, self.earlier, self.overfull, selected),
        )

    def _bound(self) -> float:
        book = self.ascent.book
        np.maximum(book.floor, self.earlier.prices_for(self.problem, self.limits), out=book.prices)
        self.ascent.iteration = RIPE
        for _ in range(PERIODS):
            self.ascent.period()
        self.ascent.settle()
        return min(self.ascent.bound, self._bound_exactly())

    def _bound_exactly(self) -> float:
        """The bound of a small problem by solving it whole, so that a list that cannot be better is known as such."""
        piece = whole(self.model, BOUND_WAYS) if self.model.open.sum() <= BOUND_WAYS else None
        if piece is None:
            return math.inf
        nobody = empty_selection(self.model)
        bound = maximise(self.model, nobody, piece, piece.value, 0.0, self.left())[1]
        return bound + float(nobody.objective[0]) + self.ascent.constant
