"""The living style page: every part of docs/pages.md with invented Chinese samples. Its URL exists only under ``DEBUG``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhixing.base.calendars import Calendar, Event
from zhixing.base.charts import Chart
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.middleware import open_to_all
from zhixing.base.models import Job
from zhixing.base.templatetags.pages import badge, hours
from zhixing.base.verdicts import no

STATES = [("met", "已完成"), ("on_track", "进度正常"), ("short", "进度偏慢"), ("overdue", "逾期未完成")]
STATE_LABELS = dict(STATES)
UNITS = [
    "市发展和改革委员会",
    "市教育局",
    "市财政局",
    "市人力资源和社会保障局",
    "市生态环境局",
    "市交通运输局",
    "市水务局",
]
ONE_UNIT_PER_CHOICE = [(str(place), unit) for place, unit in enumerate(UNITS)]
MONTHS = [f"{month}月" for month in range(1, 13)]


@dataclass(frozen=True)
class SampleUser:
    """Stands in for the signed-in account, so that the page shows its menu to anyone."""

    is_authenticated: bool = True
    get_role_display: str = "单位联络员"
    scope_unit: str = "市教育局"

    def __str__(self) -> str:
        return "林静远"


@dataclass(frozen=True)
class SampleRow:
    pk: int
    name: str
    unit: str
    required: int
    counted: int
    state: str
    on: dt.date


ROWS = [
    SampleRow(1, "沈知微", UNITS[1], 900, 935, "met", dt.date(2026, 9, 18)),
    SampleRow(2, "陆行舟", UNITS[2], 900, 850, "on_track", dt.date(2026, 9, 2)),
    SampleRow(3, "顾清和", UNITS[0], 900, 425, "short", dt.date(2026, 6, 30)),
    SampleRow(4, "江望舒", UNITS[3], 1100, 180, "overdue", dt.date(2025, 11, 7)),
    SampleRow(5, "秦牧野", UNITS[4], 900, 905, "met", dt.date(2026, 8, 21)),
    SampleRow(6, "叶知秋", UNITS[5], 900, 640, "on_track", dt.date(2026, 7, 15)),
]


class SampleListing(Listing):
    """A list of invented persons that no table holds."""

    @property
    def _fetched(self) -> list[Any]:
        return ROWS

    @property
    def count(self) -> int:
        return 1_284


class SampleSignIn(forms.Form):
    """What the sign-in shell holds."""

    login = forms.CharField(label="用户名")
    password = forms.CharField(label="密码", widget=forms.PasswordInput)


class SampleForm(forms.Form):
    """One field of each kind; the sample input is wrong in two places."""

    title = forms.CharField(label="班次名称", max_length=40, help_text="写全称，通知书上照此印制。")
    unit = forms.ChoiceField(
        label="承办单位",
        choices=[("", ""), *ONE_UNIT_PER_CHOICE],
        widget=forms.Select(attrs={"data-picker": "", "data-placeholder": "输入几个字查找单位"}),
    )
    level = forms.ChoiceField(label="班次类别", choices=[("a", "进修班"), ("b", "专题研讨班"), ("c", "任职培训班")])
    opens = forms.DateField(label="开班日期")
    way = forms.ChoiceField(
        label="培训方式",
        choices=[("site", "集中面授"), ("web", "网络自学"), ("both", "线上线下结合")],
        widget=forms.RadioSelect,
    )
    aim = forms.CharField(label="培训目标", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    told = forms.BooleanField(label="报名截止前三天提醒尚未答复的单位", required=False)
    sheet = forms.FileField(label="学员名单", required=False)


def sample_form() -> SampleForm:
    return SampleForm({"title": "", "unit": "2", "level": "b", "opens": "2026-02-30", "way": "site", "told": "on"})


def sample_listing(request: HttpRequest) -> Listing:
    return SampleListing(
        request,
        Job.objects.none(),
        name="standings",
        label="学时完成情况",
        search=("name",),
        search_label="姓名或单位",
        filters=[Filter("state", "状态", STATES), Filter("unit", "单位", ONE_UNIT_PER_CHOICE)],
        columns=[
            Column("name", "姓名", sort="name", link=lambda row: "#list"),
            Column("unit", "单位", sort="unit"),
            Column("required", "应修学时", numeric=True, show=lambda row: hours(row.required)),
            Column("counted", "已计学时", sort="counted", numeric=True, show=lambda row: hours(row.counted)),
            Column("state", "状态", show=lambda row: badge(row.state, STATE_LABELS[row.state])),
            Column("on", "最近一次培训", sort="on"),
        ],
        selectable=True,
        bulk_template="base/parts/style_bulk.html",
        bulk_url="#list",
        empty=Empty("还没有人员", "先导入花名册，再按政策计算学时。", "#list", "导入花名册"),
    )


def sample_jobs() -> list[Job]:
    now = dt.datetime(2026, 10, 12, 9, 41, tzinfo=dt.UTC)
    running = {"progress_done": 6_400, "progress_total": 10_000, "progress_note": "正在求解第 3 轮"}
    return [
        Job(label="生成 2026 年度调训方案", state="running", finished_at=now, **running),
        Job(label="导入花名册", state="done", link="#jobs", finished_at=now),
    ]


def sample_charts() -> dict[str, Chart]:
    return {
        "months": Chart(
            "每月计入学时",
            MONTHS,
            {
                "集中培训": [320, 210, 580, 640, 720, 810, 260, 340, 905, 760, None, None],
                "网络自学": [180, 150, 240, 260, 310, 280, 220, 260, 330, 300, None, None],
            },
            kind="stacked",
            unit="学时",
        ),
        "units": Chart(
            "各单位完成率",
            UNITS,
            {"完成率": [92.4, 88.1, 85, 79.6, 74.2, 68.8, 61.5]},
            unit="%",
            goal=90,
            goal_label="目标 90%",
            horizontal=True,
            links=["#charts"] * len(UNITS),
        ),
        "pace": Chart(
            "累计完成人数与计划进度",
            MONTHS[:10],
            {
                "完成": [41, 88, 190, 301, 420, 560, 610, 688, 840, 951],
                "计划": [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000],
            },
            kind="line",
            unit="人",
            tones={"计划": "quiet"},
        ),
    }


def sample_calendar() -> Calendar:
    def lesson(day: int, first: int, last: int, title: str, place: str, tone: str = "") -> Event:
        starts = dt.datetime(2026, 10, day, first, 30 if first > 12 else 0)  # noqa: DTZ001
        return Event(title, starts, starts.replace(hour=last, minute=30), place, "#calendar", tone, str(day))

    lessons = [
        lesson(12, 9, 11, "党的创新理论专题", "第一报告厅"),
        lesson(12, 14, 16, "分组研讨", "研讨室 3", "quiet"),
        lesson(13, 9, 11, "数字政府建设案例", "案例教室"),
        lesson(14, 9, 11, "现场教学：政务服务中心", "市政务服务中心", "good"),
        lesson(15, 14, 16, "应急处置沙盘推演", "沙盘教室", "warn"),
        lesson(16, 9, 11, "结业汇报", "第一报告厅"),
    ]
    return Calendar("课程表", lessons, dt.date(2026, 10, 12), closes=dt.time(18))


def sample_events() -> list[dict[str, Any]]:
    return [
        {"at": "2026-10-10 16:20", "title": "已结业", "who": "市委党校", "tone": "good", "icon": "certificate"},
        {
            "at": "2026-10-08 09:05",
            "title": "请假半天",
            "text": "因公出差，单位已审批。",
            "who": "市教育局",
            "tone": "warn",
        },
        {"at": "2026-09-28 08:30", "title": "报到", "who": "市委党校"},
        {"at": "2026-09-15 11:02", "title": "发出调训通知", "url": "#timeline", "tone": "info", "icon": "send"},
    ]


def sample_navigation() -> list[dict[str, Any]]:
    def item(label: str, icon: str, badge: int = 0, active: bool = False) -> dict[str, Any]:
        return {"label": label, "icon": icon, "url": "#main", "badge": badge, "active": active}

    return [
        {"label": "", "items": [item("工作台", "home"), item("待办", "inbox", 7)]},
        {"label": "人员与学时", "items": [item("花名册", "users"), item("学时完成情况", "checklist", active=True)]},
        {
            "label": "办班",
            "items": [item("年度计划", "calendar-stats"), item("点名调训", "send"), item("课程表", "calendar")],
        },
        {"label": "质量", "items": [item("教学评估", "clipboard-check"), item("培训档案", "archive")]},
    ]


@open_to_all
def page(request: HttpRequest) -> HttpResponse:
    """Show every part; ``?door`` shows the sign-in shell."""
    if "door" in request.GET:
        return render(request, "base/style_door.html", {"form": SampleSignIn()})
    listing = sample_listing(request)
    context = {
        "user": SampleUser(),
        "navigation": sample_navigation(),
        "phone_bar": [*sample_navigation()[0]["items"], *sample_navigation()[1]["items"]],
        "unread_notices": 3,
        "form": sample_form(),
        "charts": sample_charts(),
        "week": sample_calendar(),
        "jobs": sample_jobs(),
        "events": sample_events(),
        "badges": [*STATES, ("exempt", "免修"), ("proposed", "拟调训"), ("leave_asked", "已请假"), ("draft", "草稿")],
        "facts": [("职级", "四级调研员"), ("所在单位", "市教育局"), ("政策", "五年周期 550 学时"), ("联系电话", None)],
        "tabs": [
            {"label": "名单", "url": "#main", "active": True, "count": 48},
            {"label": "课程表", "url": "#main", "active": False},
            {"label": "考勤", "url": "#main", "active": False},
            {"label": "评估", "url": "#main", "active": False, "count": 31},
        ],
        "steps": ["上传名单", "核对差异", "确认入库", "完成"],
        "changes": [("所在单位", "市财政局", "市教育局"), ("职务", "副处长", "处长"), ("手机", "", "138****0000")],
        "refused": no("名单尚未核对，不能发布。"),
    }
    return listing.response("base/style.html", context)
