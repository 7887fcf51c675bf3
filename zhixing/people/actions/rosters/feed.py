"""Rosters that a clock brings in, such as the nightly list of a personnel system: received, read and applied in one go by a named account."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from zhixing.base import jobs
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
    TOO_MANY_LEAVERS = "too_many_leavers"


@dataclass(frozen=True)
class Fed:
    """The import, and what became of it. ``KNOWN``: this very file had been brought in before, and nothing was done."""

    roster_import: RosterImport
    outcome: Outcome

    @property
    def is_clean(self) -> bool:
        """Whether no row was refused or doubtful, and nothing waits for a person to look at it."""
        counts = self.roster_import.counts
        return self.outcome is not Outcome.TOO_MANY_LEAVERS and not (counts.get("refused") or counts.get("doubtful"))


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

    The file that was the last of its unit to be applied, or that had nothing new, is recognised unless ``again``; one that waits
    is not taken in twice. With more than ``leavers_max`` leavers (None: a twentieth of those who serve) it is read and waits for a
    person. Raises ``Refused``, and ``Invalid`` for a file that cannot be used or whose people were edited while it was read.
    """
    permissions.may_import(by, scope_unit).require()
    last = _last_of(scope_unit, complete)
    if last is not None and last.digest == hashlib.sha256(content).hexdigest() and not again:
        if last.state == State.APPLIED or (last.state == State.READ and not last.has_changes):
            return Fed(last, Outcome.KNOWN)
        if last.state == State.READ and not applies:
            return Fed(last, Outcome.WAITS)
    if last is not None and last.state == State.READ and last.has_changes and applies:
        drop_import(last, by=by)  # a newer list overtakes the one that waits
    received = receive_roster(content, name, by=by, scope_unit=scope_unit, on=on, complete=complete)
    return _carried_out(received, by, applies, leavers_max)


def _last_of(scope_unit: Unit, complete: bool) -> RosterImport | None:
    """The last import of the unit that came to anything."""
    states = (State.READ, State.APPLIED, State.ROLLED_BACK)
    found = RosterImport.objects.filter(scope_unit=scope_unit, complete=complete, state__in=states)
    return found.select_related("scope_unit", "file").first()


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
