"""The web server: granian on WSGI."""

from __future__ import annotations

import os
import sys

import click


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
    arguments = granian_command(host, port, workers)
    os.execv(arguments[0], arguments)  # noqa: S606  the server replaces this process, so signals reach it
