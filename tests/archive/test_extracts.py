"""Extracts: the same question gives the same bytes, whatever is corrected later; what leaves the house, for whom, and what the trail says."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pypdf
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.attendance.school import make_callup
from tests.factories import make_account, make_city, make_class_run, make_department, make_entry, make_person, make_unit
from zhixing.archive.actions.extracts import (
    NewExtract,
    ask_again,
    ask_extract,
    destroy_extract,
    keep_question,
    make_file,
)
from zhixing.archive.models import Extract
from zhixing.archive.queries.extracts import changed_cells
from zhixing.archive.queries.known import Question, histories
from zhixing.archive.queries.records import record_of
from zhixing.archive.queries.statistics import Statistics, yearly
from zhixing.base.files import path_of
from zhixing.base.models import AuditEntry, Job
from zhixing.base.problems import Invalid, NotFound, Refused
from zhixing.base.sealed import unseal_bytes
from zhixing.obligations.actions import (
    NewExternalTraining,
    approve_external,
    merge_ledgers,
    record_external,
    reverse_entry,
)
from zhixing.obligations.actions.history_credits import training_key
from zhixing.obligations.models import Channel, Entry, EntryAppeal
from zhixing.people.models import Account, Person, RecordReading, Role, Unit

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 6, 30)
MAY, JULY = dt.date(2026, 5, 10), dt.date(2026, 7, 20)


def at(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit("市财政局", city), "顾清和", number="P1", rank="县处级正职")


def file_of(tmp_path: Path, code: str = "a11", form: str = "csv", **fields: object) -> bytes:
    extract = keep_question(NewExtract(code, form, **{"on": ON, **fields}), None)  # type: ignore[arg-type]
    target = tmp_path / extract.file_name
    make_file(extract, target, lambda done, total: None)
    return target.read_bytes()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


class TestTheSameQuestion:
    @pytest.mark.parametrize("form", ["csv", "xml", "xlsx"])
    def test_gives_the_same_bytes_after_later_corrections(self, person: Person, tmp_path: Path, form: str) -> None:
        wrong = make_entry(person, MAY, 300, title="专题班")
        make_entry(person, MAY, 50, Channel.ONLINE, title="网课")
        before = file_of(tmp_path, form=form, known_at=at(ON))
        entry = reverse_entry(wrong, reason="多记", by=None)
        assert entry.recorded_at > at(ON)
        make_entry(person, MAY, 225, title="专题班", recorded_on=JULY)
        make_entry(person, MAY, 90, title="补录", recorded_on=JULY)
        assert file_of(tmp_path, form=form, known_at=at(ON)) == before
        assert file_of(tmp_path, form=form) != before, "what is known now is another question"

    def test_knows_a_correction_from_the_day_it_was_made(self, person: Person, tmp_path: Path) -> None:
        wrong = make_entry(person, MAY, 300, title="专题班")
        reversal = make_entry(person, MAY, 300, title="专题班", reverses=wrong, reason="多记", recorded_on=JULY)
        make_entry(person, MAY, 225, title="专题班", recorded_on=JULY)
        assert [row["a1108"] for row in rows_of(file_of(tmp_path, known_at=at(ON)))] == ["30.0"]
        later = rows_of(file_of(tmp_path, known_at=at(JULY)))
        assert [row["a1108"] for row in later] == ["22.5"]
        make_entry(person, MAY, 300, reverses=reversal, reason="冲正的冲正", recorded_on=JULY)
        assert rows_of(file_of(tmp_path, known_at=at(JULY))) == later, (
            "a reversal stays, although it is itself reversed"
        )

    def test_of_a_past_day_leaves_out_what_ended_later(self, person: Person, tmp_path: Path) -> None:
        make_entry(person, MAY, 300)
        make_entry(person, JULY, 300)
        assert len(rows_of(file_of(tmp_path))) == 1
        assert len(rows_of(file_of(tmp_path, on=JULY))) == 2
        assert len(rows_of(file_of(tmp_path, on=JULY, since=dt.date(2026, 7, 1)))) == 1

    @pytest.mark.parametrize(
        "days", [("0001-06-01", "2026-06-30"), ("0001-01-01", "9999-12-31"), ("2026-01-01", "9999-06-01")]
    )
    def test_reaches_to_the_ends_of_the_calendar(self, days: tuple[str, str], person: Person, tmp_path: Path) -> None:
        make_entry(person, MAY, 300)
        since, on = map(dt.date.fromisoformat, days)
        assert len(rows_of(file_of(tmp_path, on=on, since=since))) == 1

    def test_statistics_too(self, person: Person, tmp_path: Path) -> None:
        wrong = make_entry(person, MAY, 300)
        made = [file_of(tmp_path, "statistics", form, known_at=at(ON)) for form in ("xlsx", "pdf")]
        reverse_entry(wrong, reason="多记", by=None)
        assert [file_of(tmp_path, "statistics", form, known_at=at(ON)) for form in ("xlsx", "pdf")] == made


class TestWhatIsInIt:
    def test_a11_fields_are_filled_from_the_ledger(self, person: Person, tmp_path: Path) -> None:
        first = make_entry(
            person,
            dt.date(2026, 3, 2),
            300,
            title="春季班",
            organiser="市委组织部",
            institution="市委党校",
            source_key="register:1:7",
        )
        make_entry(
            person,
            dt.date(2026, 4, 3),
            105,
            title="春季班",
            organiser="市委组织部",
            institution="市委党校",
            source_key="register:2:7",
        )
        make_entry(person, MAY, 0, title="没结业", result=Entry.Result.NOT_COMPLETED)
        (row,) = rows_of(file_of(tmp_path))
        assert row == {
            "a0000": "P1", "a1100": str(first.pk), "a1101": "", "a1104": "", "a1107": "20260302", "a1107a": "1",
            "a1107b": "2", "a1107c": "", "a1108": "40.5", "a1111": "20260403", "a1114": "市委组织部",
            "a1121a": "市委党校", "a1127": "", "a1131": "春季班", "a1151": "",
        }  # fmt: skip

    def test_a11_says_of_a_training_whether_it_was_held_abroad_where_somebody_said(
        self, department: Account, person: Person, tmp_path: Path
    ) -> None:
        given = {
            "person": person,
            "began_on": MAY,
            "ended_on": MAY,
            "tenths": 60,
            "channel": "offjob",
            "organiser": "外专局",
        }
        for title, abroad in (("境外", True), ("境内", False), ("未说明", None)):
            training = record_external(NewExternalTraining(**given, title=title, abroad=abroad), department)  # type: ignore[arg-type]
            approve_external(training, department)
        make_entry(person, MAY, 60, title="办班")
        said = {row["a1131"]: row["a1151"] for row in rows_of(file_of(tmp_path, known_at=timezone.now()))}
        assert said == {"境外": "1", "境内": "0", "未说明": "", "办班": ""}

    def test_what_was_said_of_a_training_goes_with_it_to_another_person(
        self, department: Account, person: Person, tmp_path: Path
    ) -> None:
        other = make_person(department.scope_unit)  # type: ignore[arg-type]
        new = NewExternalTraining(
            person=other,
            title="境外",
            began_on=MAY,
            ended_on=MAY,
            tenths=60,
            channel="offjob",
            organiser="外专局",
            abroad=True,
        )
        approve_external(record_external(new, department), department)
        merge_ledgers(other, person, "同一人", department)
        (row,) = rows_of(file_of(tmp_path, known_at=timezone.now()))
        assert (row["a0000"], row["a1151"]) == ("P1", "1")

    def test_opm_names_the_unit_of_that_day(self, person: Person, tmp_path: Path) -> None:
        make_entry(person, MAY, 375, title="Seminar")
        record = ElementTree.fromstring(file_of(tmp_path, "opm", "xml")).find("TrainingRecord")
        assert record is not None
        assert person.unit is not None
        assert record.findtext("Employee/AgencySubelement") == person.unit.code
        assert record.findtext("Employee/SSN") == ""
        assert record.findtext("TrainingStartDate") == "2026-05-10"
        assert (record.findtext("TrainingDutyHours"), record.findtext("TrainingNonDutyHours")) == ("37.5", "")

    def test_no_text_can_be_taken_for_a_formula(self, person: Person, tmp_path: Path) -> None:
        make_entry(person, MAY, 100, title='=HYPERLINK("x")')
        (row,) = rows_of(file_of(tmp_path))
        assert row["a1131"] == '\'=HYPERLINK("x")'
        sheet = openpyxl.load_workbook(io.BytesIO(file_of(tmp_path, form="xlsx"))).active
        cell = next(c for c in sheet[2] if "HYPERLINK" in str(c.value))
        assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")
        found = ElementTree.fromstring(file_of(tmp_path, form="xml")).findtext("A11/a1131")
        assert found == '=HYPERLINK("x")', "XML has no formulas: the value is the receiver's"

    def test_a_value_too_long_is_left_whole_and_told(self, person: Person, tmp_path: Path) -> None:
        make_entry(person, MAY, 12_345)
        extract = keep_question(NewExtract("a11", "csv", ON), None)
        make_file(extract, tmp_path / "a.csv", lambda done, total: None)
        assert extract.counts == {"people": 1, "rows": 1, "misfits": 1}
        assert extract.problems == [{"row": 1, "field": "a1108", "value": "1234.5", "max_length": 5}]

    def test_a_unit_means_those_who_stood_in_it_that_day(self, city: Unit, person: Person, tmp_path: Path) -> None:
        other = make_unit("市教育局", city)
        make_entry(person, MAY, 300)
        make_entry(make_person(other), MAY, 300)
        assert [row["a0000"] for row in rows_of(file_of(tmp_path, unit=person.unit))] == ["P1"]
        person.postings.update(to_on=JULY)
        person.postings.create(unit=other, from_on=dt.date(2026, 7, 21), rank="县处级正职")
        assert [row["a0000"] for row in rows_of(file_of(tmp_path, unit=person.unit))] == ["P1"]

    def test_a_place_adds_an_extract_by_a_file(
        self, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "HOME", tmp_path)
        (tmp_path / "extracts").mkdir()
        text = '[extract]\ncode = "own"\ntitle = "自定"\nbasis = "市里"\nroot = "R"\nrow = "r"\n'
        field = '[[field]]\nname = "xs"\ntitle = "学时"\nsource = "tenths"\nform = "hours"\n'
        (tmp_path / "extracts" / "own.toml").write_text(text + field, encoding="utf-8")
        make_entry(person, MAY, 305)
        assert file_of(tmp_path, "own") == b"xs\n30.5\n"
        (tmp_path / "extracts" / "own.toml").write_text(text, encoding="utf-8")
        with pytest.raises(Invalid, match="missing_key"):
            file_of(tmp_path, "own")


class TestOneTrainingIsOneRow:
    """Person-times are counted by trainings, not by names and years."""

    def count(self, person: Person, tmp_path: Path, **asked: object) -> tuple[list[tuple[str, str, str]], int]:
        """(first day, last day, hours) of each row of A11; the person-times of the statistics of the same time."""
        rows = [(row["a1107"], row["a1111"], row["a1108"]) for row in rows_of(file_of(tmp_path, **asked))]
        question = Question(asked.get("on", ON), timezone.now(), asked.get("since"))  # type: ignore[arg-type]
        return rows, yearly(histories(Person.objects.all(), question, lambda done, total: None), question).total.times

    def test_monthly_meetings_of_one_name_are_as_many_as_there_were(self, person: Person, tmp_path: Path) -> None:
        for month in range(1, 6):
            day = dt.date(2026, month, 10)
            key = training_key(person.pk, "中心组学习", day)
            make_entry(person, day, 30, Channel.STUDY_GROUP, title="中心组学习", began_on=day, source_key=key)
        rows, times = self.count(person, tmp_path)
        assert ([row[0] for row in rows], times) == ([f"2026{month:02}10" for month in range(1, 6)], 5)

    def test_two_runs_of_one_name_in_one_year_are_two(self, person: Person, tmp_path: Path) -> None:
        for session, callup, day in ((1, 7, 2), (2, 7, 3), (3, 8, 20), (4, 8, 21)):
            make_entry(
                person, dt.date(2026, 3, day), 75, title="专题班", source_key=f"register:{session}:{callup}",
                began_on=dt.date(2026, 3, day),
            )  # fmt: skip
        rows, times = self.count(person, tmp_path)
        assert (rows, times) == ([("20260302", "20260303", "15.0"), ("20260320", "20260321", "15.0")], 2)

    OVER = (("external:5:2025", dt.date(2025, 12, 31), 180), ("external:5", dt.date(2026, 1, 2), 120))

    def over_new_year(self, person: Person) -> None:
        for key, day, tenths in self.OVER:
            make_entry(
                person, day, tenths, title="跨年班", began_on=dt.date(2025, 12, 29), source_key=key, recorded_on=MAY
            )

    def test_a_run_over_new_year_is_one(self, person: Person, tmp_path: Path) -> None:
        self.over_new_year(person)
        assert self.count(person, tmp_path) == ([("20251229", "20260102", "30.0")], 1)

    @pytest.mark.parametrize(
        ("since", "on", "rows", "times", "tenths"),
        [
            ("2025-01-01", "2025-12-31", [], 0, 180),
            ("2026-01-01", "2026-06-30", [("20251229", "20260102", "30.0")], 1, 120),
            ("2026-01-03", "2026-06-30", [], 0, 0),
        ],
    )
    def test_of_a_year_it_counts_where_it_ends_and_its_hours_where_they_were_earned(
        self, since: str, on: str, rows: list[object], times: int, tenths: int, person: Person, tmp_path: Path
    ) -> None:
        self.over_new_year(person)
        first, last = dt.date.fromisoformat(since), dt.date.fromisoformat(on)
        assert self.count(person, tmp_path, since=first, on=last) == (rows, times)
        question = Question(last, timezone.now(), first)
        total = yearly(histories(Person.objects.all(), question, lambda done, total: None), question).total
        assert (total.tenths, total.trained) == (tenths, times)

    def test_a_half_day_that_was_appealed_or_moved_stays_with_its_class_run(
        self, person: Person, tmp_path: Path
    ) -> None:
        keys = ("register:1:7", "appeal:3@register:2:7:1", "merged:9@register:3:7", "callup:7:not_completed")
        results = [Entry.Result.COMPLETED] * 3 + [Entry.Result.NOT_COMPLETED]
        for number, (key, result) in enumerate(zip(keys, results, strict=True)):
            tenths = 30 if result == Entry.Result.COMPLETED else 0
            make_entry(person, dt.date(2026, 3, 2 + number), tenths, title="专题班", source_key=key, result=result)
        assert self.count(person, tmp_path) == ([("20260302", "20260304", "9.0")], 1)

    @pytest.mark.parametrize("last_earned", ["2025-12-31", "2026-01-02"])
    def test_a_class_run_under_way_is_one_in_the_year_in_which_it_ends(
        self, last_earned: str, person: Person, tmp_path: Path
    ) -> None:
        run = make_class_run("跨年班", starts_on=dt.date(2025, 12, 29), ends_on=dt.date(2026, 1, 9))
        callup = make_callup(run, person, "accepted", 1)
        for number, day in enumerate((dt.date(2025, 12, 30), dt.date.fromisoformat(last_earned))):
            key = f"register:{number}:{callup.pk}"
            make_entry(person, day, 30, title="跨年班", source_key=key)
        counted = {}
        for since, on in (("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-01-05"), ("2026-01-01", "2026-12-31")):
            asked = {"since": dt.date.fromisoformat(since), "on": dt.date.fromisoformat(on)}
            counted[on] = self.count(person, tmp_path, **asked)[1]
        assert counted == {"2025-12-31": 0, "2026-01-05": 0, "2026-12-31": 1}

    def test_half_days_that_were_moved_before_keys_were_kept_are_one_training(
        self, person: Person, tmp_path: Path
    ) -> None:
        twin = make_person(person.unit)  # type: ignore[arg-type]
        third = make_person(person.unit)  # type: ignore[arg-type]
        for number in range(3):
            day = dt.date(2026, 3, 2 + number)
            first = make_entry(twin, day, 30, title="专题班", source_key=f"register:{number}:7")
            reverse_entry(first, "同一人", None)
            second = make_entry(third, day, 30, title="专题班", source_key=f"merged:{first.pk}")
            reverse_entry(second, "同一人", None)
            if number == 2:
                given = {"person": third, "entry": second, "claims_tenths": 30, "text": "少记", "by_id": 1}
                decided = {
                    "state": "upheld",
                    "decision_reason": "属实",
                    "decided_by_id": 1,
                    "decided_at": timezone.now(),
                }
                appeal = EntryAppeal.objects.create(**given, **decided)
            key = f"merged:{second.pk}" if number < 2 else f"appeal:{appeal.pk}"
            make_entry(person, day, 30, title="专题班", source_key=key)
        assert self.count(person, tmp_path) == ([("20260302", "20260304", "9.0")], 1)
        (year,) = record_of(person).years
        assert [(course.title, course.entries) for course in year.courses] == [("专题班", 3)]


class TestStatistics:
    def made(self, **fields: object) -> Statistics:
        given = {"on": ON, "known_at": at(ON), "since": dt.date(2026, 1, 1), **fields}
        question = Question(**given)  # type: ignore[arg-type]
        return yearly(histories(Person.objects.all(), question, lambda done, total: None), question)

    def test_counts_people_person_times_hours_and_coverage(self, city: Unit, person: Person) -> None:
        clerk = make_person(city, rank="", grade="一级主任科员")
        make_person(city, rank="乡科级副职")
        make_person(city, rank="县处级副职")
        make_entry(person, MAY, 300, title="甲", content="theory")
        make_entry(person, MAY, 55, Channel.ONLINE, title="乙")
        make_entry(clerk, MAY, 100, Channel.ONLINE, title="乙")
        make_entry(person, MAY, 0, title="丙", result=Entry.Result.NOT_COMPLETED)
        made = self.made()
        county = made.levels["县处级"]
        assert (county.people, county.trained, county.times, county.tenths) == (2, 1, 2, 355)
        assert (county.coverage, county.per_head) == (50.0, 178)
        assert [*made.levels] == ["县处级", "乡科级", "主任科员"]
        assert made.levels["乡科级"].coverage == 0.0
        assert (made.total.people, made.total.trained, made.total.times, made.total.tenths) == (4, 2, 3, 455)
        online = made.total.of_channel[Channel.ONLINE]
        assert (online.trained, online.times, online.tenths) == (2, 2, 155)
        assert (made.contents["theory"].times, made.contents[""].times) == (1, 2)

    def test_whoever_left_has_a_line_of_its_own_and_whoever_comes_later_none(self, city: Unit) -> None:
        gone = make_person(city, left_on=dt.date(2026, 6, 1), status=Person.Status.LEFT)
        make_entry(gone, MAY, 300)
        make_person(city, joined_on=JULY)
        made = self.made()
        assert (made.total.people, made.total.times) == (0, 0)
        assert (made.left.trained, made.left.times, made.left.tenths) == (1, 1, 300)

    def test_the_level_is_that_of_the_last_day(self, person: Person) -> None:
        person.postings.update(to_on=dt.date(2026, 6, 14))
        person.postings.create(unit=person.unit, from_on=dt.date(2026, 6, 15), rank="厅局级副职", recorded_at=at(MAY))
        assert [*self.made().levels] == ["厅局级"]
        assert [*self.made(on=MAY).levels] == ["县处级"]

    def test_book_and_paper_say_how_they_were_counted(self, person: Person, tmp_path: Path) -> None:
        make_entry(person, MAY, 305)
        book = openpyxl.load_workbook(io.BytesIO(file_of(tmp_path, "statistics", "xlsx")))
        assert book.sheetnames == ["按层次", "按层次和培训方式", "按培训内容", "统计说明"]
        assert [cell.value for cell in book["按层次"][2]] == ["县处级", 1, 1, 100, 1, 30.5, 30.5]
        pages = pypdf.PdfReader(io.BytesIO(file_of(tmp_path, "statistics", "pdf"))).pages
        text = "".join(page.extract_text() for page in pages).replace(" ", "")
        for word in ("2026年度干部教育培训统计表", "县处级", "30.5", "2026-01-01–2026-06-30"):
            assert word in text


class TestAsking:
    def test_the_worker_makes_the_file_and_every_record_in_it_says_so(
        self, department: Account, person: Person, run_jobs: Callable[[], int]
    ) -> None:
        make_entry(person, MAY, 300)
        silent = make_person(person.unit)  # type: ignore[arg-type]
        extract = ask_extract(NewExtract("a11", "csv", ON), department)
        run_jobs()
        extract.refresh_from_db()
        assert extract.file is not None
        stored = path_of(extract.file).read_bytes()
        assert b"a1100" not in stored, "the file lies sealed"
        content = unseal_bytes(stored, b"extract")
        assert extract.digest == hashlib.sha256(content).hexdigest()
        assert rows_of(content)[0]["a0000"] == "P1"
        assert extract.counts["people"] == 1
        read = RecordReading.objects.filter(page="extract", reader=department)
        assert list(read.values_list("person_id", flat=True)) == [person.pk]
        assert not RecordReading.objects.filter(person=silent).exists()
        trail = AuditEntry.objects.filter(action__startswith="archive.extract").order_by("pk")
        assert [one.action for one in trail] == ["archive.extract_asked", "archive.extract_made"]
        assert trail[1].details["sha256"] == extract.digest

    def test_asking_again_finds_the_first_answer(
        self, department: Account, person: Person, run_jobs: Callable[[], int]
    ) -> None:
        make_entry(person, MAY, 300)
        first = ask_extract(NewExtract("a11", "xml", ON), department)
        run_jobs()
        make_entry(person, MAY, 100, recorded_on=dt.date(2027, 1, 1))
        again = ask_again(first, department)
        run_jobs()
        again.refresh_from_db()
        assert [one.digest for one in Extract.objects.same_question(again)] == [again.digest]

    def test_work_done_twice_is_done_once(
        self, department: Account, person: Person, run_jobs: Callable[[], int]
    ) -> None:
        make_entry(person, MAY, 300)
        extract = ask_extract(NewExtract("a11", "csv", ON), department)
        run_jobs()
        Job.objects.filter(pk=extract.job_id).update(state=Job.State.QUEUED)
        run_jobs()
        assert RecordReading.objects.filter(page="extract").count() == 1

    def test_only_the_own_scope_is_in_it(self, city: Unit, person: Person, run_jobs: Callable[[], int]) -> None:
        county = make_unit("河东县", city)
        inside = make_person(county, number="P2")
        for one in (person, inside):
            make_entry(one, MAY, 300)
        extract = ask_extract(NewExtract("a11", "csv", ON), make_account(Role.DEPARTMENT, county))
        run_jobs()
        extract.refresh_from_db()
        assert extract.file is not None
        content = unseal_bytes(path_of(extract.file).read_bytes(), b"extract")
        assert [row["a0000"] for row in rows_of(content)] == ["P2"]
        assert not RecordReading.objects.filter(person=person).exists()

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.SCHOOL, Role.TEACHER, Role.AUDITOR])
    def test_nobody_else_may_ask(self, city: Unit, role: str) -> None:
        with pytest.raises(Refused):
            ask_extract(NewExtract("a11", "csv", ON), make_account(role, city))
        assert not Extract.objects.exists()

    def test_an_unknown_extract_or_format_is_refused(self, department: Account) -> None:
        with pytest.raises(NotFound):
            ask_extract(NewExtract("../../secrets", "csv", ON), department)
        for code, form in (("a11", "pdf"), ("statistics", "csv")):
            with pytest.raises(Invalid):
                ask_extract(NewExtract(code, form, ON), department)


class TestPages:
    @pytest.fixture
    def made(self, department: Account, person: Person, run_jobs: Callable[[], int]) -> Extract:
        make_entry(person, MAY, 300)
        extract = ask_extract(NewExtract("a11", "csv", ON), department)
        run_jobs()
        extract.refresh_from_db()
        return extract

    def client(self, account: Account) -> Client:
        client = Client()
        client.force_login(account)
        return client

    def test_the_department_asks_waits_and_takes_the_file(
        self, department: Account, person: Person, run_jobs: Callable[[], int]
    ) -> None:
        make_entry(person, MAY, 300, title="专题班")
        client = self.client(department)
        given = {"what": "a11:csv", "on": "2026-06-30", "known_on": "", "since": "", "unit": ""}
        answer = client.post(reverse("archive:extracts"), given)
        extract = Extract.objects.get()
        assert answer["Location"] == reverse("archive:extract", args=[extract.pk])
        assert "正在生成" in client.get(answer["Location"]).content.decode()
        run_jobs()
        page = client.get(answer["Location"]).content.decode()
        extract.refresh_from_db()
        assert extract.digest in page
        file = client.get(reverse("archive:extract_file", args=[extract.pk]))
        assert hashlib.sha256(file.content).hexdigest() == extract.digest
        assert "a11-2026-06-30.csv" in file["Content-Disposition"]
        assert AuditEntry.objects.filter(action="archive.extract_taken", subject_id=str(extract.pk)).exists()

    def test_the_same_question_again_says_whether_the_bytes_are_the_same(
        self, department: Account, made: Extract, run_jobs: Callable[[], int]
    ) -> None:
        client = self.client(department)
        answer = client.post(reverse("archive:extract_again", args=[made.pk]))
        run_jobs()
        assert "逐字节相同" in client.get(answer["Location"]).content.decode()
        Extract.objects.filter(pk=made.pk).update(digest="0" * 64)
        assert "结果不同" in client.get(answer["Location"]).content.decode()

    def test_a_destroyed_file_can_be_made_again_and_compared(
        self, department: Account, made: Extract, run_jobs: Callable[[], int], django_capture_on_commit_callbacks: Any
    ) -> None:
        client = self.client(department)
        assert made.file is not None
        path = path_of(made.file)
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("archive:extract_destroy", args=[made.pk]))
        assert not path.exists()
        for name, method in (("extract_file", client.get), ("extract_destroy", client.post)):
            assert method(reverse(f"archive:{name}", args=[made.pk])).status_code == 404
        assert AuditEntry.objects.filter(action="archive.extract_destroyed").count() == 1
        again = client.post(reverse("archive:extract_again", args=[made.pk]))
        run_jobs()
        assert "逐字节相同" in client.get(again["Location"]).content.decode()

    def test_a_rank_corrected_later_leaves_the_figures_of_then(
        self, department: Account, person: Person, run_jobs: Callable[[], int]
    ) -> None:
        make_entry(person, MAY, 300)
        client = self.client(department)
        first = ask_extract(NewExtract("statistics", "xlsx", ON), department)
        run_jobs()
        first.refresh_from_db()
        person.postings.update(rank="乡科级正职")
        again = client.post(reverse("archive:extract_again", args=[first.pk]))
        run_jobs()
        assert "逐字节相同" in client.get(again["Location"]).content.decode()
        today = ask_extract(NewExtract("statistics", "xlsx", ON), department)
        run_jobs()
        today.refresh_from_db()
        assert changed_cells(first.figures, today.figures)[0].line == "乡科级"

    def test_what_is_not_known_by_moment_shows_which_figures_changed(
        self, department: Account, person: Person, run_jobs: Callable[[], int]
    ) -> None:
        make_entry(person, MAY, 300)
        client = self.client(department)
        unit = make_unit("县区", department.scope_unit)
        first = ask_extract(NewExtract("statistics", "xlsx", ON, unit=unit), department)
        run_jobs()
        first.refresh_from_db()
        taken = client.get(reverse("archive:extract_file", args=[first.pk])).content
        destroy_extract(first, department)
        Unit.objects.filter(pk=person.unit_id).update(path=f"{unit.path}99999.")
        again = client.post(reverse("archive:extract_again", args=[first.pk]))
        run_jobs()
        answer = client.get(again["Location"])
        ((other, cells),) = answer.context["other"]
        assert other == first
        assert ("按层次", "县处级", "在职人数", "", "1") in cells
        assert ("按层次", "在职合计", "在职人数", "0", "1") in cells
        assert "在本次结果中" in answer.content.decode()
        assert openpyxl.load_workbook(io.BytesIO(taken))["按层次"]["B2"].value == 0
        same = client.post(again["Location"] + "again/")
        run_jobs()
        assert "逐字节相同" in client.get(same["Location"]).content.decode()

    def test_bad_days_are_shown_on_the_form(self, department: Account) -> None:
        client = self.client(department)
        for bad in ({"on": "2026-13-01"}, {"since": "2026-07-01"}, {"what": "a11:pdf"}, {"known_on": "2026-06-31"}):
            given = {"what": "a11:csv", "on": "2026-06-30", "known_on": "", "since": "", "unit": "", **bad}
            assert client.post(reverse("archive:extracts"), given).status_code == 422
        assert not Extract.objects.exists()

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.SCHOOL, Role.TEACHER, Role.AUDITOR])
    def test_nobody_else_opens_them(self, city: Unit, made: Extract, role: str) -> None:
        client = self.client(make_account(role, city))
        pages = [
            reverse("archive:extracts"),
            *(reverse(f"archive:{n}", args=[made.pk]) for n in ("extract", "extract_file")),
        ]
        assert {client.get(page).status_code for page in pages} == {403}
        for name in ("extract_again", "extract_destroy"):
            assert client.post(reverse(f"archive:{name}", args=[made.pk])).status_code == 403

    def test_a_department_elsewhere_finds_none(self, city: Unit, made: Extract) -> None:
        client = self.client(make_account(Role.DEPARTMENT, make_unit("河东县", city)))
        for name in ("extract", "extract_file"):
            assert client.get(reverse(f"archive:{name}", args=[made.pk])).status_code == 404
        for name in ("extract_again", "extract_destroy"):
            assert client.post(reverse(f"archive:{name}", args=[made.pk])).status_code == 404
        assert (
            reverse("archive:extract", args=[made.pk]) not in client.get(reverse("archive:extracts")).content.decode()
        )
