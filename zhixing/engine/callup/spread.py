"""Spread (错开): what the call-ups of one person cost beside each other, for a theme repeated and for being close in time.

A call-up costs ``theme_cost`` when an earlier one of the person has its theme, and ``close_cost`` when an earlier one ended within ``close_days``
days before it begins. Fewer call-ups never cost more: taking one away takes what it cost itself, and makes none of the others follow sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhixing.engine.callup.draws import NOTHING
from zhixing.engine.callup.model import Model
from zhixing.engine.compiled import compiled

if TYPE_CHECKING:
    from zhixing.engine.callup.selection import Selection


@compiled
def repeats(model: Model, one: int, other: int) -> bool:
    """Are two pairs of one person about the same theme?"""
    theme = model.theme[model.class_[one]]
    return bool(theme != NOTHING and theme == model.theme[model.class_[other]])


@compiled
def follows_closely(model: Model, earlier: int, later: int) -> bool:
    """Does a pair begin within the close days after another, that shares no day with it, ends?"""
    days = model.first_day[model.class_[later]] - model.last_day[model.class_[earlier]]
    return bool(0 < days <= model.close_days)


@compiled
def step_cost(model: Model, earlier: int, later: int) -> float:
    """What a call-up costs beside the one just before it."""
    cost = 0.0
    if repeats(model, earlier, later):
        cost += model.theme_cost
    if follows_closely(model, earlier, later):
        cost += model.close_cost
    return cost


@compiled
def of_same_theme(model: Model, s: Selection, pair: int) -> int:
    """Another call-up of the person that has the theme of a pair; -1 when there is none."""
    person = model.person[pair]
    for k in range(s.held[person]):
        other = s.taken[person, k]
        if other != pair and repeats(model, other, pair):
            return int(other)
    return NOTHING


@compiled
def repeat_cost(model: Model, s: Selection, pair: int) -> float:
    """What the theme of a pair costs beside the other call-ups of its person, chosen itself or not."""
    return model.theme_cost if of_same_theme(model, s, pair) != NOTHING else 0.0


@compiled
def neighbours(model: Model, s: Selection, pair: int) -> tuple[int, int]:
    """The person's other call-ups just before and just after a pair; -1 where there is none."""
    person, before, after = model.person[pair], NOTHING, NOTHING
    for k in range(s.held[person]):
        other = s.taken[person, k]
        if other == pair:
            continue
        if model.first_day[model.class_[other]] < model.first_day[model.class_[pair]]:
            if before == NOTHING or model.last_day[model.class_[before]] < model.last_day[model.class_[other]]:
                before = other
        elif after == NOTHING or model.first_day[model.class_[other]] < model.first_day[model.class_[after]]:
            after = other
    return before, after


@compiled
def close_to(model: Model, s: Selection, pair: int) -> int:
    """Another call-up of the person that a pair follows closely, or that so follows it; -1 when there is none."""
    before, after = neighbours(model, s, pair)
    if before != NOTHING and follows_closely(model, before, pair):
        return before
    return after if after != NOTHING and follows_closely(model, pair, after) else NOTHING


@compiled
def close_cost(model: Model, s: Selection, pair: int) -> float:
    """What a pair costs by lying close to other call-ups of its person: it may follow one closely, and be followed so by one that else is not."""
    before, after = neighbours(model, s, pair)
    times = 0
    if before != NOTHING and follows_closely(model, before, pair):
        times += 1
    if after != NOTHING and follows_closely(model, pair, after):
        times += 1
        if before != NOTHING and follows_closely(model, before, after):
            times -= 1
    return times * model.close_cost


@compiled
def count_spread(model: Model, s: Selection) -> tuple[int, int]:
    """(call-ups beyond the first of one theme, call-ups close after another) of a selection, over all persons."""
    repeated, close = 0, 0
    for person in range(len(model.unit)):
        for k in range(s.held[person]):
            pair = s.taken[person, k]
            again, near = 0, 0
            for m in range(s.held[person]):
                other = s.taken[person, m]
                if m < k and repeats(model, other, pair):
                    again = 1
                if follows_closely(model, other, pair):
                    near = 1
            repeated += again
            close += near
    return repeated, close
