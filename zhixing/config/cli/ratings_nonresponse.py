"""``zhixing ratings nonresponse``: weights for those who did not answer, and what they change (docs/reference/ratings.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pyarrow as pa

from zhixing.config.cli.csv_files import write_folder
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option, speaking
from zhixing.config.cli.options import FILE, distinct, out_option
from zhixing.config.cli.writing import check_place
from zhixing.engine.columns import Columns, Floats, Longs
from zhixing.engine.ratings.nonresponse import CAP, LEAST, FaultCode, Weights, WeightsError, by_cells, rake


@click.command("nonresponse")
@click.argument("answers", type=FILE)
@click.argument("asked", type=FILE)
@click.option("--by", required=True, help="Columns of both files that tell kinds of people, parted by commas.")
@click.option("--count", "count", default="asked", show_default=True, help="The column of ASKED: how many were asked.")
@click.option(
    "--columns", default="", help="Columns of marks in ANSWERS, of which means are given; empty cells are left out."
)
@click.option(
    "--rake", "raked", is_flag=True, help="Meet the counts of each --by column by itself, not of each row of ASKED."
)
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=LEAST,
    show_default=True,
    help="Answers of a row of ASKED that is not joined with its neighbour.",
)
@click.option(
    "--cap",
    type=click.FloatRange(min=1.0, min_open=True),
    default=CAP,
    show_default=True,
    help="The largest weight, in means.",
)
@out_option
@lang_option
def nonresponse_command(
    answers: Path,
    asked: Path,
    by: str,
    count: str,
    columns: str,
    raked: bool,
    least: int,
    cap: float,
    out: Path,
    lang: str,
) -> None:
    """Weigh sheets so that those who answered stand for everybody who was asked.

    ANSWERS has a row for each sheet, ASKED one for each kind of people with how many were asked, neighbours in it alike: a kind with few answers
    is joined with the next. Writes weights.csv, kinds.csv, means.csv and nonresponse.json.
    """
    names, marks = distinct(by), distinct(columns)
    with speaking(lang):
        from zhixing.config.cli.columns import reading

        check_place(out)
        with reading(asked, [*names, count]) as people, reading(answers, [*names, *marks]) as sheets:
            kinds, own = _kinds(people, names), _kinds(sheets, names)
            numbers, values = people.whole(count, least=0), [sheets.numbers(name, may_be_empty=True) for name in marks]
        cell = _places(answers, own, kinds, asked)
        try:
            found = _raked(own, kinds, numbers, cap) if raked else by_cells(cell, numbers.tolist(), least, cap)
        except WeightsError as error:
            raise BadInput(_fault(asked, error, kinds, names, raked)) from error
        _write(out, found, cell, kinds, numbers, dict(zip(marks, values, strict=True)))
        for line in _told(found, numbers):
            click.echo(line)


def _kinds(columns: Columns, names: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(columns.texts(name) for name in names), strict=True))


def _places(answers: Path, own: list[tuple[str, ...]], kinds: list[tuple[str, ...]], asked: Path) -> Longs:
    """The row of ASKED that each sheet belongs to; one that stands twice, or none, is a fault."""
    from django.utils.translation import gettext as _

    place = {kind: row for row, kind in reversed(list(enumerate(kinds)))}
    lines = [
        _("{file}, row {row}: {kind} stands in an earlier row: add the two counts up").format(
            file=asked, row=row + 2, kind=" ".join(kind)
        )
        for row, kind in enumerate(kinds)
        if place[kind] != row
    ]
    lines += [
        _("{file}, row {row}: nobody of {kind} was asked: add the kind to {asked}").format(
            file=answers, row=row + 2, kind=" ".join(kind), asked=asked
        )
        for row, kind in enumerate(own)
        if kind not in place
    ]
    if lines:
        raise BadInput(lines[:100])
    return np.array([place[kind] for kind in own], np.int64)


def _raked(own: list[tuple[str, ...]], kinds: list[tuple[str, ...]], asked: Longs, cap: float) -> Weights:
    codes = np.empty((len(own), len(kinds[0])), np.int64)
    margins: list[Floats] = []
    for column, texts in enumerate(zip(*kinds, strict=True)):
        values = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        margins.append(np.bincount([values[text] for text in texts], asked).astype(np.float64))
        codes[:, column] = [values[kind[column]] for kind in own]
    return rake(codes, margins, cap)


def _fault(asked: Path, error: WeightsError, kinds: list[tuple[str, ...]], names: list[str], raked: bool) -> str:
    from django.utils.translation import gettext as _

    where = str(asked)
    if error.place >= 0:
        texts = list(dict.fromkeys(kind[error.margin] for kind in kinds)) if raked else [" ".join(one) for one in kinds]
        where += _(", {column} {value}").format(column=names[error.margin] if raked else "", value=texts[error.place])
    sentences = {
        FaultCode.MORE_ANSWERS: _("more sheets than people asked: mend the count"),
        FaultCode.NO_RESPONDENT: _("nobody answered: join it with another, or leave --rake out"),
        FaultCode.NO_ANSWERS: _("there is no sheet: bring at least one"),
    }
    return where + _(": ") + sentences.get(error.code, str(error.code))


def _write(
    out: Path, found: Weights, cell: Longs, kinds: list[tuple[str, ...]], asked: Longs, marks: dict[str, Floats]
) -> None:
    answered = np.bincount(cell, minlength=len(kinds))
    said = {
        "sheets": len(cell),
        "asked": int(asked.sum()),
        "design_effect": found.design_effect,
        "effective": found.effective,
        "gap": found.gap,
        "trimmed": found.trimmed,
    }
    weighed = np.bincount(cell, found.weight, minlength=len(kinds))
    tables = {
        "weights": pa.table({"sheet": np.arange(1, len(cell) + 1), "weight": found.weight}),
        "kinds": pa.table(
            {
                "kind": [" ".join(kind) for kind in kinds],
                "asked": asked,
                "answered": answered,
                "joined": found.joined + 1 if found.joined is not None else np.arange(1, len(kinds) + 1),
                "weighed": weighed,
            }
        ),
        "means": pa.Table.from_pylist([_means(name, values, found.weight) for name, values in marks.items()], MEANS),
    }
    write_folder(out, "nonresponse", said, tables)


MEANS = pa.schema(
    {
        "item": pa.string(),
        "n": pa.int64(),
        "mean": pa.float64(),
        "mean_weighted": pa.float64(),
        "se": pa.float64(),
        "se_weighted": pa.float64(),
    }
)


def _means(name: str, values: Floats, weight: Floats) -> dict[str, object]:
    """Both means with their standard errors: sheets drawn one by one, weights taken as known (Taylor)."""
    there = ~np.isnan(values)
    plain, weighted = (_mean(values[there], own[there]) for own in (np.ones(len(values)), weight))
    return dict(zip(MEANS.names, (name, int(there.sum()), plain[0], weighted[0], plain[1], weighted[1]), strict=True))


def _mean(marks: Floats, weight: Floats) -> tuple[float | None, float | None]:
    """Mean and standard error, None where there are too few marks."""
    n = len(marks)
    if not n:
        return None, None
    mean = float(weight @ marks / weight.sum())
    spread = float(np.sum((weight * (marks - mean)) ** 2))
    return mean, float(np.sqrt(n / (n - 1) * spread) / weight.sum()) if n > 1 else None


def _told(found: Weights, asked: Longs) -> Iterator[str]:
    from django.utils.translation import gettext as _

    yield _(
        "{sheets} of {asked} answered; unequal weights make of these what {effective} equal ones would tell."
    ).format(sheets=len(found.weight), asked=int(asked.sum()), effective=round(found.effective))
    if found.trimmed:
        yield _("{count} sheets have the largest weight allowed; {gap} % of all are not made up for.").format(
            count=found.trimmed, gap=round(100 * found.gap, 1)
        )
