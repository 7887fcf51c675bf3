"""Prices of limits: what each person would choose under them, and the upper bound on every selection that they prove.

Each limit r gets a price π_r; a pair costs its person the prices of all limits it draws on. When every person takes the best call-ups for
themself under the prices, then Σ (net values) + Σ π_r · (seats of r) is at least the objective of every selection that keeps the rules
(Lagrangian relaxation; Geoffrion 1974). A limit with a minimum may have a price down to −short_seat_cost: a reward for filling it. The prices
descend along running means of their subgradients, scaled for each limit by the running size of these means (RMSProp) and by its price where that
is large, in steps that shrink as k^-1.5."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zhixing.engine.callup.model import Model
from zhixing.engine.callup.problem import Flags, Floats, Ints, Longs
from zhixing.engine.callup.spread import step_cost
from zhixing.engine.compiled import compiled

PIN_BONUS = 2.0**14
"""A pinned pair's bonus, in units of the largest value and cost: far above any sum of prices, and taken off the bound again."""


class Book(NamedTuple):
    """Everything that changes while prices move."""

    prices: Floats  # [R]
    floor: Floats  # [R] the lowest price
    excess: Floats  # [R] running mean of the subgradients
    squares: Floats  # [R] running mean of the squares of these means
    used: Longs  # [R]
    cell_price: Floats  # [C]
    worth: Floats  # [E] value, with the bonus of a pin; -inf when pinned out
    chosen: Ints  # [E] each block's choices, from the place of its first pair
    share: Floats  # [E] weighted count of the iterations that chose the pair


def open_book(model: Model) -> Book:
    """Prices of zero."""
    limits, pairs = len(model.most), len(model.value)
    worth = np.where(model.open, model.value + pin_bonus(model) * model.pinned, -np.inf)
    return Book(
        prices=np.zeros(limits),
        floor=np.where(model.least > 0, -model.short_cost, 0.0),
        excess=np.zeros(limits),
        squares=np.zeros(limits),
        used=np.zeros(limits, np.int64),
        cell_price=np.zeros(len(model.seats_from)),
        worth=worth,
        chosen=np.zeros(pairs, np.int32),
        share=np.zeros(pairs),
    )


def pin_bonus(model: Model) -> float:
    """Makes every person take their pinned pairs under any prices that may come."""
    return PIN_BONUS * (float(model.value.max(initial=1.0)) + model.cost_most() + model.short_cost)


@compiled
def price_cells(model: Model, book: Book, first: int, last: int) -> None:
    """What the limits of each of the cells first..last-1 cost together."""
    for cell in range(first, last):
        total = 0.0
        for place in range(model.seats_from[cell], model.away_to[cell]):
            total += book.prices[model.drawn[place]]
        book.cell_price[cell] = total


@compiled
def net_of(model: Model, book: Book, pair: int) -> float:
    """The value of a pair less the prices it pays on its own."""
    return float(book.worth[pair] - book.cell_price[model.cell[pair]])


@compiled
def shared_price(model: Model, book: Book, earlier: int, later: int) -> float:
    """The price paid once, not twice, when two pairs of a person that follow each other meet in one ISO week."""
    week = model.first_week[model.cell[later]]
    if week >= 0 and week == model.last_week[model.cell[earlier]]:
        return float(book.prices[week])
    return 0.0


@compiled
def sharable(model: Model, book: Book, pair: int) -> float:
    """The most that a pair can spare its person by meeting others in its first and last week."""
    spared, cell = 0.0, model.cell[pair]
    if model.meets_before[pair] and model.first_week[cell] >= 0:
        spared += book.prices[model.first_week[cell]]
    if model.meets_after[pair] and model.last_week[cell] >= 0:
        spared += book.prices[model.last_week[cell]]
    return spared


@compiled
def look_through(model: Model, book: Book, person: int, options: Ints) -> tuple[int, int, float]:
    """The person's best single pair with its net, -1 and 0 when none gains; ``options`` gets, in time, the pairs that could be one of several.

    One of several call-ups gains nothing unless its net, with all it could share, is above the cost of a second call-up: else the others
    alone are as good (fewer call-ups cost no more beside each other: ``spread``). Returns (how many options, the best pair, its net)."""
    count, best, most = 0, -1, 0.0
    for pair in range(model.first_pair[person], model.first_pair[person + 1]):
        net = net_of(model, book, pair)
        if net > most:
            best, most = pair, net
        if net + sharable(model, book, pair) > model.second_cost:
            options[count] = pair
            count += 1
    return count, best, most


@compiled
def mark_close(model: Model, book: Book, least: float, step: float, unit: float, near: Flags) -> None:
    """Marks the pairs that their persons could choose when every price moves by up to ``step`` of itself or of ``unit``, and ``least`` more.

    They are those whose net is about the best of their person, or about the cost of a second call-up with all that it could share."""
    for person in range(len(model.unit)):
        best = 0.0
        for pair in range(model.first_pair[person], model.first_pair[person + 1]):
            best = max(best, net_of(model, book, pair))
        for pair in range(model.first_pair[person], model.first_pair[person + 1]):
            slack = least + step * max(unit, abs(book.cell_price[model.cell[pair]]))
            net = net_of(model, book, pair)
            near[pair] = net > best - slack or net + sharable(model, book, pair) > model.second_cost - slack


