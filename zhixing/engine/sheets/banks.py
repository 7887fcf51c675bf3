"""Lists for the resource banks (师资、课程、案例、教学点、教材、经验做法): one row for each thing, whoever keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from zhixing.engine.sheets.cells import Sheet, bare, said
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.engine.sheets.headings import Header, Heading, HeadingTable, cell_at, data_rows, find_header
from zhixing.engine.sheets.identity import without_ids
from zhixing.engine.sheets.readings import Parsed, RowReader

CONTENTS: Final = {
    "theory": "理论 理论教育 党的理论 理论武装 党的创新理论",
    "party_spirit": "党性 党性教育 党性锻炼 党性修养",
    "political": "政治 政治训练 政治能力",
    "ability": "能力 履职能力 业务 专业能力 专业 能力培训 专业化能力",
}
METHODS: Final = {
    "lecture": "讲授 讲授式 专题讲授 课堂讲授 讲座 面授",
    "case": "案例 案例式 案例教学 案例分析",
    "simulation": "模拟 模拟式 情景模拟 沙盘推演 沙盘模拟",
    "site": "现场 现场教学 体验式 现场体验",
    "interview": "访谈 访谈式 互动 访谈互动 访谈式教学",
    "seminar": "研讨 研讨式 分组研讨 研讨交流 结构化研讨",
    "research": "调研 一线调研 实践调研 行动学习",
    "online": "网络 线上 在线 网络教学",
}
LEVELS: Final = {
    "bureau": "厅局级 地厅级 厅级 局级",
    "county": "县处级 处级 县级",
    "section": "乡科级 科级 科级干部",
    "staff": "科员 其他干部 科员及以下 一般干部",
}
GROUPS: Final = {
    "leader": "领导干部",
    "expert": "专家教授 专家 专家学者 教授",
    "school": "党校名师 党校教师 党校",
    "village": "优秀村党组织书记 村党组织书记 村支书 优秀村级党组织书记",
}
FEES: Final = {
    "none": "不计酬 无 不付酬",
    "vice": "副高级及以下 副高级 副高及以下 副高",
    "senior": "正高级 正高",
    "noted": "院士及全国知名专家 院士 全国知名专家 院士、全国知名专家",
}
KINDS: Final = {
    "theory": "理论教材 全国理论教材",
    "cases": "案例选编 案例教材",
    "local": "地方教材 本地教材 校本教材 自编教材",
}

LINE_MOST: Final = 120
"""Characters of a chapter; a longer one is left out, and told."""
Read = Callable[[RowReader, str, "Column"], object]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``read`` says what its cell becomes; ``words`` what it may say (code → words); ``known``: it names things of this kind."""

    heading: Heading
    read: Read
    needed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    known: str = ""

    @property
    def name(self) -> str:
        return self.heading.field


@dataclass(frozen=True, slots=True)
class BankRow:
    """``facts``: what the row says, by field; a blank cell says nothing. ``keeper``: as written, blank for the own one."""

    sheet: str
    row: int
    name: str
    keeper: str
    facts: Mapping[str, Any]


def _text(reader: RowReader, name: str, column: Column) -> object:
    return reader.text(name, needed=column.needed)


def _choice(reader: RowReader, name: str, column: Column) -> object:
    text = reader.text(name, needed=column.needed)
    if not text:
        return ""
    code = _code(text, column.words)
    if code is None:
        blame = reader.refuse if column.needed else reader.doubt
        blame(name, Fault.NOT_AMONG, _first_words(column))
    return code or ""


def _choices(reader: RowReader, name: str, column: Column) -> object:
    parts = _parts(reader.text(name))
    codes = {part: _code(part, column.words) for part in parts}
    if None in codes.values():
        reader.doubt(name, Fault.NOT_AMONG, _first_words(column))
    return list(dict.fromkeys(code for code in codes.values() if code))


def _hours(reader: RowReader, name: str, column: Column) -> object:
    return reader.hours(name, needed=column.needed)


def _number(reader: RowReader, name: str, _column: Column) -> object:
    text = bare(reader.text(name))
    if not text:
        return None
    shape = re.fullmatch(r"(\d{1,4})(人|分钟|分|年|版)*", text, re.ASCII)
    if shape is None:
        reader.doubt(name, Fault.NUMBER_UNREADABLE)
        return None
    return int(shape[1])


