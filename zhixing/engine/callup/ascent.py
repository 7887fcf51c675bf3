"""The search for prices: many iterations over the pairs that matter, a proof over all pairs now and then."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from zhixing.engine.callup.model import Model
from zhixing.engine.callup.near import near_of
from zhixing.engine.callup.prices import (
    Book,
    choose,
    count_uses,
    gather,
    mark_close,
    move_prices,
    open_book,
    pin_bonus,
    price_cells,
    seats_worth,
)
from zhixing.engine.callup.problem import Floats, Longs

BLOCKS_MOST = 8
PAIRS_OF_BLOCK = 16_000
"""Persons are worked through in blocks whose number depends on the problem, not on the threads, so that sums come out the same."""
STRETCHES_MOST = 4
THINGS_OF_STRETCH = 100_000
"""Cells and limits are gone through in stretches: each on its own, so that how many there are changes nothing."""
PERIOD = 25
"""Iterations between two proofs; only pairs that came close at the last proof take part in them."""
ROUNDING = 1e-12
"""What adding up a million numbers may lose, relative to them: added to the bound."""
CLOSE = 0.05
"""A pair is close when its prices exceed its value by less than this, in units of the mean value, and half the way of a period's steps."""
SAMPLE = 2_000_000
"""The first prices are told by no more than about this many pairs."""
EVERYONE = 0.9
"""Leaving out fewer than the rest of this share of the pairs would cost more time and memory than it saves."""
FIRST_STEP = 0.5
"""The first step of a price, in units of the mean value of a pair, or of the price where that is larger."""
STEP_DECAY = 0.1
"""Steps shrink as 1 / ((1 + STEP_DECAY · k) √k): together they reach 5 mean values far, leaps go further, the late ones settle the decimals."""
MEMORY = (0.8, 0.98)
"""How much of the running means of the subgradients, and of their squares, is kept from one iteration to the next."""
ANCHOR = 0.2
"""How much the last period weighs in the mean prices from which a leap takes its direction."""


@dataclass
class Ascent:
    """The prices found so far. ``bound`` is proven: it holds for the prices in ``best``, over all pairs of the model."""

    model: Model
    constant: float  # added to every bound: the shortage that nothing can mend
    pool: ThreadPoolExecutor
    book: Book = field(init=False)
    bound: float = np.inf
    latest: float = np.inf  # the bound that the last proof gave, which may be above the best one
    best: Floats = field(init=False)  # [R]
    anchor: Floats = field(init=False)  # [R] the mean prices of the last periods, the latest weighing most
    close: Longs = field(init=False)  # the pairs that came close at the last proof
    iteration: int = 0
    weight: float = 0.0  # of all iterations together; later ones weigh more

    def __post_init__(self) -> None:
        self.scale = float(self.model.value.mean() if len(self.model.value) else 0.0) or 1.0
        self.book = open_book(self.model)
        self.best = self.book.prices.copy()
        self.anchor = self.book.prices.copy()
        self.close = np.arange(len(self.model.value))
        self.bonuses = pin_bonus(self.model) * int(self.model.pinned.sum())

    def begin(self) -> None:
        """Starts where each class run's seats cost what parts those who would get them by value alone from the next, or half that, if it bounds better than 0.

        From 0, prices far above the mean value (fifty seats, a million people) would lie beyond all steps."""
        parting = self._parting()
        self._bound_anew()
        for part in (0.5, 1.0):
            self.book.prices[:] = part * parting
            self._bound_anew()
        self.book.prices[:] = self.best
        self.anchor[:] = self.best

    def _parting(self) -> Floats:
        """[R] for the seats of each class the middle between the last value they would go to and the first they would not; 0 where all find room.

        Of millions of pairs a sample tells it well enough for a start."""
        model = self.model
        share = 1 + len(model.value) // SAMPLE
        most = model.most // share
        pairs = np.flatnonzero(model.open[::share]) * share
        first = model.seats_from[model.cell[pairs]]
        drawing = model.away_from[model.cell[pairs]] > first
        pairs, limit = pairs[drawing], model.drawn[first[drawing]]
        ends = np.cumsum(np.bincount(limit, minlength=len(model.most)))
        start = np.append(0, ends)[:-1]
        values = np.zeros(len(pairs))
        gather(limit, -model.value[pairs], start.copy(), values)
        parting = np.zeros(len(model.most))
        for one in np.flatnonzero(start + most < ends).tolist():
            edge = (max(int(most[one]) - 1, 0), int(most[one]))
            parting[one] = -np.partition(values[start[one] : ends[one]], edge)[list(edge)].mean()
        return parting

    def period(self) -> None:
        """One proof over all pairs, then ``PERIOD`` iterations and a leap over those that came close."""
        self.prove()
        if not len(self.model.most):
            return
        walk = self._walk_near()
        book = walk.book
        total = np.zeros(len(book.prices))
        for _ in range(PERIOD):
            self.iteration += 1
            weight = float(self.iteration**3)
            self.weight += weight
            walk.look(weight)
            walk.move(self._step(), self.scale, 1.0 - MEMORY[1] ** self.iteration)
            total += book.prices
        if book is not self.book:
            self.book.share[self.close] = book.share
        self._leap(walk, total / PERIOD)

    def _walk_near(self) -> _Walk:
        """A walk over the pairs that came close; of a nation no second copy is made while that is nearly everyone."""
        if len(self.close) > EVERYONE * len(self.model.value):
            return _Walk(self.model, self.book, self.pool, np.arange(len(self.model.most)))
        near, moving = near_of(self.model, self.close, self.book.prices)
        share = self.book.share[self.close]
        book = self.book._replace(
            cell_price=np.zeros(len(near.seats_from)),
            worth=self.book.worth[self.close],
            chosen=np.zeros(len(share), np.int32),
            share=share,
        )
        return _Walk(near, book, self.pool, moving)

    def _leap(self, walk: _Walk, middle: Floats) -> None:
        """Moves the prices to the middle of the period, and on along the way from the periods before as long as the bound falls.

        Groups of prices can drift together, for a few seats too many among hundreds: too slowly for steps that settle each limit on its own."""
        way = middle - self.anchor
        self.anchor += ANCHOR * way
        prices = walk.book.prices
        lowest, kept, reach = walk.bound(), prices.copy(), 0.0
        while True:
            np.maximum(walk.book.floor, middle + reach * way, out=prices)
            bound = walk.bound()
            if bound < lowest:
                lowest, kept[:] = bound, prices
            elif reach:
                break
            reach = 2.0 * reach or 1.0
        prices[:] = kept

    def prove(self) -> None:
        """Bounds every selection by the present prices and marks the pairs that come close under them."""
        self._bound_anew()
        near = np.zeros(len(self.model.value), np.bool_)
        mark_close(self.model, self.book, CLOSE * self.scale, PERIOD / 2 * self._step(), self.scale, near)
        self.close = np.flatnonzero(near)

    def _bound_anew(self) -> None:
        """Bounds every selection by the present prices; keeps the prices when the bound is the lowest so far."""
        self.latest = _Walk(self.model, self.book, self.pool).bound() - self.bonuses + self.constant
        if self.latest < self.bound:
            self.bound = self.latest
            self.best[:] = self.book.prices

    def shares(self) -> Floats:
        """[E] the share of the iterations, the late ones weighing more, in which each pair was chosen: close to an optimum of the relaxed problem."""
        shares: Floats = self.book.share / max(1.0, self.weight)
        return shares

    def margins(self) -> Floats:
        """[E] the value of each pair less its prices; -inf when pinned out, far above zero when pinned in."""
        margins: Floats = self.book.worth - self.book.cell_price[self.model.cell]
        return margins

    def settle(self) -> None:
        """Goes back to the best prices, after a last proof of the present ones."""
        self.prove()
        self.book.prices[:] = self.best
        price_cells(self.model, self.book, 0, len(self.book.cell_price))

    def _step(self) -> float:
        k = self.iteration
        return FIRST_STEP / ((1.0 + STEP_DECAY * k) * math.sqrt(k + 1))


