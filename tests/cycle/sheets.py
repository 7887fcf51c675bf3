"""Small books as officers really hand them in: title rows, merged cells, repeated headings, totals, dates in every shape, and faults of every kind.

What each row must come to is worked out by hand in ``test_whole_runs``. Everybody here is invented: no area code begins with 99.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import xlsxwriter

from tests.cycle.city import id_number

Cell = str | int | float
Row = Sequence[Cell]
ON = dt.date(2026, 11, 23)
FINANCE, LABOUR, SCHOOLS = "市财政局", "市人社局", "市教育局"


def identity(year: int, month: int, serial: int) -> str:
    """Somebody born on the 12th; an odd serial is a man's."""
    return id_number(dt.date(year, month, 12), serial)


ZHOU, WU, ZHENG = identity(1975, 3, 101), identity(1980, 6, 202), identity(1982, 11, 303)
WANG, FENG, CHEN = identity(1978, 1, 105), identity(1970, 9, 107), identity(1988, 4, 204)
CHU, WEI, JIANG = identity(1965, 2, 109), identity(1979, 8, 111), identity(2001, 5, 113)
SHEN, HAN, YANG, ZHU = "G0010", identity(1984, 7, 115), identity(1986, 10, 206), identity(1983, 12, 117)
QIN, XU, HE = identity(1977, 5, 119), identity(1981, 2, 121), identity(1985, 3, 123)
ROSTER_TITLE = "云岚市公务员花名册（2026年11月）"
ROSTER_HEADING = ("序号", "姓 名", "性别", "身份证号码", "工号", "工作单位", "科室", "现任职务", "职务级别", "职级", "出生年月",
                  "参加工作时间", "人员状态", "政治面貌")  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def mistyped(number: str) -> str:
    """The number with another last digit."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


ROSTER: tuple[Row, ...] = (
    # Accepted, each typed in another way
    (1, "周一", "男", ZHOU, "G0001", FINANCE, "办公室", "科长", "乡科级正职", "一级主任科员", "1975.03", "1998.07", "在职", "群众"),
    (2, "吴 二", "女", f"'{WU}", "G0002", FINANCE, "人事科", "副科长", "副科级", "", "1980年6月", "2002年7月1日", "", "群众"),
    (3, "郑三", "男", ZHENG.translate(FULL_WIDTH), "", f" {FINANCE}", "", "科长", "正科级", "", "198211", "2005/7/1", "在岗", "群众"),
    (4, "王四", "男", WANG, "G0004", LABOUR, "综合科", "科长", "乡科级正职", "", "1978-01-12", "", "在职", "群众"),
    (5, "冯五", "男", FENG.lower(), "G0005", LABOUR, "", "副局长", "副处级", "四级调研员", 25823, "1992.07", "在职", "群众"),
    (6, "陈六", "女", CHEN, "G0006", LABOUR, "综合科", "", "", "一级主任科员", "1988.04.12", "2011.08", "在职", "群众"),
    (7, "褚七", "男", CHU, "G0007", LABOUR, "", "", "乡科级正职", "", "1965.02", "1985.07", "退休", "群众"),
    (8, "卫八", "男", WEI, "G0008", LABOUR, "", "科长", "乡科级正职", "", "1979.08", "2001.07", "借调", "群众"),
    (9, "蒋九", "男", JIANG, "G0009", SCHOOLS, "", "科长", "乡科级正职", "", "2001.05", "2026.07.01", "在职", "群众"),
    (10, "沈十", "男", "", SHEN, SCHOOLS, "", "副科长", "乡科级副职", "", "1990.01", "2013.07", "在职", "群众"),
    # Doubtful: sex, an impossible optional date, a status nobody knows, a day that has not come
    (11, "韩十一", "女", HAN, "", SCHOOLS, "", "", "乡科级副职", "", "1984.07", "2008.07", "在职", "群众"),
    (12, "杨十二", "女", YANG, "", SCHOOLS, "", "", "乡科级副职", "", "1986.10", "2009.13", "在职", "群众"),
    (13, "朱十三", "男", ZHU, "", SCHOOLS, "", "", "乡科级副职", "", "1983.12", "2006.07", "长期出差", "群众"),
    # Refused: check digit, number that lost digits, impossible birth, no unit, no such rank, and two rows that contradict each other
    (14, "秦十四", "男", mistyped(QIN), "", FINANCE, "", "", "乡科级正职", "", "", "", "在职", "群众"),
    (15, "尤十五", "男", 990100198001011000.0, "", FINANCE, "", "", "乡科级正职", "", "", "", "在职", "群众"),
    (16, "许十六", "男", "990100198113121210", "", FINANCE, "", "", "乡科级正职", "", "", "", "在职", "群众"),
    (17, "何十七", "男", XU, "", "", "", "", "乡科级正职", "", "", "", "在职", "群众"),
    (18, "吕十八", "男", HE, "", FINANCE, "", "", "团级", "", "", "", "在职", "群众"),
    (19, "施十九", "男", QIN, "", FINANCE, "", "", "乡科级正职", "", "", "", "在职", "群众"),
    (20, "施十九", "男", QIN, "", LABOUR, "", "", "乡科级正职", "", "", "", "在职", "群众"),
)  # fmt: skip
REFUSED_IN_ROSTER, DOUBTFUL_IN_ROSTER = 7, 3
TWICE = ROSTER[0]
"""Said again further down: counts once, silently."""

CLASS_HEADING = (
    "班次名称",
    "开班时间",
    "结业时间",
    "人数上限",
    "人数下限",
    "培训对象",
    "主办单位",
    "承办单位",
    "学时",
    "培训方式",
    "主题",
    "经费",
)
SECTION_CLASS, HEADS_CLASS, COUNTY_CLASS, OTHER_CLASS = (
    "乡科级干部理论班",
    "乡科级正职专题班",
    "县处级干部进修班",
    "主任科员能力班",
)
CLASSES: tuple[Row, ...] = (
    (SECTION_CLASS, "2026年11月30日", "2026年12月4日", 2, 1, "乡科级干部", "云岚市委组织部", "云岚市委党校", 30, "脱产", "理论学习", 5),
    (HEADS_CLASS, "2026.12.02", "2026.12.08", "3人", "", "正科级", "云岚市委组织部", "云岚市委党校", 30, "脱产培训", "依法行政", 5),
    (COUNTY_CLASS, "2026-12-14", "2026-12-18", 1, 0, "县处级正职、县处级副职", "云岚市委组织部", "云岚市委党校", 30, "脱产", "", 5),
    (OTHER_CLASS, 46000, 46002, 5, 0, "一至四级主任科员", "云岚市委组织部", "云岚市委党校", 12, "走读", "", 1),
    ("倒置班", "2026-12-10", "2026-12-01", 5, 0, "乡科级", "云岚市委组织部", "云岚市委党校", 30, "脱产", "", 5),
    ("无对象班", "2026-12-10", "2026-12-11", 5, 0, "青年骨干", "云岚市委组织部", "云岚市委党校", 30, "脱产", "", 5),
)  # fmt: skip
REFUSED_IN_CLASSES, DOUBTFUL_IN_CLASSES = 2, 1
QUOTA_HEADING = ("序号", "单位", f"《{HEADS_CLASS}》", "合计")
QUOTAS: tuple[Row, ...] = (
    (1, FINANCE, 1, 1),
    (2, LABOUR, "", 0),
    (3, SCHOOLS, 1, 1),
    (4, "市财政厅", 2, 2),
)
REFUSED_QUOTAS = 1

HISTORY_HEADING = ("人员标识", "班次名称", "开始日期", "结束日期", "学时", "培训方式", "结果", "主办单位", "证书编号")
ONLINE = "干部网络学院学习"
HISTORY: tuple[Row, ...] = (
    (ZHOU, "春季进修班", "2026-03-02", "2026-03-13", "40", "脱产", "结业", "市委组织部", "=ZS001"),
    (ZHOU, ONLINE, "2026-01-01", "2026-10-31", "12.5学时", "网络", "", "", ""),
    (WU, "中心组学习", "2026.02.01", "2026.09.30", "12", "中心组", "", "", ""),
    (ZHENG.translate(FULL_WIDTH), "党务干部班", "2026年4月6日", "2026年4月10日", "36", "集中培训", "准予结业", "", ""),
    ("G0004", "依法行政班", "2026-05-11", "2026-05-15", "30", "脱产", "缺训", "市委组织部", ""),
    (FENG, "中青年干部班", "2024-03-01", "2024-06-30", "100.0", "脱产", "结业", "", ""),
    (FENG, "处级任职班", "2022-03-01", "2022-03-31", "80", "脱产", "结业", "", ""),
    (CHEN, "能力提升班", "2026-06-01", "2026-06-05", "30", "脱产", "未结业", "", ""),
    (CHEN, "能力提升二期", "2026-08-03", "2026-08-07", "30", "脱产", "结业", "", ""),
    (SHEN, "初任班", "2026-11-30", "2026-12-04", "40", "脱产", "结业", "", ""),
    (JIANG, ONLINE, "2026-08", "2026-08", "3.06", "网络", "", "", ""),
    # Refused: nobody of this number, a person whose own row was refused, no such form, hours below nothing, an end before the beginning
    (identity(1990, 1, 301), "别人的班", "2026-01-01", "2026-01-02", "8", "脱产", "", "", ""),
    (QIN, "春季进修班", "2026-03-02", "2026-03-13", "40", "脱产", "结业", "", ""),
    (WANG, "奇怪的班", "2026-01-01", "2026-01-02", "8", "函授", "", "", ""),
    (WANG, "负数班", "2026-01-01", "2026-01-02", "-8", "脱产", "", "", ""),
    (WANG, "倒置班", "2026-02-03", "2026-02-01", "8", "脱产", "", "", ""),
)
REFUSED_IN_HISTORY, DOUBTFUL_IN_HISTORY = 5, 1

POLICY = """[policy]
code = "yunlan-2026"
in_force_from = 2026-01-01
[[rule]]
code = "annual"
title = "年度集中培训"
ranks = ["乡科级正职", "乡科级副职", "一级主任科员"]
window = "year"
hours = 40
channels = ["offjob", "concentrated", "study_group"]
caps = { study_group = 8 }
prorate = "join"
[[rule]]
code = "five"
title = "五年集中培训"
ranks = ["县处级正职", "县处级副职"]
window = "five_years"
block_start = 2023
hours = 550
channels = ["offjob", "concentrated"]
[[rule]]
code = "online"
title = "年度网络自学"
ranks = ["乡科级正职", "乡科级副职"]
window = "year"
hours = 10
channels = ["online"]
"""


@dataclass(frozen=True)
class Handed:
    """The files that were written."""

    roster: Path
    classes: Path
    history: Path
    policy: Path

    def options(self) -> list[str]:
        """As the command wants them."""
        names = ("roster", "classes", "history", "policy")
        return [word for name in names for word in (f"--{name}", str(getattr(self, name)))]


def hand_in(folder: Path, seed: int | None = None) -> Handed:
    """Write all four; with a ``seed`` the data rows of each stand in another order."""
    random = Random(seed) if seed is not None else None
    handed = Handed(*(folder / name for name in ("花名册.xlsx", "班次计划.xlsx", "培训记录.csv", "policy.toml")))
    write_roster(handed.roster, _shuffled(ROSTER, random))
    write_classes(handed.classes, _shuffled(CLASSES, random), _shuffled(QUOTAS, random))
    write_history(handed.history, _shuffled(HISTORY, random))
    handed.policy.write_text(POLICY, encoding="utf-8-sig")
    return handed


def _shuffled(rows: Sequence[Row], random: Random | None) -> Sequence[Row]:
    return random.sample(rows, len(rows)) if random else rows


def write_roster(path: Path, rows: Sequence[Row]) -> None:
    """A merged title, a blank row, a note; the heading again in the middle, a row said twice, a total and a signature; a smaller second sheet."""
    half = len(rows) // 2
    body = [
        *rows[:half],
        ROSTER_HEADING,
        *rows[half:],
        (),
        TWICE,
        ("", "合计", "", f"{len(rows)}人"),
        ("填表人：张某", "", "审核："),
    ]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("在职人员")
        sheet.merge_range(0, 0, 0, len(ROSTER_HEADING) - 1, ROSTER_TITLE)
        sheet.write_string(2, 0, "单位：中共云岚市委组织部")
        _write_rows(sheet, 3, [ROSTER_HEADING, *body])
        sheet.set_row(5, None, None, {"hidden": True})
        _write_rows(
            book.add_worksheet("说明"), 0, [("姓名", "身份证号", "单位", "职务层次"), ("样例", "请填写", "", "")]
        )


def write_classes(path: Path, rows: Sequence[Row], quotas: Sequence[Row]) -> None:
    with xlsxwriter.Workbook(path) as book:
        _write_rows(
            book.add_worksheet("名额分配"), 0, [("调训名额分配表",), QUOTA_HEADING, *quotas, ("合计", "", 4, 4)]
        )
        _write_rows(
            book.add_worksheet("班次计划"), 0, [("2026年度班次计划",), (), CLASS_HEADING, *rows, ("共6个班次",)]
        )


def write_history(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([("培训记录",), HISTORY_HEADING, *rows, HISTORY[0]])


def write_sheet(path: Path, rows: Sequence[Row], name: str = "Sheet1") -> Path:
    """A plain workbook of one sheet."""
    return write_sheets(path, {name: rows})


def write_sheets(path: Path, sheets: Mapping[str, Sequence[Row]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            _write_rows(book.add_worksheet(name), 0, rows)
    return path


def _write_rows(sheet: xlsxwriter.worksheet.Worksheet, top: int, rows: Sequence[Row]) -> None:
    for number, row in enumerate(rows, start=top):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write_number(number, column, cell)
