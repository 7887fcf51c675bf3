"""Outside training: entered by the unit or the department, in the ledger once the department approves."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from tests.obligations.texts import CITY
from zhixing.base import audit
from zhixing.base.models import Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.obligations.actions import (
    Measured,
    NewExternalTraining,
    approve_external,
    record_external,
    refuse_external,
    sign_policy,
)
from zhixing.obligations.models import Channel, Entry, ExternalTraining
from zhixing.people.models import Account, Person, Role, Unit

pytestmark = pytest.mark.django_db
State = ExternalTraining.State


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit(parent=city))


@pytest.fixture
def liaison(person: Person) -> Account:
    return make_account(Role.LIAISON, person.unit)


def wanted(person: Person, **fields: object) -> NewExternalTraining:
    given = {
        "title": "省管干部进修班",
        "began_on": dt.date(2026, 3, 2),
        "ended_on": dt.date(2026, 3, 27),
        "tenths": 1600,
        "channel": Channel.OFFJOB,
        "organiser": "省委组织部",
        "certificate": "省字第8号",
    }
    return NewExternalTraining(person=person, **{**given, **fields})  # type: ignore[arg-type]


def test_what_a_unit_enters_counts_once_the_department_approves(
    person: Person, liaison: Account, department: Account
) -> None:
    training = record_external(wanted(person), liaison)
    assert (training.state, Entry.objects.count()) == (State.ASKED, 0)
    entry = approve_external(training, department)
    training.refresh_from_db()
    assert (training.state, training.entry, training.decided_by_id) == (State.APPROVED, entry, department.pk)
    assert (entry.person, entry.tenths, entry.earned_on, entry.began_on, entry.channel, entry.source) == (
        person,
        1600,
        dt.date(2026, 3, 27),
        dt.date(2026, 3, 2),
        "offjob",
        "external",
    )
    assert (entry.organiser, entry.certificate) == ("省委组织部", "省字第8号")
    assert [deed.action for deed in audit.trail(training)] == [
        "obligations.external_approved",
        "obligations.external_recorded",
    ]
    assert list(Notice.objects.values_list("kind", "recipient_id")) == [
        ("obligations.external_decided", liaison.pk),
        ("obligations.external_asked", department.pk),
    ]


def test_a_refusal_has_a_reason_and_books_nothing(person: Person, liaison: Account, department: Account) -> None:
    training = record_external(wanted(person), liaison)
    with pytest.raises(Invalid):
        refuse_external(training, " ", department)
    refuse_external(training, "与本市班次重复", department)
    training.refresh_from_db()
    assert (training.state, training.decision_reason, Entry.objects.count()) == (State.REFUSED, "与本市班次重复", 0)
    assert Notice.objects.get(recipient_id=liaison.pk).text == "与本市班次重复"


def test_it_is_decided_once(person: Person, liaison: Account, department: Account) -> None:
    training = record_external(wanted(person), liaison)
    stale = ExternalTraining.objects.get(pk=training.pk)
    approve_external(training, department)
    with pytest.raises(Conflict):
        refuse_external(stale, "太迟", department)
    with pytest.raises(Refused):
        approve_external(ExternalTraining.objects.get(pk=training.pk), department)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"title": " "},
        {"organiser": ""},
        {"ended_on": dt.date(2026, 3, 1)},
        {"began_on": dt.date(2999, 1, 1), "ended_on": dt.date(2999, 1, 2)},
        {"channel": "television"},
        {"tenths": 0},
        {"tenths": 20_001},
    ],
)
def test_a_training_that_cannot_be_is_refused(person: Person, liaison: Account, fields: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        record_external(wanted(person, **fields), liaison)
    assert not ExternalTraining.objects.exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SCHOOL, Role.TEACHER, Role.TRAINEE])
def test_others_enter_nothing_for_a_person(role: str, person: Person, city: Unit) -> None:
    with pytest.raises(Refused):
        record_external(wanted(person), make_account(role, city, make_person(person.unit)))  # type: ignore[arg-type]


class TestReporting:
    """A person whose record lacks a training says so; the department decides."""

    @pytest.mark.parametrize(("said", "abroad", "shown"), [("yes", True, "是"), ("no", False, "否")])
    def test_whether_it_was_abroad_can_be_said_and_is_shown(
        self, person: Person, client: Client, said: str, abroad: bool, shown: str
    ) -> None:
        client.force_login(make_account(Role.TRAINEE, None, person))
        given = {"title": "班", "organiser": "外专局", "channel": "offjob", "hours": "16", "abroad": said}
        days = {"began_on": "2026-03-02", "ended_on": "2026-03-04"}
        answer = client.post(reverse("obligations:record_external"), given | days)
        assert ExternalTraining.objects.get().abroad is abroad
        assert f"<dt>出国（境）培训</dt><dd>{shown}</dd>" in client.get(answer.url).content.decode()

    def test_a_person_reports_the_own_training_and_the_department_hears(
        self, person: Person, department: Account, client: Client
    ) -> None:
        trainee = make_account(Role.TRAINEE, None, person)
        client.force_login(trainee)
        other = make_person(person.unit)
        given = {
            "title": "省管干部进修班",
            "organiser": "省委组织部",
            "channel": "offjob",
            "hours": "16",
            "began_on": "2026-03-02",
            "ended_on": "2026-03-04",
            "number": other.number,  # the form has no such field: nobody reports for others
        }
        answer = client.post(reverse("obligations:record_external"), given)
        training = ExternalTraining.objects.get()
        assert answer.url == reverse("obligations:external_training", args=[training.pk])
        assert (training.person, training.tenths, training.asked_by_id) == (person, 160, trainee.pk)
        assert not Entry.objects.exists()
        assert Notice.objects.get(kind="obligations.external_asked").recipient_id == department.pk
        assert training.abroad is None
        assert "出国（境）培训" not in client.get(answer.url).content.decode()
        assert "省管干部进修班" in client.get(reverse("obligations:mine")).content.decode()
        approve_external(training, department)
        assert Notice.objects.get(kind="obligations.external_decided").recipient_id == trainee.pk
        assert Entry.objects.get().person == person

    def test_nobody_decides_about_themselves(self, person: Person, city: Unit, department: Account) -> None:
        judge = make_account(Role.DEPARTMENT, city, person)
        training = record_external(wanted(person), judge)
        with pytest.raises(Refused):
            approve_external(training, judge)
        approve_external(training, department)

    def test_a_person_sees_the_own_reports_and_no_others(
        self, person: Person, liaison: Account, client: Client
    ) -> None:
        mine, other = record_external(wanted(person), liaison), make_person(person.unit)  # type: ignore[arg-type]
        theirs = record_external(wanted(other, title="别人的班", certificate=""), liaison)
        client.force_login(make_account(Role.TRAINEE, None, person))
        listed = client.get(reverse("obligations:external")).content.decode()
        assert mine.title in listed
        assert theirs.title not in listed
        statuses = [
            client.get(reverse("obligations:external_training", args=[one.pk])).status_code for one in (mine, theirs)
        ]
        assert statuses == [200, 404]

    def test_who_is_no_person_of_the_roster_reports_nothing(self, city: Unit, client: Client) -> None:
        client.force_login(make_account(Role.SCHOOL, city))
        assert client.get(reverse("obligations:record_external")).status_code == 403


def test_a_unit_enters_nothing_for_another(person: Person, city: Unit) -> None:
    with pytest.raises(Refused):
        record_external(wanted(person), make_account(Role.LIAISON, make_unit(parent=city)))


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.SCHOOL, Role.TEACHER])
def test_only_the_department_decides(role: str, person: Person, city: Unit, liaison: Account) -> None:
    training = record_external(wanted(person), liaison)
    stranger = make_account(role, city)
    for decide in (lambda: approve_external(training, stranger), lambda: refuse_external(training, "x", stranger)):
        with pytest.raises(Refused):
            decide()


def test_a_department_decides_nothing_outside_its_subtree(person: Person, city: Unit, liaison: Account) -> None:
    training = record_external(wanted(person), liaison)
    with pytest.raises(Refused):
        approve_external(training, make_account(Role.DEPARTMENT, make_unit(parent=city)))


class TestRecognition:
    """Hours that nobody stated follow from the table of the policy in force."""

    TABLE = """
