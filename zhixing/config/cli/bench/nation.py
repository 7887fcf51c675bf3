"""A nation of several authorities: their own people and units, and some classes that all of them share.

``zhixing bench --only nation`` makes and solves it; ``make`` turns any problems with whole-number keys into one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhixing.config.cli.bench import callup_cases, callups
from zhixing.config.cli.bench.figure import Figure, run

AUTHORITIES: Final = 4
SHARED: Final = 60
PEOPLE_A_CLASS: Final = 200
APART = 1_000_000_000
"""The keys of each authority are moved on by this many more than those of the one before."""
KEYS = {
    "people": ("person_id", "unit_id"),
    "units": ("unit_id", "parent_id"),
    "pairs": ("person_id",),
    "quotas": ("unit_id",),
    "pins": ("person_id",),
}


def figures(
    folder: Path, people: int, maker: Path | None, province: int = 250_000, shared: int = SHARED, seconds: float = 1500
) -> Iterator[Figure]:
    """``AUTHORITIES`` of ``province`` people each, made by ``maker`` (None: by ours), one in a process after another."""
    case = callups.Case(province, province // PEOPLE_A_CLASS, callup_cases.BASE, gap=0.5, seconds=seconds)
    raw = [folder / f"authority-{seed}" for seed in range(1, AUTHORITIES + 1)]
    for seed, at in enumerate(raw, start=1):
        callups.make(at, case, seed, maker)
    made = make(raw, folder / "authorities", shared)
    words = [
        *(str(at) for at in made),
        "--out",
        str(folder / "nation-list"),
        "--seconds",
        str(seconds),
        "--rounds",
        "3",
    ]
    done = run(["callup", "nation", *words], folder)
    said: dict[str, Any] = json.loads((folder / "nation-list" / "nation.json").read_text(encoding="utf-8"))
    yield Figure(f"{AUTHORITIES} × {case.name}, {shared} shared: gap", 100 * said["gap"], "%", digits=4)
    yield Figure("  whole command, with a reason for every pair", done.seconds, "s")
    yield Figure("  of it computing, on all cores together", said["cpu_seconds"], "s")
    yield Figure("  peak memory of one step", said["peak_mb"], "MB")
    for at in (*raw, folder / "authorities", folder / "nation-list"):
        shutil.rmtree(at)


def make(folders: list[Path], out: Path, shared: int) -> list[Path]:
    """Writes the nation. Of each authority the ``shared`` classes that most of its people may attend, in order of their days, are the shared ones.

    A shared class has the days that it has with the first authority, and the seats that it has with all of them together."""
    common = [_widest(folder, shared) for folder in folders]
    keys = pa.array([-1 - place for place in range(shared)], pa.int64())
    seats = {name: sum((table[name].to_numpy() for table in common), start=0) for name in ("seats_min", "seats_max")}
    rows = pa.table({"class_id": keys, "starts_on": common[0]["starts_on"], "ends_on": common[0]["ends_on"], **seats})
    made = []
    for place, folder in enumerate(folders):
        made.append(out / str(place + 1))
        made[-1].mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "settings.json", made[-1] / "settings.json")
        own = _own_classes(pq.read_table(folder / "classes.parquet"), common[place], place)
        pq.write_table(
            pa.concat_tables([own, rows.select(own.column_names).cast(own.schema)]), made[-1] / "classes.parquet"
        )
        for name, columns in KEYS.items():
            table = pq.read_table(folder / f"{name}.parquet")
            for column in columns:
                table = _with(table, column, pc.add(table[column], place * APART))
            if "class_id" in table.column_names:
                table = _with(table, "class_id", _renamed(table["class_id"], common[place]["class_id"], keys, place))
            pq.write_table(table, made[-1] / f"{name}.parquet")
    return made


def _widest(folder: Path, count: int) -> pa.Table:
    """The classes with the most eligible people, in order of their days."""
    pairs = pq.read_table(folder / "pairs.parquet", columns=["class_id"])
    eligible = pairs.group_by("class_id").aggregate([([], "count_all")])
    widest = eligible.sort_by([("count_all", "descending"), ("class_id", "ascending")]).slice(0, count)["class_id"]
    classes = pq.read_table(folder / "classes.parquet")
    order = [("starts_on", "ascending"), ("ends_on", "ascending"), ("class_id", "ascending")]
    return classes.filter(pc.is_in(classes["class_id"], widest.combine_chunks())).sort_by(order)


def _own_classes(classes: pa.Table, common: pa.Table, place: int) -> pa.Table:
    own = classes.filter(pc.invert(pc.is_in(classes["class_id"], common["class_id"].combine_chunks())))
    return _with(own, "class_id", pc.add(own["class_id"], place * APART))


def _renamed(found: pa.ChunkedArray, old: pa.ChunkedArray, new: pa.Array, place: int) -> pa.ChunkedArray:
    """Keys of classes: the shared ones by their common keys, the others moved on."""
    shared = new.take(pc.index_in(found, value_set=old.combine_chunks()).combine_chunks())
    return pc.coalesce(pa.chunked_array([shared]), pc.add(found, place * APART).combine_chunks())


def _with(table: pa.Table, column: str, cells: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, cells)
