"""The attack on everything published: all accounts read all pages at several moments, and every two figures and every chain of them are differenced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests import factories
from tests.attendance.school import MONDAY, at
from tests.evaluations.polled import make_version
from tests.evaluations.published import Reader, chains, differences, upload
from tests.evaluations.test_consequences import Scene
from zhixing.base.problems import Invalid
from zhixing.config.cli import evaluations as commands
from zhixing.evaluations import actions, marks
from zhixing.evaluations.actions.urn import Filled, leave_out_rare, put_in
from zhixing.evaluations.models import Group, Sheet, Survey
from zhixing.evaluations.queries import results, taught
from zhixing.evaluations.queries.courses import course_for
from zhixing.evaluations.queries.invitations import teacher_file
from zhixing.people.models import Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
FORM: dict[str, Any] = {
    "form": {"title": "结业测评", "subject": "class_run"},
    "block": [
        {"title": "教学", "weight": 60, "item": [
            {"code": "a", "text": "内容", "kind": "grades"},
            {"code": "b", "text": "方法", "kind": "grades", "required": False},
            {"code": "c", "text": "师资", "kind": "grades"},
        ]},
        {"title": "服务", "weight": 40, "item": [
            {"code": "d", "text": "食宿", "kind": "grades", "required": False},
            {"code": "e", "text": "管理", "kind": "grades", "required": False},
        ]},
    ],
}  # fmt: skip
BLANKS: tuple[tuple[int, dict[str, int]], ...] = (
    (14, {"b": 2, "d": 3}),  # few left out one question or another
    (12, {"b": 12}),  # nobody answered one
    (16, {"d": 1, "e": 1}),
    (9, {"b": 4, "d": 5}),
    (11, {}),
    (4, {}),  # too small a class run
)


class City(Scene):
    """Class runs of two years with questionnaires that some left blank in places, courses by two teachers, tests before and after."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.other = factories.make_department(self.city)
        self.whole = make_version(self.department, document=FORM)
        for number, (sheets, blanks) in enumerate(BLANKS):
            self.close(number, sheets, blanks, 2026)
        for number in (1, 3, 5):
            self.close(number, *BLANKS[number], 2025)
        self.first, self.second = self.teacher("甲"), self.teacher("乙")
        for number, size in enumerate((8, 6, 7, 3)):
            self.session = self.teach("新时代理论", (self.first, self.second)[number % 2], self.scores(size))
            self.teach("应急处置", (self.second, self.first)[number % 2], self.scores(size + 1))
        self.again(self.session)
        self.run = ClassRun.objects.get(year=2026, name="班4")
        self.rows: list[tuple[str, int, int]] = [(f"人{n}", 50 + n, 60 + 2 * n) for n in range(12)]
        actions.enter_gain(self.run, upload(self.rows), most=100, by=self.department)

    @staticmethod
    def scores(size: int) -> list[int]:
        return [60 + (7 * n) % 40 for n in range(size)]

    def close(self, number: int, sheets: int, blanks: dict[str, int], year: int) -> Survey:
        """A closed survey; the last ``blanks[question]`` sheets, another way round for each question, leave it blank."""
        starts = MONDAY.replace(year=year) + dt.timedelta(days=number)
        run = factories.make_class_run(
            f"班{number}",
            institution=self.school,
            starts_on=starts,
            ends_on=starts,
            state=ClassRun.State.HELD,
            theme="理论",
        )
        survey = Survey.objects.create(
            version=self.whole,
            class_run=run,
            group=Group.TRAINEES,
            opens_at=at(starts, 13),
            closes_at=at(starts, 18),
            state=Survey.State.OPEN,
            invited=sheets + 1,
            answered=sheets,
        )
        given: list[dict[str, int]] = [
            {code: 1 + (3 * n + place + number + year) % 4 for place, code in enumerate("abcde")} for n in range(sheets)
        ]
        for place, (code, count) in enumerate(blanks.items()):
            for n in range(count):
                given[(n + place * 2) % sheets].pop(code)
        put_in(survey, [Filled(one) for one in given])
        leave_out_rare(survey)
        Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSED, closed_at=at(starts, 18))
        survey.refresh_from_db()
        return survey

    def again(self, session: Any) -> None:
        """A second survey about one session, with another form: seven sheets, of which three have a score."""
        form = make_version(self.department, "course")
        survey = Survey.objects.create(
            version=form,
            class_run=session.class_run,
            session=session,
            title=session.title,
            teacher=session.teacher,
            group=Group.TRAINEES,
            opens_at=at(session.on, 13),
            closes_at=at(session.on, 18),
            state=Survey.State.CLOSED,
            closed_at=at(session.on, 18),
            invited=7,
            answered=7,
        )
        for score in (5000, 6000, 7000, None, None, None, None):
            Sheet.objects.create(survey=survey, score=score)

    def reader(self) -> Reader:
        head = factories.make_account(Role.SCHOOL, self.school, own_class_runs_only=True)
        auditor = factories.make_account(Role.AUDITOR, self.city)
        elsewhere = factories.make_account(Role.SCHOOL, factories.make_unit("别校", self.city, kind=Unit.Kind.SCHOOL))
        assert self.first.account
        assert self.second.account
        return Reader(
            {
                "department": self.department,
                "school": self.office,
                "head": head,
                "auditor": auditor,
                "elsewhere": elsewhere,
                "teacher 1": self.first.account,
                "teacher 2": self.second.account,
            }
        )

    def read(self, reader: Reader, folder: Path) -> None:
        """All pages, and the rows for planning, at this moment."""
        found = {}
        for year in (2025, 2026):
            out = folder / f"{year}.csv"
            told = CliRunner().invoke(commands.command, ["evidence", "--year", str(year), "--out", str(out)])
            assert told.exit_code == 0, told.output
            found[year] = out.read_text(encoding="utf-8")
        reader.read((2025, 2026), found)
        client = Client()
        client.force_login(self.department)
        reader.gain(client, self.run, self.rows)

    def take_in(self, rows: Sequence[tuple[str, int, int]]) -> bool:
        """Whether the marks were taken in once more."""
        try:
            actions.enter_gain(self.run, upload(rows), most=100, by=self.department)
        except Invalid:
            return False
        self.rows = list(rows)
        return True

    def live_on(self, reader: Reader, folder: Path) -> None:
        """Decisions are taken; another session is rated; one mark, then five marks are set right; all is read each time."""
        self.read(reader, folder)
        course = course_for(self.department, self.session.pk)
        actions.decide_course(self.school, course.title, "keep", "好", evidence=course.evidence, by=self.department)
        own = teacher_file(self.office, self.first.pk)
        actions.decide_invitation(self.first, "again", "好", evidence=own.evidence, by=self.office)
        self.teach("新时代理论", self.first, self.scores(5))
        self.teach("应急处置", self.first, self.scores(4))
        self.close(7, 10, {"b": 1, "d": 6, "e": 2}, 2026)
        self.take_in([(who, before, after + (who == "人3")) for who, before, after in self.rows])
        self.read(reader, folder)
        self.take_in([(who, before, after + 2 * (n < 5)) for n, (who, before, after) in enumerate(self.rows)])
        self.read(reader, folder)


