"""Importing training history: shown before it is booked, booked once, whole or not at all."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_unit
from tests.obligations.texts import CITY
from zhixing.base import audit, files, jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.sealed import blind_index, seal
from zhixing.base.tables.write import Column, Table, write_book
from zhixing.engine.sheets.identity import check_digit
from zhixing.obligations.actions import (
    appeal_entry,
    book_history,
    decide_entry_appeal,
    drop_history,
    import_history,
    merge_ledgers,
    reverse_entry,
    sign_policy,
)
from zhixing.obligations.models import Entry, HistoryImport
from zhixing.people.models import Account, Person, Role, Unit

pytestmark = pytest.mark.django_db
State = HistoryImport.State
HEADINGS = ("身份证号/工号", "班次名称", "开始日期", "结束日期", "学时", "培训方式", "结果", "主办单位", "证书编号")
ID_NUMBER = "99000019850712001" + check_digit("99000019850712001")


def sheet(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    content = io.BytesIO()
    write_book(content, [Table("培训记录", [Column(heading) for heading in headings], rows)])
    return content.getvalue()


def line(key: str, name: str = "春季进修班", hours: str = "40", result: str = "结业", **cells: str) -> tuple[str, ...]:
    return (
        key,
        name,
        cells.get("began", "2025-03-03"),
        cells.get("ended", "2025-03-07"),
        hours,
        cells.get("channel", "脱产"),
        result,
        "市委组织部",
        cells.get("certificate", f"证{name}"),
    )


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(
        make_unit(parent=city), number="N001", id_sealed=seal(ID_NUMBER), id_index=blind_index(ID_NUMBER)
    )


@pytest.fixture
def received(department: Account, run_jobs: Callable[[], int]) -> Callable[..., HistoryImport]:
    def receive(rows: Sequence[Sequence[str]], by: Account | None = None) -> HistoryImport:
        history = import_history(sheet(rows), "history.xlsx", by or department)
        run_jobs()
        history.refresh_from_db()
        return history

    return receive


@pytest.fixture
def booked(
    received: Callable[..., HistoryImport], department: Account, run_jobs: Callable[[], int]
) -> Callable[..., HistoryImport]:
    def book(rows: Sequence[Sequence[str]]) -> HistoryImport:
        history = received(rows)
        book_history(history, department)
        run_jobs()
        history.refresh_from_db()
        return history

    return book


def test_a_sheet_is_shown_before_anything_is_booked(person: Person, received: Callable[..., HistoryImport]) -> None:
    history = received([line("N001"), line("N001", "秋季班", "7.5"), line("N404"), line("N001", "冬季班", "许多")])
    assert history.state == State.READ
    assert history.counts == {
        "rows": 2,
        "new": 2,
        "known": 0,
        "differing": 0,
        "people": 1,
        "tenths": 475,
        "refused": 2,
        "doubtful": 0,
    }
    assert [(p["row"], p["column"], p["value"], p["treatment"]) for p in history.problems] == [
        (4, "身份证号/工号", "N404", "refused"),
        (5, "学时", "许多", "refused"),
    ]
    assert all(p["reason"] and p["mend"] for p in history.problems)
    assert not Entry.objects.exists()


def test_booking_keeps_what_the_sheet_says(person: Person, booked: Callable[..., HistoryImport]) -> None:
    history = booked(
        [line("N001"), line("N001", "缺席的班", "40", "缺训"), line("N001", "网课", "8", "", channel="网络")]
    )
    assert (history.state, history.counts["booked"]) == (State.APPLIED, 3)
    rows = Entry.objects.order_by("title").values_list("title", "tenths", "channel", "result", "began_on", "earned_on")
    days = (dt.date(2025, 3, 3), dt.date(2025, 3, 7))
    assert set(rows) == {
        ("春季进修班", 400, "offjob", "completed", *days),
        ("缺席的班", 0, "offjob", "absent", *days),
        ("网课", 80, "online", "completed", *days),
    }
    entry = Entry.objects.get(title="春季进修班")
    assert (entry.person, entry.organiser, entry.certificate, entry.source) == (
        person,
        "市委组织部",
        "证春季进修班",
        "history",
    )
    assert [deed.action for deed in audit.trail(history)] == [
        "obligations.history_booked",
        "obligations.history_read",
        "obligations.history_received",
    ]


def test_a_person_is_found_by_id_number_too(person: Person, booked: Callable[..., HistoryImport]) -> None:
    booked([line(ID_NUMBER)])
    assert Entry.objects.get().person == person


def test_the_same_sheet_books_nothing_twice(
    person: Person, booked: Callable[..., HistoryImport], received: Callable[..., HistoryImport], department: Account
) -> None:
    booked([line("N001")])
    again = received([line("N001"), line("N001")])
    assert (again.counts["new"], again.counts["known"]) == (0, 1)
    with pytest.raises(Refused):
        book_history(again, department)
    booked([line("N001"), line("N001", "秋季班")])
    assert Entry.objects.count() == 2


def test_what_came_from_another_person_on_record_is_not_booked_again(
    person: Person, booked: Callable[..., HistoryImport], received: Callable[..., HistoryImport], department: Account
) -> None:
    twin = make_person(person.unit, number="N002")  # type: ignore[arg-type]
    booked([line("N002", certificate="")])
    merge_ledgers(twin, person, "同一人", department)
    (moved,) = person.entries.all()
    appeal = appeal_entry(moved, 450, text="少记", by=make_account(Role.TRAINEE, None, person))
    decide_entry_appeal(appeal, uphold=True, reason="属实", by=department)
    again = received([line("N001", hours="45", certificate=""), line("N001", "秋季班", certificate="")])
    assert (again.counts["known"], again.counts["new"], again.counts["differing"]) == (1, 1, 0)


def test_a_line_that_was_moved_before_keys_were_kept_is_found_through_the_one_it_came_from(
    person: Person, booked: Callable[..., HistoryImport], received: Callable[..., HistoryImport]
) -> None:
    twin = make_person(person.unit, number="N002")  # type: ignore[arg-type]
    booked([line("N002", certificate="")])
    (first,) = twin.entries.all()
    make_entry(person, first.earned_on, first.tenths, source_key=f"merged:{first.pk}")
    assert received([line("N001", certificate="")]).counts["known"] == 1


def test_other_hours_for_a_known_training_are_said_and_left_alone(
    person: Person, booked: Callable[..., HistoryImport], received: Callable[..., HistoryImport]
) -> None:
    booked([line("N001")])
    again = received([line("N001", hours="56")])
    assert (again.counts["differing"], again.counts["new"]) == (1, 0)
    (problem,) = again.problems
    assert (problem["row"], problem["value"], problem["treatment"]) == (2, "56", "doubtful")
    assert "40" in problem["reason"]


def test_two_imports_of_one_certificate_book_it_once(
    person: Person, received: Callable[..., HistoryImport], booked: Callable[..., HistoryImport]
) -> None:
    booked([line("N001", certificate="证9")])
    history = booked(
        [
            line("N001", "换了名的班", certificate="证9"),
            line("N001", "新班", certificate="证10"),
            line("N001", "同证的班", certificate="证10"),
        ]
    )
    assert (history.counts["booked"], history.counts["doubtful"]) == (1, 2)
    assert [(p["row"], p["value"], p["treatment"]) for p in history.problems] == [
        (2, "证9", "doubtful"),
        (4, "证10", "doubtful"),
    ]
    assert set(Entry.objects.values_list("title", flat=True)) == {"春季进修班", "新班"}


def test_a_cancelled_line_is_not_booked_again(
    person: Person, booked: Callable[..., HistoryImport], received: Callable[..., HistoryImport], department: Account
) -> None:
    booked([line("N001")])
    reverse_entry(Entry.objects.get(), "登记错人", department)
    assert received([line("N001")]).counts["new"] == 0


def test_a_sheet_without_its_headings_is_refused_and_destroyed(
    department: Account, run_jobs: Callable[[], int], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    history = import_history(sheet([("甲", "乙")], ("姓名", "备注")), "history.xlsx", department)
    path = files.path_of(history.file)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        run_jobs()
    history.refresh_from_db()
    assert (history.state, path.exists()) == (State.REFUSED, False)
    assert "班次名称" in history.refusal


def test_the_file_lies_sealed(person: Person, department: Account) -> None:
    content = sheet([line(ID_NUMBER)])
    history = import_history(content, "history.xlsx", department)
    assert content[:200] not in Path(history.file.content.path).read_bytes()


def test_a_masked_id_number_is_all_that_a_problem_keeps(received: Callable[..., HistoryImport]) -> None:
    (problem,) = received([line(ID_NUMBER)]).problems
    assert problem["value"].startswith("9900***")
    assert ID_NUMBER not in str(problem)


def test_what_is_no_spreadsheet_is_refused_at_the_door(department: Account) -> None:
    with pytest.raises(Invalid):
        import_history(b"MZ\x90 not a sheet", "history.xlsx", department)
    assert not HistoryImport.objects.exists()


def test_a_dropped_import_books_nothing(
    person: Person, received: Callable[..., HistoryImport], department: Account
) -> None:
    history = received([line("N001")])
    stale = HistoryImport.objects.get(pk=history.pk)
    drop_history(history, department)
    history.refresh_from_db()
    assert (history.state, history.problems) == (State.DROPPED, [])
    with pytest.raises(Refused):
        book_history(history, department)
    with pytest.raises(Conflict):
        drop_history(stale, department)


def test_one_job_of_an_import_at_a_time(
    person: Person, received: Callable[..., HistoryImport], department: Account
) -> None:
    history = received([line("N001")])
    book_history(history, department)
    with pytest.raises(Conflict):
        book_history(history, department)


def test_a_second_run_of_a_booking_finds_it_done(person: Person, booked: Callable[..., HistoryImport]) -> None:
    history = booked([line("N001")])
    Job.objects.filter(pk=history.job_id).update(state=Job.State.QUEUED)
    jobs.perform(str(history.job_id))
    assert Job.objects.get(pk=history.job_id).state == Job.State.DONE
    assert Entry.objects.count() == 1


class TestTheTableInForce:
    """What a city's recognition says of rows that cross New Year or state no hours."""

    TABLE = """
[[recognition]]
code = "party-school"
title = "党校培训"
channel = "offjob"
by = "days"
value = 6
half_day = 4
split_years = true
[[recognition]]
code = "study-group"
title = "中心组学习"
channel = "study_group"
by = "sessions"
value = 3
"""
    OVER = MappingProxyType({"began": "2025-12-29", "ended": "2026-01-02"})
    DAYS = (*HEADINGS, "培训天数")

    @pytest.fixture
    def policy(self, department: Account) -> None:
        sign_policy(CITY.replace("2026-01-01", "2025-06-01") + self.TABLE, department)

    def lines(self) -> list[tuple[str, int]]:
        rows = Entry.objects.order_by("earned_on", "pk").values_list("earned_on", "tenths")
        return [(str(day), tenths) for day, tenths in rows]

    def test_a_row_over_new_year_is_split_and_the_preview_says_so(
        self, policy: None, person: Person, booked: Callable[..., HistoryImport], department: Account, client: Client
    ) -> None:
        history = booked([line("N001", **self.OVER), line("N001", "网课", "8", channel="网络", **self.OVER)])
        assert self.lines() == [("2025-12-31", 240), ("2026-01-02", 160), ("2026-01-02", 80)]
        assert history.counts["booked"] == 2
        assert (history.found["recognised"], history.found["split"]) == (0, 1)
        client.force_login(department)
        page = client.get(reverse("obligations:history_import", args=(history.pk,))).content.decode()
        assert "2025-12-31：24 学时" in page

    def test_without_a_table_all_is_booked_on_the_last_day(
        self, person: Person, booked: Callable[..., HistoryImport]
    ) -> None:
        history = booked([line("N001", **self.OVER)])
        assert (self.lines(), history.found["rows"]) == ([("2026-01-02", 400)], [])

    def test_a_training_that_was_booked_whole_is_known_when_the_table_splits_it_later(
        self, person: Person, booked: Callable[..., HistoryImport], department: Account
    ) -> None:
        booked([line("N001", **self.OVER)])
        sign_policy(CITY.replace("2026-01-01", "2025-06-01") + self.TABLE, department)
        history = booked([line("N001", **self.OVER), line("N001", "新班")])
        assert (history.counts["new"], history.counts["differing"]) == (1, 0)
        assert sum(tenths for _day, tenths in self.lines()) == 800

    def test_a_split_training_is_known_with_all_its_hours(
        self,
        policy: None,
        person: Person,
        booked: Callable[..., HistoryImport],
        received: Callable[..., HistoryImport],
    ) -> None:
        booked([line("N001", **self.OVER)])
        again = received([line("N001", **self.OVER)])
        assert (again.counts["known"], again.counts["differing"], again.counts["doubtful"]) == (1, 0, 0)

    def test_rows_without_hours_get_those_of_the_table_in_force_on_their_last_day(
        self, policy: None, person: Person, department: Account, run_jobs: Callable[[], int], client: Client
    ) -> None:
        autumn = {"began": "2025-09-01", "ended": "2025-09-07"}
        rows = [
            (*line("N001", "一周班", "", **autumn), ""),
            (*line("N001", "两天半班", "", **autumn), "2天半"),
            (*line("N001", "中心组", "", channel="中心组", began="2025-09-01", ended="2025-09-01"), ""),
            (*line("N001", "跨年班", "", **self.OVER), ""),
            (*line("N001", "旧班", ""), ""),
            (*line("N001", "网课", "", channel="网络", **autumn), ""),
            (*line("N001", "写明的班", "8", **autumn), "许多"),
            (*line("N001", "写错的班", "许多", **autumn), "5"),
            (*line("N001", "缺席的班", "", "缺训", **autumn), "5"),
        ]
        history = import_history(sheet(rows, self.DAYS), "history.xlsx", department)
        run_jobs()
        history.refresh_from_db()
        found = {row["name"]: (row["tenths"], row["days"], row["titles"]) for row in history.found["rows"]}
        assert found == {
            "一周班": (300, "5", "党校培训"),
            "两天半班": (160, "2.5", "党校培训"),
            "中心组": (30, "1", "中心组学习"),
            "跨年班": (300, "5", "党校培训"),
        }
        told = [(p["row"], p["column"], p["treatment"]) for p in history.problems]
        assert told == [
            (6, "学时", "refused"),
            (7, "学时", "refused"),
            (8, "培训天数", "doubtful"),
            (9, "学时", "refused"),
        ]
        client.force_login(department)
        page = client.get(reverse("obligations:history_import", args=(history.pk,))).content.decode()
        assert "党校培训，2.5 天" in page
        book_history(history, department)
        run_jobs()
        assert sorted(self.lines()) == sorted(
            [
                *(("2025-09-07", tenths) for tenths in (300, 160, 80, 0)),
                *[("2025-09-01", 30), ("2025-12-31", 180), ("2026-01-02", 120)],
            ]
        )

    @pytest.mark.parametrize(
        ("before", "after", "shown", "then"),
        [
            ("value = 6", "value = 7", 300, 350),
            ("split_years = true", "split_years = false", 300, 300),
        ],
    )
    def test_what_a_new_policy_would_book_otherwise_is_shown_before_it_is_booked(
        self,
        before: str,
        after: str,
        shown: int,
        then: int,
        policy: None,
        person: Person,
        received: Callable[..., HistoryImport],
        department: Account,
        run_jobs: Callable[[], int],
    ) -> None:
        history = received([line("N001", hours="", **self.OVER)])
        assert history.counts["tenths"] == shown
        sign_policy(CITY.replace("2026-01-01", "2025-06-01") + self.TABLE.replace(before, after), department)
        book_history(history, department)
        run_jobs()
        history.refresh_from_db()
        assert (self.lines(), history.state, history.counts["tenths"]) == ([], State.READ, then)
        assert history.job is not None
        assert "preview" in history.job.error or "预览" in history.job.error
        book_history(history, department)
        run_jobs()
        assert sum(tenths for _day, tenths in self.lines()) == then

    def test_a_sheet_without_a_column_of_hours_is_read_where_a_table_exists(
        self, policy: None, person: Person, department: Account, run_jobs: Callable[[], int]
    ) -> None:
        headings = ("工号", "班次名称", "开始日期", "结束日期", "培训方式")
        row = ("N001", "一周班", "2025-09-01", "2025-09-05", "脱产")
        history = import_history(sheet([row], headings), "history.xlsx", department)
        run_jobs()
        history.refresh_from_db()
        assert (history.counts["new"], history.counts["tenths"]) == (1, 300)

    def test_without_any_table_a_row_without_hours_is_refused(
        self, person: Person, received: Callable[..., HistoryImport]
    ) -> None:
        (problem,) = received([line("N001", hours="")]).problems
        assert (problem["column"], problem["treatment"]) == ("学时", "refused")


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.SCHOOL, Role.TEACHER])
def test_only_the_department_imports_history(
    role: str, city: Unit, person: Person, received: Callable[..., HistoryImport]
) -> None:
    account = make_account(role, city)
    with pytest.raises(Refused):
        import_history(sheet([]), "history.xlsx", account)
    history = received([line("N001")])
    for deed in (book_history, drop_history):
        with pytest.raises(Refused):
            deed(history, account)


def test_people_outside_the_subtree_are_nobody(
    person: Person, city: Unit, received: Callable[..., HistoryImport]
) -> None:
    county = make_account(Role.DEPARTMENT, make_unit(parent=city))
    assert received([line("N001")], county).counts["refused"] == 1
