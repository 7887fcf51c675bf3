"""Applying a roster that was read: all of it in one transaction, or nothing."""

from __future__ import annotations

import base64
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.jobs import Handle
from zhixing.base.models import Job
from zhixing.base.problems import Conflict
from zhixing.people import bulk, current, facts, permissions
from zhixing.people.actions.postings import is_higher
from zhixing.people.actions.rosters.receive import start_work
from zhixing.people.actions.rosters.units import open_units
from zhixing.people.facts import PERSON_FACTS, POSTING_FACTS
from zhixing.people.models import Account, Person, Posting, RosterChange, RosterImport
from zhixing.people.signals import persons_changed

BATCH = 2_000
HELD = (*POSTING_FACTS, "to_on")
PERSON_COLUMNS = (*PERSON_FACTS, "id_sealed")
DAY = dt.timedelta(days=1)
Kinds = RosterChange.Kind


@transaction.atomic
def start_applying(roster_import: RosterImport, *, by: Account) -> Job:
    """Queue the job that applies it."""
    permissions.may_apply(by, roster_import).require()
    return start_work(roster_import, "people.apply_roster", _("Applying the roster"), by)


@transaction.atomic
def apply_roster(roster_import: RosterImport, *, by: Account, handle: Handle | None = None) -> dict[str, int]:
    """Open and close postings, enter arrivals, correct facts, let leavers go. Returns the counts by kind.

    Raises ``Conflict`` when the import was applied or dropped meanwhile, or when a person in it was edited after it was read:
    then nothing at all is changed.
    """
    permissions.may_apply(by, roster_import).require()
    now = timezone.now()
    mine = RosterImport.objects.filter(pk=roster_import.pk, state=RosterImport.State.READ)
    if not mine.update(state=RosterImport.State.APPLIED, applied_at=now):
        raise Conflict(_("Someone else applied or dropped this import a moment ago."))
    roster_import.refresh_from_db()
    unit_keys, opened = open_units(roster_import, by)
    applying = _Applying(roster_import, unit_keys, handle)
    applying.run()
    counts = {kind: roster_import.counts[kind] for kind in Kinds.values if kind != Kinds.PROBLEM}
    roster_import.counts["opened"] = opened
    roster_import.save(update_fields=("counts",))
    audit.record("people.roster_applied", roster_import, by=by, **counts)
    persons_changed.send(Person, person_ids=sorted(applying.touched))
    return counts


