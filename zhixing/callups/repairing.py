"""The smallest change that makes a list hold again, as something to decide about."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from zhixing.callups.models import CallupRun
from zhixing.callups.problem.frozen import BARRED
from zhixing.callups.problem.kept import KeptList, load_kept

FACTS = ("owing", "missing", "make_up", "months", "this_year", "same_theme", "load", "tie")
"""What a call-up keeps of the facts behind its value, for its sentence."""
_NO_PRICES = pa.schema(
    [
        ("rule", pa.string()),
        ("unit_id", pa.int64()),
        ("class_id", pa.int64()),
        ("week", pa.date32()),
        ("price", pa.float64()),
    ]
)


def offer(run: CallupRun) -> dict[str, Any]:
    """What ``Job.result`` keeps: status, conflict, kept, displaced, fewest, and ``changes`` as ``engine.callup.difference`` tells them.

    Keys are those of the database. A lost call-up that was ruled out beforehand has that rule; a new one has its ``value`` and ``facts``.
    ``state`` and ``digest`` say of which list it was."""
    from zhixing.engine.callup.earlier import Earlier  # only the worker solves
    from zhixing.engine.callup.repair import repair

    kept = load_kept(run)
    before = [*kept.held, *kept.standing]
    persons, classes = (pa.array([pair[place] for pair in before], pa.int64()) for place in (0, 1))
    found = repair(
        kept.frozen.problem(), Earlier(persons, classes, _NO_PRICES.empty_table(), run.seed), seconds=run.seconds
    )
    said = found.result.summary()
    barred, facts = _barred(kept), _facts(kept)
    for item in found.difference:
        for one in item["lost"]:
            one.update(barred.get((item["person"], one["class"]), {}) if one["code"] == "not_eligible" else {})
        for one in item["new"]:
            one.update(facts[item["person"], one["class"]])
    return {
        "state": run.state,
        "digest": run.digest,
        "status": said["status"],
        "conflict": said.get("conflict", []),
        "kept": found.kept - len(kept.standing),
        "displaced": found.displaced,
        "fewest": found.fewest,
        "changes": list(found.difference),
    }


def _barred(kept: KeptList) -> dict[tuple[int, int], dict[str, Any]]:
    held = set(kept.held)
    return {
        (row["person_id"], row["class_id"]): {"code": row["code"], **_told(row["detail"])}
        for row in kept.frozen.tables[BARRED].select(["person_id", "class_id", "code", "detail"]).to_pylist()
        if (row["person_id"], row["class_id"]) in held
    }


def _told(detail: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(detail)
    if "class" in said:
        said["with"] = said.pop("class")
    return said


def _facts(kept: KeptList) -> dict[tuple[int, int], dict[str, Any]]:
    rows = kept.frozen.tables["pairs"].select(["person_id", "class_id", "value", *FACTS]).to_pylist()
    return {
        (row["person_id"], row["class_id"]): {"value": row["value"], "facts": {name: row[name] for name in FACTS}}
        for row in rows
    }
