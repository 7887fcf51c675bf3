"""``zhixing obligations``: the standings of many people at once, from parquet to parquet (formats.md §2)."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.options import FILE
from zhixing.config.cli.policy import DAY, read_policy
from zhixing.config.cli.writing import written_whole
from zhixing.engine.obligations.bulk import STEPS, bulk_to_parquet, require_sound
from zhixing.engine.obligations.inputs import Fault, InputError, InputProblem, Inputs
from zhixing.engine.obligations.spark import SparkMissing, spark_to_parquet
from zhixing.engine.policies import YEARS, Channel

MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+)?")
TABLE: Final = click.Path(path_type=Path)
"""Not looked for yet: of several that are missing all are named."""
SENTENCES: Final = {
    Fault.UNREADABLE: "this is no parquet file ({value}): write the table as parquet",
    Fault.DAMAGED: "its values cannot be read ({value}): write the file anew, texts as UTF-8",
    Fault.MISSING_COLUMN: "the column is missing: add it as {wanted}",
    Fault.DOUBLED_COLUMN: "several columns have this name, small letters or capitals: leave one",
    Fault.WRONG_TYPE: "the type is {value}: write the column as {wanted}",
    Fault.EMPTY: "the value is missing: fill it in or leave the row out",
    Fault.DUPLICATE_KEY: "{value} stands in several rows: leave one",
    Fault.UNKNOWN_CHANNEL: f"{{value}} is no channel: use one of {', '.join(Channel)}",
    Fault.OUT_OF_RANGE: "{value} does not fit into an int32: mend the hours",
    Fault.NO_DAY: "{value} is no day from year 1 to year 9999: mend it",
    Fault.SUM_TOO_LARGE: "the hours of person {value} add up to more than an int32 holds: mend them",
    Fault.ENDS_BEFORE_IT_BEGINS: "{value} is before the first day, so no day is in between: mend one of the two",
    Fault.RANK_WITHOUT_RULE: "no rule of the policy names {value}, so it owes nothing: mend it if it is misspelt",
    Fault.PERSON_MISSING: "person {value} is not among the people, so these hours count for nobody: add the person or mend the key",
    Fault.ENTRY_MISSING: "there is no entry {value}, so nothing is cancelled: add the entry or mend the key",
    Fault.REVERSES_ITSELF: "entry {value} cancels itself, so it cancels nothing else: name the entry that is meant",
}


@click.group()
def command() -> None:
    """Compute standings in bulk (formats.md §2)."""


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | None:
    """Local time without zone; a bare date is its midnight."""
    if value is None:
        return None
    if not MOMENT.fullmatch(value):  # fromisoformat alone takes 2026-10-09+08:00 for eight o'clock
        raise click.BadParameter(f"{value!r}: write local time without zone, such as 2026-10-09 or 2026-10-09T12:00:00")
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no moment ({error}): write one such as 2026-10-09T12:00:00") from error


def _day(context: click.Context, parameter: click.Parameter, value: dt.datetime) -> dt.date:
    if value.year not in YEARS:
        raise click.BadParameter(f"{value.date()} is out of range: write a day from {YEARS[0]} to {YEARS[-1]}")
    return value.date()


@command.command("bulk")
@click.option("--people", type=TABLE, required=True, help="Who serves: person_id, joined_on, left_on.")
@click.option("--postings", type=TABLE, required=True, help="Who held which rank when.")
@click.option("--credits", type=TABLE, required=True, help="The hours ledger.")
@click.option("--exemptions", type=TABLE, help="Days on which a rule asks nothing of a person.")
@click.option("--policy", "policy_file", type=FILE, required=True, help="The rules, as TOML.")
@click.option("--on", type=DAY, required=True, callback=_day, help="The day asked for.")
@click.option("--known-on", callback=_moment, metavar="TIMESTAMP", help="See only facts recorded by then (local time).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write the result."
)
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True)
@click.option("--master", help="The Spark master [default: local[THREADS]].")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--memory-gb", type=click.FloatRange(min=0.5), default=6.0, show_default=True)
def bulk_command(
    people: Path,
    postings: Path,
    credits: Path,
    exemptions: Path | None,
    policy_file: Path,
    on: dt.date,
    known_on: dt.datetime | None,
    out: Path,
    engine: str,
    master: str | None,
    threads: int,
    memory_gb: float,
) -> None:
    """Write everyone's standings on a day, sorted by person and rule."""
    if master and engine != "spark":
        raise BadInput("--master names a Spark master: add --engine spark, or leave it out")
    inputs = Inputs(people, postings, credits, exemptions)
    try:
        policy = read_policy(policy_file)
    except BadInput as error:
        raise BadInput([*error.lines, *_faults(inputs)]) from error
    if on < policy.in_force_from:
        click.echo(f"{policy_file.name}: in force from {policy.in_force_from} only, asked for {on}", err=True)
    if policy.in_force_to and on > policy.in_force_to:
        click.echo(f"{policy_file.name}: in force until {policy.in_force_to} only, asked for {on}", err=True)
    with written_whole(out) as temporary, _progress() as on_step:
        try:
            if engine == "spark":
                run = partial(spark_to_parquet, master=master or f"local[{threads}]", memory_gb=memory_gb)
            else:
                run = partial(bulk_to_parquet, threads=threads, memory_limit=f"{memory_gb}GB")
            written = run(inputs, policy, on, known_on, temporary, on_step=on_step)
        except InputError as error:
            raise BadInput([sentence(inputs, problem) for problem in error.problems]) from error
        except SparkMissing as error:
            raise BadInput(f"{error}: install the extra with pip install 'zhixing[scale]' and Java 17") from error
    for doubt in written.doubts:
        click.echo(f"note: {sentence(inputs, doubt)}", err=True)
    click.echo(f"{out}: {written.rows} standings on {on}")


def _faults(inputs: Inputs) -> list[str]:
    """What is wrong in the tables, whatever the policy says."""
    try:
        require_sound(inputs)
    except InputError as error:
        return [sentence(inputs, problem) for problem in error.problems]
    return []


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, nothing elsewhere."""
    bar = click.progressbar(
        length=len(STEPS), file=sys.stderr, hidden=not sys.stderr.isatty(), item_show_func=lambda step: step or ""
    )
    with bar:
        yield lambda step: bar.update(1, step)


def sentence(inputs: Inputs, problem: InputProblem) -> str:
    """File, row, column, value and what to do."""
    name = Path(getattr(inputs, problem.table)).name
    row = f", row {problem.row}" if problem.row else ""
    column = f", column {problem.column}" if problem.column else ""
    more = f" (and {problem.more} more rows)" if problem.more else ""
    return f"{name}{row}{column}: {SENTENCES[problem.fault].format(value=problem.value, wanted=problem.wanted)}{more}"
