"""Spreadsheets of the people app: the roster, the problem sheet of an import, the slips of new accounts."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from zhixing.base.sealed import mask, unseal
from zhixing.base.tables.sentences import TREATMENT_WORDS
from zhixing.base.tables.write import Column, Content, Table, write_book
from zhixing.engine.roster.headings import roster_headings
from zhixing.engine.roster.rows import RosterRow, roster_cells
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Treatment
from zhixing.people.models import Person, Posting, RosterImport, Unit
from zhixing.people.passwords import Slip
from zhixing.people.problem import chunks, known_units
from zhixing.people.sentences import problem_in_words

ROSTER_SHEET = "名册"
PROBLEM_TITLES = ("文件", "工作表", "行号", "列", "值", "处理", "原因", "处理建议")
"""Outside contract, formats.md §1: the columns of ``problems.xlsx``."""


def roster_book(scope: Unit) -> bytes:
    """The roster of ``scope`` and what lies below it, under the headings that an import reads; importing it again changes nothing.

    ID numbers are masked: the staff number is the key. Whoever has left is left out.
    """
    columns = [Column(title) for _field, title in roster_headings()]
    return _book(Table(ROSTER_SHEET, columns, _roster_rows(scope)))


def _roster_rows(scope: Unit) -> Iterator[tuple[str, ...]]:
    names = _unit_names(scope)
    people = Person.objects.filter(unit__path__startswith=scope.path).exclude(status=Person.Status.LEFT)
    for chunk in chunks(people.order_by("unit__path", "number").iterator(), 2_000):
        postings = _principal_postings(chunk)
        for person in chunk:
            posting = postings.get(person.pk)
            yield roster_cells(_row(person, posting, names))


def _principal_postings(people: Sequence[Person]) -> dict[int, Posting]:
    """For each person the principal posting in force, else the last one."""
    rows = Posting.objects.filter(person__in=people, is_principal=True).order_by("from_on", "id")
    last: dict[int, Posting] = {}
    for posting in rows:
        if posting.person_id not in last or last[posting.person_id].to_on is not None:
            last[posting.person_id] = posting
    return last


def _row(person: Person, posting: Posting | None, names: dict[int, str]) -> RosterRow:
    post = posting or person
    return RosterRow(
        sheet=ROSTER_SHEET,
        row=0,
        name=person.name,
        id_number=mask(unseal(bytes(person.id_sealed))) if person.id_sealed else "",
        number=person.number,
        sex=person.sex,
        born=_date(person.born_on),
        unit=names.get(post.unit_id or 0, ""),
        department=post.department,
        title=post.title,
        rank=post.rank,
        grade=post.grade,
        rank_since=_date(posting.rank_since) if posting else None,
        grade_since=_date(posting.grade_since) if posting else None,
        work_began=_date(person.work_began_on),
        category=person.category,
        phone=person.phone,
        status=person.status,
    )


def _date(day: object) -> PartialDate | None:
    return PartialDate.of(day) if day else None  # type: ignore[arg-type]


def _unit_names(scope: Unit) -> dict[int, str]:
    """How each unit is named in the sheet: by its name, or by its path where several bear the name."""
    units = known_units(scope)
    bearers = Counter(unit.name for unit in units)
    return {int(unit.key): unit.name if bearers[unit.name] == 1 else unit.path for unit in units}


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
