"""A whole invented city as an officer's three spreadsheets, of any size: what the measuring runs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import xlsxwriter

from zhixing.engine.sheets.identity import check_digit

REGION = "990100"
"""No area code begins with 99: these ID numbers belong to nobody."""
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志远文博"
RANKS = (
    "县处级正职",
    "县处级副职",
    "乡科级正职",
    "乡科级副职",
    "一级主任科员",
    "三级主任科员",
    "四级主任科员",
    "二级科员",
)
SHARES = (2, 6, 14, 18, 16, 18, 16, 10)
SHAPES = ("{:%Y.%m}", "{:%Y-%m-%d}", "{:%Y年%m月}", "{:%Y%m}", "{:%Y/%m/%d}")
TARGETS = ("县处级", "县处级副职", "乡科级", "乡科级正职、一级主任科员", "一至四级主任科员", "四级主任科员、二级科员")
WAYS = ("脱产", "集中", "网络", "网络", "中心组", "自学")
THEMES = ("理论学习", "依法行政", "基层治理", "数字政府", "应急管理", "乡村振兴", "党性教育", "财政金融")


@dataclass(frozen=True)
class City:
    """How large: ``records`` is the number of history rows."""

    people: int = 30_000
    units: int = 400
    classes: int = 180
    records: int = 450_000
    seed: int = 1


@dataclass(frozen=True)
class Books:
    roster: Path
    classes: Path
    history: Path


def id_number(born: dt.date, serial: int) -> str:
    body = f"{REGION}{born:%Y%m%d}{serial:03d}"
    return body + check_digit(body)


def write_city(folder: Path, city: City) -> Books:
    """Write the three books; the same ``city`` gives the same cells."""
    random = Random(city.seed)
    units = [f"云岚市第{number + 1}局" for number in range(city.units)]
    books = Books(folder / "花名册.xlsx", folder / "班次.xlsx", folder / "培训记录.xlsx")
    people = list(_people(random, city, units))
    _write(books.roster, {"在职人员": (_ROSTER, people)}, title="云岚市公务员花名册")
    classes = list(_classes(random, city))
    _write(books.classes, {"班次计划": (_CLASSES, classes), "分配名额": _quotas(random, units, classes)})
    keys = [str(row[1]) for row in people]
    _write(books.history, {"培训记录": (_HISTORY, _records(random, city, keys))})
    return books


_ROSTER = "姓名 身份证号 单位 内设机构 职务 职务层次 职级 性别 出生年月 任现职时间 参加工作时间 状态 手机号".split()
_CLASSES = "班次名称 开始日期 结束日期 人数上限 人数下限 培训对象 主办单位 承办机构 学时 培训方式 主题 地点".split()
_HISTORY = "身份证号 班次名称 开始日期 结束日期 学时 培训方式 结果 主办单位 培训机构 证书编号".split()
Row = Sequence[object]


def _write(path: Path, sheets: dict[str, tuple[Sequence[str], Iterable[Row]]], title: str = "") -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        for name, (headings, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            top = 1 if title else 0
            if title:
                sheet.write_string(0, 0, title)
            sheet.write_row(top, 0, headings)
            for number, row in enumerate(rows, start=top + 1):
                sheet.write_row(number, 0, row)


def _people(random: Random, city: City, units: Sequence[str]) -> Iterator[Row]:
    first = dt.date(1966, 1, 1)
    for number in range(city.people):
        born = first + dt.timedelta(days=number % 12_000)
        identity = id_number(born, number // 12_000 * 2 + 101)
        rank = random.choices(RANKS, SHARES)[0]
        began = born.replace(day=1, year=born.year + 23)
        took = dt.date(random.randint(began.year, 2026), random.randint(1, 6), 1)
        yield [
            random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(["", random.choice(GIVEN)]),
            identity,
            units[min(int(random.expovariate(4 / city.units)), city.units - 1)],
            random.choice(["办公室", "人事科", "综合科", "法规科"]),
            "科长" if rank.startswith("乡科") else "",
            rank if "职" in rank else "",
            "" if "职" in rank else rank,
            "男",
            random.choice(SHAPES).format(born),
            random.choice(SHAPES).format(took),
            random.choice(SHAPES).format(began),
            random.choices(["在职", "", "离岗", "借调", "退休"], [60, 35, 2, 2, 1])[0],
            f"139{number:08d}",
        ]


def _classes(random: Random, city: City) -> Iterator[Row]:
    for number in range(city.classes):
        starts = dt.date(2026, 1, 5) + dt.timedelta(days=7 * random.randrange(50))
        days = random.choice([3, 5, 5, 10, 12, 26, 40])
        ends = starts + dt.timedelta(days=days - 1)
        most = random.choice([30, 40, 50, 60, 80])
        yield [
            f"{random.choice(THEMES)}专题培训班第{number + 1}期",
            f"{starts:%Y-%m-%d}", f"{ends:%Y-%m-%d}", most, most * 2 // 3, random.choice(TARGETS),
            "云岚市委组织部", "云岚市委党校", days * 6, "脱产", random.choice(THEMES), "云岚市",
        ]  # fmt: skip


def _quotas(random: Random, units: Sequence[str], classes: Sequence[Row]) -> tuple[Sequence[str], Iterable[Row]]:
    """A third of the classes have a column; half of the units a number in it."""
    names = [str(row[0]) for row in classes[::3]]
    rows = [[unit, *(random.choice(["", random.randint(1, 4)]) for _ in names)] for unit in units]
    return ["单位", *names], rows


def _records(random: Random, city: City, keys: Sequence[str]) -> Iterator[Row]:
    for number in range(city.records):
        starts = dt.date(2021, 1, 4) + dt.timedelta(days=random.randrange(2_100))
        way = random.choice(WAYS)
        yield [
            keys[number % len(keys)],
            f"{starts.year}年{random.choice(THEMES)}{'培训班' if way != '自学' else '读书'}{number % 97}",
            f"{starts:%Y-%m-%d}", f"{starts + dt.timedelta(days=4):%Y-%m-%d}",
            random.choice([6, 8, 12, 16, 24, 30, 40]), way, random.choices(["结业", "", "未结业"], [70, 28, 2])[0],
            "云岚市委组织部", "云岚市委党校", f"ZS{number:07d}",
        ]  # fmt: skip
