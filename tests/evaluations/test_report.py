"""The report of a class run, opened again: one page, its sentences follow from the figures, and it says no more than the pages may."""

from __future__ import annotations

import copy
import datetime as dt
import io
from typing import Any

import docx
import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from tests import factories
from tests.evaluations.polled import Poll, make_held_school, make_poll, make_teacher, make_version
from tests.evaluations.rated import rate, scores
from zhixing.attendance.models import NamedApprover
from zhixing.base.problems import Refused
from zhixing.evaluations import queries, rules
from zhixing.evaluations.models import Group, Reckoning, Remark, Sheet, Survey
from zhixing.evaluations.papers.report import facts_of, report_pdf, report_word
from zhixing.evaluations.queries.report import Report, report_of
from zhixing.people.models import Role, Unit

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 30)


def fill(survey: Survey, n: int, marks: dict[str, int], level: float = 3.0) -> None:
    """``n`` sheets of raters who differ; the questions in ``marks`` get that mark from all of them."""
    rng = np.random.default_rng(n)
    names = [one.name for one in survey.fields if one.item.is_scored]
    sheets = []
    for _n in range(n):
        own = rng.normal(level, 0.5)
        given = {name: int(np.clip(round(own + rng.normal(0, 0.5)), 1, 4)) for name in names} | marks
        sheets.append(
            Sheet(survey=survey, answers=given, score=round(2500 * float(np.mean([*given.values()]))), seconds=120)
        )
    Sheet.objects.bulk_create(sheets)
    Survey.objects.filter(pk=survey.pk).update(invited=n + 3, answered=n)


def make_rated(document: dict[str, Any] | None = None) -> Poll:
    """A survey of 30 sheets with one very good and one very bad question, and five other class runs."""
    made = make_poll(people=8, document=document)
    made.close()
    names = [one.name for one in made.survey.fields if one.item.is_scored]
    Survey.objects.filter(pk=made.survey.pk).update(invited=0, answered=0)
    fill(made.survey, 30, {names[1]: 4, names[10]: 1})
    for n in range(5):
        rate(made.version, made.school.institution, scores(60 + 5 * n, seed=n), f"另{n}")
    Remark.objects.bulk_create(
        Remark(survey=made.survey, field="remarks", text=f"意见{n}" + "长" * 200) for n in range(9)
    )
    made.survey.refresh_from_db()
    return made


@pytest.fixture
def poll() -> Poll:
    return make_rated()


def made(poll: Poll) -> Report:
    return report_of(poll.school.department, poll.school.class_run)


