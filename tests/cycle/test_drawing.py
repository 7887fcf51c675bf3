"""Charts: what is drawn is what was given."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from zhixing.cycle.report.drawing import Part, area, bar, nice_top

pytestmark = pytest.mark.files


def widths(drawing: str) -> list[tuple[str, float, float]]:
    rectangles = ElementTree.fromstring(drawing).iter("rect")
    return [(one.attrib["class"], float(one.attrib["x"]), float(one.attrib["width"])) for one in rectangles]


def test_the_pieces_of_a_bar_stand_side_by_side_in_proportion() -> None:
    drawing = bar([Part("已完成", 30, "met"), Part("免训", 0, "exempt"), Part("滞后", 10, "short")], 80)
    assert widths(drawing) == [("met", 0, 37.5), ("short", 37.5, 12.5)]
    assert 'aria-label="已完成 30，滞后 10"' in drawing


@pytest.mark.parametrize("most", [0, 10])
def test_a_bar_of_nothing_is_empty(most: int) -> None:
    assert widths(bar([Part("已调", 0, "accent")], most)) == []


def test_names_in_a_drawing_are_text_whatever_they_say() -> None:
    drawing = bar([Part('<b>"市局"</b>', 1, "met")], 1)
    assert ElementTree.fromstring(drawing).find(".//title").text == '<b>"市局"</b> 1'  # type: ignore[union-attr]


def test_an_area_rises_to_its_values_and_names_its_months() -> None:
    drawing = area("每周参训人数", [("一月", 0), ("二月", 10), ("三月", 5)], [(0, "1月"), (2, "3月")])
    line = re.search(r'class="line" points="([^"]+)"', drawing)
    assert line is not None
    heights = [float(point.split(",")[1]) for point in line[1].split()]
    assert heights[1] < heights[2] < heights[0]
    assert heights[2] == pytest.approx((heights[0] + heights[1]) / 2)
    texts = [one.text for one in ElementTree.fromstring(drawing).iter("text")]
    assert texts == ["0", "5", "10", "1月", "3月"]


def test_nothing_is_drawn_of_no_points() -> None:
    assert area("每周参训人数", [], []) == ""


@pytest.mark.parametrize(
    ("value", "top"), [(0, 10), (10, 10), (11, 20), (39, 40), (61, 80), (99, 100), (101, 200), (9_999, 10_000)]
)
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert nice_top(value) == top
