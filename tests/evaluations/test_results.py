"""What is shown of sheets, to whom, and when: nothing while open, nothing of few, to a teacher only what is about the teacher."""

from __future__ import annotations

import io
import statistics
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.polled import Poll, make_held_school, make_poll, make_teacher, make_version
from zhixing.evaluations import permissions, queries
from zhixing.evaluations.models import Group, Remark, Sheet, Survey
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
PERS: dict[str, Any] = {
    "form": {"title": "逐课", "subject": "class_run"},
    "block": [
        {"title": "总体", "weight": 50, "item": [{"code": "a", "text": "总体", "kind": "grades"}, {"code": "w", "text": "意见", "kind": "text"}]},
        {"title": "课", "weight": 50, "item": [{"code": "s", "text": "本课", "kind": "scale", "top": 10, "per": "session"}]},
    ],
}  # fmt: skip


def fill(poll: Poll, marks: list[int], **more: str) -> None:
    for who, mark in enumerate(marks):
        poll.hand_in(who, mark=mark, **more)


@pytest.fixture
def poll() -> Poll:
    made = make_poll(people=8)
    fill(made, [4, 4, 3, 2, 1, 3], remarks="好")
    return made


def figures(poll: Poll, user: Account | None = None) -> queries.Results:
    return queries.results_of(poll.survey, user or poll.school.department)


def test_figures_equal_a_recount(poll: Poll) -> None:
    poll.close()
    found = figures(poll)
    worth = [100, 100, 80, 60, 30, 80]
    assert found.total is not None
    assert found.total.mean == pytest.approx(statistics.fmean(worth))
    assert [block.weight for block in found.blocks] == [25, 25, 20, 30, 0]
    tally = found.blocks[0].outcomes[0].tallies[0]
    assert [count for _label, count in tally.counts] == [2, 2, 1, 1]
    assert sorted(found.blocks[4].outcomes[0].texts) == ["好"] * 6


def test_nothing_is_shown_while_it_is_open(poll: Poll, client: Client) -> None:
    for user in (poll.school.department, poll.school.head):
        assert not permissions.may_read_results(user, poll.survey)
        client.force_login(user)
        for page in ("results", "book"):
            assert client.get(reverse(f"evaluations:{page}", args=[poll.survey.pk])).status_code == 403


def test_of_four_sheets_nothing_is_shown_not_even_texts(client: Client) -> None:
    poll = make_poll(people=8)
    fill(poll, [4, 4, 4, 4], remarks="独特的意见")
    poll.close()
    found = figures(poll)
    assert (found.enough, found.blocks, found.total) == (False, (), None)
    client.force_login(poll.school.department)
    page = client.get(reverse("evaluations:results", args=[poll.survey.pk]))
    assert "独特的意见" not in page.content.decode()
    assert client.get(reverse("evaluations:book", args=[poll.survey.pk])).status_code == 403


def test_a_question_that_few_answered_is_hidden_alone() -> None:
    document = {
        "form": {"title": "选答", "subject": "class_run"},
        "block": [{"title": "甲", "weight": 100, "item": [
            {"code": "a", "text": "必答", "kind": "grades"},
            {"code": "b", "text": "选答", "kind": "grades", "required": False},
        ]}],
    }  # fmt: skip
    poll = make_poll(people=8, document=document)
    for who in range(6):
        poll.hand_in(who, **({} if who < 4 else {"b": ""}))
    poll.close()
    first, second = figures(poll).blocks[0].outcomes
    assert (first.tallies[0].hidden, second.tallies[0].hidden) == (None, "few")
    assert (second.tallies[0].counts, second.tallies[0].mean) == ((), None)


def test_a_small_groups_rate_is_hidden_too(client: Client) -> None:
    poll = make_poll(people=5)
    assert poll.survey.is_small
    poll.hand_in(0)
    client.force_login(poll.school.department)
    for page in (reverse("evaluations:survey", args=[poll.survey.pk]), reverse("evaluations:surveys")):
        assert "1 / 4" not in client.get(page).content.decode()


def test_the_rate_is_live_and_without_names(poll: Poll, client: Client) -> None:
    client.force_login(poll.school.head)
    page = client.get(reverse("evaluations:survey", args=[poll.survey.pk])).content.decode()
    assert "已填 <strong>6</strong> 份" in page
    assert not any(one.name in page for one in poll.school.trainees)


def test_the_excel_holds_what_the_page_shows(poll: Poll, client: Client) -> None:
    poll.close()
    client.force_login(poll.school.department)
    answer = client.get(reverse("evaluations:book", args=[poll.survey.pk]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    marks, texts = book.worksheets
    assert marks.max_row == 1 + 1 + 4 + 21
    assert marks["F2"].value == 75.0
    assert texts.max_row == 7


# Who


def test_the_institution_reads_its_own_and_the_auditor_too(poll: Poll) -> None:
    poll.close()
    own = factories.make_account(Role.AUDITOR, poll.school.city)
    for user in (poll.school.department, poll.school.head, own):
        assert permissions.may_read_results(user, poll.survey)


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.DEPARTMENT, Role.AUDITOR, Role.LIAISON, Role.TEACHER])
def test_nobody_else_reads_it(poll: Poll, client: Client, role: str) -> None:
    """Another institution, another county, a liaison, a teacher who did not teach there."""
    elsewhere = factories.make_unit("东县", poll.school.city, kind=Unit.Kind.COUNTY)
    user = factories.make_account(role, elsewhere)
    poll.close()
    assert not permissions.may_read_results(user, poll.survey)
    client.force_login(user)
    for page in ("survey", "results", "book"):
        assert client.get(reverse(f"evaluations:{page}", args=[poll.survey.pk])).status_code == 404


