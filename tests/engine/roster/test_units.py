"""Matching what officers write with the units known."""

from __future__ import annotations

import pytest

from zhixing.engine.roster.units import KnownUnit, UnitIndex, UnitMiss
from zhixing.engine.sheets.faults import Fault

UNITS = UnitIndex(
    [
        KnownUnit("1", "市政府", "G01", "市政府"),
        KnownUnit("2", "市财政局", "G0101", "市政府/市财政局"),
        KnownUnit("3", "办公室", "G010101", "市政府/市财政局/办公室"),
        KnownUnit("4", "市教育局", "G0102", "市政府/市教育局"),
        KnownUnit("5", "办公室", "G010201", "市政府/市教育局/办公室"),
        KnownUnit("6", "党校（行政学院）"),
    ]
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("市财政局", "2"),
        (" 市 财政局", "2"),
        ("g0101", "2"),
        ("市政府/市财政局", "2"),
        ("市财政局/办公室", "3"),
        ("市政府／市教育局／办公室", "5"),
        ("市教育局\\办公室", "5"),
        ("党校(行政学院)", "6"),
    ],
)
def test_a_unit_is_found_by_name_code_or_path(text: str, key: str) -> None:
    assert UNITS.find(text) == key


def test_a_name_of_several_units_is_ambiguous_and_they_are_named() -> None:
    assert UNITS.find("办公室") == UnitMiss(Fault.UNIT_AMBIGUOUS, ("市政府/市财政局/办公室", "市政府/市教育局/办公室"))


def test_a_misspelt_unit_is_unknown_and_the_nearest_are_named() -> None:
    assert UNITS.find("市财证局") == UnitMiss(Fault.UNIT_UNKNOWN, ("市财政局",))
    assert UNITS.find("市政府/市教育委员会局") == UnitMiss(Fault.UNIT_UNKNOWN, ("市教育局",))
    assert UNITS.find("甲") == UnitMiss(Fault.UNIT_UNKNOWN, ())


def test_a_whole_path_wins_over_a_tail() -> None:
    units = UnitIndex([KnownUnit("a", "财政局", path="财政局"), KnownUnit("b", "财政局", path="县政府/财政局")])
    assert units.find("财政局") == "a"
    assert units.find("县政府/财政局") == "b"
