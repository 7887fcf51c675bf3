"""The audit trail: words for every deed, and only the deeds of the own scope."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import zhixing
from tests.factories import make_account, make_city, make_department, make_unit
from zhixing.base import audit
from zhixing.people.models import Role
from zhixing.portal import deeds

SOURCE = Path(zhixing.__file__).parent


def recorded() -> Iterator[tuple[str, bool]]:
    """Every code that the program writes to the trail, and whether it is whole (else only its beginning)."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.record", "_finish"):
                for word in node.args:
                    if isinstance(word, ast.Constant) and isinstance(word.value, str):
                        yield word.value, True
                    elif isinstance(word, ast.JoinedStr) and isinstance(word.values[0], ast.Constant):
                        yield str(word.values[0].value), False


def test_every_deed_the_program_records_has_a_name_and_every_name_a_deed() -> None:
    codes = set(recorded())
    whole = {code for code, is_whole in codes if is_whole and "." in code}
    starts = tuple(code for code, is_whole in codes if not is_whole)
    assert len(whole) > 80
    assert whole - set(deeds.NAMES) == set()
    assert {code for code in deeds.NAMES if code not in whole and not code.startswith(starts)} == set()


@pytest.mark.django_db
def test_the_trail_speaks_in_words_and_finds_by_deed(client: Client) -> None:
    city = make_city()
    admin = make_department(city)
    audit.record("people.unit_opened", city, by=admin)
    audit.record("plans.quotas_set", city, by=admin)
    client.force_login(admin)
    page = client.get(reverse("portal:trail"), {"action": "people.unit_opened"}).content.decode()
    rows = page[page.index("<tbody") :]
    assert "设立机构" in rows
    assert "分配名额" not in rows


@pytest.mark.django_db
def test_a_county_sees_the_deeds_of_its_own_accounts_only(client: Client) -> None:
    city = make_city()
    county, other = make_unit("青禾县", city), make_unit("望川区", city)
    here, there = make_account(Role.DEPARTMENT, county), make_account(Role.DEPARTMENT, other)
    audit.record("people.unit_opened", county, by=here)
    audit.record("plans.quotas_set", other, by=there)
    audit.record("obligations.posted", other, by=None)
    assert {entry.action for entry in deeds.visible_to(here)} == {"people.unit_opened"}
    assert deeds.visible_to(make_account(Role.AUDITOR, city)).count() == 3
