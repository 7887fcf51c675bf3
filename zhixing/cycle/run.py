"""The whole job, stage by stage, from books to papers. Imported once the settings of the fresh installation stand."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from zhixing.base import audit
from zhixing.cycle.books import Books, Paths, Reading
from zhixing.cycle.city import write_classes, write_ledger, write_people
from zhixing.cycle.clock import Clock
from zhixing.cycle.doubts import Doubt, doubts_of, write_doubts
from zhixing.cycle.history import History
from zhixing.cycle.lists import write_callups_csv, write_not_called_csv
from zhixing.cycle.make_ups import Missed, missed_trainings, write_make_ups, write_make_ups_csv
from zhixing.cycle.notices import write_notices
from zhixing.cycle.outcome import Outcome
from zhixing.cycle.report import write_report
from zhixing.cycle.search import Calling, call_up
from zhixing.cycle.standings import write_standings, write_standings_csv
from zhixing.people.models import Unit


@dataclass(frozen=True)
class Order:
    """What the officer asks for."""

    paths: Paths
    on: dt.date
    seconds: float = 60.0
    seed: int = 1


def run(order: Order, reading: Reading, draft: Path, clock: Clock) -> dict[str, Any]:
    """Fill the folder ``draft`` with papers and a database of its own; returns the summary. Raises ``books.Refusal``."""
    with clock.stage("read"):
        books = reading.books()
    with clock.stage("database"):
        _make_database()
    outcome = fill(order, books, reading, draft, clock)
    _close_database()
    summary = outcome.summary(clock)
    (draft / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return summary


def fill(order: Order, books: Books, reading: Reading, draft: Path, clock: Clock) -> Outcome:
    """From books to papers in an empty database that stands. Raises ``books.Refusal`` for a history that cannot be read."""
    on = order.on
    with clock.stage("people"), transaction.atomic():
        units = write_people(books.roster, on)
        write_classes(books.classes, units)
    with clock.stage("history"), transaction.atomic():
        history = reading.history(books.roster.by_number())
        write_ledger(history.records)
    with clock.stage("standings"), transaction.atomic():
        standings = write_standings(books.rules, on)
        missed = missed_trainings(history.records, on)
        duties = write_make_ups(missed, {one.pk: units[one.unit] for one in books.roster.members}, on)
    with clock.stage("callup") as hear:
        calling = call_up(on, seconds=order.seconds, seed=order.seed, hear=hear)
    with clock.stage("lists"):
        write_standings_csv(draft / "standings.csv", standings, books.roster)
        write_callups_csv(draft / "callups.csv", calling, books.roster)
        left_out = write_not_called_csv(draft / "not_called.csv", calling.run, books.roster)
        planned = _planned(calling, duties)
        write_make_ups_csv(draft / "make_ups.csv", missed, planned, books.roster)
        doubts = _doubts(order.paths, books, history)
        write_doubts(draft / "problems.xlsx", doubts)
    with clock.stage("notices") as hear:
        write_notices(draft / "notices", calling.callups, on, hear)
    outcome = Outcome(
        order.paths, on, order.seed, books, history, standings, missed, planned, calling, doubts, left_out
    )
    with clock.stage("report"):
        write_report(draft / "report.html", outcome)
        audit.record(
            "cycle.ran", Unit.objects.get(parent=None), by=None, on=on, seed=order.seed, called=len(calling.callups)
        )
    return outcome


def _make_database() -> None:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")  # a crash leaves nothing of the draft anyway


def _close_database() -> None:
    """Leave one file behind."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA optimize")
    connection.close()


def _planned(calling: Calling, duties: Mapping[int, Missed]) -> dict[Missed, str]:
    """The class to which somebody is called to make up what was missed."""
    made_up = ((duties.get(callup.makes_up_id or 0), callup.class_run.name) for callup in calling.callups)
    return {missed: name for missed, name in made_up if missed is not None}


def _doubts(paths: Paths, books: Books, history: History) -> list[Doubt]:
    found = doubts_of(paths.roster.name, books.roster.faults) + doubts_of(paths.classes.name, books.classes.faults)
    return found + (doubts_of(paths.history.name, history.faults) if paths.history else [])
