"""The training record (培训登记表) of a person, read from the ledger, the call-ups and the make-ups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from zhixing.archive.queries.trainings import training_of
from zhixing.callups.models import MakeUp
from zhixing.obligations.models import Channel, Entry, Standing
from zhixing.obligations.queries.keys import original_keys
from zhixing.obligations.queries.policies import rule_titles
from zhixing.people.models import Account, Person, Posting


@dataclass
class Course:
    """One training: the ledger entries of one title and form in one year, added up."""

    title: str
    channel: str
    began_on: dt.date
    ended_on: dt.date
    organiser: str
    institution: str
    result: str
    certificate: str
    content: str
    theme: str
    key: int
    """The number of its first entry."""
    tenths: int = 0
    entries: int = 0
    earlier: int = 0
    is_over: bool = True

    def add(self, entry: Entry) -> None:
        self.tenths += entry.tenths
        self.entries += 1
        self.key = min(self.key, entry.pk)
        self.began_on = min(self.began_on, entry.began_on or entry.earned_on)
        self.ended_on = max(self.ended_on, entry.earned_on)

    @property
    def channel_label(self) -> str:
        return str(Channel(self.channel).label)

    @property
    def result_label(self) -> str:
        return str(Entry.Result(self.result).label)


@dataclass
class Year:
    """One year of a record with its hours."""

    year: int
    courses: list[Course] = field(default_factory=list)

    @property
    def tenths(self) -> int:
        return sum(course.tenths for course in self.courses)

    def tenths_of(self, channel: str) -> int:
        return sum(course.tenths for course in self.courses if course.channel == channel)


@dataclass(frozen=True)
class Record:
    """Everything the file says about a person's training."""

    person: Person
    postings: Sequence[Posting]
    years: Sequence[Year]
    standings: Sequence[tuple[str, Standing]]
    """What each rule is called in the policy that it was counted by, and where the person stands."""
    make_ups: Sequence[MakeUp]

    @property
    def tenths(self) -> int:
        return sum(year.tenths for year in self.years)


def record_of(person: Person) -> Record:
    """The record as the ledger has it now: reversed entries and their reversals are left out, and stay in the ledger."""
    entries = list(person.entries.live().order_by("-earned_on", "title", "-id"))
    return Record(
        person,
        list(person.postings.select_related("unit").order_by("-from_on", "-id")),
        years_of(entries, original_keys(entries)),
        [
            (rule_titles(standing.policy).get(standing.rule, standing.rule), standing)
            for standing in person.standings.select_related("policy").order_by("rule")
        ],
        list(person.make_ups.select_related("missed__class_run").order_by("-opened_at")),
    )


def years_of(entries: Iterable[Entry], keys: Mapping[int, str]) -> list[Year]:
    """Trainings by the year in which their hours were earned, newest first: one over New Year stands in both, with the hours of each.

    ``keys``: what ``original_keys`` found for the entries.
    """
    years: dict[int, list[Entry]] = {}
    for entry in entries:
        years.setdefault(entry.earned_on.year, []).append(entry)
    return [Year(year, list(courses_of(held, keys).values())) for year, held in sorted(years.items(), reverse=True)]


def courses_of(entries: Iterable[Entry], keys: Mapping[int, str]) -> dict[Hashable, Course]:
    """Trainings of one person, in the order of their first entries; the half days of one class run become one line."""
    courses: dict[Hashable, Course] = {}
    for entry in entries:
        courses.setdefault(course_key(entry, keys[entry.pk]), _course(entry)).add(entry)
    return courses


def course_key(entry: Entry, key: str) -> Hashable:
    return training_of(entry, key), entry.channel, entry.result


def _course(entry: Entry) -> Course:
    return Course(
        title=entry.title,
        channel=entry.channel,
        began_on=entry.began_on or entry.earned_on,
        ended_on=entry.earned_on,
        organiser=entry.organiser,
        institution=entry.institution,
        result=entry.result,
        certificate=entry.certificate,
        content=entry.content,
        theme=entry.theme,
        key=entry.pk,
    )


def people_with_hours(user: Account, year: int) -> QuerySet[Person]:
    """People of the scope with the tenths of hours credited in ``year``: ``offjob``, ``online`` and all channels together.

    Asked for the rows of a page only, where a join would add up the whole city.
    """
    counted = Entry.objects.live().filter(person=OuterRef("pk"), earned_on__year=year)
    return (
        Person.objects.visible_to(user)
        .select_related("unit")
        .annotate(
            offjob=_added_up(counted.filter(channel=Channel.OFFJOB)),
            online=_added_up(counted.filter(channel=Channel.ONLINE)),
            total=_added_up(counted),
        )
    )


def _added_up(entries: QuerySet[Entry]) -> Coalesce:
    return Coalesce(Subquery(entries.order_by().values("person").annotate(n=Sum("tenths")).values("n")), 0)


def lines_of_unit(user: Account, unit_path: str, year: int) -> list[tuple[Person, Course]]:
    """Every training of everyone in a unit subtree in one year, by person: the Excel export of a unit."""
    people = Person.objects.visible_to(user).filter(unit__path__startswith=unit_path)
    entries = (
        Entry.objects.live()
        .filter(person__in=people, earned_on__year=year)
        .select_related("person__unit")
        .order_by("person__unit__path", "person__number", "-earned_on", "title", "-id")
    )
    lines, keys = [], original_keys(entries)
    for person, group in groupby(entries, key=lambda e: e.person):
        lines += [(person, course) for found in years_of(group, keys) for course in found.courses]
    return lines
