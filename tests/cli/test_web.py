"""The recipe of the README for a real city: migrate, first account, web."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tools import assets, messages

ZHIXING = [sys.executable, "-m", "zhixing.config"]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of an empty installation on SQLite."""
    assets.build()
    messages.compile_all()
    return {
        **os.environ,
        "ZHIXING_HOME": str(tmp_path),
        "DATABASE_URL": "",
        "ZHIXING_ADMIN_PASSWORD": "long-and-invented-1",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def login_page(port: int, server: subprocess.Popen[bytes]) -> str:
    """What the server answers, once it does."""
    for _ in range(300):
        assert server.poll() is None, "the web server ended"
        try:
            with urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError as error:
            if "refused" not in str(error):
                raise
            time.sleep(0.1)
    raise AssertionError("the web server never answered")


@pytest.mark.slow
def test_web_alone_serves_the_login_page_with_its_static_files(home: dict[str, str]) -> None:
    subprocess.run([*ZHIXING, "manage", "migrate", "--verbosity=0"], env=home, check=True)
    first = ["createadmin", "--username=zuzhibu", "--name=组织部", "--city=云岚市"]
    subprocess.run([*ZHIXING, "manage", *first], env=home, check=True, capture_output=True)
    port = free_port()
    server = subprocess.Popen([*ZHIXING, "web", "--port", str(port), "--workers", "1"], env=home)
    try:
        assert "/static/base/mark." in login_page(port, server)
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.slow
def test_web_refuses_a_database_older_than_the_program(home: dict[str, str]) -> None:
    done = subprocess.run([*ZHIXING, "web"], env=home, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "zhixing manage migrate" in done.stderr


def test_the_web_server_loads_no_solver_and_no_compiler() -> None:
    program = "import sys, zhixing.config.wsgi, zhixing.config.urls; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"numba", "highspy", "ortools", "scipy"} & set(done.stdout.split()) == set()
