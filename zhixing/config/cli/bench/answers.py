"""Answer sheets of a form of twenty items: how quickly reliability and carelessness are told, and how much of planted carelessness is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from zhixing.config.cli.bench.figure import Figure
from zhixing.engine.ratings.agreement import Measure, krippendorff, within_groups
from zhixing.engine.ratings.careless import screen
from zhixing.engine.ratings.reliability import consistency, grouped, intraclass
from zhixing.engine.ratings.sheets import Groups, Sheets

SCALE: Final = (1.0, 5.0)
ITEMS: Final = tuple(f"q{k:02}" for k in range(1, 21))
BLOCKS: Final = tuple(ITEMS[first : first + 4] for first in range(0, 20, 4))
REVERSED: Final = ("q03", "q08", "q13", "q18")
MEAN: Final = 3.7
GROUPS: Final = 2_000


class Kind(StrEnum):
    """Who filled a sheet in: with care (one in ten of them content with all, but of course not with the reversed items), by lot at leisure, by lot in haste,
    one answer throughout in haste, and one answer throughout at leisure."""

    ATTENTIVE = "attentive"
    BY_LOT = "by lot"
    HASTY_LOT = "by lot, in haste"
    ONE_ANSWER = "one answer, in haste"
    SLOW_ONE_ANSWER = "one answer, at leisure"


SHARES: Final = (0.88, 0.04, 0.03, 0.03, 0.02)


def planted(count: int, seed: int) -> tuple[Sheets, np.ndarray]:
    """Sheets, and the place of each one's ``Kind``. Attentive answers have a general and a block factor; 3 % of all cells are empty."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(len(SHARES), count, p=SHARES)
    general, block = rng.normal(size=(count, 1)), rng.normal(size=(count, 5)).repeat(4, axis=1)
    values = np.rint(MEAN + 0.5 * general + 0.55 * block + 0.45 * rng.normal(size=(count, 20)))
    content = (kind == 0) & (rng.random(count) < 0.1)
    values[content] = SCALE[1]
    values = np.clip(values, *SCALE)
    turned = np.isin(ITEMS, REVERSED)
    values[:, turned] = SCALE[0] + SCALE[1] - values[:, turned]
    lot = np.isin(kind, (1, 2))
    values[lot] = rng.integers(int(SCALE[0]), int(SCALE[1]) + 1, (int(lot.sum()), 20))
    same = np.isin(kind, (3, 4))
    values[same] = rng.integers(int(SCALE[0]), int(SCALE[1]) + 1, (int(same.sum()), 1))
    values[rng.random(values.shape) < 0.03] = np.nan
    each = np.where(np.isin(kind, (2, 3)), rng.uniform(0.4, 1.6, count), rng.lognormal(np.log(6.0), 0.4, count))
    seconds = each * (~np.isnan(values)).sum(axis=1)
    code = rng.integers(0, GROUPS, count)
    return Sheets(ITEMS, values, Groups(tuple(map(str, range(GROUPS))), code), seconds), kind


def figures(folder: Path, people: int, count: int = 100_000) -> Iterator[Figure]:
    sheets, kind = planted(count, seed=1)
    values, groups = sheets.values, sheets.groups
    assert groups is not None
    size = f"{count:,} × {len(ITEMS)} answers"
    score = np.nanmean(values, axis=1)
    work: dict[str, Callable[[], object]] = {
        "α and ω": lambda: consistency(values),
        "six ICC": lambda: intraclass(values),
        "ICC(1), ICC(2)": lambda: grouped(score, groups),
        "Krippendorff's α, ordinal, 1,000 resamples": lambda: krippendorff(values, Measure.ORDINAL),
        "agreement in 2,000 groups": lambda: within_groups(values, groups, *SCALE),
        "careless: five indices": lambda: screen(sheets, SCALE, BLOCKS, REVERSED),
    }
    for what, act in work.items():
        start = time.perf_counter()
        act()
        yield Figure(f"{size}: {what}", time.perf_counter() - start, "s", digits=2)
    for timed in (True, False):
        found = screen(sheets if timed else Sheets(sheets.items, values), SCALE, BLOCKS, REVERSED)
        told = "time known" if timed else "time unknown"
        for place, one in enumerate(Kind):
            share = 100 * float(found.aside[kind == place].mean())
            yield Figure(f"set aside, {told}: {one}", share, "%", limit=2 if one is Kind.ATTENTIVE else None)
