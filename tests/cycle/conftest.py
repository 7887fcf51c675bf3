"""Whole runs of the command, each in a process of its own as an officer starts it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cycle.sheets import ON, Handed, hand_in


@dataclass(frozen=True)
class Output:
    """An output folder."""

    folder: Path
    handed: Handed

    def lines(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        return found


def cycle(*words: str | Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``zhixing cycle``; ``home`` is the caller's installation."""
    environment = {key: value for key, value in os.environ.items() if key not in {"ZHIXING_HOME", "DATABASE_URL"}}
    if home is not None:
        environment["ZHIXING_HOME"] = str(home)
    command = [sys.executable, "-m", "zhixing.config", "cycle", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """What the messy books come to."""
    return run_on(tmp_path_factory.mktemp("cycle"), None)


@pytest.fixture(scope="session")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The same books, their rows in another order."""
    return run_on(tmp_path_factory.mktemp("shuffled"), 7)


def run_on(folder: Path, seed: int | None) -> Output:
    handed = hand_in(folder, seed)
    done = cycle(*handed.options(), "--on", ON.isoformat(), "--out", folder / "out", "--seed", "3")
    assert done.returncode == 0, done.stderr
    return Output(folder / "out", handed)
