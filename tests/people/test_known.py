"""What the database keeps of posts and dates of service, whoever writes; tests/archive/test_known.py holds the answers to it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation

from tests.factories import make_city, make_department, make_person, make_unit
from tests.people.rosters import ON, brought_in, row
from zhixing.base.past import KeepPast
from zhixing.people import actions
from zhixing.people.known import on_record_at, postings_at, services_at, taken_out_since
from zhixing.people.models import Account, PastPosting, PastService, Person, Posting, Unit
from zhixing.people.queries import corrections_of

pytestmark = pytest.mark.django_db
Run = Callable[[], int]
NEXT = ON + dt.timedelta(days=1)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def unit(city: Unit) -> Unit:
    return make_unit("财政局", parent=city)


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(unit: Unit) -> Person:
    return make_person(unit, rank="乡科级副职")


def moment() -> dt.datetime:
    """Now, and nothing afterwards happens in the same thousandth of a second: the triggers of SQLite write no finer."""
    now = timezone.now()
    time.sleep(0.002)
    return now


def ranks_at(moment: dt.datetime | None, person: Person) -> list[tuple[str, dt.date, dt.date | None]]:
    found: Iterable[Any] = (one for rows in postings_at(moment) for one in rows.filter(person=person))
    return sorted((one.rank, one.from_on, one.to_on) for one in found)


def service_at(moment: dt.datetime | None, key: int) -> list[tuple[dt.date, dt.date | None]]:
    return [days for rows in services_at(moment) for days in rows.filter(key=key).values_list("joined_on", "left_on")]


class TestTriggers:
    def test_what_a_person_came_with_is_known_ever_since_and_what_follows_from_its_moment_on(
        self, person: Person
    ) -> None:
        (first,) = person.postings.all()
        before = moment()
        second = person.postings.create(unit=person.unit, rank="乡科级正职", from_on=ON, is_principal=False)
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.recorded_at is None
        assert second.recorded_at is not None
        assert before - dt.timedelta(milliseconds=1) <= second.recorded_at <= timezone.now()
        assert not PastPosting.objects.exists()

    @pytest.mark.parametrize(
        "change",
        [
            {"rank": "县处级副职"},
            {"grade": "一级主任科员"},
            {"from_on": ON},
            {"to_on": ON},
            {"is_principal": False},
            {"promoted": True},
        ],
    )
    def test_each_fact_that_matters_leaves_its_older_version(self, person: Person, change: dict[str, Any]) -> None:
        posting = Posting.objects.get(person=person)
        Posting.objects.filter(pk=posting.pk).update(**change)
        (past,) = PastPosting.objects.all()
        kept = ("unit_id", "rank", "grade", "from_on", "to_on", "is_principal", "promoted")
        assert [getattr(past, name) for name in kept] == [getattr(posting, name) for name in kept]
        assert (past.posting_id, past.person_id, past.recorded_at) == (posting.pk, person.pk, None)
        posting.refresh_from_db()
        assert posting.recorded_at == past.superseded_at

    def test_what_no_answer_looks_at_leaves_none(self, person: Person) -> None:
        person.postings.update(title="科长", rank="乡科级副职", rank_since=ON)
        Person.objects.filter(pk=person.pk).update(phone="13900000000", status=Person.Status.SECONDED)
        person.save()
        person.postings.get().save()
        assert not PastPosting.objects.exists()
        assert not PastService.objects.exists()

    def test_an_object_read_long_ago_does_not_set_the_moment_back(self, person: Person) -> None:
        stale = person.postings.get()
        person.postings.update(rank="乡科级正职")
        stale.title = "科长"
        stale.save()  # writes every column, the old rank and the old moment, too
        (corrected, back) = PastPosting.objects.all()
        assert (corrected.rank, back.rank) == ("乡科级副职", "乡科级正职")
        assert Posting.objects.get().recorded_at == back.superseded_at >= corrected.superseded_at

    def test_a_moment_is_not_forged(self, person: Person) -> None:
        person.postings.update(recorded_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        Person.objects.update(service_recorded_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        assert Posting.objects.get().recorded_at is None
        assert Person.objects.get().service_recorded_at is None
        person.postings.update(rank="乡科级正职", recorded_at=None)
        assert Posting.objects.get().recorded_at is not None

    def test_a_clock_that_is_set_back_does_not_set_a_row_back(self, person: Person) -> None:
        ahead = timezone.now() + dt.timedelta(hours=5)
        later = person.postings.create(unit=person.unit, from_on=ON, is_principal=False, recorded_at=ahead)
        Posting.objects.filter(pk=later.pk).update(rank="乡科级正职")
        Posting.objects.filter(pk=later.pk).delete()
        assert [one.superseded_at for one in PastPosting.objects.all()] == [ahead, ahead]

    def test_a_deleted_row_is_kept_and_one_that_comes_again_is_later_knowledge(self, person: Person) -> None:
        posting = person.postings.get()
        posting.delete()
        assert PastPosting.objects.get().rank == "乡科级副职"
        again = person.postings.create(unit=person.unit, rank="乡科级副职", from_on=posting.from_on)
        again.refresh_from_db()
        assert again.recorded_at is not None

    def test_dates_of_service_keep_their_past(self, person: Person) -> None:
        Person.objects.filter(pk=person.pk).update(left_on=ON)
        Person.objects.filter(pk=person.pk).update(joined_on=dt.date(2017, 1, 1))
        first, second = PastService.objects.all()
        person.refresh_from_db()
        assert (first.joined_on, first.left_on, first.recorded_at) == (dt.date(2018, 7, 1), None, None)
        assert (second.left_on, second.recorded_at) == (ON, first.superseded_at)
        assert person.service_recorded_at == second.superseded_at

    @pytest.mark.parametrize("table", ["people_pastposting", "people_pastservice"])
    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET superseded_at = '2020-01-01'"])
    def test_the_past_is_append_only(self, person: Person, table: str, statement: str) -> None:
        person.postings.update(rank="乡科级正职")
        Person.objects.update(left_on=ON)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))

    @pytest.mark.django_db(transaction=True)
    def test_the_migration_can_be_taken_back_and_made_again(self, person: Person) -> None:
        columns = ("person_id", "unit_id", "rank", "grade", "from_on", "to_on", "is_principal", "promoted")
        keeping = KeepPast("people_posting", "people_pastposting", key="posting_id", columns=columns, group="person_id")
        with connection.schema_editor() as editor:
            keeping.database_backwards("people", editor, None, None)
        person.postings.update(rank="乡科级正职")
        assert not PastPosting.objects.exists()
        with connection.schema_editor() as editor:
            keeping.database_forwards("people", editor, None, None)
        person.postings.update(rank="县处级副职")
        assert PastPosting.objects.get().rank == "乡科级正职"


class TestEveryWayToWrite:
    def test_by_hand(self, person: Person, department: Account) -> None:
        moments = [moment()]
        answers = [(ranks_at(None, person), service_at(None, person.pk))]

        def then() -> None:
            moments.append(moment())
            answers.append((ranks_at(None, person), service_at(None, person.pk)))

        actions.promote(person, by=department, from_on=dt.date(2025, 9, 1), rank="乡科级正职")
        then()
        actions.correct_person(person, by=department, joined_on=dt.date(2018, 6, 1))
        then()
        actions.end_service(person, last_day=dt.date(2026, 4, 30), retired=True, by=department)
        then()
        actions.add_posting(person, person.unit, by=department, from_on=dt.date(2026, 5, 4), rank="乡科级正职")
        then()
        actions.close_posting(person.postings.get(to_on=None), to_on=dt.date(2026, 6, 1), by=department)
        then()
        assert [(ranks_at(one, person), service_at(one, person.pk)) for one in moments] == answers
        assert len({str(one) for one in answers}) == len(answers)

    @pytest.mark.usefixtures("unit")
    def test_a_roster_and_its_undoing_are_both_later_knowledge(
        self, city: Unit, department: Account, run_jobs: Run
    ) -> None:
        first = row("韦青", 1, 任现职时间="2024-01-01")
        brought_in([first], department, city, run_jobs)
        person = Person.objects.get()
        moments = [moment()]
        answers = [ranks_at(None, person)]
        moved = brought_in([first | {"职务层次": "县处级副职"}], department, city, run_jobs, on=NEXT)
        moments.append(moment())
        answers.append(ranks_at(None, person))
        actions.start_rolling_back(moved, by=department)
        run_jobs()
        assert ranks_at(None, person) == answers[0] != answers[1]
        assert [ranks_at(one, person) for one in moments] == answers

    @pytest.mark.usefixtures("unit")
    def test_whom_an_undone_roster_takes_out_was_on_record_between(
        self, city: Unit, department: Account, run_jobs: Run
    ) -> None:
        before = moment()
        roster = brought_in([row("韦青", 1)], department, city, run_jobs)
        key = Person.objects.get().pk
        between = moment()
        assert list(on_record_at(Person.objects.all(), between)) != []
        assert list(on_record_at(Person.objects.all(), before)) == []
        assert list(taken_out_since(between)) == []
        actions.start_rolling_back(roster, by=department)
        run_jobs()
        assert not Person.objects.exists()
        assert [one.person_id for one in taken_out_since(between)] == [key]
        assert list(taken_out_since(before)) == list(taken_out_since(timezone.now())) == []


class TestCorrections:
    """The same in words: what became known after a moment, about which days."""

    @pytest.fixture(autouse=True)
    def _in_english(self) -> object:
        with translation.override("en"):
            yield

    def told(
        self, person: Person, since: dt.datetime | None = None, on: dt.date = ON, until: dt.date = dt.date.max
    ) -> list[str]:
        return [one.what for one in corrections_of([person.pk], since, on, until).get(person.pk, [])]

    def test_by_hand(self, person: Person, department: Account) -> None:
        assert self.told(person) == []
        actions.correct_person(person, by=department, joined_on=dt.date(2018, 6, 1), phone="13900000000")
        actions.add_posting(person, person.unit, by=department, from_on=dt.date(2025, 9, 1), rank="乡科级正职")
        before_the_end = moment()
        actions.end_service(person, last_day=dt.date(2026, 2, 27), retired=True, by=department)
        last = ["Last day of service: — → 2026-02-27", "post ended on 2026-02-27"]
        assert sorted(self.told(person)) == [
            "Joined: 2018-07-01 → 2018-06-01",
            last[0],
            "post ended on 2025-08-31",
            last[1],
            "post entered, from 2025-09-01 乡科级正职",
        ]
        assert sorted(self.told(person, before_the_end)) == last
        assert self.told(person, timezone.now()) == []

    def test_what_touches_no_day_asked_about_is_not_told(self, person: Person, department: Account) -> None:
        actions.add_posting(person, person.unit, by=department, from_on=dt.date(2025, 9, 1), rank="乡科级正职")
        actions.end_service(person, last_day=dt.date(2026, 2, 27), retired=True, by=department)
        assert self.told(person, on=dt.date(2025, 8, 31), until=dt.date(2025, 12, 31)) == []

    @pytest.mark.usefixtures("unit")
    def test_a_roster_and_one_taken_back(self, city: Unit, department: Account, run_jobs: Run) -> None:
        first = row("韦青", 1, 任现职时间="2024-01-01")
        brought_in([first], department, city, run_jobs)
        person = Person.objects.get()
        assert self.told(person) == ["entered on record"]
        before = moment()
        moved = brought_in([first | {"职务层次": "乡科级副职"}], department, city, run_jobs, on=NEXT)
        forth = self.told(person, before, NEXT)
        after = moment()
        actions.start_rolling_back(moved, by=department)
        run_jobs()
        back = self.told(person, after, NEXT)
        assert sorted(forth) == ["post ended on 2026-03-01", "post entered, from 2026-03-02 乡科级副职"]
        assert sorted(back) == [
            "post open again, from 2024-01-01 乡科级正职",
            "post taken back, from 2026-03-02 乡科级副职",
        ]

    def test_a_correction(self, person: Person) -> None:
        person.postings.update(rank="", grade="一级主任科员", to_on=dt.date(2026, 2, 1))
        assert self.told(person) == [
            "post corrected (Rank: 乡科级副职 → —；Grade: — → 一级主任科员)；post ended on 2026-02-01"
        ]
