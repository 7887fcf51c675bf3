"""A list for one of the banks from a spreadsheet: read whole, shown, then kept in one transaction.

A row is the same as one of the bank with the same name and keeper. What a cell leaves blank stays as it is known, so a list applied twice changes
nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, files
from zhixing.base.problems import Conflict, Text
from zhixing.base.tables.problems import kept_problem
from zhixing.base.tables.read import read_book
from zhixing.base.tables.sentences import row_problem
from zhixing.engine.sheets.banks import BANKS, BankRow, Column, parse_bank
from zhixing.engine.sheets.cells import largest
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.engine.sheets.readings import Parsed
from zhixing.people.models import Account, Unit
from zhixing.resources import actions, permissions
from zhixing.resources.models import Bank, BankList, Case, Course, Practice, Site, Teacher, Textbook, Topic
from zhixing.resources.needed import needed

State = BankList.State
KINDS: dict[str, type[models.Model]] = {
    Bank.TEACHERS: Teacher,
    Bank.COURSES: Course,
    Bank.CASES: Case,
    Bank.SITES: Site,
    Bank.TEXTBOOKS: Textbook,
    Bank.PRACTICES: Practice,
}
SAVES: dict[str, Callable[[dict[str, Any], Account, Any], object]] = {
    Bank.TEACHERS: lambda facts, by, row: actions.save_teacher(facts, by=by, teacher=row),
    Bank.COURSES: lambda facts, by, row: actions.save_course(facts, by=by, course=row),
    Bank.CASES: lambda facts, by, row: actions.save_case(facts, by=by, case=row),
    Bank.SITES: lambda facts, by, row: actions.save_site(facts, by=by, site=row),
    Bank.TEXTBOOKS: lambda facts, by, row: actions.save_textbook(
        {name: value for name, value in facts.items() if name != "chapters"},
        by=by,
        textbook=row,
        chapters=facts.get("chapters"),
    ),
    Bank.PRACTICES: lambda facts, by, row: actions.save_practice(facts, by=by, practice=row),
}
ROWS_MOST = 5_000


def receive_list(upload: UploadedFile[bytes], bank: str, *, by: Account) -> BankList:
    """Store and read the file. A file that cannot be read as such a list is kept as refused with the reason; nothing else happens."""
    permissions.may_keep(by, by.scope_unit).require()
    content, name = upload.read(), upload.name or f"{bank}.xlsx"
    sheet = largest(read_book(content, name))  # a file the guard refuses is not even stored
    parsed = parse_bank(sheet, bank, _known(by))
    with transaction.atomic():
        made = BankList(bank=bank, file=files.store(content, name, "bank_list", by=by), by_id=by.pk, state=State.READ)
        if parsed.refused:
            said = [row_problem(fault) for fault in parsed.faults]
            made.state, made.refusal = State.REFUSED, " ".join(f"{one.reason} {one.mend}" for one in said)
        elif (read := _rows_read(parsed)) > ROWS_MOST or not read:
            made.state, made.refusal = State.REFUSED, str(_no_rows(read))
        else:
            rows, faults = _with_keepers(parsed.rows, bank, by)
            made.rows = rows
            made.problems = [kept_problem(row_problem(fault)) for fault in (*parsed.faults, *faults)]
        if any(fault.fault is Fault.ID_NOT_KEPT_HERE for fault in parsed.faults):
            files.destroy(made.file)  # no ID number is kept open; what the list says stands in its rows
        made.save()
        audit.record("resources.list_received", made, by=by, rows=len(made.rows), problems=len(made.problems))
    return made


def _rows_read(parsed: Parsed[BankRow]) -> int:
    """Refused ones too: each has its problem, and those are kept."""
    rows, faults = ({(one.sheet, one.row) for one in parsed.rows}, {(one.sheet, one.row) for one in parsed.faults})
    return len(rows | faults)


def _no_rows(rows: int) -> Text:
    if rows:
        return _("The list has %(rows)s rows; at most %(most)s are read at once: part it.") % {
            "rows": f"{rows:,}",
            "most": f"{ROWS_MOST:,}",
        }
    return _("There is no row below the headings: fill in at least one.")


def _known(by: Account) -> dict[str, set[str]]:
    """The names and codes that a list may mention."""
    teachers = Teacher.objects.visible_to(by).active().order_by().values_list("name", flat=True)
    topics = Topic.objects.filter(retired_on=None).order_by().values_list("name", flat=True)
    return {"teachers": set(teachers), "topics": set(topics), "competencies": set(needed().names)}


def _with_keepers(rows: Sequence[BankRow], bank: str, by: Account) -> tuple[list[dict[str, Any]], list[RowFault]]:
    """Rows as JSON with the key of their keeper (None: the city), and a fault for each that ``by`` may not write."""
    names = {name: pk for pk, name in Unit.objects.visible_to(by).filter(closed_on=None).values_list("pk", "name")}
    columns = {one.name: one.heading.title for one in BANKS[bank]}
    own = None if by.is_department and by.sees_the_city else by.scope_unit_id
    kept, faults = [], []
    for row in rows:
        keeper = names.get(row.keeper) if row.keeper else own
        if row.keeper and keeper is None:
            place = (row.sheet, row.row, columns["institution"], row.keeper)
            faults.append(RowFault(*place, Treatment.REFUSED, Fault.NOT_KEPT))
            continue
        facts = dict(row.facts)
        if "origin" in facts and facts["origin"] not in names:
            place = (row.sheet, row.row, columns["origin"], facts.pop("origin"))
            faults.append(RowFault(*place, Treatment.DOUBTFUL, Fault.UNIT_UNKNOWN))
        kept.append({"row": row.row, "name": row.name, "institution": keeper, "facts": facts})
    return kept, faults


@dataclass(frozen=True)
class Line:
    """One row of the preview; ``known`` is what the bank has of that name and keeper, ``cells`` heading and text of what the list says."""

    row: int
    name: str
    facts: dict[str, Any]
    cells: Sequence[tuple[str, str]]
    known: Any = None


@dataclass(frozen=True)
class Preview:
    new: list[Line]
    changed: list[Line]
    same: list[Line]

    @property
    def groups(self) -> list[tuple[Text, list[Line]]]:
        return [(_("New rows"), self.new), (_("Changed rows"), self.changed), (_("Unchanged rows"), self.same)]


def preview(found: BankList, by: Account) -> Preview:
    """What applying would do now, with what ``by`` can see."""
    first = BANKS[found.bank][0].name
    known = {(one.institution_id, getattr(one, first)): one for one in _rows_of(found.bank, by)}
    names = _Names(by)
    shown = Preview([], [], [])
    for row in found.rows:
        facts = {"institution": names.units.get(row["institution"])} | names.resolved(row["facts"])
        if row["institution"] and facts["institution"] is None:
            continue  # the unit was closed, or left the scope, since the list was read
        before = known.get((row["institution"], row["name"]))
        line = Line(row["row"], row["name"], facts, _cells(found.bank, row["facts"]), before)
        if before is None:
            shown.new.append(line)
        else:
            (shown.changed if _differs(before, facts) else shown.same).append(line)
    return shown


def _rows_of(bank: str, by: Account) -> Any:
    many = [field.name for field in KINDS[bank]._meta.many_to_many]
    follow = [*many, "chapters"] if bank == Bank.TEXTBOOKS else many
    return KINDS[bank]._default_manager.all().visible_to(by).prefetch_related(*follow)  # type: ignore[attr-defined]


class _Names:
    """Names of a list as rows."""

    def __init__(self, by: Account) -> None:
        self.units = {one.pk: one for one in Unit.objects.visible_to(by).filter(closed_on=None)}
        self._by_name = {one.name: one for one in self.units.values()}
        self._topics = {one.name: one for one in Topic.objects.all()}
        self._teachers = {one.name: one for one in Teacher.objects.visible_to(by).active()}

    def resolved(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(facts)
        if isinstance(facts.get("origin"), str):
            found["origin"] = self._by_name.get(facts["origin"])
        for name, rows in (("topics", self._topics), ("listed_topics", self._topics), ("teachers", self._teachers)):
            if isinstance(facts.get(name), list):
                found[name] = [rows[one] for one in facts[name] if one in rows]
        return found


def _differs(known: Any, facts: Mapping[str, Any]) -> bool:
    many = {field.name for field in known._meta.many_to_many}
    for name, value in facts.items():
        if name == "chapters":
            before: Any = [one.title for one in known.chapters.all()]
        elif name in many:
            before, value = {one.pk for one in getattr(known, name).all()}, {one.pk for one in value}
        else:
            before = getattr(known, name)
        if before != value:
            return True
    return False


def columns_of(bank: str) -> list[str]:
    """The headings of the preview: without those of the name and the keeper."""
    return [one.heading.title for one in _shown_columns(bank)]


def _shown_columns(bank: str) -> Sequence[Column]:
    return [one for one in BANKS[bank][1:] if one.name != "institution"]


def _cells(bank: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(one.heading.title, _cell(one, facts.get(one.name))) for one in _shown_columns(bank)]


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(_cell(column, one) for one in value)
    if column.name == "tenths":
        return f"{value / 10:g}"
    text = str(value)
    return column.words[text].split()[0] if text in column.words else text


@transaction.atomic
def apply_list(found: BankList, *, by: Account) -> int:
    """Keep new rows and bring changed ones up to date; how many. Each through the action that its page uses, so every permission holds."""
    permissions.may_keep(by, by.scope_unit).require()
    if not BankList.objects.visible_to(by).filter(pk=found.pk, state=State.READ).update(state=State.APPLIED):
        raise Conflict(_("This list was applied or dropped already."))
    shown = preview(found, by)
    for line in (*shown.new, *shown.changed):
        SAVES[found.bank](_whole(found.bank, line), by, line.known)
    audit.record("resources.list_applied", found, by=by, new=len(shown.new), changed=len(shown.changed))
    return len(shown.new) + len(shown.changed)


def _whole(bank: str, line: Line) -> dict[str, Any]:
    """The facts with what the action of teachers always asks: the account stays."""
    if bank != Bank.TEACHERS:
        return line.facts
    return {"account": line.known.account if line.known else None} | line.facts


@transaction.atomic
def drop_list(found: BankList, *, by: Account) -> None:
    permissions.may_keep(by, by.scope_unit).require()
    if not BankList.objects.visible_to(by).filter(pk=found.pk, state=State.READ).update(state=State.DROPPED):
        raise Conflict(_("This list was applied or dropped already."))
    audit.record("resources.list_dropped", found, by=by)
