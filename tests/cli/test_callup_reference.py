"""docs/reference/callups.md names what the engine reads and writes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from zhixing.engine.callup.codes import Code
from zhixing.engine.callup.relaxations import COST, Relaxation
from zhixing.engine.callup.tables import COLUMNS, OPTIONAL, OPTIONAL_COLUMNS, Settings

pytestmark = pytest.mark.files

PAGE = (Path(__file__).parents[2] / "docs/reference/callups.md").read_text(encoding="utf-8")


def row(first: str) -> str:
    """The line of a table that begins with a word."""
    return next(line for line in PAGE.splitlines() if line.startswith(f"| `{first}`"))


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_stands_there_with_its_columns(name: str) -> None:
    said = row(f"{name}.parquet")
    assert [column for column in COLUMNS[name] if f"`{column}`" not in said] == []
    optional = name in OPTIONAL or any(table == name for table, _column in OPTIONAL_COLUMNS)
    assert ("*optional*" in said) == optional


def test_every_setting_code_and_change_stands_there() -> None:
    settings = {field.name: field.default for field in dataclasses.fields(Settings)}
    for name, default in settings.items():
        told = "–" if default is dataclasses.MISSING else "false" if default is False else f"{default:g}"
        assert row(name).split("|")[2].strip() == told
    assert [code for code in Code if f"`{code}`" not in PAGE] == []
    changes = PAGE.split("| `change`")[1].splitlines()
    for change in Relaxation:
        line = next(line for line in changes if f"`{change}`" in line)
        assert line.split("|")[3].strip() == f"{COST[change]:g}"
