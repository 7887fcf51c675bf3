"""What a new policy would change, person by person, without storing anything."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from zhixing.engine import policies
from zhixing.obligations.problem import Row, stand
from zhixing.obligations.queries.policies import policy_in_force, rules_of


def compared(text: str, on: dt.date, progress: Callable[[int, int], None] = lambda done, total: None) -> dict[str, Any]:
    """Everyone on ``on`` under the policy in force and under ``text``.

    ``{"on", "changes": [{"rule", "before", "after", "people"}], "required": {"before", "after"}}``: a state is empty where the
    rule asks nothing; changes are sorted by rule, then by how many people; required are tenths of everyone together.
    """
    held = policy_in_force(on)
    before = _states(stand(None, rules_of(held), on)) if held else {}
    progress(1, 2)
    after = _states(stand(None, policies.parse(text), on))
    progress(2, 2)
    moves: Counter[tuple[str, str, str]] = Counter()
    for person, rule in before.keys() | after.keys():
        old, new = before.get((person, rule), ("", 0)), after.get((person, rule), ("", 0))
        if old[0] != new[0]:
            moves[rule, old[0], new[0]] += 1
    return {
        "on": on.isoformat(),
        "changes": [
            {"rule": rule, "before": old, "after": new, "people": people}
            for (rule, old, new), people in sorted(moves.items(), key=lambda move: (move[0][0], -move[1], move[0]))
        ],
        "required": {"before": _required(before), "after": _required(after)},
    }


def _states(rows: list[Row]) -> dict[tuple[int, str], tuple[str, int]]:
    """(person, rule) → (state, required tenths)."""
    return {(row[0], row[1]): (row[8], row[4]) for row in rows}


def _required(states: dict[tuple[int, str], tuple[str, int]]) -> int:
    return sum(tenths for _state, tenths in states.values())
