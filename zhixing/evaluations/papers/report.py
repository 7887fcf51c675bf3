"""The report of a class run (班次质量评估报告), one page A4: the same sentences as PDF and as Word. Papers are Chinese whatever the language of the pages."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.utils import translation

from zhixing.base.documents import render_pdf, render_png
from zhixing.engine.indicators.facts import Fact
from zhixing.engine.questionnaires import Mean, Per
from zhixing.evaluations import comparing_words, rules, soundness_words
from zhixing.evaluations.queries.report import Item, Report
from zhixing.evaluations.queries.results import Hidden
from zhixing.people.models import Account

FOLDER = Path(__file__).parent
MADE: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001  Word knows no zone
REMARKS_MOST, REMARK_MOST, ITEM_MOST = 5, 48, 18
"""Remarks quoted, characters of each, and of the name of a question: more would not fit on the page, and is on that of the results."""
FACT_WORDS: Final = {
    Fact.ATTENDANCE: "出勤学时占应到学时",
    Fact.COMPLETION: "结业人数占应结业人数",
    Fact.SEATS_FILLED: "调训人数占计划名额",
    Fact.REGISTERS: "课次考勤已核定",
    Fact.INTERACTIVE: "讲授以外的学时",
    Fact.LEADERS: "领导干部授课学时",
}
NOTE: Final = (
    "圆点为均分，横线为 95% 区间：换一批同类学员来评，均分大致落在这个范围；区间重叠的，分不出高低。校正均分扣除了答卷少带来的偶然高低。"
    "只与制表人有权查看的班次比较，换人制表，校正均分和名次可能不同。答卷匿名，不足规定份数的一律不列。本报告由系统根据答卷和考勤生成，只供参考，结论由审定人作出。"
)


def facts_of(report: Report, on: dt.date) -> dict[str, Any]:
    """Everything that both papers say, as plain values."""
    with translation.override("zh-hans"):
        run, survey = report.class_run, report.survey
        school = run.institution.name if run.institution else run.institution_name
        about = [f"{run.starts_on}至{run.ends_on}", f"{run.tenths / 10:g} 学时", school, survey.version.form.title]
        return {
            "title": f"{run.name}质量评估报告",
            "about": "　".join(filter(None, [*about, f"制表 {on}"])),
            "sentences": list(_sentences(report)),
            "chart_title": "总分、各部分和得分最高、最低的题",
            "rows": list(_rows(report)),
            "left_out": _left_out(report),
            "facts": [[FACT_WORDS[fact], f"{float(figure.percent):.0f}%"] for fact, figure in report.facts.items()]
            or [["没有考勤和结业记录", "—"]],
            "groups": _groups(report),
            "groups_note": _groups_note(report),
            "remarks": list(_remarks(report)),
            "note": NOTE,
        }


def _said(mean: Mean) -> str:
    return f"{mean.mean:.1f}"


def _range(mean: Mean) -> str:
    return "" if mean.low is None or mean.high is None else f"{mean.low:.1f}–{mean.high:.1f}"


def _sentences(report: Report) -> Iterator[str]:
    survey, total = report.survey, report.total
    yield (
        f"收回答卷 {survey.answered} 份（应答 {survey.invited} 份，{survey.percent}%），总分 {_said(total)}，"
        f"95% 区间 {_range(total)}。"
    )
    yield _standing(report)
    if report.parted:
        yield f"做得好的：{_named(report.best)}。"
        yield f"不足的：{_named(report.worst)}。"
    elif report.best:
        yield (
            f"各题得分相近：最高的“{_short(report.best[0].text, ITEM_MOST)}”（{_said(report.best[0].mean)}）与"
            f"最低的“{_short(report.worst[0].text, ITEM_MOST)}”（{_said(report.worst[0].mean)}）区间重叠，分不出高低，不宜据此说哪里好、哪里不足。"
        )
    if report.sound:
        yield from _sound(report)


def _standing(report: Report) -> str:
    one, all_ = report.stood, report.compared.best
    if one is None or all_ is None:
        alone = any(lone.level == str(report.class_run.pk) for lone in report.compared.alone)
        why = "本班次是唯一使用该版问卷的班次，无从比较。" if alone else ""
        why = why or comparing_words.why_not(report.compared) or "本班次的问卷不在可比之列。"
        return f"不与{_scope(report.reader)}同年用同一问卷的班次比较：{why}"
    others, like = len(all_.stood) - 1, all_.others(one)
    plain = report.compared.plain.at(one.level) if report.compared.plain and report.compared.mixed else None
    shrunken = f"，收缩均分 {plain.corrected:.1f}（{plain.low:.1f}–{plain.high:.1f}）" if plain else ""
    name = "对象构成校正均分" if plain else "收缩均分"
    said = (
        f"与{_scope(report.reader)}同年 {others} 个可比班次相比：原始均分 {one.raw:.1f}{shrunken}，{name} {one.corrected:.1f}（{one.low:.1f}–{one.high:.1f}），"
        f"可能的名次 {one.rank_low}–{one.rank_high}"
    )
    if like == others:
        return f"{said}；与其他班次都分不出高低。"
    return f"{said}；与其中 {like} 个分不出高低，与 {others - like} 个分得出。"


def _scope(reader: Account) -> str:
    """Among which class runs this one is placed: those that whoever prints the report may see."""
    if reader.is_class_head:
        return "制表人所带的"
    return "全市" if reader.sees_the_city or reader.scope_unit is None else f"“{reader.scope_unit.name}”范围内"


def _named(items: Sequence[Item]) -> str:
    return "、".join(f"{_short(one.text, ITEM_MOST)}（{_said(one.mean)}，{_range(one.mean)}）" for one in items)


def _sound(report: Report) -> Iterator[str]:
    sound = report.sound
    assert sound is not None
    questions, sheets = soundness_words.sentences(sound)
    if sound.all_.alpha is not None:
        omega = "" if sound.all_.omega is None else f"，ω {sound.all_.omega:.2f}"
        questions = f"一致性系数 α {sound.all_.alpha:.2f}（{sound.all_.alpha_low:.2f}–{sound.all_.alpha_high:.2f}）{omega}：{questions}"
    yield questions
    if sound.aside and sound.total:
        sheets = f"{sheets}占全部答卷 {100 * sound.aside_share:.0f}%，全部答卷均分 {_said(sound.total)}。"
    yield sheets


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    """Of the chart: the total, the blocks, and the questions named."""
    yield _row("总分", report.total, strong=True)
    for block in report.results.blocks:
        if block.mean:
            yield _row(f"{_short(block.title, ITEM_MOST)}（{block.weight}%）", block.mean)
    for one in [*report.best, *reversed(report.worst)]:
        yield _row(_short(one.text, ITEM_MOST), one.mean)


def _row(label: str, mean: Mean, *, strong: bool = False) -> dict[str, Any]:
    low, high = (mean.mean if end is None else end for end in (mean.low, mean.high))
    drawn = {"mean": mean.mean, "low": low, "high": high}
    return {"label": label, "said": _said(mean), "range": _range(mean), "strong": strong, **drawn}


def _left_out(report: Report) -> str:
    """Which questions about the whole and which blocks have no figure, and why; empty where all have one."""
    about = [
        (outcome.number, tally.hidden)
        for block in report.results.blocks
        for outcome in block.outcomes
        for tally in outcome.tallies
        if tally.hidden and outcome.item.is_scored and outcome.item.per is Per.FORM
    ]
    few, given = (list(dict.fromkeys(number for number, why in about if why is one)) for one in Hidden)
    blocks = [_short(block.title, ITEM_MOST) for block in report.results.blocks if block.hidden]
    parts = [f"第 {'、'.join(few)} 题作答不足 {rules.in_force().least} 人"] if few else []
    names = ([f"第 {'、'.join(given)} 题"] if given else []) + [f"“{one}”部分" for one in blocks]
    if names:
        parts.append(f"{'、'.join(names)}与其他数字相减可推算少数人的回答")
    return f"未列：{'；'.join(parts)}。这些题不参加最高、最低的比较。" if parts else ""


def _groups(report: Report) -> list[list[str]]:
    if report.groups is None:
        return []
    return [
        [
            one.survey.get_group_display(),
            f"{one.weight}%",
            str(one.n) if one.mean else "太少",
            _said(one.mean) if one.mean else "—",
        ]
        for one in report.groups.groups
    ]


def _groups_note(report: Report) -> str:
    found = report.groups
    if found is None or found.total is None:
        return ""
    scaled = "" if found.of_weight == 100 else f"（有结果的主体占 {found.of_weight}%，按比例放大）"
    return f"按权重合成 {found.total:.1f}{scaled}"


def _remarks(report: Report) -> Iterator[str]:
    """As the page of the results shows them, the first of their random order; each shortened."""
    texts = [text for block in report.results.blocks for outcome in block.outcomes for text in outcome.texts]
    for text in texts[:REMARKS_MOST]:
        yield _short(" ".join(text.split()), REMARK_MOST)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def report_pdf(report: Report, on: dt.date) -> bytes:
    return render_pdf(FOLDER / "report.typ", facts_of(report, on))


def report_word(report: Report, on: dt.date) -> bytes:
    """The same as Word, with the chart as a picture that has its figures as its text alternative."""
    from docx import Document  # here: the web server starts without it
    from docx.shared import Mm

    facts = facts_of(report, on)
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(14)
    properties = paper.core_properties
    properties.author, properties.title, properties.comments = "", facts["title"], ""
    properties.created = properties.modified = MADE
    _write(paper, facts["title"], size=16, bold=True, middle=True)
    _write(paper, facts["about"], size=9, middle=True)
    _head(paper, "结论")
    for number, one in enumerate(facts["sentences"], start=1):
        _write(paper, f"{number}. {one}")
    _head(paper, facts["chart_title"])
    picture = paper.add_picture(io.BytesIO(render_png(FOLDER / "report_chart.typ", facts)), width=Mm(160))
    told = "；".join(f"{row['label']} {row['said']}（{row['range']}）" for row in facts["rows"])
    picture._inline.docPr.set("descr", told)
    if facts["left_out"]:
        _write(paper, facts["left_out"], size=9)
    _head(paper, "办班数据")
    _table(paper, facts["facts"])
    _head(paper, "各方评价")
    _table(paper, [["评价主体", "权重", "答卷", "均分"], *facts["groups"]])
    if facts["groups_note"]:
        _write(paper, facts["groups_note"], size=9)
    if facts["remarks"]:
        _head(paper, "学员意见（摘录，顺序已打乱）")
        for one in facts["remarks"]:
            _write(paper, f"· {one}")
    _write(paper, facts["note"], size=8)
    _write(paper, "审定人：　　　　　　　　　　　　日期：")
    content = io.BytesIO()
    paper.save(content)
    return content.getvalue()


def _head(paper: Any, text: str) -> None:
    _write(paper, text, size=11, bold=True)


def _write(paper: Any, text: str, *, size: float = 10, bold: bool = False, middle: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = paper.add_paragraph()
    if middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = paragraph.paragraph_format
    shape.space_after, shape.line_spacing = Pt(2), 1.0
    _run(paragraph, text, size, bold=bold)


def _run(paragraph: Any, text: str, size: float, *, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, "宋体"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")


def _table(paper: Any, rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    grid = paper.add_table(rows=len(rows), cols=len(rows[0]))
    grid.style = "Table Grid"
    for line, row in zip(grid.rows, rows, strict=True):
        for cell, text in zip(line.cells, row, strict=True):
            _run(cell.paragraphs[0], text, 9)
