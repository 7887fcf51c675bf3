"""Who is called and who is left out of each class, each with the reason as a sentence (``callups.csv``, ``not_called.csv``)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from zhixing.base.files import path_of
from zhixing.base.tables.write import Column, harmless, write_csv
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences import Names, callup_sentence, sentence
from zhixing.cycle.books import Roster
from zhixing.cycle.search import Calling
from zhixing.engine.callup.codes import Code
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun, Quota

COLUMNS = tuple(map(Column, ("key", "name", "unit", "class", "value", "code", "reason")))


def write_callups_csv(path: Path, calling: Calling, roster: Roster) -> None:
    """One line for each call-up, in the order of classes, then of units."""
    write_csv(path, COLUMNS, _called(calling, roster))


def _called(calling: Calling, roster: Roster) -> Iterator[Sequence[object]]:
    names = Names()
    for callup in calling.callups:
        row = roster.row(callup.person_id)
        reason = callup_sentence(callup, names)
        yield row.key, row.name, row.unit, callup.class_run.name, f"{callup.value:.2f}", callup.code, reason


_LEFT_OUT = r"""
CREATE TABLE left_out AS SELECT class_id, person_id, value, coalesce(seatless.code, reasons.code) AS code,
  coalesce(seatless.about, regexp_replace(detail, '^\{"value":[^,}]*,"price":[^,}]*,?', '{')) AS about
FROM read_parquet(?) AS reasons JOIN person USING (person_id) LEFT JOIN seatless USING (class_id, unit_id) WHERE NOT chosen
"""
"""``about``: what a sentence is about, without the figures of the single pair, so that a million pairs have a few thousand reasons."""
_LINES = """
SELECT person.key, person.name, person.unit, class_run.name AS class, printf('%.2f', left_out.value) AS value, code, reason
FROM left_out JOIN person USING (person_id) JOIN class_run USING (class_id) JOIN words USING (code, about)
ORDER BY class_id, left_out.value DESC, person_id
"""


def write_not_called_csv(path: Path, run: CallupRun | None, roster: Roster) -> dict[str, int]:
    """One line for each eligible person left out of a class, the best first; returns how many there are by code."""
    if run is None or run.reasons_file is None:
        write_csv(path, COLUMNS, ())
        return {}
    with (
        tempfile.TemporaryDirectory(prefix="zhixing-") as spill,
        duckdb.connect(config={"memory_limit": "1GB", "temp_directory": spill}) as session,
    ):
        session.register("person", _people(roster))
        session.register("class_run", _class_runs())
        session.register("seatless", _seatless())
        session.execute(_LEFT_OUT, [str(path_of(run.reasons_file))])
        different = session.execute("SELECT DISTINCT code, about FROM left_out ORDER BY ALL").fetchall()
        session.register("words", _words(different))
        target = str(path).replace("'", "''")
        session.execute(f"COPY ({_LINES}) TO '{target}' (HEADER, DELIMITER ',')")
        return dict(session.execute("SELECT code, count(*) FROM left_out GROUP BY code").fetchall())


Schema = tuple[tuple[str, Any], ...]
_WHOLE, _TEXT = pa.int64(), pa.string()


def _table(columns: Schema, rows: Iterable[Sequence[object]]) -> pa.Table:
    """Rows as an Arrow table; no text in it begins like a formula."""
    values: list[list[object]] = [[] for _ in columns]
    for row in rows:
        for column, value in zip(values, row, strict=True):
            column.append(harmless(value) if isinstance(value, str) else value)
    arrays = [pa.array(column, kind) for column, (_name, kind) in zip(values, columns, strict=True)]
    return pa.table(dict(zip((name for name, _kind in columns), arrays, strict=True)))


def _people(roster: Roster) -> pa.Table:
    unit_of = dict(Person.objects.order_by().values_list("pk", "unit_id"))
    columns = (("person_id", _WHOLE), ("unit_id", _WHOLE), ("key", _TEXT), ("name", _TEXT), ("unit", _TEXT))
    rows = ((one.pk, unit_of[one.pk], one.row.key, one.row.name, one.row.unit) for one in roster.members)
    return _table(columns, rows)


def _class_runs() -> pa.Table:
    rows = ClassRun.objects.filter(state=ClassRun.State.OPEN).values_list("pk", "name")
    return _table((("class_id", _WHOLE), ("name", _TEXT)), rows)


def _seatless() -> pa.Table:
    """Units without a seat in a class: for their people that is the reason before all others."""
    columns = (("class_id", _WHOLE), ("unit_id", _WHOLE), ("code", _TEXT), ("about", _TEXT))
    quotas = Quota.objects.filter(seats_max=0).order_by().values_list("class_run_id", "unit_id")
    rows = (
        (class_run, unit, Code.QUOTA_FULL.value, json.dumps({"class": class_run, "unit": unit, "most": 0}))
        for class_run, unit in quotas
    )
    return _table(columns, rows)


def _words(different: Iterable[tuple[str, str]]) -> pa.Table:
    names = Names()
    rows = ((code, about, sentence(code, json.loads(about), names)) for code, about in different)
    return _table((("code", _TEXT), ("about", _TEXT), ("reason", _TEXT)), rows)
