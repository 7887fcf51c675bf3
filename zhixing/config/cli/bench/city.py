"""How long the demonstration city takes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from zhixing.config.cli.bench.figure import Figure, run

PASSWORD = "bench-password-1"  # noqa: S105  of an invented city that lives as long as the run


def home_of(folder: Path) -> Path:
    """The home in which the city of this run lives."""
    return folder / "home"


def figures(folder: Path, people: int) -> Iterator[Figure]:
    home = home_of(folder)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    made = run(["demo", "--people", str(people), "--seed", "1", "--password", PASSWORD], home)
    yield Figure(f"demonstration city, {people:,} people", made.seconds, "s", 90)
    yield Figure("  peak memory", made.peak_mb, "MB")
