"""The part of a model that a period of the ascent walks over: the pairs that came close, and the limits that they can fill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zhixing.engine.callup.model import Model, narrow
from zhixing.engine.callup.problem import Flags, Floats, Ints, Longs
from zhixing.engine.compiled import compiled


class Near(NamedTuple):
    model: Model
    moving: Longs  # the limits that they draw on: all others stay as they are


def near_of(model: Model, kept: Longs, prices: Floats) -> Near:
    """The ``kept`` pairs (ascending). Limits that cost nothing now and have room for all of these pairs cannot come to cost: nobody draws on them."""
    near = narrow(model, kept)
    count = np.zeros(len(model.most), np.int64)
    _count_draws(near, count)
    binds = (count > model.most) | (model.least > 0) | (prices != 0.0)
    return Near(_drawing_on(near, binds), np.flatnonzero(binds))


def _drawing_on(model: Model, binds: Flags) -> Model:
    """The model whose cells draw on the limits marked in ``binds`` [R] alone."""
    cells = len(model.seats_from)
    seats_from, away_from, away_to = (np.zeros(cells, np.int64) for _ in range(3))
    size = _keep_draws(model, binds, seats_from, away_from, away_to, model.drawn[:0])
    drawn = np.zeros(size, np.int32)
    _keep_draws(model, binds, seats_from, away_from, away_to, drawn)
    binds = np.append(binds, False)  # what the week -1 finds
    return model._replace(
        seats_from=seats_from,
        away_from=away_from,
        away_to=away_to,
        drawn=drawn,
        first_week=np.where(binds[model.first_week], model.first_week, np.int32(-1)),
        last_week=np.where(binds[model.last_week], model.last_week, np.int32(-1)),
    )


@compiled
def _count_draws(model: Model, count: Longs) -> None:
    """How many pairs draw on each limit."""
    for pair in range(len(model.cell)):
        cell = model.cell[pair]
        for place in range(model.seats_from[cell], model.away_to[cell]):
            count[model.drawn[place]] += 1


@compiled
def _keep_draws(model: Model, binds: Flags, seats_from: Longs, away_from: Longs, away_to: Longs, drawn: Ints) -> int:
    """Writes the limits that bind of each cell side by side and returns how many there are; ``drawn`` may be too short to write."""
    end = 0
    for cell in range(len(seats_from)):
        seats_from[cell] = end
        end = _keep(model, binds, model.seats_from[cell], model.away_from[cell], drawn, end)
        away_from[cell] = end
        end = _keep(model, binds, model.away_from[cell], model.away_to[cell], drawn, end)
        away_to[cell] = end
    return end


@compiled
def _keep(model: Model, binds: Flags, first: int, last: int, drawn: Ints, end: int) -> int:
    for place in range(first, last):
        if binds[model.drawn[place]]:
            if end < len(drawn):
                drawn[end] = model.drawn[place]
            end += 1
    return end
