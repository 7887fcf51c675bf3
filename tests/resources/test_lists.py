"""A spreadsheet for a bank: shown whole before anything is kept, applied once, and twice without a change."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import make_account
from tests.resources.test_banks import Place, signed_in
from zhixing.base.files import path_of
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.tables.read import read_sheet
from zhixing.people.models import Account, Role
from zhixing.resources import bank_lists
from zhixing.resources.models import BankList, Course, Practice, Teacher, Textbook

pytestmark = pytest.mark.django_db
HEADINGS = ["课程名称", "内容板块", "教学方式", "所属机构", "学时", "主题", "课程大纲"]
ROW = ["信访课", "能力", "案例教学", "", 3.5, "基层治理", "一、二"]


@pytest.fixture
def place() -> Place:
    return Place()


def book(*rows: list[object]) -> SimpleUploadedFile:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    content = io.BytesIO()
    made.save(content)
    return SimpleUploadedFile("课程库.xlsx", content.getvalue())


def receive(by: Account, *rows: list[object], bank: str = "courses", headings: list[str] = HEADINGS) -> BankList:
    return bank_lists.receive_list(book(headings, *rows), bank, by=by)


def test_rows_are_kept_by_whoever_brings_them(place: Place) -> None:
    made = receive(place.office, ROW)
    assert not Course.objects.exists()
    assert bank_lists.apply_list(made, by=place.office) == 1
    course = Course.objects.get()
    assert (course.institution, course.tenths, course.method, course.outline) == (place.school, 35, "case", "一、二")
    assert list(course.topics.all()) == [place.topic]
    assert course.versions.count() == 1
    again = receive(place.office, ROW)
    assert len(bank_lists.preview(again, place.office).same) == 1
    assert bank_lists.apply_list(again, by=place.office) == 0


def test_a_blank_cell_leaves_what_is_known(place: Place) -> None:
    place.course("信访课", outline="旧", levels=["county"])
    made = receive(place.office, ["信访课", "能力", "", "", 6, "", ""])
    assert len(bank_lists.preview(made, place.office).changed) == 1
    bank_lists.apply_list(made, by=place.office)
    course = Course.objects.get()
    assert (course.outline, course.levels, course.tenths, list(course.topics.all())) == (
        "旧",
        ["county"],
        60,
        [place.topic],
    )


def test_what_another_keeps_is_told_and_left_out(place: Place) -> None:
    made = receive(place.office, [*ROW[:3], "干部学院", *ROW[4:]], ["乙", "什么板块", *ROW[2:]])
    assert made.rows == []
    assert [(one["row"], one["column"], one["treatment"]) for one in made.problems] == [
        (3, "内容板块", "refused"),
        (2, "所属机构", "refused"),
    ]
    assert "内容板块" in made.problems[0]["reason"]
    city = receive(place.department, [*ROW[:3], "干部学院", *ROW[4:]], ROW)
    bank_lists.apply_list(city, by=place.department)
    assert set(Course.objects.values_list("institution", flat=True)) == {place.other.pk, None}


def test_other_banks_come_in_too(place: Place) -> None:
    teachers = ["姓名", "师资类别", "主题", "课酬档次", "擅长方向"]
    made = receive(
        place.office, ["苏教授", "专家教授", "基层治理", "正高级", "社区"], bank="teachers", headings=teachers
    )
    bank_lists.apply_list(made, by=place.office)
    teacher = Teacher.objects.get()
    account = make_account(Role.TEACHER, place.school)
    Teacher.objects.update(account=account)
    changed = receive(place.office, ["苏教授", "专家教授", "", "", "乡村"], bank="teachers", headings=teachers)
    bank_lists.apply_list(changed, by=place.office)
    teacher.refresh_from_db()
    assert (teacher.group, teacher.fee_class, teacher.topics, teacher.account) == ("expert", "senior", "乡村", account)
    assert list(teacher.listed_topics.all()) == [place.topic]
    books = receive(
        place.office, ["读本", "地方教材", "概况；做法"], bank="textbooks", headings=["教材名称", "教材类型", "章节"]
    )
    bank_lists.apply_list(books, by=place.office)
    assert [one.title for one in Textbook.objects.get().chapters.all()] == ["概况", "做法"]
    origin = ["做法名称", "适用条件", "首创单位"]
    practices = receive(
        place.department,
        ["议事法", "有场地", "市委党校"],
        ["乙", "有人", "无此单位"],
        bank="practices",
        headings=origin,
    )
    bank_lists.apply_list(practices, by=place.department)
    assert set(Practice.objects.values_list("title", "origin")) == {("议事法", place.school.pk), ("乙", None)}
    assert [one["value"] for one in practices.problems] == ["无此单位"]


def test_a_list_is_applied_or_dropped_once_and_by_whoever_may(place: Place) -> None:
    made = receive(place.office, ROW)
    for account in (make_account(Role.AUDITOR, place.city), make_account(Role.TEACHER, place.school)):
        with pytest.raises(Refused):
            bank_lists.apply_list(made, by=account)
        with pytest.raises(Refused):
            receive(account, ROW)
    with pytest.raises(Conflict):
        bank_lists.apply_list(made, by=make_account(Role.SCHOOL, place.other))
    bank_lists.drop_list(made, by=place.office)
    for move in (bank_lists.apply_list, bank_lists.drop_list):
        with pytest.raises(Conflict):
            move(made, by=place.office)
    assert not Course.objects.exists()


def test_what_is_no_such_list_is_refused(place: Place) -> None:
    made = receive(place.office, ["甲", 4], headings=["课程名称", "学时"])
    assert made.state == BankList.State.REFUSED
    assert "内容板块" in made.refusal
    with pytest.raises(Conflict):
        bank_lists.apply_list(made, by=place.office)
    upload = SimpleUploadedFile("x.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(Invalid):
        bank_lists.receive_list(upload, "courses", by=place.office)


def test_a_list_too_long_or_without_rows_is_refused_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = receive(place.office)
    assert (empty.state, empty.refusal) == (BankList.State.REFUSED, "表头下没有任何一行：请至少填写一行。")
    monkeypatch.setattr(bank_lists, "ROWS_MOST", 2)
    long = receive(place.office, *([f"课{n}", *ROW[1:]] for n in range(3)))
    assert (long.state, len(long.rows)) == (BankList.State.REFUSED, 0)
    assert "一次最多导入 2 行" in long.refusal
    assert receive(place.office, ROW, ["另一课", *ROW[1:]]).state == BankList.State.READ
    refused = receive(place.office, ROW, *([f"课{n}", "无此板块", *ROW[2:]] for n in range(2)))
    assert refused.state == BankList.State.REFUSED


@pytest.mark.django_db(transaction=True)
def test_a_file_with_id_numbers_is_not_kept_open(place: Place) -> None:
    clean, told = receive(place.office, ROW), receive(place.office, [*ROW[:6], "主讲人 110101199003070011"])
    assert told.rows[0]["facts"]["outline"] == "主讲人 1101************11"
    assert (path_of(clean.file).exists(), path_of(told.file).exists()) == (True, False)
    assert told.file.name == "课程库.xlsx"


def test_the_pages_show_every_row_and_hand_back_the_faults(place: Place) -> None:
    client = signed_in(place.office)
    url = reverse("resources:lists", args=["courses"])
    answer = client.post(url, {"file": book(HEADINGS, ROW, ["乙", "什么", *ROW[2:]])})
    made = BankList.objects.get()
    assert answer.headers["Location"] == reverse("resources:list", args=[made.pk])
    page = client.get(answer.headers["Location"]).content.decode()
    assert "信访课" in page
    assert "案例教学" in page or "案例" in page
    problems = client.get(reverse("resources:list_problems", args=[made.pk])).content
    assert "什么" in str(read_sheet(problems, "problems.xlsx"))
    blank = read_sheet(client.get(reverse("resources:blank_list", args=["courses"])).content, "blank.xlsx")
    assert "课程名称" in str(blank)
    assert signed_in(make_account(Role.SCHOOL, place.other)).get(answer.headers["Location"]).status_code == 404
    assert client.post(reverse("resources:move_list", args=[made.pk, "apply"])).status_code == 302
    assert Course.objects.get().title == "信访课"
    assert "已应用" in client.get(url).content.decode()
    assert client.get(reverse("resources:lists", args=["nothing"])).status_code == 404
