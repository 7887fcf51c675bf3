"""How many of those called come, from the call-ups of past years; and how many could be invited beyond the seats of each class run.

Rates are of groups (kind of unit, rank, quarter of the year), never of a person. A call-up counts as refused when the person was excused or
withdrawn; somebody replaced by a substitute sends one person all the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zhixing.callups.models import BEYOND, Callup, CallupRun, Waiting
from zhixing.callups.terms import Terms
from zhixing.engine.callup.turnout import FEWEST, Bin, Invitation, Rates, invite, learn_and_test
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun

State = Callup.State
YEARS = 5
"""Older call-ups say little about today."""
CAME = (State.ACCEPTED, State.COMPLETED, State.NOT_COMPLETED, State.SUBSTITUTED)
REFUSED = (State.EXCUSED, State.WITHDRAWN)
KINDS = tuple(Unit.Kind.values)
Traits = tuple[str, str, int]
"""Kind of the unit, rank (else grade), month in which the class begins."""


@dataclass(frozen=True)
class Proposal:
    """For one class run: ``called`` of whom ``beyond`` have no seat; ``invitation`` says how many could be beyond the seats in all."""

    class_run: ClassRun
    called: int
    beyond: int
    invitation: Invitation

    @property
    def more(self) -> int:
        """How many could be invited now."""
        return max(0, self.invitation.beyond - self.beyond)


class History:
    """What became of the call-ups of classes that had begun by ``on``."""

    def __init__(self, on: dt.date) -> None:
        callups = Callup.objects.filter(
            state__in=(*CAME, *REFUSED),
            instead_of=None,
            class_run__starts_on__gt=on - dt.timedelta(days=365 * YEARS),
            class_run__starts_on__lte=on,
        ).exclude(class_run__state=ClassRun.State.CANCELLED)
        columns = ("unit__kind", "person__rank", "person__grade", "class_run__starts_on", "state")
        rows = list(callups.order_by().values_list(*columns))
        self.ranks = {
            rank: place for place, rank in enumerate(sorted({rank or grade for _k, rank, grade, _s, _t in rows}))
        }
        self.count = len(rows)
        groups = self.groups((kind, rank or grade, starts.month) for kind, rank, grade, starts, _state in rows)
        refused = np.array([row[4] in REFUSED for row in rows], np.bool_)
        begins = np.array([row[3].toordinal() for row in rows], np.int64)
        self.rates: Rates
        self.reliability: tuple[Bin, ...]
        self.rates, self.reliability = learn_and_test(groups, refused, begins)

    def groups(self, traits: Iterable[Traits]) -> npt.NDArray[np.int64]:
        """[N, 3] the group of each trait; -1 for a rank that the history does not know."""
        found = [(KINDS.index(kind), self.ranks.get(rank, -1), (month - 1) // 3) for kind, rank, month in traits]
        return np.array(found, np.int64).reshape(-1, 3)

    @property
    def is_long_enough(self) -> bool:
        return self.count >= FEWEST

    def rates_of(self, traits: Sequence[Traits]) -> list[float]:
        """The refusal rates of people of these groups."""
        rates: list[float] = self.rates.of(self.groups(traits)).tolist()
        return rates


class Beyond:
    """The proposals of one run, one for each class run; none when the terms do not ask, or the history is too short."""

    def __init__(self, run: CallupRun) -> None:
        self.run = run
        self.percent = Terms.of(run.settings).overflow_percent

    @cached_property
    def history(self) -> History:
        return History(self.run.on)

    @cached_property
    def proposals(self) -> list[Proposal]:
        if not self.percent or not self.history.is_long_enough:
            return []
        return [self.proposal(one) for one in self.run.class_runs.order_by("starts_on", "pk")]

    def proposal(self, class_run: ClassRun) -> Proposal:
        """Whoever accepted counts as coming for certain; all others by the rate of their groups. Nobody more while a seat is free: it is filled first."""
        month = class_run.starts_on.month
        rows = Callup.objects.filter(class_run=class_run, state__in=Callup.IN_FORCE) | Callup.objects.filter(
            class_run=class_run, run=self.run, state=State.PROPOSED
        )
        called = list(
            rows.order_by("pk").values_list("unit__kind", "person__rank", "person__grade", "state", "code", "seat")
        )
        rates = self.history.rates_of([(kind, rank or grade, month) for kind, rank, grade, *_rest in called])
        certain = [row[3] in {State.ACCEPTED, State.COMPLETED} for row in called]
        on_list = [0.0 if sure else rate for sure, rate in zip(certain, rates, strict=True)]
        beyond = sum(code == BEYOND and seat is None for *_traits, _state, code, seat in called)
        is_full = len(called) - beyond >= class_run.seats_max
        found = invite(on_list, self._waiting(class_run) if is_full else (), class_run.seats_max, self.percent / 100)
        return Proposal(class_run, len(called), beyond, found)

    def _waiting(self, class_run: ClassRun) -> list[float]:
        """The rates of those who wait, in their order."""
        rows = Waiting.objects.filter(run=self.run, class_run=class_run, used=False).exclude(person__unit=None)
        traits = rows.order_by("position").values_list("person__unit__kind", "person__rank", "person__grade")
        month = class_run.starts_on.month
        return self.history.rates_of([(kind, rank or grade, month) for kind, rank, grade in traits])
