"""A nation: authorities that share a few classes, each solved alone under common prices of the shared seats.

The seats of shared classes are all that ties the authorities together. Given a price for each, the nation falls apart into one problem for each
authority, whose pairs of shared classes are worth so much less; the bounds of the parts and what the shared seats are worth at their prices add up
to a proven bound for the nation (Dantzig, Wolfe 1960; Geoffrion 1974). ``Master`` moves the prices until the authorities together ask for the seats
there are; ``deal`` then gives each authority its seats, and each is solved on its own.

Only two short vectors pass between master and authority, so memory is that of the largest authority."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zhixing.engine.callup.ascent import Ascent
from zhixing.engine.callup.conflicts import pin_clashes
from zhixing.engine.callup.model import Model, model_of
from zhixing.engine.callup.problem import CallupProblem, Flags, Floats, Longs
from zhixing.engine.callup.rules import CLASS

PERIODS_FIRST, PERIODS_NEXT = 16, 10
"""Periods that an authority may take for its first answer, and for each of the next, which start from the prices of the last."""
PATIENCE = 3
STALL = 1e-5
"""The prices of one part are settled when this many periods together lower its bound by less than this, relative."""
WARM = 150
"""An ascent that starts from earlier prices steps as one that has made so many iterations: far enough for a changed price of a shared class."""
HALF_SEAT = 0.5
"""Uses are means over iterations: what is nearer than this to the seats there are fits them."""
INSIDE = 0.1
"""A price between two known ones keeps this share of their distance from both."""
REACH = 0.2
"""The first step of a price, in units of itself or of the mean value, for a use that is off by all the seats."""
ENOUGH = 2e-6
"""The search for shared prices ends when its next step can gain less than this, relative to the bound."""


class Outline(NamedTuple):
    """What the master must know of an authority, for each of S shared classes; ``worth``: its pairs' mean value."""

    pinned: Longs  # [S] people pinned in
    usable: Longs  # [S] pairs that may be chosen
    has: Flags  # [S] whether the class stands in its problem
    worth: float
    pins_clash: bool


class Answer(NamedTuple):
    """What an authority says to a question of the master."""

    bound: float
    uses: Floats  # [S] seats it would take
    own: Floats  # [S] the prices of its seats of the shared classes, on top of the common ones
    prices: Floats  # [R] of its own limits, to start from next time


def outline_of(problem: CallupProblem, places: Longs) -> Outline:
    """``places`` [S]: where the shared classes stand among the problem's; -1 where they do not."""
    pin = problem.find_pairs(problem.pin_person, problem.pin_class)
    known, chosen = pin >= 0, problem.pin_chosen
    usable = np.bincount(problem.pair_class, minlength=problem.classes + 1)
    usable -= np.bincount(problem.pin_class[known & ~chosen], minlength=problem.classes + 1)
    pinned = np.bincount(problem.pin_class[known & chosen], minlength=problem.classes + 1)
    worth = float(problem.value.mean()) if problem.pairs else 0.0
    return Outline(pinned[places], usable[places], places >= 0, worth, bool(pin_clashes(problem)))


def with_seats(problem: CallupProblem, places: Longs, least: Longs, most: Longs) -> CallupProblem:
    """The problem with its own seats [S] of the shared classes."""
    known = places >= 0
    fewest, seats = problem.seats_min.copy(), problem.seats_max.copy()
    fewest[places[known]], seats[places[known]] = least[known], most[known]
    return dataclasses.replace(problem, seats_min=fewest, seats_max=seats)


def answer(
    problem: CallupProblem,
    places: Longs,
    prices: Floats | None,
    pool: ThreadPoolExecutor,
    start: Floats | None = None,
    over: Callable[[], bool] = lambda: False,
) -> Answer:
    """Prices one authority. ``prices`` [S]: what the master asks for a seat of each shared class, which then has no minimum here, and seats for
    all; None: the authority has the seats that its problem says. ``start`` [R]: the prices of the last answer. ``over``: is the time used up?"""
    model, rows, constant = _part(problem, places)
    scale = float(model.value.mean()) if len(model.value) else 0.0
    if prices is not None:
        asked = np.zeros(problem.classes)
        asked[places[places >= 0]] = prices[places >= 0]
        least = model.least.copy()
        least[rows[rows >= 0]] = 0
        model = model._replace(value=model.value - asked[model.class_], least=least)
    ascent = Ascent(model, constant, pool)
    ascent.scale = scale or 1.0
    if start is None:
        ascent.begin()
    else:
        np.maximum(ascent.book.floor, start, out=ascent.book.prices)
        ascent.anchor[:] = ascent.book.prices
        ascent.iteration = WARM
    bounds: list[float] = []
    while (
        len(bounds) < (PERIODS_FIRST if start is None else PERIODS_NEXT)
        and not _settled(bounds)
        and not (bounds and over())
    ):
        ascent.period()
        bounds.append(ascent.bound)
    ascent.settle()
    uses: Floats = np.bincount(model.class_, ascent.shares(), minlength=problem.classes + 1)[places].astype(np.float64)
    own = np.append(ascent.best, 0.0)[rows]
    if prices is None:
        ascent.best[rows[rows >= 0]] = 0.0  # from now on the master asks for them
    return Answer(ascent.bound, uses, own, ascent.best)


