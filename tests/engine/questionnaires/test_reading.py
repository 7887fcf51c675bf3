"""A form is read strictly: every fault with its place, and the shipped forms without any."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.questionnaires import DefinitionError, Fault, Kind, Per, Questionnaire, Subject, read

FORMS = Path(__file__).resolve().parents[3] / "policies" / "forms"
SOUND: dict[str, Any] = {
    "form": {"title": "问卷", "subject": "class_run"},
    "block": [
        {
            "title": "甲",
            "weight": 60,
            "item": [
                {"code": "a", "text": "课程", "kind": "grades", "per": "teacher"},
                {"code": "b", "text": "安排", "kind": "scale", "top": 10, "points": 15},
            ],
        },
        {
            "title": "乙",
            "weight": 40,
            "item": [
                {"code": "c", "text": "保障", "kind": "matrix", "rows": ["住", "吃"]},
                {"code": "d", "text": "原因", "kind": "choice", "options": ["甲", "乙"], "many": True},
                {"code": "e", "text": "意见", "kind": "text", "most": 100},
            ],
        },
    ],
}


def changed(*path: object, to: object) -> dict[str, Any]:
    """``SOUND`` with the value at ``path`` replaced; ``...`` takes the key away."""
    document: Any = copy.deepcopy(SOUND)
    place = document
    for key in path[:-1]:
        place = place[key]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    found: dict[str, Any] = document
    return found


def faults(document: object) -> list[tuple[str, Fault]]:
    with pytest.raises(DefinitionError) as caught:
        read(document)
    return [(one.place, one.fault) for one in caught.value.faults]


def load(name: str) -> Questionnaire:
    return read(tomllib.loads((FORMS / f"{name}.toml").read_text(encoding="utf-8")))


def test_a_sound_form_is_read_as_it_stands() -> None:
    form = read(SOUND)
    assert (form.title, form.subject, form.is_repeated) == ("问卷", Subject.CLASS_RUN, True)
    assert [(item.code, item.kind, item.per, item.points, item.top, item.required) for item in form.items] == [
        ("a", Kind.GRADES, Per.TEACHER, 1, 4, True),
        ("b", Kind.SCALE, Per.FORM, 15, 10, True),
        ("c", Kind.MATRIX, Per.FORM, 1, 4, True),
        ("d", Kind.CHOICE, Per.FORM, 0, 0, True),
        ("e", Kind.TEXT, Per.FORM, 0, 0, False),
    ]


ITEM = ("block", 0, "item", 1)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("form", Fault.BAD_TYPE)]),
        (changed("form", "colour", to="red"), [("form.colour", Fault.UNKNOWN_KEY)]),
        (changed("form", "title", to=...), [("form.title", Fault.MISSING_KEY)]),
        (changed("form", "title", to=" "), [("form.title", Fault.EMPTY)]),
        (changed("form", "title", to="长" * 121), [("form.title", Fault.TOO_LONG)]),
        (changed("form", "subject", to="weather"), [("form.subject", Fault.UNKNOWN_VALUE)]),
        (changed("form", "subject", to=[]), [("form.subject", Fault.UNKNOWN_VALUE)]),
        (changed("form", "subject", to="session"), [("form.subject", Fault.REPEAT_OUT_OF_PLACE)]),
        (changed("block", to=[]), [("block", Fault.NO_BLOCK)]),
        (changed("block", to={}), [("block", Fault.BAD_TYPE), ("block", Fault.NO_BLOCK)]),
        (changed("block", 0, "weight", to=50), [("block", Fault.WEIGHTS)]),
        (changed("block", 0, "weight", to="60"), [("block[1].weight", Fault.BAD_TYPE), ("block", Fault.WEIGHTS)]),
        (changed("block", 0, "weight", to=True), [("block[1].weight", Fault.BAD_TYPE), ("block", Fault.WEIGHTS)]),
        (changed(*ITEM, "code", to="A b"), [("block[1].item[2].code", Fault.CODE_MALFORMED)]),
        (changed(*ITEM, "code", to="a"), [("block[1].item[2].code", Fault.CODE_TWICE)]),
        (changed(*ITEM, "kind", to="slider"), [("block[1].item[2].kind", Fault.UNKNOWN_VALUE)]),
        (changed(*ITEM, "kind", to=...), [("block[1].item[2].kind", Fault.MISSING_KEY)]),
        (changed(*ITEM, "top", to=1), [("block[1].item[2].top", Fault.OUT_OF_RANGE)]),
        (changed(*ITEM, "top", to=11), [("block[1].item[2].top", Fault.OUT_OF_RANGE)]),
        (changed(*ITEM, "top", to=...), [("block[1].item[2].top", Fault.MISSING_KEY)]),
        (changed(*ITEM, "points", to=0), [("block[1].item[2].points", Fault.OUT_OF_RANGE)]),
        (changed(*ITEM, "options", to=["甲"]), [("block[1].item[2].options", Fault.UNKNOWN_KEY)]),
        (changed(*ITEM, "required", to="yes"), [("block[1].item[2].required", Fault.BAD_TYPE)]),
        (changed(*ITEM, "per", to="week"), [("block[1].item[2].per", Fault.UNKNOWN_VALUE)]),
        (changed("block", 1, "item", 0, "rows", to=[]), [("block[2].item[1].rows", Fault.TOO_FEW)]),
        (changed("block", 1, "item", 0, "rows", to=["住", "住"]), [("block[2].item[1].rows", Fault.TWICE)]),
        (changed("block", 1, "item", 1, "options", to=["甲"]), [("block[2].item[2].options", Fault.TOO_FEW)]),
        (changed("block", 1, "item", 1, "options", to=["甲", ""]), [("block[2].item[2].options", Fault.EMPTY)]),
        (changed("block", 1, "item", 1, "options", to="甲乙"), [("block[2].item[2].options", Fault.BAD_TYPE)]),
        (
            changed("block", 1, "item", 1, "options", to=[str(n) for n in range(21)]),
            [("block[2].item[2].options", Fault.TOO_MANY)],
        ),
        (changed("block", 1, "item", 2, "most", to=2001), [("block[2].item[3].most", Fault.OUT_OF_RANGE)]),
    ],
)
def test_each_fault_has_its_code_and_place(document: object, expected: list[tuple[str, Fault]]) -> None:
    assert faults(document)[: len(expected)] == expected


def test_a_fault_stands_alone_where_nothing_else_is_wrong() -> None:
    assert faults(changed("block", 0, "weight", to=50)) == [("block", Fault.WEIGHTS)]


def test_a_block_without_marks_weighs_nothing_and_one_with_marks_something() -> None:
    document = copy.deepcopy(SOUND)
    document["block"][0]["weight"], document["block"][1]["weight"] = 100, 0
    assert faults(document) == [("block[2].weight", Fault.NO_WEIGHT)]
    document["block"][1]["item"] = document["block"][1]["item"][1:]
    assert read(document).blocks[1].weight == 0
    document["block"][0]["weight"], document["block"][1]["weight"] = 60, 40
    assert faults(document) == [("block[2].weight", Fault.WEIGHT_FOR_NOTHING)]


def test_a_form_of_words_only_has_no_weights() -> None:
    words = {"code": "a", "text": "意见", "kind": "text"}
    document = {"form": SOUND["form"], "block": [{"title": "甲", "weight": 0, "item": [words]}]}
    assert read(document).blocks[0].weight == 0


def test_too_many_questions_are_refused() -> None:
    items = [{"code": f"q{n}", "text": "问", "kind": "grades"} for n in range(61)]
    document = {"form": SOUND["form"], "block": [{"title": "甲", "weight": 100, "item": items}]}
    assert faults(document) == [("block", Fault.TOO_MANY_ITEMS)]


def test_the_shipped_class_form_has_twenty_one_marks_in_four_blocks() -> None:
    form = load("class-run")
    marked = [block for block in form.blocks if block.weight]
    assert [len(block.items) for block in marked] == [6, 6, 4, 5]
    assert {item.top for block in marked for item in block.items} == {4}


def test_the_shipped_course_form_weighs_twenty_thirty_twenty_thirty() -> None:
    form = load("course")
    assert [block.weight for block in form.blocks] == [20, 30, 20, 30]
    assert [item.points for item in form.items] == [10, 10, 15, 15, 10, 10, 15, 15]


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_form_is_sound(path: Path) -> None:
    assert load(path.stem).items


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=20,
)


@given(
    anything, st.sampled_from(["form", "block", "title", "weight", "item", "code", "kind", "top", "rows", "options"])
)
def test_no_document_breaks_the_reader(value: object, key: str) -> None:
    """Whatever stands where, the answer is a form or a list of faults."""
    document = copy.deepcopy(SOUND)

    def plant(place: Any) -> None:
        for inner in place.values() if isinstance(place, dict) else place if isinstance(place, list) else ():
            plant(inner)
        if isinstance(place, dict) and key in place:
            place[key] = value

    plant(document)
    try:
        found: object = read(document)
    except DefinitionError as error:
        found = error.faults
    assert found
