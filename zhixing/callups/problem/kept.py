"""What a list must keep when it is adjusted, and what it may give up: the problem of a repair."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from django.db.models import QuerySet
from django.utils import timezone

from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.problem.build import load
from zhixing.callups.problem.frozen import Frozen
from zhixing.plans.models import ClassRun

FORMER = (Callup.State.EXCUSED, Callup.State.SUBSTITUTED, Callup.State.WITHDRAWN, Callup.State.RELEASED)


@dataclass(frozen=True, eq=False)
class KeptList:
    """``held``: the call-ups of the list that may be given up, as (person, class run): proposals, or sent ones to which nobody has answered.

    Everyone else who is called stands, as in any search: whoever accepted, asked or waits for a decision among them."""

    frozen: Frozen
    held: list[tuple[int, int]]

    @property
    def standing(self) -> list[tuple[int, int]]:
        pairs = self.frozen.tables["pairs"]
        rows = pairs.filter(pairs["occupied"])
        return list(zip(rows["person_id"].to_pylist(), rows["class_id"].to_pylist(), strict=True))


def to_come(run: CallupRun, today: dt.date | None = None) -> QuerySet[ClassRun]:
    """The class runs of a run about which something can still be changed."""
    states = [ClassRun.State.CALLED]
    if run.state != CallupRun.State.PUBLISHED:
        states.append(ClassRun.State.OPEN)
    return run.class_runs.filter(state__in=states, starts_on__gt=today or timezone.localdate())


def given_up_at_need(run: CallupRun) -> QuerySet[Callup]:
    """The call-ups of a run that a repair may take back. What the department decided to let stand, or invited beyond the seats, is none of them."""
    if run.state != CallupRun.State.PUBLISHED:
        return run.callups.filter(state=Callup.State.PROPOSED)
    sent = run.callups.holding_a_seat().filter(state=Callup.State.SENT)
    return sent.filter(concern_settled="", class_run__in=to_come(run))


def load_kept(run: CallupRun) -> KeptList:
    """Freeze what a list is to be adjusted to."""
    loose = given_up_at_need(run)
    frozen = load(run, to_come(run), loose)
    held = list(loose.order_by("person_id", "class_run_id").values_list("person_id", "class_run_id"))
    if run.state == CallupRun.State.PUBLISHED:
        beyond = Counter(_rows(Callup.objects.beyond_seats().filter(class_run__in=to_come(run)), "class_run_id"))
        frozen.tables["classes"] = _with_beyond(frozen.tables["classes"], beyond)
        frozen.tables["pairs"] = _open_to_new(frozen.tables["pairs"], run, set(held), beyond)
        frozen.tables["pins"] = _of_pairs(frozen.tables["pins"], frozen.tables["pairs"])
    return KeptList(frozen, held)


def _rows(callups: QuerySet[Callup], column: str) -> list[int]:
    return list(callups.order_by().values_list(column, flat=True))


def _with_beyond(classes: pa.Table, beyond: Counter[int]) -> pa.Table:
    """Room for those invited beyond the seats, who displace nobody."""
    rows = zip(classes["class_id"].to_pylist(), classes["seats_max"].to_pylist(), strict=True)
    most = pa.array([seats + beyond[class_] for class_, seats in rows], pa.int64())
    return classes.set_column(classes.column_names.index("seats_max"), "seats_max", most)


def _open_to_new(pairs: pa.Table, run: CallupRun, held: set[tuple[int, int]], beyond: Counter[int]) -> pa.Table:
    """Without those who may not be called anew: who was excused or taken from the class before, as on the waiting list, and anybody while a free
    seat belongs to someone invited beyond the seats."""
    former = Callup.objects.filter(class_run__in=run.class_runs.all(), state__in=FORMER)
    barred = set(former.order_by().values_list("person_id", "class_run_id"))
    columns = (pairs[name].to_pylist() for name in ("person_id", "class_id", "occupied"))
    return pairs.filter(
        np.array(
            [
                stands or (person, class_) in held or (not beyond[class_] and (person, class_) not in barred)
                for person, class_, stands in zip(*columns, strict=True)
            ],
            np.bool_,
        )
    )


def _of_pairs(pins: pa.Table, pairs: pa.Table) -> pa.Table:
    """Without the pins of those who may not be called anew: they were carried out when the list was published."""
    known, rows = (
        zip(table["person_id"].to_pylist(), table["class_id"].to_pylist(), strict=True) for table in (pairs, pins)
    )
    left = set(known)
    return pins.filter(np.array([row in left for row in rows], np.bool_))
