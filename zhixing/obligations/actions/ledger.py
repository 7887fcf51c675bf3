"""The hours ledger: book, and cancel by a reversing entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.chunks import chunks
from zhixing.base.load import load
from zhixing.base.problems import Conflict, Invalid
from zhixing.obligations import permissions
from zhixing.obligations.actions.standings import enqueue_refresh
from zhixing.obligations.models import Channel, Entry
from zhixing.obligations.models.ledger import TENTHS_MAX
from zhixing.people.models import Account

KEYS_AT_ONCE = 2_000
TEXTS = (
    "channel",
    "content",
    "title",
    "theme",
    "organiser",
    "institution",
    "certificate",
    "result",
    "source",
    "source_key",
)
COLUMNS = ("person", "earned_on", "began_on", "tenths", *TEXTS, "reason", "recorded_at", "recorded_by_id")
"""What a booking writes, straight into the table: a history sheet brings half a million lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredit:
    """One line to book. Hours in tenths; ``source_key`` names the deed that earned it, and is booked once for ever.

    Who corrects such a line reverses its entry and books again under another key.
    """

    person_id: int
    earned_on: dt.date
    tenths: int
    channel: str
    title: str
    source: str
    source_key: str | None = None
    began_on: dt.date | None = None
    result: str = Entry.Result.COMPLETED
    content: str = ""
    theme: str = ""
    organiser: str = ""
    institution: str = ""
    certificate: str = ""


def again(entry: Entry, **changes: Any) -> NewCredit:
    """The line of ``entry`` to be booked once more, but for ``changes``; its ``source_key`` must be another."""
    same = {name: getattr(entry, name) for name in ("person_id", "earned_on", "began_on", "tenths", *TEXTS)}
    return NewCredit(**{**same, **changes})


@transaction.atomic
def post_credits(credits: Sequence[NewCredit], by: Account | None, at: dt.datetime | None = None) -> int:
    """Book lines into the ledger; those whose ``source_key`` is in it already are left out. Queues one refresh; returns how many are new.

    ``by`` None is the system, ``at`` None is now. Raises ``Invalid`` for a line that cannot be, ``Conflict`` when someone books the same at this moment.
    """
    permissions.may_post(by).require()
    _check(credits)
    known = known_keys(credit.source_key for credit in credits)
    fresh = [credit for credit in credits if credit.source_key is None or credit.source_key not in known]
    if not fresh:
        return 0
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            load(Entry, COLUMNS, _rows(fresh, by, moment_of_booking(at)))
    except IntegrityError as error:
        raise Conflict(_("Someone else booked these hours a moment ago.")) from error
    people = {credit.person_id for credit in fresh}
    audit.record(
        "obligations.posted",
        Entry.objects.filter(person=fresh[-1].person_id).latest("pk"),
        by=by,
        entries=len(fresh),
        persons=len(people),
        tenths=sum(credit.tenths for credit in fresh),
        source=fresh[0].source,
    )
    enqueue_refresh(people, by=by)
    return len(fresh)


def post_credit(credit: NewCredit, by: Account | None) -> Entry:
    """Book one line; returns its entry, the old one when its ``source_key`` was booked before."""
    with transaction.atomic():
        post_credits([credit], by)
        if credit.source_key is None:
            return Entry.objects.filter(person_id=credit.person_id).latest("pk")
        return Entry.objects.get(source_key=credit.source_key)


def known_keys(keys: Iterable[str | None]) -> set[str]:
    """Those of ``keys`` that are in the ledger."""
    found: set[str] = set()
    for chunk in chunks((key for key in keys if key is not None), KEYS_AT_ONCE):
        found.update(Entry.objects.filter(source_key__in=chunk).values_list("source_key", flat=True))  # type: ignore[arg-type]
    return found


def _check(credits: Sequence[NewCredit]) -> None:
    keys = [credit.source_key for credit in credits if credit.source_key is not None]
    if len(keys) != len(set(keys)):
        raise Invalid(_("Two lines of one booking carry the same key."))
    for credit in credits:
        if credit.channel not in Channel.values:
            raise Invalid(_("“%(word)s” is no form of training.") % {"word": credit.channel})
        if not 0 <= credit.tenths <= TENTHS_MAX:
            raise Invalid(_("Hours lie between 0 and %(most)d.") % {"most": TENTHS_MAX // 10})
        if credit.result != Entry.Result.COMPLETED and credit.tenths:
            raise Invalid(_("A training that was not completed earns no hours."))
        if credit.began_on and credit.began_on > credit.earned_on:
            raise Invalid(_("A training cannot end before it begins."))


def moment_of_booking(at: dt.datetime | None = None) -> dt.datetime:
    """``at`` or now, but never before the newest line: whoever sets the clock back does not change what was known when."""
    at = at or timezone.now()
    newest = Entry.objects.order_by("-pk").values_list("recorded_at", flat=True).first()
    return max(at, newest) if newest else at


def holder_of_certificate(person_id: int, certificate: str) -> Entry | None:
    """The line of this person that stands and carries the number."""
    standing = Entry.objects.live().filter(person=person_id, certificate=certificate)
    return standing.first() if certificate else None


def _rows(credits: Iterable[NewCredit], by: Account | None, moment: dt.datetime) -> Iterator[tuple[Any, ...]]:
    """Values of ``COLUMNS``; made while the table is being written, so that nothing may be asked of the database here."""
    now, account = connection.ops.adapt_datetimefield_value(moment), by.pk if by else None
    for credit in credits:
        began_on = credit.began_on.isoformat() if credit.began_on else None
        texts = (getattr(credit, name) for name in TEXTS)
        yield (credit.person_id, credit.earned_on.isoformat(), began_on, credit.tenths, *texts, "", now, account)


@transaction.atomic
def reverse_entry(entry: Entry, reason: str, by: Account | None, at: dt.datetime | None = None) -> Entry:
    """Cancel ``entry`` by a second one that names it; both stay. ``by`` None is the system. Raises ``Conflict`` when it is cancelled already."""
    permissions.may_reverse(by, entry).require()
    reason = written(reason, Entry.reason.field, missing=_("Say why the entry is cancelled."))
    reversal = Entry(
        person_id=entry.person_id,
        earned_on=entry.earned_on,
        began_on=entry.began_on,
        tenths=entry.tenths,
        channel=entry.channel,
        title=entry.title,
        result=entry.result,
        source=Entry.Source.REVERSAL,
        reverses=entry,
        reason=reason,
        recorded_at=moment_of_booking(at),
        recorded_by_id=by.pk if by else None,
    )
    try:
        with transaction.atomic():
            reversal.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This entry has been cancelled already.")) from error
    audit.record("obligations.reversed", entry, by=by, reversal=reversal.pk, tenths=entry.tenths)
    enqueue_refresh([entry.person_id], by=by)
    return reversal
