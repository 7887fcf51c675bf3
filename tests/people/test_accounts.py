"""Accounts: made, changed and switched off by the department of their subtree; one-time passwords are shown once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from tests.people.rosters import id_number
from zhixing.base import files
from zhixing.base.models import AuditEntry, Job, StoredFile
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.base.tables.read import read_sheet
from zhixing.people import actions, queries
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
Run = Callable[[], int]


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def county(city: Unit) -> Unit:
    return make_unit("北泽县", city)


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def test_a_new_account_opens_with_its_one_time_password_only(county: Unit, department: Account) -> None:
    account, password = actions.create_account(
        by=department, username="bei", name="联络员", role=Role.LIAISON, scope_unit=county
    )
    assert account.must_change_password
    assert account.check_password(password)
    assert len(password) == 14
    assert password not in str(list(AuditEntry.objects.values()))


def test_a_user_name_is_taken_once_and_is_never_an_id_number(county: Unit, department: Account) -> None:
    make = {"by": department, "name": "甲", "role": Role.LIAISON, "scope_unit": county}
    actions.create_account(username="bei", **make)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        actions.create_account(username="bei", **make)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        actions.create_account(username=id_number(1), **make)  # type: ignore[arg-type]


def test_a_reset_gives_another_one_time_password(county: Unit, department: Account) -> None:
    account = make_account(Role.LIAISON, county)
    password = actions.reset_password(account, by=department)
    account.refresh_from_db()
    assert account.check_password(password)
    assert account.must_change_password


def test_switching_off_and_on_happens_once(county: Unit, department: Account) -> None:
    account = make_account(Role.LIAISON, county)
    actions.switch_off_account(account, by=department)
    with pytest.raises(Conflict):
        actions.switch_off_account(account, by=department)
    account.refresh_from_db()
    with pytest.raises(Refused):
        actions.reset_password(account, by=department)
    actions.switch_on_account(account, by=department)
    with pytest.raises(Conflict):
        actions.switch_on_account(account, by=department)


def test_nobody_locks_the_own_door(city: Unit, department: Account) -> None:
    with pytest.raises(Refused):
        actions.switch_off_account(department, by=department)
    with pytest.raises(Refused):
        actions.reset_password(department, by=department)
    with pytest.raises(Invalid):
        actions.edit_account(
            department, by=department, name="陈", email="", role=Role.AUDITOR, scope_unit=city, one_session=False
        )


def test_a_trainees_account_needs_a_person(county: Unit, department: Account) -> None:
    account = make_account(Role.LIAISON, county)
    with pytest.raises(Invalid):
        actions.edit_account(
            account, by=department, name="甲", email="", role=Role.TRAINEE, scope_unit=None, one_session=False
        )


def test_one_session_is_asked_by_a_switch(county: Unit, department: Account) -> None:
    account = make_account(Role.LIAISON, county)
    actions.edit_account(
        account, by=department, name="甲", email="a@example.org", role=Role.AUDITOR, scope_unit=county, one_session=True
    )
    account.refresh_from_db()
    assert (account.name, account.role, account.one_session) == ("甲", Role.AUDITOR, True)


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.AUDITOR])
def test_only_the_department_administers_accounts(city: Unit, county: Unit, role: str) -> None:
    stranger, account = make_account(role, city), make_account(Role.LIAISON, county)
    with pytest.raises(Refused):
        actions.create_account(by=stranger, username="x", name="x", role=Role.LIAISON, scope_unit=county)
    with pytest.raises(Refused):
        actions.reset_password(account, by=stranger)
    with pytest.raises(Refused):
        actions.switch_off_account(account, by=stranger)
    with pytest.raises(Refused):
        actions.start_bulk_accounts(county, Role.TRAINEE, by=stranger)


def test_a_county_neither_sees_nor_touches_accounts_above_it(city: Unit, county: Unit, department: Account) -> None:
    administrator = make_department(county)
    teacher = make_account(Role.TEACHER)
    mine = make_account(Role.TRAINEE, person=make_person(make_unit("县局", county)))
    assert set(queries.accounts_for(administrator)) == {administrator, mine}
    assert teacher in queries.accounts_for(department)
    with pytest.raises(NotFound):
        queries.account_for(administrator, department.pk)
    with pytest.raises(Refused):
        actions.reset_password(department, by=administrator)
    with pytest.raises(Refused):
        actions.create_account(by=administrator, username="x", name="x", role=Role.DEPARTMENT, scope_unit=city)
    with pytest.raises(Refused):
        actions.edit_account(
            mine, by=administrator, name="x", email="", role=Role.LIAISON, scope_unit=city, one_session=False
        )


def test_trainees_get_accounts_in_bulk_and_the_sheet_once(county: Unit, department: Account, run_jobs: Run) -> None:
    people = [make_person(county) for _ in range(3)]
    make_account(Role.TRAINEE, person=people[0])
    make_person(county, status="left")
    job = actions.start_bulk_accounts(county, Role.TRAINEE, by=department)
    run_jobs()
    stored = StoredFile.objects.get(kind="slips")
    assert b"PK" not in files.path_of(stored).read_bytes()[:8]
    table = read_sheet(actions.take_slips(str(job.pk), by=department), "accounts.xlsx").rows
    assert [line[2] for line in table[1:]] == [people[1].number, people[2].number]
    assert Account.objects.get(username=people[1].number).check_password(table[1][3])
    with pytest.raises(Conflict):
        actions.take_slips(str(job.pk), by=department)


def test_each_unit_without_a_liaison_gets_one_in_bulk(
    city: Unit, county: Unit, department: Account, run_jobs: Run
) -> None:
    below, closed = make_unit("县局", county), make_unit("旧局", county, closed_on="2020-01-01")
    make_account(Role.LIAISON, county)
    actions.start_bulk_accounts(city, Role.LIAISON, by=department)
    run_jobs()
    made = Account.objects.filter(role=Role.LIAISON, must_change_password=True)
    assert {account.scope_unit for account in made} == {city, below}
    assert closed not in {account.scope_unit for account in made}


def test_the_sheet_is_for_whoever_ordered_it(city: Unit, county: Unit, department: Account, run_jobs: Run) -> None:
    make_person(county)
    job = actions.start_bulk_accounts(county, Role.TRAINEE, by=department)
    run_jobs()
    with pytest.raises(NotFound):
        actions.take_slips(str(job.pk), by=make_department(city))


def test_a_taken_user_name_leaves_no_account_of_the_bulk(county: Unit, department: Account, run_jobs: Run) -> None:
    people = [make_person(county) for _ in range(2)]
    make_account(Role.LIAISON, county, username=people[1].number)
    job = actions.start_bulk_accounts(county, Role.TRAINEE, by=department)
    run_jobs()
    assert Job.objects.get(pk=job.pk).state == Job.State.FAILED
    assert not Account.objects.filter(username=people[0].number).exists()


def test_the_page_shows_a_one_time_password_and_forbids_keeping_it(
    client: Client, county: Unit, department: Account
) -> None:
    client.force_login(department)
    form = {"username": "bei", "name": "联络员", "role": Role.LIAISON, "scope_unit": county.pk}
    page = client.post("/people/accounts/new/", form)
    account = Account.objects.get(username="bei")
    shown = page.content.decode().split('id="password">')[1].split("<")[0]
    assert account.check_password(shown)
    assert "no-store" in page.headers["Cache-Control"]
    again = client.post(f"/people/accounts/{account.pk}/password/")
    account.refresh_from_db()
    assert account.check_password(again.content.decode().split('id="password">')[1].split("<")[0])


def test_deeds_on_accounts_go_through_their_pages(
    client: Client, county: Unit, department: Account, run_jobs: Run
) -> None:
    client.force_login(department)
    person = make_person(county)
    form = {"username": person.number, "name": person.name, "role": Role.TRAINEE}
    assert client.get(f"/people/accounts/new/?person={person.pk}").status_code == 200
    assert client.post(f"/people/accounts/new/?person={person.pk}", form).status_code == 200
    account = Account.objects.get(person=person)
    assert client.post(f"/people/accounts/new/?person={person.pk}", form).status_code == 422
    url = f"/people/accounts/{account.pk}/"
    edit = {"name": "韦青", "role": Role.LIAISON, "scope_unit": county.pk, "one_session": "on"}
    assert client.post(f"{url}edit/", edit | {"scope_unit": ""}).status_code == 422
    assert client.post(f"{url}edit/", edit).headers["Location"] == url
    assert client.post(f"{url}switch/0/").headers["Location"] == url
    assert "停用" in client.get(url).content.decode()
    assert client.post(f"{url}switch/1/").headers["Location"] == url
    account.refresh_from_db()
    assert (account.role, account.one_session, account.is_active) == (Role.LIAISON, True, True)


def test_the_page_of_a_bulk_waits_hands_out_once_and_says_so(
    client: Client, county: Unit, department: Account, run_jobs: Run
) -> None:
    client.force_login(department)
    make_person(county)
    url = client.post("/people/accounts/bulk/", {"unit": county.pk, "role": Role.TRAINEE}).headers["Location"]
    assert "zx-job" in client.get(url).content.decode()
    run_jobs()
    assert client.get(url).status_code == 200
    sheet = client.post(url)
    assert sheet.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in sheet.headers["Cache-Control"]
    assert client.post(url).status_code == 409
    client.force_login(make_account(Role.AUDITOR, county))
    assert client.get(url).status_code == 404


def test_a_bulk_without_anybody_left_makes_nothing(county: Unit, department: Account, run_jobs: Run) -> None:
    job = actions.start_bulk_accounts(county, Role.TRAINEE, by=department)
    run_jobs()
    assert Job.objects.get(pk=job.pk).result == {"accounts": 0}
    assert not StoredFile.objects.filter(kind="slips").exists()
