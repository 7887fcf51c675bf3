"""Laying the figures out on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from zhixing.callups.terms import Terms
from zhixing.cycle.make_ups import MADE_UP, OPEN, PLANNED
from zhixing.cycle.outcome import Outcome
from zhixing.cycle.report import figures
from zhixing.cycle.standings import STATES

FOLDER = Path(__file__).parent


def write_report(path: Path, outcome: Outcome) -> None:
    page = Engine(dirs=[str(FOLDER)]).get_template("page.html")
    path.write_text(page.render(Context(contents(outcome))), encoding="utf-8")


def contents(outcome: Outcome) -> dict[str, Any]:
    """Everything that the page shows, as text, lines and drawings."""
    policy, result, terms = outcome.standings.policy, outcome.calling.result, Terms()
    states = figures.make_ups(outcome)
    return {
        "style": mark_safe((FOLDER / "page.css").read_text(encoding="utf-8")),  # noqa: S308  our own file
        "on": outcome.on.isoformat(),
        "answer": figures.answer(outcome),
        "tiles": figures.tiles(outcome),
        "policy": policy.title or policy.code,
        "basis": policy.basis,
        "not_yet": policy.in_force_from.isoformat() if policy.in_force_from > outcome.on else "",
        "states": figures.legend((figures.STATE_WORDS[state], state.replace("_", "-")) for state in STATES),
        "rules": figures.states_by_rule(outcome),
        "units": figures.owing_units(outcome),
        "weeks": figures.away_by_week(outcome),
        "class_runs": figures.class_runs(outcome),
        "begun": figures.begun(outcome),
        "reasons": figures.reasons(outcome),
        "make_ups": {state: figures.count(states[state]) for state in (OPEN, PLANNED, MADE_UP)},
        "channels": figures.legend(
            (word, f"series-{number}") for number, word in enumerate(figures.CHANNEL_WORDS.values(), start=1)
        ),
        "years": figures.hours_by_year(outcome),
        "files": figures.files(outcome),
        "faults": figures.faults(outcome),
        "objective": _decimals(result["objective"]),
        "bound": _decimals(result["bound"]),
        "seed": str(outcome.seed),
        "violations": outcome.calling.violations,
        "callups_max": str(terms.callups_max),
        "away_percent": str(terms.away_percent),
    }


def _decimals(number: float | None) -> str:
    return "—" if number is None else f"{number:,.2f}"
