"""Run the suite on SQLite, then all that knows a database on PostgreSQL when one answers. Its last word is what was skipped and why.

Tests marked slow run only where ``CI`` is set: without them the suite takes under fifteen minutes on two cores.
With ``ZHIXING_REQUIRE=postgres,browser,spark`` (CI) a part that cannot run is a failure, and so is a single skipped test with that mark
(``tests/required.py``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"


def postgres_url() -> str | None:
    """The PostgreSQL to test on, when it answers."""
    import psycopg

    url = os.environ.get("ZHIXING_TEST_DATABASE_URL", DEFAULT_POSTGRES)
    try:
        with psycopg.connect(url, connect_timeout=3):
            return url
    except psycopg.OperationalError:
        return None


def marks(**left_out: bool) -> list[str]:
    """Arguments of pytest that leave out the marks that are true."""
    words = " and ".join(f"not {mark}" for mark, out in left_out.items() if out)
    return ["-m", words] if words else []


def required_in(name: str, required: set[str]) -> str:
    """What one pass must not skip: races of PostgreSQL are skipped on SQLite; the browser and Spark run there only."""
    return ",".join(sorted(required - ({"postgres"} if name == "SQLite" else {"browser", "spark"})))


def run(name: str, environment: dict[str, str], arguments: list[str]) -> tuple[int, Counter[str]]:
    """One pass of pytest; returns its exit code and the reasons of the skips."""
    print(f"── {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="zhixing-test-") as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-rs", "--durations=10", *arguments],
            cwd=ROOT,
            env={**os.environ, "ZHIXING_HOME": home, **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        skips: Counter[str] = Counter()
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if found := re.match(r"SKIPPED \[(\d+)\] \S+: (.*)", line):
                skips[found[2].strip()] += int(found[1])
        return process.wait(), skips


def main() -> int:
    required = set(filter(None, os.environ.get("ZHIXING_REQUIRE", "").split(",")))
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    # in the order of the folders: files of one long test each, such as the crawls, would else come last, one core idle
    chosen = sys.argv[1:] or ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
    quick = not (sys.argv[1:] or required or os.environ.get("CI"))
    missing = ["tests marked slow: CI=1 make test runs them too"] if quick else []
    on_sqlite = {"DATABASE_URL": "", "ZHIXING_REQUIRE": required_in("SQLite", required)}
    code, skips = run("SQLite", on_sqlite, [*chosen, *marks(slow=quick, browser=not browser)])
    if not browser:
        missing.append("browser tests: Chromium is not installed")
    if not (find_spec("pyspark") and shutil.which("java")):
        missing.append("Spark: pyspark (make scale) or Java 17 is not installed")
    url = postgres_url()
    if url:
        on_postgres = {"DATABASE_URL": url, "ZHIXING_REQUIRE": required_in("PostgreSQL", required)}
        arguments = [*chosen, *marks(slow=quick, browser=True, files=True), "--ignore", "tests/engine"]
        second, more = run(f"PostgreSQL at {urlsplit(url).hostname}", on_postgres, arguments)
        code = code or second
        skips = Counter({reason: count for reason, count in (skips + more).items() if "PostgreSQL" not in reason})
    else:
        missing.append("the suite on PostgreSQL: none answers (set ZHIXING_TEST_DATABASE_URL)")
    print("── skipped")
    for line in [*missing, *(f"{count} × {reason}" for reason, count in sorted(skips.items()))] or ["nothing"]:
        print(f"   {line}")
    absent = {part for part in required if any(part.lower() in line.lower() for line in missing)}
    if absent:
        print(f"required but absent: {', '.join(sorted(absent))}")
    return code or (1 if absent else 0)


if __name__ == "__main__":
    sys.exit(main())
