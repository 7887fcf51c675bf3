"""The interface for programs: a token acts as its account, inside the same scope, and dies when it should."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.attendance.school import add_trainee, make_school
from tests.factories import make_account, make_city, make_class_run, make_department, make_person, make_unit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.actions.tokens import create_token, revoke_token
from zhixing.people.models import Account, Person, RecordReading, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Unit:
    return make_city()


def token_of(account: Account) -> str:
    return create_token("报表", expires_on=timezone.localdate() + dt.timedelta(days=30), by=account)[1]


def get(path: str, token: str = "") -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = Client().get(f"/api{path}", headers=headers)
    return answer.status_code, answer.json()


class TestTokens:
    @pytest.mark.parametrize("token", ["", "zx_wrong"])
    def test_strangers_get_nothing(self, city: Unit, token: str) -> None:
        assert get("/people", token)[0] == 401

    def test_only_the_digest_is_kept(self, city: Unit) -> None:
        made, token = create_token(
            "x", expires_on=timezone.localdate() + dt.timedelta(days=1), by=make_department(city)
        )
        assert token not in {made.digest, made.name}
        assert made.digest != token

    def test_a_revoked_an_expired_and_a_closed_account_s_token_are_dead(self, city: Unit) -> None:
        admin = make_department(city)
        made, token = create_token("x", expires_on=timezone.localdate() + dt.timedelta(days=1), by=admin)
        assert get("/people", token)[0] == 200
        made.__class__.objects.update(expires_on=timezone.localdate() - dt.timedelta(days=1))
        assert get("/people", token)[0] == 401
        made.__class__.objects.update(expires_on=timezone.localdate())
        Account.objects.filter(pk=admin.pk).update(is_active=False)
        assert get("/people", token)[0] == 401
        Account.objects.filter(pk=admin.pk).update(is_active=True)
        revoke_token(made, by=admin)
        assert get("/people", token)[0] == 401
        with pytest.raises(Conflict):
            revoke_token(made, by=admin)

    @pytest.mark.parametrize("days", [0, -1, 400])
    def test_a_token_lives_from_a_day_to_a_year(self, city: Unit, days: int) -> None:
        with pytest.raises(Invalid):
            create_token("x", expires_on=timezone.localdate() + dt.timedelta(days=days), by=make_department(city))


class TestScope:
    def test_a_liaison_s_program_sees_the_liaison_s_people(self, city: Unit) -> None:
        unit = make_unit("市财政局", city)
        inside = make_person(unit)
        outside = make_person(make_unit("市教育局", city))
        token = token_of(make_account(Role.LIAISON, unit))
        status, body = get("/people", token)
        assert status == 200
        assert [p["id"] for p in body["items"]] == [inside.pk]  # type: ignore[index]
        assert get(f"/people/{outside.pk}/postings", token)[0] == 404

    def test_an_id_number_is_in_no_answer(self, city: Unit) -> None:
        person = make_person(city)
        Person.objects.filter(pk=person.pk).update(id_index="a" * 64, id_sealed=b"secret")
        answer = str(get("/people", token_of(make_department(city)))[1])
        assert "aaaa" not in answer
        assert "secret" not in answer

    def test_who_was_where_on_a_day(self, city: Unit) -> None:
        person = make_person(city, joined_on=dt.date(2020, 1, 1))
        token = token_of(make_department(city))
        assert len(get(f"/people/{person.pk}/postings?on=2021-01-01", token)[1]) == 1  # type: ignore[arg-type]
        assert get(f"/people/{person.pk}/postings?on=2019-01-01", token)[1] == []

    def test_drafts_are_for_those_who_plan(self, city: Unit) -> None:
        make_class_run(state="draft")
        assert get("/class-runs", token_of(make_department(city)))[1]["count"] == 1  # type: ignore[index]
        assert get("/class-runs", token_of(make_account(Role.LIAISON, city)))[1]["count"] == 0  # type: ignore[index]

    @pytest.mark.parametrize("path", ["/standings", "/callups", "/registers"])
    def test_every_list_answers_a_page(self, city: Unit, path: str) -> None:
        assert get(path, token_of(make_department(city))) == (200, {"items": [], "count": 0})


class TestAnswers:
    """One thing, a filtered list, and a no that a program can read."""

    @pytest.fixture
    def token(self, city: Unit) -> str:
        return token_of(make_department(city))

    def test_one_person_is_read_and_the_reading_is_kept(self, city: Unit, token: str) -> None:
        person = make_person(city, "韦青")
        status, body = get(f"/people/{person.pk}", token)
        assert (status, body["name"], body["unit"]) == (200, "韦青", "云岚市")  # type: ignore[index]
        assert RecordReading.objects.get().person_id == person.pk

    def test_people_are_filtered_by_unit_with_all_below(self, city: Unit, token: str) -> None:
        county = make_unit("北泽县", city)
        below = make_person(make_unit("北泽县财政局", county))
        make_person(city)
        assert ids(f"/people?unit_id={county.pk}", token) == [below.pk]
        assert ids(f"/people?number={below.number}&status=serving", token) == [below.pk]
        assert ids("/people?status=retired", token) == []

    def test_a_unit_outside_the_scope_does_not_exist(self, city: Unit) -> None:
        token = token_of(make_account(Role.LIAISON, make_unit("市财政局", city)))
        for path in ("people", "standings", "callups"):
            assert get(f"/{path}?unit_id={city.pk}", token)[0] == 404

    def test_lists_are_paged(self, city: Unit, token: str) -> None:
        people = [make_person(city).pk for _ in range(5)]
        assert get("/people?limit=2&offset=4", token)[1]["count"] == 5  # type: ignore[index]
        assert ids("/people?limit=2&offset=2", token) == people[2:4]
        assert ids("/people?limit=2&offset=4", token) == people[4:]

    def test_class_runs_are_filtered_by_their_first_day(self, city: Unit, token: str) -> None:
        early, late = (make_class_run(starts_on=dt.date(2026, month, 7)) for month in (3, 9))
        assert ids("/class-runs?starts_from=2026-06-01", token) == [late.pk]
        assert ids("/class-runs?starts_to=2026-06-01&year=2026&state=open", token) == [early.pk]
        assert get(f"/class-runs/{early.pk}", token)[1]["code"] == early.code  # type: ignore[index]

    @pytest.mark.parametrize("path", ["people", "standings", "class-runs", "callups", "registers"])
    def test_what_is_not_there_is_not_found(self, token: str, path: str) -> None:
        status, body = get(f"/{path}/999999", token)
        assert status == 404
        assert body == {"code": "not_found", "message": body["message"], "rows": []}  # type: ignore[index]

    @pytest.mark.parametrize(
        ("path", "column", "value"),
        [
            ("/people?limit=0", "limit", "0"),
            ("/people?limit=1001", "limit", "1001"),
            ("/people?ofset=10", "ofset", "10"),
            ("/people/abc", "person_id", "abc"),
            ("/people/1/postings?on=2026-02-30", "on", "2026-02-30"),
            ("/class-runs?starts_from=1774000000", "starts_from", "1774000000"),
            ("/callups?state=lost", "state", "lost"),
            ("/standings?rule=a%00b", "rule", "a\0b"),
        ],
    )
    def test_a_bad_parameter_is_named(self, token: str, path: str, column: str, value: str) -> None:
        status, body = get(path, token)
        assert (status, body["code"]) == (422, "invalid")  # type: ignore[index]
        assert [(r["row"], r["column"], r["value"]) for r in body["rows"]] == [(None, column, value)]  # type: ignore[index]

    def test_a_stranger_is_told_so_in_the_same_form(self, city: Unit) -> None:
        answer = Client().get("/api/people", headers={"Authorization": "Bearer zx_wrong"})
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthorized"

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_nothing_can_be_written(self, token: str, method: str) -> None:
        answer = getattr(Client(), method)("/api/people", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def ids(path: str, token: str) -> list[int]:
    status, body = get(path, token)
    assert status == 200, body
    return [row["id"] for row in body["items"]]  # type: ignore[index]


def test_marks_of_people_outside_the_subtree_are_left_out() -> None:
    """A county's department reads the registers of what it organises, and only its own people in them."""
    school = make_school(people=2)
    county = make_unit("北泽县", school.city)
    own = add_trainee(school, person=make_person(county))
    school.open()
    school.mark(0, 0, "present")
    school.mark(0, 2, "late")
    token, path = token_of(make_account(Role.DEPARTMENT, county)), f"/registers/{school.register().pk}"
    assert get(path, token)[0] == get(f"{path}/marks", token)[0] == 404
    ClassRun.objects.update(organised_by=county)
    assert get(path, token)[1]["class_run_id"] == school.class_run.pk  # type: ignore[index]
    marks = get(f"{path}/marks", token)[1]
    assert [(m["callup_id"], m["person_id"], m["status"]) for m in marks] == [(own.pk, own.person_id, "late")]  # type: ignore[attr-defined,index]
    assert len(get(f"{path}/marks", token_of(school.department))[1]) == 2  # type: ignore[arg-type]
    assert get(path, token_of(make_account(Role.LIAISON, county)))[0] == 404


