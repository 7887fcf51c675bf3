"""How many of those called come, from the call-ups of past years; and how many could be invited beyond the seats of each class run.

Rates are of groups (kind of unit, rank, quarter of the year), never of a person. A call-up counts as refused when the person was excused or
withdrawn; somebody replaced by a substitute sends one person all the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Q

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
CERTAIN = (State.ACCEPTED, State.COMPLETED)
TURNOUT = "turnout"
"""Where ``CallupRun.result`` keeps what the search learned of the history."""
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


@dataclass(frozen=True, eq=False)
class History:
    """What became of the ``count`` call-ups of classes that had begun by a day: the rates of groups, and how well such rates foretold the latest.

    ``kinds`` and ``ranks`` give the places of units and ranks among the groups."""

    kinds: Mapping[str, int]
    ranks: Mapping[str, int]
    count: int
    rates: Rates
    reliability: tuple[Bin, ...]

    @classmethod
    def learned(cls, on: dt.date) -> History:
        """From the call-ups themselves; many take longer than a page may, so the worker does it."""
        rows = _ended(on)
        kinds = _places(Unit.Kind.values)
        ranks = _places(sorted({rank or grade for _kind, rank, grade, _starts, _state in rows}))
        traits = ((kind, rank or grade, starts.month) for kind, rank, grade, starts, _state in rows)
        refused = np.array([row[4] in REFUSED for row in rows], np.bool_)
        begins = np.array([row[3].toordinal() for row in rows], np.int64)
        return cls(kinds, ranks, len(rows), *learn_and_test(_groups(traits, kinds, ranks), refused, begins))

    @classmethod
    def of(cls, run: CallupRun) -> History:
        """As the last search of the run learned it; of a run without one, or of an older one, as it is now."""
        kept = run.result.get(TURNOUT)
        return cls.read(kept) if kept else cls.learned(run.on)

    def kept(self) -> dict[str, Any]:
        """For ``CallupRun.result``."""
        return {
            "kinds": list(self.kinds),
            "ranks": list(self.ranks),
            "count": self.count,
            "overall": self.rates.overall,
            "caution": self.rates.caution,
            "factors": [factor.tolist() for factor in self.rates.factors],
            "reliability": [astuple(one) for one in self.reliability],
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> History:
        """From ``kept``: the same numbers."""
        factors = tuple(np.array(factor, np.float64) for factor in kept["factors"])
        rates = Rates(kept["overall"], factors, kept["caution"])
        bins = tuple(Bin(*one) for one in kept["reliability"])
        return cls(_places(kept["kinds"]), _places(kept["ranks"]), kept["count"], rates, bins)

    @property
    def is_long_enough(self) -> bool:
        return self.count >= FEWEST

    def rates_of(self, traits: Iterable[Traits]) -> list[float]:
        """The refusal rates of people of these groups."""
        rates: list[float] = self.rates.of(_groups(traits, self.kinds, self.ranks)).tolist()
        return rates


def _ended(on: dt.date) -> list[tuple[str, str, str, dt.date, str]]:
    """(kind of unit, rank, grade, first day, state) of the call-ups of the last ``YEARS`` whose classes had begun."""
    callups = Callup.objects.filter(
        state__in=(*CAME, *REFUSED),
        instead_of=None,
        class_run__starts_on__gt=on - dt.timedelta(days=365 * YEARS),
        class_run__starts_on__lte=on,
    ).exclude(class_run__state=ClassRun.State.CANCELLED)
    columns = ("unit__kind", "person__rank", "person__grade", "class_run__starts_on", "state")
    return list(callups.order_by().values_list(*columns))


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _groups(traits: Iterable[Traits], kinds: Mapping[str, int], ranks: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """[N, 3] the group of each trait; -1 for what the history does not know."""
    found = [(kinds.get(kind, -1), ranks.get(rank, -1), (month - 1) // 3) for kind, rank, month in traits]
    return np.array(found, np.int64).reshape(-1, 3)


@dataclass
class _Called:
    """The rates of everyone called to a class run, of whom ``beyond`` have no seat."""

    rates: list[float] = field(default_factory=list)
    beyond: int = 0

    @property
    def seated(self) -> int:
        return len(self.rates) - self.beyond


class Beyond:
    """The proposals of one run, one for each class run; none when the terms do not ask, or the history is too short."""

    def __init__(self, run: CallupRun) -> None:
        self.run = run
        self.percent = Terms.of(run.settings).overflow_percent

    @cached_property
    def history(self) -> History:
        return History.of(self.run)

    @cached_property
    def proposals(self) -> list[Proposal]:
        if not self.percent or not self.history.is_long_enough:
            return []
        return self._proposals(list(self.run.class_runs.order_by("starts_on", "pk")))

    def proposal(self, class_run: ClassRun) -> Proposal:
        (found,) = self._proposals([class_run])
        return found

    def _proposals(self, class_runs: Sequence[ClassRun]) -> list[Proposal]:
        """Nobody more while a seat is free: it is filled first."""
        called = self._called(class_runs)
        is_full = {one.pk: called[one.pk].seated >= one.seats_max for one in class_runs}
        waiting = self._waiting([one for one in class_runs if is_full[one.pk]])
        return [
            Proposal(
                one,
                len(found.rates),
                found.beyond,
                invite(found.rates, waiting.get(one.pk, ()), one.seats_max, self.percent / 100),
            )
            for one, found in ((one, called[one.pk]) for one in class_runs)
        ]

    def _called(self, class_runs: Sequence[ClassRun]) -> dict[int, _Called]:
        """Class run → who is called: whoever accepted counts as coming for certain; all others by the rate of their groups."""
        standing = Q(state__in=Callup.IN_FORCE) | Q(run=self.run, state=State.PROPOSED)
        rows = Callup.objects.filter(standing, class_run__in=class_runs).order_by("class_run_id", "pk")
        columns = ("class_run_id", "unit__kind", "person__rank", "person__grade", "state", "code", "seat")
        called = list(rows.values_list(*columns))
        found = {one.pk: _Called() for one in class_runs}
        for row, rate in zip(called, self._rates(class_runs, (row[:4] for row in called)), strict=True):
            key, *_traits, state, code, seat = row
            found[key].rates.append(0.0 if state in CERTAIN else rate)
            found[key].beyond += code == BEYOND and seat is None
        return found

    def _waiting(self, class_runs: Sequence[ClassRun]) -> dict[int, list[float]]:
        """Class run → the rates of those who wait, in their order."""
        rows = Waiting.objects.filter(run=self.run, class_run__in=class_runs, used=False).exclude(person__unit=None)
        columns = ("class_run_id", "person__unit__kind", "person__rank", "person__grade")
        waiting = list(rows.order_by("class_run_id", "position").values_list(*columns))
        found: dict[int, list[float]] = {}
        for row, rate in zip(waiting, self._rates(class_runs, waiting), strict=True):
            found.setdefault(row[0], []).append(rate)
        return found

    def _rates(self, class_runs: Sequence[ClassRun], rows: Iterable[tuple[int, str, str, str]]) -> list[float]:
        """Of (class run, kind of unit, rank, grade)."""
        months = {one.pk: one.starts_on.month for one in class_runs}
        return self.history.rates_of((kind, rank or grade, months[key]) for key, kind, rank, grade in rows)