def words(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


def test_the_pdf_is_one_page_and_says_what_the_figures_say(poll: Poll) -> None:
    report = made(poll)
    content = report_pdf(report, ON)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1
    found = words(content)
    assert f"{poll.school.class_run.name}质量评估报告" in found
    assert "收回答卷30份（应答33份，90%）" in found.replace(" ", "")
    assert "做得好的：课程设置" in found.replace(" ", "")
    assert f"{report.total.mean:.1f}" in found
    assert report.worst[0].text in found
    assert report.stood is not None
    assert f"{report.stood.corrected:.1f}" in found
    assert "出勤学时占应到学时" in found


def test_the_word_opens_and_says_the_same(poll: Poll) -> None:
    report = made(poll)
    paper = docx.Document(io.BytesIO(report_word(report, ON)))
    text = "\n".join(one.text for one in paper.paragraphs)
    facts = facts_of(report, ON)
    for sentence in facts["sentences"]:
        assert sentence in text
    assert [[cell.text for cell in row.cells] for row in paper.tables[0].rows] == facts["facts"]
    assert len(paper.inline_shapes) == 1
    described = paper.inline_shapes[0]._inline.docPr.get("descr")
    assert facts["rows"][0]["said"] in described


def test_the_same_figures_give_the_same_pdf(poll: Poll) -> None:
    assert report_pdf(made(poll), ON) == report_pdf(made(poll), ON)


def test_good_and_bad_are_only_said_where_they_can_be_told_apart(poll: Poll) -> None:
    assert made(poll).parted
    Sheet.objects.filter(survey=poll.survey).delete()
    fill(poll.survey, 12, {})
    report = made(poll)
    assert not report.parted
    said = "".join(facts_of(report, ON)["sentences"])
    assert "分不出高低，不宜据此说" in said
    assert "做得好的" not in said


def test_it_says_among_which_class_runs_it_compares(poll: Poll) -> None:
    """Who prints it decides who else is in the comparison: the paper says so, and why there is none."""
    school, run = poll.school.institution, poll.school.class_run
    head = factories.make_account(Role.SCHOOL, school)
    rate(poll.version, factories.make_unit("干部学院", poll.school.city, kind=Unit.Kind.SCHOOL), scores(70), "外")
    said = {user: facts_of(report_of(user, run), ON) for user in (poll.school.department, head)}
    assert "与全市同年 6 个可比班次相比" in said[poll.school.department]["sentences"][1]
    assert f"与“{school.name}”范围内同年 5 个可比班次相比" in said[head]["sentences"][1]
    assert "换人制表" in said[head]["note"]
    own = factories.make_account(Role.SCHOOL, school, own_class_runs_only=True)
    NamedApprover.objects.create(class_run=run, approver="class_head", account=own)
    alone = facts_of(report_of(own, run), ON)["sentences"][1]
    assert "不与制表人所带的同年用同一问卷的班次比较：至少要有 3 个" in alone
    Sheet.objects.update(score=9000)
    Reckoning.objects.all().delete()
    assert "所有答卷打分相同" in facts_of(made(poll), ON)["sentences"][1]


def test_no_teacher_is_named_among_the_best_or_the_worst() -> None:
    """Questions put of each teacher and each session are in no order of the best and the worst, which would be one of persons."""
    school = make_held_school(people=8)
    teacher = make_teacher(school).teacher
    document = copy.deepcopy(rules.templates()["class-run"].document)
    own = [
        {"code": f"own{per}", "text": "讲得清楚", "kind": "grades", "required": False, "per": per}
        for per in ("teacher", "session")
    ]
    document["block"][0]["item"] = [*own, *document["block"][0]["item"]]  # type: ignore[index]
    poll = Poll(school, make_version(school.department, document=document))
    poll.survey = poll.launch()
    poll.close()
    about = [one.name for one in poll.survey.fields if one.subject]
    Survey.objects.filter(pk=poll.survey.pk).update(invited=0, answered=0)
    fill(poll.survey, 30, dict.fromkeys(about, 1))
    assert about
    poll.survey.refresh_from_db()
    report = made(poll)
    assert report.worst
    assert not [one for one in [*report.best, *report.worst] if "讲得清楚" in one.text]
    assert teacher.name not in str(facts_of(report, ON))


def test_long_names_and_texts_still_fit_on_one_page() -> None:
    document: dict[str, Any] = copy.deepcopy(rules.templates()["class-run"].document)
    for block in document["block"]:
        block["title"] = f"{block['title']}{'很长的部分名称' * 10}"[:60]
        for item in block["item"]:
            item["text"] = f"{item['text']}{'这道题的题干特别长' * 25}"[:200]
    poll = make_rated(document)
    for group in (Group.OFFICE, Group.TEACHERS, Group.STAFF, Group.SUPERIORS):
        rate(poll.version, None, scores(80, 9), class_run=poll.school.class_run, group=group)
    content = report_pdf(made(poll), ON)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_nothing_of_few_is_in_it(poll: Poll) -> None:
    rate(poll.version, None, [1234] * 4, class_run=poll.school.class_run, group=Group.OFFICE)
    found = facts_of(made(poll), ON)
    (office,) = [row for row in found["groups"] if row[0] == "教务部门"]
    assert office[2:] == ["太少", "—"]
    assert "12.3" not in str(found)
    keys = list(poll.survey.sheets.values_list("pk", flat=True))[:26]
    Sheet.objects.filter(pk__in=keys).delete()
    with pytest.raises(Refused):
        made(poll)


def test_it_says_which_questions_are_left_out_for_the_sake_of_few(poll: Poll) -> None:
    assert facts_of(made(poll), ON)["left_out"] == ""
    fields = [one for one in poll.survey.fields if one.item.is_scored and not one.subject]
    sheets = list(Sheet.objects.filter(survey=poll.survey).order_by("pk"))
    for place, sheet in enumerate(sheets):
        if place < 3:  # three left one blank: beside its block it would tell of these
            del sheet.answers[fields[2].name]
        if place >= 2:  # two alone answered the last one
            del sheet.answers[fields[-1].name]
        sheet.save()
    Reckoning.objects.all().delete()
    report = made(poll)
    said = facts_of(report, ON)["left_out"]
    hidden = {tally.field.name: tally.hidden for b in report.results.blocks for o in b.outcomes for tally in o.tallies}
    assert hidden[fields[-1].name] == "few"
    assert "gives_away" in hidden.values()
    assert f"第 {fields[-1].number} 题作答不足 5 人" in said
    gone = [one.number for one in fields if hidden[one.name] == "gives_away"]
    assert f"第 {'、'.join(gone)} 题" in said
    assert "不参加最高、最低的比较" in said
    texts = {one.item.text for one in fields if hidden[one.name]}
    assert not texts & {one.text for one in [*report.best, *report.worst]}
    assert said.replace(" ", "") in words(report_pdf(report, ON)).replace(" ", "")
    paper = docx.Document(io.BytesIO(report_word(report, ON)))
    assert said in [one.text for one in paper.paragraphs]


def test_its_figures_are_those_of_the_page(poll: Poll) -> None:
    page = queries.results_of(poll.survey, poll.school.department)
    assert made(poll).total == page.total
    assert made(poll).sound == queries.soundness_of(poll.survey)


def test_who_answers_for_the_class_run_gets_it_and_nobody_else(poll: Poll, client: Client) -> None:
    elsewhere = factories.make_unit("东县", poll.school.city, kind=Unit.Kind.COUNTY)
    own = (poll.school.department, poll.school.head, factories.make_account(Role.AUDITOR, poll.school.city))
    others = [factories.make_account(role, elsewhere) for role in (Role.DEPARTMENT, Role.SCHOOL, Role.LIAISON)]
    for form in ("pdf", "docx"):
        address = reverse("evaluations:report", args=[poll.school.class_run.pk, form])
        for user in own:
            client.force_login(user)
            answer = client.get(address)
            assert answer.status_code == 200
            assert answer.content[:2] in (b"%P", b"PK")
        for user in (*others, make_teacher(poll.school), poll.school.trainees[0]):
            client.force_login(user)
            assert client.get(address).status_code in (403, 404)
    client.force_login(poll.school.department)
    assert client.get(reverse("evaluations:report", args=[poll.school.class_run.pk, "exe"])).status_code == 404


def test_the_page_offers_it_only_where_there_is_one(poll: Poll, client: Client) -> None:
    client.force_login(poll.school.department)
    address = reverse("evaluations:class_run", args=[poll.school.class_run.pk])
    assert "评估报告（PDF）" in client.get(address).content.decode()
    Survey.objects.filter(pk=poll.survey.pk).update(state="open", closed_at=None)
    assert "评估报告（PDF）" not in client.get(address).content.decode()
    pdf = reverse("evaluations:report", args=[poll.school.class_run.pk, "pdf"])
    assert client.get(pdf).status_code == 403
