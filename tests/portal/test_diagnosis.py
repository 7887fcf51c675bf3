"""The diagnosis page and its command: what is read, for whom, and what is said where there is nothing."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    make_account,
    make_annual_plan,
    make_class_run,
    make_entry,
    make_person,
    make_plan_line,
    make_policy,
)
from tests.needs.asked import make_framework
from tests.obligations.texts import CITY
from tests.resources.test_banks import MONDAY, Place, add_session, signed_in
from tests.resources.test_links import reckon
from zhixing.base.tables.read import read_sheet
from zhixing.callups.models import Callup, CallupRun
from zhixing.config.cli.diagnosis import command
from zhixing.engine.diagnosis.index import Index, Known
from zhixing.evaluations.models import ExamGain
from zhixing.obligations.models import Policy, Standing
from zhixing.people.models import Account, Person, Role
from zhixing.plans.models import ClassRun, PlanRun
from zhixing.portal.diagnosis import CODES, Diagnosis, Scope, diagnose
from zhixing.portal.diagnosis.dials import dial_of
from zhixing.portal.diagnosis.indices import Problem
from zhixing.portal.diagnosis.telling import doors_of, hundred, notes_of, sentence_of
from zhixing.resources.models import Teacher, Topic

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def place() -> Place:
    return Place()


def found(user: Account | None = None, year: int = YEAR) -> Diagnosis:
    return diagnose(Scope(user), year, MONDAY)


def run_with(place: Place, *sessions: dict[str, Any], **facts: Any) -> ClassRun:
    run = make_class_run(**{"institution": place.school, "state": ClassRun.State.HELD, **facts})
    for number, session in enumerate(sessions):
        on = run.starts_on + dt.timedelta(days=number // 2)
        add_session(run, ("am", "pm")[number % 2], **{"on": on, **session})
    return run


def call(run: ClassRun, people: list[Person], state: str = Callup.State.ACCEPTED) -> None:
    at = CallupRun.objects.create(name="一", on=MONDAY, by_id=1)
    for seat, person in enumerate(people, 1):
        Callup.objects.create(run=at, class_run=run, person=person, unit=person.unit, seat=seat, state=state)


def owe(people: list[Person], missing: int, on: dt.date = MONDAY) -> None:
    policy = Policy.objects.first() or make_policy(CITY)
    for person in people:
        Standing.objects.create(
            person=person, rule="year", policy=policy, on=on, window_opens=dt.date(YEAR, 1, 1), window_closes=dt.date(YEAR, 12, 31),
            required_tenths=900, counted_tenths=900 - missing, missing_tenths=missing, capped_tenths=0, state="short", worst="short",
        )  # fmt: skip


class TestNothing:
    def test_a_year_without_class_runs_is_said_to_be_one(self, place: Place) -> None:
        diagnosis = found()
        assert [one.index.known for one in diagnosis.problems] == [Known.NOTHING] * 4
        assert (diagnosis.class_runs, diagnosis.laid_out) == (0, 0)
        page = signed_in(place.department).get(reverse("portal:diagnosis")).content.decode()
        assert "尚无可诊断的内容" in page
        assert "还没有班次排出课程表" in page
        for code in CODES:
            assert (
                signed_in(place.department).get(reverse("portal:diagnosis_rows", args=[YEAR, code])).status_code == 200
            )

    def test_what_does_not_take_place_says_nothing(self, place: Place) -> None:
        for state in (ClassRun.State.DRAFT, ClassRun.State.CANCELLED):
            run_with(place, {"method": "lecture"}, {"method": "case"}, state=state)
        assert found().laid_out == 0

    def test_the_command_says_so_too(self, tmp_path: Path) -> None:
        written = written_by_command(tmp_path)
        assert [one["value"] for one in written["indices"]] == [None] * 4
        assert {one["known"] for one in written["indices"]} == {"nothing"}


def written_by_command(tmp_path: Path, year: int = YEAR) -> Any:
    out = tmp_path / "diagnosis.json"
    done = CliRunner().invoke(command, ["--year", str(year), "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(out.read_text(encoding="utf-8"))


class TestReadings:
    def test_methods_of_each_class_run(self, place: Place) -> None:
        mixed = run_with(place, {"method": "lecture"}, {"method": "case"})
        single = run_with(place, {"method": "lecture"}, {"method": "lecture"})
        problem = found().problem("methods")
        assert problem.index.value == pytest.approx(0.5)
        assert problem.parts == {"interactive": 0.25, "used": 2, "one_method": 1}
        assert {pk: row["index"] for pk, row in problem.rows.items()} == {mixed.pk: 1, single.pk: 0}

    def test_hours_are_traced_by_course_title_and_theme(self, place: Place) -> None:
        idle = Topic.objects.create(name="书法")
        course, useless = place.course(), place.course("书法课", topics=[idle])
        place.course("他校课", institution=place.other, by=place.department)
        run = run_with(
            place, {"bank_course": course}, {"title": "治理课"}, {"title": "自学"}, {"bank_course": useless}, {"title": "他校课"}
        )  # fmt: skip
        themed = run_with(place, {"title": "自学"}, {"bank_course": useless}, theme="基层治理")
        run_with(place, {"title": "自学"}, theme="书法")
        problem = found().problem("content")
        assert problem.index.value == pytest.approx(3 / 8)
        assert problem.parts == pytest.approx(
            {"link": 0, "plan": 0, "course": 1 / 8, "title": 1 / 8, "theme": 1 / 8, "none": 5 / 8}
        )
        assert problem.rows[run.pk]["traced"] == 80
        assert problem.rows[themed.pk] == {
            "tenths": 80,
            "traced": 40,
            "index": 0.5,
            "by_link": 0,
            "by_plan": 0,
            "by_course": 0,
            "by_title": 0,
            "by_theme": 40,
        }
        Topic.objects.filter(name="基层治理").update(retired_on=MONDAY)
        assert found().problem("content").index.value == 0

    def test_the_link_comes_first_then_the_plan_then_words(self, place: Place) -> None:
        framework = make_framework(place.department)
        reckon(framework, ["A1"])
        linked = place.course("法治课", topics=[Topic.objects.create(name="法治", competencies=["A1"])])
        idle = place.course("写作课", competencies=["A2"])
        worded = place.course()
        sessions = [{"bank_course": linked}, {"bank_course": worded}, {"bank_course": idle}, {"title": "法治课"}]
        plain, planned, empty = (run_with(place, *sessions) for _n in range(3))
        plan = make_annual_plan(place.city, place.department)
        for run, evidence in ((planned, [{"need": "1", "share": 10_000}]), (empty, [])):
            PlanRun.objects.create(line=make_plan_line(plan, evidence=evidence), class_run=run)
        rows = found().problem("content").rows
        words = {"by_link": 40, "by_plan": 0, "by_course": 40, "by_title": 40, "by_theme": 0, "traced": 120}
        for run in (plain, empty):
            assert {name: rows[run.pk][name] for name in words} == words
        assert rows[planned.pk]["by_link"] == 40
        assert rows[planned.pk]["by_plan"] == 80
        assert rows[planned.pk]["traced"] == 120  # a course that links to what nobody needs is not saved by the plan
        reckon(framework, ["A2"], 2028)
        words = {"by_link": 40, "by_plan": 0, "by_course": 40, "by_title": 0, "by_theme": 0, "traced": 80}
        assert {name: found().problem("content").rows[plain.pk][name] for name in words} == words

    def test_a_theme_that_links_to_what_nobody_needs_is_not_traced_by_its_paper(self, place: Place) -> None:
        framework = make_framework(place.department)
        Topic.objects.filter(pk=place.topic.pk).update(competencies=["A2"])
        run_with(place, {"title": "自学"}, theme="基层治理")
        assert found().problem("content").parts["theme"] == 1
        reckon(framework, ["A1"])
        assert found().problem("content").parts["none"] == 1
        assert list(found().problem("staffing").short) == []

    def test_page_sheet_and_command_name_the_way(self, place: Place, tmp_path: Path) -> None:
        reckon(make_framework(place.department), ["A1"])
        run_with(place, {"bank_course": place.course("法治课", competencies=["A1"])})
        client, url = signed_in(place.department), reverse("portal:diagnosis_rows", args=[YEAR, "content"])
        assert "按能力对应" in client.get(url).content.decode()
        assert "按能力对应" in str(read_sheet(client.get(f"{url}?export=diagnosis-content").content, "rows.xlsx"))
        content = next(one for one in written_by_command(tmp_path)["indices"] if one["code"] == "content")
        assert content["parts"]["link"] == 1
        assert content["rows"][0]["by_link"] == 40

    def test_teachers_by_their_hours_and_topics_without_enough_of_them(self, place: Place) -> None:
        one, two = (Teacher.objects.create(name=name, group="school", institution=place.school) for name in "甲乙")
        run_with(place, {"teacher": one}, {"teacher": one}, {"teacher": one}, {"teacher": two}, {})
        problem = found().problem("staffing")
        assert problem.index.value == pytest.approx(0.5)
        assert problem.index.known is Known.ONE
        assert problem.parts["unnamed"] == pytest.approx(0.2)
        assert problem.rows[one.pk] == {"tenths": 120, "class_runs": 1, "index": 0.75}
        assert list(problem.short) == ["基层治理"]
        for teacher in (one, two):
            teacher.listed_topics.add(place.topic)
        assert list(found().problem("staffing").short) == []

    def test_who_was_called_owed_more_before_the_class_counted(self, place: Place) -> None:
        called = [make_person(place.school) for _n in range(6)]
        others = [make_person(place.school) for _n in range(4)]
        run = run_with(place)
        call(run, called[:5])
        call(run_with(place), called[5:])  # one person alone is in no sum
        owe(called, 400)
        owe(others, 450)
        assert found().problem("relevance").index.value == 0
        for person in called:
            make_entry(person, MONDAY, 300, source="attendance")
        problem = found().problem("relevance")
        assert problem.index.value == 1
        assert problem.parts["owed_called"] == pytest.approx(0.77)
        assert (problem.parts["small"], problem.parts["called"]) == (1, 5)
        assert problem.rows.keys() == {run.pk}
        assert found(year=2025).problem("relevance").index.known is Known.NOTHING

    def test_the_effect_is_measured_or_said_not_to_be(self, place: Place) -> None:
        run = run_with(place)
        page = reverse("portal:diagnosis")
        assert "未测量" in signed_in(place.department).get(page).content.decode()
        gain = {"value": 8.0, "lower": 4.0, "upper": 12.0}
        ExamGain.objects.create(class_run=run, n=4, left_out=0, found=gain, by=place.department)
        assert found().problem("relevance").parts["effect"] is None
        ExamGain.objects.create(class_run=run, n=20, left_out=0, found=gain, by=place.department)
        problem = found().problem("relevance")
        assert (problem.parts["measured"], problem.parts["effect"]) == (1, 8)
        assert problem.rows[run.pk]["tested"] == 20
        assert "+8.0 (+4.0 – +12.0)" in signed_in(place.department).get(page).content.decode()

    def test_the_trend_holds_the_years_before(self, place: Place) -> None:
        for year, methods in ((2025, ("lecture", "lecture")), (2026, ("lecture", "case"))):
            for _n in range(2):
                run_with(place, *({"method": one} for one in methods), starts_on=dt.date(year, 9, 7))
        trend = dict(found().problem("methods").trend)
        assert [trend[year].value for year in (2022, 2025, 2026)] == [None, 0, 1]


class TestScope:
    def test_each_sees_the_own_class_runs_only(self, place: Place) -> None:
        own = run_with(place, {"method": "lecture"}, {"method": "case"})
        run_with(place, {"method": "lecture"}, {"method": "lecture"}, institution=place.other)
        county = make_account(Role.DEPARTMENT, place.other)
        assert found(place.office).problem("methods").rows.keys() == {own.pk}
        assert found(place.department).class_runs == 2
        assert found(county).class_runs == 0
        page = signed_in(place.office).get(reverse("portal:diagnosis_rows", args=[YEAR, "methods"])).content.decode()
        assert own.name in page
        assert page.count("<tr") == 2

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.TEACHER])
    def test_nobody_else_sees_it(self, place: Place, role: str) -> None:
        client = signed_in(make_account(role, place.city))
        for url in (reverse("portal:diagnosis"), reverse("portal:diagnosis_rows", args=[YEAR, "methods"])):
            assert client.get(url).status_code == 404
            head = signed_in(make_account(Role.SCHOOL, place.school, own_class_runs_only=True))
            assert head.get(url).status_code == 404

    def test_a_county_is_held_against_its_own_people(self, place: Place) -> None:
        inside, outside = [make_person(place.school) for _n in range(6)], [make_person(place.city) for _n in range(9)]
        call(run_with(place, organised_by=place.school), inside[:5])
        owe(inside, 400)
        owe(outside, 0)
        assert found(make_account(Role.DEPARTMENT, place.school)).problem("relevance").index.value == 0.5
        assert found(place.department).problem("relevance").index.value == pytest.approx(0.95)


class TestPages:
    def test_four_dials_with_their_rows_and_what_to_do(self, place: Place) -> None:
        teacher = Teacher.objects.create(name="苏教授", group="school", institution=place.school)
        for _n in range(3):
            run_with(place, {"method": "lecture", "teacher": teacher}, {"method": "case"})
        client = signed_in(place.department)
        page = client.get(reverse("portal:diagnosis")).content.decode()
        assert page.count('<svg class="zx-dial"') == 4
        assert reverse("resources:coverage") in page
        assert "%" not in reverse("portal:diagnosis_rows", args=[YEAR, "staffing"])
        for code in ("methods", "content", "staffing"):
            url = reverse("portal:diagnosis_rows", args=[YEAR, code])
            assert url in page
            assert client.get(url).status_code == 200
            book = read_sheet(client.get(f"{url}?export=diagnosis-{code}").content, "rows.xlsx")
            assert len(book.rows) == (2 if code == "staffing" else 4)
        assert client.get(reverse("portal:diagnosis_rows", args=[YEAR, "nothing"])).status_code == 404
        assert client.get(reverse("portal:diagnosis_rows", args=[10**25, "methods"])).status_code == 404

    @pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.AUDITOR, Role.SCHOOL])
    def test_each_index_opens_to_something_to_do_that_its_reader_may_open(self, place: Place, role: str) -> None:
        run_with(place, {"method": "lecture"}, {"method": "case"})
        user = make_account(role, place.school if role == Role.SCHOOL else place.city)
        client = signed_in(user)
        for code in CODES:
            doors = doors_of(user, code)
            assert doors, code
            assert {client.get(one.url).status_code for one in doors} == {200}, code

    def test_a_school_is_led_nowhere_it_may_not_go(self, place: Place) -> None:
        run_with(place, {"method": "lecture"}, {"method": "case"})
        page = signed_in(place.office).get(reverse("portal:diagnosis")).content.decode()
        assert reverse("portal:foresight") not in page
        assert reverse("evaluations:board") in page

    def test_the_command_writes_what_the_page_shows(self, place: Place, tmp_path: Path) -> None:
        runs = [run_with(place, {"method": "lecture"}, {"method": "case"}) for _n in range(2)]
        written = written_by_command(tmp_path)
        methods = written["indices"][0]
        assert (methods["code"], methods["value"], methods["class_runs"]) == ("methods", 1, 2)
        assert methods["lower"] < methods["upper"] == 1
        assert [one["code"] for one in methods["rows"]] == sorted(one.code for one in runs)
        assert len(methods["trend"]) == 5
        assert all(one["formula"] and one["sentence"] for one in written["indices"])
        assert written["as_of"] == timezone.localdate().isoformat()

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        from zhixing.config.cli.failures import BadInput

        with pytest.raises(BadInput, match="不存在"):
            CliRunner().invoke(
                command, ["--year", "2026", "--out", str(tmp_path / "x" / "d.json")], catch_exceptions=False
            )


class TestDial:
    def test_what_is_neither_nothing_nor_all_is_not_rounded_to_it(self) -> None:
        assert [hundred(share) for share in (None, 0, 0.001, 0.5, 0.999, 1)] == ["—", "0", "1", "50", "99", "100"]

    def test_the_year_before_stands_beside_the_value(self) -> None:
        index = Index(0.5, 0.4, 0.6, 0.05, 9)
        assert dial_of(index).before is None
        assert dial_of(index, 0.0).before == (15.0, 116.0, 7.0, 116.0)

    def test_a_page_says_on_how_many_class_runs_each_index_rests_and_what_to_do(self, place: Place) -> None:
        place.course()
        run_with(place, {"title": "自学"}, {"title": "治理课"}, {"title": "自学"}, {"title": "自学"})
        notes = [(str(label), value) for label, value in notes_of(found().problem("content"))]
        assert notes == [("依据的班次数", "1"), ("按文字：同名课程", "25 %"), ("未对应", "75 %")]
        page = signed_in(place.department).get(reverse("portal:diagnosis")).content.decode()
        assert page.count("怎么办") == 4


@pytest.mark.parametrize(("value", "lower", "upper"), [(0.001, 0, 0.004), (0.997, 0.996, 1), (0.996, 0.996, 0.998)])
def test_an_index_lies_within_its_own_range_as_it_is_told(value: float, lower: float, upper: float) -> None:
    index = Index(value, lower, upper, 0.001, 9)
    said = sentence_of(Problem("content", index, [(YEAR, index)], {}, {}))
    told, low, high = (int(found) for found in re.findall(r"\d+", said.replace("100", "", 1).replace("95", "", 1)))
    assert low <= told <= high
