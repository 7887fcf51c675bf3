"""Standings of a nation beside a bare scan of the same files; a few touched persons; and the naive loop through the ORM."""

from __future__ import annotations

import datetime as dt
import filecmp
import importlib.util
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from zhixing.config.cli.bench import ledgers
from zhixing.config.cli.bench.city import home_of
from zhixing.config.cli.bench.figure import Figure, Run, run
from zhixing.engine.obligations.inputs import Inputs
from zhixing.engine.policies import Policy

T = TypeVar("T")
TOUCHED: Final = 1_000
BYTES_A_PERSON: Final = 1_500
"""Disk for one person's ten years and whatever spills while they are computed."""
NAIVE: Final = 20_000
PEER: Final = """
SELECT COUNT(*) FROM (
    SELECT person_id, channel, SUM(tenths), MAX(earned_on), MAX(recorded_at), COUNT(reverses), MAX(entry_id)
    FROM '{credits}' GROUP BY person_id, channel)
"""
"""A bare scan and group: every column that the computation reads, nothing of what it works out."""
PROGRAM: Final = """
import os, sys
os.environ["ZHIXING_HOME"], os.environ["DATABASE_URL"] = sys.argv[1], ""
os.environ["DJANGO_SETTINGS_MODULE"] = "zhixing.config.settings"
import django; django.setup()
import json
from zhixing.config.cli.bench.obligations import city_times
print(json.dumps(city_times()))
"""


def figures(folder: Path, people: int, nation: int, largest: int) -> Iterator[Figure]:
    """``nation`` people for the goals, ``largest`` (0: none) for how time grows."""
    at = folder / "nation"
    inputs = ledgers.make(at, nation)
    peer = bare_scan(inputs)
    done = bulk(at)
    entries = f"{nation:,} people, {nation * ledgers.ENTRIES_A_PERSON:,} entries"
    yield Figure(f"obligations bulk, {entries}", done.seconds, "s", 40)
    yield Figure("  peak memory", done.peak_mb, "MB", 4000)
    yield Figure("  bare DuckDB scan-and-group of the same entries", peer, "s")
    yield Figure("  bulk ÷ bare scan", done.seconds / peer, "×", 2)
    yield Figure(f"  {TOUCHED:,} touched among them", touched_seconds(inputs, nation), "s", 2)
    yield from on_spark(at)
    shutil.rmtree(at)
    room = shutil.disk_usage(folder).free
    if largest * BYTES_A_PERSON > room:
        yield Figure.left_out(f"obligations bulk, {largest:,} people", f"{room / 1e9:.0f} GB of disk are too few")
    elif largest:
        ledgers.make(at, largest)
        more = bulk(at)
        yield Figure(f"obligations bulk, {largest:,} people", more.seconds, "s")
        yield Figure("  peak memory", more.peak_mb, "MB", 8000)
        yield Figure(
            "  time for one person, against the above", more.seconds / done.seconds / (largest / nation), "×", 1
        )
        shutil.rmtree(at)
    yield from _city_figures(folder)


def bulk(folder: Path, engine: str = "local") -> Run:
    """Run the command on the files in ``folder``; the result lies beside them."""
    files = [word for name in ledgers.QUESTIONS for word in (f"--{name}", str(folder / f"{name}.parquet"))]
    rest = ["--policy", str(folder / "policy.toml"), "--on", ledgers.ON, "--out", str(result_of(folder, engine))]
    return run(["obligations", "bulk", *files, *rest, "--engine", engine], folder)


def result_of(folder: Path, engine: str) -> Path:
    return folder / f"standings-{engine}.parquet"


