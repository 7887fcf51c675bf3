"""``zhixing roster``: the list of a personnel system, brought in by the clock with a report of every row."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.installation import set_up
from zhixing.config.cli.options import FILE
from zhixing.config.cli.policy import DAY
from zhixing.config.cli.writing import check_place, written_whole

if TYPE_CHECKING:
    from zhixing.people.actions.rosters.feed import Fed
    from zhixing.people.models import Account, Unit

SENTENCES = {
    "applied": "applied",
    "waits": "read; it waits for somebody to apply it",
    "nothing_new": "read; it changes nothing",
    "known": "this very file was brought in before; nothing was done (--again brings it in once more)",
    "rolled_back": "this very file was rolled back by {name}; nothing was done (--again brings it in once more)",
    "too_many_leavers": "read; more people would leave than --leavers-max, so it waits for somebody to look at it",
}
FIGURES = ("rows", "arrival", "move", "change", "leaver", "unchanged", "refused", "doubtful")


@click.group()
def command() -> None:
    """Bring in a roster by the clock."""


@command.command("import")
@click.argument("file", type=FILE)
@click.option("--by", "username", required=True, metavar="USERNAME", help="The account in whose name it is done.")
@click.option("--unit", help="Code of the unit that the file speaks for; default: the whole scope of the account.")
@click.option("--on", type=DAY, help="The day the list holds for; default: today.")
@click.option("--complete", is_flag=True, help="The file is complete: whoever is not in it has left.")
@click.option("--apply", "applies", is_flag=True, help="Apply it; without, it waits on the page of the import.")
@click.option(
    "--leavers-max",
    type=click.IntRange(min=0),
    help="Do not apply it when more would leave; default: 5 % of those who serve.",
)
@click.option("--again", is_flag=True, help="Bring a file in although it was the last one.")
@click.option(
    "--problems",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every refused or doubtful row to this .xlsx.",
)
def import_command(
    file: Path,
    username: str,
    unit: str | None,
    on: dt.datetime | None,
    complete: bool,
    applies: bool,
    leavers_max: int | None,
    again: bool,
    problems: Path | None,
) -> None:
    """Read the roster FILE as the page of imports does, and apply it with --apply.

    Exits with 0 when all is well, 1 when rows were refused or doubtful or somebody must look at it, 2 when the file or what was asked
    cannot be used; then nothing was changed.
    """
    set_up()
    from django.conf import settings
    from django.utils import timezone

    from zhixing.base.problems import Problem
    from zhixing.base.tables.guard import inspect
    from zhixing.people.actions import feed_roster

    if problems is not None:
        check_place(problems)
    by = _account(username)
    scope = _scope(by, unit)
    try:
        inspect(file, file.name, max_bytes=settings.UPLOAD_MAX_BYTES)  # before it is read into memory
        fed = feed_roster(
            file.read_bytes(),
            file.name,
            by=by,
            scope_unit=scope,
            on=on.date() if on else timezone.localdate(),
            complete=complete,
            applies=applies,
            again=again,
            leavers_max=leavers_max,
        )
    except Problem as problem:
        raise BadInput([f"{file}: {line}" for line in str(problem.message).splitlines()]) from problem
    _report(fed, problems)
    sys.exit(0 if fed.is_clean else 1)


def _account(username: str) -> Account:
    from zhixing.people.models import Account

    by: Account | None = Account.objects.select_related("scope_unit").filter(username=username, is_active=True).first()
    if by is None:
        raise BadInput(f"--by {username}: there is no such account, or it is switched off")
    return by


def _scope(by: Account, code: str | None) -> Unit:
    from zhixing.people.models import Unit

    found = Unit.objects.visible_to(by).filter(code=code).first() if code else by.scope_unit
    if found is None:
        raise BadInput(f"--unit {code}: there is no unit with this code in the scope of {by.username}")
    return found


def _report(fed: Fed, problems: Path | None) -> None:
    from zhixing.people import papers

    found = fed.roster_import
    click.echo(f"import {found.pk}: {SENTENCES[fed.outcome].format(name=fed.rolled_back_by)}")
    click.echo(", ".join(f"{name} {found.counts.get(name, 0)}" for name in FIGURES))
    if problems is not None:
        with written_whole(problems) as temporary:
            temporary.write_bytes(papers.problem_book(found))
        click.echo(f"problems: {problems}")
