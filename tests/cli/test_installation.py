"""A command that reads the database tells in words when there is none to read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from zhixing.config.cli import main; main(sys.argv[1:])"
    env = {**os.environ, "ZHIXING_HOME": str(home), **environment}
    return subprocess.run([sys.executable, "-c", program, *words], env=env, capture_output=True, text=True, check=False)


def test_a_database_without_tables_or_that_is_none_or_that_is_gone_is_bad_input(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ("diagnosis", "--year", "2026", "--out", str(out), "--lang", "en")
    without = run(tmp_path, *words, DATABASE_URL="")
    assert (without.returncode, "zhixing manage migrate" in without.stderr) == (2, True)
    (tmp_path / "city.sqlite3").write_text("no database")
    for address in ("", "postgresql://a@127.0.0.1:1/b"):
        done = run(tmp_path, *words, DATABASE_URL=address)
        assert (done.returncode, "the database does not answer" in done.stderr) == (2, True)
        assert "Traceback" not in done.stderr
    assert not out.exists()
