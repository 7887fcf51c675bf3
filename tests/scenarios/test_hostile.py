"""A city whose every text is an attack: pages show it as text, whatever is asked is answered, and reading changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests import factories
from tests.scenarios.elsewhere import Elsewhere
from tests.scenarios.test_scope import token_of
from zhixing.base.models import Notice
from zhixing.evaluations.models import Survey
from zhixing.people.models import Account
from zhixing.people.permissions import may_hold_token

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TEXT = "'\"><img src=x onerror=alert(1)>{{7*7}}</script>\nL2"
SHORT = "'\"><img src=x>"
LEFT_ALONE = {
    "username",
    "password",
    "email",
    "session_key",
    "path",
    "digest",
    "content",
    "link",
    "kind",
    "code",
    "rule",
}
"""Not written by people, or by us only."""
ODD = ("²", "٣", "9" * 25, "9" * 5_000, "0001-01-01", "9999-12-31", "x" * 10_000, TEXT)
ASKED = (
    "page q year on known_on on_step known_on_step day unit person face tab chosen selected sort state role rank grade "
    "channel content kind below show due direction class_run category status"
).split()
LEFT_BEHIND = ("people_recordreading", "base_auditentry", "django_session", "people_apitoken", "base_notice")
"""What reading leaves behind: who read or took what, the session, when a token was last used, and that a notice is read."""
LONG = "长" * 3_000
WRITTEN = (
    "note reason text answer name title department organiser institution certificate level category number theme "
    "target_text place contact joining_instructions"
).split()
ASIDE = {"account_logout", "obligations:effects", "obligations:effect"}
"""Signs out; and a comparison that ``elsewhere`` only pretends to have made."""


def plain_addresses(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """The names of all addresses of ours without a parameter."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from plain_addresses(one, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.name and not one.pattern.converters:
            yield f"{space}{one.name}"


def addresses(elsewhere: Elsewhere) -> list[tuple[str, str]]:
    """Name and address of every page there is."""
    found = [(name, rows) for name, rows in elsewhere.addresses().items()]
    pages = [(name, reverse(name, kwargs=kwargs)) for name, rows in found for kwargs in rows]
    for name in plain_addresses(get_resolver()):
        try:
            pages.append((name, reverse(name)))
        except NoReverseMatch:  # an address of allauth that takes a pattern of its own
            continue
    return [(name, url) for name, url in pages if name not in ASIDE and not name.startswith("mfa_")]


def is_written_by_people(field: models.Field[Any, Any]) -> bool:
    text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.FileField)
    return text and not field.choices and not field.unique and field.name not in LEFT_ALONE


def fill_with_attacks() -> None:
    """Every text that a person may have written becomes one, past the actions and their forms."""
    for model in apps.get_models():
        if not model.__module__.startswith("zhixing.") or model.__name__ in {
            "Policy",
            "Entry",
            "AuditEntry",
            "Job",
            "StoredFile",
            "AssessmentResult",
            "CostEntry",
            "CourseDecision",
            "ExamGain",
            "InvitationDecision",
            "Appeal",
            "Study",
            "StudyResult",
            "FormVersion",
            "SystemVersion",
            "CaseStep",
            "CourseReview",
            "CourseVersion",
            "FlagshipStep",
            "Uptake",
            "PastPosting",
            "PastService",
            "Need",
            "NeedsReckoning",
            "ApprovalRoute",
            "ApprovalStep",
            "PlanApproval",
            "PlanSpending",
        }:
            continue  # ledgers refuse it; names of files are made plain when they are stored
        if model is Survey:  # of a session it has a title, of none it has none
            model._base_manager.exclude(session=None).update(title=SHORT)
            continue
        texts = {
            field.name: TEXT if (field.max_length or 1_000) >= len(TEXT) else SHORT[: field.max_length]
            for field in model._meta.local_fields
            if is_written_by_people(field)
        }
        if texts:
            model._base_manager.update(**texts)