def _settled(bounds: list[float]) -> bool:
    return len(bounds) > PATIENCE and bounds[-1 - PATIENCE] - bounds[-1] < STALL * abs(bounds[-1])


def _part(problem: CallupProblem, places: Longs) -> tuple[Model, Longs, float]:
    """The model of an authority, the limits [S] of its shared classes (-1: not its class), and the constant of its other classes and quotas.

    A shared class asks for one person at least, so that it has a limit whatever its seats are: every question meets the same limits."""
    known = places >= 0
    least, most = np.append(problem.seats_min, 0), np.append(problem.seats_max, 0)
    model, limits = model_of(with_seats(problem, places, np.maximum(1, least[places]), most[places]))
    of_class = np.full(problem.classes + 1, -1)
    classes = np.flatnonzero(limits.kind == CLASS)
    of_class[limits.class_[classes]] = classes
    rows = np.where(known, of_class[places], -1)
    shared = np.zeros(len(limits.kind), np.bool_)
    shared[rows[known]] = True
    hopeless = int((limits.asked - limits.least)[~shared].sum())
    own = model.least.copy()
    own[rows[known]] = np.minimum(own[rows[known]], least[places[known]])
    return model._replace(least=own), rows, -model.short_cost * hopeless


@dataclass
class Master:
    """The prices [S] of the seats of the shared classes. A seat under a minimum that can be reached may have a price down to −``short_cost``.

    Each price closes in on where its class is just full (or just reaches its minimum) between the nearest ones known to be too low and too high."""

    asked: Longs  # [S] the minimums
    most: Longs  # [S]
    usable: Longs  # [S] pairs of all authorities
    short_cost: float
    scale: float  # the mean value of a pair
    prices: Floats  # [S] asked for next
    least: Longs = field(init=False)  # [S] what can be reached of the minimums
    bound: float = np.inf  # proven, for the prices in ``best``
    best: Floats = field(init=False)
    uses: npt.NDArray[np.float64] = field(init=False)  # [A, S] the answers to ``best``
    done: bool = False

    def __post_init__(self) -> None:
        self.least = np.minimum(self.asked, np.minimum(self.most, self.usable))
        self.floor = np.where(self.least > 0, -self.short_cost, 0.0)
        self.begin(self.prices)
        self.uses = np.zeros((1, len(self.most)))
        self.low, self.high = np.full(len(self.most), -np.inf), np.full(len(self.most), np.inf)
        self.lack, self.spare = np.zeros(len(self.most)), np.zeros(len(self.most))
        self.strides = np.full(len(self.most), REACH)

    def begin(self, prices: Floats) -> None:
        self.prices = np.maximum(self.floor, prices)
        self.best = self.prices.copy()

    def take(self, answers: list[Answer]) -> float:
        """Judges the answers to ``prices``, moves these, and returns the bound that the answers prove."""
        seats = np.where(self.prices > 0.0, self.prices * self.most, self.prices * self.least)
        hopeless = int((self.asked - self.least).sum())
        bound = sum(each.bound for each in answers) + float(seats.sum()) - self.short_cost * hopeless
        uses = np.array([each.uses for each in answers])
        if bound < self.bound:
            self.bound, self.best, self.uses = bound, self.prices.copy(), uses
        excess = self._excess(uses.sum(axis=0))
        moved = self._moved(excess)
        # the bound is convex in the prices: no step lowers it by more than its subgradient promises
        self.done = float((np.abs(excess) * np.abs(moved - self.prices)).sum()) <= ENOUGH * abs(bound)
        self.prices = moved
        return bound

    def _excess(self, used: Floats) -> Floats:
        """[S] seats asked for beyond those that a class has at its price, below zero when fewer; 0 where they fit."""
        over, under = used - self.most, used - self.least
        excess = np.where(self.prices > 0.0, over, np.where(self.prices < 0.0, under, 0.0))
        zero = self.prices == 0.0
        excess[zero] = (np.maximum(0.0, over) + np.minimum(0.0, under))[zero]
        excess[np.abs(excess) <= HALF_SEAT] = 0.0
        excess[(self.prices <= self.floor) & (excess < 0.0)] = 0.0
        return excess

    def _moved(self, excess: Floats) -> Floats:
        """[S] the next prices. A known price that the newest answer contradicts is forgotten: the other classes have moved since."""
        prices, up, down = self.prices, excess > 0.0, excess < 0.0
        self.low[up], self.lack[up] = prices[up], excess[up]
        self.high[up & (self.high <= prices)] = np.inf
        self.high[down], self.spare[down] = prices[down], -excess[down]
        self.low[down & (self.low >= prices)] = -np.inf
        within = np.isfinite(self.low) & np.isfinite(self.high)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip(self.lack / (self.lack + self.spare), INSIDE, 1.0 - INSIDE)
            between = self.low + share * (self.high - self.low)
        step = self.strides * np.maximum(np.abs(prices), self.scale) * np.clip(excess / np.maximum(1, self.most), -1, 1)
        moved = np.where(within, between, prices + step)
        self.strides[~within & (up | down)] *= 2.0
        crosses = (within & (self.low < 0.0) & (self.high > 0.0)) | (~within & (prices * moved < 0.0))
        moved[crosses] = 0.0  # at 0 a class asks for nothing between its minimum and its most
        return np.where(excess == 0.0, prices, np.maximum(self.floor, moved))