def _names(reader: RowReader, name: str, _column: Column) -> object:
    return _parts(reader.text(name))


def _codes(reader: RowReader, name: str, _column: Column) -> object:
    return sorted(set(_parts(reader.text(name))))


def _lines(reader: RowReader, name: str, _column: Column) -> object:
    """One cell, each chapter a line of its own or behind a semicolon."""
    lines = [line for part in re.split(r"[\n；;]", reader.raw(name)) if (line := said(part))]
    if any(len(line) > LINE_MOST for line in lines):
        reader.doubt(name, Fault.TOO_LONG, (str(LINE_MOST),))
    return [line for line in lines if len(line) <= LINE_MOST]


def _parts(text: str) -> list[str]:
    return list(dict.fromkeys(part for part in re.split(r"[、，,；;/\s]+", text) if part))


def _code(text: str, words: Mapping[str, str]) -> str | None:
    plain = bare(text)
    return next((code for code, said in words.items() if plain in map(bare, said.split())), None)


def _first_words(column: Column) -> tuple[str, ...]:
    return tuple(words.split()[0] for words in column.words.values())


def _column(
    name: str,
    title: str,
    read: Read = _text,
    aliases: str = "",
    *,
    needed: bool = False,
    words: Mapping[str, str] | None = None,
    known: str = "",
    limit: int = 120,
) -> Column:
    return Column(Heading(name, title, aliases, limit=limit), read, needed, words or {}, known)


_KEEPER = _column("institution", "所属机构", aliases="管理单位 所属单位 归口单位 机构 单位 培训机构")
_TOPICS = _column("topics", "主题", _names, "主题词 培训主题 专题", known="topics", limit=300)
_CONTENT = _column("content", "内容板块", _choice, "课程类别 内容类别 板块 类别", needed=True, words=CONTENTS)
_LEVELS = _column("levels", "适用层次", _choices, "适用对象 对象层次 培训对象", words=LEVELS)
BANKS: Final[Mapping[str, tuple[Column, ...]]] = {
    "teachers": (
        _column("name", "姓名", aliases="教师姓名 师资姓名", needed=True, limit=60),
        _column("group", "师资类别", _choice, "类别 教师类别", needed=True, words=GROUPS),
        _KEEPER,
        _column("listed_topics", "主题", _names, "主题词", known="topics", limit=300),
        _column("topics", "擅长方向", aliases="授课方向 专业方向 研究方向 授课专题", limit=200),
        _LEVELS,
        _column("fee_class", "课酬档次", _choice, "课酬标准 讲课费档次 职称", words=FEES),
        _column("chosen_for", "入库理由", aliases="推荐理由 选聘理由", limit=200),
        _column("contact", "联系方式", aliases="联系电话 办公电话", limit=120),
    ),
    "courses": (
        _column("title", "课程名称", aliases="课程 课程题目 题目", needed=True),
        _CONTENT,
        _column("method", "教学方式", _choice, "授课方式 教学方法", words=METHODS),
        _KEEPER,
        _column("tenths", "学时", _hours, "课时"),
        _LEVELS,
        _TOPICS,
        _column("competencies", "能力编码", _codes, "对应能力 能力代码 能力项编码", known="competencies", limit=300),
        _column("teachers", "授课教师", _names, "主讲教师 教师 主讲人", known="teachers", limit=300),
        _column("outline", "课程大纲", aliases="教学大纲 内容提要 课程简介 大纲", limit=4000),
    ),
    "cases": (
        _column("title", "案例名称", aliases="案例题目 案例标题 案例", needed=True),
        _CONTENT,
        _KEEPER,
        _TOPICS,
        _column("source", "来源", aliases="案例来源 素材来源", limit=200),
        _column("summary", "摘要", aliases="内容摘要 案例摘要 简介", limit=2000),
        _column("questions", "思考题", aliases="讨论题 研讨题", limit=2000),
    ),
    "sites": (
        _column("name", "教学点名称", aliases="现场教学点 教学点 基地名称 教学基地", needed=True, limit=80),
        _KEEPER,
        _column("address", "地址", aliases="所在地 地点"),
        _column("seats", "容纳人数", _number, "可容纳人数 接待能力 人数"),
        _column("minutes", "路程（分钟）", _number, "车程 路程 车程分钟"),
        _TOPICS,
        _column("shows", "教学内容", aliases="看点 现场看点 教学主题简介", limit=1000),
        _column("contact", "联系方式", aliases="联系电话", limit=120),
    ),
    "textbooks": (
        _column("title", "教材名称", aliases="书名 教材", needed=True),
        _column("kind", "教材类型", _choice, "类型 教材类别", needed=True, words=KINDS),
        _KEEPER,
        _column("edition", "套系", aliases="批次 版本 丛书", limit=60),
        _column("publisher", "出版社", aliases="出版单位", limit=80),
        _column("year", "出版年份", _number, "出版年 年份"),
        _column("chapters", "章节", _lines, "目录 章节目录", limit=8000),
    ),
    "practices": (
        _column("title", "做法名称", aliases="经验名称 名称 标题 经验做法", needed=True),
        _column("conditions", "适用条件", aliases="推广条件 适用范围", needed=True, limit=2000),
        _KEEPER,
        _column("origin", "首创单位", aliases="来源单位 实施单位"),
        _TOPICS,
        _column("text", "主要做法", aliases="具体做法 做法", limit=4000),
    ),
}
"""The columns of each bank in the order of the blank sheet; the first names the row."""


