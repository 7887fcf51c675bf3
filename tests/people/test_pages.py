"""Pages of the people app: what each role sees, and what does not exist for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from tests.people.rosters import brought_in, id_number, receive, row, sheet
from zhixing.base.tables.read import read_sheet
from zhixing.people import actions, queries
from zhixing.people.models import Account, Person, RecordReading, Role, RosterImport, Unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def finance(city: Unit) -> Unit:
    return make_unit("财政局", city)


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def page(client: Client, user: Account, path: str, **data: Any) -> str:
    client.force_login(user)
    answer = client.get(path, data)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def status(client: Client, user: Account, path: str) -> int:
    client.force_login(user)
    return client.get(path).status_code


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.AUDITOR, Role.LIAISON])
def test_officers_see_the_people_of_their_subtree_only(client: Client, city: Unit, finance: Unit, role: str) -> None:
    inside, outside = make_person(finance, "韦青"), make_person(make_unit("审计局", city), "陆白")
    user = make_account(role, finance)
    listed = page(client, user, "/people/")
    assert "韦青" in listed
    assert "陆白" not in listed
    assert status(client, user, f"/people/{inside.pk}/") == 200
    assert status(client, user, f"/people/{outside.pk}/") == 404
    assert status(client, user, f"/people/{outside.pk}/readings/") == 404
    assert status(client, user, f"/people/{outside.pk}/correct/") == 404


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.TEACHER])
def test_school_and_teachers_see_no_person_here(client: Client, city: Unit, finance: Unit, role: str) -> None:
    person = make_person(finance, "韦青")
    user = make_account(role, city)
    assert "韦青" not in page(client, user, "/people/")
    assert status(client, user, f"/people/{person.pk}/") == 404


def test_a_trainee_sees_the_own_record_and_who_read_it(client: Client, finance: Unit, department: Account) -> None:
    own, other = make_person(finance, "韦青"), make_person(finance, "陆白")
    trainee = make_account(Role.TRAINEE, person=own)
    actions.record_reading(own, department, "person")
    shown = page(client, trainee, f"/people/{own.pk}/")
    assert department.name in shown
    assert status(client, trainee, f"/people/{own.pk}/readings/") == 200
    assert status(client, trainee, f"/people/{other.pk}/") == 404
    assert status(client, trainee, f"/people/{own.pk}/correct/") == 403


def test_a_liaison_does_not_see_who_read_a_record(client: Client, finance: Unit, department: Account) -> None:
    person = make_person(finance)
    actions.record_reading(person, department, "person")
    liaison = make_account(Role.LIAISON, finance)
    assert department.name not in page(client, liaison, f"/people/{person.pk}/")
    assert status(client, liaison, f"/people/{person.pk}/readings/") == 403


def test_opening_a_record_is_logged(client: Client, finance: Unit, department: Account) -> None:
    person = make_person(finance)
    page(client, department, f"/people/{person.pk}/")
    assert RecordReading.objects.get().reader == department


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.TRAINEE])
def test_imports_exist_for_department_and_auditors_only(
    client: Client, city: Unit, finance: Unit, department: Account, role: str
) -> None:
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    person = make_person(finance) if role == Role.TRAINEE else None
    user = make_account(role, None if person else city, person)
    assert "roster.xlsx" not in page(client, user, "/people/imports/")
    assert status(client, user, f"/people/imports/{roster_import.pk}/") == 404
    assert status(client, user, f"/people/imports/{roster_import.pk}/problems.xlsx") == 404
    assert status(client, user, "/people/imports/new/") == 403


def test_a_county_sees_no_import_of_the_city(client: Client, city: Unit, department: Account) -> None:
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    administrator = make_department(make_unit("北泽县", city))
    assert status(client, administrator, f"/people/imports/{roster_import.pk}/") == 404
    client.force_login(administrator)
    assert client.post(f"/people/imports/{roster_import.pk}/drop/").status_code == 404


def test_an_auditor_reads_an_import_and_moves_nothing(client: Client, city: Unit, department: Account) -> None:
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    auditor = make_account(Role.AUDITOR, city)
    assert status(client, auditor, f"/people/imports/{roster_import.pk}/") == 200
    assert client.post(f"/people/imports/{roster_import.pk}/drop/").status_code == 403


def test_an_officer_walks_from_upload_to_rollback(
    client: Client, city: Unit, finance: Unit, department: Account, run_jobs: Callable[[], int]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(department)
    rows = [row("韦青", 1), row("陆白", 2, rank="大官"), row("岑柏", 3, "没有的局")]
    upload = {"file": SimpleUploadedFile("名册.xlsx", sheet(rows)), "scope_unit": city.pk, "on": "2026-03-01"}
    answer = client.post("/people/imports/new/", upload)
    roster_import = RosterImport.objects.get()
    url = f"/people/imports/{roster_import.pk}/"
    assert answer.headers["Location"] == url
    assert "zx-job" in client.get(url).content.decode()
    run_jobs()
    preview = client.get(url).content.decode()
    assert "韦青" in preview
    assert id_number(1) not in preview
    assert "大官" in client.get(url, {"tab": "problem"}).content.decode()
    problems = client.get(f"{url}problems.xlsx").content
    assert len(read_sheet(problems, "problems.xlsx").rows) == 3
    client.post(f"{url}apply/")
    run_jobs()
    person = Person.objects.get()
    assert person.unit == finance
    client.post(f"{url}weigh/")
    run_jobs()
    client.post(f"/people/{person.pk}/correct/", correction(person, phone="13900000001"))
    client.post(f"{url}roll-back/")
    run_jobs()
    conflicts = client.get(url, {"tab": "conflicts"}).content.decode()
    assert "13900000001" in conflicts
    assert client.post(f"{url}unknown/").status_code == 404


def correction(person: Person, **changed: str) -> dict[str, str]:
    names = ("name", "number", "sex", "born_on", "phone", "joined_on", "category", "status", "note")
    return {name: str(getattr(person, name) or "") for name in names} | changed


@pytest.mark.usefixtures("finance")
def test_a_file_that_changes_nothing_says_so(
    client: Client, city: Unit, department: Account, run_jobs: Callable[[], int]
) -> None:
    brought_in([row("韦青", 1)], department, city, run_jobs)
    again = receive(sheet([row("韦青", 1)]), department, city)
    run_jobs()
    assert "没有带来变化" in page(client, department, f"/people/imports/{again.pk}/")


def test_a_bad_upload_keeps_the_form_and_says_why(client: Client, city: Unit, department: Account) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(department)
    upload = {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04"), "scope_unit": city.pk, "on": "2026-03-01"}
    answer = client.post("/people/imports/new/", upload)
    assert answer.status_code == 422
    assert "is-invalid" in answer.content.decode() or "zx-field-error" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_the_list_filters_by_unit_rank_and_status_and_finds_by_name_and_number(
    client: Client, city: Unit, finance: Unit, department: Account
) -> None:
    office = make_unit("财政局办公室", finance)
    make_person(office, "韦青", rank="乡科级正职", number="A1", category="公务员")
    make_person(city, "陆白", rank="县处级副职", number="B2", status="retired")

    def names(**data: Any) -> set[str]:
        text = page(client, department, "/people/", **data)
        return {name for name in ("韦青", "陆白") if name in text}

    assert names() == {"韦青", "陆白"}
    assert names(unit=finance.pk) == {"韦青"}
    assert names(unit=office.pk) == {"韦青"}
    assert names(rank="县处级副职") == {"陆白"}
    assert names(status="retired") == {"陆白"}
    assert names(category="公务员") == {"韦青"}
    assert names(q="韦") == {"韦青"}
    assert names(q="B2") == {"陆白"}


def test_the_list_exports_what_it_shows(client: Client, finance: Unit, department: Account) -> None:
    make_person(finance, "韦青")
    client.force_login(department)
    table = read_sheet(client.get("/people/", {"export": "people"}).content, "people.xlsx").rows
    assert table[1][0] == "韦青"


def test_a_person_is_found_by_the_whole_id_number_which_never_stands_in_an_address(
    client: Client, city: Unit, finance: Unit, department: Account
) -> None:
    person = make_person(finance)
    actions.correct_person(person, by=department, id_number=id_number(1))
    client.force_login(department)
    assert client.post("/people/find/", {"id_number": id_number(1)}).headers["Location"] == f"/people/{person.pk}/"
    assert client.post("/people/find/", {"id_number": id_number(2)}).headers["Location"] == "/people/"
    assert client.get("/people/find/").status_code == 405
    shown = client.get(f"/people/{person.pk}/").content.decode()
    assert id_number(1) not in shown
    assert "9900" in shown
    client.force_login(make_account(Role.LIAISON, make_unit("审计局", city)))
    assert client.post("/people/find/", {"id_number": id_number(1)}).headers["Location"] == "/people/"


def test_who_was_where_on_a_day_answers_with_the_names_of_that_day(
    client: Client, city: Unit, finance: Unit, department: Account
) -> None:
    audit_office = make_unit("审计局", city)
    person = make_person(finance, "韦青", rank="乡科级副职", from_on=dt.date(2019, 1, 1))
    actions.add_posting(person, audit_office, by=department, from_on=DAY, rank="乡科级正职")
    actions.add_posting(person, finance, by=department, from_on=DAY, is_principal=False, title="组员")
    actions.rename_unit(finance, "财政金融局", from_on=DAY, by=department)
    before = list(queries.people_on(department, dt.date(2020, 1, 1)))
    assert [(p.person, p.unit_then, p.rank) for p in before] == [(person, "财政局", "乡科级副职")]  # type: ignore[attr-defined]
    after = {(p.unit_then, p.rank, p.is_principal) for p in queries.people_on(department, DAY)}  # type: ignore[attr-defined]
    assert after == {("审计局", "乡科级正职", True), ("财政金融局", "", False)}
    assert "财政局" in page(client, department, "/people/on/2020-01-01/")
    assert "乡科级正职" in page(client, department, f"/people/on/{DAY.isoformat()}/")
    assert status(client, department, "/people/on/2020-02-31/") == 404
    client.force_login(department)
    assert client.get("/people/on/", {"day": "2020-01-01"}).headers["Location"] == "/people/on/2020-01-01/"


def test_a_unit_asks_about_its_own_past_only(client: Client, city: Unit, finance: Unit, department: Account) -> None:
    audit_office = make_unit("审计局", city)
    person = make_person(finance, "韦青", from_on=dt.date(2019, 1, 1))
    actions.add_posting(person, audit_office, by=department, from_on=DAY)
    liaison = make_account(Role.LIAISON, finance)
    past = page(client, liaison, "/people/on/2020-01-01/")
    assert "韦青" in past
    assert f'href="/people/{person.pk}/"' not in past
    assert "韦青" not in page(client, liaison, f"/people/on/{DAY.isoformat()}/")
    assert not queries.people_on(make_account(Role.TEACHER), dt.date(2020, 1, 1)).exists()


def test_units_show_counts_and_earlier_names(client: Client, city: Unit, finance: Unit, department: Account) -> None:
    office = make_unit("办公室", finance)
    make_person(office)
    make_person(finance)
    make_person(finance, status="left")
    counts = queries.Headcounts(city)
    assert (counts.own[finance.path], counts.below[finance.path], counts.below[city.path]) == (1, 2, 2)
    actions.rename_unit(finance, "财政金融局", from_on=DAY, by=department)
    assert "财政金融局" in page(client, department, "/people/units/")
    assert "财政局" in page(client, department, "/people/units/on/2020-01-01/")
    assert "办公室" in page(client, department, f"/people/units/{finance.pk}/")
    assert [one["label"] for one in client.get("/people/units/search/", {"q": "金融"}).json()] == ["财政金融局"]


def test_units_outside_the_scope_do_not_exist(client: Client, city: Unit, finance: Unit) -> None:
    liaison = make_account(Role.LIAISON, make_unit("审计局", city))
    assert "财政局" not in page(client, liaison, "/people/units/")
    for path in ("", "rename/", "move/", "close/", "edit/"):
        assert status(client, liaison, f"/people/units/{finance.pk}/{path}") == 404
    assert client.get("/people/units/search/", {"q": "财政"}).json() == []
    assert status(client, liaison, f"/people/export/?unit={finance.pk}") == 404


def test_deeds_on_units_go_through_their_pages(client: Client, city: Unit, finance: Unit, department: Account) -> None:
    client.force_login(department)
    new = {"parent": city.pk, "name": "水务局", "code": "SW", "kind": "organ", "opened_on": "2020-01-01"}
    assert client.post("/people/units/new/", new).status_code == 302
    water = Unit.objects.get(code="SW")
    assert client.post("/people/units/new/", new).status_code == 422
    url = f"/people/units/{water.pk}/"
    assert client.post(f"{url}rename/", {"name": "水利局", "from_on": "2021-01-01"}).headers["Location"] == url
    assert client.post(f"{url}move/", {"parent": finance.pk, "from_on": "2022-01-01"}).headers["Location"] == url
    assert client.post(f"{url}edit/", {"kind": "institution", "position": 2, "away_max": 3}).headers["Location"] == url
    assert client.post(f"{url}close/", {"on": "2023-01-01"}).headers["Location"] == url
    water.refresh_from_db()
    assert (water.name, water.parent, water.away_max, water.closed_on) == ("水利局", finance, 3, dt.date(2023, 1, 1))


def test_deeds_on_people_go_through_their_pages(client: Client, city: Unit, finance: Unit, department: Account) -> None:
    client.force_login(department)
    new = {"name": "韦青", "number": "N1", "unit": finance.pk, "from_on": "2020-01-01", "rank": "乡科级副职"}
    answer = client.post("/people/new/", new)
    person = Person.objects.get()
    url = f"/people/{person.pk}/"
    assert answer.headers["Location"] == url
    assert client.post("/people/new/", new).status_code == 422
    assert client.post(f"{url}promote/", {"from_on": "2021-01-01", "rank": "乡科级正职"}).headers["Location"] == url
    extra = {"unit": city.pk, "from_on": "2021-06-01", "title": "组员"}
    assert client.post(f"{url}post/", extra).headers["Location"] == url
    posting = person.postings.get(is_principal=False)
    assert client.post(f"/people/postings/{posting.pk}/end/", {"to_on": "2022-01-01"}).headers["Location"] == url
    assert client.post(f"{url}end/", {"last_day": "2023-01-01", "retired": "1"}).headers["Location"] == url
    person.refresh_from_db()
    assert (person.rank, person.status) == ("乡科级正职", "retired")
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", ["new/", "units/new/", "imports/new/", "accounts/new/", "accounts/bulk/"])
def test_a_deed_that_is_not_allowed_says_so_instead_of_showing_its_form(client: Client, city: Unit, path: str) -> None:
    for role in (Role.AUDITOR, Role.LIAISON, Role.SCHOOL, Role.TEACHER):
        assert status(client, make_account(role, city), f"/people/{path}") == 403


def test_a_liaison_exports_the_own_roster_and_an_auditor_none(client: Client, city: Unit, finance: Unit) -> None:
    make_person(finance, "韦青")
    client.force_login(make_account(Role.LIAISON, finance))
    table = read_sheet(client.get("/people/export/").content, "roster.xlsx").rows
    assert table[1][0] == "韦青"
    assert status(client, make_account(Role.AUDITOR, city), "/people/export/") == 403


@pytest.mark.parametrize(
    "path", ["/people/", "/people/units/", "/people/on/2026-03-01/", "/people/accounts/", "/people/imports/"]
)
def test_lists_ask_the_database_no_more_for_more_rows(
    client: Client, city: Unit, finance: Unit, department: Account, path: str
) -> None:
    def grow(n: int) -> None:
        for _ in range(n):
            unit = make_unit("", finance)
            make_account(Role.TRAINEE, person=make_person(unit))
            receive(sheet([row("韦青", 1)]), department, unit)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    client.force_login(department)
    grow(2)
    client.get(path)
    few = asked()
    grow(8)
    assert asked() <= few
