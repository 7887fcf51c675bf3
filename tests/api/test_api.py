"""The interface for programs: a token acts as its account, inside the same scope, and dies when it should."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_account, make_city, make_class_run, make_department, make_person, make_unit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.actions.tokens import create_token, revoke_token
from zhixing.people.models import Account, Person, Role, Unit

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


def test_the_interface_describes_itself() -> None:
    answer = Client().get("/api/openapi.json")
    assert {"/api/people", "/api/standings", "/api/class-runs", "/api/callups", "/api/registers"} <= set(
        answer.json()["paths"]
    )
