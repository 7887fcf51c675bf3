"""Start the whole city on this machine: database, demonstration city when there is none, web and worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import click

from zhixing.config.cli.ready import is_ready, mark_ready
from zhixing.config.cli.web import collect_static, granian_command
from zhixing.config.home import home

PATIENCE = 10


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=min(4, os.cpu_count() or 1), show_default=True)
@click.option("--people", default=30_000, show_default=True, help="Size of the demonstration city.")
def command(host: str, port: int, workers: int, people: int) -> None:
    """Start web and worker together."""
    port = free_port(host, port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    os.environ.setdefault("ZHIXING_ADDRESS", f"http://{host}:{port}")
    (home() / "mail").mkdir(mode=0o700, parents=True, exist_ok=True)  # links in it are personal
    os.environ.setdefault("ZHIXING_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
    if not is_ready(home()):
        prepare(people)
        mark_ready(home())
    heed_signals()
    processes = []
    try:
        processes.append(start(granian_command(host, port, workers)))
        if answers(host, port, processes[0]):  # the worker would only take processor time from the first page
            tell(f"http://{host}:{port}")
            processes.append(start([sys.executable, "-m", "zhixing.config", "worker"]))
        while all(p.poll() is None for p in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        stop(processes)


def free_port(host: str, wanted: int) -> int:
    """``wanted``, or the next port that nobody listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise click.ClickException(f"no free port from {wanted} to {wanted + 49}")


def prepare(people: int) -> None:
    """Bring database and static files up to date, and make the demonstration city in an empty installation."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    collect_static(Path(settings.STATIC_ROOT), settings.PACKAGE)
    from zhixing.people.models import Unit

    if not Unit.objects.exists():
        from zhixing.config.cli.demo import build

        build(people=people, seed=1)


def answers(host: str, port: int, web: subprocess.Popen[bytes]) -> bool:
    """Wait until the web server takes connections; false when it ended instead."""
    for _ in range(300):
        if web.poll() is not None:
            return False
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, port)) == 0:
                return True
        time.sleep(0.1)
    return False


def tell(address: str) -> None:
    click.secho(f"\n知行 Zhixing  {address}\n", bold=True)
    logins = home() / "demo-logins.json"
    if logins.exists():
        for login in json.loads(logins.read_text()):
            click.echo(f"  {login['role']:<12} {login['username']:<12} {login['password']}   {login['name']}")
    click.echo("\nCtrl+C stops both web and worker.")


def heed_signals() -> None:
    """Ctrl+C, a polite kill and the closing of the terminal all end ``command`` the same way."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, leave)


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl+C reaches us alone, and the web server does not replace workers that the same Ctrl+C ended."""
    return subprocess.Popen(command, start_new_session=True)


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to end. Whoever has not within ``PATIENCE`` seconds, or at a second Ctrl+C, is killed, and so is what outlives its leader."""
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(timeout=PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
