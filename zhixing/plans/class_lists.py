"""The year's class list from a spreadsheet: read whole, shown, then kept in one transaction.

A row is the same class run as one of the year with the same name and start; applying a list twice changes nothing the second time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base import audit, files
from zhixing.base.problems import Conflict, Invalid, RowProblem, Text
from zhixing.base.tables.read import read_book
from zhixing.base.tables.sentences import row_problem
from zhixing.base.templatetags.pages import yuan
from zhixing.engine.annual.money import Doubt, doubt_of_line
from zhixing.engine.policies import Recognition, value_of_day, working_days
from zhixing.engine.sheets.classes import ClassRow, ParsedClasses, parse_classes
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.engine.sheets.quotas import Quota as QuotaRow
from zhixing.obligations.queries.policies import Recognitions
from zhixing.people.models import Account, Unit
from zhixing.plans import actions, permissions
from zhixing.plans.actions import Seats
from zhixing.plans.actions.annual_plans import lines_of_runs
from zhixing.plans.models import AnnualPlan, ClassListImport, ClassRun

State = ClassListImport.State
HOURS_A_DAY = 75
"""Tenths, where neither the sheet nor a table of recognition says: 90 hours are 12 days (条例)."""
CONTENTS = {
    "理论": "theory",
    "党性": "party_spirit",
    "政治": "political",
    "能力": "ability",
    "业务": "ability",
    "专业": "ability",
}


def receive_class_list(upload: UploadedFile[bytes], *, year: int, by: Account) -> ClassListImport:
    """Store and read the file. A file that cannot be read is kept as refused with the reason; nothing else happens."""
    permissions.may_plan(by).require()
    content = upload.read()
    name = upload.name or "class-list.xlsx"
    sheets = read_book(content, name)  # a file the guard refuses is not even stored
    parsed = parse_classes(sheets)
    with transaction.atomic():
        made = ClassListImport(
            file=files.store(content, name, "class_list", by=by), year=year, by_id=by.pk, state=State.READ
        )
        _fill(made, parsed, by)
        made.save()
        audit.record("plans.class_list_received", made, by=by, rows=len(made.rows), problems=len(made.problems))
    return made


def _fill(made: ClassListImport, parsed: ParsedClasses, by: Account) -> None:
    if parsed.refused:
        problems = [row_problem(fault) for fault in parsed.faults]
        made.state, made.refusal = State.REFUSED, " ".join(f"{p.reason} {p.mend}" for p in problems)
        return
    units = UnitNames(by)
    quotas, faults = match_quotas(parsed.quotas.rows, units)
    by_name: dict[str, dict[str, list[int | None]]] = {}
    for quota, unit in quotas:
        by_name.setdefault(quota.name, {})[str(unit)] = [quota.seats, quota.least]
    recognitions = Recognitions()
    doubted = {(fault.sheet, fault.row) for fault in parsed.faults if fault.treatment is Treatment.DOUBTFUL}
    made.rows = [
        row_facts(row, by_name.get(row.name, {}), row.name in parsed.quotas.closed, units)
        | hours_of(row, recognitions.on(row.ends_on))
        | {"doubtful": (row.sheet, row.row) in doubted}
        for row in parsed.rows
    ]
    wrong_year = [row for row in parsed.rows if row.starts_on.year != made.year]
    made.problems = [_kept(row_problem(fault)) for fault in (*parsed.faults, *faults)] + [
        _other_year(row, made.year) for row in wrong_year
    ]
    made.problems += [
        _doubted(row, doubt) for row in parsed.rows if (doubt := doubt_of_line(row.cents or 0, row.seats, _days(row)))
    ]
    made.rows = [row for row in made.rows if row["starts_on"].startswith(str(made.year))]


class UnitNames:
    """Finds units of the user's scope by name or code."""

    def __init__(self, user: Account) -> None:
        rows = Unit.objects.visible_to(user).values_list("pk", "name", "code", "kind")
        self._keys: dict[str, list[int]] = {}
        self._schools: set[int] = set()
        for pk, name, code, kind in rows:
            for word in {name, code}:
                self._keys.setdefault(word, []).append(pk)
            if kind == Unit.Kind.SCHOOL:
                self._schools.add(pk)

    def find(self, word: str) -> int | None:
        """The one unit of this name or code; None when there is none or more than one."""
        found = self._keys.get(word.strip(), [])
        return found[0] if len(found) == 1 else None

    def school(self, word: str) -> int | None:
        found = self.find(word)
        return found if found in self._schools else None


def match_quotas(rows: Sequence[QuotaRow], units: UnitNames) -> tuple[list[tuple[QuotaRow, int]], list[RowFault]]:
    """Quota rows with the key of their unit, and a fault for each row whose unit is unknown."""
    known, faults = [], []
    for row in rows:
        unit = units.find(row.unit)
        if unit is None:
            faults.append(RowFault(row.sheet, row.row, _("unit"), row.unit, Treatment.REFUSED, Fault.UNIT_UNKNOWN))
        else:
            known.append((row, unit))
    return known, faults


