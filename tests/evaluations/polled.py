"""A class run that is over and asked about: its school, the published forms, and a survey of its trainees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_school
from zhixing.evaluations import actions, rules, tokens
from zhixing.evaluations.models import FormVersion, Group, Survey, Ticket
from zhixing.people.models import Account, Role
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher

NOW = at(MONDAY + dt.timedelta(days=5), 9)
CLOSES = NOW + dt.timedelta(days=7)
LATER = CLOSES + dt.timedelta(seconds=1)


@dataclass
class Poll:
    """``survey`` asks the trainees about the class run, from ``NOW`` until ``CLOSES``."""

    school: School
    version: FormVersion
    survey: Survey = field(init=False)

    def launch(self, group: str = Group.TRAINEES, **more: object) -> Survey:
        given = {"by": self.school.department, "closes_at": CLOSES, "now": NOW, **more}
        return actions.launch_survey(self.version, self.school.class_run, group, **given)  # type: ignore[arg-type]

    def token(self, who: int = 0) -> str:
        return tokens.make(Ticket.objects.get(survey=self.survey, person=self.school.trainees[who].person_id))

    def given(self, mark: int = 4, **other: str) -> dict[str, list[str]]:
        """A full sheet: every mark the same but those named, no text but those named."""
        full = {one.name: [str(mark)] for one in self.survey.fields if one.item.is_scored}
        return full | {name: [value] for name, value in other.items()}

    def hand_in(self, who: int = 0, mark: int = 4, now: dt.datetime = NOW, **other: str) -> None:
        self.sender(who, mark, now, **other)()

    def sender(self, who: int = 0, mark: int = 4, now: dt.datetime = NOW, **other: str) -> Callable[[], None]:
        """The hand that holds its link already: the ticket may be gone by the time it sends."""
        token, given = self.token(who), self.given(mark, **other)
        return lambda: actions.hand_in(token, given, now=now)

    def close(self) -> Survey:
        actions.close_survey(self.survey, by=None, now=LATER)
        self.survey.refresh_from_db()
        return self.survey


def make_version(by: Account, template: str = "class-run", document: dict[str, object] | None = None) -> FormVersion:
    """A published form."""
    version = actions.create_form(document or rules.templates()[template].document, by=by)
    actions.publish_version(version, edition=1, by=by, now=NOW)
    version.refresh_from_db()
    return version


def make_held_school(people: int = 6, days: int = 1) -> School:
    """Everybody but the last was there; the class run is over."""
    school = make_school(people=people, days=days)
    school.open()
    for number in range(len(school.sessions)):
        school.mark(number, people - 1, "absent")
        school.close(number)
    ClassRun.objects.filter(pk=school.class_run.pk).update(state=ClassRun.State.HELD)
    school.class_run.refresh_from_db()
    return school


def make_poll(people: int = 6, template: str = "class-run", document: dict[str, object] | None = None) -> Poll:
    """``people`` trainees, of whom the last never came: so many less one are invited."""
    school = make_held_school(people)
    poll = Poll(school, make_version(school.department, template, document))
    poll.survey = poll.launch()
    return poll


def make_teacher(school: School, number: int = 0) -> Account:
    """An account whose teacher taught the session with this number."""
    account = factories.make_account(Role.TEACHER, None)
    teacher = Teacher.objects.create(name="苏教授", group=Teacher.Group.SCHOOL, account=account)
    session = school.sessions[number]
    session.teacher = teacher
    session.save()
    return account
