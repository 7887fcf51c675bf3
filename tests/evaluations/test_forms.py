"""The builder: every change under its edition, nothing published that is not ready, nothing changed once it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.polled import make_version
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.engine.questionnaires import DefinitionFault, Fault, read
from zhixing.evaluations import actions, rules, sentences, system_words
from zhixing.evaluations.building import ItemForm
from zhixing.evaluations.models import Form, FormVersion
from zhixing.evaluations.sentences import lack, lacks_of
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def department() -> Account:
    return factories.make_department(factories.make_city())


@pytest.fixture
def draft(department: Account, client: Client) -> FormVersion:
    client.force_login(department)
    assert client.get(reverse("evaluations:create")).headers["Location"] == reverse("evaluations:forms")
    client.post(reverse("evaluations:create"))
    return FormVersion.objects.get()


def send(client: Client, draft: FormVersion, name: str, *more: Any, edition: int | None = None, **given: Any) -> int:
    draft.refresh_from_db()
    data = {"edition": draft.edition if edition is None else edition, **given}
    status = client.post(reverse(f"evaluations:{name}", args=[draft.pk, *more]), data).status_code
    if FormVersion.objects.filter(pk=draft.pk).exists():
        draft.refresh_from_db()
    return status


def build(client: Client, draft: FormVersion) -> None:
    """One block with three questions."""
    assert send(client, draft, "head", title="我的问卷", subject="class_run", intro="请填写") == 302
    assert send(client, draft, "block", 1, title="甲", weight=100) == 302
    usual = {"required": "on", "per": "form", "points": 1, "most": 500}
    assert send(client, draft, "item", 1, 1, text="课程", kind="grades", code="q1", **usual) == 302
    assert send(client, draft, "item", 1, 2, text="安排", kind="scale", code="q2", top=10, **usual) == 302
    assert (
        send(client, draft, "item", 1, 3, text="原因", kind="choice", code="q3", options="甲\n乙\n", many="on", **usual)
        == 302
    )


def test_a_form_is_built_from_nothing_without_javascript(client: Client, draft: FormVersion) -> None:
    assert lacks_of(draft.document)
    build(client, draft)
    assert lacks_of(draft.document) == []
    assert [item.code for item in read(draft.document).items] == ["q1", "q2", "q3"]
    assert client.get(reverse("evaluations:version", args=[draft.pk])).status_code == 200
    assert client.get(reverse("evaluations:preview", args=[draft.pk])).status_code == 200
    assert send(client, draft, "publish") == 302
    assert (draft.state, Form.objects.get().title) == ("published", "我的问卷")


def test_blocks_and_questions_move_and_go(client: Client, draft: FormVersion) -> None:
    build(client, draft)
    send(client, draft, "block", 2, title="乙", weight=0)
    send(client, draft, "change", "down", block=1, item=3)
    assert [[i["code"] for i in b["item"]] for b in draft.document["block"]] == [["q1", "q2"], ["q3"]]
    send(client, draft, "change", "up", block=1, item=2)
    send(client, draft, "change", "up", block=2, item=0)
    assert [[i["code"] for i in b["item"]] for b in draft.document["block"]] == [["q3"], ["q2", "q1"]]
    send(client, draft, "change", "remove", block=2, item=1)
    send(client, draft, "change", "remove", block=1, item=0)
    assert [[i["code"] for i in b["item"]] for b in draft.document["block"]] == [["q1"]]
    assert send(client, draft, "change", "up", block=9, item=1) == 404
    assert send(client, draft, "change", "sideways", block=1, item=1) == 404


def test_two_windows_do_not_undo_each_other(client: Client, draft: FormVersion) -> None:
    shown = draft.edition
    assert send(client, draft, "block", 1, edition=shown, title="甲", weight=100) == 302
    kept = draft.document
    assert send(client, draft, "block", 1, edition=shown, title="乙", weight=50) == 409
    assert send(client, draft, "change", "remove", edition=shown, block=1, item=0) == 409
    assert send(client, draft, "publish", edition=shown) in {409, 422}
    assert draft.document == kept


def test_a_page_shown_anew_keeps_the_edition_it_came_with(client: Client, draft: FormVersion) -> None:
    shown = draft.edition
    send(client, draft, "block", 1, title="甲", weight=100)
    page = client.post(reverse("evaluations:block", args=[draft.pk, 1]), {"edition": shown, "title": "", "weight": 7})
    assert page.status_code == 422
    assert f'name="edition" value="{shown}"' in page.content.decode()


def test_what_is_not_ready_is_not_published(department: Account, client: Client, draft: FormVersion) -> None:
    assert send(client, draft, "publish") == 422
    with pytest.raises(Invalid):
        actions.publish_version(draft, edition=draft.edition, by=department)
    assert client.get(reverse("evaluations:preview", args=[draft.pk])).status_code == 422


def test_a_published_version_never_changes(department: Account, client: Client) -> None:
    version = make_version(department)
    client.force_login(department)
    before = version.document
    for name, more in (
        ("head", ()),
        ("block", (1,)),
        ("item", (1, 1)),
        ("change", ("remove",)),
        ("publish", ()),
        ("drop", ()),
    ):
        assert send(client, version, name, *more, block=1, item=0) == 403
    assert version.document == before


def test_a_new_version_is_a_copy_and_there_is_one_draft(department: Account) -> None:
    version = make_version(department)
    draft = actions.begin_draft(version, by=department)
    assert (draft.number, draft.document) == (2, version.document)
    with pytest.raises(Conflict):
        actions.begin_draft(version, by=department)
    actions.drop_draft(draft, by=department)
    assert actions.begin_draft(version, by=department).number == 2


def test_a_form_that_was_never_published_goes_with_its_draft(department: Account, draft: FormVersion) -> None:
    actions.drop_draft(draft, by=department)
    assert not Form.objects.exists()


def test_forms_are_made_by_departments_alone(department: Account) -> None:
    version = make_version(department)
    school = factories.make_account(Role.SCHOOL, department.scope_unit)
    county = factories.make_department(factories.make_unit("东县", department.scope_unit, kind=Unit.Kind.COUNTY))
    document = rules.templates()["course"].document
    with pytest.raises(Refused):
        actions.create_form(document, by=school)
    with pytest.raises(Refused):
        actions.begin_draft(version, by=county)
    assert list(Form.objects.visible_to(county)) == [version.form]
    own = actions.create_form(document, by=county)
    with pytest.raises(Refused):
        actions.save_draft(own, document, edition=1, by=school)
    assert own.form not in Form.objects.visible_to(school)


def test_an_auditor_reads_and_changes_nothing(department: Account, client: Client) -> None:
    version = make_version(department)
    client.force_login(factories.make_account(Role.AUDITOR, department.scope_unit))
    for name, args in (("forms", []), ("form", [version.form_id]), ("version", [version.pk]), ("rules", [])):
        assert client.get(reverse(f"evaluations:{name}", args=args)).status_code == 200
    assert client.post(reverse("evaluations:create"), {"template": "course"}).status_code == 403
    assert client.post(reverse("evaluations:begin", args=[version.pk])).status_code == 403
    assert client.post(reverse("evaluations:rules"), {"form": version.form_id}).status_code == 403


def test_an_unknown_template_is_no_form(department: Account, client: Client) -> None:
    client.force_login(department)
    assert client.post(reverse("evaluations:create"), {"template": "../leave"}).status_code == 404
    assert not Form.objects.exists()


@pytest.mark.parametrize("name", sorted(rules.templates()))
def test_what_the_builder_writes_back_of_a_template_is_the_same_form(name: str) -> None:
    """Each item shown in the item's page and sent unchanged makes the same question."""
    template = rules.templates()[name]
    for block, known in zip(template.form.blocks, template.document["block"], strict=True):
        for item, row in zip(block.items, known["item"], strict=True):
            form = ItemForm(initial={"required": row["kind"] != "text", **row})
            sent = {key: form[key].value() for key in form.fields if form[key].value() not in (None, False)}
            again = ItemForm({key: "\n".join(v) if isinstance(v, list) else v for key, v in sent.items()})
            assert again.is_valid(), again.errors
            document = {
                "form": template.document["form"],
                "block": [{"title": "x", "weight": block.weight and 100, "item": [again.item()]}],
            }
            assert read(document).items == (item,)


OF_SYSTEMS = {Fault.NOT_RISING, Fault.NOT_FALLING, Fault.TOO_DEEP}
"""Faults of indicator systems, whose words are elsewhere."""


@pytest.mark.parametrize("fault", sorted(set(Fault) - OF_SYSTEMS))
def test_every_fault_has_a_sentence(fault: Fault) -> None:
    said = lack(DefinitionFault("block[2].item[3].rows", fault, "7"))
    assert (said.block, said.item) == (2, 3)
    assert said.where == "part 2, question 3, rows"
    assert said.reason
    assert "%(" not in said.reason


def test_every_fault_has_words() -> None:
    """Forms and indicator systems share them; where a system says something of its own, that is said."""
    assert set(sentences.REASONS) | set(system_words.OWN_REASONS) == set(Fault)
    for fault in Fault:
        said = sentences.reason_of(DefinitionFault("block[1]", fault, "3"), system_words.OWN_REASONS, "3")
        assert said
        assert "%(" not in said
