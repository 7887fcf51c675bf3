"""Five years of training in the hours ledger: most people near their duty, some far behind, some never called, some called too often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from zhixing.base.load import load
from zhixing.demo.busy import Busy
from zhixing.demo.courses import Runs
from zhixing.demo.people import People, day, number_of
from zhixing.obligations.models import Entry

ENTRY_FIELDS = (
    "person earned_on tenths channel content title theme began_on organiser institution certificate result source source_key reverses reason "
    "recorded_at recorded_by_id"
).split()
Row = tuple[object, ...]
IN_HOUSE = ("本单位集中轮训", "政治理论专题学习班", "业务骨干集中培训", "廉政教育专题班")
ONLINE = "干部网络学院年度学习"
GROUP = "党委（党组）理论学习中心组学习"


def make_history(
    rng: np.random.Generator, people: People, runs: Runs, on: dt.date, with_register: set[int], busy: Busy
) -> None:
    """Load the ledger; class runs ``with_register`` (keys) post their own hours.

    A person's ``zeal`` decides how much was done: a tenth did next to nothing, a twentieth far too much.
    """
    count = len(people.keys)
    kind = rng.choice(4, count, p=[0.10, 0.06, 0.78, 0.06])  # far behind, never called, usual, too often
    zeal = np.choose(kind, [0.25, 0.55, 1.0, 1.9]) * rng.normal(1.0, 0.08, count).clip(0.3)
    load(Entry, ENTRY_FIELDS, _all_rows(rng, people, runs, kind, zeal, on, with_register, busy))


def _all_rows(
    rng: np.random.Generator,
    people: People,
    runs: Runs,
    kind: np.ndarray,
    zeal: np.ndarray,
    on: dt.date,
    with_register: set[int],
    busy: Busy,
) -> Iterator[Row]:
    for year in range(on.year - 4, on.year + 1):
        yield from _yearly_rows(rng, people, zeal, year, on)
        yield from _earlier_classes(rng, people, kind, year, on)
    yield from _this_years_classes(rng, people, runs, kind, on, with_register, busy)


def _row(
    key: int, earned: int, on: dt.date, tenths: int, channel: str, title: str, began: int | None = None, **more: str
) -> Row:
    """A line earned on day ``earned`` and recorded five days later, but not after ``on``: nothing is known before it is."""
    recorded = dt.datetime.combine(min(day(earned + 5), on), dt.time(0), dt.UTC).isoformat(sep=" ")
    return (
        key, day(earned).isoformat(), tenths, channel, more.get("content", ""), title, more.get("theme", ""),
        day(began).isoformat() if began else None, more.get("organiser", ""), more.get("institution", ""), "",
        more.get("result", "completed"), "history", None, None, "", recorded, None,
    )  # fmt: skip


def _yearly_rows(rng: np.random.Generator, people: People, zeal: np.ndarray, year: int, on: dt.date) -> Iterator[Row]:
    """Each year: one online total, one or two concentrated trainings in the unit, a study-group total for leaders."""
    first, last = number_of(dt.date(year, 1, 8)), number_of(min(on, dt.date(year, 12, 20)))
    if last <= first:
        return
    share = (last - first) / 346
    count = len(people.keys)
    days = rng.integers(first, last + 1, (count, 3))
    online = np.round(rng.normal(600, 50, count) * zeal * share / 5) * 5
    concentrated = np.round(rng.normal(1_020, 90, count) * zeal * share / 15) * 15
    leads = np.array([bool(rank) for rank in people.rank])
    title = rng.integers(0, len(IN_HOUSE), count)
    for i, key in enumerate(people.keys):
        if people.joined[i] > days[i].min() or (people.left_on[i] and people.left_on[i] < days[i].max()):
            continue
        if online[i] > 0:
            yield _row(int(key), int(days[i, 0]), on, int(online[i]), "online", ONLINE)
        if concentrated[i] > 0:
            yield _row(
                int(key),
                int(days[i, 1]),
                on,
                int(concentrated[i]),
                "concentrated",
                IN_HOUSE[title[i]],
                content="theory",
            )
        if leads[i]:
            yield _row(int(key), int(days[i, 2]), on, int(180 * share), "study_group", GROUP, content="theory")


def _earlier_classes(
    rng: np.random.Generator, people: People, kind: np.ndarray, year: int, on: dt.date
) -> Iterator[Row]:
    """Full-time classes of earlier years: a fifth of people a year, those called too often nearly every year, some never."""
    if year == on.year:
        return
    chance = np.choose(kind, [0.07, 0.0, 0.22, 0.85]) * np.array([1.5 if rank else 1.0 for rank in people.rank])
    called = np.flatnonzero((rng.random(len(chance)) < chance) & people.serving)
    ends = number_of(dt.date(year, 4, 1)) + rng.integers(0, 230, len(called))
    lengths = rng.choice([3, 5, 12, 26], len(called), p=[0.25, 0.4, 0.28, 0.07])
    for i, end, length in zip(called, ends, lengths, strict=True):
        if people.joined[i] > end - length:
            continue
        tenths = int(length * 5 / 7 + 1) * 75
        yield _row(
            int(people.keys[i]), int(end), on, tenths, "offjob", f"{year}年干部专题培训班", int(end - length + 1),
            organiser="市委组织部", institution="中共云岚市委党校（云岚行政学院）", content="theory",
        )  # fmt: skip


def _this_years_classes(
    rng: np.random.Generator,
    people: People,
    runs: Runs,
    kind: np.ndarray,
    on: dt.date,
    with_register: set[int],
    busy: Busy,
) -> Iterator[Row]:
    """Class runs of this year that are over and have no register of their own here: their lists came from a spreadsheet."""
    rank = np.array([r or g for r, g in zip(people.rank, people.grade, strict=True)])
    weight = np.choose(kind, [0.3, 0.0, 1.0, 6.0]) * people.serving
    for n, course in enumerate(runs.courses):
        if runs.ends[n] >= on or runs.keys[n] in with_register:
            continue
        start, end = number_of(runs.starts[n]), number_of(runs.ends[n])
        fitting = np.isin(rank, course.ranks) & (weight > 0) & (people.joined < start)
        fitting &= ~np.isin(people.keys, busy.during(runs.starts[n], runs.ends[n]))
        free = np.flatnonzero(fitting)
        if len(free) < course.seats:
            continue
        odds = weight[free] / weight[free].sum()
        called = people.keys[rng.choice(free, int(course.seats * 0.92), replace=False, p=odds)]
        busy.take(runs.starts[n], runs.ends[n], called)
        for key in called:
            yield _row(
                int(key), end, on, runs.tenths[n], "offjob", runs.names[n], start, theme=course.theme,
                content=course.content, organiser="市委组织部", institution="中共云岚市委党校（云岚行政学院）",
            )  # fmt: skip
