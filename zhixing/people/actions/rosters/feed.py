"""Rosters that a clock brings in, such as the nightly list of a personnel system: received, read and applied in one go by a named account."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.models import Job
from zhixing.base.problems import Invalid
from zhixing.people import permissions
from zhixing.people.actions.rosters.apply import start_applying
from zhixing.people.actions.rosters.receive import drop_import, receive_roster
from zhixing.people.models import Account, Person, RosterImport, Unit

LEAVERS_SHARE, LEAVERS_FEWEST = 20, 5
"""More leavers than a twentieth of those who serve, and than five, are more likely a file cut short than a city that left."""
_LOOK_AGAIN = 0.5
State = RosterImport.State


class Outcome(StrEnum):
    APPLIED = "applied"
    WAITS = "waits"
    NOTHING_NEW = "nothing_new"
    KNOWN = "known"
    ROLLED_BACK = "rolled_back"
    TOO_MANY_LEAVERS = "too_many_leavers"


@dataclass(frozen=True)
class Fed:
    """The import, and what became of it.

    ``KNOWN``: this very file had been brought in before, and nothing was done; ``ROLLED_BACK``: nor was it done again after a person
    rolled it back. ``WAITS`` although it was to be applied (``was_to_apply``): a list of somebody else waits for a decision.
    """

    roster_import: RosterImport
    outcome: Outcome
    was_to_apply: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether no row was refused or doubtful, and nothing waits for a person to look at it."""
        counts = self.roster_import.counts
        left = self.outcome in {Outcome.TOO_MANY_LEAVERS, Outcome.ROLLED_BACK}
        held_up = self.was_to_apply and self.outcome is Outcome.WAITS
        return not (left or held_up or counts.get("refused") or counts.get("doubtful"))

    @property
    def rolled_back_by(self) -> str:
        """Name of the account that rolled the import back; empty when nobody did."""
        actors = audit.trail(self.roster_import).filter(action="people.roster_rolled_back").values("actor_id")[:1]
        return Account.objects.filter(pk__in=actors).values_list("name", flat=True).first() or ""


def feed_roster(
    content: bytes,
    name: str,
    *,
    by: Account,
    scope_unit: Unit,
    on: dt.date,
    complete: bool = False,
    applies: bool = False,
    again: bool = False,
    leavers_max: int | None = None,
) -> Fed:
    """Take in a roster as ``receive_roster`` does, read it at once, and apply it where ``applies`` says so.

    The file that was the last of its unit to be applied or rolled back, or that had nothing new, is recognised unless ``again``; one
    that waits is not taken in twice. With more than ``leavers_max`` leavers (None: a twentieth of those who serve) it is read and
    waits for a person, and so it does while a list of somebody else waits; lists of ``by`` that wait are dropped once this one is
    applied. Raises ``Refused``, and ``Invalid`` for a file that cannot be used or whose people were edited while it was read.
    """
    permissions.may_import(by, scope_unit).require()
    digest = hashlib.sha256(content).hexdigest()
    known = None if again else _known(_of_unit(scope_unit, complete), digest, by, applies)
    if known is not None:
        return known
    received = receive_roster(content, name, by=by, scope_unit=scope_unit, on=on, complete=complete)
    return _carried_out(received, by, applies, leavers_max)


def _of_unit(scope_unit: Unit, complete: bool) -> QuerySet[RosterImport]:
    """The imports of the unit that came to anything, the last one first."""
    states = (State.READ, State.APPLIED, State.ROLLED_BACK)
    found = RosterImport.objects.filter(scope_unit=scope_unit, complete=complete, state__in=states)
    return found.select_related("scope_unit", "file")


def _known(imports: QuerySet[RosterImport], digest: str, by: Account, applies: bool) -> Fed | None:
    """What is said of a file that needs no second look."""
    settled = imports.exclude(state=State.READ).first()
    if settled is not None and settled.digest == digest and settled.state == State.ROLLED_BACK:
        return Fed(settled, Outcome.ROLLED_BACK)
    last = imports.first()
    if last is None or last.digest != digest:
        return None
    if last.state == State.APPLIED or not last.has_changes:
        return Fed(last, Outcome.KNOWN)
    if not applies or any(one.by_id != by.pk for one in _waiting(imports)):
        return Fed(last, Outcome.WAITS, applies)
    return None


def _waiting(imports: QuerySet[RosterImport]) -> list[RosterImport]:
    """Those with changes that no later list was applied over."""
    settled = imports.exclude(state=State.READ).first()
    read = imports.filter(state=State.READ, pk__gt=settled.pk if settled else 0)
    return [one for one in read if one.has_changes]


def _carried_out(roster_import: RosterImport, by: Account, applies: bool, leavers_max: int | None) -> Fed:
    _end_of(roster_import.job)
    roster_import.refresh_from_db()
    if roster_import.state == State.REFUSED:
        raise Invalid(roster_import.refusal)
    if not roster_import.has_changes:
        return Fed(roster_import, Outcome.NOTHING_NEW)
    if not applies:
        return Fed(roster_import, Outcome.WAITS)
    if roster_import.counts["leaver"] > (_usual_leavers(roster_import) if leavers_max is None else leavers_max):
        return Fed(roster_import, Outcome.TOO_MANY_LEAVERS)
    waiting = _waiting(_of_unit(roster_import.scope_unit, roster_import.complete).exclude(pk=roster_import.pk))
    if any(one.by_id != by.pk for one in waiting):
        return Fed(roster_import, Outcome.WAITS, was_to_apply=True)
    for overtaken in waiting:
        drop_import(overtaken, by=by)
    _end_of(start_applying(roster_import, by=by))
    roster_import.refresh_from_db()
    return Fed(roster_import, Outcome.APPLIED)


def _usual_leavers(roster_import: RosterImport) -> int:
    serving = Person.objects.within(roster_import.scope_unit).serving().count()
    return max(LEAVERS_FEWEST, serving // LEAVERS_SHARE)


def _end_of(job: Job | None) -> None:
    """Do the work of the job here, or wait for the worker that took it first. Raises ``Invalid`` when it failed."""
    if job is None:
        raise Invalid(_("The work was cancelled."))
    jobs.perform(str(job.pk))
    job.refresh_from_db()
    while not job.ended:
        time.sleep(_LOOK_AGAIN)
        job.refresh_from_db()
    if job.state != Job.State.DONE:
        raise Invalid(job.error or _("The work was cancelled."))
