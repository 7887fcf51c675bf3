"""Forms say what may be set, and whose they are: fields sent besides are not read, and nothing is sent from another site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.scenarios.elsewhere import MONDAY, Elsewhere
from tests.scenarios.test_hostile import addresses, signed_in
from zhixing.obligations.models import ExternalTraining
from zhixing.people.models import Account, Person
from zhixing.portal.models import Suggestion

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


def forged(elsewhere: Elsewhere) -> dict[str, Any]:
    """What no form shows, under every name a table has for it."""
    city, other = elsewhere.city.pk, elsewhere.here.pk
    return {
        **dict.fromkeys(("is_active", "is_superuser", "is_staff", "must_change_password"), "1"),
        **dict.fromkeys(
            ("person", "person_id", "by", "by_id", "asked_by_id", "author", "author_id", "decided_by_id"), "1"
        ),
        **dict.fromkeys(("scope_unit", "scope_unit_id", "organised_by", "organised_by_id"), city),
        **dict.fromkeys(("unit_id", "institution_id"), other),
        **dict.fromkeys(("recorded_at", "created_at", "decided_at", "answered_at"), "2001-01-01T00:00"),
        "role": "department",
        "password": "x",
        "id": "9",
        "pk": "9",
        "answer": "x",
        "tenths": "9",
    }


def facts_of(row: Any, *left_out: str) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.name not in left_out}


def test_a_class_run_takes_only_what_its_form_shows(elsewhere: Elsewhere) -> None:
    draft = elsewhere.draft
    shown = {
        "code": draft.code, "name": "新名", "theme": "", "content": draft.content, "channel": draft.channel,
        "organiser": "", "starts_on": draft.starts_on, "ends_on": draft.ends_on, "hours": "30", "seats_min": 0,
        "seats_max": 20, "ranks": draft.ranks, "units": draft.units, "quotas_close": "",
    }  # fmt: skip
    before = facts_of(draft, "name", "institution", "seats_min", "updated_at")
    url = reverse("plans:edit", args=[draft.pk])
    answer = signed_in(elsewhere.owner).post(url, forged(elsewhere) | {"state": "running"} | shown)
    assert answer.status_code == 302, answer.context["form"].errors
    draft.refresh_from_db()
    assert draft.name == "新名"
    assert facts_of(draft, "name", "institution", "seats_min", "updated_at") == before


def test_an_account_is_given_no_more_than_its_form_shows(elsewhere: Elsewhere) -> None:
    """Nor a scope beyond the administrator's own, nor the own role."""
    client, owner = signed_in(elsewhere.owner), elsewhere.owner
    liaison = factories.make_account("liaison", elsewhere.organ, must_change_password=True)
    for account in (liaison, owner):
        account.refresh_from_db()
        before = facts_of(account)
        url = reverse("people:edit_account", args=[account.pk])
        assert client.post(url, forged(elsewhere) | {"name": "x"}).status_code == 422
        account.refresh_from_db()
        assert facts_of(account) == before
    url = reverse("people:edit_account", args=[liaison.pk])
    own = {"name": "新", "role": "liaison", "scope_unit": elsewhere.organ.pk}
    assert client.post(url, forged(elsewhere) | own).status_code == 302
    after = Account.objects.get(pk=liaison.pk)
    assert (after.name, after.scope_unit, after.role) == ("新", elsewhere.organ, "liaison")
    assert facts_of(after, "name") == facts_of(liaison, "name")
    url = reverse("people:edit_account", args=[owner.pk])
    raised = {"name": "x", "role": "auditor", "scope_unit": elsewhere.there.pk}
    assert client.post(url, raised).status_code == 422
    assert Account.objects.get(pk=owner.pk).role == "department"


def test_a_trainee_changes_nothing_about_the_own_account_or_person(elsewhere: Elsewhere) -> None:
    client = signed_in(elsewhere.trainee)
    before = facts_of(Account.objects.get(pk=elsewhere.trainee.pk), "last_login", "session_key")
    person = facts_of(Person.objects.get(pk=elsewhere.person.pk))
    extra = forged(elsewhere)
    for _name, url in addresses(elsewhere):
        if not url.startswith("/accounts/"):
            client.post(url, extra)
    assert facts_of(Account.objects.get(pk=elsewhere.trainee.pk), "last_login", "session_key") == before
    assert facts_of(Person.objects.get(pk=elsewhere.person.pk)) == person


def test_what_is_asked_stays_undecided(elsewhere: Elsewhere) -> None:
    """A training held elsewhere and a suggestion come in the name of the sender, and wait."""
    client, extra = signed_in(elsewhere.owner), forged(elsewhere)
    given = {
        "number": elsewhere.person.number, "title": "讲座", "organiser": "甲", "began_on": MONDAY.replace(year=2025),
        "ended_on": MONDAY.replace(year=2025), "hours": "3", "channel": "offjob",
    }  # fmt: skip
    client.post(reverse("obligations:record_external"), extra | {"state": "confirmed"} | given)
    made = ExternalTraining.objects.order_by("-pk").first()
    assert made is not None
    assert (made.title, made.asked_by_id, made.tenths, made.decided_by_id) == ("讲座", elsewhere.owner.pk, 30, None)
    assert made.person == elsewhere.person
    trainee = signed_in(elsewhere.trainee)
    trainee.post(reverse("portal:suggestions"), extra | {"kind": "complaint", "text": "食堂"})
    told = Suggestion.objects.get(text="食堂")
    assert (told.author, told.answer, told.answered_at) == (elsewhere.trainee, "", None)


def test_nothing_is_sent_from_another_site(elsewhere: Elsewhere) -> None:
    """Every address that takes a post asks for the token of the form; programs have no session to borrow."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_department(elsewhere.city))
    for name, url in addresses(elsewhere):
        assert client.post(url).status_code in ({403, 405} if name.startswith("api:") else {403}), name


@pytest.mark.parametrize("towards", ["https://example.org", "//example.org", "/\\example.org", "javascript:alert(1)"])
def test_no_next_address_leads_away(elsewhere: Elsewhere, towards: str) -> None:
    given = {"login": elsewhere.owner.username, "password": factories.PASSWORD, "next": towards}
    client = Client()
    assert client.post(reverse("account_login"), given).headers.get("Location", "") == "/"
    answer = signed_in(elsewhere.owner).post(reverse("set_language"), {"language": "en", "next": towards})
    assert answer.headers.get("Location", "").startswith("/")
    assert not answer.headers.get("Location", "").startswith(("//", "/\\"))


def test_every_page_keeps_out_of_frames_and_stores(elsewhere: Elsewhere) -> None:
    answer = signed_in(elsewhere.owner).get("/")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert Client().get("/", headers={"host": "example.org"}).status_code == 400
