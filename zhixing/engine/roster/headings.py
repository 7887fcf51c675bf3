"""The columns of a roster (formats.md §1) under all the names that officers give them."""

from __future__ import annotations

from dataclasses import replace

from zhixing.engine.sheets.headings import Heading, HeadingTable
from zhixing.engine.sheets.words import ID_NAMES, NUMBER_NAMES, UNIT_NAMES

ROSTER = HeadingTable(
    headings=(
        Heading("name", "姓名", "人员姓名 员工姓名 职工姓名 干部姓名 学员姓名", "名字", limit=60),
        Heading("id_number", "身份证号", ID_NAMES, "证件号码 证件号", limit=40),
        Heading("number", "工号", NUMBER_NAMES, "编码 编号", limit=40),
        Heading("sex", "性别", limit=10),
        Heading("born", "出生年月", "出生日期 出生年月日 出生时间 生日", limit=30),
        Heading("unit", "单位", UNIT_NAMES, "机构 机构名称 任职单位", limit=120),
        Heading(
            "department",
            "内设机构",
            "内设机构名称 处室 科室 所在处室 所在科室 所属科室 内设处室 处科室",
            "部门 部门名称 所在部门",
            limit=80,
        ),
        Heading("title", "职务", "现任职务 现职务 职务名称 担任职务 现任领导职务", "岗位 岗位名称", limit=80),
        Heading("rank", "职务层次", "职务级别 行政级别 领导职务层次 现职务层次 职务层级", "级别 干部标识", limit=40),
        Heading("grade", "职级", "现职级 现任职级 公务员职级 职级名称 职级层次", limit=40),
        Heading(
            "rank_since",
            "任现职时间",
            "任现职务时间 现任职务时间 现职务任职时间 任现职年月 任现职日期 任现职务层次时间",
            "任职时间 任职日期",
            limit=30,
        ),
        Heading(
            "grade_since",
            "任现职级时间",
            "任现职级年月 任现职级日期 现职级时间 现职级任职时间 任职级时间 职级时间",
            limit=30,
        ),
        Heading("work_began", "参加工作时间", "参加工作年月 参加工作日期 参工时间", "工作时间", limit=30),
        Heading("category", "人员类别", "人员类型 人员性质 身份类别 编制类型 编制性质", limit=30),
        Heading("phone", "手机号", "手机 手机号码 移动电话", "联系电话 联系方式 电话 电话号码", limit=40),
        Heading("status", "状态", "人员状态 在职状态 在岗状态 在岗情况 任职状态", limit=20),
    ),
    needed=("name", "id_number|number", "unit", "rank|grade"),
)

ROSTER_OF_KNOWN = replace(ROSTER, may_be_blank=frozenset({"unit", "rank", "grade"}))
"""For a roster that is compared with people known: of them a blank cell says nothing, and the comparison asks it of newcomers only."""


def roster_headings() -> tuple[tuple[str, str], ...]:
    """Field and 中文 heading in canonical order: a roster exported under these headings is read back unchanged."""
    return tuple((heading.field, heading.title) for heading in ROSTER.headings)
