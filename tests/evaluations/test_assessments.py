"""An assessment goes its way: asked for, reported on, judged, told, appealed against, filed; and nobody goes another's way."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.evaluations.polled import make_held_school, make_version
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.engine.indicators.facts import Fact
from zhixing.evaluations import actions, rules
from zhixing.evaluations.models import Assessment, AssessmentResult, SystemVersion
from zhixing.evaluations.queries.facts import figures_of
from zhixing.evaluations.queries.quality import over_years, told_of
from zhixing.evaluations.queries.standing import compared, sheet_of
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
DUE = dt.date(2100, 1, 1)
PDF = b"%PDF-1.7 minutes"


def make_system(by: Account, name: str = "institution") -> SystemVersion:
    version = actions.create_system(rules.systems()[name][0], by=by)
    actions.publish_system(version, reason="", edition=1, by=by)
    version.refresh_from_db()
    return version


@dataclass
class Case:
    """A school under a department, with an account of its own, and an assessment that has begun."""

    department: Account
    colleague: Account
    school: Unit
    head: Account
    assessment: Assessment

    @property
    def judged(self) -> list[str]:
        return [one.code for one in self.assessment.version.tree.indicators if one.kind == "judged"]

    def report(self) -> None:
        for one in self.assessment.version.tree.indicators:
            if one.code in self.judged:
                actions.judge(self.assessment, one.code, 90, by=self.head)
            if one.evidence:
                upload = SimpleUploadedFile("minutes.pdf", PDF)
                actions.hand_in_proof(self.assessment, one.code, "会议纪要", upload, by=self.head)
        actions.hand_in_report(self.assessment, by=self.head)
        self.assessment.refresh_from_db()

    def review(self, *percents: int) -> None:
        """Each of up to two reviewers gives every judged indicator the same."""
        for reviewer, percent in zip((self.department, self.colleague), percents, strict=False):
            for code in self.judged:
                actions.judge(self.assessment, code, percent, note="查阅资料", by=reviewer)

    def tell(self) -> AssessmentResult:
        result = actions.tell_result(self.assessment, by=self.department)
        self.assessment.refresh_from_db()
        return result


def make_case() -> Case:
    city = factories.make_city()
    school = factories.make_unit("市委党校", city, kind=Unit.Kind.SCHOOL)
    department = factories.make_department(city)
    assessment = actions.begin_assessment(make_system(department), school, 2026, report_due_on=DUE, by=department)
    head = factories.make_account(Role.SCHOOL, school)
    return Case(department, factories.make_department(city), school, head, assessment)


def test_the_whole_way() -> None:
    case = make_case()
    case.report()
    case.review(80, 90)
    result = case.tell()
    worth = sum(one.points for one in case.assessment.version.tree.indicators if one.code in case.judged)
    assert result.hundredths == worth * 85  # no class run was held: figures are absent and earn nothing
    assert result.low < result.hundredths < result.high
    appeal = actions.appeal_result(result, "lessons", "集体备课记录未计入", by=case.head)
    with pytest.raises(Refused, match="waits"):
        actions.file_assessment(case.assessment, by=case.department)
    for who, said in ((case.department, "told the result"), (case.colleague, "judged this")):
        with pytest.raises(Refused, match=said):
            actions.decide_appeal(appeal, uphold=True, note="补充材料属实", by=who)
    third = factories.make_department(case.department.scope_unit)
    actions.decide_appeal(appeal, uphold=True, note="补充材料属实", by=third)
    actions.judge(case.assessment, "lessons", 100, by=case.department)
    second = case.tell()
    assert second.number == 2
    assert second.hundredths > result.hundredths
    assert case.assessment.results.count() == 2
    with pytest.raises(Refused, match="may appeal until"):
        actions.file_assessment(case.assessment, by=case.department)
    Assessment.objects.filter(pk=case.assessment.pk).update(appeal_until=dt.date(2020, 1, 1))
    actions.file_assessment(case.assessment, by=case.department)
    case.assessment.refresh_from_db()
    assert case.assessment.state == Assessment.State.FINAL


def test_a_report_says_what_it_lacks() -> None:
    case = make_case()
    with pytest.raises(Invalid, match="without a self-assessment"):
        actions.hand_in_report(case.assessment, by=case.head)
    for code in case.judged:
        actions.judge(case.assessment, code, 80, by=case.head)
    with pytest.raises(Invalid, match="without a paper"):
        actions.hand_in_report(case.assessment, by=case.head)


def test_the_self_assessment_never_counts_and_hides_what_reviewers_give() -> None:
    case = make_case()
    case.report()
    assert sheet_of(case.assessment, case.department).score.earned == 0
    case.review(70)
    assert all(not row.judgements for row in sheet_of(case.assessment, case.head).rows)
    assert sheet_of(case.assessment, case.head).score.earned == 0
    case.tell()
    assert sheet_of(case.assessment, case.head).score.earned > 0


def test_everybody_keeps_to_the_own_step() -> None:
    case = make_case()
    stranger = factories.make_department(factories.make_unit("东县", case.school.parent, kind=Unit.Kind.COUNTY))
    other = factories.make_account(Role.SCHOOL, factories.make_unit("别校", case.school.parent, kind=Unit.Kind.SCHOOL))
    for who in (case.department, stranger, other):
        with pytest.raises(Refused):
            actions.judge(case.assessment, "lessons", 90, by=who)
    case.report()
    for who in (case.head, stranger, other):
        with pytest.raises(Refused):
            actions.judge(case.assessment, "lessons", 90, by=who)
        with pytest.raises(Refused):
            actions.tell_result(case.assessment, by=who)
    case.review(90)
    result = case.tell()
    for who in (case.department, other):
        with pytest.raises(Refused):
            actions.appeal_result(result, "lessons", "不服", by=who)
    appeal = actions.appeal_result(result, "lessons", "不服", by=case.head)
    with pytest.raises(Conflict):
        actions.appeal_result(result, "lessons", "不服", by=case.head)
    for who in (case.head, stranger):
        with pytest.raises(Refused):
            actions.decide_appeal(appeal, uphold=True, note="属实", by=who)
    assert not Assessment.objects.visible_to(other).exists()
    assert not Assessment.objects.visible_to(stranger).exists()
    assert Assessment.objects.visible_to(case.head).exists()


def test_bad_judgements_are_refused() -> None:
    case = make_case()
    with pytest.raises(Invalid, match="not judged"):
        actions.judge(case.assessment, "satisfaction", 90, by=case.head)
    with pytest.raises(Invalid, match="from 0 to 100"):
        actions.judge(case.assessment, "lessons", 101, by=case.head)
    case.report()
    with pytest.raises(Invalid, match="word of why"):
        actions.judge(case.assessment, "lessons", 40, by=case.department)


def test_what_was_told_is_never_changed() -> None:
    case = make_case()
    case.report()
    case.review(90)
    result = case.tell()
    with pytest.raises(DatabaseError), transaction.atomic():
        AssessmentResult.objects.filter(pk=result.pk).update(hundredths=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        result.delete()


def test_an_assessment_is_begun_once_and_of_what_the_system_is_for() -> None:
    case = make_case()
    with pytest.raises(Conflict):
        actions.begin_assessment(case.assessment.version, case.school, 2026, report_due_on=DUE, by=case.department)
    runs = make_system(case.department, "class-run")
    with pytest.raises(Invalid, match="not made for"):
        actions.begin_assessment(runs, case.school, 2026, report_due_on=DUE, by=case.department)
    draft = actions.create_system(rules.systems()["institution"][0], by=case.department)
    with pytest.raises(Invalid, match="published"):
        actions.begin_assessment(draft, case.school, 2027, report_due_on=DUE, by=case.department)
    with pytest.raises(Refused):
        actions.begin_assessment(runs, case.school, 2026, report_due_on=DUE, by=case.head)


def test_figures_come_from_registers_timetable_and_sheets() -> None:
    """Five of six were there, in one register that is closed; ten sheets of one group, of which the mean is known."""
    school = make_held_school(people=6)
    department = school.department
    found = actions.begin_assessment(
        make_system(department, "class-run"), school.class_run, 2026, report_due_on=DUE, by=department
    )
    figures = figures_of(found)
    assert figures[Fact.ATTENDANCE].percent == Fraction(500, 6)
    assert figures[Fact.REGISTERS].percent == 100
    assert figures[Fact.SEATS_FILLED].percent > 0
    assert Fact.SATISFACTION not in figures
    from tests.evaluations.polled import Poll

    poll = Poll(school, make_version(department))
    poll.survey = poll.launch()
    for who in range(5):
        poll.hand_in(who, mark=4 if who else 3)
    assert Fact.SATISFACTION not in figures_of(found)
    poll.close()
    figure = figures_of(found)[Fact.SATISFACTION]
    grades = rules.in_force().grades
    assert float(figure.percent) == pytest.approx((4 * grades[3] + grades[2]) / 5, abs=0.01)
    assert figure.half
    assert figures_of(found)[Fact.RESPONSE].percent == 100


def test_of_a_class_run_to_which_nobody_was_called_no_seat_is_said_to_be_empty() -> None:
    school = make_held_school(people=3)
    other = factories.make_class_run(
        institution=school.institution, organised_by=school.class_run.organised_by, state="held"
    )
    found = actions.begin_assessment(
        make_system(school.department, "class-run"), other, 2026, report_due_on=DUE, by=school.department
    )
    assert Fact.SEATS_FILLED not in figures_of(found)


def test_objects_beside_each_other_leave_open_what_their_intervals_leave() -> None:
    case = make_case()
    case.report()
    case.review(80, 90)
    case.tell()
    other = factories.make_unit("乙校", case.school.parent, kind=Unit.Kind.SCHOOL)
    second = actions.begin_assessment(case.assessment.version, other, 2026, report_due_on=DUE, by=case.department)
    found = compared([case.assessment, second])
    assert [(one.assessment.pk, one.first, one.last) for one in found.placed] == [
        (case.assessment.pk, 1, 1),
        (second.pk, 2, 2),
    ]
    assert found.dependences == ()


# Improvements and the quality file


def test_an_improvement_is_asked_for_reported_and_looked_at() -> None:
    case = make_case()
    case.report()
    soon = timezone.localdate() + dt.timedelta(days=30)
    asked: dict[str, Any] = {"owner": "教务处", "due_on": soon}
    with pytest.raises(Refused, match="past that step"):
        actions.ask_improvement(case.assessment, "补齐教案", by=case.department, **asked)
    case.review(80, 90)
    case.tell()
    with pytest.raises(Refused):
        actions.ask_improvement(case.assessment, "补齐教案", by=case.head, **asked)
    with pytest.raises(Invalid, match="is past"):
        actions.ask_improvement(
            case.assessment, "补齐教案", by=case.department, owner="教务处", due_on=dt.date(2020, 1, 1)
        )
    task = actions.ask_improvement(case.assessment, "补齐教案", by=case.department, code="lessons", **asked)
    for who in (case.department, factories.make_account(Role.SCHOOL, factories.make_unit("别校", case.school.parent))):
        with pytest.raises(Refused):
            actions.report_improvement(task, "已补齐", by=who)
    with pytest.raises(Refused, match="not reported"):
        actions.close_improvement(task, good=True, by=case.department)
    actions.report_improvement(task, "已补齐", by=case.head)
    with pytest.raises(Conflict):
        actions.report_improvement(task, "又补齐", by=case.head)
    task.refresh_from_db()
    actions.close_improvement(task, good=False, by=case.colleague)
    task.refresh_from_db()
    assert (task.state, task.report) == ("open", "已补齐")
    actions.report_improvement(task, "全部补齐", by=case.head)
    task.refresh_from_db()
    with pytest.raises(Refused):
        actions.close_improvement(task, good=True, by=case.head)
    actions.close_improvement(task, good=True, by=case.colleague)


def test_the_quality_file_holds_the_years_and_opens_to_its_own_only() -> None:
    case = make_case()
    for year in (2025, 2024):
        actions.begin_assessment(case.assessment.version, case.school, year, report_due_on=DUE, by=case.department)
    for one in Assessment.objects.all():
        case.assessment = one
        case.report()
        case.review(70 + one.year % 5, 80)
        case.tell()
    found = told_of(case.school, case.head)
    assert [one.assessment.year for one in found] == [2026, 2025, 2024]
    chart = over_years(found, "x")
    assert chart
    assert list(chart.labels) == ["2024", "2025", "2026"]
    (shares,) = chart.series.values()
    for one, share, (low, high) in zip(reversed(found), shares, chart.intervals, strict=True):
        points = float(one.assessment.version.tree.root.points)
        assert share == round(100 * one.points / points, 1)
        assert (low, high) == (round(100 * one.low / points, 1), round(100 * one.high / points, 1))
        assert share is not None
        assert low <= share <= high
        assert low < high
    page = reverse("evaluations:quality_file", args=[case.school.pk])
    assert case.school.name in signed_in(Client(), case.head).get(page).content.decode()
    other = factories.make_account(Role.SCHOOL, factories.make_unit("别校", case.school.parent, kind=Unit.Kind.SCHOOL))
    assert signed_in(Client(), other).get(page).status_code == 404
    assert signed_in(Client(), factories.make_account(Role.LIAISON, case.school)).get(page).status_code == 404


# Systems


def test_a_published_version_stands_and_the_next_one_says_why() -> None:
    department = factories.make_department(factories.make_city())
    first = make_system(department)
    with pytest.raises(Refused, match="never changes"):
        actions.save_system_draft(first, first.document, edition=1, by=department)
    draft = actions.begin_system_draft(first, by=department)
    with pytest.raises(Conflict):
        actions.begin_system_draft(first, by=department)
    document: Any = copy.deepcopy(draft.document)
    document["group"][0]["indicator"][0]["points"] = 8
    actions.save_system_draft(draft, document, edition=1, by=department)
    with pytest.raises(Conflict, match="another window"):
        actions.save_system_draft(draft, document, edition=1, by=department)
    with pytest.raises(Invalid, match="not ready"):
        actions.publish_system(draft, reason="更重理论", edition=2, by=department)
    document["group"][0]["indicator"][1]["points"] = 4
    actions.save_system_draft(draft, document, edition=2, by=department)
    with pytest.raises(Invalid, match="Say why"):
        actions.publish_system(draft, reason=" ", edition=3, by=department)
    actions.publish_system(draft, reason="更重理论", edition=3, by=department)


def test_only_the_department_that_made_it_changes_a_system() -> None:
    city = factories.make_city()
    county = factories.make_unit("东县", city, kind=Unit.Kind.COUNTY)
    version = make_system(factories.make_department(city))
    of_county = factories.make_department(county)
    for who in (of_county, factories.make_account(Role.AUDITOR, city), factories.make_account(Role.SCHOOL, county)):
        with pytest.raises(Refused):
            actions.begin_system_draft(version, by=who)
    assert type(version.system).objects.visible_to(of_county).exists()


# Pages


def signed_in(client: Client, account: Account) -> Client:
    client.force_login(account)
    return client


def test_the_pages_lead_through(client: Client) -> None:
    case = make_case()
    school, office = signed_in(Client(), case.head), signed_in(Client(), case.department)
    own = reverse("evaluations:assessment", args=[case.assessment.pk])
    beside = reverse("evaluations:compare", args=[case.assessment.version_id, 2026])
    every = reverse("evaluations:assessments")
    assert "自评" in school.get(own).content.decode()
    assert beside in office.get(every).content.decode()
    assert beside in office.get(own).content.decode()
    for page in (every, own):
        assert beside not in school.get(page).content.decode()  # nothing was told yet
    assert school.get(beside).status_code == 404
    judge = reverse("evaluations:judge", args=[case.assessment.pk, "lessons"])
    assert school.post(judge, {"percent": "150"}).status_code == 422
    assert school.post(judge, {"percent": "85", "note": "六次集体备课"}).status_code == 302
    paper = reverse("evaluations:hand_in_proof", args=[case.assessment.pk, "lessons"])
    upload = {"title": "教案", "file": SimpleUploadedFile("x.exe", b"MZ")}
    assert school.post(paper, upload).status_code == 422
    upload = {"title": "教案", "file": SimpleUploadedFile("x.pdf", PDF)}
    assert school.post(paper, upload).status_code == 302
    assert school.post(reverse("evaluations:step", args=[case.assessment.pk, "report"])).status_code == 422
    case.report()
    case.review(80, 90)
    assert office.post(reverse("evaluations:step", args=[case.assessment.pk, "tell"])).status_code == 302
    assert "95% 把握在" in school.get(own).content.decode()
    for page in (every, own):
        assert beside in school.get(page).content.decode()
    assert case.school.name in office.get(beside).content.decode()
    appeal = reverse("evaluations:appeal_result", args=[case.assessment.pk, "lessons"])
    assert school.post(appeal, {"text": "少算一次"}).status_code == 302
    about = case.assessment.results.get().appeals.get()
    decide = reverse("evaluations:decide_result_appeal", args=[case.assessment.pk, about.pk])
    assert school.post(decide, {"uphold": "yes", "note": "是"}).status_code == 403
    assert office.post(decide, {"uphold": "no", "note": "材料重复"}).status_code == 403  # it told the result itself
    assert "目前无人可以裁定" in office.get(own).content.decode()
    third = signed_in(Client(), factories.make_department(case.department.scope_unit))
    assert "目前无人可以裁定" not in office.get(own).content.decode()
    assert decide in third.get(own).content.decode()
    assert "少算一次" in third.get(reverse("evaluations:appeals")).content.decode()
    assert third.post(decide, {"uphold": "no", "note": "材料重复"}).status_code == 302
    assert "少算一次" not in third.get(reverse("evaluations:appeals")).content.decode()
    for name in ("assessments", "systems"):
        assert case.assessment.version.system.title in office.get(reverse(f"evaluations:{name}")).content.decode()
    assert office.get(reverse("evaluations:step", args=[case.assessment.pk, "tell"])).status_code == 405


def test_a_draft_is_edited_on_one_page_and_two_tabs_do_not_undo_each_other() -> None:
    department = factories.make_department(factories.make_city())
    client = signed_in(Client(), department)
    assert client.post(reverse("evaluations:take_system", args=["class-run"])).status_code == 302
    draft = SystemVersion.objects.get()
    edit = reverse("evaluations:edit_system", args=[draft.pk])
    assert "出勤率" in client.get(edit).content.decode()
    typed = {"edition": "1", "title": "我市体系", "points-seats": "x", "scale-attendance": "70:0 100：100"}
    assert client.post(edit, typed).status_code == 302
    draft.refresh_from_db()
    assert draft.document["system"]["title"] == "我市体系"
    assert draft.document["group"][2]["indicator"][0]["scale"] == [[70, 0], [100, 100]]
    page = client.get(reverse("evaluations:system", args=[draft.pk])).content.decode()
    assert "还不能发布" in page
    assert client.post(edit, typed).status_code == 409
    added = {"edition": "2", "add": "design", "new_title": "调研报告", "new_points": "4", "points-seats": "4"}
    assert client.post(edit, added).status_code == 302
    draft.refresh_from_db()
    assert [one["points"] for one in draft.document["group"][0]["indicator"]] == [12, 4, 4]
    assert client.post(edit, {"edition": "3", "drop-design": "on", "points": "80"}).status_code == 302
    draft.refresh_from_db()
    assert draft.tree.root.points == 80
    publish = reverse("evaluations:publish_system", args=[draft.pk])
    draft.refresh_from_db()
    assert f'name="edition" value="{draft.edition}"' in client.get(publish).content.decode()
    assert client.post(publish, {"reason": "", "edition": str(draft.edition - 1)}).status_code == 409
    assert client.post(publish, {"reason": "", "edition": str(draft.edition)}).status_code == 302
    begin = reverse("evaluations:begin_assessment", args=["class_run"])
    assert client.get(begin).status_code in (200, 422)


def test_a_begun_page_asks_several_schools_at_once() -> None:
    city = factories.make_city()
    department = factories.make_department(city)
    schools = [factories.make_unit(name, city, kind=Unit.Kind.SCHOOL) for name in ("甲校", "乙校")]
    version = make_system(department)
    client = signed_in(Client(), department)
    form = {"version": version.pk, "year": "2026", "report_due_on": "2100-01-01"}
    begin = reverse("evaluations:begin_assessment", args=["institution"])
    assert client.post(begin, form).status_code == 422
    form["institutions"] = [one.pk for one in schools]
    assert client.post(begin, form).status_code == 302
    assert client.post(begin, form).status_code == 302
    assert Assessment.objects.count() == 2
