"""``zhixing extract``: statutory data sets and the yearly statistics of the whole installation, as of any day and as known at any moment."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.installation import set_up
from zhixing.config.cli.obligations import MOMENT
from zhixing.config.cli.options import FILE
from zhixing.config.cli.policy import DAY
from zhixing.config.cli.writing import check_place, written_whole
from zhixing.engine.extracts.definition import Definition, DefinitionError, Fault, parse

SENTENCES = {
    Fault.NOT_TOML: "the text is not TOML ({value}): mend the syntax",
    Fault.UNKNOWN_KEY: "this key is unknown: remove it, or correct its spelling",
    Fault.MISSING_KEY: "this key is missing: add it",
    Fault.BAD_TYPE: "the value is of the wrong kind ({value}): write text, a list of texts or a number",
    Fault.UNKNOWN_VALUE: "{value} is unknown: see `zhixing extract sources`, or name a [codes.…] table that stands in this file",
    Fault.DUPLICATE: "{value} is said twice: say it once",
    Fault.BAD_NAME: "{value} is no name of an XML element: letters, digits, _ . - and a letter first",
    Fault.TWO_SOURCES: "a field has a source or a fixed text, not both: remove one",
    Fault.EMPTY_WITHOUT_NOTE: "{value} has neither source nor fixed text: say in note why it stays empty",
}


@click.group()
def command() -> None:
    """Take statutory extracts and the yearly statistics, as of any day."""


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.datetime | None:
    """Local time without zone; a bare date is its midnight, as everywhere in formats.md."""
    if value is None:
        return None
    if not MOMENT.fullmatch(value):
        raise click.BadParameter(f"{value!r}: write local time without zone, such as 2026-10-09 or 2026-10-09T12:00:00")
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no moment ({error}): write one such as 2026-10-09T12:00:00") from error


@command.command("check")
@click.argument("file", type=FILE)
def check_command(file: Path) -> None:
    """Read the definition in FILE and list everything that is wrong with it."""
    found = _parsed(file)
    click.echo(f"{file.name}: no problems: {found.code}, {len(found.fields)} fields, sha256 {found.digest}")
    for name in found.unfilled_codes:
        click.echo(f"note: [codes.{name}] has codes still empty: fields that use them stay empty", err=True)


@command.command("sources")
def sources_command() -> None:
    """List the words a field's source may be."""
    from zhixing.engine.extracts.definition import SOURCES

    for word, meaning in SOURCES.items():
        click.echo(f"{word:16} {meaning}")


@command.command("list")
def list_command() -> None:
    """List the extracts there are."""
    set_up()
    from zhixing.archive.queries.definitions import files

    for code, path in files().items():
        click.echo(f"{code:16} {_parsed(path).title}")
    click.echo(f"{'statistics':16} yearly statistics of the year of --on (xlsx, pdf)")


@command.command("run")
@click.argument("code")
@click.option("--on", type=DAY, required=True, help="The last day asked for.")
@click.option(
    "--known-on",
    callback=_moment,
    metavar="TIMESTAMP",
    help="See only what was recorded by then (local time); default: now.",
)
@click.option("--since", type=DAY, help="Only trainings that ended since this day.")
@click.option("--unit", help="Code of a unit: people whose principal posting on the day lies in it or below.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "xml", "xlsx", "pdf"]), help="Default: by the name of --out."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write it.")
def run_command(
    code: str,
    on: dt.datetime,
    known_on: dt.datetime | None,
    since: dt.datetime | None,
    unit: str | None,
    form: str | None,
    out: Path,
) -> None:
    """Write the extract CODE of the whole installation. The same question gives the same bytes; the audit trail keeps it."""
    set_up()
    from django.utils import timezone

    from zhixing.archive.actions.extracts import NewExtract, keep_question, make_file
    from zhixing.base.problems import NotFound, Problem
    from zhixing.people.models import Unit

    check_place(out)
    found = Unit.objects.filter(code=unit).first() if unit else None
    if unit and found is None:
        raise BadInput(f"--unit {unit}: there is no unit with this code")
    known_at = timezone.make_aware(known_on, timezone.get_default_timezone()) if known_on else None
    first = since.date() if since else None
    if first and first > on.date():
        raise BadInput(f"--since {first} lies after --on {on.date()}: swap them")
    new = NewExtract(code, form or out.suffix.lstrip(".").lower(), on.date(), known_at, first, found)
    try:
        extract = keep_question(new, None)
    except NotFound as problem:
        raise BadInput(f"{code}: there is no such extract; `zhixing extract list` names them") from problem
    except Problem as problem:
        raise BadInput(f"{code}: {problem.message}") from problem
    bar = click.progressbar(length=1, file=sys.stderr, hidden=not sys.stderr.isatty())
    with written_whole(out) as temporary, bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        make_file(extract, temporary, progress)
    for one in extract.problems:
        click.echo("note: row {row}, {field}: {value} is longer than {max_length}".format(**one), err=True)
    counts = extract.counts
    click.echo(f"{out}: {counts['rows']} trainings of {counts['people']} people, sha256 {extract.digest}")


def _parsed(file: Path) -> Definition:
    try:
        return parse(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{file.name}: this is not UTF-8: save it as UTF-8") from error
    except DefinitionError as error:
        lines = [f"{file.name}: {one.place}: {SENTENCES[one.fault].format(value=one.value)}" for one in error.problems]
        raise BadInput(lines) from error
