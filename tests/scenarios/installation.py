"""A real installation for tests that kill: its own home and database, real processes, and questions asked in a process of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zhixing.config.cli.web import granian_command

HEAD = """
import json, os, sys
import django
django.setup()
from django.utils import timezone
import datetime as dt
"""


class Installation:
    """Processes of one home. ``ask`` runs code there and returns what it assigned to ``answer``."""

    def __init__(self, home: Path, database_url: str = "", *, administrator: bool = True) -> None:
        self.home, self.database_url = home, database_url
        self.uploads = home / "uploads"
        """Where the web server spools the body of an upload."""
        self.environment = {
            **os.environ,
            "ZHIXING_HOME": str(home),
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "zhixing.config.settings",
            "TMPDIR": str(self.uploads),
            "ZHIXING_JOB_STALE_SECONDS": "3",
            "ZHIXING_ADMIN_PASSWORD": "long-and-invented-1",
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        for folder in (home / "static", self.uploads):
            folder.mkdir(parents=True, exist_ok=True)
        if database_url:
            self._set_up(administrator)
        else:
            self._copy_of_one_set_up(administrator)

    def _set_up(self, administrator: bool) -> None:
        self.manage("migrate", "--verbosity=0")
        if administrator:
            self.manage("createadmin", "--username=zuzhibu", "--name=组织部", "--city=云岚市")
        self.manage("collectstatic", "--noinput", "--verbosity=0")

    def _copy_of_one_set_up(self, administrator: bool) -> None:
        """The first of a run on SQLite is kept for the next ones: migrating alone takes ten seconds."""
        kept = Path(os.environ["ZHIXING_HOME"]) / f"set-up-{'with' if administrator else 'without'}-administrator"
        if not kept.exists():
            self._set_up(administrator)
            with TemporaryDirectory(dir=kept.parent) as made, suppress(OSError):  # the other worker may be the first
                shutil.copytree(self.home, made, dirs_exist_ok=True)
                Path(made).rename(kept)
                Path(made).mkdir()
        else:
            shutil.copytree(kept, self.home, dirs_exist_ok=True)

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "zhixing.config", "manage", *arguments]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def ask(self, code: str, **given: Any) -> Any:
        program = (
            f"{HEAD}\ngiven = json.loads(sys.argv[1])\n{textwrap.dedent(code)}\nprint(json.dumps(answer, default=str))"
        )
        command = [sys.executable, "-c", program, json.dumps(given)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start_worker(self, interval: str = "0.1") -> subprocess.Popen[bytes]:
        return self._start([sys.executable, "-m", "zhixing.config", "worker", "--interval", interval])

    def start_web(self) -> tuple[subprocess.Popen[bytes], int]:
        port = free_port()
        process = self._start(granian_command("127.0.0.1", port, 1))
        wait_for(lambda: listens(port), "the web server to listen")
        return process, port

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._processes.append(process)
        return process

    def stop(self) -> None:
        for process in self._processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """``kill -9`` of a process with all its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Ask until the answer is true; fail with ``what`` when it never is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