@compiled
def extend(
    model: Model, book: Book, options: Ints, count: int, score: Floats, back: Ints, n: int, floor: float
) -> None:
    """score[n, i]: the best n + 1 call-ups that end with option i, from score[n - 1]; back[n, i] is the option before it.

    -inf where they cannot pass ``floor``, which rises with every score; a floor of -inf stays, for when still longer ones follow.
    A theme counts as repeated only when the call-up just before has it, so that the score of three and more can be above what they are worth,
    never below: the bound stays one. Being close is a matter of two that follow each other, and exact."""
    spread = model.theme_cost + model.close_cost > 0.0
    top = -np.inf
    for i in range(count):
        top = max(top, score[n - 1, i])
    for i in range(count):
        pair = options[i]
        starts = model.first_day[model.class_[pair]]
        gain = net_of(model, book, pair) - model.second_cost
        most = -np.inf
        if top + gain + sharable(model, book, pair) > floor:
            for k in range(i):
                earlier = options[k]
                if model.last_day[model.class_[earlier]] < starts:
                    total = score[n - 1, k] + shared_price(model, book, earlier, pair)
                    if spread:
                        total -= step_cost(model, earlier, pair)
                    if total > most:
                        most = total
                        back[n, i] = k
        score[n, i] = most + gain
        if floor > -np.inf:
            floor = max(floor, score[n, i])


@compiled
def choose(
    model: Model, book: Book, first: int, last: int, options: Ints, score: Floats, back: Ints
) -> tuple[int, float]:
    """The best call-ups of persons first..last-1 under the prices, each by dynamic programming over time.

    Writes the pairs into ``book.chosen`` from the place of the first person's first pair; returns how many, and their total net.
    Scratch: options [L], score and back [callups_max, L], where L is the longest list of pairs of one person."""
    start = model.first_pair[first]
    written = start
    total = 0.0
    for person in range(first, last):
        count, best, most = look_through(model, book, person, options)
        steps, end = 0, -1
        for i in range(count):
            score[0, i] = net_of(model, book, options[i])
        for n in range(1, min(count, model.callups_max)):
            floor = most if n + 1 == model.callups_max else -np.inf
            extend(model, book, options, count, score, back, n, floor)
            for i in range(count):
                if score[n, i] > most:
                    most, steps, end = score[n, i], n, i
        total += most
        if steps > 0:
            for n in range(steps, -1, -1):
                book.chosen[written + n] = options[end]
                end = back[n, end]
            written += steps + 1
        elif best >= 0:
            book.chosen[written] = best
            written += 1
    return written - start, total


@compiled
def count_uses(model: Model, book: Book, start: int, count: int, weight: float) -> None:
    """Adds one block's choices to the uses of the limits, and ``weight`` to their shares."""
    before = -1
    for k in range(start, start + count):
        pair = book.chosen[k]
        cell = model.cell[pair]
        book.share[pair] += weight
        for place in range(model.seats_from[cell], model.away_to[cell]):
            book.used[model.drawn[place]] += 1
        if before >= 0 and model.person[before] == model.person[pair]:
            week = model.first_week[cell]
            if week >= 0 and week == model.last_week[model.cell[before]]:
                book.used[week] -= 1
        before = pair


@compiled
def seats_worth(model: Model, book: Book) -> float:
    """What the seats of all limits are worth at their prices: the limits' part of the bound."""
    total = 0.0
    for limit in range(len(book.prices)):
        price = book.prices[limit]
        total += price * (model.most[limit] if price > 0.0 else model.least[limit])
    return total


@compiled
def excess_of(model: Model, book: Book, limit: int) -> int:
    """The subgradient: seats used beyond those that the limit has at its price, below zero when fewer."""
    price, used = book.prices[limit], book.used[limit]
    if price > 0.0:
        return int(used - model.most[limit])
    if price < 0.0:
        return int(used - model.least[limit])
    return int(max(0, used - model.most[limit]) + min(0, used - model.least[limit]))


@compiled
def move_prices(
    model: Model, book: Book, step: float, unit: float, memory: tuple[float, float], ripe: float, limits: Longs
) -> None:
    """One step from the uses of the ``limits``, in units of ``unit`` or of the price where that is larger: prices can lie orders apart.

    ``memory`` is how much of the running means of subgradients and of squares stays. The former means: where many persons are worth nearly the
    same they rush together from one class to the next, and only the mean over some iterations tells whether its seats are wanted.
    ``ripe`` is the weight that the squares have gathered."""
    keep, keep_squares = memory
    for limit in limits:
        mean = keep * book.excess[limit] + (1.0 - keep) * excess_of(model, book, limit)
        book.excess[limit] = mean
        book.squares[limit] = keep_squares * book.squares[limit] + (1.0 - keep_squares) * mean * mean
        if mean != 0.0:
            stride = step * max(unit, abs(book.prices[limit])) / np.sqrt(book.squares[limit] / ripe)
            book.prices[limit] = max(book.floor[limit], book.prices[limit] + stride * mean)


@compiled
def gather(group: Ints, values: Floats, place: Longs, gathered: Floats) -> None:
    """Writes the values of each group side by side, from its ``place`` on, which moves along."""
    for k in range(len(group)):
        gathered[place[group[k]]] = values[k]
        place[group[k]] += 1