class Markup(HTMLParser):
    """Notes every tag and attribute that can only stem from an attack."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if (tag == "img" and said.get("src") == "x") or any(name.startswith("on") for name in said):
            self.found.append(self.get_starttag_text() or tag)
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            if (said.get(name) or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}")


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def headers_for(name: str, account: Account) -> dict[str, str]:
    if name.startswith("api:") and may_hold_token(account):
        return {"Authorization": f"Bearer {token_of(account)}"}
    return {}


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


def readers(elsewhere: Elsewhere) -> list[Account]:
    """The city's department, and every role of the county whose rows they are."""
    own = [factories.make_account(role, elsewhere.there) for role in ("liaison", "auditor")]
    school = factories.make_account("school", elsewhere.school)
    return [factories.make_department(elsewhere.city), elsewhere.owner, elsewhere.trainee, school, *own]


def test_no_text_becomes_markup(elsewhere: Elsewhere) -> None:
    pages, people = addresses(elsewhere), readers(elsewhere)
    factories.make_entry(elsewhere.person, elsewhere.class_run.starts_on, 60, title=TEXT)
    Notice.objects.create(recipient_id=elsewhere.owner.pk, kind="x", title=TEXT, text=TEXT)
    fill_with_attacks()
    found, seen = [], 0
    for account in people:
        client = signed_in(account)
        for name, url in pages:
            answer = client.get(url, headers=headers_for(name, account))
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            text = answer.content.decode()
            seen += "&lt;img src=x" in text or "\\u003Cimg src=x" in text
            reader = Markup()
            reader.feed(text)
            assert "49</script>" not in text
            found += [f"{account.role} {name}: {one}" for one in reader.found]
    assert found == []
    assert seen > 100  # the attacks do stand on the pages


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_whatever_is_asked_is_answered(elsewhere: Elsewhere, odd: str) -> None:
    """The test client raises what would be a page of 500."""
    client = signed_in(factories.make_department(elsewhere.city))
    asked = dict.fromkeys(ASKED, odd)
    for name, url in addresses(elsewhere):
        assert client.get(url, {} if name.startswith("api:") else asked).status_code < 500, name
        assert client.post(url, asked | {"selected": [odd]}).status_code < 500, name


def test_a_key_beyond_every_column_is_no_row(elsewhere: Elsewhere) -> None:
    client = signed_in(factories.make_department(elsewhere.city))
    for name, rows in elsewhere.addresses().items():
        kwargs = {key: 10**25 if isinstance(value, int) else value for key, value in rows[0].items()}
        if kwargs != rows[0] and not name.startswith("api:") and kwargs.keys() != {"pk", "on"}:
            for method in ("GET", "POST"):
                status = client.generic(method, reverse(name, kwargs=kwargs)).status_code
                assert status in {403, 404, 405}, f"{method} {name} {status}"


def test_reading_changes_nothing(elsewhere: Elsewhere) -> None:
    pages, people = addresses(elsewhere), readers(elsewhere)
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            written.append(sql[:80])
        return execute(sql, params, many, context)

    found: list[str] = []
    for account in people:
        client = signed_in(account)
        for name, url in pages:
            headers = headers_for(name, account)
            written.clear()
            with connection.execute_wrapper(watch):
                client.get(url, headers=headers)
            found += [f"{name}: {sql}" for sql in written if not any(f'"{table}"' in sql for table in LEFT_BEHIND)]
    assert found == []


def test_no_text_is_cut_short(elsewhere: Elsewhere) -> None:
    """What a person writes is kept whole or refused, at every address that takes it."""
    pages, cut = addresses(elsewhere), list[str]()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "长" * 20 in str(params) and LONG not in str(params) and not any(f'"{name}"' in sql for name in LEFT_BEHIND):
            cut.append(f"{name}: {sql[:80]}")
        return execute(sql, params, many, context)

    for account in (elsewhere.owner, elsewhere.trainee, factories.make_account("school", elsewhere.school)):
        client = signed_in(account)
        for name, url in pages:
            for word in ("uphold", "confirm", "approve"):
                with connection.execute_wrapper(watch), transaction.atomic():
                    client.post(
                        url, dict.fromkeys(WRITTEN, LONG) | {"decision": word}, headers=headers_for(name, account)
                    )
                    transaction.set_rollback(True)
    assert cut == []
