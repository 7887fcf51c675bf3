"""The one way in for everything that is seen: evidence is written, and the marks follow from all of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from zhixing.attendance import rules
from zhixing.attendance.models import Evidence, Mark, Register, Status
from zhixing.attendance.resolution import Observation, resolve
from zhixing.base.problems import NotFound


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation to be written: who (call-up), how (``Evidence.Source``), what (``Status``), and why where that is needed."""

    callup_id: int
    source: str
    status: str
    reason: str = ""


def lock(register_id: int) -> Register:
    """The register as it is now, held until the transaction ends: who marks and who closes take turns."""
    held = Register.objects.select_for_update(of=("self",)).filter(pk=register_id)
    found = held.select_related("session__class_run__institution", "session__teacher").first()
    if found is None:
        raise NotFound
    return found


def observe(register: Register, seen: Sequence[Seen], *, by: Any, at: dt.datetime) -> list[Mark]:
    """Write what was seen and bring the marks in line; the caller holds the lock. Returns the marks concerned as they are now."""
    Evidence.objects.bulk_create(
        Evidence(
            register=register,
            callup_id=one.callup_id,
            source=one.source,
            status=one.status,
            reason=one.reason,
            at=at,
            by_id=getattr(by, "pk", None),
        )
        for one in seen
    )
    return _bring_in_line(register, {one.callup_id for one in seen})


def _bring_in_line(register: Register, callup_ids: Collection[int]) -> list[Mark]:
    kept = {mark.callup_id: mark for mark in register.marks.filter(callup__in=callup_ids)}
    silent = Status.ABSENT if register.state == Register.State.CLOSED else None
    made: list[Mark] = []
    changed: list[Mark] = []
    gone: list[int] = []
    for callup_id, observations in _observations(register, callup_ids).items():
        status = resolve(observations, rules.in_force().ranks) or silent
        mark = kept.get(callup_id)
        if status is None:
            gone.append(callup_id)
            continue
        target = changed if mark else made
        mark = mark or Mark(register=register, callup_id=callup_id)
        mark.status, mark.version = status, len(observations)
        mark.tenths = earned(register, status)
        target.append(mark)
    Mark.objects.bulk_create(made)
    Mark.objects.bulk_update(changed, ("status", "version", "tenths"))
    register.marks.filter(callup__in=gone).delete()
    return [*made, *changed]


def earned(register: Register, status: str) -> int:
    """Hours (tenths) are earned only once the register is closed."""
    closed = register.state == Register.State.CLOSED
    return rules.in_force().earned(status, register.session.tenths) if closed else 0


def _observations(register: Register, callup_ids: Iterable[int]) -> dict[int, list[Observation]]:
    found: dict[int, list[Observation]] = defaultdict(list)
    rows = register.evidence.filter(callup__in=callup_ids).order_by("pk")
    for callup_id, source, status in rows.values_list("callup_id", "source", "status"):
        found[callup_id].append(Observation(source, status))
    return found