[[recognition]]
code = "party-school"
title = "党校培训"
channel = "offjob"
by = "days"
value = 6
split_years = true
[[recognition]]
code = "degree"
title = "在职学历"
channel = "self_study"
by = "pieces"
levels = { "一年" = 24 }
most_a_year = 24
[[recognition]]
code = "micro"
title = "微课"
channel = "online"
by = "minutes"
steps = [[1, 0.25], [16, 0.5], [30, 1]]
"""

    @pytest.fixture(autouse=True)
    def _policy(self, department: Account) -> None:
        sign_policy(CITY.replace("2026-01-01", "2020-01-01") + self.TABLE, department)

    def test_days_become_hours_and_a_class_run_over_new_year_is_split(
        self, person: Person, department: Account
    ) -> None:
        over = wanted(
            person,
            began_on=dt.date(2025, 12, 29),
            ended_on=dt.date(2026, 1, 2),
            tenths=0,
            channel=Channel.ONLINE,
            measured=Measured("party-school", Fraction(5)),
        )
        training = record_external(over, department)
        assert (training.tenths, training.channel) == (300, Channel.OFFJOB)
        assert training.recognition["parts"] == [["2025-12-31", 180, 1800], ["2026-01-02", 120, 1200]]
        entry = approve_external(training, department)
        rows = Entry.objects.order_by("earned_on").values_list("earned_on", "tenths", "source_key")
        assert list(rows) == [
            (dt.date(2025, 12, 31), 180, f"external:{training.pk}:2025"),
            (dt.date(2026, 1, 2), 120, f"external:{training.pk}"),
        ]
        assert entry.tenths == 120

    @pytest.mark.parametrize(
        ("channel", "booked"),
        [(Channel.OFFJOB, [("2025-12-31", 240), ("2026-01-02", 160)]), (Channel.ONLINE, [("2026-01-02", 400)])],
    )
    def test_stated_hours_over_new_year_are_split_where_the_table_splits_such_trainings(
        self, channel: str, booked: list[tuple[str, int]], person: Person, department: Account, client: Client
    ) -> None:
        days = {"began_on": dt.date(2025, 12, 29), "ended_on": dt.date(2026, 1, 2)}
        training = record_external(wanted(person, **days, tenths=400, channel=channel), department)
        client.force_login(department)
        page = client.get(reverse("obligations:external_training", args=(training.pk,))).content.decode()
        assert ("2025-12-31：24 学时" in page) == (len(booked) == 2)
        assert training.tenths == 400
        approve_external(training, department)
        rows = person.entries.order_by("earned_on").values_list("earned_on", "tenths")
        assert [(str(day), tenths) for day, tenths in rows] == booked

    def test_eight_micro_courses_entered_one_by_one_are_two_hours(self, person: Person, department: Account) -> None:
        micro = Measured("micro", Fraction(10))
        trainings = [
            record_external(wanted(person, tenths=0, measured=micro, certificate=""), department) for _ in range(8)
        ]
        for training in trainings:
            approve_external(training, department)
        assert sum(person.entries.values_list("tenths", flat=True)) == 20

    def test_the_tenth_of_a_refused_micro_course_goes_to_the_next(self, person: Person, department: Account) -> None:
        micro = wanted(person, tenths=0, measured=Measured("micro", Fraction(10)), certificate="")
        first, second = (record_external(micro, department) for _ in range(2))
        assert (first.tenths, second.tenths) == (2, 3)
        refuse_external(first, "没有学完", department)
        assert record_external(micro, department).tenths == 2

    def test_parts_found_before_hundredths_were_kept_get_those_of_their_tenths(
        self, person: Person, department: Account
    ) -> None:
        made = record_external(wanted(person, tenths=0, measured=Measured("micro", Fraction(10))), department)
        ExternalTraining.objects.update(recognition={"kind": "micro", "parts": [["2026-03-27", 2]]})
        for _time in range(2):
            import_module("zhixing.obligations.migrations.0008_exact_parts").add_hundredths(apps, None)
        made.refresh_from_db()
        assert made.recognition["parts"] == [["2026-03-27", 2, 20]]

    def test_what_earlier_trainings_of_the_year_took_is_left_out(self, person: Person, department: Account) -> None:
        degree = Measured("degree", Fraction(1), "一年")
        assert record_external(wanted(person, tenths=0, measured=degree), department).tenths == 240
        with pytest.raises(Invalid):
            record_external(wanted(person, tenths=0, measured=degree), department)

    @pytest.mark.parametrize("known", [Measured("nothing", Fraction(1)), Measured("degree", Fraction(1), "半年")])
    def test_what_the_table_does_not_know_brings_nothing(
        self, known: Measured, person: Person, department: Account
    ) -> None:
        with pytest.raises(Invalid):
            record_external(wanted(person, tenths=0, measured=known), department)
        assert not ExternalTraining.objects.exists()

    def test_an_example_of_another_place_is_not_signed(self, department: Account) -> None:
        with pytest.raises(Invalid):
            sign_policy(CITY.replace('code = "city-2026"', 'code = "x"\nexample = true'), department)

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"kind": "party-school", "amount": "2.5"}, 302),
            ({"hours": "15"}, 302),
            ({}, 422),
            ({"kind": "degree"}, 422),
        ],
    )
    def test_the_form_takes_hours_or_what_makes_them(
        self, given: dict[str, str], status: int, person: Person, department: Account, client: Client
    ) -> None:
        client.force_login(department)
        usual = {"number": person.number, "title": "班", "organiser": "部", "channel": "offjob"}
        days = {"began_on": "2026-03-02", "ended_on": "2026-03-04"}
        response = client.post(reverse("obligations:record_external"), {**usual, **days, **given})
        assert response.status_code == status
        assert list(ExternalTraining.objects.values_list("tenths", flat=True)) == ([150] if status == 302 else [])
