"""The pages: what each role reads, the sheet on the phone, and what bad input gets."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.needs.asked import City, answer_all
from zhixing.base.personal_links import BlankLinks
from zhixing.base.tables.write import Column, Table, write_book
from zhixing.needs import tokens
from zhixing.needs.actions.evidence import Said, put_evidence
from zhixing.needs.actions.reckonings import complete_reckoning
from zhixing.needs.actions.surveys import close_survey
from zhixing.needs.models import (
    Framework,
    Need,
    NeedsEvidence,
    NeedsReckoning,
    NeedsSheet,
    NeedsSurvey,
    Priority,
    WorkProblem,
)
from zhixing.people.models import Account, Role

pytestmark = pytest.mark.django_db


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def page(client: Client, name: str, *keys: Any, status: int = 200) -> str:
    answer = client.get(reverse(f"needs:{name}", args=keys))
    assert answer.status_code == status
    return answer.content.decode()


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture
def client(city: City) -> Client:
    return client_of(city.department)


def test_a_sheet_is_filled_in_without_signing_in_and_the_own_gap_is_shown_once(city: City) -> None:
    ticket = city.launch().tickets.filter(stratum__rank_group="township").first()
    assert ticket is not None
    url = reverse("needs:answer", args=[tokens.make(ticket)])
    stranger = Client()
    shown = stranger.get(url).content.decode()
    assert "依法行政" in shown
    assert "履职能力" not in shown
    assert city.people[0].name not in shown
    empty = stranger.post(url, {})
    assert empty.status_code == 422
    first, second = ticket.levels
    half = {f"i-{first}": "4", f"p-{first}": "1", f"p-{second}": "5", "text": "审批慢"}
    done = stranger.post(url, half)
    assert done.status_code == 200
    assert "差 3 级" in done.content.decode()
    assert "no-store" in done.headers["Cache-Control"]
    again = stranger.post(url, half)
    assert again.status_code == 409
    assert re.search(r"<h1[^>]*>\s*已经作答", again.content.decode())
    assert NeedsSheet.objects.count() == 1


def test_what_was_ticked_stays_when_something_is_wrong(city: City) -> None:
    ticket = city.launch().tickets.first()
    assert ticket is not None
    key = next(iter(ticket.levels))
    answer = Client().post(reverse("needs:answer", args=[tokens.make(ticket)]), {f"i-{key}": "4", "text": "难"})
    assert answer.status_code == 422
    assert re.search(rf'name="i-{key}" value="4" checked', answer.content.decode())
    assert "难</textarea>" in answer.content.decode()


def test_the_link_stands_in_no_log(city: City) -> None:
    record = logging.LogRecord("x", 20, "", 0, "GET /needs/answer/%s/ 200", ("7~abc.def",), None)
    assert BlankLinks().filter(record)
    assert record.getMessage() == "GET /needs/answer/…/ 200"


def test_a_person_finds_the_own_survey_and_nobody_elses(city: City) -> None:
    survey = city.launch()
    first, second = (factories.make_account(Role.TRAINEE, None, city.people[place]) for place in (0, 1))
    token = tokens.make(survey.tickets.get(person=city.people[0]))
    assert token in page(client_of(first), "mine")
    assert "zx-qr" in page(client_of(first), "mine")
    assert "复制链接" not in page(client_of(first), "mine")
    assert token not in page(client_of(second), "mine")


def test_a_book_with_faults_is_shown_by_row_and_nothing_is_kept(client: Client) -> None:
    titles = ("编码", "能力", "上级编码", "类型", "内容板块")
    rows = [("A", "甲", "B", "知识", "理论"), ("B", "乙", "A", "知识", "理论")]
    target = io.BytesIO()
    write_book(target, [Table("能力项", [Column(title) for title in titles], rows)])
    before = Framework.objects.count()
    upload = SimpleUploadedFile("f.xlsx", target.getvalue())
    answer = client.post(reverse("needs:create_framework"), {"name": "坏的", "file": upload})
    assert answer.status_code == 422
    assert "A → B → A" in answer.content.decode()
    assert Framework.objects.count() == before


def test_a_code_or_a_name_that_is_taken_leaves_what_was_typed_in_the_form(client: Client, city: City) -> None:
    assert client.post(reverse("needs:create_framework"), {"name": "新框架"}).status_code == 302
    made = Framework.objects.get(name="新框架")
    facts = {"code": "A1", "name": "甲", "kind": "skill", "content": "ability", "level_1": "写了很久的行为表现"}
    url = reverse("needs:add_competency", args=[made.pk])
    assert client.post(url, facts).status_code == 302
    again = client.post(url, facts)
    assert again.status_code == 409
    assert "写了很久的行为表现</textarea>" in again.content.decode()
    same = client.post(reverse("needs:create_framework"), {"name": made.name, "source": "市委文件"})
    assert same.status_code == 409
    assert 'value="市委文件"' in same.content.decode()


def test_a_framework_is_made_by_hand_and_published(client: Client) -> None:
    client.post(reverse("needs:create_framework"), {"name": "手工"})
    made = Framework.objects.get(name="手工")
    facts = {
        "code": "A1",
        "name": "依法行政",
        "kind": "skill",
        "content": "ability",
        "level_1": "知道",
        "level_2": "会办",
    }
    client.post(reverse("needs:add_competency", args=[made.pk]), facts)
    competency = made.competencies.get()
    client.post(reverse("needs:edit_competency", args=[competency.pk]), {**facts, "name": "依法办事"})
    wanted = {"competency": competency.pk, "level": 2, "ranks": ["乡科级正职"], "categories": "公务员 参公人员"}
    client.post(reverse("needs:add_required", args=[made.pk]), wanted)
    assert "依法办事" in page(client, "framework", made.pk)
    client.post(reverse("needs:move_framework", args=[made.pk, "publish"]))
    made.refresh_from_db()
    assert made.state == "published"
    line = made.required.get()
    assert (line.ranks, line.categories) == (["乡科级正职"], ["公务员", "参公人员"])
    assert client.post(reverse("needs:remove_required", args=[line.pk])).status_code == 403
    assert client.get(reverse("needs:framework_book", args=[made.pk])).headers["Content-Type"].startswith("application")
    assert client.post(reverse("needs:move_framework", args=[made.pk, "burn"])).status_code == 404


def test_a_survey_is_prepared_looked_at_launched_and_closed(city: City, client: Client) -> None:
    facts = {
        "year": 2027,
        "title": "调研",
        "framework": city.framework.pk,
        "who": "self",
        "sample": 8,
        "method": "equal",
    }
    facts |= {"seed": 3, "opens_on": "2026-01-01", "closes_on": "2026-01-20"}
    client.post(reverse("needs:prepare_survey"), facts)
    survey = NeedsSurvey.objects.get()
    shown = page(client, "survey", survey.pk)
    assert "将调查 <strong>8</strong> 人（共 12 人）" in shown
    late = client.post(reverse("needs:move_survey", args=[survey.pk, "launch"]))
    assert late.status_code == 422
    client.post(reverse("needs:move_survey", args=[survey.pk, "drop"]))
    assert not NeedsSurvey.objects.exists()
    running = city.launch()
    assert "<strong>0</strong>" in page(client, "survey", running.pk)
    client.post(reverse("needs:move_survey", args=[running.pk, "close"]))
    running.refresh_from_db()
    assert running.state == "closed"


def test_the_response_map_shows_no_number_of_a_few_and_a_liaison_the_own_unit_only(city: City, client: Client) -> None:
    survey = city.launch()
    asked = [unit.name for unit in city.units]
    answer_all(survey, unit=city.units[0])
    survey.strata.filter(unit=city.units[1]).update(asked=2)
    rows = page(client, "survey", survey.pk).split("<tr")
    dashes = {name: row.count("—") for name in asked for row in rows if f">{name}<" in row}
    assert dashes == {"住建局": 3, "水务局": 3}  # the few could be had from the sum of both
    survey.strata.filter(unit=city.units[1]).update(asked=3)
    rows = page(client, "survey", survey.pk).split("<tr")
    assert not any("—" in row for row in rows for name in asked if f">{name}<" in row)
    liaison = client_of(factories.make_account(Role.LIAISON, city.units[0]))
    shown = page(liaison, "survey", survey.pk)
    assert "住建局" not in shown
    assert "<strong>6</strong>" not in shown


def test_the_board_the_list_and_a_need_with_its_parts(city: City, client: Client) -> None:
    assert "尚无需求" in page(client, "board")
    survey = city.launch()
    answer_all(survey, 1)
    survey.tickets.update(burnt=False)
    close_survey(survey, by=city.department)
    client.post(reverse("needs:reckon"), {"year": 2027, "framework": city.framework.pk})
    made = NeedsReckoning.objects.get()
    assert "正在测算" in page(client, "board")
    complete_reckoning(made.pk)
    shown = page(client, "board")
    assert "依法行政" in shown
    assert "data-chart" in shown
    assert "依法行政" in page(client, "needs", made.pk)
    need = Need.objects.get(reckoning=made, competency__code="A1", rank_group="", unit=None)
    assert "100.0" not in page(client, "need", need.pk)  # of two rank groups neither gives all
    assert "去掉后权重" in page(client, "need", need.pk)
    assert "答卷不足 30 份" in page(client, "need", need.pk)
    liaison = client_of(factories.make_account(Role.LIAISON, city.units[0]))
    assert "去掉后权重" not in page(liaison, "need", need.pk)
    other = Need.objects.filter(reckoning=made, unit=city.units[1]).first()
    assert other is None or page(liaison, "need", other.pk, status=404)


def test_a_board_without_a_survey_says_that_gaps_are_not_known(city: City, client: Client) -> None:
    client.post(reverse("needs:reckon"), {"year": 2031, "framework": city.framework.pk})
    complete_reckoning(NeedsReckoning.objects.get().pk)
    shown = page(client, "board")
    assert "年度尚无调查可反映差距" in shown
    assert "确有差距，并非偶然" not in shown


def test_evidence_is_taken_out_and_counted_again_by_the_department_alone(city: City, client: Client) -> None:
    put_evidence(2027, "exam", [Said("c1", 8, 6000, 30, "exam_weak", topic="依法行政")])
    found = NeedsEvidence.objects.get()
    auditor = client_of(factories.make_account(Role.AUDITOR, city.root))
    assert "剔除" in page(client, "evidence")
    assert "/withdraw/" not in page(auditor, "evidence")
    assert auditor.post(reverse("needs:move_evidence", args=[found.pk, "withdraw"])).status_code == 403
    client.post(reverse("needs:move_evidence", args=[found.pk, "withdraw"]))
    found.refresh_from_db()
    assert found.withdrawn
    assert "已剔除" in page(client, "evidence")
    client.post(reverse("needs:move_evidence", args=[found.pk, "restore"]))
    found.refresh_from_db()
    assert not found.withdrawn
    assert client.post(reverse("needs:move_evidence", args=[found.pk, "burn"])).status_code == 404


def test_a_response_map_with_one_small_unit_hides_another_beside_it(city: City, client: Client) -> None:
    survey = city.launch()
    third = factories.make_unit("档案馆", city.root)
    survey.strata.create(unit=third, rank_group="staff", people=2, asked=2)
    rows = page(client, "survey", survey.pk).split("<tr")
    dashes = {name: row.count("—") for name in ("水务局", "住建局", "档案馆") for row in rows if f">{name}<" in row}
    assert dashes["档案馆"] == 3
    assert sorted((dashes["水务局"], dashes["住建局"])) == [0, 3]


def test_priorities_and_problems_are_entered_and_settled(city: City, client: Client) -> None:
    competency = city.competency().pk
    client.post(
        reverse("needs:enter_priority"),
        {"year": 2027, "title": "依法治市", "source": "市委一号", "weight": 6, "competencies": [competency]},
    )
    priority = Priority.objects.get()
    assert "依法治市" in page(client, "priorities")
    client.post(reverse("needs:withdraw_priority", args=[priority.pk]))
    priority.refresh_from_db()
    assert priority.state == "withdrawn"
    liaison = client_of(factories.make_account(Role.LIAISON, city.units[0]))
    entered = {"year": 2027, "unit": city.units[0].pk, "kind": "blocked", "sort": "deep"}
    for text in ("审批慢", "审批太慢"):
        liaison.post(reverse("needs:enter_problem"), {**entered, "text": text})
    first, second = WorkProblem.objects.order_by("pk")
    weighed = {"weight": 5, "reason": "多次反映", "competencies": [competency]}
    client.post(reverse("needs:weigh_problem", args=[first.pk]), weighed)
    client.post(reverse("needs:merge_problem", args=[second.pk]), {"into": first.pk})
    client.post(reverse("needs:answer_problem", args=[first.pk]), {"answer": "已列入计划"})
    assert "已列入计划" in page(liaison, "problem", first.pk)
    assert "审批慢" in page(liaison, "problem", second.pk)
    client.post(reverse("needs:part_problem", args=[second.pk]))
    second.refresh_from_db()
    assert second.state == "open"


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.TRAINEE, Role.TEACHER])
def test_others_read_no_needs(city: City, role: Role) -> None:
    account = factories.make_account(role, city.root, city.people[0] if role == Role.TRAINEE else None)
    client = client_of(account)
    for name in ("board", "surveys", "problems", "priorities", "evidence", "reckon"):
        page(client, name, status=403)
