"""The training record: what it adds up, who may open it, and who is told."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from zhixing.archive.papers import records as papers
from zhixing.archive.queries import records as queries
from zhixing.obligations.actions import install_shipped_policy, refresh_standings
from zhixing.obligations.models import Entry
from zhixing.people.models import Person, RecordReading, Role, Unit

pytestmark = pytest.mark.django_db


def entry(person: Person, title: str, tenths: int, on: dt.date, **fields: object) -> Entry:
    given = {"channel": "offjob", "source": "import", "recorded_at": timezone.now(), **fields}
    return Entry.objects.create(person=person, title=title, tenths=tenths, earned_on=on, **given)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit("市财政局", city), "顾清和")


class TestWhatARecordAddsUp:
    def test_half_days_of_one_class_become_one_line(self, person: Person) -> None:
        for day in (7, 8, 9):
            entry(person, "基层治理专题班", 37, dt.date(2026, 9, day), source_key=f"register:{day}:1")
        (year,) = queries.record_of(person).years
        (course,) = year.courses
        assert (course.tenths, course.entries, course.began_on.day, course.ended_on.day) == (111, 3, 7, 9)

    def test_a_training_over_new_year_stands_in_both_years_with_the_hours_of_each(self, person: Person) -> None:
        entry(person, "跨年班", 180, dt.date(2025, 12, 31), source_key="history:1:2025-12-29:ab:2025")
        entry(person, "跨年班", 120, dt.date(2026, 1, 2), source_key="history:1:2025-12-29:ab")
        assert [(year.year, year.tenths) for year in queries.record_of(person).years] == [(2026, 120), (2025, 180)]

    def test_reversed_entries_are_left_out_with_their_reversals(self, person: Person) -> None:
        wrong = entry(person, "误记", 900, dt.date(2026, 5, 1))
        entry(person, "误记", 900, dt.date(2026, 5, 1), reverses=wrong, reason="记错人")
        entry(person, "专题班", 225, dt.date(2026, 6, 1))
        assert queries.record_of(person).tenths == 225

    def test_years_come_newest_first_and_results_stay_apart(self, person: Person) -> None:
        entry(person, "专题班", 0, dt.date(2025, 6, 1), result="not_completed")
        entry(person, "专题班", 225, dt.date(2025, 9, 1))
        entry(person, "专题班", 225, dt.date(2026, 6, 1))
        years = queries.record_of(person).years
        assert [(y.year, len(y.courses), y.tenths) for y in years] == [(2026, 1, 225), (2025, 2, 225)]


class TestPapers:
    def test_the_pdf_holds_person_postings_and_trainings(self, person: Person) -> None:
        entry(person, "乡村振兴专题班", 375, dt.date(2026, 9, 11), institution="市委党校")
        content = papers.record_pdf(queries.record_of(person), on=dt.date(2026, 11, 24))
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        text = "".join(page.extract_text() for page in pages).replace(" ", "")
        for word in ("干部培训登记表", "顾清和", "市财政局", "乡村振兴专题班", "37.5", "2026-11-24"):
            assert word in text

    def test_rules_are_called_by_their_titles_on_the_page_and_in_the_pdf(self, person: Person) -> None:
        install_shipped_policy()
        refresh_standings(on=dt.date(2026, 11, 24))
        content = papers.record_pdf(queries.record_of(person), on=dt.date(2026, 11, 24))
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        paper = "".join("".join(page.extract_text() for page in pages).split())
        client = Client()
        client.force_login(make_account(Role.TRAINEE, person=person))
        page = client.get(reverse("archive:record", args=[person.pk])).content.decode()
        for title in ("乡科级领导干部和一级主任科员以下职级公务员年度集中培训", "年度网络自学"):
            assert title in paper
            assert title in page
        for code in ("section-annual", "online-annual"):
            assert code not in paper
            assert code not in page

    def test_the_same_record_prints_the_same_bytes(self, person: Person) -> None:
        made = [papers.record_pdf(queries.record_of(person), on=dt.date(2026, 11, 24)) for _ in range(2)]
        assert made[0] == made[1]

    def test_the_unit_sheet_has_one_line_per_training_and_no_formula(self, city: Unit, person: Person) -> None:
        entry(person, '=HYPERLINK("x")', 100, dt.date(2026, 3, 1))
        entry(person, "专题班", 225, dt.date(2026, 6, 1))
        entry(make_person(make_unit("市教育局", city)), "别处", 225, dt.date(2026, 6, 1))
        answer = papers.unit_sheet(make_department(city), person.unit, 2026)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        rows = list(sheet.iter_rows(min_row=2))
        assert [row[4].value for row in rows] == ["专题班", '=HYPERLINK("x")']
        assert {row[4].data_type for row in rows} == {"s"}


class TestWhoMayOpenIt:
    def open(self, account: object, person: Person) -> int:
        client = Client()
        client.force_login(account)  # type: ignore[arg-type]
        return client.get(reverse("archive:record", args=[person.pk])).status_code

    def test_the_person_the_liaison_and_the_department_may(self, city: Unit, person: Person) -> None:
        own = make_account(Role.TRAINEE, person=person)
        for account in (own, make_account(Role.LIAISON, person.unit), make_department(city)):
            assert self.open(account, person) == 200

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.SCHOOL, Role.TEACHER])
    def test_outside_the_scope_there_is_no_such_record(self, city: Unit, person: Person, role: str) -> None:
        assert self.open(make_account(role, make_unit("市教育局", city)), person) == 404

    def test_another_trainee_sees_nothing(self, city: Unit, person: Person) -> None:
        assert self.open(make_account(Role.TRAINEE, person=make_person(city)), person) == 404

    def test_every_opening_is_kept_and_shown_to_the_person(self, city: Unit, person: Person) -> None:
        admin = make_department(city)
        self.open(admin, person)
        assert RecordReading.objects.filter(person=person, reader=admin, page="record").count() == 1
        client = Client()
        client.force_login(make_account(Role.TRAINEE, person=person))
        page = client.get(reverse("archive:mine"), follow=True).content.decode()
        assert "谁查阅过我的档案" in page
        assert admin.name in page


def test_lists_are_for_those_who_look_after_people(city: Unit) -> None:
    client = Client()
    client.force_login(make_account(Role.TEACHER, city))
    assert client.get(reverse("archive:records")).status_code == 403
