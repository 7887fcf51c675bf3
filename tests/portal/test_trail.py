"""The audit trail: words for every deed, and only the deeds of the own scope."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

import zhixing
from tests.factories import make_account, make_city, make_department, make_unit
from zhixing.attendance.actions.completion import Completion
from zhixing.attendance.actions.registers import Closing
from zhixing.base import audit
from zhixing.people.models import Role, RosterChange
from zhixing.portal import deeds, trails

CHINESE = re.compile("[\u4e00-\u9fff]")
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


def calls(*names: str) -> Iterator[ast.Call]:
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield node


def test_every_particular_that_the_program_records_has_words() -> None:
    keys = {
        word.arg
        for call in calls("audit.record", "_finish")
        if (call.args and ast.unparse(call.func) == "audit.record")
        or any("person" in ast.unparse(a) for a in call.args)
        for word in call.keywords
        if word.arg and word.arg != "by"
    }
    counted = {field.name for made in (Closing, Completion) for field in fields(made)} | set(RosterChange.Kind.values)
    assert len(keys) > 70
    assert (keys | counted) - set(trails.LABELS) == set()
    with override("zh-hans"):
        assert [key for key, label in trails.LABELS.items() if not CHINESE.search(str(label))] == []


def test_every_kind_of_thing_that_deeds_are_done_to_has_words() -> None:
    """Whatever class the program names in an annotation or a call beside ``audit.record`` is taken for a subject."""
    labels = {
        model.__name__: model._meta.label_lower
        for model in apps.get_models()
        if model.__module__.startswith("zhixing.")
    }
    found = set()
    for file in SOURCE.rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                found |= subjects_in(function) & set(labels)
    assert len(found) > 20
    assert {labels[name] for name in found} - set(trails.KINDS) == set()
    with override("zh-hans"):
        assert [code for code, words in trails.KINDS.items() if not CHINESE.search(str(words))] == []


def subjects_in(function: ast.FunctionDef) -> set[str]:
    """The names of classes that a function's parameters and assignments give to the subjects of its deeds."""
    subjects = {
        ast.unparse(call.args[1])
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record"
    }
    typed = {one.arg: ast.unparse(one.annotation) for one in function.args.args if one.annotation}
    found = {typed[name].split(" | ")[0] for name in subjects & set(typed)}
    for assigned in ast.walk(function):
        if isinstance(assigned, ast.Assign) and ast.unparse(assigned.targets[0]) in subjects:
            found |= {word.id for word in ast.walk(assigned.value) if isinstance(word, ast.Name)}
    return found


@pytest.mark.django_db
def test_things_and_particulars_are_said_in_words_and_kept_as_codes_in_the_export(client: Client) -> None:
    city = make_city()
    admin = make_department(city)
    audit.record("people.account_created", admin, by=admin, role="liaison", scope=city.pk, one_session=True)
    audit.record("attendance.mark_corrected", city, by=admin, before="absent", after="present", tenths=35)
    audit.record("attendance.leave_step_decided", city, by=admin, step=1, decision="agreed")
    audit.record("callups.replied", city, by=admin, reply=4, kind="substitute")
    audit.record("obligations.posted", city, by=admin, source="attendance")
    client.force_login(admin)
    page = client.get(reverse("portal:trail")).content.decode()
    for words in (
        "账号",
        f"仅限一处登录 是；角色 单位联络员；管辖范围 {city.pk}",
        "之前 缺勤；之后 出勤；学时 3.5",
        "决定 同意",
        "类型 更换人选",
        "来源 考勤簿",
    ):
        assert words in page, words
    assert "people.account<" not in page
    book = load_workbook(io.BytesIO(client.get(reverse("portal:trail"), {"export": "audit-trail"}).content)).active
    kept = {(row[3], row[5]) for row in list(book.values)[1:]}
    assert ("people.account", f"one_session=True role=liaison scope={city.pk}") in kept


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
