"""``zhixing disclosure``: which figures of answers may be shown, and what tables give away (docs/reference/disclosure.md)."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
import numpy as np

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option, speaking
from zhixing.config.cli.options import FILE, distinct, files_argument, out_option
from zhixing.config.cli.writing import check_place, written_whole
from zhixing.engine.disclosure.atoms import count
from zhixing.engine.disclosure.checking import TooManyKinds, check
from zhixing.engine.disclosure.protection import Figure, ProtectionFault, protect
from zhixing.engine.disclosure.solver import Contradiction
from zhixing.engine.disclosure.tables import SMALLEST, WIDTH, Answers, Scale, Statistic, Table, Terms

DAY: Final = click.DateTime(["%Y-%m-%d"])
smallest_option = click.option(
    "--smallest",
    type=click.IntRange(2, 50),
    default=SMALLEST,
    show_default=True,
    help="No group of fewer people is shown.",
)
width_option = click.option(
    "--width",
    type=click.FloatRange(0.0, 10.0),
    default=WIDTH,
    show_default=True,
    help="Of no such group may the mean be known closer than so many grades.",
)


@click.group()
def command() -> None:
    """Small groups in published tables: leave out what gives them away, and check tables (docs/reference/disclosure.md)."""


@command.command("check")
@files_argument
@smallest_option
@width_option
@lang_option
def check_command(files: tuple[Path, ...], smallest: int, width: float, lang: str) -> None:
    """Attack the tables of FILES all together, as a reader could who has nothing else. Ends with 1 when an attack works."""
    with speaking(lang):
        from django.utils.translation import gettext as _

        from zhixing.config.cli.disclosure_tables import breach_lines, read_tables

        read = read_tables(files)
        try:
            found = check(read.tables, read.scales, read.nested, Terms(smallest, width))
        except Contradiction as error:
            raise BadInput(_("the tables contradict each other: no answers have all these figures")) from error
        except TooManyKinds as error:
            raise BadInput(
                _("the tables tell {n} kinds of answers apart, which are too many: check fewer tables at once").format(
                    n=error
                )
            ) from error
        for line in breach_lines(read, found, smallest):
            click.echo(line)
        if found:
            click.echo(_("{n} attacks work: do not publish these tables together.").format(n=len(found)))
            sys.exit(1)
        click.echo(_("No attack works on {tables} tables.").format(tables=len(read.tables)))


@command.command("protect")
@click.argument("file", type=FILE)
@click.option("--items", required=True, help="Columns of whole grades, parted by commas.")
@click.option(
    "--cuts",
    required=True,
    help="By which attributes, parted by commas; a:b is their crossing. The figure of all comes with them.",
)
@click.option("--scale", required=True, help="Lowest and highest grade, such as 1-4.")
@click.option("--nested", default="", help="Attributes that are paths, such as 市局/二科: each part is a group.")
@click.option(
    "--statistic", type=click.Choice([str(one) for one in Statistic]), default=str(Statistic.MEAN), show_default=True
)
@click.option("--came", help="The column of the day on which an answer came.")
@click.option("--until", type=DAY, help="Only answers that came by this day.")
@click.option(
    "--published",
    type=FILE,
    multiple=True,
    help="tables.json of what was published of these answers before; may be given several times.",
)
@smallest_option
@width_option
@out_option
@lang_option
def protect_command(
    file: Path,
    items: str,
    cuts: str,
    scale: str,
    nested: str,
    statistic: str,
    came: str | None,
    until: object,
    published: tuple[Path, ...],
    smallest: int,
    width: float,
    out: Path,
    lang: str,
) -> None:
    """Tables of the answers in FILE without whatever would, with all tables published before, give a small group away."""
    with speaking(lang):
        from django.utils.translation import gettext as _

        from zhixing.config.cli.disclosure_tables import Read, read_tables, said_of

        check_place(out)
        if until and not came:
            raise BadInput(_("--until needs --came: without it nobody knows which answers had come"))
        read = read_tables(published) if published else Read()
        wanted = [(), *(tuple(sorted(set(distinct(cut, ":")))) for cut in distinct(cuts, ","))]
        ends = _scale(scale)
        names = sorted(
            {name for cut in wanted for name in cut} | {name for one in read.tables for name in one.table.cut}
        )
        answers = _answers(
            file, distinct(items, ","), names, ends, frozenset(distinct(nested, ",")) | read.nested, came
        )
        _agree(read, ends, answers, came)
        day = np.datetime64(str(until)[:10]).astype(int) if until else None
        tables = [
            Table(cut, item, Statistic(statistic), None if day is None else int(day))
            for item in answers.grades
            for cut in dict.fromkeys(wanted)
        ]
        try:
            found = protect(answers, read.published(), tables, Terms(smallest, width))
        except ProtectionFault as error:
            raise BadInput(
                _(
                    "{place} was published, and no answer in {file} is there: bring the answers that were published"
                ).format(place=", ".join(error.place) or _("everybody"), file=file)
            ) from error
        rows = [(table, figure) for table, figures in found.tables for figure in figures]
        _write(out, rows, said_of(found, answers.scales, answers.nested), answers)
        shown = sum(figure.why is None for _table, figure in rows)
        click.echo(_("{out}: {shown} of {cells} cells are shown.").format(out=out, shown=shown, cells=len(rows)))
        for breach in found.before:
            click.echo(
                _(
                    "A group of {n} people can be computed from what was published before; nothing can mend that."
                ).format(n=breach.people)
            )
        if not found.proven:
            click.echo(
                _("The search ran out of time: that no combination of many cells gives a group away is not proven.")
            )


def _scale(words: str) -> Scale:
    from django.utils.translation import gettext as _

    low, _dash, high = words.partition("-")
    if not (low.strip().isdecimal() and high.strip().isdecimal() and 0 < int(high) - int(low) < 100):
        raise BadInput(_("--scale {scale}: write the lowest and the highest grade, such as 1-4").format(scale=words))
    return Scale(int(low), int(high))


def _answers(
    file: Path, items: list[str], names: list[str], scale: Scale, nested: frozenset[str], came: str | None
) -> Answers:
    from zhixing.config.cli.columns import reading

    with reading(file, [*items, *names, came]) as columns:
        return Answers(
            {name: columns.texts(name) for name in names},
            {item: columns.whole(item, scale.low, scale.high) for item in items},
            dict.fromkeys(items, scale),
            columns.days(came) if came else np.zeros(len(columns), np.int64),
            nested,
        )


def _agree(read: object, scale: Scale, answers: Answers, came: str | None) -> None:
    """What was published must be of these answers: the same scale, and each shown cell with as many people."""
    from django.utils.translation import gettext as _

    from zhixing.config.cli.disclosure_tables import Read, place_words

    assert isinstance(read, Read)
    lines = []
    for one, origin in zip(read.tables, read.origins, strict=True):
        if one.table.item not in answers.grades:
            continue
        if read.scales[one.table.item] != scale:
            lines.append(_("{place}: another scale than that of --scale").format(place=origin))
        if one.table.until is not None and came is None:
            lines.append(_("{place}: it holds answers until a day, so --came is needed").format(place=origin))
            continue
        counted = count(answers, [one.table])
        places = counted.atoms.places(one.table.cut)
        for cell in one.cells:
            n = int(counted.size[places.get(cell.place, [])].sum())
            if cell.told and cell.people != n:
                lines.append(
                    _(
                        "{place}: {cell} was published with {was} people, and the answers have {n}: bring the answers that were published"
                    ).format(place=origin, cell=place_words(one.table, cell.place), was=cell.people, n=n)
                )
    if lines:
        raise BadInput(lines)


def _write(out: Path, rows: Sequence[tuple[Table, Figure]], said: dict[str, object], answers: Answers) -> None:
    """``tables.csv`` to read, ``tables.json`` for the ledger."""
    from zhixing.config.cli.disclosure_tables import day_of, mean_of

    out.mkdir(exist_ok=True)
    with ExitStack() as stack:
        ledger = stack.enter_context(written_whole(out / "tables.json"))
        ledger.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        path = stack.enter_context(written_whole(out / "tables.csv"))
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["item", "cut", "cell", "until", "n", "mean", "counts", "left_out"])
            for table, figure in rows:
                scale = answers.scales[table.item]
                counts = " ".join(map(str, figure.counts.tolist())) if table.statistic is Statistic.COUNTS else ""
                shown = (
                    ["", "", "", str(figure.why)] if figure.why else [figure.people, mean_of(figure, scale), counts, ""]
                )
                writer.writerow(
                    [table.item, ":".join(table.cut), " / ".join(figure.place), day_of(table) or "", *shown]
                )
