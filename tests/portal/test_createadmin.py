"""The first account of an installation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_city, make_person, make_policy
from zhixing.base.models import Job
from zhixing.obligations.models import Policy
from zhixing.obligations.queries.policies import policy_in_force
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-invented-1"


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIXING_ADMIN_PASSWORD", PASSWORD)


def test_it_makes_the_city_and_its_administrator() -> None:
    call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市")
    account = Account.objects.get()
    assert (account.role, account.scope_unit, account.check_password(PASSWORD)) == (
        Role.DEPARTMENT,
        Unit.objects.get(),
        True,
    )


@pytest.mark.parametrize("city", [""])
def test_without_units_it_needs_the_name_of_the_city(city: str) -> None:
    with pytest.raises(CommandError, match="--city"):
        call_command("createadmin", username="zuzhibu", name="组织部", city=city)
    assert not Account.objects.exists()


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIXING_ADMIN_PASSWORD", "12345")
    with pytest.raises(CommandError):
        call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市")


def test_it_installs_the_national_policy_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市")
    policy = policy_in_force(dt.date(2026, 11, 24))
    assert policy is not None
    assert policy.code == "national-2023"
    assert policy.title in capsys.readouterr().out


def test_it_leaves_the_policy_out_when_told_to_and_says_what_that_means(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市", without_policy=True)
    assert not Policy.objects.exists()
    assert "nobody owes hours" in capsys.readouterr().out


def test_a_city_that_has_a_policy_keeps_its_own() -> None:
    own = make_policy(shipped_policy().replace('code = "national-2023"', 'code = "yunlan"'))
    call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市")
    assert list(Policy.objects.all()) == [own]


def test_a_taken_name_is_refused() -> None:
    call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市")
    with pytest.raises(CommandError, match="taken"):
        call_command("createadmin", username="zuzhibu", name="别人")


def test_whoever_is_known_already_is_counted_under_the_policy() -> None:
    make_person(make_city())
    call_command("createadmin", username="zuzhibu", name="组织部")
    assert Job.objects.filter(kind="obligations.refresh").count() == 1
