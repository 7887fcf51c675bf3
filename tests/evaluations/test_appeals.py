"""Appeals against what was decided about a course: by its institution, by whoever taught it; answered by somebody else, both kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.test_consequences import BAD, GOOD, Scene, decided, seen
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.evaluations import actions
from zhixing.evaluations.models import Appeal, CourseDecision
from zhixing.evaluations.queries.appeals import appeals_for
from zhixing.evaluations.queries.taught import NOTHING
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
FAR = dt.date(2100, 1, 1)


class Course(Scene):
    """好课 was taught three times by two teachers of the school; the city decided to drop it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.first, self.second = self.teacher("甲"), self.teacher("乙")
        for number, teacher in enumerate((self.first, self.second, self.first)):
            self.session = self.teach("好课", teacher, [one - number for one in GOOD])
            self.teach("差课", teacher, [one + 2 * number for one in BAD])
        self.other = factories.make_department(self.city)

    def drop(self) -> CourseDecision:
        return decided(self, "drop", "与另一课重复")

    def answer(self, appeal: Appeal, by: Account, choice: str = "keep", **more: object) -> object:
        return actions.answer_appeal(appeal, choice, "情况属实", evidence=NOTHING, by=by, **more)  # type: ignore[arg-type]


@pytest.fixture
def course() -> Course:
    return Course()


def test_the_institution_appeals_and_somebody_else_decides_anew(course: Course) -> None:
    made = course.drop()
    office, other = Client(), Client()
    office.force_login(course.office)
    other.force_login(course.other)
    page = reverse("evaluations:course", args=[course.session.pk])
    url = reverse("evaluations:appeal_course", args=[made.pk])
    assert url in office.get(page).content.decode()
    assert office.post(url, {"text": "两课内容不同，附大纲"}).status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.course, appeal.institution, appeal.by) == (made, course.school, course.office)
    assert AuditEntry.objects.filter(action="evaluations.decision_appealed").exists()
    own = reverse("evaluations:appeal", args=[appeal.pk])
    assert Notice.objects.filter(recipient_id=course.other.pk, link=own).exists()
    assert not Notice.objects.filter(recipient_id=course.department.pk, link=own).exists()
    assert url not in office.get(page).content.decode()
    with pytest.raises(Conflict, match="waits"):
        decided(course, "keep", by=course.other)
    answer_url = reverse("evaluations:answer_appeal", args=[appeal.pk])
    assert answer_url in other.get(page).content.decode()
    assert "两课内容不同" in other.get(answer_url).content.decode()
    facts = {"choice": "fix", "reason": "保留，合并重复部分", "owner": "教务处", "due_on": "2100-01-01"}
    assert other.post(answer_url, facts | seen(other, answer_url)).status_code == 302
    newest = CourseDecision.objects.first()
    assert newest
    assert (newest.choice, newest.appeal, newest.by, newest.unit) == ("fix", appeal, course.other, course.city)
    assert newest.evidence["sheets"] == 24
    told = office.get(own).content.decode()
    assert all(words in told for words in ("与另一课重复", "两课内容不同", "合并重复部分"))
    with pytest.raises(Refused, match="answers an appeal"):
        actions.appeal_decision(newest, "仍不服", by=course.office)
    with pytest.raises(Refused, match="answered already"):
        course.answer(appeal, course.other)


def test_whoever_decided_does_not_answer(course: Course) -> None:
    made = course.drop()
    appeal = actions.appeal_decision(made, "不服", by=course.office)
    for who, said in ((course.department, "You made"), (course.office, "somebody else")):
        with pytest.raises(Refused, match=said):
            course.answer(appeal, who)
    county = factories.make_department(factories.make_unit("东县", course.city, kind=Unit.Kind.COUNTY))
    for who in (county, factories.make_account(Role.AUDITOR, course.city)):
        with pytest.raises(Refused):
            course.answer(appeal, who)
    with pytest.raises(Invalid, match="until when"):
        course.answer(appeal, course.other, "fix", owner="教务处")
    course.answer(appeal, course.other)


