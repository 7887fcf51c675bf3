"""The 调训通知: one Word paper for each class run with its list, and one for each unit with its people.

A city needs hundreds of them at once, so each of the two templates is read once and filled again and again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from zhixing.base.documents import Stamp
from zhixing.base.files import plain_name
from zhixing.callups.models import Callup
from zhixing.callups.papers import Kind, class_run_facts, unit_facts
from zhixing.callups.papers.notices import built_in
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun

_NAME_MAX = 60


def write_notices(folder: Path, callups: Iterable[Callup], on: dt.date, hear: Callable[[float], None]) -> int:
    """Write all notices, issued on ``on``; returns how many. A class to which nobody is called has one with an empty list."""
    folder.mkdir()
    papers = [*_for_classes(list(callups), on)]
    papers += _for_units(list(callups), on)
    stamps = {kind: Stamp(built_in(kind)) for kind in Kind}
    for number, (kind, name, facts) in enumerate(papers, start=1):
        (folder / f"{name}.docx").write_bytes(stamps[kind].fill(facts()))
        hear(number / len(papers))
    return len(papers)


Paper = tuple[Kind, str, Callable[[], dict[str, Any]]]


def _for_classes(callups: list[Callup], on: dt.date) -> Iterator[Paper]:
    called = {pk: list(group) for pk, group in groupby(callups, key=lambda callup: callup.class_run_id)}
    for class_run in ClassRun.objects.filter(state=ClassRun.State.OPEN).select_related("institution").order_by("pk"):
        name = f"班次{class_run.pk:03d} {plain_name(class_run.name)[:_NAME_MAX]}"
        yield Kind.CLASS_RUN, name, _class_facts(class_run, called.get(class_run.pk, []), on)


def _class_facts(class_run: ClassRun, callups: list[Callup], on: dt.date) -> Callable[[], dict[str, Any]]:
    if callups:
        return lambda: class_run_facts(callups, on)
    nobody = Callup(class_run=class_run, person=Person(), unit=Unit())
    return lambda: {**class_run_facts([nobody], on), "rows": [], "count": 0}


def _for_units(callups: list[Callup], on: dt.date) -> Iterator[Paper]:
    ordered = sorted(callups, key=lambda callup: (callup.unit_id, callup.class_run_id, callup.person_id))
    for pk, group in groupby(ordered, key=lambda callup: callup.unit_id):
        own = list(group)
        name = f"单位{pk:04d} {plain_name(own[0].unit.name)[:_NAME_MAX]}"
        yield Kind.UNIT, name, _unit_facts(own, on)


def _unit_facts(callups: list[Callup], on: dt.date) -> Callable[[], dict[str, Any]]:
    return lambda: unit_facts(callups[0].unit, callups, on)
