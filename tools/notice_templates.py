"""Make the Word templates of the 调训通知 and the 学员名册 anew: ``python tools/notice_templates.py``. Officers edit copies of them in Word.

The layout follows the habits of official letters (GB/T 9704): A4, title in 小标宋 22 pt, text in 仿宋 16 pt with 28 pt lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

PACKAGE = Path(__file__).resolve().parent.parent / "zhixing"
TITLE, HEADING, TEXT = "方正小标宋简体", "黑体", "仿宋_GB2312"
STAMP = dt.datetime(2000, 1, 1)  # noqa: DTZ001  the format knows no zone


def new_paper() -> Paper:
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    properties = paper.core_properties
    properties.author, properties.title, properties.comments = "", "调训通知", ""
    properties.created = properties.modified = STAMP
    return paper


def write(paragraph: Paragraph, text: str, font: str = TEXT, size: float = 16, bold: bool = False) -> Paragraph:
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.font.bold = font, Pt(size), bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return paragraph


def line(paper: Paper, text: str = "", font: str = TEXT, *, indent: bool = True, right: bool = False) -> Paragraph:
    paragraph = paper.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = Pt(32)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        shape.right_indent = Pt(32)
    return write(paragraph, text, font) if text else paragraph


def fact(paper: Paper, heading: str, text: str) -> None:
    write(line(paper, heading, HEADING), text)


def title(paper: Paper, text: str) -> None:
    paragraph = paper.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(28)
    write(paragraph, text, TITLE, 22)


def new_page(paper: Paper) -> None:
    paper.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def table(paper: Paper, columns: Sequence[tuple[str, str, float]]) -> None:
    """(heading, field of ``row``, width in mm): the head is repeated on each page, and one row per person is filled in."""
    grid = paper.add_table(rows=4, cols=len(columns))
    grid.style = "Table Grid"
    grid.autofit = False
    marks = ("", "{%tr for row in rows %}", "", "{%tr endfor %}")
    for place, (heading, name, width) in enumerate(columns):
        texts = (
            heading,
            marks[1] if place == 0 else "",
            "{{ row." + name + " }}" if name else "",
            marks[3] if place == 0 else "",
        )
        for at, text in enumerate(texts):
            cell = grid.cell(at, place)
            cell.width = Mm(width)
            fill(cell, text, HEADING if at == 0 else TEXT)
    head = grid.rows[0]._tr.get_or_add_trPr()
    head.append(head.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))


def fill(cell: _Cell, text: str, font: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(paragraph, text, font, 11)


def ending(paper: Paper) -> None:
    line(paper)
    line(paper, "{{ issuer }}", right=True)
    line(paper, "{{ issued_on }}", right=True)


def class_run_notice() -> Paper:
    paper = new_paper()
    title(paper, "关于选调干部参加“{{ class_name }}”培训的通知")
    line(paper, "各有关单位：", indent=False)
    line(
        paper,
        "根据{{ year }}年度干部教育培训计划，经研究，决定举办“{{ class_name }}”，并选调有关同志参训。现将有关事项通知如下：",
    )
    fact(paper, "一、培训时间  ", "{{ first }}至{{ last }}，共{{ days }}天，{{ hours }}学时。")
    fact(paper, "二、培训地点  ", "{{ place }}{% if institution %}，由{{ institution }}承办{% endif %}。")
    fact(paper, "三、参训人员  ", "共{{ count }}人，名单见附件。")
    fact(
        paper,
        "四、回执报送  ",
        "请于{{ reply_by }}前通过系统确认参训。确因特殊情况不能参训的，须说明理由并附证明材料，"
        "经审批同意后方可请假；请假未训的列入补训。确需更换人选的，由单位提出并报审批，不得自行调换。",
    )
    fact(paper, "五、有关要求  ", "请各单位妥善安排工作，保证参训人员按时报到、全程参训、遵守学习纪律。")
    line(paper, "{%p for text in instructions %}")
    line(paper, "{{ text }}")
    line(paper, "{%p endfor %}")
    line(paper, "联系人：{{ contact }}  联系电话：{{ phone }}")
    line(paper, "附件：“{{ class_name }}”参训人员名单")
    ending(paper)
    new_page(paper)
    line(paper, "附件", HEADING, indent=False)
    title(paper, "“{{ class_name }}”参训人员名单")
    table(
        paper,
        (
            ("序号", "number", 12),
            ("姓名", "name", 24),
            ("单位", "unit", 44),
            ("职务", "title", 36),
            ("职务层次或职级", "rank", 26),
            ("备注", "remark", 16),
        ),
    )
    return paper


def unit_notice() -> Paper:
    paper = new_paper()
    title(paper, "调训通知")
    line(paper, "{{ unit_name }}：", indent=False)
    line(
        paper,
        "根据{{ year }}年度干部教育培训计划，经研究，选调你单位{{ people }}名同志参加培训，共{{ count }}人次，名单附后。",
    )
    line(
        paper,
        "请通知本人，并于{{ reply_by }}前通过系统确认参训。确因特殊情况不能参训的，须说明理由并附证明材料，"
        "经审批同意后方可请假；请假未训的列入补训。确需更换人选的，由你单位提出并报审批，不得自行调换。",
    )
    line(paper, "请妥善安排工作，保证参训人员按时报到、全程参训、遵守学习纪律。")
    line(paper, "联系人：{{ contact }}  联系电话：{{ phone }}")
    line(paper, "附件：1.参训人员名单  2.回执")
    ending(paper)
    new_page(paper)
    line(paper, "附件1", HEADING, indent=False)
    title(paper, "参训人员名单")
    table(
        paper,
        (
            ("序号", "number", 11),
            ("姓名", "name", 21),
            ("职务", "title", 30),
            ("职务层次或职级", "rank", 24),
            ("班次", "class_name", 36),
            ("培训时间", "dates", 24),
            ("备注", "remark", 14),
        ),
    )
    new_page(paper)
    line(paper, "附件2", HEADING, indent=False)
    title(paper, "回  执")
    table(
        paper,
        (
            ("序号", "number", 11),
            ("姓名", "name", 22),
            ("班次", "class_name", 45),
            ("参训/请假/更换", "", 28),
            ("理由或更换人选", "", 32),
            ("本人签名", "", 22),
        ),
    )
    line(paper)
    line(paper, "单位（盖章）：{{ unit_name }}", indent=False)
    line(paper, "联络员：                联系电话：                日期：", indent=False)
    return paper


def class_list() -> Paper:
    paper = new_paper()
    paper.core_properties.title = "学员名册"
    title(paper, "{{ class_name }}学员名册")
    line(paper, "{{ days }}，共{{ rows|length }}人", indent=False)
    table(
        paper,
        (
            ("序号", "number", 11),
            ("小组", "group", 17),
            ("姓名", "name", 22),
            ("单位", "unit", 44),
            ("职务", "title", 34),
            ("班级职务", "post", 28),
        ),
    )
    return paper


def main() -> None:
    papers = (
        ("callups/papers/class_run", class_run_notice()),
        ("callups/papers/unit", unit_notice()),
        ("classwork/papers/class_list", class_list()),
    )
    for name, paper in papers:
        paper.save(str(PACKAGE / f"{name}.docx"))


if __name__ == "__main__":
    main()
