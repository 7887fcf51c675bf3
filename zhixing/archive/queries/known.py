"""What the ledger said about trainings on any day, as known at any moment: the ground of extracts and statistics.

The ledger is append-only and posts and dates of service keep their past, so both answer for a past moment as they would have then. Names and
numbers, the tree of units and the days of class runs are today's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.db.models import Q, QuerySet

from zhixing.archive.queries.records import Course, course_key, courses_of
from zhixing.attendance.queries.ledger import callup_of
from zhixing.callups.models import Callup
from zhixing.obligations.models import Entry, ExternalTraining
from zhixing.obligations.queries.keys import original_keys, training_of_key
from zhixing.people.current import principal_on
from zhixing.people.known import on_record_at, posting_key, postings_at, services_at, taken_out_since
from zhixing.people.models import PastPosting, Person, Posting, Unit

PEOPLE_AT_ONCE: Final = 1_000
LONGEST: Final = dt.timedelta(days=366)
"""So far around the time asked about entries of the same training are looked for."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Question:
    """Trainings that ended from ``since`` (None: ever) to ``on``, by what had been recorded by ``known_at``; ``unit`` and all below it on ``on``.

    Hours count from ``since`` to ``on``, those of a training that is not over too; a training itself counts whole, when it has ended.
    """

    on: dt.date
    known_at: dt.datetime
    since: dt.date | None = None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class History:
    """One person's dates of service, postings and trainings as known then, the oldest first.

    ``abroad``: ledger entry → whether it was earned there, where somebody said.
    """

    person: Person
    joined_on: dt.date
    left_on: dt.date | None
    postings: list[Posting | PastPosting]
    courses: list[Course]
    abroad: dict[int, bool]

    def posting_on(self, day: dt.date) -> Posting | PastPosting | None:
        """The principal posting on ``day``, else the last one before it."""
        before = [one for one in self.postings if one.is_principal and one.from_on <= day]
        return principal_on(before, day) or max(before, key=lambda one: (one.from_on, posting_key(one)), default=None)


def entries_known(question: Question) -> QuerySet[Entry]:
    """The entries that counted at that moment, of whatever day: neither reversals nor what had been reversed by then."""
    known = Entry.objects.filter(reverses=None, recorded_at__lte=question.known_at)
    return known.filter(Q(reversed_by=None) | Q(reversed_by__recorded_at__gt=question.known_at))


def histories(people: QuerySet[Person], question: Question, progress: Progress) -> Iterator[History]:
    """Every one of ``people`` on record then, by staff number, also those without a training; a thousand at a time, whatever their number."""
    people = on_record_at(people, question.known_at)
    total, done, last = people.count(), 0, ""
    while group := list(people.filter(number__gt=last).order_by("number")[:PEOPLE_AT_ONCE]):
        yield from _of_group(group, question)
        done, last = done + len(group), group[-1].number
        progress(min(done, total), total)


def taken_out(question: Question, scope: Unit | None) -> Iterator[History]:
    """Those who were on record then in ``scope`` (None: anywhere) and were taken out since: they had no training, but they were counted."""
    services = {one.person_id: one for one in taken_out_since(question.known_at)}
    postings = _postings(services, question)
    for key, service in services.items():
        history = History(Person(pk=key), service.joined_on, service.left_on, postings[key], [], {})
        if all(_held_in(history, unit, question.on) for unit in (scope, question.unit) if unit):
            yield history


def _postings(keys: Collection[int], question: Question) -> dict[int, list[Posting | PastPosting]]:
    found: dict[int, list[Posting | PastPosting]] = {key: [] for key in keys}
    for rows in postings_at(question.known_at):
        for posting in rows.filter(person__in=keys).select_related("unit"):
            found[posting.person_id].append(posting)
    for held in found.values():
        held.sort(key=lambda one: (one.from_on, posting_key(one)))
    return found


