"""``zhixing cycle``: the whole job without a server, from three spreadsheets to papers (formats.md §1)."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.options import FILE
from zhixing.config.cli.policy import DAY
from zhixing.cycle.books import Paths, Reading, Refusal
from zhixing.cycle.clock import Clock, Tell
from zhixing.cycle.folder import drafted, forget_keys, home_of

STEPS: Final = 1000


@click.command()
@click.option("--roster", type=FILE, required=True, help="花名册: who serves where, in which rank.")
@click.option("--classes", type=FILE, required=True, help="班次计划: the classes, with 分配名额 on a second sheet.")
@click.option("--history", type=FILE, help="培训记录: the trainings done so far.")
@click.option("--policy", type=FILE, help="The rules, as TOML.  [default: the national policy]")
@click.option("--on", type=DAY, required=True, help="The day as of which everything is reckoned.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write.")
@click.option("--seconds", type=click.FloatRange(0, 3600, min_open=True), default=60.0, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Decides ties, by lot.")
def command(
    roster: Path,
    classes: Path,
    history: Path | None,
    policy: Path | None,
    on: dt.datetime,
    out: Path,
    seconds: float,
    seed: int,
) -> None:
    """Run the whole job from three spreadsheets to papers.

    OUT gets standings.csv, callups.csv, not_called.csv, make_ups.csv, notices/, problems.xlsx, report.html, city.sqlite3 with its files/,
    and summary.json. An earlier output in it is replaced when all is done; anything else in it stays.

    ID numbers in city.sqlite3 are sealed with the keys of the installation that ZHIXING_HOME names; without one, with keys that nobody keeps.
    """
    paths = Paths(roster, classes, history, policy)
    reading = Reading(paths, on.date())
    try:
        with drafted(out.resolve()) as draft, _progress() as tell:
            summary = _run(paths, reading, on.date(), draft, seconds, seed, tell)
    except Refusal as refusal:
        raise BadInput(refusal.lines) from refusal
    finally:
        reading.stop()
    click.echo(
        f"{out}: {summary['people']} people, {summary['classes']} classes, {summary['called']} of {summary['seats']} seats; "
        f"{summary['refused_rows']} rows refused, {summary['doubtful_rows']} doubtful"
    )


def _run(
    paths: Paths, reading: Reading, on: dt.date, draft: Path, seconds: float, seed: int, tell: Tell
) -> dict[str, Any]:
    """Set up the fresh installation, then do the work: settings are read once in a process, so only now."""
    clock = Clock(tell)
    os.environ.update(home_of(draft, os.environ))
    import django

    django.setup()
    forget_keys(draft)
    from zhixing.cycle.run import Order, run

    return run(Order(paths, on, seconds, seed), reading, draft, clock)


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar on a terminal, nothing elsewhere."""
    bar: Any = click.progressbar(
        length=STEPS, file=sys.stderr, hidden=not sys.stderr.isatty(), item_show_func=lambda stage: stage or ""
    )
    with bar:
        yield lambda share, stage: bar.update(max(0, int(share * STEPS) - bar.pos), stage)