def row_facts(row: ClassRow, quotas: Mapping[str, list[int | None]], closed: bool, units: UnitNames) -> dict[str, Any]:
    """A row as JSON: model fields, with dates as ISO text and quotas (most, fewest) by unit key.

    ``closed``: the list shares out the seats of this class. What a list is silent about is None or blank: then what is known stays.
    """
    return {
        "row": row.row,
        "name": row.name,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "seats_max": row.seats,
        "seats_min": row.seats_min,
        "ranks": list(row.ranks),
        "target_text": row.target,
        "organiser": row.organiser,
        "institution_id": units.school(row.institution),
        "institution_name": row.institution,
        "channel": row.channel,
        "theme": row.theme,
        "content": next((code for word, code in CONTENTS.items() if word in row.content), ""),
        "place": row.place,
        "cents": row.cents,
        "quotas_close": True if closed else None,
        "quotas": dict(quotas) if closed else None,
    }


def hours_of(row: ClassRow, table: Iterable[Recognition]) -> dict[str, Any]:
    """``tenths`` and where they come from: ``sheet``, ``table`` (what its day is worth there) or ``law``; with the days and a day's tenths.

    The product is cut to whole tenths as a recognition is, never the day; ``a_day`` is for reading, to the hundredth of an hour.
    """
    if row.tenths:
        return {"tenths": row.tenths, "hours_from": {"source": "sheet"}}
    days = working_days(row.starts_on, row.ends_on)
    value = value_of_day(table, row.channel or "offjob")
    if value is None:
        return {"tenths": HOURS_A_DAY * days, "hours_from": {"source": "law", "days": days, "a_day": HOURS_A_DAY}}
    exact = value * 10
    a_day = int(exact) if exact.denominator == 1 else round(float(exact), 1)
    return {"tenths": int(value * days * 10), "hours_from": {"source": "table", "days": days, "a_day": a_day}}


def _kept(problem: RowProblem) -> dict[str, Any]:
    return {**problem.__dict__, "reason": str(problem.reason), "mend": str(problem.mend)}


def _days(row: ClassRow) -> int:
    return (row.ends_on - row.starts_on).days + 1


def _doubted(row: ClassRow, doubt: Doubt) -> dict[str, Any]:
    """Money that is believable in another unit only: taken over as it stands, and said."""
    reasons = {
        Doubt.WAN: _("This is very little for so many people and days: were 10,000 yuan meant?"),
        Doubt.CENTS: _("This is very much for each person and day: was another unit meant?"),
    }
    mend = _(
        "Look at the unit in the heading, 经费（元） or 经费（万元）; the money of a line can also be changed in the plan."
    )
    return _kept(RowProblem(row.sheet, row.row, _("money"), yuan(row.cents), "doubtful", reasons[doubt], mend))


def _other_year(row: ClassRow, year: int) -> dict[str, Any]:
    reason = _("The class run starts in another year than %(year)s.") % {"year": year}
    mend = _("Mend the date, or upload the list of that year.")
    return _kept(RowProblem(row.sheet, row.row, _("starts on"), row.starts_on.isoformat(), "refused", reason, mend))


@dataclass(frozen=True)
class Preview:
    """What applying would do: new and changed class runs, rows that are the same already, and problems."""

    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    same: list[dict[str, Any]]
    fixed: list[dict[str, Any]]
    problems: list[dict[str, Any]]

    @property
    def groups(self) -> list[tuple[Text, list[dict[str, Any]]]]:
        return [
            (gettext_lazy("New class runs"), self.new),
            (gettext_lazy("Changed class runs"), self.changed),
            (gettext_lazy("Differ, but people are called already: left alone"), self.fixed),
            (gettext_lazy("Unchanged"), self.same),
        ]


def preview(made: ClassListImport) -> Preview:
    known = _known(made.year)
    shown = Preview([], [], [], [], made.problems)
    for row in made.rows:
        class_run = known.get((row["name"], row["starts_on"]))
        if class_run is None:
            shown.new.append(row)
            continue
        if not _says_hours(row):
            row = row | {"tenths": class_run.tenths, "hours_from": {"source": "known"}}
        if not differs(class_run, row):
            shown.same.append(row)
        else:
            open_for_change = class_run.state in {ClassRun.State.DRAFT, ClassRun.State.OPEN}
            (shown.changed if open_for_change else shown.fixed).append(row)
    return shown


def _known(year: int) -> dict[tuple[str, str], ClassRun]:
    rows = ClassRun.objects.filter(year=year).exclude(state=ClassRun.State.CANCELLED).prefetch_related("quotas")
    return {(c.name, c.starts_on.isoformat()): c for c in rows}


