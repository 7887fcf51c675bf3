"""Frameworks as Excel: what is exported can be brought in again, and a template shows how."""

from __future__ import annotations

from collections.abc import Sequence

from zhixing.base.tables.write import Column, Table
from zhixing.engine.needs.frameworks import Lines
from zhixing.needs.actions.frameworks import lines_of
from zhixing.needs.models import Framework

KIND_WORDS = {"knowledge": "知识", "quality": "素质", "skill": "能力"}
CONTENT_WORDS = {"theory": "理论教育", "party_spirit": "党性教育", "political": "政治训练", "ability": "能力培训"}
COMPETENCY_TITLES = ("编码", "能力", "上级编码", "类型", "内容板块", "说明")
LEVEL_TITLES = ("编码", "等级", "行为表现")
REQUIRED_TITLES = ("编码", "要求等级", "职务层次", "人员类别", "职务关键词")


def framework_tables(framework: Framework) -> list[Table]:
    """The three sheets of a framework."""
    return _tables(lines_of(framework))


def _tables(lines: Lines) -> list[Table]:
    competencies = [
        (c.code, c.name, c.parent, KIND_WORDS[c.kind], CONTENT_WORDS[c.content], c.description)
        for c in lines.competencies
    ]
    levels = [(one.code, str(one.level), one.behaviour) for one in lines.levels]
    required = [(r.code, str(r.level), "、".join(r.ranks), "、".join(r.categories), r.title) for r in lines.required]
    return [
        _table("能力项", COMPETENCY_TITLES, competencies),
        _table("等级", LEVEL_TITLES, levels),
        _table("岗位要求", REQUIRED_TITLES, required),
    ]


def _table(name: str, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(name, [Column(title) for title in titles], rows)


def template_tables() -> list[Table]:
    """A few lines that can be taken in as they stand."""
    competencies = [
        ("A", "政治能力", "", "素质", "政治训练", "政治判断力、政治领悟力、政治执行力"),
        ("A1", "政治判断力", "A", "素质", "政治训练", "在重大问题上把准政治方向"),
        ("B", "履职能力", "", "能力", "能力培训", ""),
        ("B1", "依法行政", "B", "知识", "能力培训", "掌握并运用本领域法律法规"),
    ]
    levels = [
        ("A1", "1", "了解基本要求，能识别明显的政治偏差"),
        ("A1", "2", "能结合岗位分析政治影响"),
        ("A1", "3", "能在复杂情况下作出正确判断并带动他人"),
        ("B1", "1", "知道本岗位涉及的主要法规"),
        ("B1", "2", "能按法定程序独立办理常见事项"),
        ("B1", "3", "能审查他人办件并纠正程序瑕疵"),
    ]
    required = [
        ("A1", "2", "不限", "", ""),
        ("A1", "3", "县处级正职、县处级副职", "公务员", ""),
        ("B1", "3", "乡科级正职", "", "法规"),
    ]
    return [
        _table("能力项", COMPETENCY_TITLES, competencies),
        _table("等级", LEVEL_TITLES, levels),
        _table("岗位要求", REQUIRED_TITLES, required),
    ]
