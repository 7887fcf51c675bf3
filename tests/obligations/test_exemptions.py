"""Exemptions: given with a reason, withdrawn without being lost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone, translation

from tests.factories import make_account, make_city, make_department, make_person, make_policy, make_unit
from tests.obligations.texts import CITY
from zhixing.base import audit
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.obligations.actions import NewExemption, add_exemption, withdraw_exemption
from zhixing.obligations.models import Exemption
from zhixing.obligations.queries.explaining import explain_person
from zhixing.people.models import Account, Person, Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    make_policy(CITY)
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit(parent=city))


def wanted(person: Person, **fields: object) -> NewExemption:
    given = {"rule": "annual", "from_on": dt.date(2026, 3, 1), "to_on": dt.date(2026, 8, 31), "reason": " 援藏 "}
    return NewExemption(person=person, **{**given, **fields})  # type: ignore[arg-type]


def test_an_exemption_is_kept_audited_and_recomputed(person: Person, department: Account) -> None:
    exemption = add_exemption(wanted(person), department)
    assert (exemption.reason, exemption.recorded_by_id, exemption.withdrawn_at) == ("援藏", department.pk, None)
    (deed,) = audit.trail(exemption)
    assert (deed.action, deed.details["person"]) == ("obligations.exempted", person.pk)
    assert Job.objects.get().arguments == {"person_ids": [person.pk]}


@pytest.mark.parametrize("fields", [{"to_on": dt.date(2026, 2, 28)}, {"rule": "unheard-of"}, {"reason": "  "}])
def test_an_exemption_that_cannot_be_is_refused(person: Person, department: Account, fields: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        add_exemption(wanted(person, **fields), department)
    assert not Exemption.objects.exists()


def test_a_withdrawn_exemption_stays_on_record_and_is_withdrawn_once(person: Person, department: Account) -> None:
    exemption = add_exemption(wanted(person), department)
    stale = Exemption.objects.get(pk=exemption.pk)
    withdraw_exemption(exemption, department)
    kept = Exemption.objects.get(pk=exemption.pk)
    assert (kept.withdrawn_by_id, kept.reason) == (department.pk, "援藏")
    assert audit.trail(exemption)[0].action == "obligations.exemption_withdrawn"
    with pytest.raises(Conflict):
        withdraw_exemption(stale, department)
    with pytest.raises(Refused):
        withdraw_exemption(kept, department)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.SCHOOL, Role.TEACHER, Role.TRAINEE])
def test_only_the_department_exempts(role: str, person: Person, city: Unit, department: Account) -> None:
    account = make_account(role, city, person if role == Role.TRAINEE else None)
    with pytest.raises(Refused):
        add_exemption(wanted(person), account)
    with pytest.raises(Refused):
        withdraw_exemption(add_exemption(wanted(person), department), account)


def test_a_department_exempts_nobody_outside_its_subtree(person: Person, city: Unit, department: Account) -> None:
    elsewhere = make_account(Role.DEPARTMENT, make_unit(parent=city))
    with pytest.raises(Refused):
        add_exemption(wanted(person), elsewhere)
    with pytest.raises(Refused):
        withdraw_exemption(add_exemption(wanted(person), department), elsewhere)


def why_not_owed(person: Person, known_on: dt.date | None = None) -> list[str]:
    """What the arithmetic of the yearly rule says of the days that are not owed."""
    with translation.override("en"):
        (duty,) = [
            duty
            for duty in explain_person(person, dt.date(2026, 12, 31), known_on).duties
            if duty.explanation.rule.code == "annual"
        ]
        return [line.detail for line in duty.lines if line.label == "days not owed"]


def test_the_explanation_says_the_recorded_reasons_of_touching_exemptions_once_each(
    person: Person, department: Account
) -> None:
    for first, last, reason in (("03-01", "05-31", "援藏"), ("06-01", "06-30", "产假"), ("06-15", "07-31", "援藏")):
        days = {"from_on": dt.date.fromisoformat(f"2026-{first}"), "to_on": dt.date.fromisoformat(f"2026-{last}")}
        add_exemption(wanted(person, reason=reason, **days), department)
    add_exemption(wanted(person, rule="online", reason="其他"), department)
    assert why_not_owed(person) == ["exempt: 援藏, 产假, 2026-03-01 to 2026-07-31"]


def test_a_reason_is_told_as_it_was_known_and_not_of_a_withdrawn_exemption(person: Person, department: Account) -> None:
    kept = add_exemption(wanted(person), department)
    today = timezone.localdate()
    assert why_not_owed(person, today - dt.timedelta(days=1)) == []
    withdraw_exemption(kept, department)
    add_exemption(wanted(person, reason="驻村"), department)
    assert why_not_owed(person, today) == ["exempt: 驻村, 2026-03-01 to 2026-08-31"]
