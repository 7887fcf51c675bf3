"""One human being on record as two persons: what is known of the one goes over to the other.

The lines of the ledger go over as lines, and so does all that would stay open behind them: exemptions, appeals and outside training that wait.
What was decided stays where it was decided.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Invalid
from zhixing.obligations import permissions
from zhixing.obligations.actions.appeals import move_appeal
from zhixing.obligations.actions.exemptions import move_exemption
from zhixing.obligations.actions.external import move_external
from zhixing.obligations.actions.ledger import again, post_credits, reverse_entry
from zhixing.obligations.models import Entry, EntryAppeal, ExternalTraining
from zhixing.obligations.queries.keys import key_again
from zhixing.people.models import Account, Person

Deed = tuple[object, ...]


@transaction.atomic
def merge_ledgers(source: Person, target: Person, reason: str, by: Account) -> int:
    """Cancel each standing line of ``source`` and book it anew for ``target``, where it does not stand already; returns how many are new.

    Exemptions in force, open appeals and outside training that waits go over too, or are closed with ``reason`` where ``target`` has the same.
    What was known before stays on record: the cancelled lines are there, with who and why. Raises ``Invalid``.
    """
    permissions.may_merge_ledgers(by, source).require()
    permissions.may_merge_ledgers(by, target).require()
    if source.pk == target.pk:
        raise Invalid(_("Name the other person."))
    reason = written(reason, Entry.reason.field, missing=_("Say why the entry is cancelled."))
    appeals = list(EntryAppeal.objects.filter(entry__person=source, state=EntryAppeal.State.OPEN).order_by("pk"))
    stands_for, booked = _move_lines(source, target, reason, by)
    for appeal in appeals:
        move_appeal(appeal, target, stands_for.get(appeal.entry_id), reason, by)
    moved = [move_exemption(one, target, by) for one in source.exemptions.filter(withdrawn_at=None).order_by("pk")]
    waiting = source.external_trainings.filter(state=ExternalTraining.State.ASKED).order_by("pk")
    trainings = [move_external(training, target, reason, by) for training in waiting]
    audit.record(
        "obligations.ledgers_merged",
        target,
        by=by,
        source=source.pk,
        cancelled=len(stands_for),
        booked=booked,
        exemptions=sum(moved),
        appeals=len(appeals),
        trainings=sum(trainings),
    )
    return booked


def _move_lines(source: Person, target: Person, reason: str, by: Account) -> tuple[Mapping[int, Entry], int]:
    """Cancelled line of ``source`` (key) → the one of ``target`` that stands for it; how many of these are new.

    As many lines of one deed stay as the one of both who has more: two half days of one class run look alike. A certificate is one training,
    in however many lines: whoever holds it has all of them.
    """
    held: defaultdict[Deed, list[Entry]] = defaultdict(list)
    for entry in target.entries.live().order_by("pk"):
        held[_deed(entry)].append(entry)
    moved = list(source.entries.live().order_by("pk"))
    met: Counter[Deed] = Counter()
    stands_for, anew = {}, []
    for entry in moved:
        reverse_entry(entry, reason, by)
        deed = _deed(entry)
        same = held[deed][0 if entry.certificate else met[deed] :]
        met[deed] += 1
        if same:
            stands_for[entry.pk] = same[0]
        else:
            anew.append(entry)
    keys = {entry.pk: key_again(f"merged:{entry.pk}", entry) for entry in anew}
    post_credits([again(entry, person_id=target.pk, source_key=keys[entry.pk]) for entry in anew], by)
    booked = {entry.source_key: entry for entry in target.entries.live()}
    return stands_for | {pk: booked[key] for pk, key in keys.items()}, len(anew)


def _deed(entry: Entry) -> Deed:
    """What makes two lines the same training: the number of the certificate, else name, days and form."""
    return (entry.certificate,) if entry.certificate else (entry.title, entry.began_on, entry.earned_on, entry.channel)
