"""Marks stay with the title and the teacher that their raters knew, whatever the timetable says later."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from tests.evaluations.polled import Poll, make_held_school, make_teacher, make_version
from tests.evaluations.test_results import PERS, fill
from zhixing.evaluations import queries
from zhixing.evaluations.models import Survey
from zhixing.evaluations.queries import courses, invitations
from zhixing.evaluations.queries.occasions import as_asked
from zhixing.evaluations.queries.taught import Course, rated_where
from zhixing.people.models import Account
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session

pytestmark = pytest.mark.django_db


class Moved:
    """A session that was rated, and got another title and another teacher afterwards."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        school = make_held_school(people=8)
        self.before = make_teacher(school, 0)
        session = school.sessions[0]
        Session.objects.filter(pk=session.pk).update(title="经济形势")
        session.refresh_from_db()
        self.poll = Poll(school, make_version(school.department, "course", document))
        self.poll.survey = self.poll.launch(session=None if document else session)
        if document:
            for who in range(6):
                self.poll.hand_in(who, mark=4, **{one.name: "9" for one in self.poll.survey.fields if "@" in one.name})
        else:
            fill(self.poll, [9, 9, 8, 10, 7])
        self.poll.close()
        self.after = make_teacher(school, 0)
        Session.objects.filter(pk=session.pk).update(title="改过的题目")
        self.session = Session.objects.get(pk=session.pk)

    def teacher(self, account: Account) -> Teacher:
        return Teacher.objects.get(account=account)


@pytest.fixture
def moved() -> Moved:
    return Moved()


def test_closed_marks_keep_their_title_and_their_teacher(moved: Moved) -> None:
    (rated,) = rated_where(Q())
    assert rated.course == Course(moved.poll.school.class_run.institution_id, "经济形势")  # type: ignore[arg-type]
    assert rated.teacher == moved.teacher(moved.before).pk
    assert str(Survey.objects.get()).endswith("经济形势")


def test_the_first_teacher_reads_them_and_the_second_does_not(moved: Moved, client: Client) -> None:
    page = reverse("evaluations:results", args=[moved.poll.survey.pk])
    client.force_login(moved.before)
    assert client.get(page).status_code == 200
    own, other = invitations.own_file(moved.before), invitations.own_file(moved.after)
    assert own is not None
    assert (own.evidence.sessions, [one.title for one in own.occasions]) == (1, ["经济形势"])
    assert other is not None
    assert (other.evidence.sessions, other.occasions) == (0, [])
    client.force_login(moved.after)
    assert client.get(page).status_code == 404


def test_the_course_is_found_under_the_title_it_was_rated_by(moved: Moved, client: Client) -> None:
    titles = set(courses.courses_for(moved.poll.school.department).values_list("course", flat=True))
    assert "经济形势" in titles
    assert "改过的题目" not in titles
    client.force_login(moved.poll.school.department)
    page = client.get(reverse("evaluations:course", args=[moved.session.pk])).content.decode()
    assert "经济形势" in page
    assert "改过的题目" not in page
    assert reverse("evaluations:invitation", args=[moved.teacher(moved.before).pk]) in page


def test_a_second_survey_of_a_session_knows_it_as_the_first_did(moved: Moved) -> None:
    later = moved.poll.launch(group="office", session=moved.session)
    assert (later.title, later.teacher) == ("经济形势", moved.teacher(moved.before))


def test_a_session_that_nobody_was_asked_about_follows_the_timetable(moved: Moved) -> None:
    second = as_asked(Session.objects.exclude(pk=moved.session.pk)).values_list("course", "taught_by").first()
    known = Session.objects.exclude(pk=moved.session.pk).values_list("title", "teacher").first()
    assert second == known


def test_marks_that_were_nobodys_do_not_go_to_who_is_named_later() -> None:
    school = make_held_school(people=8)
    poll = Poll(school, make_version(school.department, "course"))
    poll.survey = poll.launch(session=school.sessions[0])
    fill(poll, [9, 9, 8, 10, 7])
    poll.close()
    make_teacher(school, 0)
    assert [one.teacher for one in rated_where(Q())] == [None]
    assert as_asked(Session.objects.filter(pk=school.sessions[0].pk)).get().taught_by is None  # type: ignore[attr-defined]


def test_repeated_questions_stay_with_whom_they_were_about() -> None:
    moved = Moved(PERS)
    seen = queries.results_of(moved.poll.survey, moved.before)
    assert [tally.label for block in seen.blocks for one in block.outcomes for tally in one.tallies] != []
    assert not queries.results_of(moved.poll.survey, moved.after).blocks
    assert moved.poll.survey in Survey.objects.visible_to(moved.before)
    assert moved.poll.survey not in Survey.objects.visible_to(moved.after)


@pytest.mark.parametrize("document", [None, PERS])
def test_older_surveys_keep_what_the_timetable_says_at_the_migration(document: dict[str, Any] | None) -> None:
    moved = Moved(document)
    bare = {per: [row[:2] for row in rows] for per, rows in moved.poll.survey.subjects.items()}
    title = {} if document else {"title": "alt"}
    Survey.objects.update(teacher=None, subjects=bare, **title)
    moved.poll.survey.teachers.clear()
    importlib.import_module("zhixing.evaluations.migrations.0010_titles_known").keep_titles(apps, None)
    moved.poll.survey.refresh_from_db()
    after = moved.teacher(moved.after)
    if document:
        assert list(moved.poll.survey.teachers.all()) == [after]
        assert moved.poll.survey.subjects["session"][0][2] == str(after.pk)
    else:
        assert (moved.poll.survey.title, moved.poll.survey.teacher) == ("改过的题目", after)


def test_the_database_refuses_a_title_without_its_session(moved: Moved) -> None:
    for wrong in ({"session": None}, {"title": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Survey.objects.update(**wrong)
