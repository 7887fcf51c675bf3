"""Rolling an applied roster back: what it changed becomes what it was, unless somebody edited the same fact later."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.jobs import Handle
from zhixing.base.models import Job
from zhixing.base.problems import Conflict
from zhixing.people import bulk, current, facts, permissions
from zhixing.people.actions.rosters.apply import BATCH, DAY, HELD, PERSON_COLUMNS, first_end
from zhixing.people.actions.rosters.receive import start_work
from zhixing.people.facts import PERSON_FACTS, POSTING_FACTS
from zhixing.people.models import Account, Person, Posting, RosterChange, RosterImport, Unit, UnitPlacement
from zhixing.people.signals import persons_changed

Kinds = RosterChange.Kind
ENDING = ("status", "left_on")
"""The facts of a departure stand and fall together, with the postings that it ended."""


@transaction.atomic
def start_weighing(roster_import: RosterImport, *, by: Account) -> Job:
    """Queue the job that finds out what a rollback would leave alone."""
    permissions.may_roll_back(by, roster_import).require()
    return start_work(roster_import, "people.weigh_roll_back", _("Looking for later edits"), by)


@transaction.atomic
def start_rolling_back(roster_import: RosterImport, *, by: Account) -> Job:
    permissions.may_roll_back(by, roster_import).require()
    return start_work(roster_import, "people.roll_back_roster", _("Rolling the roster back"), by)


def weigh_roll_back(roster_import: RosterImport, *, by: Account, handle: Handle | None = None) -> dict[str, int]:
    """Do the rollback and undo it at once, to show beforehand which facts it would leave alone. Returns ``undone`` and ``conflicts``."""
    permissions.may_roll_back(by, roster_import).require()
    with transaction.atomic():
        undoing = _Undoing(roster_import, handle)
        undoing.run()
        transaction.set_rollback(True)
    with transaction.atomic():
        return _keep(roster_import, undoing)


@transaction.atomic
def roll_back_roster(roster_import: RosterImport, *, by: Account, handle: Handle | None = None) -> dict[str, int]:
    """Restore the state as if the roster had never been imported.

    A fact that was edited after the import is a conflict: it stays as it is and is kept with its change. Returns how many
    changes were ``undone`` and how many have ``conflicts``. Raises ``Conflict`` when somebody else rolled it back.
    """
    permissions.may_roll_back(by, roster_import).require()
    mine = RosterImport.objects.filter(pk=roster_import.pk, state=RosterImport.State.APPLIED)
    if not mine.update(state=RosterImport.State.ROLLED_BACK, rolled_back_at=timezone.now()):
        raise Conflict(_("Someone else rolled this import back a moment ago."))
    roster_import.refresh_from_db()
    undoing = _Undoing(roster_import, handle)
    undoing.run()
    result = _keep(roster_import, undoing)
    audit.record("people.roster_rolled_back", roster_import, by=by, **result)
    persons_changed.send(Person, person_ids=sorted(undoing.touched))
    return result


def _keep(roster_import: RosterImport, undoing: _Undoing) -> dict[str, int]:
    """Keep the conflicts found with their changes and the figures with the import."""
    roster_import.changes.exclude(conflicts=[]).update(conflicts=[])
    RosterChange.objects.bulk_update(undoing.in_conflict.values(), ["conflicts"], batch_size=500)
    result = {"undone": undoing.undone, "conflicts": len(undoing.in_conflict)}
    roster_import.counts |= result | {"kept_units": undoing.kept_units}
    RosterImport.objects.filter(pk=roster_import.pk).update(counts=roster_import.counts)
    return result


class _Undoing:
    """One run over the changes, the last kind first."""

    def __init__(self, roster_import: RosterImport, handle: Handle | None) -> None:
        self.roster_import = roster_import
        self.handle = handle
        self.touched: set[int] = set()
        self.in_conflict: dict[int, RosterChange] = {}
        self.kept_units: list[int] = []
        self.undone = 0

    def run(self) -> None:
        for kind in (Kinds.LEAVER, Kinds.CHANGE):
            for batch in self._batches(kind):
                self._restore(batch)
        for batch in self._batches(Kinds.MOVE):
            self._unpost(batch)
        for batch in self._batches(Kinds.ARRIVAL):
            back = [change for change in batch if change.before]
            self._restore(self._unpost(back))
            self._take_out([change for change in batch if not change.before])
        self._close_opened_units()

    def _batches(self, kind: str) -> Iterator[list[RosterChange]]:
        changes = self.roster_import.changes.filter(kind=kind).order_by("id")
        last = 0
        while batch := list(changes.filter(id__gt=last)[:BATCH]):
            last = batch[-1].pk
            for change in batch:
                change.conflicts = []  # what an earlier weighing found
            if self.handle:
                self.handle.check()
            yield batch

    def _conflict(self, change: RosterChange, *found: tuple[str, Any, Any]) -> None:
        """Note facts (name, as imported, as now) that stay as they are."""
        self.in_conflict[change.pk] = change
        change.conflicts = [*change.conflicts, *({"fact": f, "imported": i, "now": n} for f, i, n in found)]

    # Facts of persons

    def _restore(self, batch: Sequence[RosterChange]) -> None:
        people = _locked(batch)
        reopened: defaultdict[dt.date, list[RosterChange]] = defaultdict(list)
        for change in batch:
            person = people.get(change.person_id or 0)
            if person is None:
                self._conflict(change, ("person", change.name, ""))
                continue
            if self._restore_person(person, change) and "open_postings" in change.before:
                reopened[dt.date.fromisoformat(change.after["left_on"])].append(change)
        bulk.update(list(people.values()), PERSON_COLUMNS)
        for last_day, changes in reopened.items():
            self._reopen(last_day, changes)
        self._refresh(people)

    def _restore_person(self, person: Person, change: RosterChange) -> bool:
        """Put back what nobody edited since; returns whether the end of service, if the import made one, was taken back."""
        edited = facts.differing(person, change.after, PERSON_FACTS)
        if set(edited) & set(ENDING):
            edited = [name for name in change.after if name in edited or name in ENDING]
        restorable = {
            name: change.before[name] for name in change.after if name in change.before and name not in edited
        }
        facts.put(person, restorable, PERSON_FACTS)
        if person.id_index is None:  # an import adds an ID number, it never replaces one
            person.id_sealed = None
        now = facts.facts_of(person, tuple(edited))
        if edited:
            self._conflict(change, *((name, change.after[name], now[name]) for name in edited))
        self.undone += bool(restorable)
        return "left_on" in restorable

    def _reopen(self, last_day: dt.date, changes: Sequence[RosterChange]) -> None:
        """Open again the postings that the end of service had ended, unless another principal post has begun since."""
        ids = [pk for change in changes for pk in change.before["open_postings"]]
        ended = Posting.objects.filter(pk__in=ids, to_on=last_day)
        other = Posting.objects.filter(person=models.OuterRef("person"), is_principal=True, to_on=None)
        ended.exclude(models.Exists(other), is_principal=True).update(to_on=None)

    # Postings

    def _unpost(self, batch: Sequence[RosterChange]) -> list[RosterChange]:
        """Take back the postings of moves; returns the changes for which that succeeded."""
        people = _locked(batch)
        held = Posting.objects.in_bulk([change.posting_id for change in batch if change.posting_id])
        begun = {
            posting.person_id: posting
            for posting in Posting.objects.filter(brought_by=self.roster_import, person_id__in=people)
        }
        restored: list[Posting] = []
        removed: list[int] = []
        done = []
        for change in batch:
            before, after = held.get(change.posting_id or 0), begun.get(change.person_id or 0)
            found = self._undo_posting(change, before, after)
            if found:
                self._conflict(change, *found)
                continue
            done.append(change)
            self.undone += change.kind == Kinds.MOVE
            if change.from_on is not None and after is not None:
                removed.append(after.pk)
            if before is not None:
                restored.append(before)
        Posting.objects.filter(pk__in=removed).delete()
        bulk.update(restored, HELD)
        self._refresh(people)
        return done

    def _undo_posting(
        self, change: RosterChange, held: Posting | None, begun: Posting | None
    ) -> list[tuple[str, Any, Any]]:
        """Set ``held`` back to what it was; returns the facts that were edited since instead, and then changes nothing."""
        if change.from_on is None:
            if held is None:
                return [("posting", "", "")]
            expected = _resolved(change, held)
            edited = facts.differing(held, expected, POSTING_FACTS)
            if not edited:
                facts.put(held, change.before, POSTING_FACTS)
            return [(name, expected[name], facts.to_json(getattr(held, name))) for name in edited]
        if begun is None:
            return [("posting", change.from_on.isoformat(), "")]
        found = _edits_of(change, begun)
        if held is not None and change.before["to_on"] is None:
            if held.to_on != change.from_on - DAY:
                return [*found, ("to_on", facts.to_json(change.from_on - DAY), facts.to_json(held.to_on))]
            held.to_on = None
        return found

    # Arrivals

    def _take_out(self, batch: Sequence[RosterChange]) -> None:
        """Delete persons who came with this import, unless they were edited or something hangs on them by now."""
        people = _locked(batch)
        postings: defaultdict[int, list[Posting]] = defaultdict(list)
        for posting in Posting.objects.filter(person_id__in=people):
            postings[posting.person_id].append(posting)
        used = referenced(Person, people)
        gone = []
        for change in batch:
            person = people.get(change.person_id or 0)
            if person is None:
                continue
            found = self._edits_of_arrival(change, person, postings[person.pk])
            if person.pk in used:
                found.append(("records", "", sorted(used[person.pk])))
            if found:
                self._conflict(change, *found)
            else:
                gone.append(person.pk)
        Person.objects.filter(pk__in=gone).delete()
        self.undone += len(gone)

    def _edits_of_arrival(
        self, change: RosterChange, person: Person, postings: Sequence[Posting]
    ) -> list[tuple[str, Any, Any]]:
        edited = facts.differing(person, change.after, PERSON_FACTS)
        found = [(name, change.after[name], facts.to_json(getattr(person, name))) for name in edited]
        begun = [posting for posting in postings if posting.brought_by_id == self.roster_import.pk]
        if len(postings) != 1 or not begun:
            return [*found, ("posting", 1, len(postings))]
        return [*found, *_edits_of(change, begun[0])]

    # Units

    def _close_opened_units(self) -> None:
        """Take the units out again that the import opened and that nothing hangs on, the deepest first."""
        own = UnitPlacement._meta.get_field("unit")
        for unit in Unit.objects.filter(pk__in=self.roster_import.counts.get("opened", ())).order_by("-path"):
            if unit.placements.count() > 1 or referenced(Unit, [unit.pk], apart_from=own):
                self.kept_units.append(unit.pk)
                continue
            unit.placements.all().delete()
            unit.delete()

    def _refresh(self, people: dict[int, Person]) -> None:
        current.refresh(list(people.values()), timezone.localdate())
        self.touched.update(people)


def referenced(model: type[models.Model], keys: Iterable[int], *, apart_from: object = None) -> dict[int, set[str]]:
    """Which rows of ``model`` something else holds on to, and the labels of its models.

    The apps above are found through the registry, not imported; a key without a name on this side counts, too."""
    wanted = list(keys)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is not models.PROTECT:
            continue
        if relation.field is not apart_from:
            name = relation.field.attname
            rows = relation.related_model._base_manager.filter(**{f"{name}__in": wanted})
            for key in rows.values_list(name, flat=True).distinct():
                found[key].add(relation.related_model._meta.label)
    return found


def _locked(batch: Sequence[RosterChange]) -> dict[int, Person]:
    return Person.objects.select_for_update().order_by("pk").in_bulk([change.person_id for change in batch])


def _resolved(change: RosterChange, posting: Posting) -> facts.Facts:
    """What the import wrote; a unit that it opened itself is not compared by its name in the preview."""
    after: facts.Facts = change.after
    return after | {"unit_id": posting.unit_id} if isinstance(after.get("unit_id"), str) else after


def _edits_of(change: RosterChange, begun: Posting) -> list[tuple[str, Any, Any]]:
    """What was edited on the posting that the import began."""
    expected = _resolved(change, begun)
    edited = facts.differing(begun, expected, POSTING_FACTS)
    found = [(name, expected[name], facts.to_json(getattr(begun, name))) for name in edited]
    if begun.from_on != change.from_on:
        found.append(("from_on", facts.to_json(change.from_on), begun.from_on.isoformat()))
    if begun.to_on != first_end(change):
        found.append(("to_on", facts.to_json(first_end(change)), facts.to_json(begun.to_on)))
    return found
