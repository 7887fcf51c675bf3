"""Courses become flagship courses, and cases are published, by steps that different people take."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_unit
from tests.resources.test_banks import Place, signed_in
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.people.models import Account, Role
from zhixing.resources import actions
from zhixing.resources.models import Case, Course, CourseVersion, Practice, Teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return Place()


def colleague(place: Place) -> Account:
    return make_account(Role.SCHOOL, place.school)


class TestVersions:
    def test_another_outline_makes_a_version_and_another_method_none(self, place: Place) -> None:
        course = place.course()
        actions.save_course({"outline": "一、二、三"}, by=place.office, course=course, note="重写")
        actions.save_course({"method": "case"}, by=place.office, course=course)
        assert [(one.number, one.outline, one.note) for one in course.versions.all()] == [
            (2, "一、二、三", "重写"),
            (1, "", ""),
        ]

    def test_a_version_is_never_changed(self, place: Place) -> None:
        place.course()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            CourseVersion.objects.update(outline="x")


class TestFlagship:
    def proposed(self, place: Place) -> Course:
        course = place.course()
        actions.propose_flagship(course, "学员评价好", by=place.office)
        return course

    def test_proposed_reviewed_by_two_and_chosen_by_the_department(self, place: Place) -> None:
        course = self.proposed(place)
        with pytest.raises(Refused):
            actions.choose_flagship(course, True, "好", by=place.department)
        for verdict in (True, False):
            actions.review_course(course, verdict, "结构完整", by=colleague(place))
        actions.choose_flagship(course, True, "同意", by=place.department)
        course.refresh_from_db()
        assert course.flagship == Course.Flagship.YES
        actions.unchoose_flagship(course, "内容过时", by=place.department)
        assert [one.state for one in course.flagship_steps.all()] == ["none", "yes", "proposed"]
        deeds = AuditEntry.objects.filter(action="resources.flagship_moved")
        assert [one.details["state"] for one in deeds.order_by("pk")] == ["proposed", "yes", "none"]

    def test_a_second_proposal_is_reviewed_anew(self, place: Place) -> None:
        course = self.proposed(place)
        reviewers = [colleague(place), colleague(place)]
        for one in reviewers:
            actions.review_course(course, False, "单薄", by=one)
        actions.choose_flagship(course, False, "再改", by=place.department)
        actions.propose_flagship(course, "已改", by=place.office)
        with pytest.raises(Refused):
            actions.choose_flagship(course, True, "好", by=place.department)
        actions.review_course(course, True, "好了", by=reviewers[0])
        assert course.reviews.count() == 3

    def test_who_may_take_no_step(self, place: Place) -> None:
        course = place.course()
        for account in (make_account(Role.SCHOOL, place.other), make_account(Role.AUDITOR, place.city)):
            with pytest.raises(Refused):
                actions.propose_flagship(course, "好", by=account)
        with pytest.raises(Refused):
            actions.review_course(course, True, "好", by=colleague(place))
        actions.propose_flagship(course, "好", by=place.office)
        head = make_account(Role.SCHOOL, place.school, own_class_runs_only=True)
        for account in (place.office, head, make_account(Role.AUDITOR, place.city)):
            with pytest.raises(Refused):
                actions.review_course(course, True, "好", by=account)
        one = colleague(place)
        actions.review_course(course, True, "好", by=one)
        with pytest.raises(Refused):
            actions.review_course(course, True, "好", by=one)
        actions.review_course(course, True, "好", by=colleague(place))
        for account in (one, make_account(Role.AUDITOR, place.city)):
            with pytest.raises(Refused):
                actions.choose_flagship(course, True, "好", by=account)

    def test_whoever_proposes_does_not_decide(self, place: Place) -> None:
        course = place.course()
        actions.propose_flagship(course, "好", by=place.department)
        for _n in range(2):
            actions.review_course(course, True, "好", by=colleague(place))
        with pytest.raises(Refused):
            actions.choose_flagship(course, True, "好", by=place.department)

    def test_a_dropped_course_is_not_proposed_and_reasons_are_needed(self, place: Place) -> None:
        course = place.course()
        with pytest.raises(Invalid):
            actions.propose_flagship(course, " ", by=place.office)
        course.standing = Course.Standing.DROP
        with pytest.raises(Refused):
            actions.propose_flagship(course, "好", by=place.office)

    def test_of_two_at_once_one_is_told(self, place: Place) -> None:
        course = self.proposed(place)
        stale = Course.objects.get(pk=course.pk)
        for _n in range(2):
            actions.review_course(course, True, "好", by=colleague(place))
        actions.choose_flagship(course, True, "好", by=place.department)
        with pytest.raises(Conflict):
            actions.choose_flagship(stale, False, "不", by=place.department)

    def test_the_pages_lead_through_it(self, place: Place) -> None:
        course = place.course()
        office = signed_in(place.office)
        assert office.post(reverse("resources:propose", args=[course.pk]), {"reason": "好"}).status_code == 302
        for account in (colleague(place), colleague(place)):
            client, url = signed_in(account), reverse("resources:review", args=[course.pk])
            assert url in client.get(reverse("resources:courses_item", args=[course.pk])).content.decode()
            assert client.post(url, {"in_favour": "maybe", "text": "好"}).status_code == 422
            assert client.post(url, {"in_favour": "yes", "text": "好"}).status_code == 302
        chief = signed_in(place.department)
        assert (
            chief.post(reverse("resources:choose", args=[course.pk]), {"chosen": "yes", "reason": "好"}).status_code
            == 302
        )
        page = chief.get(reverse("resources:courses_item", args=[course.pk])).content.decode()
        assert page.count("评审：同意") == 2
        assert chief.post(reverse("resources:unchoose", args=[course.pk]), {"reason": "旧"}).status_code == 302


class TestCases:
    def written(self, place: Place, author: Account | None = None) -> Case:
        facts = {"title": "信访案例", "content": "ability", "institution": place.school}
        if author:
            teacher = {"name": "苏", "group": "school", "institution": place.school, "account": author}
            facts["author"] = Teacher.objects.create(**teacher)
        case = actions.save_case(facts, by=place.office)
        actions.move_case(case, "writing", "", by=place.office)
        return case

    def test_the_whole_way_with_a_return(self, place: Place) -> None:
        case, second = self.written(place), colleague(place)
        actions.move_case(case, "review", "", by=place.office)
        with pytest.raises(Refused):
            actions.move_case(case, "trial", "", by=place.office)
        with pytest.raises(Invalid):
            actions.move_case(case, "writing", "", by=second)
        actions.move_case(case, "writing", "缺思考题", by=second)
        actions.move_case(case, "review", "", by=place.office)
        actions.move_case(case, "trial", "", by=second)
        with pytest.raises(Invalid):
            actions.move_case(case, "published", "", by=place.office)
        actions.move_case(case, "published", "科级班试讲，讨论充分", by=place.office)
        with pytest.raises(Invalid):
            actions.move_case(case, "revising", "", by=place.office)
        actions.move_case(case, "revising", "数据更新", by=place.office)
        assert [one.after for one in reversed(case.steps.all())] == [
            "writing", "review", "writing", "review", "trial", "published", "revising",
        ]  # fmt: skip

    @pytest.mark.parametrize("state", Case.State.values)
    def test_no_step_but_those_of_the_table(self, place: Place, state: str) -> None:
        case = Case.objects.create(title="x", content="ability", institution=place.school, state=state)
        allowed = Case.TRANSITIONS[Case.State(state)]
        for after in set(Case.State.values) - set(allowed):
            with pytest.raises(Refused):
                actions.move_case(case, after, "理由", by=place.office)
        for after in allowed:
            with pytest.raises(Refused):
                actions.move_case(case, after, "理由", by=make_account(Role.SCHOOL, place.other))

    def test_the_author_writes_and_hands_in_and_does_no_more(self, place: Place) -> None:
        author = make_account(Role.TEACHER, place.school)
        case = self.written(place, author)
        actions.save_case({"summary": "情境", "institution": None}, by=author, case=case)
        case.refresh_from_db()
        assert (case.summary, case.institution) == ("情境", place.school)
        client = signed_in(author)
        edit = reverse("resources:cases_edit", args=[case.pk])
        assert "institution" not in client.get(edit).context["form"].fields
        move = reverse("resources:move_case", args=[case.pk, "review"])
        assert move in client.get(reverse("resources:cases_item", args=[case.pk])).content.decode()
        assert client.post(move, {"reason": ""}).status_code == 302
        case.refresh_from_db()
        assert case.state == Case.State.REVIEW
        with pytest.raises(Refused):
            actions.save_case({"summary": "再改"}, by=author, case=case)
        with pytest.raises(Refused):
            actions.move_case(case, "trial", "", by=author)

    def test_of_two_at_once_one_is_told(self, place: Place) -> None:
        case = self.written(place)
        stale = Case.objects.get(pk=case.pk)
        actions.move_case(case, "review", "", by=place.office)
        with pytest.raises(Conflict):
            actions.move_case(stale, "review", "", by=place.office)

    def test_a_word_that_is_no_step_is_not_found(self, place: Place) -> None:
        case = self.written(place)
        assert signed_in(place.office).get(reverse("resources:move_case", args=[case.pk, "x"])).status_code == 404


class TestPractices:
    def test_each_unit_takes_a_practice_up_once(self, place: Place) -> None:
        unit = make_unit("水务局", place.city)
        facts = {"title": "议事法", "conditions": "有召集人", "institution": None}
        practice = actions.save_practice(facts, by=place.department)
        today = timezone.localdate()
        actions.take_up(practice, unit, today, "平稳", by=place.department)
        with pytest.raises(Invalid):
            actions.take_up(practice, unit, today, "", by=place.department)
        with pytest.raises(Invalid):
            actions.take_up(practice, place.school, today + dt.timedelta(days=1), "", by=place.department)
        for account in (place.office, make_account(Role.AUDITOR, place.city)):
            with pytest.raises(Refused):
                actions.take_up(practice, unit, today, "", by=account)

    def test_the_page_shows_who_took_it_up(self, place: Place) -> None:
        unit = make_unit("水务局", place.city)
        practice = Practice.objects.create(title="议事法", conditions="有召集人")
        client, url = signed_in(place.department), reverse("resources:take_up", args=[practice.pk])
        assert client.post(url, {"unit": unit.pk, "on": "2026-01-05", "note": ""}).status_code == 302
        assert "水务局" in client.get(reverse("resources:practices_item", args=[practice.pk])).content.decode()
