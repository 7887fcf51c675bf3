"""Whom standing call-ups bar and a colleague passes over, for whole tables at once, against the plain form pair by pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.callups.passed_over import MARKS, mark_barred
from zhixing.callups.problem.frozen import BARRED, Frozen


def plainly(frozen: Frozen, told: pa.Table) -> list[tuple[str | None, int | None]]:
    """(cause, holder) of each barred pair, one after the other."""
    people, pairs = frozen.tables["people"], frozen.tables["pairs"]
    unit_of = dict(zip(people["person_id"].to_pylist(), people["unit_id"].to_pylist(), strict=True))
    value = {(row["person_id"], row["class_id"]): row["value"] for row in pairs.to_pylist() if not row["occupied"]}
    lowest: dict[Any, tuple[float, int]] = {}
    for row in told.to_pylist():
        key = row["person_id"], row["class_id"]
        if row["chosen"] and key in value:
            cell, own = (unit_of[key[0]], key[1]), (value[key], key[0])
            lowest[cell] = min(lowest.get(cell, own), own)
    found: list[tuple[str | None, int | None]] = []
    for row in frozen.tables[BARRED].to_pylist():
        weakest, who = lowest.get((unit_of[row["person_id"]], row["class_id"]), (np.inf, None))
        found.append((row["code"], who) if row["value"] > weakest else (None, None))
    return found


def marks(table: pa.Table) -> list[tuple[str | None, int | None]]:
    return list(zip(*(table[name].to_pylist() for name in MARKS), strict=True))


def crowded(seed: int, free: int, barred: int, units: int, classes: int) -> tuple[Frozen, pa.Table]:
    """Few units, classes and values, so that most barred pairs have chosen colleagues; a ninth of the pairs are standing call-ups."""
    rng = np.random.default_rng(seed)
    count = free + free // 9 + barred
    persons = count // classes + 1
    keys = rng.permutation(persons * classes)[:count]
    table = {
        "person_id": keys // classes,
        "class_id": keys % classes,
        "value": rng.integers(1, 5, count).astype(float),
    }
    pairs = pa.table(table).slice(0, count - barred)
    occupied = np.arange(len(pairs)) >= free
    shut = pa.table(table).slice(count - barred).append_column("code", pa.array(["shared_day"] * barred, pa.string()))
    told = pairs.append_column("chosen", pa.array(rng.random(len(pairs)) < 0.3)).drop_columns(["value"])
    people = pa.table({"person_id": rng.permutation(persons), "unit_id": rng.integers(0, units, persons)})
    tables = {"pairs": pairs.append_column("occupied", pa.array(occupied)), BARRED: shut, "people": people}
    return Frozen(tables, {}), told.take(rng.permutation(len(told)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(0, 120), st.integers(0, 120), st.sampled_from((1, 3, 40)), st.integers(1, 6))
def test_tables_at_once_say_the_same_as_pair_by_pair(
    seed: int, pairs: int, barred: int, units: int, classes: int
) -> None:
    frozen, told = crowded(seed, pairs, barred, units, classes)
    found = mark_barred(frozen, told)
    assert marks(found) == plainly(frozen, told)
    assert found.drop_columns(list(MARKS)).equals(frozen.tables[BARRED])


def test_somebody_is_passed_over_in_what_is_invented() -> None:
    """Else the property would hold of nothing."""
    found = marks(mark_barred(*crowded(3, 200, 200, 3, 2)))
    assert sum(cause is not None for cause, _who in found) > 20
    assert sum(cause is None for cause, _who in found) > 20