def test_each_teacher_of_the_course_appeals_once_and_reads_no_colleague(course: Course) -> None:
    made = course.drop()
    first, second = course.first.account, course.second.account
    assert first
    assert second
    assert Notice.objects.filter(recipient_id__in=(first.pk, second.pk)).count() == 2
    client = Client()
    client.force_login(first)
    mine = reverse("evaluations:my_invitations")
    page = client.get(mine).content.decode()
    assert "与另一课重复" in page
    url = reverse("evaluations:appeal_course", args=[made.pk])
    assert url in page
    assert client.post(url, {"text": "甲的理由"}).status_code == 302
    with pytest.raises(Refused, match="already"):
        actions.appeal_decision(made, "再来", by=first)
    colleague = Client()
    colleague.force_login(second)
    assert "甲的理由" not in colleague.get(mine).content.decode()
    assert "甲的理由" not in colleague.get(reverse("evaluations:appeals")).content.decode()
    own = Appeal.objects.get()
    assert colleague.get(reverse("evaluations:appeal", args=[own.pk])).status_code == 404
    appeal = actions.appeal_decision(made, "乙的理由", by=second)
    course.answer(own, course.other)
    assert Notice.objects.filter(recipient_id=first.pk, link=reverse("evaluations:appeal", args=[own.pk])).exists()
    course.answer(appeal, course.other, "drop")  # each appeal has its own answer
    assert [one.choice for one in CourseDecision.objects.all()] == ["drop", "keep", "drop"]
    assert list(appeals_for(course.other).waiting()) == []


def test_a_teacher_sees_no_figures_of_colleagues(course: Course) -> None:
    evidence = course_evidence(course)
    made = actions.decide_course(course.school, "好课", "drop", "重复", evidence=evidence, by=course.department)
    assert course.first.account
    appeal = actions.appeal_decision(made, "不服", by=course.first.account)
    client = Client()
    client.force_login(course.first.account)
    for url in (reverse("evaluations:my_invitations"), reverse("evaluations:appeal", args=[appeal.pk])):
        assert "24 张" not in client.get(url).content.decode()
    client.force_login(course.other)
    assert "24 张" in client.get(reverse("evaluations:appeal", args=[appeal.pk])).content.decode()


def course_evidence(course: Course) -> object:
    from zhixing.evaluations.queries.courses import course_for

    return course_for(course.department, course.session.pk).evidence


def test_who_may_not(course: Course) -> None:
    made = course.drop()
    stranger = course.teacher("丙")
    elsewhere = factories.make_account(Role.SCHOOL, factories.make_unit("县委党校", course.city, kind=Unit.Kind.SCHOOL))
    head = factories.make_account(Role.SCHOOL, course.school, own_class_runs_only=True)
    assert stranger.account
    for who in (
        stranger.account,
        elsewhere,
        head,
        course.department,
        factories.make_account(Role.AUDITOR, course.city),
    ):
        with pytest.raises(Refused):
            actions.appeal_decision(made, "不服", by=who)
    for who in (stranger.account, elsewhere, head):
        client = Client()
        client.force_login(who)
        assert client.get(reverse("evaluations:appeal_course", args=[made.pk])).status_code == 404
    assert not appeals_for(head).exists()
    own = decided(course, "keep", by=course.other)
    mine = actions.decide_course(course.school, "差课", "drop", "换课", evidence=NOTHING, by=course.office)
    with pytest.raises(Refused, match="decided this itself"):
        actions.appeal_decision(mine, "不服", by=course.office)
    with pytest.raises(Refused, match="later decision"):
        actions.appeal_decision(made, "不服", by=course.office)
    with pytest.raises(Invalid, match="what is wrong"):
        actions.appeal_decision(own, " ", by=course.office)


def test_an_institution_appeals_once_whoever_writes(course: Course) -> None:
    made = course.drop()
    actions.appeal_decision(made, "不服", by=course.office)
    second = factories.make_account(Role.SCHOOL, course.school)
    with pytest.raises(Refused, match="already"):
        actions.appeal_decision(made, "不服", by=second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(course=made, institution=course.school, text="x", by=second)


def test_rows_never_change(course: Course) -> None:
    appeal = actions.appeal_decision(course.drop(), "不服", by=course.office)
    for deed in (
        lambda: Appeal.objects.update(text="x"),
        appeal.delete,
        lambda: CourseDecision.objects.update(reason="x"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()


def test_the_list_filters_and_exports(course: Course) -> None:
    actions.appeal_decision(course.drop(), "附大纲", by=course.office)
    client = Client()
    client.force_login(course.other)
    url = reverse("evaluations:appeals")
    assert "附大纲" in client.get(url).content.decode()
    assert "附大纲" in client.get(url, {"state": "waits", "kind": "course", "q": "好课"}).content.decode()
    for ask in ({"state": "answered"}, {"kind": "invitation"}, {"q": "差课"}):
        assert "附大纲" not in client.get(url, ask).content.decode()
    assert client.get(url, {"export": "appeals"}).content[:2] == b"PK"
    assert client.get(url, {"sort": "-answered_at"}).status_code == 200
    liaison = factories.make_account(Role.LIAISON, course.city)
    client.force_login(liaison)
    assert client.get(url).status_code == 403
