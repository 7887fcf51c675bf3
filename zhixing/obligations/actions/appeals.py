"""Appeals about a line of the ledger: made by the person, decided by the department, both versions kept."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, proofs
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.obligations import permissions, telling
from zhixing.obligations.actions.ledger import again, post_credit, reverse_entry
from zhixing.obligations.models import Entry, EntryAppeal
from zhixing.obligations.models.ledger import TENTHS_MAX
from zhixing.obligations.queries.keys import key_again
from zhixing.people.models import Account, Person

State = EntryAppeal.State


@transaction.atomic
def appeal_entry(
    entry: Entry, claims_tenths: int, *, text: str, by: Account, evidence: UploadedFile[Any] | None = None
) -> EntryAppeal:
    """The person says what ``entry`` should hold (0: nothing, it is wrong altogether), and why. Raises ``Invalid`` and ``Conflict``."""
    permissions.may_appeal_entry(by, entry).require()
    text = written(text, EntryAppeal.text.field, missing=_("Say what is wrong."))
    if not 0 <= claims_tenths <= TENTHS_MAX:
        raise Invalid(_("Hours lie between 0 and %(most)d.") % {"most": TENTHS_MAX // 10})
    if claims_tenths == entry.tenths:
        raise Invalid(_("The entry already holds so many hours."))
    try:
        with transaction.atomic():
            made = EntryAppeal.objects.create(
                person_id=entry.person_id,
                entry=entry,
                claims_tenths=claims_tenths,
                text=text,
                evidence=proofs.keep(evidence, by=by) if evidence else None,
                by_id=by.pk,
            )
    except IntegrityError as error:
        raise Conflict(_("An appeal about this entry waits for a decision already.")) from error
    audit.record("obligations.appeal_made", made, by=by, entry=entry.pk)
    telling.tell_appeal(made)
    return made


@transaction.atomic
def decide_entry_appeal(appeal: EntryAppeal, *, uphold: bool, reason: str, by: Account) -> EntryAppeal:
    """Decide with a reason. Upheld: the entry is cancelled by a second one, and what the person claims is booked. Raises ``Conflict``."""
    permissions.may_decide_entry_appeal(by, appeal).require()
    reason = written(reason, EntryAppeal.decision_reason.field, missing=_("A decision needs its reason."))
    state = State.UPHELD if uphold else State.DISMISSED
    _change_open(appeal, state=state, decision_reason=reason, decided_by_id=by.pk, decided_at=timezone.now())
    if uphold:
        _correct(appeal, reason, by)
    appeal.refresh_from_db()
    audit.record("obligations.appeal_decided", appeal, by=by, state=appeal.state, entry=appeal.entry_id)
    telling.tell_appeal_decided(appeal)
    return appeal


def _change_open(appeal: EntryAppeal, **fields: Any) -> None:
    if not EntryAppeal.objects.filter(pk=appeal.pk, state=State.OPEN).update(**fields):
        raise Conflict(_("Someone else decided this a moment ago."))


def _correct(appeal: EntryAppeal, reason: str, by: Account) -> None:
    entry = appeal.entry
    reverse_entry(entry, reason, by)
    if not appeal.claims_tenths:
        return
    right = again(
        entry,
        tenths=appeal.claims_tenths,
        result=Entry.Result.COMPLETED,
        source=Entry.Source.APPEAL,
        source_key=key_again(f"appeal:{appeal.pk}", entry),
    )
    booked = post_credit(right, by)
    EntryAppeal.objects.filter(pk=appeal.pk).update(correction=booked)


def move_appeal(appeal: EntryAppeal, target: Person, entry: Entry | None, reason: str, by: Account) -> bool:
    """Let an open appeal be about ``entry`` of ``target``, which stands for the line that was cancelled.

    It is dismissed with ``reason`` where there is none, or where another appeal about that line waits already; then it answers False.
    Raises ``Conflict`` when it was decided in the meantime.
    """
    waits = entry and EntryAppeal.objects.filter(entry=entry, state=State.OPEN).exists()
    if entry and not waits:
        _change_open(appeal, person=target, entry=entry)
        audit.record("obligations.appeal_moved", appeal, by=by, entry=entry.pk, before=appeal.entry_id)
        return True
    _change_open(appeal, state=State.DISMISSED, decision_reason=reason, decided_by_id=by.pk, decided_at=timezone.now())
    appeal.refresh_from_db()
    audit.record("obligations.appeal_decided", appeal, by=by, state=appeal.state, entry=appeal.entry_id)
    telling.tell_appeal_decided(appeal)
    return False
