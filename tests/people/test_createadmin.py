"""The first account of an installation."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

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


def test_a_taken_name_is_refused() -> None:
    call_command("createadmin", username="zuzhibu", name="组织部", city="云岚市")
    with pytest.raises(CommandError, match="taken"):
        call_command("createadmin", username="zuzhibu", name="别人")
