"""``zhixing run`` ends with all that it started, however it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.scenarios.installation import Installation, free_port, listens, wait_for
from tools import assets, messages

pytestmark = [pytest.mark.slow, pytest.mark.files]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An empty city, so that no demonstration is made."""
    assets.build()
    messages.compile_all()
    return Installation(tmp_path_factory.mktemp("home"))


@pytest.fixture
def started(city: Installation) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``zhixing run`` as the leader of a process group, as a terminal starts it, and its port."""
    port = free_port()
    command = [sys.executable, "-m", "zhixing.config", "run", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, env=city.environment, stdout=subprocess.DEVNULL, process_group=0)
    try:
        wait_for(lambda: listens(port), "the web server to listen")
        wait_for(lambda: len(family(process)) >= 4, "web, its two workers and the worker")
        yield process, port
    finally:
        for one in family(process):
            one.kill()
        process.kill()
        process.wait()


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_terminals_group_ends_everything(
    started: tuple[subprocess.Popen[bytes], int], told: signal.Signals
) -> None:
    process, port = started
    children = family(process)
    os.killpg(process.pid, told)
    assert process.wait(timeout=30) == 0
    _gone, left = psutil.wait_procs(children, timeout=10)
    assert left == []
    assert not listens(port)


def test_a_signal_to_each_process_at_once_ends_everything(started: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = started
    children = family(process)
    for one in (*children, process):
        os.kill(one.pid, signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    _gone, left = psutil.wait_procs(children, timeout=10)
    assert left == []
    assert not listens(port)
