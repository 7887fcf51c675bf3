"""An attack that shares nothing with the engine but the data: it writes down every set of answers that agrees with all printed figures, and looks at
what they have in common. And one for large tables, which subtracts every printed figure from every other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhixing.engine.disclosure.tables import Answers, Published, Statistic

Group = tuple[int, ...]


@dataclass(frozen=True)
class Printed:
    """One figure: whose answers are in it, and the numbers printed."""

    people: frozenset[int]
    item: str
    numbers: tuple[int, ...]
    statistic: Statistic


def belongs(value: str, group: str, nested: bool) -> bool:
    return value == group or (nested and value.startswith(group + "/"))


def printed(answers: Answers, tables: Sequence[Published]) -> list[Printed]:
    """What a reader sees: a mean of n answers is their sum."""
    found = []
    for one in tables:
        table = one.table
        for place in one.shown:
            people = frozenset(
                person
                for person in range(len(answers.came))
                if (table.until is None or answers.came[person] <= table.until)
                and all(
                    belongs(answers.attributes[name][person], group, name in answers.nested)
                    for name, group in zip(table.cut, place, strict=True)
                )
            )
            grades = answers.grades[table.item][sorted(people)]
            scale = answers.scales[table.item]
            numbers = (int(grades.sum()),)
            if table.statistic is Statistic.COUNTS:
                numbers = tuple(int((grades == grade).sum()) for grade in range(scale.low, scale.high + 1))
            found.append(Printed(people, table.item, numbers, table.statistic))
    return found


def kinds(answers: Answers, tables: Sequence[Published]) -> list[Group]:
    """People whom no attribute and no time of printing tells apart."""
    names = sorted({name for one in tables for name in one.table.cut})
    untils = sorted({one.table.until for one in tables if one.table.until is not None})
    found: dict[tuple[object, ...], list[int]] = {}
    for person in range(len(answers.came)):
        wave = sum(int(answers.came[person] > until) for until in untils)
        found.setdefault((*(answers.attributes[name][person] for name in names), wave), []).append(person)
    return [tuple(group) for group in found.values()]


def crossings(answers: Answers, tables: Sequence[Published]) -> set[Group]:
    """Everybody who agrees in some attributes and came between two printings, or by one."""
    names = sorted({name for one in tables for name in one.table.cut})
    untils = sorted({np.inf if one.table.until is None else one.table.until for one in tables})
    spans = [
        (low, high) for place, high in enumerate(untils) for low in {-np.inf, untils[place - 1] if place else -np.inf}
    ]
    found = set()
    for size in range(len(names) + 1):
        for cut in itertools.combinations(names, size):
            choices = []
            for name in cut:
                groups = set(answers.attributes[name])
                if name in answers.nested:
                    groups |= {
                        "/".join(value.split("/")[:depth])
                        for value in groups
                        for depth in range(1, value.count("/") + 1)
                    }
                choices.append([(name, group) for group in sorted(groups)])
            for place in itertools.product(*choices):
                for low, high in spans:
                    people = tuple(
                        person
                        for person in range(len(answers.came))
                        if low < answers.came[person] <= high
                        and all(
                            belongs(answers.attributes[name][person], group, name in answers.nested)
                            for name, group in place
                        )
                    )
                    if people:
                        found.add(people)
    return found


def learned(answers: Answers, tables: Sequence[Published], smallest: int, width: float) -> list[tuple[str, Group]]:
    """Which groups below ``smallest`` have the same sum in every set of answers that agrees, which lie too close, and who is known to have answered what."""
    found: list[tuple[str, Group]] = []
    for item in {one.table.item for one in tables}:
        scale = answers.scales[item]
        rows = [[*range(scale.low, scale.high + 1)]] * len(answers.came)
        worlds = np.array(list(itertools.product(*rows)), np.int8)
        for figure in printed(answers, [one for one in tables if one.table.item == item]):
            inside = worlds[:, sorted(figure.people)]
            if figure.statistic is Statistic.MEAN:
                worlds = worlds[inside.sum(axis=1) == figure.numbers[0]]
            else:
                for grade, count in zip(range(scale.low, scale.high + 1), figure.numbers, strict=True):
                    inside = worlds[:, sorted(figure.people)]
                    worlds = worlds[(inside == grade).sum(axis=1) == count]
        assert len(worlds), "the truth agrees with what was printed"
        own = kinds(answers, tables)
        for size in range(1, len(own) + 1):
            for chosen in itertools.combinations(own, size):
                people = tuple(sorted(itertools.chain(*chosen)))
                if len(people) < smallest and np.ptp(worlds[:, people].sum(axis=1)) == 0:
                    found.append(("computed", people))
        for people in crossings(answers, tables):
            if len(people) < smallest and np.ptp(worlds[:, people].sum(axis=1)) < max(1.0, width * len(people)):
                found.append(("close", people))
        found += [("person", (person,)) for person in range(len(answers.came)) if np.ptp(worlds[:, person]) == 0]
    return found


def differences(answers: Answers, tables: Sequence[Published], smallest: int) -> list[frozenset[int]]:
    """Small groups that are one printed figure, or one less another."""
    figures = {(figure.item, figure.people) for figure in printed(answers, tables)}
    found = [people for _item, people in figures if len(people) < smallest]
    for (item, one), (other, two) in itertools.permutations(figures, 2):
        if item == other and two < one and len(one) - len(two) < smallest:
            found.append(one - two)
    return found
