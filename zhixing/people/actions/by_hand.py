"""Facts typed by hand or sent by a program, kept as the import of a roster would keep them: what is exported is then read back unchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base.problems import Invalid
from zhixing.base.tables.sentences import row_problem
from zhixing.engine.roster.rows import RosterRow, as_read, roster_cells
from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.secrecy import secrecy_marking
from zhixing.people.models import Person, Posting
from zhixing.people.problem import roster_row

FOLDED_OF_PERSON = ("name", "number", "category", "phone")
FOLDED_OF_POSTING = ("department", "title")


def fold_person(person: Person, before: Person | None = None) -> None:
    """Bring the words of ``person`` into the form that an import gives them. Raises ``Invalid`` for what it would refuse or doubt.

    ``before`` is the person as known: faults that stand there already are not blamed on this change.
    """
    row = roster_row(person, None)
    read = _read(row, roster_row(before, None) if before else None)
    _refuse_future(person.born_on, person.work_began_on)
    _refuse_birth_after(person, person.joined_on)
    _take(person, read, FOLDED_OF_PERSON, before)


def fold_posting(posting: Posting) -> None:
    """The same for a posting that is not saved yet."""
    person = posting.person
    read = _read(roster_row(person, posting), roster_row(person, None))
    _refuse_future(posting.rank_since, posting.grade_since)
    _refuse_birth_after(person, posting.from_on)
    _take(posting, read, FOLDED_OF_POSTING, None)


def _read(row: RosterRow, known: RosterRow | None) -> RosterRow | None:
    """The row as an import reads it; None for one that it does not take and did not take before either."""
    marking = secrecy_marking(Sheet("", [roster_cells(row)]))
    if marking:
        raise Invalid(
            _("“%(marking)s” is a secrecy marking. Classified matter must not enter this system.")
            % {"marking": marking}
        )
    read, faults = as_read(row)
    was_read, old_faults = as_read(known) if known else (row, ())
    for fault in faults:
        if fault not in old_faults:
            problem = row_problem(fault)
            raise Invalid(f"{problem.reason} {problem.mend}")
    if read is None and not faults and was_read is not None:
        raise Invalid(
            _("A roster with this name would be read as a title, a total or a footer. Write the name differently.")
        )
    return read


def _take(thing: Person | Posting, read: RosterRow | None, names: Iterable[str], before: Person | None) -> None:
    for name in names if read else ():
        if before is None or getattr(before, name) != getattr(thing, name):
            setattr(thing, name, getattr(read, name))


def _refuse_future(*days: dt.date | None) -> None:
    today = timezone.localdate()
    if any(day and day > today for day in days):
        raise Invalid(_("This day lies in the future. Enter the change when it holds."))


def _refuse_birth_after(person: Person, day: dt.date | None) -> None:
    if person.born_on and day and day < person.born_on:
        raise Invalid(_("This day lies before the birth of the person."))
