"""Courses are kept, mended or dropped, teachers invited again or not: proposed where the interval allows, decided by a person, appealed to another."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.attendance.school import MONDAY, at, make_session
from tests.evaluations.polled import make_version
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.evaluations import actions, proposals, rules
from zhixing.evaluations.models import (
    Appeal,
    CourseDecision,
    FormVersion,
    InvitationDecision,
    Reckoning,
    Sheet,
    Survey,
    SystemVersion,
)
from zhixing.evaluations.queries.courses import course_for, courses_for, evidence_for
from zhixing.evaluations.queries.invitations import own_file, teacher_file, teachers_to_decide
from zhixing.evaluations.queries.taught import NOTHING, Course, Evidence
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """A school of the city that teaches courses; ``form`` asks about sessions."""

    city: Unit = field(default_factory=factories.make_city)
    department: Account = field(init=False)
    school: Unit = field(init=False)
    office: Account = field(init=False)
    form: FormVersion = field(init=False)
    taught: int = 0

    def __post_init__(self) -> None:
        self.department = factories.make_department(self.city)
        self.school = factories.make_unit("市委党校", self.city, kind=Unit.Kind.SCHOOL)
        self.office = factories.make_account(Role.SCHOOL, self.school)
        self.form = make_version(self.department, "course")

    def teacher(self, name: str = "苏教授") -> Teacher:
        account = factories.make_account(Role.TEACHER, None)
        return Teacher.objects.create(name=name, group=Teacher.Group.SCHOOL, account=account)

    def teach(self, title: str, teacher: Teacher | None, scores: Sequence[int], school: Unit | None = None) -> Session:
        """One half day of a class run of its own, and its closed survey with these scores of 100."""
        self.taught += 1
        on = MONDAY + dt.timedelta(days=self.taught)
        run = factories.make_class_run(
            f"进修班{self.taught}",
            institution=school or self.school,
            starts_on=on,
            ends_on=on,
            tenths=30,
            state=ClassRun.State.HELD,
            seats_max=100,
        )
        session = make_session(run, on, "am", teacher=teacher)
        session.title = title
        session.save()
        survey = Survey.objects.create(
            version=self.form,
            class_run=run,
            session=session,
            title=title,
            teacher=teacher,
            group="trainees",
            opens_at=at(on, 13),
            closes_at=at(on, 18),
            state=Survey.State.CLOSED,
            closed_at=at(on, 18),
            invited=len(scores),
            answered=len(scores),
        )
        for score in scores:
            Sheet.objects.create(survey=survey, score=score * 100)
        return session

    def course(self, title: str) -> Course:
        return Course(self.school.pk, title)


def seen(client: Client, url: str) -> dict[str, str]:
    """What the page sends along of the figures that it shows."""
    found = re.search(r'name="seen" value="(\w+)"', client.get(url).content.decode())
    assert found
    return {"seen": found[1]}


GOOD, BAD = (97, 98, 99, 96, 98, 97, 99, 98), (30, 35, 28, 33, 31, 36, 29, 34)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def taught(scene: Scene) -> tuple[Scene, Session, Session]:
    """A good and a bad course, three times each, by two teachers each."""
    first, second = scene.teacher("甲"), scene.teacher("乙")
    for number, teacher in enumerate((first, second, first)):
        good = scene.teach("好课", teacher, [one - number for one in GOOD])
        bad = scene.teach("差课", teacher, [one + 2 * number for one in BAD])
    return scene, good, bad


class TestProposals:
    def test_only_what_the_interval_allows(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, _good, _bad = taught
        found = evidence_for(scene.department)
        good, bad = found[scene.course("好课")], found[scene.course("差课")]
        assert (good.sessions, good.sheets) == (3, 24)
        assert good.raw
        assert bad.corrected
        assert good.together
        assert bad.corrected.low is not None
        assert bad.corrected.high is not None
        assert bad.corrected.low < bad.corrected.mean < bad.corrected.high
        assert proposals.about_course(good).choice in {"keep", ""}
        assert proposals.about_course(good).choice != "drop"
        assert proposals.about_course(bad).choice != "keep"

    @pytest.mark.parametrize(
        ("low", "high", "expected"),
        [(80.0, 90.0, "keep"), (79.9, 95.0, ""), (60.0, 79.9, "fix"), (50.0, 59.9, "drop"), (55.0, 85.0, "")],
    )
    def test_a_range_across_a_mark_proposes_nothing(self, low: float, high: float, expected: str) -> None:
        kept = {"sessions": 3, "sheets": 30, "together": True, "raw": None, "corrected": [(low + high) / 2, low, high]}
        proposal = proposals.about_course(Evidence.of_kept(kept))
        assert proposal.choice == expected
        assert proposal.label
        assert f"{low:.1f}" in proposal.why

    def test_once_is_not_enough(self, scene: Scene) -> None:
        scene.teach("新课", None, GOOD)
        evidence = evidence_for(scene.department)[scene.course("新课")]
        assert evidence.sessions == 1
        assert evidence.corrected is None
        assert proposals.about_course(evidence).choice == ""
        assert proposals.about_course(NOTHING).choice == ""

    def test_one_course_alone_has_the_spread_of_its_occasions(self, scene: Scene) -> None:
        for scores in ((80,) * 6, (90,) * 6):
            scene.teach("新课", None, scores)
        evidence = evidence_for(scene.department)[scene.course("新课")]
        assert not evidence.together
        assert evidence.corrected
        assert evidence.corrected.mean == pytest.approx(85)
        assert evidence.corrected.low == pytest.approx(21.47, abs=0.1)
        assert evidence.corrected.high == 100

    def test_few_sheets_count_nowhere(self, scene: Scene) -> None:
        scene.teach("新课", None, GOOD)
        scene.teach("新课", None, (10, 10, 10))
        evidence = evidence_for(scene.department)[scene.course("新课")]
        assert (evidence.sessions, evidence.sheets) == (1, 8)

    def test_all_alike(self, scene: Scene) -> None:
        for title in ("甲课", "乙课"):
            for _n in range(2):
                scene.teach(title, None, (90,) * 6)
        evidence = evidence_for(scene.department)[scene.course("甲课")]
        assert not evidence.together
        assert evidence.corrected
        assert evidence.corrected.mean == pytest.approx(90)

    def test_occasions_that_never_differ_are_no_measure(self, scene: Scene) -> None:
        """The engine finds no residual to hold them against; the means of the occasions are told instead."""
        for teacher in (scene.teacher("甲"), scene.teacher("乙"), None):
            for title, scores in (("好课", GOOD), ("差课", BAD)):
                scene.teach(title, teacher, scores)
        evidence = evidence_for(scene.department)[scene.course("好课")]
        assert evidence.corrected
        assert evidence.corrected.mean == pytest.approx(97.75)
        assert not evidence.together

    def test_what_is_reckoned_is_kept_until_there_are_other_sheets(
        self, taught: tuple[Scene, Session, Session]
    ) -> None:
        scene, _good, _bad = taught
        before = evidence_for(scene.department)
        assert Reckoning.objects.filter(kind="courses").count() == 1
        made = Reckoning.objects.get(kind="courses").made_at
        assert evidence_for(scene.department) == before
        assert Reckoning.objects.get(kind="courses").made_at == made
        scene.teach("好课", None, BAD)
        after = evidence_for(scene.department)
        assert after[scene.course("好课")] != before[scene.course("好课")]


class TestCourses:
    def test_a_decision_is_kept_with_its_evidence(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, _good, bad = taught
        client = Client()
        client.force_login(scene.office)
        url = reverse("evaluations:decide_course", args=[bad.pk])
        assert "建议：" in client.get(url).content.decode()
        facts = {"choice": "fix", "reason": "内容陈旧"} | seen(client, url)
        assert client.post(url, facts).status_code == 422  # who, and until when?
        answer = client.post(url, facts | {"owner": "教务处", "due_on": "2100-01-01"})
        assert answer.status_code == 302
        made = CourseDecision.objects.get()
        assert (made.choice, made.by, made.owner) == ("fix", scene.office, "教务处")
        assert made.evidence["sheets"] == 24
        assert AuditEntry.objects.filter(action="evaluations.course_decided", actor_id=scene.office.pk).exists()
        page = client.get(reverse("evaluations:course", args=[bad.pk])).content.decode()
        assert "内容陈旧" in page
        assert scene.office.name in page
        timetable = client.get(reverse("timetables:sessions", args=[bad.class_run_id])).content.decode()
        assert f'href="/evaluations/courses/{bad.pk}/"' in timetable
        assert "整改" in timetable
        row = courses_for(scene.department).get(title="差课")
        assert (row["times"], row["standing"]) == (3, "fix")

    def test_it_keeps_the_figures_that_were_on_the_page(self, taught: tuple[Scene, Session, Session]) -> None:
        """A survey closes between the page and the decision: nobody decides by figures that were not there to see."""
        scene, good, _bad = taught
        client = Client()
        client.force_login(scene.department)
        url = reverse("evaluations:decide_course", args=[good.pk])
        assert "24 张" in client.get(url).content.decode()
        facts = {"choice": "keep", "reason": "好"}
        before = facts | seen(client, url)
        scene.teach("好课", good.teacher, BAD)
        for stale in (before, facts):
            answer = client.post(url, stale)
            assert answer.status_code == 422
            assert "32 张" in answer.content.decode()
        assert not CourseDecision.objects.exists()
        assert client.post(url, facts | seen(client, url)).status_code == 302
        assert CourseDecision.objects.get().evidence["sheets"] == 32

    def test_decisions_never_change(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        made = decided(scene)
        for deed in (lambda: CourseDecision.objects.filter(pk=made.pk).update(reason="x"), made.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                deed()
        decided(scene, "drop")
        assert [one.choice for one in course_for(scene.department, good.pk).decisions] == ["drop", "keep"]

    def test_lists_search_filter_and_export(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, _good, _bad = taught
        decided(scene)
        client = Client()
        client.force_login(scene.department)
        url = reverse("evaluations:courses")
        assert "差课" in client.get(url).content.decode()
        assert "差课" not in client.get(url, {"q": "好课"}).content.decode()
        assert "差课" not in client.get(url, {"standing": "keep"}).content.decode()
        assert "好课" not in client.get(url, {"standing": "none"}).content.decode()
        assert client.get(url, {"export": "courses"}).content[:2] == b"PK"
        history = reverse("evaluations:course_decisions")
        assert "上过多次" in client.get(history).content.decode()
        assert client.get(history, {"export": "course-decisions"}).content[:2] == b"PK"

    def test_who_may_not(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        other = factories.make_account(Role.SCHOOL, factories.make_unit("县委党校", scene.city, kind=Unit.Kind.SCHOOL))
        head = factories.make_account(Role.SCHOOL, scene.school, own_class_runs_only=True)
        auditor = factories.make_account(Role.AUDITOR, scene.city)
        for account in (other, head, auditor, factories.make_account(Role.TEACHER, None)):
            with pytest.raises(Refused):
                decided(scene, by=account)
        assert not courses_for(other).exists()
        assert not courses_for(head).exists()
        client = Client()
        client.force_login(other)
        assert client.get(reverse("evaluations:course", args=[good.pk])).status_code == 404

    def test_what_the_department_decided_no_school_undoes(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        decided(scene, "keep", by=scene.office)
        assert Notice.objects.filter(recipient_id=scene.department.pk).count() == 1
        dropped = decided(scene, "drop")
        assert dropped.unit == scene.city
        assert Notice.objects.filter(recipient_id=scene.office.pk).count() == 1
        with pytest.raises(Refused, match="decided anew"):
            decided(scene, "keep", by=scene.office)
        client = Client()
        client.force_login(scene.office)
        assert client.post(reverse("evaluations:decide_course", args=[good.pk])).status_code == 403
        assert courses_for(scene.office).get(title="好课")["standing"] == "drop"
        decided(scene, "keep", "已改好")
        with pytest.raises(Refused):
            decided(scene, "drop", by=scene.office)

    @pytest.mark.parametrize("state", ["draft", "open", "called", "cancelled"])
    def test_what_did_not_take_place_is_no_course(self, taught: tuple[Scene, Session, Session], state: str) -> None:
        scene, good, _bad = taught
        assert good.teacher
        ClassRun.objects.update(state=state)
        assert not courses_for(scene.department).exists()
        assert not teachers_to_decide(scene.department).exists()
        with pytest.raises(Refused, match="none of your class runs"):
            actions.decide_invitation(good.teacher, "again", "好", evidence=NOTHING, by=scene.office)

    def test_a_button_pressed_twice_decides_once(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        assert good.teacher
        for deed in (
            lambda: decided(scene),
            lambda: actions.decide_invitation(good.teacher, "again", "好", evidence=NOTHING, by=scene.office),
        ):
            deed()
            with pytest.raises(Conflict, match="kept once"):
                deed()
        assert (CourseDecision.objects.count(), InvitationDecision.objects.count()) == (1, 1)

    def test_a_decision_needs_its_reason(self, scene: Scene) -> None:
        with pytest.raises(Invalid, match="reason"):
            decided(scene, reason=" ")
        with pytest.raises(Invalid, match="Choose"):
            decided(scene, "perhaps")
        with pytest.raises(Invalid, match="past"):
            decided(scene, "fix", owner="教务处", due_on=dt.date(2020, 1, 1))


def decided(
    scene: Scene, choice: str = "keep", reason: str = "上过多次", by: Account | None = None, **more: Any
) -> CourseDecision:
    return actions.decide_course(
        scene.school, "好课", choice, reason, evidence=NOTHING, by=by or scene.department, **more
    )


class TestInvitations:
    def test_the_teacher_reads_why_and_appeals_to_somebody_else(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        teacher = good.teacher
        assert teacher
        assert teacher.account
        office, own = Client(), Client()
        office.force_login(scene.office)
        own.force_login(teacher.account)
        facts = {"choice": "not_next", "reason": "备课不足"}
        url = reverse("evaluations:decide_invitation", args=[teacher.pk])
        assert office.post(url, facts | seen(office, url)).status_code == 302
        first = InvitationDecision.objects.get()
        assert first.evidence["sheets"] == 32
        assert "备课不足" not in str(list(Notice.objects.values()))  # e-mails carry no reason
        page = own.get(reverse("evaluations:my_invitations")).content.decode()
        assert "备课不足" in page
        appeal_url = reverse("evaluations:appeal_invitation", args=[first.pk])
        assert appeal_url in page
        assert own.post(appeal_url, {"text": "当日代课，未及备课"}).status_code == 302
        with pytest.raises(Refused):
            actions.appeal_decision(first, "again", by=teacher.account)
        appeal = Appeal.objects.get()
        assert sum(one.appealed for one in teachers_to_decide(scene.office)) == 1  # type: ignore[attr-defined]
        answer_url = reverse("evaluations:answer_appeal", args=[appeal.pk])
        assert office.post(answer_url, {"choice": "not_next", "reason": "x"}).status_code == 403
        with pytest.raises(Conflict):
            actions.decide_invitation(teacher, "again", "x", evidence=NOTHING, by=scene.office)
        other = Client()
        other.force_login(scene.department)
        assert "当日代课" in other.get(answer_url).content.decode()
        facts = {"choice": "talk", "reason": "情况属实"} | seen(other, answer_url)
        assert other.post(answer_url, facts).status_code == 302
        newest = InvitationDecision.objects.first()
        assert newest
        assert (newest.choice, newest.unit, newest.appeal, newest.by) == (
            "talk",
            scene.school,
            appeal,
            scene.department,
        )
        page = own.get(reverse("evaluations:my_invitations")).content.decode()
        assert all(words in page for words in ("备课不足", "当日代课", "情况属实"))
        with pytest.raises(Refused, match="answers an appeal"):
            actions.appeal_decision(newest, "again", by=teacher.account)
        with pytest.raises(Refused, match="answered already"):
            actions.answer_appeal(appeal, "again", "x", evidence=NOTHING, by=scene.department)

    def test_nothing_is_changed_afterwards(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        assert good.teacher
        assert good.teacher.account
        made = actions.decide_invitation(good.teacher, "again", "好", evidence=NOTHING, by=scene.office)
        appeal = actions.appeal_decision(made, "不服", by=good.teacher.account)
        for row in (made, appeal):
            with pytest.raises(DatabaseError), transaction.atomic():
                type(row)._default_manager.filter(pk=row.pk).update(by=scene.department)
            with pytest.raises(DatabaseError), transaction.atomic():
                row.delete()

    def test_teachers_are_not_ranked_and_no_figure_stands_in_the_list(
        self, taught: tuple[Scene, Session, Session]
    ) -> None:
        scene, good, _bad = taught
        assert [one.name for one in teachers_to_decide(scene.department)] == sorted(["乙", "甲"])
        client = Client()
        client.force_login(scene.department)
        assert good.teacher
        way = reverse("evaluations:invitation", args=[good.teacher.pk])
        assert way in client.get(reverse("resources:teacher", args=[good.teacher.pk])).content.decode()
        own = client.get(reverse("resources:teacher", args=[good.teacher.pk])).content.decode()
        assert "份评价" in own or "whisker" in own
        stranger = Client()
        stranger.force_login(
            factories.make_account(Role.SCHOOL, factories.make_unit("干部学院", scene.city, Unit.Kind.SCHOOL))
        )
        other = stranger.get(reverse("resources:teacher", args=[good.teacher.pk]))
        assert other.status_code == 200  # kept by the city, so every institution may name the teacher
        assert "whisker" not in other.content.decode()
        page = client.get(reverse("evaluations:invitations")).content.decode()
        assert "whisker" not in page
        assert "sort=corrected" not in page

    def test_shrunken_between_two_teachers(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        assert good.teacher
        found = teacher_file(scene.department, good.teacher.pk).evidence
        assert found.together
        assert found.raw
        assert found.corrected
        assert found.corrected.low is not None
        assert found.corrected.low <= found.corrected.mean

    def test_who_may_not(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        assert good.teacher
        there = factories.make_unit("县委党校", scene.city, kind=Unit.Kind.SCHOOL)
        other = factories.make_account(Role.SCHOOL, there)
        head = factories.make_account(Role.SCHOOL, scene.school, own_class_runs_only=True)
        auditor = factories.make_account(Role.AUDITOR, scene.city)
        second = Teacher.objects.exclude(pk=good.teacher.pk).get()
        assert second.account
        made = actions.decide_invitation(good.teacher, "talk", "沟通", evidence=NOTHING, by=scene.office)
        for account in (other, head, auditor, second.account, factories.make_account(Role.LIAISON, there)):
            with pytest.raises(Refused):
                actions.decide_invitation(good.teacher, "again", "好", evidence=NOTHING, by=account)
        for account in (other, head, second.account):
            assert not InvitationDecision.objects.visible_to(account).exists()
            client = Client()
            client.force_login(account)
            if account == head:
                assert reverse("evaluations:invitations") not in client.get("/").content.decode()
            for name, key in (("invitation", good.teacher.pk), ("appeal_invitation", made.pk)):
                assert client.get(reverse(f"evaluations:{name}", args=[key])).status_code in {403, 404}
        assert own_file(second.account)
        assert not own_file(second.account).decisions  # type: ignore[union-attr]
        with pytest.raises(Refused):
            actions.appeal_decision(made, "不服", by=second.account)

    def test_nobody_decides_about_oneself(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        assert good.teacher
        Teacher.objects.filter(pk=good.teacher.pk).update(account=scene.office)
        good.teacher.refresh_from_db()
        with pytest.raises(Refused, match="oneself"):
            actions.decide_invitation(good.teacher, "again", "好", evidence=NOTHING, by=scene.office)

    def test_a_department_between_answers_what_it_is_told_of(self, scene: Scene) -> None:
        """The city organises, a school of the county decides: the county's department reaches the appeal, with the school's figures."""
        county = factories.make_unit("云东县", scene.city, kind=Unit.Kind.COUNTY)
        there = factories.make_unit("县委党校", county, kind=Unit.Kind.SCHOOL)
        office, between = factories.make_account(Role.SCHOOL, there), factories.make_department(county)
        session = scene.teach("新课", scene.teacher(), GOOD, there)
        teacher = session.teacher
        assert teacher
        assert teacher.account
        made = actions.decide_invitation(teacher, "talk", "沟通", evidence=NOTHING, by=office)
        appeal = actions.appeal_decision(made, "不服", by=teacher.account)
        told = Notice.objects.get(recipient_id=between.pk)
        client = Client()
        client.force_login(between)
        assert client.get(told.link).status_code == 200
        assert told.link in client.get(reverse("evaluations:appeals")).content.decode()
        url = reverse("evaluations:answer_appeal", args=[appeal.pk])
        assert "8 张" in client.get(url).content.decode()
        facts = {"choice": "again", "reason": "已沟通"} | seen(client, url)
        assert client.post(url, facts).status_code == 302
        newest = InvitationDecision.objects.first()
        assert newest
        assert (newest.by, newest.unit, newest.evidence["sheets"]) == (between, there, 8)

    def test_nobody_decides_where_nobody_could_answer(self, taught: tuple[Scene, Session, Session]) -> None:
        scene, good, _bad = taught
        teacher = good.teacher
        assert teacher
        assert teacher.account
        with pytest.raises(Refused, match="second account"):
            actions.decide_invitation(teacher, "talk", "沟通", evidence=NOTHING, by=scene.department)
        second = factories.make_department(scene.city)
        made = actions.decide_invitation(teacher, "talk", "沟通", evidence=NOTHING, by=scene.department)
        appeal = actions.appeal_decision(made, "不服", by=teacher.account)
        Account.objects.filter(pk=second.pk).update(is_active=False)
        client = Client()
        client.force_login(scene.department)
        page = client.get(reverse("evaluations:invitation", args=[teacher.pk])).content.decode()
        assert "目前无人可以答复" in page
        Account.objects.filter(pk=second.pk).update(is_active=True)
        assert (
            "目前无人可以答复" not in client.get(reverse("evaluations:invitation", args=[teacher.pk])).content.decode()
        )
        Teacher.objects.filter(pk=teacher.pk).update(account=second)
        appeal = Appeal.objects.get(pk=appeal.pk)
        with pytest.raises(Refused, match="oneself"):
            actions.answer_appeal(appeal, "again", "好", evidence=NOTHING, by=second)


def test_a_published_version_never_changes(scene: Scene) -> None:
    """Not even past the actions: the database refuses it. A draft may change and be thrown away."""
    system = actions.create_system(rules.systems()["institution"][0], by=scene.department)
    actions.publish_system(system, reason="", edition=1, by=scene.department)
    for rows in (FormVersion.objects.filter(pk=scene.form.pk), SystemVersion.objects.filter(pk=system.pk)):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(document={})
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
    draft = actions.begin_draft(scene.form, by=scene.department)
    actions.drop_draft(draft, by=scene.department)
