"""``zhixing callup nation``: several authorities that share classes, solved one after another under common prices (engine/callup/nation.py)."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TypeVar

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhixing.config.cli.callup_folder import (
    problem_of,
    read_settings,
    read_table,
    read_tables,
    write_result,
)
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.interrupt import interrupt
from zhixing.config.cli.writing import check_place, written_whole
from zhixing.engine.callup.nation import (
    Answer,
    Deal,
    Master,
    Outline,
    Seats,
    answer,
    dealt,
    outline_of,
    priced,
    with_seats,
)
from zhixing.engine.callup.problem import CallupProblem, Flags, Floats, Longs
from zhixing.engine.callup.result import Status, gap_of
from zhixing.engine.callup.solver import judged, solve
from zhixing.engine.callup.tables import COLUMNS

T = TypeVar("T")
PRICING_SHARE: Final = 0.5
"""The search for prices may take this share of the seconds; the rest is for the lists."""
FIRST_WEIGHT: Final = 2
LISTENING: Final = 0.2
"""Seconds between two looks whether Ctrl-C was pressed."""


class Nation(NamedTuple):
    """What all authorities have in common."""

    folders: tuple[Path, ...]
    classes: pa.Table  # the shared ones, as in ``classes.parquet``; S rows
    settings: dict[str, Any]

    @property
    def names(self) -> list[str]:
        return [folder.absolute().name for folder in self.folders]

    @property
    def keys(self) -> pa.Array:
        return self.classes["class_id"].combine_chunks()

    def seats(self, column: str) -> Longs:
        seats: Longs = pc.fill_null(self.classes[column], 0).cast(pa.int64()).to_numpy()
        return seats


class Solved(NamedTuple):
    """The list of one authority; ``used`` [S] seats of the shared classes."""

    status: Status
    objective: float | None
    bound: float | None
    seconds: float
    callups: int
    value: float
    used: Longs


@click.command("nation")
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(True, False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write.")
@click.option("--seconds", type=click.FloatRange(min=0), default=3600.0, show_default=True, help="For all together.")
@click.option("--rounds", type=click.IntRange(min=1), default=6, show_default=True, help="Of prices, at most.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Decides ties, by lot.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
def nation_command(folders: tuple[Path, ...], out: Path, seconds: float, rounds: int, seed: int, workers: int) -> None:
    """Solve several authorities that share classes, one after another, with a proven bound for all of them together.

    Each FOLDER is the problem of one authority, with its own people and units. A class_id that stands in several folders is one class, whose
    seats all of them share: its days and seats must be the same in each, and so must the settings. Memory is that of the largest authority.

    OUT gets a folder for each authority, as solve writes it, with the problem it was solved as (its own seats of the shared classes) in problem/;
    and nation.json: objective, proven bound, gap, rounds, and the prices and seats of the shared classes by authority.

    Ctrl-C ends the search: the best lists so far are written, with the bound so far.
    """
    if math.isnan(seconds):
        raise BadInput("--seconds nan: this is no number to reckon with: write 0 or more")
    nation = _read_nation(folders)
    check_place(out)
    out.mkdir(exist_ok=True)
    with interrupt() as stop, TemporaryDirectory(prefix=".prices-", dir=out) as memory:
        steps = _Steps(nation, Path(memory), workers, seconds, stop)
        said = _Nation(nation, steps, out, seed).run(rounds) | ({"interrupted": True} if stop() else {})
    said |= {"peak_mb": round(steps.peak_mb), "cpu_seconds": round(steps.cpu_seconds, 1)}
    with written_whole(out / "nation.json") as path:
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    numbers = f", objective {said['objective']:.2f}, bound {said['bound']:.2f}" if said["objective"] is not None else ""
    click.echo(f"{out}: {said['status']}, {sum(each['callups'] for each in said['authorities'])} call-ups{numbers}")


class _Steps:
    """Runs each step in a process of its own, so that nothing of one authority stays in memory beside the next."""

    def __init__(self, nation: Nation, memory: Path, workers: int, seconds: float, stop: Callable[[], bool]) -> None:
        self.nation, self.memory, self.workers, self.stop = nation, memory, workers, stop
        self.start, self.seconds = time.monotonic(), seconds
        self.peak_mb = self.cpu_seconds = 0.0
        self.server = multiprocessing.get_context("forkserver")  # imports once, and never holds an authority itself
        self.server.set_forkserver_preload([__name__])

    def left(self, share: float = 1.0) -> float:
        return 0.0 if self.stop() else max(0.0, share * self.seconds - (time.monotonic() - self.start))

    def run(self, work: Callable[[], T]) -> T:
        """What the work returns. Raises the ``BadInput`` that it met."""
        ours, theirs = self.server.Pipe(duplex=False)
        process = self.server.Process(target=_measured, args=(work, theirs))
        process.start()
        theirs.close()
        while not ours.poll(LISTENING):
            if self.stop():
                (self.memory / "stop").touch()
        try:
            result, peak, cpu = ours.recv()
        except EOFError:
            process.join()
            raise RuntimeError(f"a step ended with {process.exitcode}: was there too little memory?") from None
        process.join()
        if isinstance(result, BadInput):
            raise result
        self.peak_mb = max(self.peak_mb, peak)
        self.cpu_seconds += cpu
        done: T = result
        return done

    def each(self, work: Callable[..., T], *rows: Sequence[Any]) -> list[T]:
        """``work(nation, folder, …)`` for each authority, with its item of each of the ``rows``."""
        return [
            self.run(partial(work, self.nation, folder, *row))
            for folder, *row in zip(self.nation.folders, *rows, strict=True)
        ]


def _measured(work: Callable[[], object], answer_to: Connection) -> None:
    """Sends what the work returns, the peak memory of its process in MB, and the seconds that it computed. Ctrl-C is for the first process to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        result = work()
    except BadInput as error:
        result = error
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer_to.send((result, used.ru_maxrss * 1024 / 1e6, used.ru_utime + used.ru_stime))


