"""Postings: a new post closes the old one, several run at once, and every day can be asked about."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.sealed import unseal
from zhixing.engine.sheets.identity import check_digit
from zhixing.people import actions
from zhixing.people.models import Account, Person, Posting, Role, Unit
from zhixing.people.signals import persons_changed

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 1)
ID_NUMBER = f"11010519800307231{check_digit('11010519800307231')}"
WRONG = ID_NUMBER[:-1] + ("1" if ID_NUMBER[-1] != "1" else "2")


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit("财政局", city), rank="乡科级副职", grade="三级主任科员")


def held(person: Person) -> list[tuple[str, str, dt.date, dt.date | None]]:
    return [(p.unit.name, p.rank, p.from_on, p.to_on) for p in person.postings.order_by("from_on", "id")]


def test_a_new_principal_post_closes_the_old_one_the_day_before(
    city: Unit, department: Account, person: Person
) -> None:
    other = make_unit("审计局", city)
    actions.add_posting(person, other, by=department, from_on=DAY, rank="乡科级正职", title="科长")
    assert held(person) == [
        ("财政局", "乡科级副职", dt.date(2018, 7, 1), dt.date(2026, 2, 28)),
        ("审计局", "乡科级正职", DAY, None),
    ]
    person.refresh_from_db()
    assert (person.unit, person.rank, person.title) == (other, "乡科级正职", "科长")


def test_a_second_post_runs_beside_the_principal_one(city: Unit, department: Account, person: Person) -> None:
    actions.add_posting(
        person, make_unit("领导小组", city), by=department, from_on=DAY, is_principal=False, title="成员"
    )
    assert [end for *_, end in held(person)] == [None, None]
    person.refresh_from_db()
    assert person.unit is not None
    assert person.unit.name == "财政局"


def test_a_post_of_the_past_leaves_the_present_one_alone(city: Unit, department: Account, person: Person) -> None:
    start, end = dt.date(2019, 1, 1), dt.date(2019, 12, 31)
    actions.add_posting(person, make_unit("镇", city), by=department, from_on=start, to_on=end, is_principal=False)
    assert Posting.objects.filter(person=person).in_force(dt.date(2019, 6, 1)).count() == 2
    assert Posting.objects.filter(person=person).in_force(dt.date(2020, 1, 1)).count() == 1


def test_a_promotion_is_a_new_posting_that_says_so(department: Account, person: Person) -> None:
    posting = actions.promote(person, by=department, from_on=DAY, rank="乡科级正职", title="科长")
    assert posting.promoted
    assert posting.rank_since == DAY
    assert posting.grade == "三级主任科员"
    person.refresh_from_db()
    assert person.rank == "乡科级正职"


def test_a_rise_in_grade_alone_is_no_promotion_to_a_leading_post(department: Account, person: Person) -> None:
    posting = actions.promote(person, by=department, from_on=DAY, grade="二级主任科员")
    assert not posting.promoted
    assert posting.grade_since == DAY


def test_what_does_not_rise_is_no_promotion(department: Account, person: Person) -> None:
    with pytest.raises(Invalid):
        actions.promote(person, by=department, from_on=DAY, rank="乡科级副职")
    with pytest.raises(Invalid):
        actions.promote(person, by=department, from_on=DAY, grade="四级主任科员")


def test_a_posting_is_closed_once(department: Account, person: Person) -> None:
    posting = person.postings.get()
    actions.close_posting(posting, to_on=DAY, by=department)
    with pytest.raises(Conflict):
        actions.close_posting(posting, to_on=DAY, by=department)


@pytest.mark.parametrize(
    ("from_on", "to_on"),
    [(dt.date(2999, 1, 1), None), (DAY, dt.date(2026, 2, 1)), (dt.date(2010, 1, 1), None)],
    ids=["future", "ends before it begins", "before joining"],
)
def test_impossible_days_are_refused(
    city: Unit, department: Account, person: Person, from_on: dt.date, to_on: dt.date | None
) -> None:
    with pytest.raises(Invalid):
        actions.add_posting(person, city, by=department, from_on=from_on, to_on=to_on)


def test_an_unknown_rank_is_refused(city: Unit, department: Account, person: Person) -> None:
    with pytest.raises(Invalid):
        actions.add_posting(person, city, by=department, from_on=DAY, rank="大官")


def test_a_closed_unit_takes_nobody(city: Unit, department: Account, person: Person) -> None:
    with pytest.raises(Refused):
        actions.add_posting(person, make_unit("旧局", city, closed_on=DAY), by=department, from_on=DAY)


def test_whoever_listens_hears_which_persons_changed(city: Unit, department: Account, person: Person) -> None:
    heard: list[int] = []

    def listen(sender: object, person_ids: list[int], **_kwargs: object) -> None:
        heard.extend(person_ids)

    persons_changed.connect(listen)
    try:
        actions.promote(person, by=department, from_on=DAY, rank="乡科级正职")
        actions.correct_person(person, by=department, phone="13800000000")
    finally:
        persons_changed.disconnect(listen)
    assert heard == [person.pk, person.pk]


def test_a_correction_is_audited_by_field_and_never_by_value(department: Account, person: Person) -> None:
    actions.correct_person(person, by=department, phone="13812345678", id_number=ID_NUMBER)
    entry = AuditEntry.objects.get(action="people.person_corrected")
    assert entry.details == {"fields": ["phone", "id_number"]}
    person.refresh_from_db()
    assert unseal(person.id_sealed) == ID_NUMBER
    assert (person.sex, person.born_on) == ("m", dt.date(1980, 3, 7))


def test_a_correction_that_changes_nothing_leaves_no_trace(department: Account, person: Person) -> None:
    actions.correct_person(person, by=department, phone=person.phone)
    assert not AuditEntry.objects.filter(action="people.person_corrected").exists()


def test_a_wrong_id_number_is_refused(department: Account, person: Person) -> None:
    with pytest.raises(Invalid):
        actions.correct_person(person, by=department, id_number=WRONG)


def test_two_people_never_share_an_id_number_or_a_staff_number(city: Unit, department: Account, person: Person) -> None:
    actions.correct_person(person, by=department, id_number=ID_NUMBER)
    with pytest.raises(Invalid):
        actions.add_person(unit=city, by=department, name="乙", number="N2", from_on=DAY, id_number=ID_NUMBER)
    with pytest.raises(Invalid):
        actions.add_person(unit=city, by=department, name="乙", number=person.number, from_on=DAY)


def test_a_person_entered_by_hand_holds_the_first_post(city: Unit, department: Account) -> None:
    person = actions.add_person(
        unit=city, by=department, name="韦青", number="N9", from_on=DAY, rank="乡科级正职", title="主任"
    )
    assert held(person) == [("云岚市", "乡科级正职", DAY, None)]
    assert person.joined_on == DAY
    assert person.rank == "乡科级正职"


def test_whoever_retires_keeps_the_last_unit_and_ends_every_post(department: Account, person: Person) -> None:
    actions.end_service(person, last_day=DAY, retired=True, by=department)
    person.refresh_from_db()
    assert (person.status, person.left_on) == (Person.Status.RETIRED, DAY)
    assert [end for *_, end in held(person)] == [DAY]
    assert person.unit is not None
    with pytest.raises(Conflict):
        actions.end_service(person, last_day=DAY, retired=True, by=department)


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.AUDITOR])
def test_only_the_department_writes_about_people(city: Unit, person: Person, role: str) -> None:
    stranger = make_account(role, city)
    with pytest.raises(Refused):
        actions.correct_person(person, by=stranger, phone="1")
    with pytest.raises(Refused):
        actions.add_posting(person, city, by=stranger, from_on=DAY)
    with pytest.raises(Refused):
        actions.end_service(person, last_day=DAY, retired=False, by=stranger)
    with pytest.raises(Refused):
        actions.add_person(unit=city, by=stranger, name="乙", number="N", from_on=DAY)


def test_a_county_writes_only_about_its_own_people(city: Unit, person: Person) -> None:
    administrator = make_department(make_unit("北泽县", city))
    with pytest.raises(Refused):
        actions.correct_person(person, by=administrator, phone="1")
    with pytest.raises(Refused):
        actions.close_posting(person.postings.get(), to_on=DAY, by=administrator)


def test_readings_of_a_record_are_kept_and_the_own_one_is_not(city: Unit, department: Account, person: Person) -> None:
    actions.record_reading(person, department, "person")
    actions.record_reading(person, make_account(Role.TRAINEE, person=person), "person")
    assert [(r.reader, r.page) for r in person.readings.all()] == [(department, "person")]


def test_a_service_ends_by_its_last_day_and_not_by_a_word(department: Account, person: Person) -> None:
    actions.correct_person(person, by=department, status=Person.Status.SECONDED)
    person.refresh_from_db()
    assert person.status == Person.Status.SECONDED
    with pytest.raises(Invalid):
        actions.correct_person(person, by=department, status=Person.Status.RETIRED)
    actions.end_service(person, last_day=DAY, retired=True, by=department)
    person.refresh_from_db()
    with pytest.raises(Invalid):
        actions.correct_person(person, by=department, status=Person.Status.SERVING)


def test_whoever_had_left_is_back_with_a_new_post(city: Unit, department: Account, person: Person) -> None:
    actions.end_service(person, last_day=DAY, retired=False, by=department)
    with pytest.raises(Invalid):
        actions.add_posting(person, city, by=department, from_on=DAY)
    actions.add_posting(person, city, by=department, from_on=DAY + dt.timedelta(days=31))
    person.refresh_from_db()
    assert (person.status, person.left_on, person.unit) == (Person.Status.SERVING, None, city)