def model_facts(row: Mapping[str, Any], known: ClassRun | None = None) -> dict[str, Any]:
    """A kept row as model fields. Where the list is silent (None or blank), ``known`` keeps what it has, as far as the seats allow."""
    aside = {"row", "quotas", "hours_from", "doubtful", "cents"}
    if known is not None and not _says_hours(row):
        aside.add("tenths")
    facts = {key: value for key, value in row.items() if key not in aside and value not in (None, "")}
    facts["starts_on"], facts["ends_on"] = (dt.date.fromisoformat(facts[key]) for key in ("starts_on", "ends_on"))
    if known is not None and "seats_min" not in facts:
        facts["seats_min"] = min(known.seats_min, facts["seats_max"])
    return facts


def _says_hours(row: Mapping[str, Any]) -> bool:
    return bool(row.get("hours_from", {}).get("source", "sheet") == "sheet")


def wanted_quotas(row: Mapping[str, Any], known: ClassRun | None = None) -> dict[int, Seats] | None:
    """Unit key → seats as the row says; a fewest that it leaves open stays as it is known. None: the list says nothing about quotas."""
    if row["quotas"] is None:
        return None
    least_known = {q.unit_id: q.seats_min for q in known.quotas.all()} if known is not None else {}
    wanted = {}
    for key, said in row["quotas"].items():
        most, least = said if isinstance(said, list) else (said, None)  # a list read by an earlier version
        kept = min(least_known.get(int(key), 0), most) if least is None else least
        wanted[int(key)] = Seats(most, kept)
    return wanted


def differs(class_run: ClassRun, row: Mapping[str, Any]) -> bool:
    wanted = wanted_quotas(row, class_run)
    known = {q.unit_id: Seats(q.seats_max, q.seats_min) for q in class_run.quotas.all()}
    facts = model_facts(row, class_run)
    return wanted not in (None, known) or any(getattr(class_run, key) != value for key, value in facts.items())


@transaction.atomic
def apply_class_list(made: ClassListImport, *, by: Account) -> int:
    """Keep new class runs as drafts and bring changed ones up to date. Returns how many were made or changed."""
    permissions.may_plan(by).require()
    if not ClassListImport.objects.filter(pk=made.pk, state=State.READ).update(
        state=State.APPLIED, applied_at=timezone.now()
    ):
        raise Conflict(gettext_lazy("This class list was applied or dropped already."))
    shown = preview(made)
    known = _known(made.year)
    for row in shown.new:
        class_run = actions.create_class_run({**model_facts(row), "brought_by": made}, by=by)
        _set_quotas(class_run, wanted_quotas(row), by)
    for row in shown.changed:
        class_run = known[row["name"], row["starts_on"]]
        quotas = wanted_quotas(row, class_run)
        actions.edit_class_run(class_run, model_facts(row, class_run), by=by)
        _set_quotas(class_run, quotas, by)
    audit.record("plans.class_list_applied", made, by=by, new=len(shown.new), changed=len(shown.changed))
    return len(shown.new) + len(shown.changed)


def _set_quotas(class_run: ClassRun, wanted: Mapping[int, Seats] | None, by: Account) -> None:
    if wanted is not None and (wanted or class_run.quotas.exists()):
        actions.set_quotas(class_run, wanted, by=by)


@transaction.atomic
def plan_from_class_list(made: ClassListImport, *, by: Account) -> AnnualPlan:
    """A draft of an annual plan whose lines are the rows of the list; no class run is made."""
    permissions.may_make_plan(by).require()
    if not ClassListImport.objects.filter(pk=made.pk, state=State.READ).update(
        state=State.APPLIED, applied_at=timezone.now()
    ):
        raise Conflict(gettext_lazy("This class list was applied or dropped already."))
    runs = [ClassRun(year=made.year, **model_facts(row)) for row in made.rows]
    lines = lines_of_runs(runs, [row.get("cents") for row in made.rows])
    if not lines:
        raise Invalid(gettext_lazy("The list has no row that could become a line."))
    facts = {"year": made.year, "title": _("Training plan of %(year)s") % {"year": made.year}}
    plan = actions.create_plan(facts, by=by, lines=lines, origin=AnnualPlan.Origin.LIST)
    audit.record("plans.class_list_planned", made, by=by, plan=plan.pk)
    return plan


@transaction.atomic
def drop_class_list(made: ClassListImport, *, by: Account) -> None:
    permissions.may_plan(by).require()
    if not ClassListImport.objects.filter(pk=made.pk, state=State.READ).update(state=State.DROPPED):
        raise Conflict(gettext_lazy("This class list was applied or dropped already."))
    audit.record("plans.class_list_dropped", made, by=by)
