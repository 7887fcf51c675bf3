"""Who missed a training and has not made it up yet: found in the history, known to the search with priority, written out at the end."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from zhixing.base.tables.write import Column, Content, write_csv
from zhixing.callups.actions.make_ups import DUE_AFTER
from zhixing.callups.models import Callup, CallupRun, MakeUp
from zhixing.cycle.books import Roster
from zhixing.engine.sheets.history import ABSENT, COMPLETED
from zhixing.plans.models import ClassRun

COLUMNS = (
    Column("key"),
    Column("name"),
    Column("unit"),
    Column("class"),
    Column("starts_on", Content.DATE),
    Column("ends_on", Content.DATE),
    Column("hours", Content.TENTHS),
    Column("result"),
    Column("state"),
    Column("due_on", Content.DATE),
    Column("made_up_by"),
    Column("reason"),
)
OPEN, PLANNED, MADE_UP = "open", "planned", "made_up"


@dataclass(frozen=True, slots=True)
class Missed:
    """One training that a person missed or did not complete; ``made_up_by`` names the later one that made it up."""

    person: int
    name: str
    starts_on: dt.date
    ends_on: dt.date
    tenths: int
    channel: str
    result: str
    organiser: str
    institution: str
    made_up_by: str = ""


def missed_trainings(records: pa.Table, on: dt.date) -> list[Missed]:
    """Every training missed or not completed by ``on``, with the first later one of the same form that the person completed.

    The same form makes it up, as it does for the search (``callups.problem.fit_of``): the history knows no theme.
    """
    missed = records.filter(pc.and_(pc.not_equal(records["result"], COMPLETED), pc.less_equal(records["ends_on"], on)))
    later = _completed(records.filter(pc.is_in(records["person"], missed["person"].combine_chunks())))
    names = ("person", "name", "starts_on", "ends_on", "tenths", "channel", "result", "organiser", "institution")
    found = [Missed(*row) for row in sorted(zip(*(missed[name].to_pylist() for name in names), strict=True))]
    return [replace(one, made_up_by=_next_after(one, later)) for one in found]


Trainings = dict[tuple[int, str], list[tuple[dt.date, str]]]
"""(first day, name) of each person's completed trainings of each form, in order."""


def _next_after(one: Missed, completed: Trainings) -> str:
    """The first completed training that began after the missed one ended; blank when there is none."""
    return next((name for began, name in completed.get((one.person, one.channel), ()) if began > one.ends_on), "")


def _completed(records: pa.Table) -> Trainings:
    done = records.filter(pc.equal(records["result"], COMPLETED))
    found: defaultdict[tuple[int, str], list[tuple[dt.date, str]]] = defaultdict(list)
    columns = (done[name].to_pylist() for name in ("person", "channel", "starts_on", "name"))
    for person, channel, began, name in sorted(zip(*columns, strict=True)):
        found[person, channel].append((began, name))
    return found


def write_make_ups(missed: Sequence[Missed], units: Mapping[int, int], on: dt.date) -> dict[int, Missed]:
    """Keep the open ones as duties of call-ups that came to nothing; returns them by the key of the duty. ``units``: person → unit."""
    still_open = [one for one in missed if not one.made_up_by]
    if not still_open:
        return {}
    run = CallupRun.objects.create(
        name="历史调训（培训记录）", state=CallupRun.State.PUBLISHED, on=on, reply_by=on, published_at=timezone.now()
    )
    class_runs = _past_class_runs(still_open)
    callups = Callup.objects.bulk_create(
        Callup(
            run=run,
            person_id=one.person,
            class_run=class_runs[_class_of(one)],
            unit_id=units[one.person],
            state=Callup.State.NOT_COMPLETED,
        )
        for one in still_open
    )
    duties = MakeUp.objects.bulk_create(
        MakeUp(
            missed=callup,
            person_id=one.person,
            tenths=one.tenths,
            cause=MakeUp.Cause.ATTENDANCE if one.result == ABSENT else MakeUp.Cause.OTHER,
            due_on=one.ends_on + DUE_AFTER,
        )
        for callup, one in zip(callups, still_open, strict=True)
    )
    return {duty.pk: one for duty, one in zip(duties, still_open, strict=True)}


ClassKey = tuple[str, dt.date, dt.date, str]


def _class_of(one: Missed) -> ClassKey:
    return one.name, one.starts_on, one.ends_on, one.channel


def _past_class_runs(missed: Iterable[Missed]) -> dict[ClassKey, ClassRun]:
    """The class runs that were missed, as far as the history tells of them; they were held."""
    groups: defaultdict[ClassKey, list[Missed]] = defaultdict(list)
    for one in missed:
        groups[_class_of(one)].append(one)
    made = ClassRun.objects.bulk_create(
        ClassRun(
            code=f"H{number:05d}",
            year=starts_on.year,
            name=name,
            channel=channel,
            organiser=group[0].organiser,
            institution_name=group[0].institution,
            starts_on=starts_on,
            ends_on=ends_on,
            tenths=max(one.tenths for one in group),
            seats_max=len(group),
            state=ClassRun.State.HELD,
        )
        for number, ((name, starts_on, ends_on, channel), group) in enumerate(sorted(groups.items()), start=1)
    )
    return dict(zip(sorted(groups), made, strict=True))


def write_make_ups_csv(path: Path, missed: Sequence[Missed], planned: Mapping[Missed, str], roster: Roster) -> None:
    """One line for each training missed; ``planned`` names the class to which the person is called to make it up."""
    write_csv(path, COLUMNS, _lines(missed, planned, roster))


def state_of(one: Missed, planned: Container[Missed]) -> str:
    return MADE_UP if one.made_up_by else PLANNED if one in planned else OPEN


def _lines(missed: Sequence[Missed], planned: Mapping[Missed, str], roster: Roster) -> Iterator[Sequence[object]]:
    for one in missed:
        row = roster.row(one.person)
        state = state_of(one, planned)
        by = one.made_up_by or planned.get(one, "")
        yield (
            *(row.key, row.name, row.unit),
            *(one.name, one.starts_on, one.ends_on, one.tenths, one.result, state, one.ends_on + DUE_AFTER, by),
            _sentence(one, state, by),
        )


_RESULTS = {ABSENT: "缺训"}
_SENTENCES = {
    MADE_UP: "{result}，此后以同一培训方式完成了“{by}”，已补训。",
    PLANNED: "{result}，本次已安排参加“{by}”补训。",
    OPEN: "{result}，尚未补训；本次没有可安排的班次，下次调训优先安排。",
}


def _sentence(one: Missed, state: str, by: str) -> str:
    return _SENTENCES[state].format(result=_RESULTS.get(one.result, "未结业"), by=by)
