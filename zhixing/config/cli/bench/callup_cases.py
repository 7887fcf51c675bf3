"""Invented call-up problems of any size as folders (formats.md §3): the same size, kind and seed give the same rows.

``base`` has room to spare; ``tight`` has its class runs in two seasons, lets few of a unit be away and gives narrow quotas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

Longs = npt.NDArray[np.int64]

BASE: Final = "base"
TIGHT: Final = "tight"
MONDAY: Final = 20_822
"""2027-01-04, in days since 1970-01-01."""
LENGTHS: Final = (3, 5, 12, 26)
"""Days of a class run, from Monday on."""
THEMES: Final = 12
RANKS: Final = 7
OFFICE: Final = 18
"""People of an office in the mean; eight offices make a division, five divisions a bureau."""
SETTINGS: Final = {"callups_max": 2, "second_callup_cost": 60.0, "short_seat_cost": 300.0}


def make(folder: Path, people: int, classes: int, kind: str = BASE, seed: int = 1) -> None:
    """Writes the six tables and the settings into a folder."""
    rng = np.random.default_rng((seed, people, classes, kind == TIGHT))
    parent, unit_of = _units(rng, people)
    first, days, seats = _classes(rng, people, classes, kind)
    person, class_, value = _pairs(rng, people, classes)
    away = np.maximum(1, np.bincount(unit_of, minlength=len(parent)) * (3 if kind == TIGHT else 10) // 100)
    tables = {
        "classes": {
            "class_id": np.arange(classes) + 1,
            "starts_on": _days(first),
            "ends_on": _days(first + days - 1),
            "seats_min": seats * 7 // 10,
            "seats_max": seats,
        },
        "people": {"person_id": np.arange(people) + 1, "unit_id": unit_of + 1},
        "units": {
            "unit_id": np.arange(len(parent)) + 1,
            "parent_id": pa.array(parent + 1, mask=parent < 0),
            "away_max": away,
        },
        "pairs": {"person_id": person + 1, "class_id": class_ + 1, "value": value},
        "quotas": _quotas(rng, parent, unit_of, seats, person, class_, kind),
        "pins": {
            "person_id": pa.array([], pa.int64()),
            "class_id": pa.array([], pa.int64()),
            "chosen": pa.array([], pa.bool_()),
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet", compression="zstd")
    (folder / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")


def _days(numbers: Longs) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def _units(rng: np.random.Generator, people: int) -> tuple[Longs, Longs]:
    """[U] the unit above, -1 at the top (bureaus, then divisions, then offices), and [P] the office of each person."""
    offices = max(1, people // OFFICE)
    divisions, bureaus = -(-offices // 8), -(-offices // 40)
    above_office = bureaus + np.arange(offices) // 8
    parent = np.concatenate([np.full(bureaus, -1), np.arange(divisions) // 5, above_office])
    pull = rng.pareto(1.3, offices) + 0.3  # a few offices are large
    office = np.sort(rng.choice(offices, people, p=pull / pull.sum()))
    return parent, bureaus + divisions + office


def _classes(rng: np.random.Generator, people: int, count: int, kind: str) -> tuple[Longs, Longs, Longs]:
    """[J] first day, days and seats."""
    days = np.array(LENGTHS)[rng.choice(len(LENGTHS), count, p=(0.25, 0.5, 0.18, 0.07))]
    season = np.where(rng.random(count) < 0.55, rng.integers(8, 21, count), rng.integers(35, 45, count))
    week = season if kind == TIGHT else rng.integers(1, 47, count)
    mean = float(np.clip(12 * (people / 1000) ** 0.31, 8, 50))
    return MONDAY + 7 * week, days, np.maximum(5, mean * rng.choice((0.6, 1, 1, 1.6, 2), count)).astype(np.int64)


def _pairs(rng: np.random.Generator, people: int, classes: int) -> tuple[Longs, Longs, Any]:
    """Who is eligible for what and what it is worth: theme and rank fit, and of a nation each class run is open to a part."""
    rank = np.minimum(rng.geometric(0.4, people) - 1, RANKS - 1)
    wants = np.argsort(rng.random((people, THEMES)), axis=1)[:, :2]
    owed = 100 * rng.beta(1.2, 4, people) + 40 * (rng.random(people) < 0.03) - 50 * (rng.random(people) < 0.2)
    near = min(people, 100_000)
    found = []
    for one in range(classes):
        low = int(rng.integers(0, people - near + 1))
        theme, lowest = rng.integers(THEMES), rng.integers(0, 4)
        inside = slice(low, low + near)
        fits = (wants[inside] == theme).any(axis=1) & (rank[inside] >= lowest) & (rank[inside] <= lowest + 2)
        persons = low + np.flatnonzero(fits & (rng.random(near) < 0.6))
        worth = np.round(owed[persons] + 5 * rank[persons] + 20 * rng.random(len(persons)) + 10, 2)
        found.append((persons[worth > 0], np.full(int((worth > 0).sum()), one), worth[worth > 0]))
    person, class_, value = (np.concatenate(part) for part in zip(*found, strict=True))
    return person, class_, value


def _quotas(
    rng: np.random.Generator, parent: Longs, unit_of: Longs, seats: Longs, person: Longs, class_: Longs, kind: str
) -> dict[str, Longs]:
    """Of bureaus for every class run, of offices where more are eligible than may go; some class runs promise each bureau seats."""
    office = unit_of[person]
    bureau = parent[parent[office]]
    size = np.bincount(parent[parent[unit_of]], minlength=len(parent))
    promised = rng.random(len(seats)) < 0.2
    rows = []
    for unit, share, least, most in (
        (bureau, 1.1 if kind == TIGHT else 2.0, 0.4, 10**6),
        (office, 0.0, 0.0, 1 if kind == TIGHT else 3),
    ):
        keys, eligible = np.unique(unit * len(seats) + class_, return_counts=True)
        unit_, one = keys // len(seats), keys % len(seats)
        part = seats[one] * size[unit_] / max(1, len(unit_of))
        high = (
            np.minimum(most, np.maximum(1, np.ceil(share * part).astype(np.int64)))
            if share
            else np.full(len(keys), most)
        )
        low = np.where(promised[one], np.minimum(np.minimum(high, eligible), np.floor(least * part)), 0).astype(
            np.int64
        )
        binds = (eligible > high) | (low > 0)
        rows.append((unit_[binds], one[binds], low[binds], high[binds]))
    unit_, one, low, high = (np.concatenate(part) for part in zip(*rows, strict=True))
    return {"unit_id": unit_ + 1, "class_id": one + 1, "seats_min": low, "seats_max": high}
