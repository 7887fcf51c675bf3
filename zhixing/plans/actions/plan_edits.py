"""Changes of a draft that one button makes and one button undoes: what lines were and became is kept, so nothing of it is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import check_line, hold, write_facts, written_of
from zhixing.plans.models import AnnualPlan, PlanEdit, PlanLine

State = AnnualPlan.State


def written_facts(line: PlanLine) -> dict[str, Any]:
    """All that a line says, rows by key, as JSON gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(written_of(line)))
    return found


def digest_of(line: PlanLine) -> str:
    """SHA-256 of what a line says: two readers who hold the same digest saw the same line."""
    written = json.dumps(written_of(line), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def digest_of_lines(plan: AnnualPlan, lines: Iterable[PlanLine]) -> str:
    """Of the money and the lines of a plan."""
    rows = sorted((line.number, digest_of(line)) for line in lines)
    return hashlib.sha256(json.dumps([plan.money, rows]).encode()).hexdigest()


def facts_now(plan: AnnualPlan, numbers: Collection[int]) -> dict[str, Any]:
    """Number → what the line says, None where there is none."""
    known = {line.number: written_facts(line) for line in plan.lines.filter(number__in=numbers)}
    return {str(number): known.get(number) for number in numbers}


@contextmanager
def undoable(plan: AnnualPlan, kind: str, numbers: list[int], by: Account) -> Iterator[PlanEdit]:
    """Within a transaction, the draft held: whatever happens to the lines of ``numbers`` inside can be undone."""
    edit = PlanEdit(plan=plan, kind=kind, by=by, was=facts_now(plan, numbers))
    yield edit
    edit.became = facts_now(plan, edit.numbers)
    edit.save()


def last_edit(plan: AnnualPlan) -> PlanEdit | None:
    """What would be undone next."""
    return PlanEdit.objects.filter(plan=plan, undone_at=None).select_related("by").order_by("-pk").first()


@transaction.atomic
def undo_edit(edit: PlanEdit, *, by: Account) -> None:
    """Make the lines what they were. ``Conflict`` when it was undone already, or a line was changed since: then nothing happens."""
    permissions.may_work_on(by, edit.plan).require()
    held = hold(edit.plan, State.DRAFT)
    now = facts_now(held, edit.numbers)
    if moved := [number for number, facts in now.items() if facts != edit.became[number]]:
        words = {"lines": "、".join(moved)}
        raise Conflict(_("Line %(lines)s was changed since, so this is not undone. Nothing was lost.") % words)
    undone = {"undone_by": by, "undone_at": timezone.now()}
    if not PlanEdit.objects.filter(pk=edit.pk, undone_at=None).update(**undone):
        raise Conflict(_("This was undone already."))
    for number, facts in edit.was.items():
        put_line(held, int(number), facts)
    audit.record("plans.edit_undone", held, by=by, lines=edit.numbers)


def put_line(plan: AnnualPlan, number: int, facts: Mapping[str, Any] | None) -> None:
    """Make a line of a draft say ``facts``; None takes it out."""
    found = plan.lines.filter(number=number).first()
    if facts is None:
        plan.lines.filter(number=number).delete()
        return
    line = found or PlanLine(plan=plan, number=number)
    write_facts(line, facts)
    check_line(line)
    line.save()


@transaction.atomic
def move_line(line: PlanLine, term: int, *, by: Account, seen: int | None = None) -> None:
    """To another quarter. ``seen``: the quarter in which the mover saw it; ``Conflict`` when it is there no more."""
    permissions.may_work_on(by, line.plan).require()
    held = hold(line.plan, State.DRAFT)
    found = held.lines.filter(number=line.number).first()
    if found is None:
        raise Conflict(_("Somebody removed this line."))
    if seen is not None and found.term != seen:
        words = {"number": found.number, "term": found.get_term_display()}
        raise Conflict(_("Somebody moved line %(number)s to %(term)s meanwhile. Look at the board again.") % words)
    if found.term == term:
        return
    with undoable(held, PlanEdit.Kind.MOVE, [found.number], by):
        found.term = term
        found.save(update_fields=["term"])
    audit.record("plans.line_edited", held, by=by, line=found.number, fields=["term"])
