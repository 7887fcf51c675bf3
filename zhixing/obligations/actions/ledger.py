"""The hours ledger: entries are added, never changed; a correction is a reversal."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.obligations import permissions
from zhixing.obligations.actions.standings import ask_refresh
from zhixing.obligations.models import Channel, Entry
from zhixing.obligations.models.ledger import TENTHS_MAX
from zhixing.people.models import Account

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class NewCredit:
    """One line to be booked. ``source_key`` names the deed it rests on: the same key is booked once, whoever asks and however often."""

    person_id: int
    earned_on: dt.date
    tenths: int
    channel: str
    title: str
    source: str
    source_key: str
    content: str = ""
    theme: str = ""
    began_on: dt.date | None = None
    organiser: str = ""
    institution: str = ""
    certificate: str = ""
    result: str = Entry.Result.COMPLETED

    def check(self) -> None:
        """Raise ``Invalid`` for hours, a channel or dates that the ledger does not take."""
        if not 0 <= self.tenths <= TENTHS_MAX:
            raise Invalid(_("Hours in the ledger lie between 0 and 2,000."))
        if self.channel not in Channel.values:
            raise Invalid(_("This form of training is unknown."))
        if self.began_on and self.began_on > self.earned_on:
            raise Invalid(_("The training ends before it begins."))


@transaction.atomic
def post_credits(credits: Sequence[NewCredit], *, by: Account | None) -> int:
    """Book lines that are not booked yet and ask for one refresh of the standings. Returns how many were booked."""
    permissions.may_post(by).require()
    for credit in credits:
        credit.check()
    keys = [credit.source_key for credit in credits]
    booked = set(Entry.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    fresh = {credit.source_key: credit for credit in credits if credit.source_key not in booked}
    now = timezone.now()
    Entry.objects.bulk_create(
        (
            Entry(**dataclasses.asdict(credit), recorded_at=now, recorded_by_id=by.pk if by else None)
            for credit in fresh.values()
        ),
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,  # another transaction may book the same deed at this moment: its line stands
    )
    ask_refresh({credit.person_id for credit in fresh.values()}, by=by)
    return len(fresh)


def post_credit(credit: NewCredit, *, by: Account | None) -> Entry:
    """Book one line; when its deed is booked already, that line is returned."""
    post_credits([credit], by=by)
    return Entry.objects.get(source_key=credit.source_key)


@transaction.atomic
def reverse_entry(entry: Entry, *, reason: str, by: Account) -> Entry:
    """Cancel a line by a second one that names it, with the reason. Both stay. Raises ``Conflict`` when it is cancelled already."""
    permissions.may_reverse(by, entry).require()
    if not reason.strip():
        raise Invalid(_("Say why the entry is reversed."))
    kept = (
        "person_id",
        "earned_on",
        "tenths",
        "channel",
        "content",
        "title",
        "theme",
        "began_on",
        "organiser",
        "institution",
        "result",
    )
    try:
        with transaction.atomic():
            made = Entry.objects.create(
                **{name: getattr(entry, name) for name in kept},
                source=Entry.Source.REVERSAL,
                reverses=entry,
                reason=reason.strip()[:200],
                recorded_at=timezone.now(),
                recorded_by_id=by.pk,
            )
    except IntegrityError as error:
        raise Conflict(_("This entry is reversed already.")) from error
    audit.record("obligations.entry_reversed", entry, by=by, reversal=made.pk)
    ask_refresh({entry.person_id}, by=by)
    return made
