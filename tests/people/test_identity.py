"""Sign-in through the city's identity service, against a small OpenID Connect server over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as given
from django.db import connection
from django.test import Client

from tests.factories import PASSWORD, make_account, make_city, make_department
from zhixing.base.addresses import secure_address
from zhixing.base.models import AuditEntry
from zhixing.people import actions
from zhixing.people.models import OWN_AFFAIRS, Account, Role, Unit

pytestmark = pytest.mark.django_db
LOGIN, BEGIN, JOIN = "/accounts/login/", "/accounts/oidc/city/login/", "/accounts/oidc/city/join/"
CLIENT, SECRET = "zhixing", "invented-secret"


class IdentityService:
    """An OpenID Connect provider: authorization code with PKCE, signed ID tokens. ``claims`` are those of whoever signs in there."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "lian"}
        self.userinfo: dict[str, Any] | None = None
        self.refuses = False
        self.faults: dict[str, Any] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(service: Any) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                match parts.path:
                    case path if path in service.faults:
                        self._answer(service.faults[path])
                    case "/.well-known/openid-configuration":
                        self._answer(service.configuration())
                    case "/authorize":
                        self.send_response(302)
                        self.send_header("Location", service.authorize(query))
                        self.end_headers()
                    case "/userinfo" if self.headers["Authorization"] == "Bearer access-1":
                        self._answer(service.userinfo or service.claims)
                    case "/jwks":
                        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(service._key.public_key()))
                        self._answer({"keys": [key | {"kid": "1", "alg": "RS256"}]})
                    case _:
                        self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                token = service.token({name: values[0] for name, values in parse_qs(body).items()})
                answer = service.faults.get(self.path, token or {"error": "invalid_grant"})
                self._answer(answer, 200 if token else 400)

            def _answer(self, said: Any, status: int = 200) -> None:
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler

    def configuration(self) -> dict[str, Any]:
        paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.address,
            "jwks_uri": f"{self.address}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **{f"{name}_endpoint": f"{self.address}/{path}" for name, path in paths.items()},
        }

    def authorize(self, query: dict[str, str]) -> str:
        if self.refuses:
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': query['state']})}"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        asked = self._codes.pop(form["code"], None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        )
        if asked is None or challenge != asked["code_challenge"] or form["client_secret"] != SECRET:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, **self.claims}
        token = jwt.encode(claims, self._key, "RS256", headers={"kid": "1"})
        return {"access_token": "access-1", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityService]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    service = IdentityService()
    app = {"provider_id": "city", "name": "云岚通", "client_id": CLIENT, "secret": SECRET}
    app["settings"] = {"server_url": service.address}
    known = given.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": known | {"APPS": [app]}}
    yield service
    service.stop()


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def account(city: Unit) -> Account:
    return make_account(Role.TEACHER, city, username="lian")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def visit(address: str) -> str:
    """Where the identity service sends the browser."""
    with pytest.raises(HTTPError) as sent:
        urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay).open(address, timeout=10)
    with sent.value as answer:
        return str(answer.headers["Location"])


def come(client: Client, query: str = "") -> Any:
    """The whole way of a browser: here, to the service, back here."""
    begun = client.get(f"{BEGIN}{query}")
    assert begun.status_code == 302, begun.content.decode()
    back = urlsplit(visit(begun["Location"]))
    return client.get(f"{back.path}?{back.query}")


def is_in(client: Client) -> bool:
    return client.get("/people/units/").status_code == 200


def test_without_a_service_nothing_of_it_is_there(client: Client) -> None:
    assert "oidc" not in client.get(LOGIN).content.decode()
    assert client.get(BEGIN).status_code == 404


def test_an_identity_opens_the_account_of_its_user_name(
    client: Client, service: IdentityService, account: Account
) -> None:
    page = client.get(LOGIN, {"next": "/people/units/?a=1&b=2"}).content.decode()
    assert "云岚通" in page
    assert f"{BEGIN}?next=%2Fpeople%2Funits%2F%3Fa%3D1%26b%3D2" in page
    answer = come(client, "?next=/people/units/")
    assert (answer.status_code, answer["Location"]) == (302, "/people/units/")
    assert is_in(client)
    joined = SocialAccount.objects.get()
    assert (joined.user, joined.uid, joined.extra_data) == (account, "u-1", {})
    assert not SocialToken.objects.exists()
    assert AuditEntry.objects.filter(action="people.identity_joined").count() == 1


def test_the_key_of_the_identity_holds_when_the_name_changes(service: IdentityService, account: Account) -> None:
    come(Client())
    service.claims = {"sub": "u-1", "preferred_username": "renamed"}
    client = Client()
    come(client)
    assert is_in(client)
    assert SocialAccount.objects.get().extra_data == {}
    assert AuditEntry.objects.filter(action="people.identity_joined").count() == 1


