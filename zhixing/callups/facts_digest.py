"""What a search knew, whatever the terms make of it, as one digest: equal for two runs that start from the same facts."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Max, Min

from zhixing.callups.models import BusyTime, CallupRun
from zhixing.callups.problem import BARRED, Frozen
from zhixing.people.models import Unit
from zhixing.plans.models import Quota

TERMS_DECIDE = ("value", "tie", "occupied")
"""Columns of a pair that the terms and the seed of the run decide."""


def facts_digest(run: CallupRun, frozen: Frozen) -> str:
    """Of class runs with seats and quotas, units with their own limits and busy times, people, and what is known of each eligible pair."""
    content = hashlib.sha256()
    class_runs = run.class_runs.order_by("pk").values_list("pk", "starts_on", "ends_on", "seats_min", "seats_max")
    quotas = Quota.objects.filter(class_run__in=run.class_runs.all()).order_by("class_run_id", "unit_id")
    units = Unit.objects.order_by("pk").values_list("pk", "parent_id", "away_max")
    for rows in (class_runs, quotas.values_list("class_run_id", "unit_id", "seats_min", "seats_max"), units):
        content.update(repr(list(rows)).encode())
    if busy := _busy(run):
        content.update(repr(busy).encode())
    for table in (frozen.tables["people"], _pairs(frozen)):
        for column in table.columns:
            content.update(pc.cast(column, pa.int64()).to_numpy().tobytes())
    return content.hexdigest()


def _busy(run: CallupRun) -> list[tuple[Any, ...]]:
    """Standing busy times in the weeks of the run; they count only where there are any, so that older digests stay true."""
    days = run.class_runs.aggregate(first=Min("starts_on"), last=Max("ends_on"))
    rows = BusyTime.objects.standing().on_weeks_of(days["first"], days["last"]).order_by("unit_id", "from_on", "pk")
    return list(rows.values_list("unit_id", "below", "from_on", "to_on", "most"))


def _pairs(frozen: Frozen) -> pa.Table:
    """Every eligible pair, whether the terms let the search choose it or not."""
    pairs = frozen.tables["pairs"]
    known = [name for name in pairs.schema.names if name not in TERMS_DECIDE]
    free = pairs.filter(pc.invert(pairs["occupied"])).select(known)
    both = pa.concat_tables([free, frozen.tables[BARRED].select(known)])
    return both.sort_by([("person_id", "ascending"), ("class_id", "ascending")])
