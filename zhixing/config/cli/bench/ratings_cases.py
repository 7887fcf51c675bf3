"""Ratings of any number by five crossed factors with known variances: of class runs as they are held, or of levels drawn without any order."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

RUNS: Final = "runs"
"""Raters attend class runs; each is held by one institution and has a few sessions, each of a course with a teacher of the house or a guest."""
SCATTERED: Final = "scattered"
"""Every level is drawn by itself: nothing is nested, and what is left of one factor after another is as dense as it can be."""
KINDS: Final = (RUNS, SCATTERED)
VARIANCES: Final = {"rater": 0.30, "teacher": 0.15, "course": 0.05, "run": 0.08, "institution": 0.04}
RESIDUAL: Final = 0.9
A_LEVEL: Final = {"rater": 9.0, "teacher": 100.0, "course": 300.0, "run": 50.0}
"""Ratings for each level, on the average; institutions are eleven however many ratings there are."""
INSTITUTIONS: Final = 11
SESSIONS: Final = 5
GUESTS: Final = 0.3


def make(path: Path, ratings: int, kind: str, seed: int) -> None:
    """Writes the ratings as CSV: a column for each factor, ``y`` between 0 and 10 or beyond."""
    rng = np.random.default_rng(seed)
    sizes = {name: max(2, round(ratings / each)) for name, each in A_LEVEL.items()} | {"institution": INSTITUTIONS}
    codes = _of_runs(rng, ratings, sizes) if kind == RUNS else _scattered(rng, ratings, sizes)
    y = 7.0 + rng.normal(0.0, RESIDUAL**0.5, ratings)
    for name, variance in VARIANCES.items():
        y += rng.normal(0.0, variance**0.5, sizes[name])[codes[name]]
    columns = {name: pa.DictionaryArray.from_arrays(codes[name], _names(name, sizes[name])) for name in VARIANCES}
    pa_csv.write_csv(
        pa.table({name: cells.cast(pa.string()) for name, cells in columns.items()} | {"y": np.round(y, 2)}), path
    )


def _names(factor: str, levels: int) -> pa.Array:
    return pa.array([f"{factor[0]}{level}" for level in range(levels)])


def _scattered(rng: np.random.Generator, ratings: int, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    return {name: rng.integers(0, levels, ratings, dtype=np.int32) for name, levels in sizes.items()}


def _of_runs(rng: np.random.Generator, ratings: int, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Rating after rating: a seat of a run and one of its sessions; a rater takes about two seats."""
    runs, weight = sizes["run"], rng.dirichlet(np.full(INSTITUTIONS, 4.0))
    house = rng.choice(INSTITUTIONS, runs, p=weight).astype(np.int32)
    seats = -(-ratings // SESSIONS)
    run_of_seat = np.sort(rng.choice(runs, seats, p=rng.dirichlet(np.full(runs, 4.0))))
    rater_of_seat = rng.integers(0, sizes["rater"], seats)
    home = rng.choice(INSTITUTIONS, sizes["teacher"], p=weight)
    by_house = [
        np.flatnonzero(home == place) if (home == place).any() else np.arange(len(home))
        for place in range(INSTITUTIONS)
    ]
    teacher = np.vstack([rng.choice(by_house[place], SESSIONS) for place in house])
    teacher = np.where(rng.random(teacher.shape) < GUESTS, rng.integers(0, len(home), teacher.shape), teacher)
    course = rng.integers(0, sizes["course"], (runs, SESSIONS))
    seat, session = np.divmod(np.arange(ratings), SESSIONS)
    run = run_of_seat[seat]
    found = {
        "rater": rater_of_seat[seat],
        "teacher": teacher[run, session],
        "course": course[run, session],
        "run": run,
        "institution": house[run],
    }
    return {name: code.astype(np.int32) for name, code in found.items()}