@pytest.fixture
def city() -> City:
    return City()


def test_no_pair_and_no_chain_of_all_that_is_published_is_about_few_people(city: City, tmp_path: Path) -> None:
    reader = city.reader()
    city.live_on(reader, tmp_path)
    printed = list(reader.printed.values())
    wheres = {one.where for one in printed}
    assert wheres == {
        "results", "block", "question", "class run", "beside", "years", "course", "invitation", "decision", "evidence", "gain",
    }  # fmt: skip
    assert all(one.people >= 5 for one in printed)
    assert differences(printed, reader.persons) == []
    assert chains(printed, reader.persons) == []
    page = client_of(city).get(
        f"/evaluations/surveys/{Survey.objects.filter(class_run__name='班0').first().pk}/results/"
    )  # type: ignore[union-attr]
    assert "已略去：与其他数据对照" in page.content.decode()


def client_of(city: City) -> Client:
    client = Client()
    client.force_login(city.department)
    return client


def told_of_few(reader: Reader) -> bool:
    printed = list(reader.printed.values())
    return bool(chains(printed, reader.persons))


def test_without_the_remedy_a_block_tells_who_left_a_question_blank(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = Survey.objects.get(class_run__name="班0")
    for remedy in (True, False):
        if not remedy:
            monkeypatch.setattr(results, "left_out_of", lambda *_about: frozenset())
        reader = city.reader()
        reader.results(client_of(city), survey)
        assert told_of_few(reader) != remedy


def test_without_the_remedy_a_session_with_two_surveys_tells_of_the_small_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The course less its other sessions: the three sheets of the second survey, and the session itself has three others."""
    for remedy in (True, False):
        if not remedy:
            monkeypatch.setattr(taught, "publishable", lambda surveys: surveys.filter(answered__gte=5))
        reader = city.reader()
        reader.courses(client_of(city))
        assert ({one.people for one in reader.printed.values()} == {6, 7, 8, 9, 21, 24}) == remedy
        assert bool(told_of_few(reader) or any(one.people < 5 for one in reader.printed.values())) != remedy


def test_without_the_remedy_a_mark_set_right_is_told(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    right = [(who, before, after + (who == "人3")) for who, before, after in city.rows]
    for remedy in (True, False):
        if not remedy:
            monkeypatch.setattr(marks, "tells_few", lambda *_about: False)
        reader = city.reader()
        reader.gain(client_of(city), city.run, city.rows)
        assert city.take_in(right) != remedy
        reader.gain(client_of(city), city.run, city.rows)
        assert told_of_few(reader) != remedy
        assert bool(differences(list(reader.printed.values()), reader.persons)) != remedy
