"""Published tables as JSON (docs/reference/disclosure.md), read with every fault by its place. Import it only while ``speaking``."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from zhixing.config.cli.failures import BadInput
from zhixing.engine.disclosure.checking import Seen, SeenTable
from zhixing.engine.disclosure.protection import Figure, Protected
from zhixing.engine.disclosure.tables import Place, Published, Scale, Statistic, Table

DIGITS: Final = 2
"""Of a mean that is printed."""
FIRST_DAY: Final = dt.date(1970, 1, 1)
GRADES_MOST: Final = 100


@dataclass
class Read:
    """``tables`` of several files, each with the ``origin`` it came from; what all of them say of items and attributes."""

    tables: list[SeenTable] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    scales: dict[str, Scale] = field(default_factory=dict)
    nested: frozenset[str] = frozenset()
    faults: list[str] = field(default_factory=list)

    def published(self) -> list[Published]:
        return [Published(one.table, frozenset(cell.place for cell in one.cells if cell.told)) for one in self.tables]


def read_tables(paths: Iterable[Path]) -> Read:
    """Raises ``BadInput`` naming everything that is wrong."""
    read = Read()
    for path in paths:
        try:
            text = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            read.faults.append(_("{file}: this is no JSON ({error})").format(file=path, error=error))
            continue
        _read_file(read, path, text)
    if not read.faults and not read.tables:
        read.faults.append(_("there is no table in these files: bring at least one"))
    if read.faults:
        raise BadInput(read.faults)
    return read


def _read_file(read: Read, path: Path, text: object) -> None:
    tables = text.get("tables") if isinstance(text, dict) else None
    if not isinstance(tables, list) or not isinstance(text, dict):
        read.faults.append(_("{place}: a list is needed here").format(place=f"{path}: tables"))
        return
    nested = text.get("nested", [])
    if not isinstance(nested, list) or not all(isinstance(name, str) for name in nested):
        read.faults.append(_("{place}: a list is needed here").format(place=f"{path}: nested"))
        nested = []
    read.nested |= frozenset(nested)
    for number, one in enumerate(tables):
        place = f"{path}: tables[{number}]"
        table = _table(read, place, one)
        if table is not None:
            read.tables.append(table)
            read.origins.append(place)


def _table(read: Read, place: str, one: Any) -> SeenTable | None:
    faults = list(_faults_of_table(place, one))
    read.faults += faults
    if faults:
        return None
    table = Table(tuple(one["cut"]), one["item"], Statistic(one.get("statistic", "mean")), _day(one.get("until")))
    scale = Scale(*one["scale"])
    if read.scales.setdefault(table.item, scale) != scale:
        read.faults.append(
            _("{place}: another table gives item {item} another scale").format(place=f"{place}.scale", item=table.item)
        )
    seen = [_cell(read, f"{place}.cells[{number}]", table, scale, cell) for number, cell in enumerate(one["cells"])]
    times = Counter(cell.place for cell in seen if cell)
    for at in sorted(at for at, n in times.items() if n > 1):
        read.faults.append(_("{place}: the cell {cell} stands twice").format(place=place, cell=place_words(table, at)))
    return SeenTable(table, tuple(cell for cell in seen if cell))


def _faults_of_table(place: str, one: Any) -> Iterator[str]:
    if not isinstance(one, dict):
        yield _("{place}: an object is needed here").format(place=place)
        return
    cut, scale, until = one.get("cut"), one.get("scale"), one.get("until")
    if not isinstance(cut, list) or not all(isinstance(name, str) for name in cut) or len(set(cut)) < len(cut):
        yield _("{place}: a list of different attributes is needed here").format(place=f"{place}.cut")
    if not isinstance(one.get("item"), str):
        yield _("{place}: the name of an item is needed here").format(place=f"{place}.item")
    if not _is_scale(scale):
        yield _("{place}: the lowest and the highest grade are needed here, such as [1, 4]").format(
            place=f"{place}.scale"
        )
    if one.get("statistic", "mean") not in list(Statistic):
        yield _("{place}: “mean” or “counts” is needed here").format(place=f"{place}.statistic")
    if until is not None and _day(until) is None:
        yield _("{place}: a day such as 2027-03-15 is needed here").format(place=f"{place}.until")
    if not isinstance(one.get("cells"), list):
        yield _("{place}: a list is needed here").format(place=f"{place}.cells")


def _is_scale(scale: object) -> bool:
    if not isinstance(scale, list) or len(scale) != 2 or not all(type(end) is int for end in scale):
        return False
    return bool(0 < scale[1] - scale[0] < GRADES_MOST)


def _day(value: object) -> int | None:
    try:
        return (dt.date.fromisoformat(value) - FIRST_DAY).days if isinstance(value, str) else None
    except ValueError:
        return None


def _cell(read: Read, place: str, table: Table, scale: Scale, one: object) -> Seen | None:
    at = one.get("at") if isinstance(one, dict) else None
    if (
        not isinstance(one, dict)
        or not isinstance(at, dict)
        or set(at) != set(table.cut)
        or not all(isinstance(v, str) for v in at.values())
    ):
        read.faults.append(
            _("{place}: a value of each attribute of the cut is needed here").format(place=f"{place}.at")
        )
        return None
    where = tuple(at[name] for name in table.cut)
    people, mean, counts = one.get("n"), one.get("mean"), one.get("counts")
    if people is not None and (type(people) is not int or people < 0):
        read.faults.append(_("{place}: a number of people is needed here, or nothing").format(place=f"{place}.n"))
        return None
    if counts is not None:
        if (
            not isinstance(counts, list)
            or len(counts) != len(scale.grades)
            or not all(type(n) is int and n >= 0 for n in counts)
        ):
            read.faults.append(
                _("{place}: one number of people for each grade is needed here").format(place=f"{place}.counts")
            )
            return None
        if people is not None and people != sum(counts):
            read.faults.append(
                _("{place}: these are {sum} people and not {n}").format(
                    place=f"{place}.counts", sum=sum(counts), n=people
                )
            )
        return Seen(where, sum(counts), counts=tuple(counts))
    if mean is None:
        return Seen(where, people)
    ends = _sums(people, mean, scale)
    if ends is None:
        read.faults.append(
            _("{place}: no grades of {n} people have the mean {mean}").format(
                place=f"{place}.mean", n=people, mean=mean
            )
        )
        return None
    return Seen(where, people, *ends)


def _sums(people: int | None, mean: object, scale: Scale) -> tuple[int, int] | None:
    """The least and greatest sum of whole grades that is printed as this mean."""
    try:
        value = Decimal(str(mean))
    except InvalidOperation:
        return None
    if not people or isinstance(mean, bool) or not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    half = Decimal(1).scaleb(min(int(exponent), 0 if isinstance(mean, str) else -DIGITS)) / 2
    least = int((people * (value - half)).to_integral_value(ROUND_CEILING))
    greatest = int((people * (value + half)).to_integral_value(ROUND_FLOOR))
    least, greatest = max(least, people * scale.low), min(greatest, people * scale.high)
    return (least, greatest) if least <= greatest else None


def said_of(found: Protected, scales: Mapping[str, Scale], nested: Iterable[str]) -> dict[str, Any]:
    """What is published, for ``tables.json``."""
    tables = [
        {
            "cut": list(table.cut),
            "item": table.item,
            "scale": [scales[table.item].low, scales[table.item].high],
            "statistic": str(table.statistic),
            "until": day_of(table),
            "cells": [_said_cell(table, figure, scales[table.item]) for figure in figures],
        }
        for table, figures in found.tables
    ]
    return {"nested": sorted(nested), "tables": tables}


def day_of(table: Table) -> str | None:
    return None if table.until is None else (FIRST_DAY + dt.timedelta(days=table.until)).isoformat()


def _said_cell(table: Table, figure: Figure, scale: Scale) -> dict[str, Any]:
    at = dict(zip(table.cut, figure.place, strict=True))
    if figure.why is not None:
        return {"at": at, "left_out": str(figure.why)}
    if table.statistic is Statistic.COUNTS:
        return {"at": at, "n": figure.people, "counts": figure.counts.tolist()}
    return {"at": at, "n": figure.people, "mean": mean_of(figure, scale)}


def mean_of(figure: Figure, scale: Scale) -> str:
    total = sum(grade * n for grade, n in zip(scale.grades, figure.counts.tolist(), strict=True))
    return f"{Decimal(total) / figure.people:.{DIGITS}f}"


def place_words(table: Table, place: Place) -> str:
    words = ", ".join(f"{name}={value}" for name, value in zip(table.cut, place, strict=True)) or _("everybody")
    until = day_of(table)
    return words + (_(" (until {day})").format(day=until) if until else "")


def breach_lines(read: Read, found: Iterable[Any], smallest: int) -> Iterator[str]:
    """One sentence for each thing that a reader can compute."""
    from zhixing.engine.disclosure.checking import Leak

    for one in found:
        table, cell, _factor = one.cells[0]
        place = place_words(read.tables[table].table, read.tables[table].cells[cell].place)
        told = {
            "origin": read.origins[table],
            "item": one.item,
            "place": place,
            "n": one.people,
            "least": one.least,
            "greatest": one.greatest,
        }
        if one.leak is Leak.SMALL:
            yield _("{origin}, {item}, {place}: {n} people only; fewer than {smallest} must not be shown").format(
                **told, smallest=smallest
            )
        elif one.leak is Leak.UNANIMOUS:
            yield _("{origin}, {item}, {place}: all {n} answered alike, so everybody's answer is known").format(**told)
        elif one.leak is Leak.NARROW:
            yield _(
                "{origin}, {item}, {place}: left out, and yet of at most {n} people; their grades must add up to {least} to {greatest}"
            ).format(**told)
        else:
            yield _("{item}: {sum} = {n} people, whose grades add up to {least} to {greatest}").format(
                **told, sum=_sum_words(read, one.cells)
            )


def _sum_words(read: Read, cells: Iterable[tuple[int, int, int]]) -> str:
    words = ""
    for table, cell, factor in cells:
        sign = " − " if factor < 0 else " + " if words else ""
        times = f"{abs(factor)} × " if abs(factor) != 1 else ""
        words += f"{sign}{times}[{place_words(read.tables[table].table, read.tables[table].cells[cell].place)}]"
    return words.strip()