def _of_group(group: list[Person], question: Question) -> Iterator[History]:
    keys = [person.pk for person in group]
    services = {
        key: days
        for rows in services_at(question.known_at)
        for key, *days in rows.filter(key__in=keys).values_list("key", "joined_on", "left_on")
    }
    postings = _postings(keys, question)
    known = entries_known(question).filter(person__in=keys, earned_on__lte=_after(question.on))
    if question.since:
        known = known.filter(earned_on__gte=_before(question.since))
    entries = list(known.order_by("person_id", "-earned_on", "title", "-pk"))
    keys_of = original_keys(entries)
    by_person = {key: list(found) for key, found in groupby(entries, key=lambda entry: entry.person_id)}
    abroad, ends = _abroad(keys_of), _ends(keys_of)
    for person in group:
        courses = _courses(by_person.get(person.pk, []), keys_of, ends, question)
        joined_on, left_on = services[person.pk]
        history = History(person, joined_on, left_on, postings[person.pk], courses, abroad)
        if question.unit is None or _held_in(history, question.unit, question.on):
            yield history


def _after(day: dt.date) -> dt.date:
    return day + LONGEST if day <= dt.date.max - LONGEST else dt.date.max


def _before(day: dt.date) -> dt.date:
    return day - LONGEST if day >= dt.date.min + LONGEST else dt.date.min


def _abroad(keys_of: Mapping[int, str]) -> dict[int, bool]:
    """Only outside trainings say it; an entry booked again for an appeal or another person keeps the training's key."""
    trainings: dict[int, int] = {}
    for entry, whole_key in keys_of.items():
        word, _colon, key = training_of_key(whole_key).partition(":")
        if word == Entry.Source.EXTERNAL:
            trainings[entry] = int(key)
    rows = ExternalTraining.objects.filter(pk__in=set(trainings.values())).exclude(abroad=None)
    said = dict(rows.values_list("pk", "abroad"))
    return {entry: bool(said[training]) for entry, training in trainings.items() if training in said}


def _ends(keys_of: Mapping[int, str]) -> dict[int, dt.date]:
    """Ledger entry → the last day of the class run that it is about, as the plan has it now; only entries of call-ups."""
    callups: dict[int, int] = {}
    for entry, key in keys_of.items():
        number = callup_of(key).partition(":")[2]
        if number.isdecimal():
            callups[entry] = int(number)
    ends = dict(Callup.objects.filter(pk__in=set(callups.values())).values_list("pk", "class_run__ends_on"))
    return {entry: ends[callup] for entry, callup in callups.items() if callup in ends}


def _courses(
    entries: list[Entry], keys_of: Mapping[int, str], ends: Mapping[int, dt.date], question: Question
) -> list[Course]:
    """Trainings with hours or days in the time asked about, whole as far as they had gone by its last day, the oldest first."""
    since = question.since or dt.date.min
    upto = [entry for entry in entries if entry.earned_on <= question.on]
    courses = courses_of(upto, keys_of)
    key = {entry.pk: course_key(entry, keys_of[entry.pk]) for entry in entries}
    asked = {key[entry.pk] for entry in upto if entry.earned_on >= since}
    for entry in upto:
        if entry.earned_on < since:
            courses[key[entry.pk]].earlier += entry.tenths
    for entry in entries:
        if entry.earned_on > question.on and (course := courses.get(key[entry.pk])):
            course.is_over = False
    for entry in upto:
        end = ends.get(entry.pk, entry.earned_on)
        if end > question.on:
            courses[key[entry.pk]].is_over = False
        elif end >= since:
            asked.add(key[entry.pk])  # it ended in the time asked about, though the last hours were earned before
    return sorted((courses[one] for one in asked), key=lambda course: (course.ended_on, course.key))


def _held_in(history: History, unit: Unit, on: dt.date) -> bool:
    posting = history.posting_on(on)
    return posting is not None and posting.unit is not None and posting.unit.path.startswith(unit.path)
