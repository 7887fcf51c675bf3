"""The web server: granian on WSGI."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from zhixing.config.cli.installation import set_up
from zhixing.config.cli.ready import static_state


def granian_command(host: str, port: int, workers: int) -> list[str]:
    """The command line of the web server."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
        "--backpressure",
        "64",
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        "5",  # a worker that is told to end while it begins does not hear it
        "--no-ws",
        "--log-level",
        "warning",
        "zhixing.config.wsgi:application",
    ]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=min(4, os.cpu_count() or 1), show_default=True)
def command(host: str, port: int, workers: int) -> None:
    """Start the web server."""
    prepare()
    arguments = granian_command(host, port, workers)
    os.execv(arguments[0], arguments)  # noqa: S606  the server replaces this process, so signals reach it


def prepare() -> None:
    """Refuse a database behind the code, and bring the static files up to date."""
    set_up()
    from django.conf import settings
    from django.db import connection

    connection.close()
    collect_static(Path(settings.STATIC_ROOT), settings.PACKAGE)


def collect_static(target: Path, package: Path) -> None:
    """Collect, hash and compress the static files, unless they are those of the last start."""
    from django.core.management import call_command

    seen = static_state(package)
    stamp = target / ".stamp"
    if stamp.exists() and stamp.read_text() == seen:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(seen)