def test_a_name_that_was_given_anew_opens_nobody_elses_account_until_the_department_gives_it_a_new_password(
    service: IdentityService, city: Unit, account: Account
) -> None:
    come(Client())
    service.claims = {"sub": "u-2", "preferred_username": "lian"}
    client = Client()
    assert come(client).status_code == 403
    assert not is_in(client)
    assert SocialAccount.objects.get().uid == "u-1"
    account.refresh_from_db()
    actions.reset_password(account, by=make_department(city))
    come(client)
    assert is_in(client)
    assert SocialAccount.objects.get().uid == "u-2"


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("claims", [{"preferred_username": "nobody"}, {}, {"preferred_username": ""}, {"name": "lian"}])
def test_no_account_is_ever_made(client: Client, service: IdentityService, claims: dict[str, str]) -> None:
    service.claims = {"sub": "u-9", **claims}
    answer = come(client)
    assert answer.status_code == 403
    assert "身份对应的账号" in answer.content.decode()
    assert not is_in(client)
    assert Account.objects.count() == 1
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    ("verified", "address", "opens"),
    [
        (True, "Lian@example.org", True),
        (False, "lian@example.org", False),
        ("true", "lian@example.org", False),
        (True, "two@example.org", False),
    ],
)
def test_an_address_joins_only_when_verified_and_one_accounts_own(
    client: Client,
    service: IdentityService,
    city: Unit,
    settings: Any,
    verified: Any,
    address: str,
    opens: bool,
) -> None:
    make_account(Role.TEACHER, city, email="lian@example.org")
    for _ in range(2):
        make_account(Role.TEACHER, city, email="two@example.org")
    settings.IDENTITY_CLAIM = "email"
    service.claims = {"sub": "u-1", "email": address, "email_verified": verified}
    come(client)
    assert is_in(client) is opens


def test_a_locked_account_stays_locked_and_a_switched_off_one_off(service: IdentityService, account: Account) -> None:
    for _ in range(given.AXES_FAILURE_LIMIT):
        Client().post(LOGIN, {"login": "lian", "password": "wrong-and-invented"})
    client = Client()
    assert come(client).status_code == 429
    assert not is_in(client)
    other = make_account(Role.TEACHER, account.scope_unit, username="off")
    service.claims = {"sub": "u-2", "preferred_username": "off"}
    come(Client())
    Account.objects.filter(pk=other.pk).update(is_active=False)
    client = Client()
    assert come(client).status_code == 403
    assert not is_in(client)


