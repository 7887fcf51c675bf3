"""``zhixing evaluations``: what evaluation knows of a year, as rows that needs and plans read."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from zhixing.config.cli.installation import set_up
from zhixing.config.cli.writing import check_place, written_whole


@click.group()
def command() -> None:
    """Take what evaluation knows, for planning."""


@command.command("evidence")
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="The year of the class runs.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write the CSV.")
def evidence_command(year: int, out: Path) -> None:
    """Write the evidence rows of the whole installation: courses, class runs, institutions, programmes. Small groups stay empty."""
    set_up()
    check_place(out)
    from django.utils import timezone

    from zhixing.evaluations.actions import take_evidence
    from zhixing.evaluations.queries.evidence import FIELDS, Source

    rows = take_evidence(year, timezone.localdate(), by=None)
    with written_whole(out) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows(row.cells() for row in rows)
    empty = sum(row.source == Source.SUPPRESSED for row in rows)
    click.echo(f"{out}: {len(rows)} rows, {empty} of them suppressed")
