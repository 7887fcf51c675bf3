"""Spreadsheets of the people app: the roster, the problem sheet of an import, the slips of new accounts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from zhixing.base.chunks import chunks
from zhixing.base.sealed import mask, unseal
from zhixing.base.tables.problems import PROBLEM_TITLES
from zhixing.base.tables.sentences import TREATMENT_WORDS
from zhixing.base.tables.write import Column, Content, Table, write_book
from zhixing.engine.roster.headings import roster_headings
from zhixing.engine.roster.rows import roster_cells
from zhixing.engine.sheets.faults import Treatment
from zhixing.people.models import Person, Posting, RosterImport, Unit
from zhixing.people.passwords import Slip
from zhixing.people.problem import roster_row, unit_names
from zhixing.people.sentences import problem_in_words

ROSTER_SHEET = "名册"


def roster_book(scope: Unit) -> bytes:
    """The roster of ``scope`` and what lies below it, under the headings that an import reads; importing it again changes nothing.

    ID numbers are masked: the staff number is the key. Whoever has left is left out.
    """
    columns = [Column(title) for _field, title in roster_headings()]
    return _book(Table(ROSTER_SHEET, columns, _roster_rows(scope)))


def _roster_rows(scope: Unit) -> Iterator[tuple[str, ...]]:
    names = unit_names(scope)
    people = Person.objects.filter(unit__path__startswith=scope.path).exclude(status=Person.Status.LEFT)
    for chunk in chunks(people.order_by("unit__path", "number").iterator(), 2_000):
        postings = _principal_postings(chunk)
        for person in chunk:
            posting = postings.get(person.pk)
            unit = names.get((posting or person).unit_id or 0, "")
            id_number = mask(unseal(bytes(person.id_sealed))) if person.id_sealed else ""
            yield roster_cells(roster_row(person, posting, unit=unit, id_number=id_number))


def _principal_postings(people: Sequence[Person]) -> dict[int, Posting]:
    """For each person the principal posting in force, else the last one."""
    rows = Posting.objects.filter(person__in=people, is_principal=True).order_by("from_on", "id")
    last: dict[int, Posting] = {}
    for posting in rows:
        if posting.person_id not in last or last[posting.person_id].to_on is not None:
            last[posting.person_id] = posting
    return last


def problem_book(roster_import: RosterImport) -> bytes:
    """Every refused or doubtful row of an import, with what is wrong and how to mend it."""
    rows = (
        (
            roster_import.file.name,
            change.after.get("sheet", ""),
            change.row,
            change.column,
            change.value,
            TREATMENT_WORDS[Treatment(change.treatment)],
            *problem_in_words(change),
        )
        for change in roster_import.changes.filter(kind="problem").order_by("row", "id").iterator()
    )
    columns = [Column(title, Content.NUMBER if title == "行号" else Content.TEXT) for title in PROBLEM_TITLES]
    return _book(Table("问题", columns, rows))


def slip_book(slips: Iterable[Slip]) -> bytes:
    """User names and one-time passwords, to be cut into slips and handed out."""
    columns = [Column(str(title)) for title in (_("Unit"), _("Name"), _("User name"), _("One-time password"))]
    return _book(Table(_("Accounts"), columns, [(s.unit, s.name, s.username, s.password) for s in slips]))


def _book(table: Table) -> bytes:
    content = io.BytesIO()
    write_book(content, [table])
    return content.getvalue()
