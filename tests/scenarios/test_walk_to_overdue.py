"""Walk 1 of docs/architecture.md on the pages: from a roster in a spreadsheet to "overdue", with the sum that anyone can check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import make_account, make_city, make_department
from tests.scenarios.walking import Clock, Visitor, id_number, links_of, rows_of, sheet, text_of, wide
from zhixing.people.models import Person, Role

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
DAY = dt.date(2026, 12, 31)
POLICY = """
[policy]
code = "yunlan-2026"
title = "云岚市干部教育培训学时办法"
in_force_from = 2026-01-01
basis = "云组发〔2026〕1号"
[[rule]]
code = "annual"
title = "年度学时"
ranks = ["乡科级正职", "一级主任科员"]
window = "year"
hours = 90
channels = ["offjob", "online"]
caps = { online = 25 }
prorate = "join"
basis = "云组发〔2026〕1号第七条"
"""
HEADINGS = ("序号", "姓 名", "身份证\n号码", "单位名称", "职务层次", "职级", "出生年月", "任现职时间")
ZHOU, WU, ZHENG, STRANGER = (dt.date(year, 3, 5) for year in (1980, 1985, 1979, 1970))
GOOD = (
    (1, "周一明", id_number(ZHOU, 11), "市财政局", "正科级", "", "1980.03", "2015.06"),
    (
        2,
        "吴　静",
        wide(id_number(WU, 12)),
        None,
        "",
        "一级主任科员",
        "1985年3月",
        43_344,
    ),  # an Excel serial: 2018-09-01
    HEADINGS,  # said again at the head of the second printed page
    (3, "郑磊", f"'{id_number(ZHENG, 13)}", "市教育局", "正科级", "", wide("197903"), "2016.01"),
)
WRONG_DIGIT = id_number(dt.date(1990, 5, 6), 14)[:-1] + ("1" if id_number(dt.date(1990, 5, 6), 14)[-1] != "1" else "2")
BAD = (
    (4, "王错号", WRONG_DIGIT, "市教育局", "正科级", "", "", ""),
    (5, "李大官", id_number(dt.date(1988, 8, 8), 15), "市教育局", "超级大官", "", "", ""),
)


def roster(rows: Sequence[Sequence[object]]) -> SimpleUploadedFile:
    """Units merged down their column, as in the files that offices send."""
    total = ("合计", len(rows))
    return sheet("花名册.xlsx", "云岚市干部花名册", [HEADINGS, *rows, total], ["D4:D5"])


def history() -> SimpleUploadedFile:
    headings = ("姓名", "身份证号", "培训班名称", "开始时间", "结束时间", "学时", "培训方式", "结业情况")
    offjob = (
        "周一明", id_number(ZHOU, 11), "春季进修班", "2026年3月2日", "2026.3.13", wide("60"), "脱产培训", "结业"
    )  # fmt: skip
    online = (
        "周一明",
        id_number(ZHOU, 11),
        "网络学院必修课",
        "2026-04-01",
        dt.date(2026, 10, 30),
        "40学时",
        "网络自学",
        "",
    )
    stranger = ("外来人", id_number(STRANGER, 99), "春季进修班", "2026-03-02", "2026-03-13", 60, "脱产", "结业")
    return sheet("培训记录.xlsx", "2026年度干部培训记录汇总表", [headings, offjob, online, stranger])


def test_from_a_roster_to_overdue(run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    clock.set(DAY)
    city = make_city()
    department = Visitor(make_department(city))
    sign(department, run_jobs)

    # The roster is uploaded, read, and its problem sheet opened in Excel.
    imported = upload_roster(department, [*GOOD, *BAD], run_jobs)
    arrivals = department.read(imported, tab="arrival")
    for words in ("周一明", "吴静", "郑磊", "市财政局", "一级主任科员"):
        assert words in arrivals
    assert id_number(ZHOU, 11) not in arrivals
    assert not Person.objects.exists()
    assert "超级大官" in department.read(imported, tab="problem")
    problems = rows_of(department.download(f"{imported}problems.xlsx"))
    assert problems[0] == ("文件", "工作表", "行号", "列", "值", "处理", "原因", "处理建议")
    found = {(row[0], row[2], row[3], row[5]) for row in problems[1:]}
    assert found == {("花名册.xlsx", 8, "身份证 号码", "拒收"), ("花名册.xlsx", 9, "职务层次", "拒收")}
    assert all(row[6] and row[7] for row in problems[1:])

    # Applied, in one transaction; the same file again changes nothing.
    apply(department, imported, run_jobs)
    assert "该花名册带来 3 项变化" in department.read(imported)
    people = {person.name: person for person in Person.objects.select_related("unit")}
    assert {name: (p.unit.name, p.rank, p.grade) for name, p in people.items() if p.unit} == {
        "周一明": ("市财政局", "乡科级正职", ""),
        "吴静": ("市财政局", "", "一级主任科员"),
        "郑磊": ("市教育局", "乡科级正职", ""),
    }
    again = upload_roster(department, GOOD, run_jobs)
    assert "没有带来变化" in department.read(again)

    # What they have learned comes from another sheet; who is not on the roster is named.
    booked = department.send_and_land("/obligations/history/", {"file": history()})
    run_jobs()
    assert id_number(STRANGER, 99) not in department.read(booked)
    refused = rows_of(department.download(f"{booked}problems/"))
    assert [(row[2], row[3], row[5]) for row in refused[1:]] == [(6, "身份证号", "拒收")]
    department.send(f"{booked}book/")
    run_jobs()

    # The board counts, the list names, the page of one person writes the sum out.
    board = department.get("/obligations/standings/")
    assert "已逾期" in text_of(board)
    overdue = links_of(board, "worst=overdue")[0]
    assert {name for name in people if name in department.read(overdue)} == {"周一明", "吴静", "郑磊"}
    zhou = f"/obligations/standings/{people['周一明'].pk}/"
    explained = department.read(zhou)
    for words in (
        "周一明还差 5 学时",
        "已逾期",
        "年度学时",
        "脱产 60 + 网络 25（共 40，超上限 15 不计）",
        "90 − 85",
        "云组发〔2026〕1号第七条",
        "春季进修班",
        "网络学院必修课",
    ):
        assert words in explained, words

    # The person reads the same, and nobody else's.
    own = Visitor(make_account(Role.TRAINEE, person=people["周一明"]))
    assert "网络 25（共 40，超上限 15 不计）" in own.read("/obligations/mine/")
    assert own._client().get(f"/obligations/standings/{people['郑磊'].pk}/").status_code in {403, 404}


def test_a_second_roster_moves_a_person_by_date_and_its_rollback_undoes_that(
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    clock.set(dt.date(2026, 6, 1))
    department = Visitor(make_department(make_city()))
    apply(department, upload_roster(department, GOOD, run_jobs), run_jobs)
    clock.set(dt.date(2026, 9, 1))
    moved = [GOOD[0], GOOD[1], ("3", "郑磊", id_number(ZHENG, 13), "市财政局", "正科级", "", "", "2026.08")]
    second = upload_roster(department, moved, run_jobs)
    assert "郑磊" in department.read(second, tab="move")
    apply(department, second, run_jobs)
    assert posts_of("郑磊") == [("市教育局", "2026-07-31"), ("市财政局", "None")]
    department.send(f"{second}weigh/")
    run_jobs()
    department.send(f"{second}roll-back/")
    run_jobs()
    assert posts_of("郑磊") == [("市教育局", "None")]
    assert "已撤回" in department.read(second)


def posts_of(name: str) -> list[tuple[str, str]]:
    """The units of a person with the last day in each."""
    posts = Person.objects.get(name=name).postings.order_by("from_on").values_list("unit__name", "to_on")
    return [(unit, str(to_on)) for unit, to_on in posts]


def sign(department: Visitor, run_jobs: RunJobs) -> None:
    """A city's own policy, weighed and signed on its pages."""
    draft = department.send_and_land("/obligations/policies/sign/", {"text": POLICY})
    run_jobs()
    assert "云岚市干部教育培训学时办法" in department.read(draft)
    department.send(f"{draft}signed/")
    run_jobs()


def upload_roster(department: Visitor, rows: Sequence[Sequence[object]], run_jobs: RunJobs) -> str:
    """Upload and read; the address of the import."""
    scope, today = department.account.scope_unit_id, timezone.localdate().isoformat()
    fields = {"file": roster(rows), "scope_unit": scope, "on": today, "opens_units": "on"}
    address = department.send_and_land("/people/imports/new/", fields)
    run_jobs()
    return address


def apply(department: Visitor, address: str, run_jobs: RunJobs) -> None:
    department.send(f"{address}apply/")
    run_jobs()
