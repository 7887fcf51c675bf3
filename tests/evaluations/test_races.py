"""Many hands at once, on a real PostgreSQL with a connection each: one ticket gives one sheet, and no sheet is lost in the shaking."""

from __future__ import annotations

import pytest

from tests.attendance.test_races import at_once
from tests.evaluations.polled import NOW, Poll, make_held_school, make_poll, make_version
from zhixing.evaluations import actions
from zhixing.evaluations.models import PaperNumber, Sheet, Survey, Ticket

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _needs_postgres(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")


def test_one_link_used_twenty_times_at_once_gives_one_sheet() -> None:
    poll = make_poll()
    assert at_once([poll.sender()] * 20) == {"done": 1, "LinkUsed": 19}
    assert (Sheet.objects.count(), Survey.objects.get().answered) == (1, 1)


def test_thirty_people_at_once_lose_nothing_and_double_nothing() -> None:
    poll = make_poll(people=31)
    given = {who: who % 4 + 1 for who in range(30)}
    assert at_once([poll.sender(who, given[who]) for who in given]) == {"done": 30}
    marks = sorted(sheet.answers["overall"] for sheet in Sheet.objects.all())
    assert marks == sorted(given.values())
    assert Survey.objects.get().answered == 30


def test_a_survey_closed_while_people_answer_counts_whoever_was_let_in() -> None:
    poll = make_poll(people=21)
    deeds = [poll.sender(who) for who in range(20)]
    deeds.insert(10, lambda: actions.close_survey(poll.survey, by=None, now=NOW))
    came = at_once(deeds)
    assert came["done"] - 1 == Sheet.objects.count() == Survey.objects.get().answered
    assert came["LinkDead"] == 20 - Sheet.objects.count()
    assert not Ticket.objects.exists()


def test_going_on_paper_while_people_answer_leaves_a_sheet_for_each_of_the_others() -> None:
    poll = make_poll(people=13)
    deeds = [poll.sender(who) for who in range(12)]
    deeds.insert(6, lambda: actions.go_to_paper(poll.survey, by=poll.school.head))
    at_once(deeds)
    assert Sheet.objects.count() + PaperNumber.objects.count() == 12


def test_a_survey_launched_by_ten_at_once_is_launched_once() -> None:
    school = make_held_school()
    poll = Poll(school, make_version(school.department))
    assert at_once([poll.launch] * 10) == {"done": 1, "Conflict": 9}
    assert Ticket.objects.count() == 5


def test_two_workers_launch_by_rule_once() -> None:
    school = make_held_school()
    version = make_version(school.department)
    by, today = school.department, school.class_run.starts_on
    actions.make_rule(version.form, "trainees", months=0, open_days=9, by=by, today=today)
    assert at_once([lambda: actions.settle_surveys(NOW)] * 4) == {"done": 4}
    assert Survey.objects.count() == 1


def test_a_draft_saved_by_ten_at_once_is_saved_once() -> None:
    school = make_held_school()
    draft = actions.begin_draft(make_version(school.department), by=school.department)

    def save() -> None:
        actions.save_draft(draft, draft.document, edition=1, by=school.department)

    assert at_once([save] * 10) == {"done": 1, "Conflict": 9}