class _Nation:
    """One run of the command."""

    def __init__(self, nation: Nation, steps: _Steps, out: Path, seed: int) -> None:
        self.nation, self.steps, self.out, self.seed = nation, steps, out, seed
        self.asked, self.most = nation.seats("seats_min"), nation.seats("seats_max")
        self.short_cost = float(nation.settings["short_seat_cost"])
        self.rounds: list[dict[str, float]] = []

    def run(self, rounds: int) -> dict[str, Any]:
        self.questions = (FIRST_WEIGHT + rounds) * len(self.nation.folders)
        outlines = self.steps.each(_outline)
        pinned = np.array([each.pinned for each in outlines])
        overfull = pinned.sum(axis=0) > self.most
        if overfull.any():
            return self._overfull(overfull, pinned)
        master = priced(outlines, self.asked, self.most, self.short_cost, rounds, self._ask, self._heard)
        seats = dealt(master, outlines)
        solved = []
        for place, folder in enumerate(self.nation.folders):
            seconds = self.steps.left() / (len(self.nation.folders) - place)
            task = (seats.least[place], seats.most[place], self.out / self.nation.names[place], self.seed, seconds)
            solved.append(
                self.steps.run(partial(_solve, self.nation, folder, *task, self.steps.workers, self.steps.memory))
            )
            seats.settle(place, solved[-1].used)
        return self._said(master, seats, solved)

    def _ask(self, place: int, prices: Floats | None, seats: Seats | None) -> Answer:
        """Asks one authority; the seconds left for prices are for all questions to come, twice as many for a first one as for the next."""
        weight = FIRST_WEIGHT if prices is None else 1
        seconds = self.steps.left(PRICING_SHARE) * weight / max(weight, self.questions)
        self.questions -= weight
        task = (prices, seats, seconds, self.steps.workers, self.steps.memory)
        return self.steps.run(partial(_answer, self.nation, self.nation.folders[place], *task))

    def _heard(self, bound: float) -> bool:
        seconds = time.monotonic() - self.steps.start
        self.rounds.append({"bound": bound, "seconds": round(seconds, 1)})
        click.echo(f"round {len(self.rounds)}: bound {bound:.2f} after {seconds:.0f} s", err=True)
        return self.steps.left(PRICING_SHARE) > 0

    def _said(self, master: Master, seats: Deal, solved: list[Solved]) -> dict[str, Any]:
        objectives = [each.objective for each in solved if each.objective is not None]
        objective = bound = None
        status = Status.INFEASIBLE
        if len(objectives) == len(solved):
            objective = seats.objective(objectives, self.asked, self.short_cost)
            bound = max(master.bound, objective)
            status = judged(objective, bound, sum(each.value for each in solved))
        return self._head(status, objective, bound) | {
            "authorities": [
                {
                    "name": name,
                    "status": str(each.status),
                    "objective": each.objective,
                    "bound": each.bound,
                    "callups": each.callups,
                    "seconds": round(each.seconds, 3),
                }
                for name, each in zip(self.nation.names, solved, strict=True)
            ],
            "shared": [
                {
                    "class_id": key,
                    "price": float(master.best[place]),
                    "seats_min": int(self.asked[place]),
                    "seats_max": int(self.most[place]),
                    "seats": self._by_name(seats.used[:, place]),
                }
                for place, key in enumerate(self.nation.keys.to_pylist())
            ],
        }

    def _overfull(self, overfull: Flags, pinned: Longs) -> dict[str, Any]:
        """More people are pinned into shared classes than these have seats: there is no list."""
        conflicts = [
            {
                "rule": "class_full",
                "class_id": self.nation.keys[place].as_py(),
                "most": int(self.most[place]),
                "pinned": self._by_name(pinned[:, place]),
            }
            for place in np.flatnonzero(overfull).tolist()
        ]
        return self._head(Status.INFEASIBLE, None, None) | {"authorities": [], "shared": [], "conflicts": conflicts}

    def _head(self, status: Status, objective: float | None, bound: float | None) -> dict[str, Any]:
        return {
            "status": str(status),
            "objective": objective,
            "bound": bound,
            "gap": None if objective is None or bound is None else gap_of(objective, bound),
            "seconds": round(time.monotonic() - self.steps.start, 3),
            "seed": self.seed,
            "rounds": self.rounds,
        }

    def _by_name(self, seats: Longs) -> dict[str, int]:
        return {name: int(count) for name, count in zip(self.nation.names, seats, strict=True)}