def test_a_call_up_is_read_by_those_who_see_it() -> None:
    school = make_school(people=1)
    callup = school.callups[0]
    status, body = get(f"/callups/{callup.pk}", token_of(make_account(Role.LIAISON, school.organ)))
    assert (status, body["person_id"], body["state"]) == (200, callup.person_id, "accepted")  # type: ignore[index]
    elsewhere = token_of(make_account(Role.LIAISON, make_unit("市审计局", school.city)))
    assert get(f"/callups/{callup.pk}", elsewhere)[0] == 404
    assert ids(f"/callups?class_run_id={school.class_run.pk}", elsewhere) == []


def test_the_interface_describes_itself() -> None:
    answer = Client().get("/api/openapi.json")
    assert {"/api/people", "/api/standings", "/api/class-runs", "/api/callups", "/api/registers"} <= set(
        answer.json()["paths"]
    )


class TestTheGuide:
    """docs/how-to/7-数据接口.md, which analysts copy from."""

    text = (Path(__file__).parents[2] / "docs/how-to/7-数据接口.md").read_text(encoding="utf-8")
    commands = re.findall(r"^curl .*$", text, re.MULTILINE)

    def test_every_example_answers(self) -> None:
        school = make_school(people=1)
        school.open()
        token = token_of(school.department)
        first = {
            "people": school.callups[0].person_id,
            "class-runs": school.class_run.pk,
            "registers": school.register().pk,
        }
        for command in self.commands:
            _curl, _flag, header, address = shlex.split(command)
            name, secret = header.replace("$TOKEN", token).split(": ")
            path = re.sub(r"/api/([a-z-]+)/1", lambda m: f"/api/{m[1]}/{first[m[1]]}", address.removeprefix("$ADDRESS"))
            path = path.replace("unit_id=1", f"unit_id={school.city.pk}")
            answer = Client().get(path, headers={name: secret})
            assert answer.status_code == 200, (path, answer.content)
            assert answer.headers["Content-Type"].startswith("application/json")

    def test_every_address_and_filter_is_told(self) -> None:
        for path, item in Client().get("/api/openapi.json").json()["paths"].items():
            if not path.endswith("_id}"):
                assert re.sub(r"\{\w+\}", "{id}", path) in self.text
            for parameter in item["get"]["parameters"]:
                assert parameter["in"] == "path" or f"`{parameter['name']}`" in self.text, (path, parameter["name"])

    def test_the_error_is_the_one_shown(self, city: Unit) -> None:
        shown = json.loads(re.findall(r"```json\n(.*)\n```", self.text)[0])
        body: Any = get("/people?limit=0", token_of(make_department(city)))[1]
        assert body | {"rows": [body["rows"][0] | {"reason": "…"}]} == shown