def deal(wanted: Floats, total: Longs, lowest: Longs, highest: Longs) -> Longs:
    """[A, S] whole seats that add up to ``total`` [S], or to as many as ``highest`` [A, S] allows, near ``wanted`` [A, S] in proportion.

    No authority gets fewer than ``lowest`` [A, S], whose sums the totals must hold. Seats go one by one to whoever is furthest below its part."""
    total = np.minimum(total, highest.sum(axis=0))
    sums = wanted.sum(axis=0)
    parts = np.where(sums > 0.0, wanted, highest)
    parts = parts * (total / np.maximum(parts.sum(axis=0), 1e-300))
    dealt: Longs = np.clip(np.floor(parts).astype(np.int64), lowest, highest)
    for each in range(len(total)):
        seats, part = dealt[:, each], parts[:, each]
        while seats.sum() != total[each]:
            up = seats.sum() < total[each]
            off = np.where(seats < highest[:, each], part - seats, -np.inf)
            spare = np.where(seats > lowest[:, each], seats - part, -np.inf)
            seats[int(np.argmax(off if up else spare))] += 1 if up else -1
    return dealt


Seats = tuple[Longs, Longs]
Ask = Callable[[int, Floats | None, Seats | None], Answer]
"""Asks an authority: for its ``answer`` under common prices [S], or when it has least and most seats [S] of its own."""


def priced(
    outlines: Sequence[Outline],
    asked: Longs,
    most: Longs,
    short_cost: float,
    rounds: int,
    ask: Ask,
    heard: Callable[[float], bool] = lambda bound: True,
) -> Master:
    """The master after at most ``rounds`` rounds; ``asked``, ``most`` [S]: the seats of the shared classes.

    It begins with what seats are worth to authorities that have them in proportion to who could use them. ``heard`` gets the bound of each round
    and says whether to go on. With no rounds, or pins of one authority that cannot hold, nothing is asked and there is no bound."""
    usable = np.array([each.usable for each in outlines])
    pinned = np.array([each.pinned for each in outlines])
    seats = deal(usable.astype(np.float64), most, pinned, usable)
    least = deal(seats.astype(np.float64), asked, np.zeros_like(seats), seats)
    authorities = range(len(outlines))
    worth = float(np.mean([each.worth for each in outlines])) or 1.0
    master = Master(asked, most, usable.sum(axis=0), short_cost, worth, np.zeros(len(most)))
    master.uses = seats.astype(np.float64)
    if any(each.pins_clash for each in outlines) or not rounds:
        return master
    own = np.array([ask(place, None, (least[place], seats[place])).own for place in authorities])
    master.begin((own * seats).sum(axis=0) / np.maximum(1, seats.sum(axis=0)))
    for _ in range(rounds):
        bound = master.take([ask(place, master.prices, None) for place in authorities])
        if not heard(bound) or master.done:
            break
    return master


def dealt(master: Master, outlines: Sequence[Outline]) -> Deal:
    """The seats of all authorities, by what they would take at the best prices."""
    usable = np.array([each.usable for each in outlines])
    pinned = np.array([each.pinned for each in outlines])
    most = deal(master.uses, master.most, pinned, usable)
    has = np.array([each.has for each in outlines])
    return Deal(deal(np.minimum(master.uses, most), master.asked, np.zeros_like(most), most), most, has)


@dataclass
class Deal:
    """Who has which seats of the shared classes. Authorities are solved in order; what one leaves is passed on to the next."""

    least: Longs  # [A, S]
    most: Longs  # [A, S]
    has: Flags  # [A, S]
    used: Longs = field(init=False)  # [A, S]
    paid_for: int = 0  # seats short that the objectives of the authorities count

    def __post_init__(self) -> None:
        self.used = np.zeros_like(self.most)

    def settle(self, authority: int, used: Longs) -> None:
        """The authority took ``used`` [S] of its seats; the next one gets the others, and the minimums still open."""
        short = np.maximum(0, self.least[authority] - used)
        self.used[authority] = used
        self.paid_for += int(short[self.has[authority]].sum())  # a class that it lacks costs it nothing
        if authority + 1 < len(self.used):
            self.most[authority + 1] += self.most[authority] - used
            self.least[authority + 1] += short

    def objective(self, objectives: list[float], asked: Longs, short_cost: float) -> float:
        """The objective of the nation: each seat short of a minimum ``asked`` [S] counts once."""
        short = int(np.maximum(0, asked - self.used.sum(axis=0)).sum())
        return math.fsum(objectives) + short_cost * (self.paid_for - short)
