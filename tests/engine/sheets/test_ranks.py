"""Ranks, grades and whom a class is for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.sheets.ranks import GRADES, RANKS, canonical, ranks_in_post, read_ranks, read_target


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("正处级", "县处级正职"),
        ("正县级", "县处级正职"),
        ("副处级", "县处级副职"),
        ("副县级", "县处级副职"),
        ("副县", "县处级副职"),
        ("正科级", "乡科级正职"),
        ("正科", "乡科级正职"),
        ("副科级", "乡科级副职"),
        ("副科", "乡科级副职"),
        ("正厅级", "厅局级正职"),
        ("副局级", "厅局级副职"),
        ("县（处）级正职", "县处级正职"),
        (" 正 处 级 ", "县处级正职"),
        ("正科级干部", "乡科级正职"),
        ("一级主任科员（乡科级）", "一级主任科员"),
        ("１级主任科员", "一级主任科员"),
        ("四级 调研员", "四级调研员"),
        ("科员级", "科员"),
    ],
)
def test_a_rank_has_many_names(word: str, name: str) -> None:
    assert canonical(word) == name


@pytest.mark.parametrize("word", ["县处级", "特级", "五级调研员", "享受正处级待遇", "调研员", ""])
def test_a_word_that_names_no_single_rank_is_not_guessed(word: str) -> None:
    assert canonical(word) is None


def test_a_cell_may_hold_a_rank_and_a_grade_but_not_two_ranks() -> None:
    assert read_ranks("县处级副职/四级调研员") == ("县处级副职", "四级调研员")
    assert read_ranks("副处级、副县级") == ("县处级副职", "")
    assert read_ranks("正处级、副处级") is None
    assert read_ranks("一级调研员、二级调研员") is None


@given(st.sampled_from([*RANKS, *GRADES]))
def test_a_canonical_name_stands_for_itself(name: str) -> None:
    assert canonical(name) == name
    assert read_target(name).ranks == (name,)


BOTH = ("县处级正职", "县处级副职")
SECTION = ("乡科级正职", "乡科级副职")


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("县处级正职、县处级副职", BOTH),
        ("县处级副职，正处级", BOTH),
        ("县处级正职;县处级副职", BOTH),
        ("县处级正职/县处级副职", BOTH),
        ("县处级正职及县处级副职", BOTH),
        ("县处级正职和副处级", BOTH),
        ("县处级正职\n县处级副职", BOTH),
        ("县处级", BOTH),
        ("县（处）级干部", BOTH),
        ("县处级正、副职", BOTH),
        ("县处级（正职、副职）", BOTH),
        ("正副处级领导干部", BOTH),
        ("科级干部", SECTION),
        ("县处级副职（含四级调研员）", ("县处级副职", "四级调研员")),
        ("一、二级巡视员", GRADES[:2]),
        ("一级至四级主任科员", GRADES[6:10]),
        ("一至四级主任科员", GRADES[6:10]),
        ("一级主任科员-三级主任科员", GRADES[6:9]),
        ("县处级副职至乡科级正职", RANKS[7:9]),
        ("县处级及以上", RANKS[:8]),
        ("乡科级正职以下", RANKS[8:]),
        ("四级调研员及以上", GRADES[:6]),
        ("乡科级及四级主任科员以上", (*SECTION, *GRADES[:10])),
        ("各级调研员", GRADES[2:6]),
        ("全体干部", (*RANKS, *GRADES)),
    ],
)
def test_whom_a_class_is_for(text: str, ranks: tuple[str, ...]) -> None:
    target = read_target(text)
    assert target.unknown == ()
    assert target.ranks == ranks


def test_a_cell_of_thousands_of_steps_is_read_in_a_moment() -> None:
    """Searched for without an end, this took a quarter of a minute."""
    assert read_target("一、" * 16_000).ranks == ()


def test_what_is_not_understood_is_named() -> None:
    assert read_target("县处级副职、年轻干部").unknown == ("年轻干部",)
    assert read_target("县处级副职至四级调研员").unknown == ("县处级副职至四级调研员",)
    assert read_target("县处级正职 新提任 干部").unknown != ()


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("财政局副局长（副处级）", ("县处级副职", "")),
        ("财政局党组成员、副局长（副县级），四级调研员", ("县处级副职", "四级调研员")),
        ("办公室 4级主任科员", ("", "四级主任科员")),
        ("市委组织部正科级干部", ("乡科级正职", "")),
        ("副局长", ("", "")),
        ("县处级副职领导干部", ("县处级副职", "")),
        ("市检测中心（正科级）主任", ("", "")),
        ("原一级调研员", ("", "")),
        ("局长（享受正处级待遇）", ("", "")),
        ("副县长（挂职）", ("", "")),
        ("局长（正处级）、中心主任（正科级）", ("", "")),
        ("一级调研员、二级调研员", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_post_says_its_rank_only_beyond_doubt(post: str, said: tuple[str, str]) -> None:
    assert ranks_in_post(post) == said
