"""Call-ups by other authorities: lists taken in, applied and undone; one entered or withdrawn by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base import audit, files
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.sealed import seal_bytes
from zhixing.base.tables.guard import inspect
from zhixing.base.tables.problems import kept_problem
from zhixing.base.tables.read import read_sheet
from zhixing.base.tables.sentences import row_problem
from zhixing.callups import permissions
from zhixing.callups.actions.concerns import enqueue_review
from zhixing.callups.models import OutsideCallup, OutsideList
from zhixing.callups.outside_lists import Difference, Roster, difference, kept_row
from zhixing.callups.seats import lock_year
from zhixing.engine.sheets.outside import DAYS_MOST, Stated, parse_outside
from zhixing.people.models import Account, Person

PURPOSE = b"outside_list"
List, State = OutsideList.State, OutsideCallup.State
PROBLEMS_MAX = 5_000
MOVED_ON = gettext_lazy("This list was applied, dropped or undone a moment ago.")
KNOWN_ALREADY = gettext_lazy("This call-up is known already: same person, caller, class and first day.")


def receive_outside_list(content: bytes, name: str, stated: Stated, by: Account) -> OutsideList:
    """Take in and read a list; nothing is kept of it before ``apply_outside_list``.

    ``stated`` holds for every row whose own cell is blank. Raises ``Refused``, and ``Invalid`` for a file that must not be parsed; one that
    is no such list is noted as refused.
    """
    permissions.may_bring_outside(by).require()
    inspect(content, name, max_bytes=settings.UPLOAD_MAX_BYTES)
    parsed = parse_outside(read_sheet(content, name), Roster(by), stated)
    problems = [kept_problem(row_problem(fault)) for fault in parsed.faults[:PROBLEMS_MAX]]
    with transaction.atomic():
        found = OutsideList(by_id=by.pk, file=files.store(seal_bytes(content, PURPOSE), name, "outside_list", by=by))
        if parsed.refused:
            found.state = List.REFUSED
            found.refusal = " ".join(f"{one['reason']} {one['mend']}" for one in problems)
            files.destroy(found.file)
        else:
            found.rows, found.problems = [kept_row(row) for row in parsed.rows], problems
        found.save()
        audit.record("callups.outside_received", found, by=by, rows=len(found.rows), problems=len(problems))
    return found


@transaction.atomic
def apply_outside_list(found: OutsideList, *, by: Account) -> Difference:
    """Keep what is new, put right what changed, all of it or nothing; call-ups of ours that clash come into question by a job."""
    permissions.may_apply_outside(by, found).require()
    _move(found, List.READ, List.APPLIED, applied_at=timezone.now())
    _lock(row[name] for row in found.rows for name in ("away_from", "away_to"))
    shown = difference(found, by)
    for line in shown.changed:
        if line.before is not None:
            _set_aside(line.before, by, _("Put right by a later list."))
    made = [
        OutsideCallup(person=line.person, **line.facts, brought_by=found, replaces=line.before, by_id=by.pk)
        for line in shown.lines
    ]
    try:
        with transaction.atomic():
            OutsideCallup.objects.bulk_create(made, batch_size=500)
    except IntegrityError as error:
        raise Conflict(_("Something of this list was entered a moment ago. Look at it again.")) from error
    found.counts = {"new": len(shown.new), "changed": len(shown.changed), "unchanged": shown.same}
    found.rows = []
    found.save(update_fields=["counts", "rows"])
    files.destroy(found.file)
    audit.record("callups.outside_applied", found, by=by, **found.counts)
    _review(line.person.pk for line in shown.lines)
    return shown


@transaction.atomic
def drop_outside_list(found: OutsideList, *, by: Account) -> None:
    permissions.may_apply_outside(by, found).require()
    _move(found, List.READ, List.DROPPED, rows=[], problems=[])
    files.destroy(found.file)
    audit.record("callups.outside_dropped", found, by=by)


@transaction.atomic
def undo_outside_list(found: OutsideList, *, by: Account) -> dict[str, int]:
    """Withdraw what the list brought and restore what it put right; what was withdrawn or put right since is left alone.

    Returns ``undone`` and ``left``, how many facts of each.
    """
    permissions.may_undo_outside(by, found).require()
    _move(found, List.APPLIED, List.UNDONE)
    _lock(day.isoformat() for days in found.callups.values_list("away_from", "away_to") for day in days)
    brought = found.callups.select_for_update(of=("self",)).order_by("pk")
    standing = [fact for fact in brought if fact.state == State.STANDING]
    for fact in standing:
        _set_aside(fact, by, _("The list that brought it was undone."))
    restored = OutsideCallup.objects.filter(pk__in=_before(standing))
    try:
        with transaction.atomic():
            restored.update(state=State.STANDING, withdrawn_at=None, withdrawn_by_id=None, note="")
    except IntegrityError as error:
        raise Conflict(_("What this list put right was entered anew since; withdraw that first.")) from error
    counts = {"undone": len(standing), "left": len(brought) - len(standing)}
    found.counts = {**found.counts, **counts}
    found.save(update_fields=["counts"])
    audit.record("callups.outside_undone", found, by=by, **counts)
    _review(fact.person_id for fact in standing)
    return counts


def _before(facts: Iterable[OutsideCallup]) -> list[int]:
    """The keys of what these put right; of a fact whose own list is undone, what that one had put right."""
    asked = [fact.replaces_id for fact in facts if fact.replaces_id]
    found: list[int] = []
    while asked:
        rows = OutsideCallup.objects.filter(pk__in=asked).values_list("pk", "replaces_id", "brought_by__state")
        found += [key for key, _earlier, state in rows if state != List.UNDONE]
        asked = [earlier for _key, earlier, state in rows if state == List.UNDONE and earlier]
    return found


def _move(found: OutsideList, before: str, after: str, **fields: Any) -> None:
    if not OutsideList.objects.filter(pk=found.pk, state=before).update(state=after, **fields):
        raise Conflict(MOVED_ON)
    found.refresh_from_db()


def _lock(days: Iterable[str]) -> None:
    """Hold back whoever moves a seat in the years of these days (ISO) or beside them, so that no call-up is sent past a fact just being entered."""
    years = {int(day[:4]) for day in days}
    for year in sorted({year + step for year in years for step in (-1, 0, 1)}):
        lock_year(year)


def _set_aside(fact: OutsideCallup, by: Account, note: str) -> None:
    """Withdraw a standing fact. Raises ``Conflict`` when somebody was faster."""
    rows = OutsideCallup.objects.filter(pk=fact.pk, state=State.STANDING)
    if not rows.update(state=State.WITHDRAWN, withdrawn_at=timezone.now(), withdrawn_by_id=by.pk, note=note):
        raise Conflict(_("This call-up was withdrawn a moment ago."))


def _review(people: Iterable[int]) -> None:
    if concerned := set(people):
        enqueue_review(concerned)


@transaction.atomic
def enter_outside_callup(person: Person, facts: Mapping[str, Any], *, by: Account) -> OutsideCallup:
    """Enter one call-up by another authority; ``facts`` are model fields, the days away default to the class days.

    Raises ``Invalid`` for days out of order and ``Conflict`` for what is known already.
    """
    permissions.may_bring_outside(by).require()
    if not Person.objects.visible_to(by).filter(pk=person.pk).exists():
        raise Invalid(_("There is no such person in your scope."))
    made = OutsideCallup(person=person, by_id=by.pk, **facts)
    made.away_from, made.away_to = made.away_from or made.starts_on, made.away_to or made.ends_on
    _check(made)
    _lock((made.away_from.isoformat(), made.away_to.isoformat()))
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise Conflict(KNOWN_ALREADY) from error
    audit.record("callups.outside_entered", made, by=by, person=person.pk)
    _review([person.pk])
    return made


def _check(made: OutsideCallup) -> None:
    if made.ends_on < made.starts_on:
        raise Invalid(_("The last day lies before the first."))
    if made.away_from > made.starts_on or made.away_to < made.ends_on:
        raise Invalid(_("The days of travel lie around the class days."))
    if (made.away_to - made.away_from).days >= DAYS_MOST:
        raise Invalid(_("From the first day to the last are more than %(days)s days.") % {"days": DAYS_MOST})


@transaction.atomic
def withdraw_outside_callup(found: OutsideCallup, reason: str, *, by: Account) -> None:
    """The other authority calls the person no more, or it was entered by mistake; the days are free again."""
    permissions.may_withdraw_outside(by, found).require()
    reason = written(reason, OutsideCallup.note.field, missing=_("Say why it no longer stands."))
    _set_aside(found, by, reason)
    found.refresh_from_db()
    audit.record("callups.outside_withdrawn", found, by=by, person=found.person_id)
    _review([found.person_id])
