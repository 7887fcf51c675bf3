"""The recipe of the README for a real city: migrate, first account, web."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.scenarios.installation import free_port, listens, wait_for
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


@pytest.mark.slow
def test_web_alone_serves_the_login_page_with_its_static_files(home: dict[str, str]) -> None:
    subprocess.run([*ZHIXING, "manage", "migrate", "--verbosity=0"], env=home, check=True)
    first = ["createadmin", "--username=zuzhibu", "--name=组织部", "--city=云岚市"]
    subprocess.run([*ZHIXING, "manage", *first], env=home, check=True, capture_output=True)
    port = free_port()
    server = subprocess.Popen([*ZHIXING, "web", "--port", str(port), "--workers", "1"], env=home)
    try:
        wait_for(lambda: server.poll() is not None or listens(port), "the web server to listen")
        assert server.poll() is None, "the web server ended"
        with urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=30) as answer:
            assert "/static/base/mark." in answer.read().decode()
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.slow
def test_web_refuses_a_database_older_than_the_program(home: dict[str, str]) -> None:
    done = subprocess.run([*ZHIXING, "web"], env=home, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "zhixing manage migrate" in done.stderr


def test_the_web_server_loads_no_solver_and_no_compiler() -> None:
    program = "import sys, zhixing.config.wsgi, zhixing.config.urls; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"numba", "highspy", "ortools", "scipy"} & set(done.stdout.split()) == set()
