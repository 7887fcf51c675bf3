"""The strict parser of extract definitions: every fault is named with its place; the shipped definitions keep their field names."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhixing.engine.extracts.definition import DefinitionError, Fault, parse

SHIPPED = Path(__file__).resolve().parents[3] / "zhixing" / "archive" / "extracts"
GOOD = """
[extract]
code = "x"
title = "X"
basis = "none"
root = "Rows"
row = "Row"

[[field]]
name = "hours"
title = "Hours"
source = "tenths"
form = "hours"
"""


def faults(text: str) -> set[tuple[str, str]]:
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    return {(one.place, one.fault) for one in caught.value.problems}


def shipped(name: str) -> list[str]:
    return [field.name for field in parse((SHIPPED / name).read_text(encoding="utf-8")).fields]


def test_a11_has_the_field_names_to_the_letter() -> None:
    named = "a1100 a1101 a1104 a1107 a1107a a1107b a1107c a1108 a1111 a1114 a1121a a1127 a1131 a1151"
    assert shipped("a11.toml") == ["a0000", *named.split()]


def test_opm_has_27_elements() -> None:
    names = shipped("opm.toml")
    assert len(names) == len(set(names)) == 27


def test_what_is_not_known_for_sure_says_so() -> None:
    for path in SHIPPED.glob("*.toml"):
        for field in parse(path.read_text(encoding="utf-8")).fields:
            assert field.certainty, f"{path.name} {field.name}"
            assert field.source or field.fixed or field.note, f"{path.name} {field.name}"


def test_no_extract_takes_an_id_number() -> None:
    for path in SHIPPED.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert "id_number" not in text, "H27: an ID number leaves the house in no extract"


def test_code_tables_still_empty_are_named() -> None:
    text = GOOD + 'codes = "c"\n\n[codes.c]\noffjob = "1"\nonline = ""\n'
    assert parse(text.replace('source = "tenths"\nform = "hours"', 'source = "channel"')).unfilled_codes == ["c"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[extract]", "[extract", ("document", Fault.NOT_TOML)),
        ('code = "x"', 'code = "x"\nfoo = 1', ("extract.foo", Fault.UNKNOWN_KEY)),
        ('title = "X"', "", ("extract.title", Fault.MISSING_KEY)),
        ('basis = "none"', "basis = 3", ("extract.basis", Fault.BAD_TYPE)),
        ('root = "Rows"', 'root = "1 row"', ("extract.root", Fault.BAD_NAME)),
        ('source = "tenths"', 'source = "salary"', ("field[1].source", Fault.UNKNOWN_VALUE)),
        ('form = "hours"', 'form = "roman"', ("field[1].form", Fault.UNKNOWN_VALUE)),
        ('form = "hours"', 'codes = "none"', ("field[1].codes", Fault.UNKNOWN_VALUE)),
        ('form = "hours"', "max_length = 0", ("field[1].max_length", Fault.BAD_TYPE)),
        ('form = "hours"', 'fixed = "A"', ("field[1]", Fault.TWO_SOURCES)),
        ('source = "tenths"', "", ("field[1]", Fault.EMPTY_WITHOUT_NOTE)),
        ('name = "hours"', 'name = "<hours>"', ("field[1].name", Fault.BAD_NAME)),
        ("[[field]]", "[field]", ("field", Fault.MISSING_KEY)),
        ('form = "hours"', 'form = "hours"\n[extra]', ("extra", Fault.UNKNOWN_KEY)),
        ('form = "hours"', 'form = "hours"\n[codes]\nc = 1', ("codes.c", Fault.BAD_TYPE)),
    ],
)
def test_each_fault_has_its_place(old: str, new: str, fault: tuple[str, str]) -> None:
    assert old in GOOD
    assert fault in faults(GOOD.replace(old, new, 1))


def test_a_name_said_twice_is_refused_where_it_is_said_again() -> None:
    again = GOOD[GOOD.index("[[field]]") :]
    assert faults(GOOD + again) == {("field[2].name", Fault.DUPLICATE)}


def test_all_faults_come_at_once() -> None:
    assert len(faults(GOOD.replace("basis", "bases").replace("tenths", "x"))) == 3
