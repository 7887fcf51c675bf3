"""Values in their form, elements around them, and how long a training lasted."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree

import pytest

from zhixing.engine.extracts.definition import Form, parse
from zhixing.engine.extracts.spans import span
from zhixing.engine.extracts.writing import Misfit, values_of, written, xml_pieces

TEXT = """
[extract]
code = "x"
title = "X"
basis = "none"
root = "Rows"
row = "Row"
[[field]]
name = "who"
title = "Who"
source = "person_number"
max_length = 4
[[field]]
name = "title"
title = "Title"
source = "title"
within = ["Course"]
[[field]]
name = "way"
title = "Way"
source = "channel"
codes = "ways"
within = ["Course"]
[[field]]
name = "duty"
title = "Duty hours"
source = "tenths"
form = "hours"
only = ["offjob"]
within = ["Hours", "Duty"]
[[field]]
name = "action"
title = "Action"
fixed = "A"
[codes.ways]
offjob = "1"
"""
ROW = {"person_number": "P1", "title": "a < b & c\x00\ufffe\uffff", "channel": "offjob", "tenths": 375}


def quiet(_misfit: Misfit) -> None:
    raise AssertionError(_misfit)


def test_values_take_codes_forms_and_conditions() -> None:
    definition = parse(TEXT)
    assert values_of(definition, ROW, 1, quiet) == ["P1", "a < b & c", "1", "37.5", "A"]
    online = ROW | {"channel": "online"}
    assert values_of(definition, online, 1, quiet)[2:4] == ["", ""], "no code and no duty hours"


def test_what_is_too_long_is_told_and_left_whole() -> None:
    told: list[Misfit] = []
    values = values_of(parse(TEXT), ROW | {"person_number": "P12345"}, 7, told.append)
    assert values[0] == "P12345"
    assert told == [Misfit(7, "who", "P12345", 4)]


def test_xml_nests_and_escapes() -> None:
    text = "".join(xml_pieces(parse(TEXT), [ROW, ROW], quiet, {"on": '2026 "&"'}))
    tree = ElementTree.fromstring(text.encode())
    assert tree.attrib == {"on": '2026 "&"'}
    assert [row.tag for row in tree] == ["Row", "Row"]
    row = tree[0]
    assert [(one.tag, len(one)) for one in row] == [("who", 0), ("Course", 2), ("Hours", 1), ("action", 0)]
    assert row.findtext("Course/title") == "a < b & c"
    assert row.findtext("Hours/Duty/duty") == "37.5"


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (dt.date(2026, 3, 1), Form.DATE8, "20260301"),
        (dt.date(2026, 3, 1), Form.DATE, "2026-03-01"),
        (0, Form.HOURS, "0.0"),
        (1005, Form.HOURS, "100.5"),
        (3, Form.NUMBER, "3"),
        (None, Form.DATE8, ""),
    ],
)
def test_forms(value: object, form: Form, text: str) -> None:
    assert written(value, form) == text


@pytest.mark.parametrize(
    ("first", "last", "months", "days"),
    [
        ((2026, 3, 1), (2026, 3, 1), 0, 1),
        ((2026, 3, 1), (2026, 3, 31), 1, 0),
        ((2026, 3, 2), (2026, 5, 31), 2, 30),
        ((2024, 2, 29), (2025, 2, 28), 12, 1),
        ((2025, 12, 15), (2026, 1, 14), 1, 0),
        ((2026, 1, 31), (2026, 2, 28), 1, 1),
    ],
)
def test_spans(first: tuple[int, int, int], last: tuple[int, int, int], months: int, days: int) -> None:
    assert span(dt.date(*first), dt.date(*last)) == (months, days)