def _read(nation: Nation, folder: Path) -> tuple[CallupProblem, Longs]:
    """The problem of an authority, and where the shared classes stand in it."""
    problem = problem_of(folder, read_tables(folder), nation.settings)
    pa.default_memory_pool().release_unused()
    if not problem.classes:
        return problem, np.full(len(nation.keys), -1)
    places: Longs = pc.fill_null(pc.index_in(nation.keys, value_set=problem.class_keys), -1).to_numpy().astype(np.int64)
    return problem, places


def _outline(nation: Nation, folder: Path) -> Outline:
    return outline_of(*_read(nation, folder))


def _answer(
    nation: Nation,
    folder: Path,
    prices: Floats | None,
    seats: Seats | None,
    seconds: float,
    workers: int,
    memory: Path,
) -> Answer:
    """Asks one authority; its own prices are kept on disk for the next question."""
    end = time.monotonic() + seconds
    problem, places = _read(nation, folder)
    if seats is not None:
        problem = with_seats(problem, places, *seats)
    kept = memory / f"{folder.absolute().name}.npy"
    start = np.load(kept) if kept.exists() else None
    stopped = memory / "stop"
    with ThreadPoolExecutor(workers) as pool:
        found = answer(problem, places, prices, pool, start, lambda: time.monotonic() >= end or stopped.exists())
    np.save(kept, found.prices)
    return found._replace(prices=np.zeros(0))


def _solve(
    nation: Nation,
    folder: Path,
    least: Longs,
    most: Longs,
    out: Path,
    seed: int,
    seconds: float,
    workers: int,
    memory: Path,
) -> Solved:
    """The list of one authority with its seats, written as ``solve`` writes it."""
    problem, places = _read(nation, folder)
    problem = with_seats(problem, places, least, most)
    stopped = memory / "stop"
    result = solve(problem, seconds=seconds, seed=seed, workers=workers, stop=stopped.exists)
    write_result(out, problem, result)
    _write_problem(out / "problem", folder, problem)
    used = np.bincount(problem.pair_class[result.selected], minlength=problem.classes + 1)[places]
    value = float(problem.value[result.selected].sum())
    return Solved(result.status, result.objective, result.bound, result.seconds, len(result.selected), value, used)


def _write_problem(out: Path, folder: Path, problem: CallupProblem) -> None:
    """The problem with the seats that were dealt; its other files are those of the authority, linked where the disk allows."""
    out.mkdir(exist_ok=True)
    for name in ("settings.json", *(f"{name}.parquet" for name in COLUMNS if name != "classes")):
        (out / name).unlink(missing_ok=True)
        if (folder / name).exists():
            try:
                os.link(folder / name, out / name)
            except OSError:
                shutil.copyfile(folder / name, out / name)
    table = pa.table(
        {
            "class_id": problem.class_keys,
            "starts_on": pa.array(problem.first_day).cast(pa.date32()),
            "ends_on": pa.array(problem.last_day).cast(pa.date32()),
            "seats_min": problem.seats_min,
            "seats_max": problem.seats_max,
            "theme": _themes_in(folder, problem),
        }
    )
    with written_whole(out / "classes.parquet") as path:
        pq.write_table(table, path)


