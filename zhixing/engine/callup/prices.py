"""Prices of limits: what each person would choose under them, and the upper bound on every selection that they prove.

Each limit r gets a price π_r; a pair costs its person the prices of all limits it draws on. When every person takes the best call-ups for
themself under the prices, then Σ (net values) + Σ π_r · (seats of r) is at least the objective of every selection that keeps the rules
(Lagrangian relaxation; Geoffrion 1974). A limit with a minimum may have a price down to −short_seat_cost: a reward for filling it. The prices
descend by subgradient steps scaled for each limit by the running size of its own subgradients (RMSProp) and shrinking as k^-1.5."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zhixing.engine.callup.compiled import compiled
from zhixing.engine.callup.model import Model
from zhixing.engine.callup.problem import Floats, Ints, Longs

PIN_BONUS = 2.0**14
"""A pinned pair's bonus, in units of the largest value and cost: far above any sum of prices, and taken off the bound again."""


class Book(NamedTuple):
    """Everything that changes while prices move."""

    prices: Floats  # [R]
    floor: Floats  # [R] the lowest price
    stride: Floats  # [R] the unit of a step
    squares: Floats  # [R] running mean of the squared subgradients
    used: Longs  # [R]
    cell_price: Floats  # [C]
    worth: Floats  # [E] value, with the bonus of a pin; -inf when pinned out
    chosen: Ints  # [E] each block's choices, from the place of its first pair
    share: Floats  # [E] weighted count of the iterations that chose the pair


def open_book(model: Model, stride: float, stride_of_minimum: float) -> Book:
    """Prices of zero; limits with a minimum take strides of at least ``stride_of_minimum``."""
    limits, pairs = len(model.most), len(model.value)
    worth = np.where(model.open, model.value + pin_bonus(model) * model.pinned, -np.inf)
    return Book(
        prices=np.zeros(limits),
        floor=np.where(model.least > 0, -model.short_cost, 0.0),
        stride=np.where(model.least > 0, max(stride, stride_of_minimum), stride),
        squares=np.zeros(limits),
        used=np.zeros(limits, np.int64),
        cell_price=np.zeros(len(model.seats_from)),
        worth=worth,
        chosen=np.zeros(pairs, np.int32),
        share=np.zeros(pairs),
    )


def pin_bonus(model: Model) -> float:
    """Makes every person take their pinned pairs under any prices that may come."""
    return PIN_BONUS * (float(model.value.max(initial=1.0)) + model.second_cost + model.short_cost)


@compiled
def price_cells(model: Model, book: Book) -> None:
    """What the limits of each cell cost together."""
    for cell in range(len(book.cell_price)):
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
def look_through(model: Model, book: Book, person: int, options: Ints) -> tuple[int, int, float]:
    """The person's best single pair with its net, -1 and 0 when none gains; ``options`` gets, in time, the pairs that could be one of several.

    One of several call-ups gains nothing unless its net, with all it could share, is above the cost of a second call-up: else the others
    alone are as good. Returns (how many options, the best pair, its net)."""
    count, best, most = 0, -1, 0.0
    for pair in range(model.first_pair[person], model.first_pair[person + 1]):
        net = net_of(model, book, pair)
        if net > most:
            best, most = pair, net
        cell = model.cell[pair]
        if model.meets_before[pair] and model.first_week[cell] >= 0:
            net += book.prices[model.first_week[cell]]
        if model.meets_after[pair] and model.last_week[cell] >= 0:
            net += book.prices[model.last_week[cell]]
        if net > model.second_cost:
            options[count] = pair
            count += 1
    return count, best, most


@compiled
def extend(model: Model, book: Book, options: Ints, count: int, score: Floats, back: Ints, n: int) -> None:
    """score[n, i]: the best n + 1 call-ups that end with option i, from score[n - 1]; back[n, i] is the option before it."""
    for i in range(count):
        pair = options[i]
        starts = model.first_day[model.class_[pair]]
        most = -np.inf
        for k in range(i):
            earlier = options[k]
            if model.last_day[model.class_[earlier]] < starts:
                total = score[n - 1, k] + shared_price(model, book, earlier, pair)
                if total > most:
                    most = total
                    back[n, i] = k
        score[n, i] = most + net_of(model, book, pair) - model.second_cost


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
            extend(model, book, options, count, score, back, n)
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
def move_prices(model: Model, book: Book, step: float, memory: float, correction: float) -> None:
    """One scaled subgradient step from the uses of the limits."""
    for limit in range(len(book.prices)):
        price, used = book.prices[limit], book.used[limit]
        if price > 0.0:
            excess = used - model.most[limit]
        elif price < 0.0:
            excess = used - model.least[limit]
        else:
            excess = max(0, used - model.most[limit]) + min(0, used - model.least[limit])
        book.squares[limit] = memory * book.squares[limit] + (1.0 - memory) * excess * excess
        if excess != 0:
            scaled = excess / np.sqrt(book.squares[limit] / correction)
            book.prices[limit] = max(book.floor[limit], price + step * book.stride[limit] * scaled)
