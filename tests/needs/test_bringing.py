"""What other apps know comes as evidence: by theme, of enough people, again without saying it twice."""

from __future__ import annotations

import datetime as dt

import pytest

from tests import factories
from tests.attendance.school import make_callup
from zhixing.callups.models import Callup, MakeUp
from zhixing.callups.needs_evidence import put_missed
from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.needs_evidence import put_courses
from zhixing.needs import bringing
from zhixing.needs.models import NeedsEvidence
from zhixing.people.models import Unit

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 30)


def test_make_ups_past_their_day_are_told_by_theme_and_not_of_a_few() -> None:
    city = factories.make_city()
    for theme, people in (("依法行政", 6), ("公文写作", 3), ("", 6)):
        run = factories.make_class_run(theme=theme)
        for seat in range(people):
            person = factories.make_person(city)
            missed = make_callup(run, person, Callup.State.NOT_COMPLETED, seat + 1)
            MakeUp.objects.create(missed=missed, person=person, tenths=30, cause="attendance", due_on=TODAY)
    assert put_missed(2027, TODAY) == 0
    for _again in range(2):
        assert put_missed(2027, TODAY + dt.timedelta(days=1)) == 1
    said = NeedsEvidence.objects.get()
    assert (said.source, said.topic, said.n, said.value) == ("missed", "依法行政", 6, 300)


def test_the_latest_decision_about_a_course_is_told_where_enough_have_answered() -> None:
    city = factories.make_city()
    school = factories.make_unit("党校", city, kind=Unit.Kind.SCHOOL)
    by = factories.make_department(city)

    def decide(title: str, choice: str, sheets: int) -> None:
        evidence = {"sessions": 1, "sheets": sheets, "together": False, "raw": [61.5, 58.0, 65.0], "corrected": None}
        facts = {"institution": school, "title": title, "reason": "差", "evidence": evidence, "by": by}
        mended = {"owner": "教务处", "due_on": TODAY} if choice == "fix" else {}
        CourseDecision.objects.create(choice=choice, **facts, **mended)

    decide("依法行政", "drop", 30)
    decide("公文写作", "fix", 4)
    decide("党史", "fix", 30)
    decide("党史", "keep", 30)
    assert put_courses(2027, TODAY) == 1
    said = NeedsEvidence.objects.get()
    assert (said.topic, said.n, said.value, said.weight) == ("依法行政", 30, 6150, 40)


def test_everybody_who_said_so_brings() -> None:
    found = bringing.bring_all(2027, TODAY)
    assert set(found) == {"callups", "evaluations"}