def headings_of(bank: str) -> HeadingTable:
    columns = BANKS[bank]
    needed = tuple(one.name for one in columns if one.needed)
    return HeadingTable(tuple(one.heading for one in columns), needed, columns[0].name)


def parse_bank(sheet: Sheet, bank: str, known: Mapping[str, Collection[str]]) -> Parsed[BankRow]:
    """Read the list. ``known``: the names that columns of a kind may hold (``topics``, ``teachers``, ``competencies`` by code); others are left out and told.

    Rows of one name and keeper that say different things are all refused, equal ones count once.
    """
    header = find_header(sheet, headings_of(bank))
    if not isinstance(header, Header):
        return Parsed((), tuple(header), refused=True)
    readers, rows = [], []
    for number, cells in data_rows(header):
        bare_cells = [without_ids(cell) for cell in cells]
        reader = RowReader(header, number, bare_cells)
        for name, column in header.columns.items():
            if cell_at(cells, column) != cell_at(bare_cells, column):
                reader.doubt(name, Fault.ID_NOT_KEPT_HERE)
        row = _read_row(reader, bank, known)
        readers.append(reader)
        if not reader.refused:
            rows.append(row)
    kept, contradicted = _settled(rows, header, BANKS[bank][0].name)
    faults = sorted([*(fault for one in readers for fault in one.faults), *contradicted], key=lambda fault: fault.row)
    return Parsed(tuple(kept), tuple(faults), unread=tuple(header.unread))


def _read_row(reader: RowReader, bank: str, known: Mapping[str, Collection[str]]) -> BankRow:
    facts: dict[str, Any] = {}
    for column in BANKS[bank]:
        value = column.read(reader, column.name, column)
        if column.known and isinstance(value, list):
            strange = [one for one in value if one not in known.get(column.known, ())]
            if strange:
                fault = Fault.NO_COMPETENCY if column.known == "competencies" else Fault.NOT_LISTED
                reader.doubt(column.name, fault, tuple(strange))
            value = [one for one in value if one not in strange]
        if value not in ("", None, []):
            facts[column.name] = value
    name = str(facts.get(BANKS[bank][0].name, ""))
    keeper = str(facts.pop("institution", ""))
    return BankRow(reader.header.sheet.name, reader.number, name, keeper, facts)


def _settled(rows: Sequence[BankRow], header: Header, name: str) -> tuple[list[BankRow], list[RowFault]]:
    groups: dict[tuple[str, str], list[BankRow]] = {}
    for row in rows:
        groups.setdefault((bare(row.name), bare(row.keeper)), []).append(row)
    kept, faults = [], []
    for group in groups.values():
        if all(one.facts == group[0].facts for one in group):
            kept.append(group[0])
            continue
        for row in group:
            others = ", ".join(str(one.row) for one in group if one.row != row.row)
            place = (row.sheet, row.row, header.label(name), row.name)
            faults.append(RowFault(*place, Treatment.REFUSED, Fault.ROWS_CONTRADICT, (others,)))
    return kept, faults
