"""Importing training history (培训记录): read a sheet, show what it would book, book it in one transaction."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, files, jobs
from zhixing.base.chunks import chunks
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, RowProblem
from zhixing.base.sealed import blind_index, seal_bytes, unseal_bytes
from zhixing.base.tables.guard import inspect
from zhixing.base.tables.problems import kept_problem
from zhixing.base.tables.read import read_sheet
from zhixing.base.tables.sentences import row_problem
from zhixing.engine.sheets.faults import RowFault, Treatment
from zhixing.engine.sheets.history import HistoryRow, parse_history
from zhixing.engine.sheets.identity import looks_like_id
from zhixing.engine.sheets.readings import Parsed
from zhixing.obligations import permissions
from zhixing.obligations.actions.history_credits import credits_of, found_of, key_of, keys_of, told_of
from zhixing.obligations.actions.ledger import NewCredit, post_credits
from zhixing.obligations.models import Entry, HistoryImport
from zhixing.obligations.queries.keys import booked_again, original_keys, training_of_key
from zhixing.obligations.queries.policies import Recognitions
from zhixing.people.models import Account, Person

State = HistoryImport.State
PURPOSE = b"history"
PROBLEMS_MAX = 5_000
"""So many problems are kept for the page; ``counts`` tell how many rows have some."""
KEYS_AT_ONCE = 2_000


def import_history(content: bytes, name: str, by: Account) -> HistoryImport:
    """Take in a history sheet and queue its reading; nothing is booked before ``book_history``.

    Raises ``Refused``, and ``Invalid`` for a file that must not be parsed.
    """
    permissions.may_import_history(by).require()
    inspect(content, name, max_bytes=settings.UPLOAD_MAX_BYTES)
    with transaction.atomic():
        history = HistoryImport.objects.create(
            file=files.store(seal_bytes(content, PURPOSE), name, "history", by=by), by_id=by.pk
        )
        _start("obligations.read_history", _("Reading the training history"), history, by)
        audit.record("obligations.history_received", history, by=by, bytes=len(content))
    return history


@transaction.atomic
def book_history(history: HistoryImport, by: Account) -> Job:
    """Queue the booking of what was read."""
    permissions.may_book_history(by, history).require()
    return _start("obligations.book_history", _("Booking the training history"), history, by)


@transaction.atomic
def drop_history(history: HistoryImport, by: Account) -> None:
    """Give up an import that was not booked; its file is destroyed. Raises ``Conflict`` when it moved on meanwhile."""
    permissions.may_drop_history(by, history).require()
    _move(history, (State.RECEIVED, State.READ), state=State.DROPPED, problems=[])
    audit.record("obligations.history_dropped", history, by=by)
    files.destroy(history.file)


def _start(kind: str, label: str, history: HistoryImport, by: Account) -> Job:
    """Queue a job of this import, one at a time. Raises ``Conflict`` while another is under way."""
    held = HistoryImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=history.pk)
    if held.job is not None and not held.job.ended:
        raise Conflict(_("Work on this import is under way."))
    link = reverse("obligations:history_import", args=(history.pk,))
    job = jobs.start(kind, label=label, by=by, link=link, history=history.pk, by_id=by.pk)
    HistoryImport.objects.filter(pk=history.pk).update(job=job)
    return job


def _move(history: HistoryImport, before: Iterable[str], **fields: Any) -> None:
    if not HistoryImport.objects.filter(pk=history.pk, state__in=tuple(before)).update(**fields):
        raise Conflict(_("This import was booked or dropped a moment ago."))


def read_history(history: HistoryImport, by: Account, progress: Callable[[int, int], None]) -> dict[str, int]:
    """The preview: what is new, what is known, what cannot be read. A sheet that cannot be read at all refuses the import."""
    try:
        parsed = _parsed(history, by)
    except Invalid as refusal:
        return _refuse(history, str(refusal.message), by)
    if parsed.refused:
        sentences = [row_problem(fault) for fault in parsed.faults]
        return _refuse(history, "\n".join(f"{one.reason} {one.mend}" for one in sentences), by)
    progress(1, 2)
    preview, _fresh = _preview(parsed, Recognitions())
    _show(history, preview, by, before=State.RECEIVED)
    return preview.counts


def apply_history(history: HistoryImport, by: Account) -> dict[str, int]:
    """Book what the sheet holds and the ledger does not, all of it or nothing.

    Raises ``Conflict``, with the preview made anew, where other rows or hours would be booked than it showed: a policy was signed or
    something else booked meanwhile.
    """
    parsed = _parsed(history, by)
    with transaction.atomic():
        permissions.may_book_history(by, history).require()
        recognitions = Recognitions()
        preview, fresh = _preview(parsed, recognitions)
        is_as_shown = preview.books_as(history)
        if is_as_shown:
            _book(history, [credit for row in fresh for credit in credits_of(row, recognitions)], len(fresh), by)
        else:
            _show(history, preview, by, before=State.READ)
    if not is_as_shown:
        raise Conflict(_("Other rows or hours would be booked than the preview showed; look at it again, then book."))
    return {"booked": len(fresh)}


@dataclasses.dataclass(frozen=True)
class _Preview:
    """What the page shows of an import before it is booked."""

    counts: dict[str, int]
    problems: list[dict[str, Any]]
    found: dict[str, Any]

    def books_as(self, history: HistoryImport) -> bool:
        """Whether as many rows, people and hours, split over as many years, would be booked as ``history`` has shown."""
        names = ("new", "people", "tenths")
        is_same = all(self.counts[name] == history.counts.get(name) for name in names)
        return is_same and self.found == history.found


def _preview(parsed: Parsed[HistoryRow], recognitions: Recognitions) -> tuple[_Preview, list[HistoryRow]]:
    """What the page shows, and the rows that are new."""
    rows = parsed.rows
    booked, doubled = _booked_tenths(rows), _doubled(rows)
    fresh = [row for row in rows if key_of(row) not in booked and key_of(row) not in doubled]
    differing = [(row, booked[key]) for row in rows if booked.get(key := key_of(row), row.credited) != row.credited]
    counts = {
        "rows": len(rows),
        "new": len(fresh),
        "known": len(rows) - len(fresh),
        "differing": len(differing),
        "people": len({row.person for row in fresh}),
        "tenths": sum(row.credited for row in fresh),
        "refused": parsed.refused_rows,
        "doubtful": parsed.doubtful_rows + len(doubled),
    }
    holders = [(row, doubled[key]) for row in rows if (key := key_of(row)) in doubled]
    return _Preview(counts, _problems(parsed.faults, differing, holders), told_of(fresh, recognitions)), fresh


@transaction.atomic
def _show(history: HistoryImport, preview: _Preview, by: Account, *, before: str) -> None:
    fields = {"counts": preview.counts, "problems": preview.problems, "found": preview.found}
    _move(history, (before,), state=State.READ, **fields)
    audit.record("obligations.history_read", history, by=by, **preview.counts)


def _book(history: HistoryImport, credits: Sequence[NewCredit], rows: int, by: Account) -> None:
    post_credits(credits, by)
    counts = {**history.counts, "booked": rows}
    _move(history, (State.READ,), state=State.APPLIED, applied_at=timezone.now(), counts=counts)
    audit.record("obligations.history_booked", history, by=by, booked=rows)
    files.destroy(history.file)


def _refuse(history: HistoryImport, reason: str, by: Account) -> dict[str, int]:
    with transaction.atomic():
        _move(history, (State.RECEIVED,), state=State.REFUSED, refusal=reason)
        audit.record("obligations.history_refused", history, by=by)
        files.destroy(history.file)
    return {}


def _parsed(history: HistoryImport, by: Account) -> Parsed[HistoryRow]:
    """The sheet, read for people in the scope of ``by``; for anybody else it says that nobody is known by that number."""
    content = unseal_bytes(files.path_of(history.file).read_bytes(), PURPOSE)
    recognitions = Recognitions()
    worth = partial(found_of, recognitions=recognitions) if recognitions.exist() else None
    return parse_history(read_sheet(content, history.file.name), _finder(by), worth)


def _finder(by: Account) -> Callable[[str], str | None]:
    """ID number or staff number → key of a person."""
    numbers: dict[str, str] = {}
    indexes: dict[str, str] = {}
    for pk, number, index in Person.objects.visible_to(by).values_list("pk", "number", "id_index"):
        numbers[number] = str(pk)
        if index:
            indexes[index] = str(pk)

    def find(number: str) -> str | None:
        if number not in numbers and looks_like_id(number) and (key := indexes.get(blind_index(number))):
            numbers[number] = key
        return numbers.get(number)

    return find


def _booked_tenths(rows: Sequence[HistoryRow]) -> dict[str, int]:
    """Key of a training → hours (tenths) of those that are in the ledger, whatever was split then."""
    keys = {key: keys_of(row)[0] for row in rows for key in keys_of(row)}
    found: Counter[str] = Counter()
    for some in chunks(keys, KEYS_AT_ONCE):
        booked = Entry.objects.filter(source_key__in=some)
        for key, tenths in booked.values_list("source_key", "tenths"):
            found[keys[str(key)]] += tenths
    exact = set(found)
    for key, tenths in _moved_tenths(rows).items():
        if key in keys and keys[key] not in exact:
            found[keys[key]] += tenths
    return found


def _moved_tenths(rows: Sequence[HistoryRow]) -> dict[str, int]:
    """What came to these people from another person on record: the key it would have as their own → hours (tenths) of the newest such line."""
    moved: dict[str, int] = {}
    for people in chunks(sorted({int(row.person) for row in rows}), KEYS_AT_ONCE):
        lines = Entry.objects.filter(person__in=people)
        found = list(booked_again(lines).order_by("pk"))
        keys = original_keys(found)
        for entry in found:
            if training_of_key(key := keys[entry.pk]).startswith("history:"):
                moved[f"history:{entry.person_id}:{key.split(':', 2)[2]}"] = entry.tenths
    return moved


def _doubled(rows: Sequence[HistoryRow]) -> dict[str, str]:
    """Key → the training that holds its certificate already, in the ledger or further up in the sheet; such a row is not booked."""
    holders: dict[tuple[int, str], tuple[str, str]] = {}
    for numbers in chunks(sorted({row.certificate for row in rows if row.certificate}), KEYS_AT_ONCE):
        standing = Entry.objects.live().filter(certificate__in=numbers)
        for person_id, number, key, title in standing.values_list("person_id", "certificate", "source_key", "title"):
            holders[person_id, number] = key or "", title
    doubled = {}
    for row in rows:
        if row.certificate:
            key, title = holders.setdefault((int(row.person), row.certificate), (key_of(row), row.name))
            if key not in keys_of(row):
                doubled[key_of(row)] = title
    return doubled


def _problems(
    faults: Iterable[RowFault], differing: Iterable[tuple[HistoryRow, int]], holders: Iterable[tuple[HistoryRow, str]]
) -> list[dict[str, Any]]:
    problems = [row_problem(fault) for fault in faults]
    problems += [_differs(row, tenths) for row, tenths in differing]
    problems += [_has_holder(row, title) for row, title in holders]
    return [kept_problem(problem) for problem in problems[:PROBLEMS_MAX]]


def _differs(row: HistoryRow, tenths: int) -> RowProblem:
    return RowProblem(
        row.sheet,
        row.row,
        _("hours"),
        f"{row.credited / 10:g}",
        Treatment.DOUBTFUL.value,
        _("The ledger holds %(hours)s hours for this training; it was left as it is.") % {"hours": f"{tenths / 10:g}"},
        _("If the sheet is right, cancel the entry in the person's ledger and enter the training anew."),
    )


def _has_holder(row: HistoryRow, title: str) -> RowProblem:
    return RowProblem(
        row.sheet,
        row.row,
        _("certificate number"),
        row.certificate,
        Treatment.DOUBTFUL.value,
        _("This certificate is in the ledger already, for “%(title)s”; the line is not booked.") % {"title": title},
        _("If it is another training, correct the number or leave it out, and import again."),
    )
