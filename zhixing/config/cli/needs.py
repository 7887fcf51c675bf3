"""``zhixing needs``: what people lack for their posts (docs/reference/needs.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.installation import opened
from zhixing.config.cli.language import lang_option, speaking
from zhixing.config.cli.options import FILE
from zhixing.config.cli.writing import check_place, written_whole
from zhixing.engine.columns import Columns, Flags
from zhixing.engine.needs.gaps import Answers, Bands, gaps_of
from zhixing.engine.needs.showing import guarded

if TYPE_CHECKING:
    from zhixing.needs.facts import Facts

NAMES = ("competency", "unit", "level")
LEAST = 5


@click.group()
def command() -> None:
    """Needs: how far people are from what their posts require (docs/reference/needs.md)."""


@command.command("gaps")
@click.argument("answers", type=FILE, required=False)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The CSV file to write.")
@click.option(
    "--year", type=click.IntRange(2000, 2100), help="Of the database: needs of which year (the latest asked about)."
)
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=LEAST,
    show_default=True,
    help="A unit of fewer answers is told as the others let expect, with n = 0; 1: each by its own.",
)
@lang_option
def gaps_command(answers: Path | None, out: Path, year: int | None, least: int, lang: str) -> None:
    """Gaps by unit and level, partly pooled, with 95 % intervals.

    ANSWERS has a row for each person and competency: competency, unit, level, required, present. A row of the result without a unit is about all
    units, one without a level about all levels. Without ANSWERS the closed surveys of the database are read, of people about themselves, of
    superiors and of units. Every unit has a row; of levels and of units by level no group of fewer than --least can be had, not by subtraction either.
    """
    if answers is None:
        with opened(lang):
            _of_database(out, year, least)
        return
    with speaking(lang):
        from django.utils.translation import gettext as _

        from zhixing.config.cli.columns import reading

        check_place(out)
        with reading(answers, [*NAMES, "required", "present"]) as columns:
            read, names = _answers(columns)
        rows = list(_rows(read, names, least))
        with written_whole(out) as temporary:
            pa_csv.write_csv(pa.Table.from_pylist(rows, ROW), temporary)
        click.echo(_("{out}: {rows} gaps of {answers} answers").format(out=out, rows=len(rows), answers=len(read.gap)))


ROW = pa.schema(
    [
        ("unit", pa.string()),
        ("level", pa.string()),
        ("competency", pa.string()),
        ("gap", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("n", pa.int64()),
    ]
)


def _of_database(out: Path, year: int | None, least: int) -> None:
    """Units and competencies by their codes, levels by the key of the rank group."""
    from django.utils.translation import gettext as _

    from zhixing.needs.facts import Facts, latest_question

    check_place(out)
    question = latest_question(year)
    if question is None:
        raise BadInput(_("No survey about needs is closed: there are no answers to reckon from."))
    facts = Facts(question, least)
    rows = _told(facts)
    with written_whole(out) as temporary:
        pa_csv.write_csv(pa.Table.from_pylist(rows, ROW), temporary)
    answers = len(facts.columns.competency)
    click.echo(_("{out}: {rows} gaps of {answers} answers").format(out=out, rows=len(rows), answers=answers))


def _told(facts: Facts) -> list[dict[str, Any]]:
    from zhixing.needs.reckoning import lines_of
    from zhixing.people.models import Unit

    codes: dict[int | None, str | None] = {**dict(Unit.objects.values_list("pk", "code")), None: None}
    return [
        {
            "unit": codes[line.unit],
            "level": line.group or None,
            "competency": facts.competencies[line.competency].code,
            "gap": line.estimate,
            "lower": line.lower,
            "upper": line.upper,
            "n": line.n,
        }
        for line in lines_of(facts, every_unit=True)
    ]


def _answers(columns: Columns) -> tuple[Answers, list[list[str]]]:
    """Answers, and the names of competencies, units and levels in the order of their numbers."""
    codes, names = [], []
    for name in NAMES:
        texts, code = np.unique(np.array(columns.texts(name), np.str_), return_inverse=True)
        codes.append(code.astype(np.int64))
        names.append(texts.tolist())
    gap = columns.numbers("required") - columns.numbers("present")
    sizes = len(names[0]), len(names[1]), len(names[2])
    return Answers(codes[0], codes[1], codes[2], gap, sizes), names


def _rows(read: Answers, names: list[list[str]], least: int) -> Iterator[dict[str, Any]]:
    """Of all, of levels, of units, of both. Of a unit of too few answers, what the others let expect."""
    competencies, units, levels = names
    safe = guarded(read, np.zeros(len(read.gap), np.int64), np.zeros(0, np.int64), least)
    answered = read.counted()
    people = np.zeros(safe.answers.sizes[1:])
    people[: len(units)] = answered.max(axis=0)
    found = gaps_of(safe.answers, people)
    parts: list[tuple[Bands, Flags, list[str | None], list[str | None]]] = [
        (found.overall, found.overall.count >= least, [None], [None]),
        (found.levels, safe.told.levels, [None], [*levels]),
        (found.units, answered.sum(axis=2) > 0, [*units], [None]),
        (found.cells, safe.told.cells, [*units], [*levels]),
    ]
    for bands, shown, of_units, of_levels in parts:
        shape = len(competencies), len(of_units), len(of_levels)
        size = tuple(slice(n) for n in shown.shape)
        told = [part[size].reshape(shape) for part in (bands.estimate, bands.lower, bands.upper, bands.count)]
        for c, j, k in zip(*(place.tolist() for place in np.nonzero(shown.reshape(shape))), strict=True):
            gap, lower, upper, count = (part[c, j, k].item() for part in told)
            if gap == gap:
                yield dict(
                    zip(ROW.names, (of_units[j], of_levels[k], competencies[c], gap, lower, upper, count), strict=True)
                )
