"""The hours ledger: booked once, never changed, cancelled by a second line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_unit
from zhixing.base import audit
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.obligations.actions import NewCredit, post_credit, post_credits, reverse_entry
from zhixing.obligations.models import Channel, Entry
from zhixing.people.models import Account, Person, Role, Unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 8)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit(parent=city))


def credit(person: Person, key: str | None = "register:1:1", **fields: object) -> NewCredit:
    given = {
        "earned_on": DAY,
        "tenths": 300,
        "channel": Channel.OFFJOB,
        "title": "科级干部进修班",
        "source": "attendance",
    }
    return NewCredit(person_id=person.pk, source_key=key, **{**given, **fields})  # type: ignore[arg-type]


def test_a_booked_line_keeps_every_field(person: Person, department: Account) -> None:
    entry = post_credit(
        credit(person, began_on=dt.date(2026, 5, 4), organiser="市委组织部", institution="市委党校", certificate="证1"),
        department,
    )
    entry.refresh_from_db()
    assert (entry.person, entry.tenths, entry.earned_on, entry.began_on) == (person, 300, DAY, dt.date(2026, 5, 4))
    assert (entry.organiser, entry.institution, entry.certificate) == ("市委组织部", "市委党校", "证1")
    assert (entry.recorded_by_id, entry.result, entry.reverses) == (department.pk, Entry.Result.COMPLETED, None)
    assert abs((dt.datetime.now(dt.UTC) - entry.recorded_at).total_seconds()) < 60


def test_the_same_deed_is_booked_once(person: Person, department: Account) -> None:
    assert post_credits([credit(person), credit(person, "register:1:2")], department) == 2
    assert post_credits([credit(person), credit(person, "register:1:3")], department) == 1
    assert post_credit(credit(person, tenths=999), department).tenths == 300
    assert Entry.objects.count() == 3


def test_lines_without_a_key_are_booked_each_time(person: Person, department: Account) -> None:
    first, second = (post_credit(credit(person, None), department) for _ in range(2))
    assert first != second


def test_one_booking_queues_one_refresh_and_one_line_of_the_trail(city: Unit, department: Account) -> None:
    people = [make_person(city) for _ in range(3)]
    post_credits([credit(person, f"k{person.pk}") for person in people], department)
    (job,) = Job.objects.filter(kind="obligations.refresh")
    assert job.arguments == {"person_ids": [person.pk for person in people]}
    (deed,) = audit.trail(Entry.objects.get(source_key=f"k{people[-1].pk}"))
    assert (deed.action, deed.actor_id, deed.details["entries"], deed.details["tenths"]) == (
        "obligations.posted",
        department.pk,
        3,
        900,
    )


def test_nothing_new_asks_for_nothing(person: Person, department: Account) -> None:
    post_credits([credit(person)], department)
    Job.objects.all().delete()
    assert post_credits([credit(person)], department) == 0
    assert post_credits([], department) == 0
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"tenths": -1},
        {"tenths": 20_001},
        {"channel": "television"},
        {"began_on": dt.date(2026, 5, 9)},
        {"result": Entry.Result.ABSENT},
    ],
)
def test_a_line_that_cannot_be_is_refused_whole(person: Person, department: Account, fields: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        post_credits([credit(person, "good"), credit(person, "bad", **fields)], department)
    assert not Entry.objects.exists()


def test_two_lines_of_one_booking_may_not_share_a_key(person: Person, department: Account) -> None:
    with pytest.raises(Invalid):
        post_credits([credit(person), credit(person)], department)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_the_same_deed_at_once_one_is_told(person: Person, on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")

    def second() -> int:
        try:
            return post_credits([credit(person)], None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            post_credits([credit(person)], None)
            waiting = pool.submit(second)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
        with pytest.raises(Conflict):
            waiting.result(timeout=10)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("role", [Role.LIAISON, Role.TEACHER, Role.AUDITOR, Role.TRAINEE])
def test_only_the_department_the_school_and_the_system_book_hours(role: str, person: Person, city: Unit) -> None:
    with pytest.raises(Refused):
        post_credits([credit(person)], make_account(role, city, person if role == Role.TRAINEE else None))
    assert post_credits([credit(person)], make_account(Role.SCHOOL)) == 1
    assert post_credits([credit(person, "by the system")], None) == 1


@pytest.mark.parametrize("statement", ["UPDATE obligations_entry SET tenths = 9999", "DELETE FROM obligations_entry"])
def test_the_database_itself_refuses_to_change_the_ledger(person: Person, statement: str) -> None:
    entry = make_entry(person, DAY, 300)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get().tenths == entry.tenths


def test_a_reversal_leaves_both_versions_with_who_and_why(person: Person, department: Account) -> None:
    entry = make_entry(person, DAY, 300)
    reversal = reverse_entry(entry, "登记错人", department)
    assert (reversal.reverses, reversal.reason, reversal.recorded_by_id) == (entry, "登记错人", department.pk)
    assert (reversal.person_id, reversal.tenths, reversal.source) == (person.pk, 300, Entry.Source.REVERSAL)
    assert Entry.objects.get(pk=entry.pk).tenths == 300
    assert [deed.action for deed in audit.trail(entry)] == ["obligations.reversed"]
    assert Job.objects.get(kind="obligations.refresh").arguments == {"person_ids": [person.pk]}


def test_an_entry_is_cancelled_once(person: Person, department: Account) -> None:
    entry = make_entry(person, DAY, 300)
    reverse_entry(entry, "登记错人", department)
    with pytest.raises(Conflict):
        reverse_entry(entry, "再来一次", department)


def test_a_reversal_cannot_be_cancelled(person: Person, department: Account) -> None:
    reversal = reverse_entry(make_entry(person, DAY, 300), "登记错人", department)
    with pytest.raises(Refused):
        reverse_entry(reversal, "又对了", department)


def test_a_reversal_needs_a_reason(person: Person, department: Account) -> None:
    with pytest.raises(Invalid):
        reverse_entry(make_entry(person, DAY, 300), "  ", department)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.TEACHER, Role.AUDITOR, Role.TRAINEE])
def test_others_cancel_nothing(role: str, person: Person, city: Unit) -> None:
    with pytest.raises(Refused):
        reverse_entry(
            make_entry(person, DAY, 300), "x", make_account(role, city, person if role == Role.TRAINEE else None)
        )


def test_a_department_cancels_nothing_outside_its_own_subtree(person: Person, city: Unit) -> None:
    elsewhere = make_account(Role.DEPARTMENT, make_unit(parent=city))
    with pytest.raises(Refused):
        reverse_entry(make_entry(person, DAY, 300), "x", elsewhere)


def test_a_school_cancels_what_its_registers_brought_and_nothing_else(person: Person) -> None:
    school = make_account(Role.SCHOOL)
    reverse_entry(make_entry(person, DAY, 300, source="attendance"), "考勤更正", school)
    with pytest.raises(Refused):
        reverse_entry(make_entry(person, DAY, 300, source=Entry.Source.EXTERNAL), "考勤更正", school)


def test_the_system_cancels_what_an_upper_app_asks(person: Person, run_jobs: Callable[[], int]) -> None:
    assert reverse_entry(make_entry(person, DAY, 300), "退学", None).recorded_by_id is None
    assert run_jobs() == 1