def _themes_in(folder: Path, problem: CallupProblem) -> pa.Array:
    """What the folder of an authority says that each class of its problem is about."""
    table = _read_classes(folder)
    place = pc.index_in(problem.class_keys, value_set=table["class_id"].cast(problem.class_keys.type).combine_chunks())
    return table["theme"].combine_chunks().take(place)


def _read_classes(folder: Path) -> pa.Table:
    """``classes.parquet``; a folder without themes has empty ones."""
    table = read_table(folder / "classes.parquet", tuple(COLUMNS["classes"]))
    themes = table["theme"].cast(pa.string()) if "theme" in table.column_names else pa.nulls(len(table), pa.string())
    return (table.drop_columns(["theme"]) if "theme" in table.column_names else table).append_column("theme", themes)


def _read_nation(folders: tuple[Path, ...]) -> Nation:
    """What the authorities share. Raises ``BadInput`` naming everything in which they contradict each other."""
    lines = [f"{folder}: another folder has this name too: rename one" for folder in _doubled(folders)]
    settings = [read_settings(folder) for folder in folders]
    lines += [
        f"{folder / 'settings.json'}: the settings are not those of {folders[0]}: write the same"
        for folder, each in zip(folders, settings, strict=True)
        if each != settings[0]
    ]
    if settings[0].get("hard_minimums"):
        lines.append(f"{folders[0] / 'settings.json'}: authorities cannot share hard minimums: write false")
    lines += _strangers(folders, "people", "person_id") + _strangers(folders, "units", "unit_id")
    shared, differences = _shared(folders)
    if lines + differences:
        raise BadInput(lines + differences)
    return Nation(folders, shared, settings[0])


def _doubled(folders: tuple[Path, ...]) -> list[Path]:
    names = [folder.absolute().name for folder in folders]
    return [folder for place, folder in enumerate(folders) if names[place] in names[:place]]


def _strangers(folders: tuple[Path, ...], name: str, column: str) -> list[str]:
    """Keys that stand in two folders, each with the folder that has it first."""
    known, lines = pa.table({column: pa.array([], pa.string()), "at": pa.array([], pa.int32())}), []
    for place, folder in enumerate(folders):
        path = folder / f"{name}.parquet"
        keys = read_table(path, (column,))
        if column not in keys.column_names:
            continue  # reading the problem says so
        keys = keys.select([column]).set_column(0, column, keys[column].cast(pa.string()))
        met = known.join(keys, column, join_type="inner").sort_by(column)
        lines += [
            f"{path}, column {column}: {row[column]} stands in {folders[row['at']]} too: each belongs to one authority"
            for row in met.slice(0, 100).to_pylist()
        ]
        known = pa.concat_tables([known, keys.append_column("at", pa.array([place] * len(keys), pa.int32()))])
    return lines


def _shared(folders: tuple[Path, ...]) -> tuple[pa.Table, list[str]]:
    """The classes that stand in several folders, and every difference between what the folders say of them."""
    names = list(COLUMNS["classes"])
    said: dict[Any, list[tuple[Path, dict[str, Any]]]] = {}
    kinds: dict[str, pa.DataType] = {}
    lines = []
    for folder in folders:
        table = _read_classes(folder)
        if set(table.column_names) != set(names):
            lines.append(f"{folder / 'classes.parquet'}: the columns are {table.column_names}: write {names}")
            continue
        kinds = kinds or {name: table.schema.field(name).type for name in names}
        if pa.types.is_integer(table.schema.field("class_id").type) != pa.types.is_integer(kinds["class_id"]):
            lines.append(
                f"{folder / 'classes.parquet'}, column class_id: numbers in one folder, text in another: write one"
            )
        for row in table.select(names).to_pylist():
            row |= {"seats_min": row["seats_min"] or 0, "theme": row["theme"] or None}
            said.setdefault(row["class_id"], []).append((folder, row))
    shared = {key: rows for key, rows in said.items() if len({folder for folder, _ in rows}) > 1}
    for key, rows in shared.items():
        first, wanted = rows[0]
        lines += [
            f"{folder / 'classes.parquet'}, class {key}: {name} is {row[name]}, but {wanted[name]} in {first}: "
            "a shared class is the same everywhere"
            for folder, row in rows[1:]
            for name in names
            if row[name] != wanted[name]
        ]
    if lines:
        return pa.table({}), lines
    first_rows = [rows[0][1] for rows in shared.values()]
    columns = {name: pa.array([row[name] for row in first_rows], kinds[name]) for name in names}
    return pa.table(columns).sort_by("class_id"), []
