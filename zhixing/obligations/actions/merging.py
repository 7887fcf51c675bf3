"""One human being on record as two persons: the hours of the one go over to the other."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Invalid
from zhixing.obligations import permissions
from zhixing.obligations.actions.ledger import again, post_credits, reverse_entry
from zhixing.obligations.models import Entry
from zhixing.people.models import Account, Person


@transaction.atomic
def merge_ledgers(source: Person, target: Person, reason: str, by: Account) -> int:
    """Cancel each standing line of ``source`` and book it anew for ``target``, where it does not stand already; returns how many are new.

    What was known before stays on record: the cancelled lines are there, with who and why. Raises ``Invalid``.
    """
    permissions.may_merge_ledgers(by, source).require()
    permissions.may_merge_ledgers(by, target).require()
    if source.pk == target.pk:
        raise Invalid(_("Name the other person."))
    reason = written(reason, Entry.reason.field, missing=_("Say why the entry is cancelled."))
    held = {_deed(entry) for entry in target.entries.live()}
    moved = list(source.entries.live().order_by("pk"))
    for entry in moved:
        reverse_entry(entry, reason, by)
    anew = [entry for entry in moved if _deed(entry) not in held]
    fresh = [again(entry, person_id=target.pk, source_key=f"merged:{entry.pk}") for entry in anew]
    post_credits(fresh, by)
    audit.record("obligations.ledgers_merged", target, by=by, source=source.pk, cancelled=len(moved), booked=len(fresh))
    return len(fresh)


def _deed(entry: Entry) -> tuple[object, ...]:
    """What makes two lines the same training: the number of the certificate, else name, days and form."""
    return (entry.certificate,) if entry.certificate else (entry.title, entry.began_on, entry.earned_on, entry.channel)
