"""Silent cleaning, and which sheet is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.sheets.cells import Number, Sheet, bare, clean, largest, said, without_brackets
from zhixing.engine.sheets.secrecy import secrecy_marking


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  市委　办公室\n", "市委 办公室"),
        ("'00123", "00123"),
        ('="00123"', "00123"),
        ("ＡＢ１２", "AB12"),
        ("\ufeff张三\u200b", "张三"),
        ("张三", "张三"),
        ("（党校）", "（党校）"),
    ],
)
def test_cleaning_takes_off_what_nobody_meant(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


@given(st.text(max_size=30))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_a_number_stays_a_number() -> None:
    assert isinstance(clean(Number("1985.1")), Number)


@pytest.mark.parametrize("text", ["无", "/", "—", " - ", "#N/A", ""])
def test_some_words_say_nothing(text: str) -> None:
    assert said(text) == ""


def test_words_are_compared_without_width_space_and_remarks() -> None:
    assert bare("身份证 号码（必填）") == "身份证号码(必填)"
    assert without_brackets("一级主任科员（乡科级）") == "一级主任科员"


def test_the_largest_visible_sheet_is_read() -> None:
    small = Sheet("说明", [["填表说明"]])
    large = Sheet("名册", [["姓名", ""], ["张三", "李四"]])
    hidden = Sheet("字典", [["甲"] * 9], hidden=True)
    assert largest([small, large, hidden]) is large
    assert largest([hidden]) is hidden


@pytest.mark.parametrize("text", ["秘密", "机密★5年", "绝密★", "密级：秘密", "秘密★长期"])
def test_a_secrecy_marking_is_seen(text: str) -> None:
    assert secrecy_marking(Sheet("S", [["", text], ["姓名"]])) in {"秘密", "机密", "绝密"}
    assert secrecy_marking(Sheet("S", [["姓名"], *[["张三"]] * 50, [text]]))


@pytest.mark.parametrize("text", ["保密局", "国家保密局 保密干部", "机密室", "秘密工作处副处长"])
def test_words_about_secrecy_are_no_marking(text: str) -> None:
    assert secrecy_marking(Sheet("S", [[text]])) == ""
