"""Frameworks: taken in whole or not at all, changed while they are drafts, published once."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.needs.asked import City, make_framework
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.tables.write import Column, Table, write_book
from zhixing.needs.actions import frameworks as actions
from zhixing.needs.models import Competency, Framework
from zhixing.needs.papers import framework_tables, template_tables
from zhixing.needs.problem import Post, PostMap, Suited
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
FACTS = {"code": "B1", "name": "群众工作", "kind": "skill", "content": "ability", "parent": None}


@pytest.fixture
def department() -> Account:
    return factories.make_department(factories.make_city())


def upload(tables: list[Table]) -> SimpleUploadedFile:
    target = io.BytesIO()
    write_book(target, tables)
    return SimpleUploadedFile("framework.xlsx", target.getvalue())


def test_what_is_exported_can_be_taken_in_again(department: Account) -> None:
    framework = make_framework(department)
    made = actions.import_framework(upload(framework_tables(framework)), "另一套", by=department)
    first, second = actions.lines_of(framework), actions.lines_of(made)
    assert first == second


def test_the_template_can_be_taken_in(department: Account) -> None:
    assert actions.import_framework(upload(template_tables()), "模板", by=department).competencies.count() > 3


def test_a_book_with_faults_leaves_nothing_and_tells_every_row(department: Account) -> None:
    titles = ("编码", "能力", "上级编码", "类型", "内容板块")
    rows = [("A", "甲", "B", "知识", "理论"), ("B", "乙", "A", "怪", "理论"), ("B", "丙", "", "知识", "理论")]
    table = Table("能力项", [Column(title) for title in titles], rows)
    with pytest.raises(Invalid) as told:
        actions.import_framework(upload([table]), "坏的", by=department)
    assert [problem.row for problem in told.value.problems] == [2, 3, 4]
    assert not Framework.objects.exists()


def test_the_page_tells_a_circle_and_levels_out_of_order_by_row_and_keeps_nothing(
    department: Account, client: Client
) -> None:
    titles = ("编码", "能力", "上级编码", "类型", "内容板块")
    rows = [("A", "甲", "B", "知识", "理论"), ("B", "乙", "A", "知识", "理论"), ("C", "丙", "", "知识", "理论")]
    levels = [("C", "1", "能识别"), ("C", "3", "能分析")]
    tables = [
        Table("能力项", [Column(title) for title in titles], rows),
        Table("等级", [Column(title) for title in ("编码", "等级", "行为表现")], levels),
    ]
    client.force_login(department)
    page = client.post(reverse("needs:create_framework"), {"name": "坏的", "source": "", "file": upload(tables)})
    said = page.content.decode()
    assert page.status_code == 422
    assert "A → B → A" in said
    assert "等级次序有误：此处应为 2 级。" in said
    assert "坏的" in said
    assert not Framework.objects.exists()


def test_a_draft_is_changed_and_a_published_version_never(department: Account) -> None:
    framework = make_framework(department, published=False)
    made = actions.save_competency(framework, FACTS, ["一", "二"], by=department)
    actions.save_competency(framework, {**FACTS, "name": "做群众工作"}, ["一"], competency=made, by=department)
    assert made.levels.count() == 1
    actions.remove_competency(framework.competencies.get(code="A2"), by=department)
    actions.publish_framework(framework, by=department)
    with pytest.raises(Refused):
        actions.save_competency(framework, FACTS, [], by=department)
    with pytest.raises(Refused):
        actions.remove_competency(made, by=department)


def test_the_next_version_retires_the_one_before(department: Account) -> None:
    first = make_framework(department)
    second = actions.begin_version(first, by=department)
    with pytest.raises(Conflict, match="draft"):
        actions.begin_version(first, by=department)
    actions.publish_framework(second, by=department)
    states = dict(Framework.objects.values_list("number", "state"))
    assert states == {1: "retired", 2: "published"}
    second.refresh_from_db()
    actions.retire_framework(second, by=department)
    with pytest.raises(Refused):
        actions.retire_framework(Framework.objects.get(number=2), by=department)


@pytest.mark.parametrize("texts", [["", "二"], ["一", "", "三"]])
def test_levels_have_no_gap(department: Account, texts: list[str]) -> None:
    framework = make_framework(department, published=False)
    with pytest.raises(Invalid, match="order"):
        actions.save_competency(framework, FACTS, texts, by=department)


def test_a_competency_does_not_stand_below_itself(department: Account) -> None:
    framework = make_framework(department, published=False)
    top = framework.competencies.get(code="A")
    facts = {**FACTS, "code": "A", "parent": framework.competencies.get(code="A1")}
    with pytest.raises(Invalid, match="below itself"):
        actions.save_competency(framework, facts, [], competency=top, by=department)


def test_a_code_is_given_once(department: Account) -> None:
    framework = make_framework(department, published=False)
    with pytest.raises(Conflict):
        actions.save_competency(framework, {**FACTS, "code": "A1"}, [], by=department)


def test_what_requires_nothing_or_lacks_descriptions_is_not_published(department: Account) -> None:
    empty = actions.create_framework("空", by=department)
    with pytest.raises(Invalid, match="post map"):
        actions.publish_framework(empty, by=department)
    made = actions.save_competency(empty, FACTS, ["一"], by=department)
    actions.require_level(empty, made, 2, by=department)
    with pytest.raises(Invalid, match="not ready") as told:
        actions.publish_framework(empty, by=department)
    assert len(told.value.problems) == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DEPARTMENT])
def test_only_a_department_makes_frameworks(role: Role) -> None:
    city = factories.make_city()
    account = factories.make_account(role, city, factories.make_person(city) if role == Role.TRAINEE else None)
    with pytest.raises(Refused):
        actions.create_framework("框架", by=account)


def test_a_county_reads_what_its_city_made_and_changes_only_its_own() -> None:
    city = factories.make_city()
    county = factories.make_unit("东县", city, kind=Unit.Kind.COUNTY)
    of_city, of_county = factories.make_department(city), factories.make_department(county)
    framework = make_framework(of_city)
    draft = make_framework(of_county, "县框架", published=False)
    assert set(Framework.objects.visible_to(of_county)) == {framework, draft}
    with pytest.raises(Refused):
        actions.begin_version(framework, by=of_county)
    other = factories.make_department(factories.make_unit("西县", city, kind=Unit.Kind.COUNTY))
    assert set(Framework.objects.visible_to(other)) == {framework}
    with pytest.raises(Refused):
        actions.drop_framework(draft, by=other)
    liaison = factories.make_account(Role.LIAISON, county)
    assert set(Framework.objects.visible_to(liaison)) == {framework}


def test_the_highest_of_several_lines_holds() -> None:
    city = City()
    posts = PostMap(city.framework)
    a1, a2 = city.competency("A1").pk, city.competency("A2").pk
    assert posts.levels(Post("乡科级正职", "", "公务员", "综合科科长")) == {a1: 4, a2: 3}
    assert posts.levels(Post("乡科级正职", "", "公务员", "主任")) == {a1: 4}
    assert posts.levels(Post("", "二级科员", "公务员", "科长")) == {a1: 3}
    assert Competency.objects.filter(frozen=True).count() == 3


def test_a_line_of_the_post_map_says_how_many_people_it_is_about(client: Client) -> None:
    city = City()
    factories.make_person(city.units[0], rank="乡科级正职", title="主任", category="事业人员")
    suited = Suited(city.root)
    assert [suited(line) for line in city.framework.required.order_by("pk")] == [13, 7, 6]
    draft = make_framework(city.department, "草稿", published=False)
    actions.require_level(draft, draft.competencies.get(code="A1"), 2, categories=["公务原"], by=city.department)
    client.force_login(city.department)
    page = client.get(reverse("needs:framework", args=[draft.pk])).content.decode()
    assert page.count("无人符合") == 1
