"""Complaints and suggestions: anyone writes, the department answers once, the author stays unnamed to others."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_city, make_department, make_person
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.people.models import Account, Role, Unit
from zhixing.portal import actions
from zhixing.portal.models import Suggestion

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def trainee(city: Unit) -> Account:
    return make_account(Role.TRAINEE, person=make_person(city, "陆行舟"))


def test_the_department_is_told_and_an_answer_is_promised(city: Unit, trainee: Account) -> None:
    admin = make_department(city)
    made = actions.write_suggestion("suggestion", "多办周末班", by=trainee)
    assert made.answer_due_on == timezone.localdate() + dt.timedelta(days=15)
    assert Notice.objects.get().recipient_id == admin.pk
    assert AuditEntry.objects.filter(action="portal.suggestion_written").exists()


def test_an_answer_is_given_once_and_by_the_department_only(city: Unit, trainee: Account) -> None:
    admin = make_department(city)
    made = actions.write_suggestion("complaint", "食堂太远", by=trainee)
    with pytest.raises(Refused):
        actions.answer_suggestion(made, "好", by=trainee)
    actions.answer_suggestion(made, "已联系后勤", by=admin)
    with pytest.raises(Conflict):
        actions.answer_suggestion(made, "再答一次", by=admin)
    assert Notice.objects.filter(recipient_id=trainee.pk).count() == 1


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_said_is_refused(trainee: Account, text: str) -> None:
    with pytest.raises(Invalid):
        actions.write_suggestion("suggestion", text, by=trainee)


def test_others_read_answered_ones_without_the_author(city: Unit, trainee: Account) -> None:
    admin = make_department(city)
    made = actions.write_suggestion("suggestion", "多办周末班", by=trainee)
    reader = Client()
    reader.force_login(make_account(Role.LIAISON, city), "allauth.account.auth_backends.AuthenticationBackend")
    address = reverse("portal:suggestions")
    assert "多办周末班" not in reader.get(address).content.decode()
    actions.answer_suggestion(made, "明年增加", by=admin)
    page = reader.get(address).content.decode()
    assert "明年增加" in page
    assert "陆行舟" not in page


def test_the_form_keeps_what_was_written(trainee: Account) -> None:
    client = Client()
    client.force_login(trainee, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(reverse("portal:suggestions"), {"kind": "", "text": "x"}).status_code == 422
    assert client.post(reverse("portal:suggestions"), {"kind": "suggestion", "text": "x"}).status_code == 302
    assert Suggestion.objects.count() == 1


def test_the_audit_trail_is_for_the_department_and_the_auditor(city: Unit, trainee: Account) -> None:
    for account, status in ((make_department(city), 200), (make_account(Role.AUDITOR, city), 200), (trainee, 404)):
        client = Client()
        client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(reverse("portal:trail")).status_code == status
