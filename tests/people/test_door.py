"""Sign-in: passwords, the lock, the second step, one live session, and what a first sign-in owes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.test import Client

from tests.factories import PASSWORD, make_account, make_city, make_department
from zhixing.people import actions, privacy
from zhixing.people.models import Account, PrivacyAcknowledgement, Role, Unit

pytestmark = pytest.mark.django_db
LOGIN, PASSWORD_PAGE = "/accounts/login/", "/accounts/password/change/"


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def account(city: Unit) -> Account:
    return make_account(Role.LIAISON, city, username="lian")


def sign_in(client: Client, password: str = PASSWORD, username: str = "lian") -> Any:
    return client.post(LOGIN, {"login": username, "password": password})


def is_in(client: Client) -> bool:
    return client.get("/people/units/").status_code == 200


def test_passwords_are_kept_as_argon2_in_production() -> None:
    from zhixing.config import settings as given

    assert given.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


@pytest.mark.usefixtures("account")
def test_the_right_password_opens_and_a_wrong_one_does_not(client: Client) -> None:
    assert sign_in(client, "wrong-and-invented").status_code == 200
    assert not is_in(client)
    assert sign_in(client).status_code == 302
    assert is_in(client)


@pytest.mark.usefixtures("account")
def test_neither_capitals_nor_a_forged_address_give_more_tries(client: Client) -> None:
    names = ["lian", "Lian", "LIAN", " liAn ", "lIan"]
    assert len(names) == settings.AXES_FAILURE_LIMIT
    for n, name in enumerate(names):
        last = client.post(
            LOGIN, {"login": name, "password": "wrong-and-invented"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
        )
    assert last.status_code == 429
    assert sign_in(Client(), username="liaN").status_code == 429


def test_a_name_with_capitals_counts_anew_after_a_success(client: Client, city: Unit) -> None:
    make_account(Role.LIAISON, city, username="LianLuo")
    for _n in range(3):
        for _try in range(settings.AXES_FAILURE_LIMIT - 2):
            assert sign_in(client, "wrong-and-invented", "lianluo").status_code == 200
        assert sign_in(client, username="lianluo").status_code == 302
        client.logout()


@pytest.mark.usefixtures("account")
def test_no_browser_keeps_what_a_signed_in_person_saw(client: Client) -> None:
    sign_in(client)
    for path in ("/people/units/", "/people/export/", "/nowhere/", "/"):
        assert client.get(path)["Cache-Control"] == "private, no-store", path
    assert "Cache-Control" not in Client().get("/healthz")


@pytest.mark.usefixtures("account")
def test_repeated_failures_lock_even_the_right_password_out(client: Client) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert sign_in(client, "wrong-and-invented").status_code == 200
    locked = sign_in(client, "wrong-and-invented")
    assert locked.status_code == 429
    assert "30" in locked.content.decode()
    assert sign_in(Client()).status_code == 429
    assert not is_in(client)


def test_the_lock_looks_the_same_for_a_name_that_does_not_exist(client: Client) -> None:
    answers = [sign_in(client, "wrong-and-invented", "nobody").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1] == 429


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "password/set/", "email/", "login/code/confirm/"])
def test_nobody_signs_up_or_resets_a_password_by_mail(client: Client, path: str) -> None:
    assert client.post(f"/accounts/{path}", {"username": "new", "password1": PASSWORD}).status_code == 404
    assert "password/reset" not in client.get(LOGIN).content.decode()


def test_a_switched_off_account_opens_nothing_and_its_session_ends(
    client: Client, city: Unit, account: Account
) -> None:
    sign_in(client)
    account.refresh_from_db()
    actions.switch_off_account(account, by=make_department(city))
    assert not is_in(client)
    sign_in(client)
    assert not is_in(client)


def test_the_newest_sign_in_ends_the_one_before_where_one_is_asked(client: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(one_session=True)
    sign_in(client)
    newer = Client()
    sign_in(newer)
    answer = client.get("/people/units/", follow=True)
    assert answer.redirect_chain[0][0].startswith(LOGIN)
    assert "别处" in answer.content.decode()
    assert is_in(newer)


@pytest.mark.usefixtures("account")
def test_two_sessions_live_side_by_side_where_one_is_not_asked(client: Client) -> None:
    sign_in(client)
    newer = Client()
    sign_in(newer)
    assert is_in(client)
    assert is_in(newer)


def test_one_session_can_be_asked_of_everybody(client: Client, account: Account, settings: Any) -> None:
    settings.ONE_SESSION_PER_ACCOUNT = True
    sign_in(client)
    sign_in(Client())
    assert not is_in(client)


def test_a_one_time_password_opens_nothing_but_the_choice_of_an_own_one(client: Client, city: Unit) -> None:
    _, password = actions.create_account(
        by=make_department(city), username="xin", name="辛禾", role=Role.LIAISON, scope_unit=city
    )
    sign_in(client, password, "xin")
    assert client.get("/people/units/").headers["Location"] == PASSWORD_PAGE
    again = {"oldpassword": password, "password1": password, "password2": password}
    assert client.post(PASSWORD_PAGE, again).status_code == 200
    own = {"oldpassword": password, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(PASSWORD_PAGE, own).headers["Location"] == "/"
    assert client.get("/people/units/").headers["Location"] == "/people/privacy/"


def test_changing_the_password_keeps_the_only_session_alive(client: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(one_session=True)
    sign_in(client)
    new = "another-invented-2"
    assert client.post(PASSWORD_PAGE, {"oldpassword": PASSWORD, "password1": new, "password2": new}).status_code == 302
    assert is_in(client)


def test_the_privacy_notice_is_acknowledged_once_for_each_version(
    client: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    PrivacyAcknowledgement.objects.all().delete()
    sign_in(client)
    assert client.get("/people/units/").headers["Location"] == "/people/privacy/"
    htmx = client.get("/people/units/", headers={"HX-Request": "true"})
    assert htmx.headers["HX-Redirect"] == "/people/privacy/"
    assert client.get("/people/privacy/").status_code == 200
    assert client.post("/people/privacy/").headers["Location"] == "/"
    assert is_in(client)
    assert PrivacyAcknowledgement.objects.get(account=account).version == privacy.VERSION
    monkeypatch.setattr(privacy, "VERSION", privacy.VERSION + 1)
    assert not is_in(client)


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


@pytest.fixture
def second_step(account: Account) -> str:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(account, secret)
    return secret


def test_the_second_step_asks_for_the_code(client: Client, second_step: str) -> None:
    assert sign_in(client).headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(second_step)}).status_code == 302
    assert is_in(client)


def test_wrong_codes_lock_out_like_wrong_passwords(client: Client, second_step: str) -> None:
    sign_in(client)
    answers = [
        client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code
        for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers[-1] == 429
    client.post("/accounts/2fa/authenticate/", {"code": code_of(second_step)})
    assert not is_in(client)
    assert sign_in(Client()).status_code == 429


def test_the_second_step_is_switched_on_by_scanning_and_confirming(client: Client, account: Account) -> None:
    sign_in(client)
    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == "/accounts/2fa/totp/activate/"
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = client.session["mfa.totp.secret"]
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    assert Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()
    for path in ("/accounts/2fa/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/totp/deactivate/"):
        assert client.get(path).status_code == 200


@pytest.mark.usefixtures("second_step")
def test_a_new_password_from_the_department_takes_the_second_step_off(city: Unit, account: Account) -> None:
    actions.reset_password(account, by=make_department(city))
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/logout/", "/accounts/password/change/", "/accounts/2fa/"],
)
@pytest.mark.usefixtures("account")
def test_every_page_of_the_door_is_drawn_in_our_shell(client: Client, path: str) -> None:
    if path != LOGIN:
        sign_in(client)
    page = client.get(path, follow=True).content.decode()
    assert "zx-" in page
    assert "<style" not in page
    assert "style=" not in page


def test_a_stranger_sees_no_page_of_this_app(client: Client, db_pages: Callable[[], list[str]]) -> None:
    for path in db_pages():
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith(LOGIN), path


@pytest.fixture
def db_pages() -> Callable[[], list[str]]:
    names = ("", "units/", "imports/", "imports/new/", "accounts/", "accounts/new/", "new/", "export/", "privacy/")
    return lambda: [f"/people/{name}" for name in names]
