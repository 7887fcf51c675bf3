"""One human being on record as two persons: what is known of the one goes over to the other.

The lines of the ledger go over as lines, and so does all that would stay open behind them: exemptions, appeals and outside training that wait.
What was decided stays where it was decided.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
from zhixing.obligations.queries.keys import key_again, original_key, training_of_key
from zhixing.people.models import Account, Person


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
    """Cancelled line of ``source`` (key) → the one of ``target`` that stands for it; how many of these are new."""
    moved = list(source.entries.live().order_by("pk"))
    held = _held(_trainings(moved), _trainings(target.entries.live().order_by("pk")))
    anew = []
    for entry in moved:
        reverse_entry(entry, reason, by)
        if entry.pk not in held:
            anew.append(entry)
    keys = {entry.pk: key_again(f"merged:{entry.pk}", entry) for entry in anew}
    post_credits([again(entry, person_id=target.pk, source_key=keys[entry.pk]) for entry in anew], by)
    booked = {entry.source_key: entry for entry in target.entries.live()}
    return held | {pk: booked[key] for pk, key in keys.items()}, len(anew)


@dataclass(frozen=True, slots=True, eq=False)
class _Training:
    """Lines that are one training. ``name``: its certificate, else title, first day and form; ``is_whole``: nothing of it lies elsewhere."""

    name: tuple[object, ...]
    is_whole: bool
    lines: list[Entry] = field(default_factory=list)

    @property
    def last_on(self) -> dt.date:
        return max(line.earned_on for line in self.lines)

    def line_for(self, entry: Entry) -> Entry:
        """The line that stands for one of the same training elsewhere: that of its day, else the first."""
        return next((line for line in self.lines if line.earned_on == entry.earned_on), self.lines[0])


def _trainings(entries: Iterable[Entry]) -> list[_Training]:
    """What one certificate or one key names is one training, in however many lines; every other line is one by itself."""
    found: dict[tuple[object, ...], _Training] = {}
    for entry in entries:
        key = training_of_key(original_key(entry.source_key))
        name = (entry.certificate,) if entry.certificate else (entry.title, entry.began_on, entry.channel)
        same = ("certificate", entry.certificate) if entry.certificate else ("key", key or entry.pk)
        found.setdefault(same, _Training(name, bool(entry.certificate or key))).lines.append(entry)
    return list(found.values())


def _held(ours: Iterable[_Training], theirs: Iterable[_Training]) -> dict[int, Entry]:
    """Line of ``ours`` (key) → the one of ``theirs`` that stands for it.

    As many trainings of one name stay as the one of both who has more: two half days of one class run look alike. Those of the same last day
    are paired first; then whole ones, for the years may have split a training here and not there.
    """
    free: defaultdict[tuple[object, ...], list[_Training]] = defaultdict(list)
    for training in theirs:
        free[training.name].append(training)
    found: dict[int, Entry] = {}
    left = list(ours)
    for is_same in (_end_together, _are_whole):
        alone = []
        for training in left:
            same = next((one for one in free[training.name] if is_same(training, one)), None)
            if same is None:
                alone.append(training)
                continue
            free[training.name].remove(same)
            found |= {line.pk: same.line_for(line) for line in training.lines}
        left = alone
    return found


def _end_together(one: _Training, other: _Training) -> bool:
    return one.last_on == other.last_on


def _are_whole(one: _Training, other: _Training) -> bool:
    return one.is_whole and other.is_whole