@pytest.mark.usefixtures("service")
def test_the_second_step_is_asked_all_the_same(client: Client, account: Account) -> None:
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    assert Authenticator.objects.filter(user=account).exists()
    assert come(client)["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client)


def test_one_session_and_the_privacy_notice_hold(service: IdentityService, city: Unit) -> None:
    service.claims = {"sub": "u-3", "preferred_username": "xin"}
    Account.objects.create_account("xin", None, Role.TEACHER, scope_unit=city, one_session=True)
    older, newer = Client(), Client()
    come(older)
    assert older.get("/people/units/")["Location"].startswith("/people/privacy/")
    come(newer)
    assert older.get("/people/units/")["Location"].startswith(LOGIN)


@pytest.mark.usefixtures("service")
def test_whoever_never_had_the_one_time_password_enters_by_the_identity_only(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(must_change_password=True)
    client = Client()
    come(client)
    assert is_in(client)
    client = Client()
    client.post(LOGIN, {"login": "lian", "password": PASSWORD})
    assert client.get("/people/units/")["Location"].startswith("/accounts/password/change/")


@pytest.mark.usefixtures("account")
def test_two_answers_about_different_persons_are_refused(client: Client, service: IdentityService) -> None:
    service.userinfo = {"sub": "u-2", "preferred_username": "lian"}
    assert come(client).status_code == 403
    assert not is_in(client)


@pytest.mark.usefixtures("account")
def test_whoever_is_in_stays_in_and_is_not_swapped_for_another(
    client: Client, service: IdentityService, city: Unit
) -> None:
    begun = client.get(BEGIN)
    other = make_account(Role.LIAISON, city, username="other")
    client.force_login(other)
    assert client.get(BEGIN)["Location"] == "/"
    back = urlsplit(visit(begun["Location"]))
    assert client.get(f"{back.path}?{back.query}")["Location"] == "/"
    assert client.session["_auth_user_id"] == str(other.pk)
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("service")
def test_the_service_asks_who_is_there_whatever_the_address_says(client: Client) -> None:
    asked = parse_qs(
        urlsplit(client.get(f"{BEGIN}?auth_params=prompt%3Dnone&scope=admin&process=connect")["Location"]).query
    )
    # The library keeps scopes in a set, so their order is chance.
    assert (asked["prompt"], sorted(asked["scope"][0].split())) == (["login"], ["openid", "profile"])


@pytest.mark.parametrize("name", ["admın", "adm\u0130n", "admin\u00a0", "ad\0min", "a%", "ſchool", "\u212aai"])
def test_a_name_that_only_looks_alike_in_capitals_opens_nothing(
    client: Client, service: IdentityService, city: Unit, name: str
) -> None:
    for username in ("admin", "school", "kai"):
        make_account(Role.TEACHER, city, username=username)
    service.claims = {"sub": "u-1", "preferred_username": name}
    assert come(client).status_code == 403
    assert not SocialAccount.objects.exists()


def test_capitals_alone_make_no_other_name(client: Client, service: IdentityService, account: Account) -> None:
    service.claims["preferred_username"] = "LIAN"
    come(client)
    assert SocialAccount.objects.get().user == account


@pytest.fixture
def officer(city: Unit) -> Account:
    return make_account(Role.DEPARTMENT, city, username="lian")


@pytest.mark.parametrize("role", sorted(set(Role) - OWN_AFFAIRS))
@pytest.mark.usefixtures("service")
def test_power_over_others_is_joined_by_its_password_and_a_yes(client: Client, city: Unit, role: str) -> None:
    officer = make_account(role, city, username="lian")
    door = come(client, "?next=/people/units/")
    assert (door.status_code, door["Location"]) == (302, f"{LOGIN}?next={quote(JOIN, safe='')}")
    assert "您的账号 lian 的密码" in client.get(door["Location"]).content.decode()
    assert not is_in(client)
    answer = client.post(LOGIN, {"login": "lian", "password": PASSWORD, "next": JOIN})
    assert answer["Location"] == JOIN
    assert "云岚通" in client.get(JOIN).content.decode()
    assert not SocialAccount.objects.exists()
    assert client.post(JOIN)["Location"] == "/people/units/"
    assert SocialAccount.objects.get().user == officer
    assert AuditEntry.objects.filter(action="people.identity_joined").count() == 1
    later = Client()
    assert come(later)["Location"] == "/"
    assert is_in(later)


@pytest.mark.usefixtures("service", "officer")
def test_another_persons_password_joins_nothing(client: Client, city: Unit) -> None:
    make_account(Role.LIAISON, city, username="other")
    come(client)
    client.post(LOGIN, {"login": "other", "password": PASSWORD, "next": JOIN})
    assert client.post(JOIN)["Location"] == "/"
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("service")
def test_an_identity_waits_neither_for_ever_nor_for_a_session_without_password(
    client: Client, officer: Account
) -> None:
    come(client)
    client.force_login(officer)
    client.post(JOIN)
    client = Client()
    come(client)
    session = client.session
    session["identity_waiting"] |= {"until": time.time() - 1}
    session.save()
    client.post(LOGIN, {"login": "lian", "password": PASSWORD, "next": JOIN})
    client.post(JOIN)
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("service")
def test_the_second_step_stands_before_the_joining_too(client: Client, officer: Account) -> None:
    TOTP.activate(officer, "JBSWY3DPEHPK3PXP")
    come(client)
    client.post(LOGIN, {"login": "lian", "password": PASSWORD, "next": JOIN})
    assert client.post(JOIN)["Location"].startswith(LOGIN)
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("service")
def test_the_first_sign_in_of_all_leads_to_the_joining_after_an_own_password(client: Client, officer: Account) -> None:
    Account.objects.filter(pk=officer.pk).update(must_change_password=True)
    officer.acknowledgements.all().delete()
    come(client)
    client.post(LOGIN, {"login": "lian", "password": PASSWORD, "next": JOIN})
    change = client.post(JOIN)["Location"]
    assert not SocialAccount.objects.exists()
    words = {"oldpassword": PASSWORD, "password1": "quite-another-9", "password2": "quite-another-9"}
    assert client.post(change, words)["Location"] == JOIN
    client.post(JOIN)
    assert SocialAccount.objects.get().user == officer


@pytest.mark.usefixtures("service")
def test_whoever_comes_to_answer_for_others_joins_anew(city: Unit, account: Account) -> None:
    come(Client())
    actions.edit_account(
        account,
        by=make_department(city),
        name="连",
        email="",
        role=Role.LIAISON,
        scope_unit=city,
        one_session=False,
    )
    client = Client()
    assert come(client)["Location"].startswith(LOGIN)
    assert not is_in(client)


@pytest.mark.usefixtures("service")
def test_two_first_sign_ins_of_one_identity_at_once_are_no_conflict(client: Client, account: Account) -> None:
    def come_first(execute: Any, sql: str, *rest: Any) -> Any:
        """The other sign-in joins after this one has looked for the identity and before it writes."""
        rows = execute(sql, *rest)
        if "UPPER" in sql.upper() or "LIKE" in sql:
            SocialAccount.objects.get_or_create(user=account, provider="city", uid="u-1")
        return rows

    with connection.execute_wrapper(come_first):
        come(client)
    assert is_in(client)
    assert SocialAccount.objects.get().user == account
    assert not AuditEntry.objects.filter(action="people.identity_joined").exists()  # the other one has written it


@pytest.mark.parametrize(
    ("token", "userinfo", "opens"),
    [
        ({"email": "lian@example.org"}, {"email": "lian@example.org", "email_verified": True}, True),
        ({"email": "lian@example.org"}, {"email_verified": True}, False),
        (
            {"email": "lian@example.org", "email_verified": False},
            {"email": "x@example.org", "email_verified": True},
            False,
        ),
    ],
)
def test_address_and_verification_come_from_one_answer(
    client: Client,
    service: IdentityService,
    city: Unit,
    settings: Any,
    token: dict[str, Any],
    userinfo: dict[str, Any],
    opens: bool,
) -> None:
    make_account(Role.TEACHER, city, email="lian@example.org")
    settings.IDENTITY_CLAIM = "email"
    service.claims, service.userinfo = {"sub": "u-1"} | token, {"sub": "u-1"} | userinfo
    answer = come(client)
    assert is_in(client) is opens
    assert opens or "邮箱已经核验" in answer.content.decode()


@pytest.mark.usefixtures("account")
def test_turning_back_and_forged_answers_open_nothing(client: Client, service: IdentityService) -> None:
    service.refuses = True
    assert come(client)["Location"] == LOGIN
    service.refuses = False
    begun = client.get(BEGIN)
    back = urlsplit(visit(begun["Location"]))
    assert Client().get(f"{back.path}?{back.query}").status_code == 403  # another browser's answer
    assert client.get(f"{back.path}?{back.query.replace('code-', 'forged-')}").status_code == 403
    assert not is_in(client)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("fault", [{"aud": "another"}, {"iss": "https://elsewhere.example"}, {"exp": 1}])
def test_a_token_for_another_or_from_another_or_too_old_is_refused(
    client: Client, service: IdentityService, fault: dict[str, Any]
) -> None:
    service.claims |= fault
    assert come(client).status_code == 403
    assert not is_in(client)


def test_a_service_that_does_not_answer_is_said_so(client: Client, service: IdentityService) -> None:
    service.stop()
    answer = client.get(BEGIN)
    assert answer.status_code == 502
    assert LOGIN in answer.content.decode()


@pytest.mark.parametrize(
    "fault",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"userinfo_endpoint": ""},
        {"token_endpoint": "http://id.example.gov/token"},
        {"authorization_endpoint": "javascript://127.0.0.1/%0aalert(1)"},
        {"jwks_uri": ["https://id.example.gov"]},
    ],
)
def test_a_service_that_says_odd_things_of_itself_is_not_believed(
    client: Client, service: IdentityService, fault: dict[str, Any]
) -> None:
    service.faults = {"/.well-known/openid-configuration": service.configuration() | fault}
    assert client.get(BEGIN).status_code == 403


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/userinfo", {"preferred_username": "lian"}),
        ("/userinfo", {"sub": ["u-1"]}),
        ("/userinfo", ["u-1"]),
        ("/userinfo", None),
        ("/token", ["access_token"]),
        ("/token", "access_token"),
        ("/token", {"access_token": 5, "id_token": 5}),
        ("/token", {"access_token": "access-1"}),
        ("/token", {"access_token": "access-1", "id_token": "no.token.atall"}),
        ("/.well-known/openid-configuration", []),
        ("/.well-known/openid-configuration", {}),
    ],
)
def test_an_odd_answer_on_the_way_back_opens_nothing_and_says_so(
    client: Client, service: IdentityService, path: str, said: Any
) -> None:
    begun = client.get(BEGIN)
    back = urlsplit(visit(begun["Location"]))
    service.faults = {path: said}
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 403
    assert "信息不一致" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.usefixtures("account")
def test_a_service_that_goes_down_on_the_way_is_said_so(client: Client, service: IdentityService) -> None:
    begun = client.get(BEGIN)
    back = urlsplit(visit(begun["Location"]))
    service.stop()
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 502
    assert LOGIN in answer.content.decode()


def test_a_service_without_tls_is_not_believed() -> None:
    assert secure_address("") == ""
    assert secure_address("https://id.example.gov") == "https://id.example.gov"
    for address in ("http://id.example.gov", "ftp://127.0.0.1", "id.example.gov"):
        with pytest.raises(ValueError, match="https"):
            secure_address(address)
