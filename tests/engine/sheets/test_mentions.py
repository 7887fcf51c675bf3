"""Lists of people as officers paste and upload them."""

from __future__ import annotations

import pytest

from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.mentions import Mention, read_lines, read_people


@pytest.mark.parametrize(
    ("line", "mention"),
    [
        ("周文渊 YL001", Mention(1, ("YL001",), ("周文渊",))),
        ("YL001，周文渊", Mention(1, ("YL001",), ("周文渊",))),
        ("3、周文渊\tYL001", Mention(1, ("YL001",), ("周文渊",))),
        ("（12）周文渊", Mention(1, (), ("周文渊",))),
        ("110101199003078515", Mention(1, ("110101199003078515",))),
        ("1001 周文渊", Mention(1, ("1001",), ("周文渊",))),
        ("ＹＬ００１ 周文渊", Mention(1, ("YL001",), ("周文渊",))),
    ],
)
def test_one_line_names_one_person(line: str, mention: Mention) -> None:
    assert read_lines(line).people == (mention,)


def test_names_alone_are_people_each_and_headings_are_passed_over() -> None:
    found = read_lines("序号\t姓名\t工号\n\n周文渊、吴静；郑和\n合计")
    assert [(one.row, one.words) for one in found.people] == [
        (3, ("周文渊",)),
        (3, ("吴静",)),
        (3, ("郑和",)),
        (4, ("合计",)),
    ]


def test_a_sheet_is_read_by_its_headings() -> None:
    sheet = Sheet(
        "名单",
        [
            ["2026年第三批"],
            ["序号", "姓名", "单位", "工号", "拟任职务"],
            ["1", "周文渊", "市财政局", "YL001", "副局长"],
        ],
    )
    assert read_people(sheet).people == (Mention(3, ("YL001",), ("周文渊",)),)


def test_a_narrow_sheet_needs_no_headings() -> None:
    found = read_people(Sheet("名单", [["周文渊", "YL001"], ["吴静", ""]])).people
    assert found == (Mention(1, ("YL001",), ("周文渊",)), Mention(2, (), ("吴静",)))


def test_a_wide_sheet_without_a_key_is_refused_with_its_headings() -> None:
    sheet = Sheet("名单", [["单位", "职务", "日期", "备注", "其他"], ["市财政局", "科长", "2026", "", ""]])
    found = read_people(sheet)
    assert not found.people
    assert found.faults
