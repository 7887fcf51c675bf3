"""Access tokens: made, seen once, listed and revoked by their own holder; nobody else's exist."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD, make_account, make_city, make_department, make_person, make_unit
from zhixing.base import audit
from zhixing.base.problems import NotFound, Refused
from zhixing.people import actions
from zhixing.people.models import Account, ApiToken, Role, Unit

pytestmark = pytest.mark.django_db
LIST = "/people/tokens/"
NEW = "/people/tokens/new/"
OFFICERS = [Role.DEPARTMENT, Role.SCHOOL, Role.LIAISON, Role.AUDITOR]


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def liaison(city: Unit) -> Account:
    return make_account(Role.LIAISON, make_unit("市财政局", city))


def enter(client: Client, user: Account) -> Client:
    """Through the real door, and with the password given again a moment ago."""
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def status_of(secret: str) -> int:
    return Client().get("/api/people", headers={"Authorization": f"Bearer {secret}"}).status_code


def make_on_page(client: Client, name: str = "月度报表") -> str:
    answer = client.post(NEW, {"name": name, "expires_on": in_days(30).isoformat()})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.search(r"zx_[\w-]{43}", answer.content.decode())
    assert found
    return found[0]


def test_a_token_is_made_shown_once_used_listed_and_revoked(client: Client, liaison: Account) -> None:
    enter(client, liaison)
    secret = make_on_page(client)
    made = ApiToken.objects.get()
    before = client.get(LIST).content.decode()
    assert "月度报表" in before
    assert "从未使用" in before
    assert secret not in before
    assert status_of(secret) == 200
    assert "从未使用" not in client.get(LIST).content.decode()
    assert client.post(f"{LIST}{made.pk}/revoke/").status_code == 302
    assert status_of(secret) == 401
    assert "已吊销" in client.get(LIST).content.decode()
    assert client.post(f"{LIST}{made.pk}/revoke/").status_code == 409
    trail = list(audit.trail(made))
    assert {entry.action for entry in trail} == {"people.token_created", "people.token_revoked"}
    assert {entry.actor_id for entry in trail} == {liaison.pk}
    assert secret not in str([entry.details for entry in trail])


def test_the_token_of_another_does_not_exist(client: Client, city: Unit, liaison: Account) -> None:
    made, secret = actions.create_token("别人的", expires_on=in_days(5), by=make_department(city))
    enter(client, liaison)
    assert "别人的" not in client.get(LIST).content.decode()
    assert client.post(f"{LIST}{made.pk}/revoke/").status_code == 404
    with pytest.raises(NotFound):
        actions.revoke_token(made, by=liaison)
    assert status_of(secret) == 200


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.TEACHER])
def test_trainees_and_teachers_hold_none(client: Client, city: Unit, role: str) -> None:
    user = make_account(role, None, make_person(city))
    enter(client, user)
    for path in (LIST, NEW):
        assert client.get(path).status_code == 403
    assert client.post(NEW, {"name": "x", "expires_on": in_days(5).isoformat()}).status_code == 403
    with pytest.raises(Refused):
        actions.create_token("x", expires_on=in_days(5), by=user)
    assert LIST not in client.get("/people/privacy/").content.decode()


@pytest.mark.parametrize("role", OFFICERS)
def test_officers_find_their_tokens_in_the_account_menu(client: Client, city: Unit, role: str) -> None:
    enter(client, make_account(role, city))
    assert f'href="{LIST}"' in client.get(LIST).content.decode()


def test_a_token_dies_with_the_role_that_may_hold_it(city: Unit, liaison: Account) -> None:
    _made, secret = actions.create_token("x", expires_on=in_days(5), by=liaison)
    Account.objects.filter(pk=liaison.pk).update(role=Role.TEACHER)
    assert status_of(secret) == 401


def test_a_lost_password_ends_the_tokens_too(city: Unit, liaison: Account) -> None:
    department = make_department(city)
    made, secret = actions.create_token("x", expires_on=in_days(5), by=liaison)
    _own, kept = actions.create_token("y", expires_on=in_days(5), by=department)
    actions.reset_password(liaison, by=department)
    assert status_of(secret) == 401
    assert status_of(kept) == 200
    assert audit.trail(made).get(action="people.token_revoked").actor_id == department.pk


@pytest.mark.parametrize(
    "data",
    [{"name": "", "expires_on": "2999-01-01"}, {"name": "x", "expires_on": "never"}, {"name": "x" * 61}],
)
def test_bad_input_is_shown_again_and_makes_nothing(client: Client, liaison: Account, data: dict[str, str]) -> None:
    enter(client, liaison)
    assert client.post(NEW, data).status_code == 422
    assert client.post(NEW, {"name": "x", "expires_on": in_days(0).isoformat()}).status_code == 422
    assert client.post(NEW, {"name": "x", "expires_on": in_days(367).isoformat()}).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_password_is_given_again_before_one_is_made(client: Client, liaison: Account) -> None:
    client.post("/accounts/login/", {"login": liaison.username, "password": PASSWORD})
    asked = client.post(NEW, {"name": "x", "expires_on": in_days(5).isoformat()}).headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    client.post(asked, {"password": "wrong"})
    assert not ApiToken.objects.exists()
    assert client.get(LIST).status_code == 200
    client.post(asked, {"password": PASSWORD})
    assert client.get(NEW).status_code == 200


def test_a_token_is_never_revoked_by_following_a_link(client: Client, liaison: Account) -> None:
    made, secret = actions.create_token("x", expires_on=in_days(5), by=liaison)
    enter(client, liaison)
    assert client.get(f"{LIST}{made.pk}/revoke/").status_code == 405
    assert status_of(secret) == 200