def test_trainees_only_answer(poll: Poll, client: Client) -> None:
    poll.close()
    client.force_login(poll.school.trainees[0])
    assert client.get(reverse("evaluations:results", args=[poll.survey.pk])).status_code == 404
    for page in ("forms", "rules", "choose"):
        assert client.get(reverse(f"evaluations:{page}")).status_code == 403


def test_a_teacher_reads_the_own_course_once_it_is_closed(client: Client) -> None:
    school = make_held_school(people=8)
    teacher = make_teacher(school, 0)
    poll = Poll(school, make_version(school.department, "course"))
    poll.survey = poll.launch(session=school.sessions[0])
    other = poll.launch(session=school.sessions[1])
    fill(poll, [9, 9, 8, 10, 7])
    client.force_login(teacher)
    assert client.get(reverse("evaluations:survey", args=[poll.survey.pk])).status_code == 404
    poll.close()
    Survey.objects.filter(pk=other.pk).update(state="closed", closed_at=poll.survey.closed_at)
    assert client.get(reverse("evaluations:results", args=[poll.survey.pk])).status_code == 200
    assert client.get(reverse("evaluations:results", args=[other.pk])).status_code == 404
    about_all = reverse("evaluations:class_run", args=[school.class_run.pk])
    assert client.get(about_all).status_code == 403
    assert about_all not in client.get(reverse("evaluations:survey", args=[poll.survey.pk])).content.decode()
    client.force_login(school.department)
    assert about_all in client.get(reverse("evaluations:survey", args=[poll.survey.pk])).content.decode()


def test_of_a_class_run_a_teacher_reads_the_own_sessions_only() -> None:
    school = make_held_school(people=8)
    teacher = make_teacher(school, 0)
    poll = Poll(school, make_version(school.department, document=PERS))
    poll.survey = poll.launch()
    fields = {field.name: field for field in poll.survey.fields}
    for who in range(6):
        poll.hand_in(who, mark=4, w="只给组织部看的话", **{name: "9" for name in fields if "@" in name})
    poll.close()
    found = figures(poll, teacher)
    assert found.partial
    assert found.total is None
    shown = [tally.field.name for block in found.blocks for outcome in block.outcomes for tally in outcome.tallies]
    assert shown == [f"s@{school.sessions[0].pk}"]
    assert not [text for block in found.blocks for outcome in block.outcomes for text in outcome.texts]
    assert figures(poll).blocks[0].outcomes[1].texts


def test_a_teacher_sees_nothing_of_a_form_that_is_not_about_teachers(poll: Poll) -> None:
    teacher = make_teacher(poll.school)
    poll.close()
    assert not Survey.objects.visible_to(teacher).exists()


# A class run through all who rated it


def test_groups_are_put_together_by_the_weights_of_the_scheme() -> None:
    poll = make_poll(people=8)
    fill(poll, [4, 4, 3, 4, 3])
    office = poll.launch(Group.OFFICE)
    Sheet.objects.bulk_create(Sheet(survey=office, score=5000) for _n in range(5))
    staff = Survey.objects.create(
        version=poll.version, class_run=poll.school.class_run, group=Group.STAFF, opens_at=office.opens_at, closes_at=office.closes_at
    )  # fmt: skip
    Sheet.objects.create(survey=staff, score=0)
    (found,) = queries.combined([poll.survey, office, staff], {"trainees": 60, "office": 10, "staff": 30})
    assert found.of_weight == 70
    assert found.total == pytest.approx((92 * 60 + 50 * 10) / 70)
    assert [one.mean is None for one in found.groups] == [False, False, True]


def test_the_page_of_a_class_run_is_for_those_who_answer_for_it(poll: Poll, client: Client) -> None:
    poll.close()
    address = reverse("evaluations:class_run", args=[poll.school.class_run.pk])
    for user, status in ((poll.school.department, 200), (poll.school.head, 200), (poll.school.trainees[0], 403)):
        client.force_login(user)
        assert client.get(address).status_code == status


def test_remarks_come_in_the_order_of_random_keys(poll: Poll) -> None:
    poll.close()
    Remark.objects.all().delete()
    Remark.objects.bulk_create(Remark(survey=poll.survey, field="remarks", text=str(n)) for n in range(20))
    texts = figures(poll).blocks[4].outcomes[0].texts
    assert sorted(texts, key=int) == [str(n) for n in range(20)] != list(texts)
