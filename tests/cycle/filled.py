"""Running from books to papers in the database of the tests."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from tests.cycle.sheets import ON
from zhixing.cycle.books import Paths, Reading
from zhixing.cycle.clock import Clock
from zhixing.cycle.outcome import Outcome
from zhixing.cycle.run import Order, fill

Lines = list[dict[str, str]]


@dataclass(frozen=True)
class Filled:
    folder: Path
    outcome: Outcome
    clock: Clock
    told: list[float]

    def lines(self, name: str) -> Lines:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def run_through(folder: Path, paths: Paths, on: dt.date = ON) -> Filled:
    told: list[float] = []
    clock = Clock(lambda share, _stage: told.append(share))
    reading = Reading(paths, on)
    folder.mkdir()
    outcome = fill(Order(paths, on, seed=3), reading.books(), reading, folder, clock)
    return Filled(folder, outcome, clock, told)