def on_spark(folder: Path) -> Iterator[Figure]:
    """The same ledger on Spark with two cores. Raises ``RuntimeError`` unless it writes the same bytes."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        yield Figure.left_out("  the same on Spark local[2]", "make scale, and Java 17")
        return
    done = bulk(folder, "spark")
    require_equal_results(folder)
    yield Figure("  the same on Spark local[2], equal to the last byte", done.seconds, "s")


def bare_scan(inputs: Inputs) -> float:
    import duckdb

    with duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}) as connection:
        began = time.monotonic()
        connection.execute(PEER.format(credits=inputs.credits)).fetchall()
        return time.monotonic() - began


def require_equal_results(folder: Path) -> None:
    """Raises ``RuntimeError`` unless both engines wrote the same bytes."""
    if not filecmp.cmp(result_of(folder, "local"), result_of(folder, "spark"), shallow=False):
        raise RuntimeError("Spark and DuckDB do not write the same result")


def touched_seconds(inputs: Inputs, people: int) -> float:
    """Seconds from the whole nation's files to the standings of ``TOUCHED`` persons drawn from them."""
    import pyarrow.parquet as pq

    from zhixing.engine import policies
    from zhixing.engine.obligations.bulk import bulk as compute
    from zhixing.engine.obligations.touched import of_persons

    keys = pq.read_table(str(inputs.people), columns=["person_id"]).column(0)
    chosen = [keys[place].as_py() for place in random.Random(1).sample(range(people), min(TOUCHED, people))]
    began = time.monotonic()
    few = of_persons(inputs, chosen)
    on = dt.date.fromisoformat(ledgers.ON)
    compute(few.people, few.postings, few.credits, few.exemptions, policies.parse(ledgers.POLICY), on)
    return time.monotonic() - began


def _city_figures(folder: Path) -> Iterator[Figure]:
    command = [sys.executable, "-c", PROGRAM, str(home_of(folder))]
    times = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[-2])
    yield Figure("one person's standing after an entry, from the database", times["one"] * 1000, "ms", 5)
    yield Figure("  stored, with the counts of the board", times["one_stored"], "s", 5)
    yield Figure(f"{TOUCHED:,} persons of the city computed and stored", times["touched"], "s", 2)
    yield Figure(f"loop over {times['people']:,} people through the ORM", times["naive"], "s")
    yield Figure("  the same people in bulk, from the database", times["bulk"], "s")
    yield Figure("  loop ÷ bulk", times["naive"] / times["bulk"], "×")


def city_times() -> dict[str, float]:
    """Seconds of each way in the demonstration city; the naive way must say what ours says."""
    import statistics

    from django.utils import timezone

    from zhixing.obligations.actions import refresh_standings
    from zhixing.obligations.problem import in_bulk
    from zhixing.obligations.queries.policies import policy_in_force, rules_of
    from zhixing.people.models import Person

    on = timezone.localdate()
    held = policy_in_force(on)
    if held is None:
        raise RuntimeError("the demonstration city has no policy in force")
    policy = rules_of(held)
    keys = list(Person.objects.order_by("pk").values_list("pk", flat=True)[:NAIVE])
    some = random.Random(1).sample(keys, min(TOUCHED, len(keys)))
    refresh_standings(None, on)
    one = statistics.median(_after_an_entry(key, policy, on) for key in some[:200])
    one_stored = _seconds(lambda: refresh_standings(some[:1], on))[0]
    touched = _seconds(lambda: refresh_standings(some, on))[0]
    naive, by_hand = _seconds(lambda: _loop(keys, policy, on))
    bulk_seconds, ours = _seconds(lambda: in_bulk(keys, policy, on))
    if sorted(by_hand) != sorted(ours):
        raise RuntimeError("the loop and the bulk engine do not agree")
    return {
        "people": len(keys),
        "one": one,
        "one_stored": one_stored,
        "touched": touched,
        "naive": naive,
        "bulk": bulk_seconds,
    }


def _after_an_entry(person_id: int, policy: Policy, on: dt.date) -> float:
    """Seconds until the standing is known, from the moment an entry is in the ledger."""
    from zhixing.obligations.actions import NewCredit, post_credit
    from zhixing.obligations.problem import stand

    credit = NewCredit(person_id=person_id, earned_on=on, tenths=10, channel="online", title="Bench", source="history")
    post_credit(credit, None)
    return _seconds(partial(stand, [person_id], policy, on))[0]


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def _loop(keys: Sequence[int], policy: Policy, on: dt.date) -> list[tuple[Any, ...]]:
    """As most systems do it: person by person, related rows by related rows."""
    from zhixing.obligations.problem import by_reference

    return [row for key in keys for row in by_reference([key], policy, on)]
