"""The paper sheet: printed, filled in as a real workbook, brought back; idempotent both ways."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_school
from zhixing.attendance import actions, papers, queries
from zhixing.attendance.models import Evidence, Mark, Status
from zhixing.base.problems import Invalid, Refused, RowProblem
from zhixing.people.models import Person, Role

pytestmark = pytest.mark.django_db
EVENING = at(MONDAY, 18)
AM, PM = 5, 6
"""Columns of the form, from 1, as openpyxl counts; the first person stands in row 3."""


@pytest.fixture
def school() -> School:
    made = make_school()
    made.open()
    return made


def day(school: School) -> list[Any]:
    return queries.registers_of_day(school.head, school.class_run, MONDAY)


def form(school: School) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(papers.sheet_book(school.class_run, day(school))))


def test_no_name_becomes_markup_or_a_link_of_the_form(school: School) -> None:
    rich = "<r></r></is></c><c><f>HYPERLINK(1)</f></c><c><is><r></r>"
    Person.objects.filter(pk=school.callups[0].person_id).update(name=rich)
    school.class_run.name = "https://example.org"
    book = papers.sheet_book(school.class_run, day(school))
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet.cell(3, 3).value.strip() == rich
    assert sheet.cell(1, 1).hyperlink is None


def fill(book: openpyxl.Workbook, cells: dict[tuple[int, int], str]) -> SimpleUploadedFile:
    for (row, column), value in cells.items():
        book.active.cell(row, column).value = value
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("签到表.xlsx", content.getvalue())


def bring(school: School, upload: SimpleUploadedFile, **fields: Any) -> actions.BroughtBack:
    given = {"by": school.head, "now": EVENING, **fields}
    return actions.import_sheet(school.class_run, MONDAY, upload, **given)


def problems(school: School, upload: SimpleUploadedFile) -> list[RowProblem]:
    """What must be mended; nothing may have been entered."""
    before = Evidence.objects.count()
    with pytest.raises(Invalid) as caught:
        bring(school, upload)
    assert Evidence.objects.count() == before
    return list(caught.value.problems)


def statuses(school: School, number: int) -> list[str | None]:
    marks = {mark.callup_id: mark.status for mark in Mark.objects.filter(register=school.register(number))}
    return [marks.get(callup.pk) for callup in school.callups]


def test_the_form_names_everybody_and_has_a_column_for_each_half_day(school: School) -> None:
    rows = [[cell.value for cell in row] for row in form(school).active.iter_rows()]
    assert rows[0][0] == "乡科级干部进修班 2026-09-07 签到表"
    assert rows[1] == ["序号", "工号", "姓名", "单位", "上午签到", "下午签到"]
    assert [row[1] for row in rows[2:]] == [callup.person.number for callup in school.callups]


def test_what_is_filled_in_is_entered_as_seen_on_paper(school: School) -> None:
    cells = {(3, AM): "√", (4, AM): "迟到", (5, AM): "早退", (6, AM): "旷课", (3, PM): "出勤"}
    assert bring(school, fill(form(school), cells)) == actions.BroughtBack(entered=5, known=0)
    assert statuses(school, 0) == ["present", "late", "left_early", "absent"]
    assert statuses(school, 1) == ["present", None, None, None]
    assert {row.source for row in Evidence.objects.all()} == {"paper"}


def test_the_same_sheet_brought_back_twice_changes_nothing(school: School) -> None:
    cells = {(3, AM): "√", (4, AM): "×"}
    bring(school, fill(form(school), cells))
    assert bring(school, fill(form(school), cells)) == actions.BroughtBack(entered=0, known=2)
    assert Evidence.objects.count() == 2


def test_a_form_brought_back_as_it_was_printed_changes_nothing(school: School) -> None:
    for who, status in enumerate((Status.PRESENT, Status.LATE, Status.LEFT_EARLY, Status.ABSENT)):
        school.mark(0, who, status)
    before = Evidence.objects.count()
    assert bring(school, fill(form(school), {})) == actions.BroughtBack(entered=0, known=4)
    assert Evidence.objects.count() == before


def test_a_closed_register_says_the_same_and_nothing_else(school: School) -> None:
    school.close(0)
    assert bring(school, fill(form(school), {})).entered == 0
    (problem,) = problems(school, fill(form(school), {(3, AM): "缺勤"}))
    assert (problem.row, problem.column, problem.value) == (3, "上午签到", "缺勤")


def test_every_row_to_mend_is_named_and_nothing_is_entered(school: School) -> None:
    book = form(school)
    cells = {(3, AM): "√", (4, AM): "也许", (5, AM): "请假", (7, 2): "999999", (7, 3): "外人", (7, AM): "√"}
    found = problems(school, fill(book, cells))
    assert [(p.row, p.column) for p in found] == [(4, "上午签到"), (5, "上午签到"), (7, "工号")]
    assert all(p.reason and p.mend for p in found)


def test_two_rows_that_contradict_each_other_are_named(school: School) -> None:
    number, name = school.callups[0].person.number, school.callups[0].person.name
    cells = {(3, AM): "√", (7, 2): number, (7, 3): name, (7, AM): "缺勤"}
    (problem,) = problems(school, fill(form(school), cells))
    assert problem.row == 7
    assert "3" in str(problem.reason)


def test_a_row_said_twice_counts_once(school: School) -> None:
    number, name = school.callups[0].person.number, school.callups[0].person.name
    cells = {(3, AM): "√", (7, 2): number, (7, 3): name, (7, AM): "到"}
    assert bring(school, fill(form(school), cells)).entered == 1


def test_an_approved_leave_may_stand_on_the_sheet(school: School) -> None:
    leave = actions.ask_leave(
        school.callups[0], school.sessions[:1], reason="duty", by=school.trainees[0], now=at(MONDAY, 7)
    )
    actions.decide_leave(leave, agree=True, by=school.head, now=at(MONDAY, 7))
    assert bring(school, fill(form(school), {(3, AM): "请假"})).known == 1


def test_a_sheet_of_ones_own_with_names_only_is_read(school: School) -> None:
    people = [callup.person for callup in school.callups]
    text = "2026年9月7日点名\n姓名,上午\n" + "".join(f"{p.name},到\n" for p in people)
    assert bring(school, SimpleUploadedFile("点名.csv", text.encode("gb18030"))).entered == 4


def test_a_name_that_two_people_have_needs_the_staff_number(school: School) -> None:
    for callup in school.callups[:2]:
        callup.person.name = "王建国"
        callup.person.save()
    upload = SimpleUploadedFile("点名.csv", "姓名,上午,下午\n王建国,到,\n".encode())
    (problem,) = problems(school, upload)
    assert (problem.column, problem.value) == ("姓名", "王建国")


def test_a_half_day_without_a_register_is_named(school: School) -> None:
    number = school.callups[0].person.number
    upload = SimpleUploadedFile("点名.csv", f"工号,姓名,晚上签到\n{number},某某,到\n".encode())
    (problem,) = problems(school, upload)
    assert problem.column == "晚上签到"


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", "谁,何时\n甲,乙\n".encode()])
def test_what_is_no_sign_in_sheet_is_refused(school: School, content: bytes) -> None:
    with pytest.raises(Invalid):
        bring(school, SimpleUploadedFile("x.xlsx", content))


def test_a_zip_bomb_is_not_opened(school: School) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * (30 << 20))
    with pytest.raises(Invalid):
        bring(school, SimpleUploadedFile("签到表.xlsx", content.getvalue()))


def test_a_sheet_is_not_entered_before_the_day(school: School) -> None:
    with pytest.raises(Refused):
        bring(school, fill(form(school), {(3, AM): "√"}), now=at(MONDAY, 8))


def test_whoever_may_not_take_the_register_does_not_enter_the_sheet(school: School) -> None:
    with pytest.raises(Refused):
        bring(school, fill(form(school), {(3, AM): "√"}), by=factories.make_account(Role.AUDITOR, school.city))
    with pytest.raises(Invalid, match="no register"):
        bring(school, fill(form(school), {(3, AM): "√"}), by=school.trainees[0])


def test_a_day_without_registers_is_refused(school: School) -> None:
    upload = fill(form(school), {})
    with pytest.raises(Invalid, match="no register"):
        actions.import_sheet(school.class_run, MONDAY.replace(day=20), upload, by=school.head)


def test_a_name_that_looks_like_a_formula_stays_text(school: School) -> None:
    school.callups[0].person.name = "=1+1"
    school.callups[0].person.save()
    assert form(school).active.cell(3, 3).data_type == "s"


def test_the_pdf_is_a4_and_names_everybody(school: School) -> None:
    pages = PdfReader(io.BytesIO(papers.sheet_pdf(school.class_run, day(school)))).pages
    assert (round(float(pages[0].mediabox.width)), round(float(pages[0].mediabox.height))) == (595, 842)
    text = "".join(pages[0].extract_text().split())
    assert "乡科级干部进修班" in text
    assert "上午签到" in text
    assert all(callup.person.name in text for callup in school.callups)
