"""Make the demonstration city."""

from __future__ import annotations

import datetime as dt
import os
import time

import click

from zhixing.config.cli.failures import BadInput


@click.command()
@click.option("--people", default=30_000, show_default=True, type=click.IntRange(2_000, 200_000))
@click.option("--seed", default=1, show_default=True)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the city stands; default: today.")
@click.option("--password", help="One password for the logins; default: invented.")
def command(people: int, seed: int, on: dt.datetime | None, password: str | None) -> None:
    """Make the demonstration city: an invented city with an invented name, the same for the same arguments.

    The day it stands on decides ages and careers, which class runs are over, under way or to come, whose register is open, and every
    stamp of what was done; give --on for the same city on another day. Passwords and the moments at which rows are truly made differ.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    build(people, seed, on.date() if on else None, password)


def build(people: int, seed: int, on: dt.date | None = None, password: str | None = None) -> None:
    """Make the city in the migrated, empty database of this installation; the logins are kept for ``zhixing run``."""
    from django.conf import settings
    from django.utils import timezone

    from zhixing.base import table_statistics
    from zhixing.demo.build import build_city, keep_logins

    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"  {time.monotonic() - began:5.1f} s  {text} …", err=True)

    click.echo(f"Making the demonstration city with {people:,} people", err=True)
    try:
        logins = build_city(people=people, seed=seed, on=on or timezone.localdate(), password=password, say=say)
    except ValueError as error:
        raise BadInput(str(error)) from error
    keep_logins(logins, settings.HOME / "demo-logins.json")
    table_statistics.renew()
    click.echo(f"  {time.monotonic() - began:5.1f} s  done", err=True)
