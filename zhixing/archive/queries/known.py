"""What the ledger said about trainings on any day, as known at any moment: the ground of extracts and statistics.

The ledger is append-only, so an answer for a past moment never changes. Unit and rank come from the postings, which a roster may correct.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
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
from zhixing.people.models import Person, Posting, Unit

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
    """One person's postings and trainings, the oldest first; ``abroad``: ledger entry → whether it was earned there, where somebody said."""

    person: Person
    postings: list[Posting]
    courses: list[Course]
    abroad: dict[int, bool]

    def posting_on(self, day: dt.date) -> Posting | None:
        """The principal posting on ``day``, else the last one before it."""
        before = [one for one in self.postings if one.is_principal and one.from_on <= day]
        return principal_on(before, day) or max(before, key=lambda one: (one.from_on, one.pk), default=None)


def entries_known(question: Question) -> QuerySet[Entry]:
    """The entries that counted at that moment, of whatever day: neither reversals nor what had been reversed by then."""
    known = Entry.objects.filter(reverses=None, recorded_at__lte=question.known_at)
    return known.filter(Q(reversed_by=None) | Q(reversed_by__recorded_at__gt=question.known_at))


def histories(people: QuerySet[Person], question: Question, progress: Progress) -> Iterator[History]:
    """Every one of ``people`` by staff number, also those without a training; a thousand at a time, whatever their number."""
    total, done, last = people.count(), 0, ""
    while group := list(people.filter(number__gt=last).order_by("number")[:PEOPLE_AT_ONCE]):
        yield from _of_group(group, question)
        done, last = done + len(group), group[-1].number
        progress(min(done, total), total)


def _of_group(group: list[Person], question: Question) -> Iterator[History]:
    keys = [person.pk for person in group]
    postings: dict[int, list[Posting]] = {key: [] for key in keys}
    for posting in Posting.objects.filter(person__in=keys).select_related("unit").order_by("from_on", "pk"):
        postings[posting.person_id].append(posting)
    known = entries_known(question).filter(person__in=keys, earned_on__lte=_after(question.on))
    if question.since:
        known = known.filter(earned_on__gte=_before(question.since))
    entries = list(known.order_by("person_id", "-earned_on", "title", "-pk"))
    keys_of = original_keys(entries)
    by_person = {key: list(found) for key, found in groupby(entries, key=lambda entry: entry.person_id)}
    abroad, ends = _abroad(keys_of), _ends(keys_of)
    for person in group:
        history = History(
            person, postings[person.pk], _courses(by_person.get(person.pk, []), keys_of, ends, question), abroad
        )
        if question.unit is None or _held_in(history, question):
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


def _held_in(history: History, question: Question) -> bool:
    posting = history.posting_on(question.on)
    return posting is not None and question.unit is not None and posting.unit.path.startswith(question.unit.path)
