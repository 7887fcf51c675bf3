"""The class list from a spreadsheet: shown whole before anything is kept, and applied once."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import make_account, make_city, make_department, make_unit
from tests.obligations.texts import CITY
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.obligations.actions import sign_policy
from zhixing.people.models import Account, Role, Unit
from zhixing.plans import class_lists
from zhixing.plans.actions import Seats, set_quotas
from zhixing.plans.models import ClassListImport, ClassRun

pytestmark = pytest.mark.django_db
HEADINGS = ["班次名称", "开始日期", "结束日期", "人数", "培训对象", "学时", "培训方式", "承办机构"]
GOVERNANCE = ["基层治理专题班", "2026年9月7日", "2026.9.11", "40人", "乡科级正职、乡科级副职", 37.5, "脱产", "市委党校"]
DIGITAL = ["数字政府专题班", "2026-10-12", "2026-10-16", "30-50", "一级主任科员", "", "", ""]

TABLE = """
[[recognition]]
code = "party-school"
title = "党校培训"
channel = "offjob"
by = "days"
value = 6
"""


@pytest.fixture
def admin() -> Account:
    return make_department(make_city())


def book(
    rows: list[list[object]], quotas: list[list[object]] | None = None, headings: list[str] = HEADINGS
) -> SimpleUploadedFile:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "班次计划"
    sheet.append(["云岚市2026年度班次计划表"])
    sheet.merge_cells("A1:H1")
    for row in [headings, *rows]:
        sheet.append(row)
    if quotas:
        second = made.create_sheet("分配名额")
        for row in quotas:
            second.append(row)
    content = io.BytesIO()
    made.save(content)
    return SimpleUploadedFile("班次计划表.xlsx", content.getvalue())


def receive(admin: Account, rows: list[list[object]], quotas: list[list[object]] | None = None) -> ClassListImport:
    return class_lists.receive_class_list(book(rows, quotas), year=2026, by=admin)


def test_rows_become_drafts_with_everything_they_say(admin: Account) -> None:
    school = make_unit("市委党校", admin.scope_unit, Unit.Kind.SCHOOL)
    made = receive(admin, [GOVERNANCE, DIGITAL])
    assert not ClassRun.objects.exists()
    assert class_lists.apply_class_list(made, by=admin) == 2
    first, second = ClassRun.objects.all()
    assert (first.name, first.seats_max, first.tenths, first.ranks, first.institution) == (
        "基层治理专题班",
        40,
        375,
        ["乡科级正职", "乡科级副职"],
        school,
    )
    assert (second.seats_min, second.seats_max, second.tenths, second.state) == (30, 50, 375, ClassRun.State.DRAFT)


@pytest.mark.parametrize(
    ("table", "tenths", "said"),
    [
        ("", 375, "按条例折算"),
        (TABLE, 300, "5 个工作日 × 6，按学时认定表"),
        (TABLE.replace("value = 6", "value = 7.3"), 365, "5 个工作日 × 7.3，"),
        (TABLE.replace("value = 6", "value = 7.25"), 362, "5 个工作日 × 7.25，"),
        (TABLE.replace("offjob", "online"), 375, "条例"),
    ],
)
def test_a_class_without_hours_gets_the_day_of_the_table_in_force_else_of_the_law(
    table: str, tenths: int, said: str, admin: Account, client: Client
) -> None:
    sign_policy(CITY + table, admin)
    made = receive(admin, [DIGITAL])
    client.force_login(admin)
    assert said in client.get(reverse("plans:import", args=(made.pk,))).content.decode()
    class_lists.apply_class_list(made, by=admin)
    assert ClassRun.objects.get().tenths == tenths
    assert len(class_lists.preview(receive(admin, [DIGITAL])).same) == 1


def test_the_hundredths_of_a_day_add_up_over_the_days(admin: Account) -> None:
    sign_policy(CITY + TABLE.replace("value = 6", "value = 7.25"), admin)
    four_days = [DIGITAL[0], "2026-03-02", "2026-03-05", *DIGITAL[3:]]
    class_lists.apply_class_list(receive(admin, [four_days]), by=admin)
    assert ClassRun.objects.get().tenths == 290


def test_quotas_of_the_second_sheet_close_the_class_to_other_units(admin: Account) -> None:
    unit = make_unit("市财政局", admin.scope_unit)
    made = receive(admin, [GOVERNANCE], [["单位", "基层治理专题班"], ["市财政局", 3], ["无此单位", 2]])
    class_lists.apply_class_list(made, by=admin)
    class_run = ClassRun.objects.get()
    assert class_run.quotas_close
    assert [(q.unit, q.seats_max) for q in class_run.quotas.all()] == [(unit, 3)]
    assert [p["value"] for p in made.problems] == ["无此单位"]


def test_a_bad_row_is_named_and_the_others_go_on(admin: Account) -> None:
    made = receive(admin, [GOVERNANCE, ["坏班", "2026-02-30", "2026-03-01", 40, "乡科级正职"]])
    assert [(p["row"], p["column"]) for p in made.problems] == [(4, "开始日期")]
    assert class_lists.apply_class_list(made, by=admin) == 1


def test_a_row_of_another_year_is_refused_with_a_mend(admin: Account) -> None:
    made = receive(admin, [["旧班", "2025-09-01", "2025-09-05", 40, "乡科级正职"]])
    assert made.rows == []
    assert made.problems[0]["value"] == "2025-09-01"


def test_the_same_list_twice_changes_nothing(admin: Account) -> None:
    class_lists.apply_class_list(receive(admin, [GOVERNANCE]), by=admin)
    again = receive(admin, [GOVERNANCE])
    shown = class_lists.preview(again)
    assert (len(shown.new), len(shown.changed), len(shown.same)) == (0, 0, 1)
    assert class_lists.apply_class_list(again, by=admin) == 0
    assert ClassRun.objects.count() == 1


def test_a_changed_row_brings_the_draft_up_to_date(admin: Account) -> None:
    class_lists.apply_class_list(receive(admin, [GOVERNANCE]), by=admin)
    class_lists.apply_class_list(receive(admin, [[*GOVERNANCE[:3], "45", *GOVERNANCE[4:]]]), by=admin)
    assert ClassRun.objects.get().seats_max == 45


def test_class_runs_with_called_people_are_left_alone(admin: Account) -> None:
    class_lists.apply_class_list(receive(admin, [GOVERNANCE]), by=admin)
    ClassRun.objects.update(state=ClassRun.State.CALLED)
    changed = receive(admin, [[*GOVERNANCE[:3], "45", *GOVERNANCE[4:]]])
    assert len(class_lists.preview(changed).fixed) == 1
    assert class_lists.apply_class_list(changed, by=admin) == 0
    assert ClassRun.objects.get().seats_max == 40


def test_a_list_is_applied_or_dropped_once(admin: Account) -> None:
    made = receive(admin, [GOVERNANCE])
    class_lists.drop_class_list(made, by=admin)
    with pytest.raises(Conflict):
        class_lists.apply_class_list(made, by=admin)
    with pytest.raises(Conflict):
        class_lists.drop_class_list(made, by=admin)


def test_a_sheet_without_the_needed_headings_is_refused_with_what_it_saw(admin: Account) -> None:
    made_book = openpyxl.Workbook()
    made_book.active.append(["班次名称", "人数"])
    made_book.active.append(["某班", 40])
    content = io.BytesIO()
    made_book.save(content)
    upload = SimpleUploadedFile("x.xlsx", content.getvalue())
    made = class_lists.receive_class_list(upload, year=2026, by=admin)
    assert made.state == ClassListImport.State.REFUSED
    assert "开始日期" in made.refusal


def test_what_is_no_spreadsheet_is_not_even_stored(admin: Account) -> None:
    with pytest.raises(Invalid):
        class_lists.receive_class_list(
            SimpleUploadedFile("x.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64)), year=2026, by=admin
        )
    assert not ClassListImport.objects.exists()


def test_others_may_not_bring_in_a_list(admin: Account) -> None:
    with pytest.raises(Refused):
        class_lists.receive_class_list(book([GOVERNANCE]), year=2026, by=make_account(Role.LIAISON, admin.scope_unit))


class TestQuotaMinimums:
    """The fewest seats of a unit: typed, imported, and kept by a list that is silent about them."""

    QUOTAS = (["单位", "基层治理专题班"], ["市财政局", "2-4人"])

    def quota(self) -> tuple[int, int]:
        quota = ClassRun.objects.get().quotas.get()
        return quota.seats_min, quota.seats_max

    def test_a_range_in_a_cell_is_fewest_and_most(self, admin: Account) -> None:
        make_unit("市财政局", admin.scope_unit)
        class_lists.apply_class_list(receive(admin, [GOVERNANCE], list(self.QUOTAS)), by=admin)
        assert self.quota() == (2, 4)

    def test_a_long_list_may_have_a_column_for_the_fewest(self, admin: Account) -> None:
        make_unit("市财政局", admin.scope_unit)
        make_unit("市教育局", admin.scope_unit)
        long = [
            ["单位", "班次名称", "名额", "名额下限"],
            ["市财政局", GOVERNANCE[0], 5, 3],
            ["市教育局", GOVERNANCE[0], 2, 3],
        ]
        made = receive(admin, [GOVERNANCE], long)
        assert [(p["row"], p["column"]) for p in made.problems] == [(3, "名额下限")]
        class_lists.apply_class_list(made, by=admin)
        assert self.quota() == (3, 5)

    @pytest.mark.parametrize(("again", "kept"), [("5", (2, 5)), ("1", (1, 1)), ("3-6", (3, 6))])
    def test_a_changed_list_keeps_the_fewest_that_it_does_not_name(
        self, admin: Account, again: str, kept: tuple[int, int]
    ) -> None:
        make_unit("市财政局", admin.scope_unit)
        class_lists.apply_class_list(receive(admin, [GOVERNANCE], list(self.QUOTAS)), by=admin)
        changed = receive(admin, [GOVERNANCE], [self.QUOTAS[0], ["市财政局", again]])
        assert class_lists.apply_class_list(changed, by=admin) == 1
        assert self.quota() == kept

    def test_a_list_without_quotas_leaves_those_given_by_hand(self, admin: Account) -> None:
        unit = make_unit("市财政局", admin.scope_unit)
        class_lists.apply_class_list(receive(admin, [GOVERNANCE]), by=admin)
        class_run = ClassRun.objects.get()
        set_quotas(class_run, {unit.pk: Seats(4, 2)}, by=admin)
        ClassRun.objects.update(seats_min=30, quotas_close=True)
        assert class_lists.apply_class_list(receive(admin, [GOVERNANCE]), by=admin) == 0
        fewer = receive(admin, [[*GOVERNANCE[:3], "25", *GOVERNANCE[4:]]])
        assert class_lists.apply_class_list(fewer, by=admin) == 1
        class_run = ClassRun.objects.get()
        assert (class_run.seats_min, class_run.seats_max, class_run.quotas_close) == (25, 25, True)
        assert self.quota() == (2, 4)

    def test_a_list_read_by_an_earlier_version_is_still_applied(self, admin: Account) -> None:
        unit = make_unit("市财政局", admin.scope_unit)
        made = receive(admin, [GOVERNANCE], list(self.QUOTAS))
        made.rows[0] |= {"quotas": {str(unit.pk): 4}, "seats_min": 0, "quotas_close": True}
        made.save()
        class_lists.apply_class_list(made, by=admin)
        assert self.quota() == (0, 4)


@pytest.mark.parametrize("hours", ["-5", "许多"])
def test_a_class_whose_hours_cannot_be_read_is_marked_doubtful_with_the_hours_taken(admin: Account, hours: str) -> None:
    doubtful = ["存疑班", "2026-09-14", "2026-09-16", 40, "乡科级正职", hours, "脱产", ""]
    refused = ["拒收班", "2026-02-30", "2026-03-01", 40, "乡科级正职"]
    quotas = [["单位", "基层治理专题班"], ["无此单位", 2]]
    made = receive(admin, [GOVERNANCE, doubtful, refused], quotas)
    assert [(row["name"], row["doubtful"], row["tenths"]) for row in made.rows] == [
        ("基层治理专题班", False, 375),
        ("存疑班", True, 225),
    ]
    client = Client()
    client.force_login(admin)
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/classes/imports/{made.pk}/").content.decode()).split())
    for words in (
        "工作表 行 列 内容 处理",
        f"班次计划 4 学时 {hours} 存疑",
        "班次计划 5 开始日期 2026-02-30 拒收",
        "分配名额 2 单位 无此单位 拒收",
        "存疑班 存疑 2026-09-14 2026-09-16 22.5",
    ):
        assert words in page, words
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/classes/imports/{made.pk}/problems/").content)).active
    assert {(row[0], row[1], row[4]) for row in list(book.values)[1:]} == {
        ("班次计划", 4, "存疑"),
        ("班次计划", 5, "拒收"),
        ("分配名额", 2, "拒收"),
    }


def test_a_silent_cell_keeps_what_was_set_by_hand(admin: Account, client: Client) -> None:
    class_lists.apply_class_list(receive(admin, [DIGITAL]), by=admin)
    by_hand = {
        "tenths": 400,
        "channel": "online",
        "place": "市委党校报告厅",
        "theme": "数字政府",
        "organiser": "市委组织部",
        "content": "ability",
        "institution_name": "云岚干部学院",
    }
    ClassRun.objects.update(**by_hand)
    again = receive(admin, [DIGITAL])
    assert [row["name"] for row in class_lists.preview(again).same] == ["数字政府专题班"]
    longer = receive(admin, [[*DIGITAL[:3], "30-60", *DIGITAL[4:]]])
    client.force_login(admin)
    shown = client.get(reverse("plans:import", args=[longer.pk])).content.decode()
    assert "40" in re.findall(r'data-label="[^"]*学时[^"]*"><span>([^<]*)<', shown)[0]
    class_lists.apply_class_list(longer, by=admin)
    assert ClassRun.objects.values(*by_hand, "seats_max").get() == by_hand | {"seats_max": 60}


def test_money_of_a_list_comes_into_the_plan_and_is_doubted_in_the_wrong_unit(admin: Account) -> None:
    upload = book([[*GOVERNANCE, 4], [*DIGITAL, 0.0008]], headings=[*HEADINGS, "经费（万元）"])
    made = class_lists.receive_class_list(upload, year=2026, by=admin)
    assert [row["cents"] for row in made.rows] == [4_000_000, 800]
    assert [(one["row"], one["value"], one["treatment"]) for one in made.problems] == [(4, "¥8.00", "doubtful")]
    client = Client()
    client.force_login(admin)
    assert "¥40,000.00" in client.get(reverse("plans:import", args=[made.pk])).content.decode()
    lines = class_lists.plan_from_class_list(made, by=admin).lines.order_by("-budget")
    assert [line.budget for line in lines] == [4_000_000, 800]


def test_a_list_without_money_shows_none(admin: Account) -> None:
    made = receive(admin, [GOVERNANCE])
    assert made.rows[0]["cents"] is None
    assert [line.budget for line in class_lists.plan_from_class_list(made, by=admin).lines.all()] == [0]
