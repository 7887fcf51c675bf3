"""Each step of the builder gives a new document and leaves the old one alone."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.questionnaires.test_reading import SOUND
from zhixing.engine.questionnaires import editing, read

CODES = ["a", "b", "c", "d", "e"]


def codes(document: editing.Document) -> list[str]:
    return [item["code"] for block in document["block"] for item in block["item"]]


def test_pieces_are_put_and_taken() -> None:
    document = editing.with_block(editing.empty("问卷", "class_run"), 1, "甲", 100)
    document = editing.with_item(document, 1, 1, {"code": "a", "text": "问", "kind": "grades"})
    document = editing.with_head(document, "新题", "session", "请填")
    form = read(document)
    assert (form.title, form.intro, form.blocks[0].weight) == ("新题", "请填", 100)
    document = editing.with_item(document, 1, 1, {"code": "b", "text": "问", "kind": "grades"})
    assert codes(document) == ["b"]
    assert editing.without(document, 1, 1)["block"][0]["item"] == []
    assert editing.without(document, 1)["block"] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda d: editing.with_block(d, 4, "x", 0),
        lambda d: editing.with_block(d, 0, "x", 0),
        lambda d: editing.with_item(d, 1, 4, {}),
        lambda d: editing.with_item(d, 3, 1, {}),
        lambda d: editing.without(d, 1, 3),
        lambda d: editing.without(d, 0),
        lambda d: editing.moved(d, 3, 1, 1),
        lambda d: editing.moved(d, 1, 9, 1),
    ],
)
def test_there_is_nothing_at_a_place_beyond(change: object) -> None:
    with pytest.raises(IndexError):
        change(SOUND)  # type: ignore[operator]


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 3), st.sampled_from([-1, 1])), max_size=12))
def test_moving_loses_nothing_and_leaves_the_old_document_alone(steps: list[tuple[int, int, int]]) -> None:
    kept = copy.deepcopy(SOUND)
    document = SOUND
    for block, item, step in steps:
        try:
            document = editing.moved(document, block, item, step)
        except IndexError:
            continue
    assert kept == SOUND
    assert sorted(codes(document)) == CODES
    assert sorted(block["title"] for block in document["block"]) == ["乙", "甲"]


@given(st.integers(1, 2), st.integers(1, 3))
def test_down_and_up_again_changes_nothing(block: int, item: int) -> None:
    if item > len(SOUND["block"][block - 1]["item"]) or (block, item) == (2, 3):
        return
    down = editing.moved(SOUND, block, item, 1)
    at = next(
        (b, i)
        for b, rows in enumerate(down["block"], 1)
        for i, row in enumerate(rows["item"], 1)
        if row["code"] == SOUND["block"][block - 1]["item"][item - 1]["code"]
    )
    assert editing.moved(down, *at, -1) == SOUND
