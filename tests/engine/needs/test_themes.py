"""Texts in themes: without names, the same each time, and nothing of a few."""

from __future__ import annotations

import pytest

from zhixing.engine.needs.themes import blanked, themes_of

TEXTS = [
    *("信访积案化解缺少办法", "信访接待不知道怎么回应", "信访矛盾化解经验不足", "群众信访诉求多样", "信访积案多年化解不了"),
    *("公文写作反复修改", "公文写作逻辑不清", "想系统学习公文写作", "公文材料写作任务重", "公文写作格式把握不准"),
]  # fmt: skip


def test_texts_of_one_matter_stand_together_and_the_order_does_not_matter() -> None:
    found = themes_of(TEXTS, 4)
    assert {one.words[0] for one in found} == {"信访", "公文"} or {one.words[0] for one in found} == {"信访", "写作"}
    assert [one.count for one in found] == [5, 5]
    assert themes_of(TEXTS[::-1], 4) == found
    assert all(text in TEXTS for one in found for text in one.quotations)


def test_the_same_text_of_many_counts_for_each_and_is_quoted_once() -> None:
    found = themes_of([*TEXTS, TEXTS[0], TEXTS[0]], 4)
    assert [one.count for one in found] == [7, 5]
    assert all(len(set(one.quotations)) == len(one.quotations) for one in found)


@pytest.mark.parametrize("texts", [[], [""], TEXTS[:5], ["一"] * 20, ["abc def"] * 20])
def test_too_little_to_group_gives_no_themes(texts: list[str]) -> None:
    assert themes_of(texts, 5) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("找13812345678办", "找某办"),
        ("身份证11010519491231002X丢了", "身份证某丢了"),
        ("写信到li.si@example.com", "写信到某"),
        ("王局长不批", "某局长不批"),
        ("张三同志和李四意见不合", "某同志和某意见不合"),
        ("欧阳修齐总拖延", "某总拖延"),
        ("文明城市创建难", "文明城市创建难"),
        ("2026年第3号文件", "2026年第3号文件"),
    ],
)
def test_what_tells_a_person_is_blanked(text: str, plain: str) -> None:
    assert blanked(text, {"李四", "欧阳修齐", "文明"}) == plain