STILL: Longs = np.zeros(0, np.int64)


class _Walk:
    """Walks over the persons of a model in blocks, on the threads of the pool. ``moving``: the limits whose prices ``move`` moves."""

    def __init__(self, model: Model, book: Book, pool: ThreadPoolExecutor, moving: Longs = STILL) -> None:
        self.model, self.book, self.pool = model, book, pool
        self.moving = moving
        count = min(BLOCKS_MOST, 1 + len(model.value) // PAIRS_OF_BLOCK)
        pairs = np.linspace(0, len(model.value), count + 1).astype(np.int64)
        edges = np.searchsorted(model.first_pair, pairs)
        edges[0], edges[-1] = 0, len(model.unit)
        self.blocks = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
        longest = max(1, int(np.diff(model.first_pair).max(initial=0)))
        table = (model.callups_max, longest)
        self.scratch = [(np.zeros(longest, np.int32), np.zeros(table), np.zeros(table, np.int32)) for _ in self.blocks]

    def look(self, weight: float) -> float:
        """Lets every person choose, counts the uses of the limits and returns the persons' part of the bound."""
        _in_stretches(
            self.pool, len(self.book.cell_price), lambda first, last: price_cells(self.model, self.book, first, last)
        )
        numbers = range(len(self.blocks))
        found = list(self.pool.map(self._choose, numbers) if len(numbers) > 1 else map(self._choose, numbers))
        self.book.used[:] = 0
        for (first, _), (count, _) in zip(self.blocks, found, strict=True):
            count_uses(self.model, self.book, self.model.first_pair[first], count, weight)
        return sum(total for _, total in found)

    def bound(self) -> float:
        """What no selection passes under the present prices, with the bonuses of pins."""
        net = self.look(weight=0.0)
        seats = seats_worth(self.model, self.book)
        return net + seats + ROUNDING * (net + abs(seats))

    def move(self, step: float, unit: float, ripe: float) -> None:
        """One step of the moving prices from the uses of their limits."""
        moved = (self.model, self.book, step, unit, MEMORY, ripe)
        _in_stretches(self.pool, len(self.moving), lambda first, last: move_prices(*moved, self.moving[first:last]))

    def _choose(self, block: int) -> tuple[int, float]:
        options, score, back = self.scratch[block]
        return choose(self.model, self.book, *self.blocks[block], options, score, back)


def _in_stretches(pool: ThreadPoolExecutor, size: int, work: Callable[[int, int], None]) -> None:
    """Does the work on ``size`` things in stretches (first, last) side by side; few things at once."""
    stretches = min(STRETCHES_MOST, 1 + size // THINGS_OF_STRETCH)
    edges = [size * k // stretches for k in range(stretches + 1)]
    if stretches == 1:
        work(0, size)
    else:
        list(pool.map(work, edges[:-1], edges[1:]))