class _Applying:
    """One run over the changes, kind by kind, batch by batch."""

    def __init__(self, roster_import: RosterImport, unit_keys: dict[str, int], handle: Handle | None) -> None:
        self.roster_import = roster_import
        self.unit_keys = unit_keys
        self.handle = handle
        self.touched: set[int] = set()
        self.stale = 0

    def run(self) -> None:
        try:
            for batch in self._batches(Kinds.ARRIVAL, person_id=None):
                self._enter(batch)
            for batch in self._batches(Kinds.ARRIVAL, person_id__isnull=False):
                self._correct(batch)
                self._post(batch)
            for batch in self._batches(Kinds.MOVE):
                self._post(batch)
            for batch in self._batches(Kinds.CHANGE):
                self._correct(batch)
            for batch in self._batches(Kinds.LEAVER):
                self._correct(batch)
        except IntegrityError as error:
            raise _changed_meanwhile() from error
        if self.stale:
            raise _changed_meanwhile()
        self._name_arrivals()

    def _batches(self, kind: str, **condition: object) -> Iterator[list[RosterChange]]:
        """Changes of one kind in batches; read by key, so that writing between the batches disturbs nothing."""
        changes = self.roster_import.changes.filter(kind=kind, **condition).order_by("id")
        last = 0
        while batch := list(changes.filter(id__gt=last)[:BATCH]):
            last = batch[-1].pk
            if self.handle:
                self.handle.check()
            yield batch

    def _enter(self, batch: Sequence[RosterChange]) -> None:
        """New persons, each with a first posting."""
        people = [self._person(change) for change in batch]
        for person, change in zip(people, batch, strict=True):
            self._place(person, change)
        bulk.insert(people)
        numbers = [person.number for person in people]
        keys = dict(Person.objects.filter(number__in=numbers).values_list("number", "pk"))
        for person in people:
            person.pk = keys[person.number]
        bulk.insert([self._posting(change, person, None) for change, person in zip(batch, people, strict=True)])
        self.touched.update(keys.values())

    def _person(self, change: RosterChange) -> Person:
        person = Person(joined_on=dt.date.fromisoformat(change.after["joined_on"]))
        facts.put(person, change.after, PERSON_FACTS)
        _unseal(person, change)
        return person

    def _place(self, person: Person, change: RosterChange) -> None:
        facts.put(person, self._with_unit(change), current.REPEATED)

    def _with_unit(self, change: RosterChange) -> facts.Facts:
        """The facts, a unit that this import opened named by its key."""
        after: facts.Facts = change.after
        unit = after.get("unit_id")
        return after | {"unit_id": self.unit_keys[unit]} if isinstance(unit, str) else after

    def _posting(self, change: RosterChange, person: Person, held: Posting | None) -> Posting:
        """The posting that begins: as the one held before, but for what the change says."""
        posting = Posting(person=person, brought_by=self.roster_import)
        posting.from_on = change.from_on or self.roster_import.on
        posting.to_on = first_end(change)
        for name in POSTING_FACTS if held else current.REPEATED:
            setattr(posting, name, getattr(held or person, name))
        facts.put(posting, self._with_unit(change), POSTING_FACTS)
        posting.promoted = held is not None and is_higher(posting.rank, held.rank)
        return posting

    def _post(self, batch: Sequence[RosterChange]) -> None:
        """Begin new postings, closing those held, or correct them in place."""
        people = _locked(batch)
        held = Posting.objects.in_bulk([change.posting_id for change in batch if change.posting_id])
        ended: list[Posting] = []
        begun: list[Posting] = []
        for change in batch:
            person = people.get(change.person_id or 0)
            before = held.get(change.posting_id or 0)
            if person is None or _is_stale(before, change):
                self.stale += 1
                continue
            current.repeat(person, self._begin_or_correct(change, person, before, ended, begun))
        bulk.update(ended, HELD)
        bulk.insert(begun)
        bulk.update(list(people.values()), current.REPEATED)
        self.touched.update(people)

    def _begin_or_correct(
        self, change: RosterChange, person: Person, held: Posting | None, ended: list[Posting], begun: list[Posting]
    ) -> Posting:
        """Lay out what is to be written for one move; returns the posting in force afterwards."""
        if change.from_on is None and held is not None:
            facts.put(held, self._with_unit(change), POSTING_FACTS)
            ended.append(held)
            return held
        posting = self._posting(change, person, held)
        if held is not None and held.to_on is None:
            held.to_on = posting.from_on - DAY
            ended.append(held)
        begun.append(posting)
        return posting

    def _correct(self, batch: Sequence[RosterChange]) -> None:
        """Facts of persons; whoever leaves or retires ends every open posting."""
        people = _locked(batch)
        held = _open_postings(people)
        endings: defaultdict[dt.date, list[int]] = defaultdict(list)
        for change in batch:
            person = people.get(change.person_id or 0)
            if person is None or facts.differing(person, change.before, PERSON_FACTS) or _holds_others(change, held):
                self.stale += 1
                continue
            facts.put(person, change.after, PERSON_FACTS)
            _unseal(person, change)
            if "open_postings" in change.before and person.left_on:
                endings[person.left_on].append(person.pk)
        bulk.update(list(people.values()), PERSON_COLUMNS)
        for last_day, ids in endings.items():
            Posting.objects.filter(person_id__in=ids, to_on=None).update(to_on=last_day)
        self.touched.update(people)

    def _name_arrivals(self) -> None:
        """Tie each arrival of somebody new to the person entered for it."""
        person = Person.objects.filter(number=OuterRef("number")).values("pk")[:1]
        self.roster_import.changes.filter(kind=Kinds.ARRIVAL, person_id=None).update(person_id=Subquery(person))


def first_end(change: RosterChange) -> dt.date | None:
    """When the posting that a change begins has ended already: with whoever comes as retired."""
    return facts.from_json("left_on", change.after.get("left_on")) if change.kind == Kinds.ARRIVAL else None


def _locked(batch: Sequence[RosterChange]) -> dict[int, Person]:
    ids = [change.person_id for change in batch]
    return Person.objects.select_for_update().order_by("pk").in_bulk(ids)


def _is_stale(held: Posting | None, change: RosterChange) -> bool:
    """Whether the posting is no longer what the preview saw."""
    if held is None:
        return change.posting_id is not None
    if facts.to_json(held.to_on) != change.before["to_on"]:
        return True
    return change.kind == Kinds.MOVE and bool(facts.differing(held, change.before, POSTING_FACTS))


def _open_postings(people: dict[int, Person]) -> defaultdict[int, set[int]]:
    held: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, pk in Posting.objects.filter(person_id__in=people, to_on=None).values_list("person_id", "pk"):
        held[person_id].add(pk)
    return held


def _holds_others(change: RosterChange, held: dict[int, set[int]]) -> bool:
    """Whether somebody who leaves holds other posts by now than the preview saw."""
    seen = change.before.get("open_postings")
    return seen is not None and set(seen) != held.get(change.person_id or 0, set())


def _unseal(person: Person, change: RosterChange) -> None:
    if sealed := change.after.get("id_sealed"):
        person.id_sealed = base64.b64decode(sealed)


def _changed_meanwhile() -> Conflict:
    return Conflict(
        _("People in this roster were edited after it was read. Drop this import and upload the file again.")
    )
