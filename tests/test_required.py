"""A skip of what CI requires is a failure, each part in the pass that can run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import test as suite

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = "import pytest\n@pytest.mark.{mark}\ndef test_one():\n    pytest.skip('away')\ndef test_two():\n    pass\n"
SKIPPED_BY_MARK = (
    "import pytest\n@pytest.mark.{mark}\n@pytest.mark.skipif(True, reason='away')\ndef test_one():\n    pass\n"
)
MODULE = "import pytest\npytest.importorskip('no_such_module')\n@pytest.mark.{mark}\ndef test_one():\n    pass\n"


def outcome(folder: Path, text: str, required: str, mark: str = "spark") -> tuple[int, str]:
    """Exit code and output of pytest over a file that skips a marked test."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  spark\n  browser\n  postgres\n")
    (folder / "test_planted.py").write_text(text.format(mark=mark))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "tests.required", "test_planted.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ZHIXING_REQUIRE": required}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("text", [SKIPPED, SKIPPED_BY_MARK])
@pytest.mark.parametrize("mark", ["postgres", "browser", "spark"])
def test_a_required_test_that_is_skipped_fails_with_the_reason(tmp_path: Path, text: str, mark: str) -> None:
    code, said = outcome(tmp_path, text, "postgres,browser,spark", mark)
    assert code == 1
    assert f"{mark} required, but" in said
    assert "away" in said


def test_a_module_that_is_skipped_whole_fails_when_anything_is_required(tmp_path: Path) -> None:
    assert outcome(tmp_path, MODULE, "spark")[0] != 0


@pytest.mark.parametrize("required", ["", "browser"])
def test_what_nobody_requires_may_be_skipped(tmp_path: Path, required: str) -> None:
    code, said = outcome(tmp_path, SKIPPED, required)
    assert (code, "1 skipped" in said) == (0, True)


def test_each_pass_requires_what_it_can_run() -> None:
    required = {"postgres", "browser", "spark"}
    assert suite.required_in("SQLite", required) == "browser,spark"
    assert suite.required_in("PostgreSQL", required) == "postgres"
