"""What all banks have alike: who sees which rows, who writes them, and what their pages offer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_city, make_class_run, make_department, make_unit
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.tables.read import read_sheet
from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.queries.taught import NOTHING
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources import actions
from zhixing.resources.models import Case, Course, Site, Teacher, Textbook, Topic
from zhixing.resources.queries.banks import bank_uses, coverage_for
from zhixing.resources.used import with_hours, with_uses
from zhixing.timetables.models import Session

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 9, 7)


class Place:
    """A city with two schools and their offices."""

    def __init__(self) -> None:
        self.city = make_city()
        self.school = make_unit("市委党校", self.city, Unit.Kind.SCHOOL)
        self.other = make_unit("干部学院", self.city, Unit.Kind.SCHOOL)
        self.department = make_department(self.city)
        self.office = make_account(Role.SCHOOL, self.school)
        self.topic = Topic.objects.create(name="基层治理", stated_in="工作要点")

    def course(self, title: str = "治理课", **facts: Any) -> Course:
        given = {"title": title, "content": "ability", "institution": self.school, "topics": [self.topic], "tenths": 40}
        return actions.save_course(given | facts, by=facts.pop("by", self.office))


@pytest.fixture
def place() -> Place:
    return Place()


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def add_session(run: ClassRun, half: str = "am", **facts: Any) -> Session:
    given = {"on": MONDAY, "half": half, "begins_at": dt.time(9), "ends_at": dt.time(12), "title": "课", "tenths": 40}
    return Session.objects.create(class_run=run, **given | facts)


class TestScope:
    def test_each_institution_sees_its_own_rows_and_the_citys(self, place: Place) -> None:
        own = place.course()
        city = actions.save_course({"title": "市课", "content": "theory", "institution": None}, by=place.department)
        foreign = place.course("他课", institution=place.other, by=place.department)
        assert set(Course.objects.visible_to(place.office)) == {own, city}
        assert set(Course.objects.visible_to(place.department)) == {own, city, foreign}
        assert not Course.objects.visible_to(make_account(Role.LIAISON, place.city)).exists()

    def test_a_teacher_sees_the_catalogue_and_the_own_rows(self, place: Place) -> None:
        account = make_account(Role.TEACHER, place.school)
        teacher = Teacher.objects.create(name="苏", group="school", institution=place.school, account=account)
        published = Case.objects.create(title="甲", content="ability", state="published", institution=place.school)
        Case.objects.create(title="乙", content="ability", institution=place.school)
        mine = Case.objects.create(title="丙", content="ability", institution=place.school, author=teacher)
        Case.objects.create(title="丁", content="ability", state="published", institution=place.other)
        assert set(Case.objects.visible_to(account)) == {published, mine}
        retired = place.course(teachers=[teacher])
        place.course("停课")
        Course.objects.update(retired_on=MONDAY)
        assert list(Course.objects.visible_to(account)) == [retired]

    def test_others_write_nothing(self, place: Place) -> None:
        course = place.course()
        strangers = (
            make_account(Role.SCHOOL, place.other),
            make_account(Role.AUDITOR, place.city),
            make_account(Role.TEACHER, place.school),
            make_account(Role.SCHOOL, place.school, own_class_runs_only=True),
        )
        for account in strangers:
            with pytest.raises(Refused):
                actions.save_course({"outline": "新"}, by=account, course=course)
            with pytest.raises(Refused):
                actions.retire_row(course, by=account)
        with pytest.raises(Refused):
            actions.save_course({"institution": place.other}, by=place.office, course=course)
        with pytest.raises(Refused):
            actions.save_site({"name": "点", "institution": None}, by=place.office)
        with pytest.raises(Refused):
            actions.save_topic({"name": "x"}, by=place.office)

    def test_a_row_names_only_what_its_writer_can_see(self, place: Place) -> None:
        foreign = Teacher.objects.create(name="远", group="expert", institution=place.other)
        with pytest.raises(Invalid):
            place.course(teachers=[foreign])
        assert not Course.objects.exists()


class TestRows:
    def test_one_keeper_has_one_row_of_a_name(self, place: Place) -> None:
        place.course()
        with pytest.raises(Invalid):
            place.course()
        place.course(institution=place.other, by=place.department)
        actions.save_course({"title": "治理课", "content": "ability", "institution": None}, by=place.department)
        with pytest.raises(Invalid):
            actions.save_course({"title": "治理课", "content": "ability", "institution": None}, by=place.department)

    def test_a_retired_row_can_be_taken_back_once(self, place: Place) -> None:
        course = place.course()
        actions.retire_row(course, by=place.office)
        course.refresh_from_db()
        assert course.retired_on == timezone.localdate()
        with pytest.raises(Refused):
            actions.retire_row(course, by=place.office)
        actions.take_row_back(course, by=place.office)
        course.refresh_from_db()
        with pytest.raises(Refused):
            actions.take_row_back(course, by=place.office)

    def test_chapters_keep_their_topics_while_their_titles_stay(self, place: Place) -> None:
        facts = {"title": "读本", "kind": "local", "institution": place.school}
        book = actions.save_textbook(facts, by=place.office, chapters=["概况", "做法"])
        actions.set_chapter_topics(book, {2: place.topic.pk}, by=place.office)
        actions.save_textbook({"edition": "二版"}, by=place.office, textbook=book, chapters=["做法", "启示"])
        assert [(one.number, one.title, one.topic) for one in book.chapters.all()] == [
            (1, "做法", place.topic),
            (2, "启示", None),
        ]
        with pytest.raises(Refused):
            actions.set_chapter_topics(book, {}, by=make_account(Role.SCHOOL, place.other))


class TestUse:
    def test_sessions_of_the_year_count_for_what_they_name(self, place: Place) -> None:
        teacher = Teacher.objects.create(name="苏", group="school", institution=place.school)
        case = Case.objects.create(title="甲", content="ability", institution=place.school)
        course = place.course(cases=[case])
        site = actions.save_site({"name": "示范点", "institution": None}, by=place.department)
        run = make_class_run(institution=place.school)
        add_session(run, bank_course=course, teacher=teacher, venue="示范点")
        add_session(run, "pm", teacher=teacher, tenths=35)
        add_session(make_class_run(state=ClassRun.State.CANCELLED), bank_course=course, teacher=teacher)
        add_session(make_class_run(starts_on=dt.date(2025, 9, 1)), on=dt.date(2025, 9, 1), bank_course=course)
        for bank, row, times in (
            ("courses", course, 1),
            ("cases", case, 1),
            ("sites", site, 1),
            ("teachers", teacher, 2),
        ):
            rows = type(row)._default_manager.filter(pk=row.pk)
            assert with_uses(rows, bank, 2026).get().uses == times, bank
        assert with_hours(Teacher.objects.all(), 2026).get().taught == 75
        uses = {one.bank: (one.used, one.all) for one in bank_uses(place.department, 2026)}
        assert uses["courses"] == (1, 1)
        assert uses["textbooks"] == (0, 0)
        assert bank_uses(place.department, 2024)[1].used == 0

    def test_a_decision_about_a_course_reaches_the_bank(self, place: Place) -> None:
        from zhixing.evaluations.actions import decide_course

        course, other = place.course(), place.course("别的课")
        decide_course(place.school, "治理课", "drop", "学员少", evidence=NOTHING, by=place.department)
        course.refresh_from_db()
        other.refresh_from_db()
        assert (course.standing, other.standing) == (CourseDecision.Choice.DROP, "")


class TestCoverage:
    def test_what_is_missing_is_told_three_ways(self, place: Place) -> None:
        lonely = Topic.objects.create(name="舆情应对", stated_in="调研")
        idle = Topic.objects.create(name="书法")
        needless = place.course("书法课", topics=[idle])
        place.course()
        teacher = Teacher.objects.create(name="苏", group="school", institution=place.school)
        teacher.listed_topics.add(place.topic, idle)
        found = coverage_for(place.office)
        assert [one.topic for one in found.without_course] == [lonely]
        assert [one.topic for one in found.without_teacher] == [lonely]
        assert [one for one, _names in found.needless] == [needless]
        teacher.retired_on = MONDAY
        teacher.save()
        Course.objects.filter(title="治理课").update(standing="drop")
        assert {one.topic for one in coverage_for(place.office).without_course} == {lonely, place.topic}
        assert len(coverage_for(place.office).without_teacher) == 3

    def test_the_map_is_a_page_and_a_sheet(self, place: Place) -> None:
        place.course()
        client = signed_in(place.department)
        assert "基层治理" in client.get(reverse("resources:coverage")).content.decode()
        book = read_sheet(client.get(reverse("resources:coverage") + "?export=coverage").content, "coverage.xlsx")
        assert "工作要点" in str(book)
        assert signed_in(make_account(Role.TEACHER)).get(reverse("resources:coverage")).status_code == 404


class TestPages:
    def test_lists_are_searched_filtered_and_exported(self, place: Place) -> None:
        place.course()
        place.course("理论课", content="theory", levels=["county"])
        client, url = signed_in(place.department), reverse("resources:courses")

        def names(query: str) -> list[str]:
            return [one.title for one in client.get(f"{url}?{query}").context["listing"].shown]

        assert names("q=理论") == ["理论课"]
        assert names("content=ability") == ["治理课"]
        assert names("level=county") == ["理论课"]
        assert names("used=yes") == []
        assert names("in=retired") == []
        assert "治理课" in str(read_sheet(client.get(f"{url}?export=courses").content, "courses.xlsx"))

    @pytest.mark.parametrize("bank", ["courses", "cases", "sites", "textbooks", "practices"])
    def test_the_form_enters_and_changes(self, place: Place, bank: str) -> None:
        client = signed_in(place.office)
        given = {
            "title": "名", "name": "名", "content": "ability", "method": "lecture", "kind": "local", "conditions": "有场地", "hours": "3.5",
            "institution": place.school.pk, "topics": [place.topic.pk], "chapters": "一\n二\n",
        }  # fmt: skip
        assert client.post(reverse(f"resources:{bank}_add"), {"seats": "x"}).status_code == 422
        told = client.post(
            reverse(f"resources:{bank}_add"), given | dict.fromkeys(("title", "name"), "李某110101199003070011")
        )
        assert (told.status_code, "此处请勿填写身份证号" in told.content.decode()) == (422, True)
        assert client.post(reverse(f"resources:{bank}_add"), given).status_code == 302
        page = client.get(reverse(f"resources:{bank}")).context["listing"].shown[0]
        edit = reverse(f"resources:{bank}_edit", args=[page.pk])
        assert client.get(edit).context["form"].initial["institution"] == place.school
        assert client.post(edit, given | {"title": "新名", "name": "新名"}).status_code == 302
        assert "新名" in client.get(reverse(f"resources:{bank}_item", args=[page.pk])).content.decode()
        reader = signed_in(make_account(Role.AUDITOR, place.city))
        assert edit not in reader.get(reverse(f"resources:{bank}_item", args=[page.pk])).content.decode()
        assert reader.get(edit).status_code == 403

    def test_the_overview_leads_where_one_may_go(self, place: Place) -> None:
        assert signed_in(make_account(Role.LIAISON, place.city)).get(reverse("resources:banks")).status_code == 404
        teacher = make_account(Role.TEACHER, place.school)
        page = signed_in(teacher).get(reverse("resources:banks")).content.decode()
        assert reverse("resources:courses") in page
        assert reverse("resources:coverage") not in page
        assert reverse("resources:teachers") not in page

    def test_a_session_names_its_course(self, place: Place) -> None:
        from zhixing.timetables.actions import save_session

        course, foreign = place.course(), place.course("他课", institution=place.other, by=place.department)
        run = make_class_run(institution=place.school)
        facts = {
            "on": MONDAY, "half": "am", "begins_at": dt.time(9), "ends_at": dt.time(12), "title": "课", "tenths": 40, "method": "lecture",
        }  # fmt: skip
        made = save_session(run, {**facts, "bank_course": course}, by=place.office)
        assert made.bank_course == course
        with pytest.raises(Invalid):
            save_session(run, {**facts, "half": "pm", "bank_course": foreign}, by=place.office)

    def test_topics_are_the_citys(self, place: Place) -> None:
        client, url = signed_in(place.department), reverse("resources:add_topic")
        assert client.post(url, {"name": "基层治理", "gap": "skill"}).status_code == 422
        assert client.post(url, {"name": "舆情应对", "gap": "skill", "stated_in": ""}).status_code == 302
        topic = Topic.objects.get(name="舆情应对")
        client.post(
            reverse("resources:edit_topic", args=[topic.pk]), {"name": "舆情", "gap": "skill", "stated_in": "调研"}
        )
        assert Topic.objects.get(pk=topic.pk).stated_in == "调研"
        assert signed_in(place.office).get(url).status_code == 403
        assert "舆情" in signed_in(place.office).get(reverse("resources:topics") + "?need=yes").content.decode()

    def test_a_retired_topic_is_offered_no_more_and_comes_back(self, place: Place) -> None:
        course, client = place.course(), signed_in(place.department)
        edit = reverse("resources:edit_topic", args=[place.topic.pk])
        assert reverse("resources:retire_topic", args=[place.topic.pk]) in client.get(edit).content.decode()
        assert client.post(reverse("resources:retire_topic", args=[place.topic.pk])).status_code == 302
        assert place.topic not in [one.topic for one in coverage_for(place.department).topics]
        assert list(course.topics.all()) == [place.topic]
        offered = signed_in(place.office).get(reverse("resources:courses_add")).content.decode()
        assert "基层治理" not in offered
        with pytest.raises(Conflict):
            actions.retire_topic(place.topic, by=place.department)
        assert "基层治理" in client.get(reverse("resources:topics") + "?state=retired").content.decode()
        assert client.post(reverse("resources:take_topic_back", args=[place.topic.pk])).status_code == 302
        assert [one.topic for one in coverage_for(place.department).topics] == [place.topic]
        with pytest.raises(Conflict):
            actions.take_topic_back(place.topic, by=place.department)

    def test_nobody_else_retires_a_topic(self, place: Place) -> None:
        for name in ("retire_topic", "take_topic_back"):
            assert signed_in(place.office).post(reverse(f"resources:{name}", args=[place.topic.pk])).status_code == 403
        assert Topic.objects.get(pk=place.topic.pk).retired_on is None

    def test_the_first_row_is_offered_where_there_is_none(self, place: Place) -> None:
        page = signed_in(place.office).get(reverse("resources:sites")).content.decode()
        assert reverse("resources:sites_add") in page
        assert not Site.objects.exists()
        assert not Textbook.objects.exists()
