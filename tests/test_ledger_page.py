"""The page about odd cases names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_test_that_the_ledgers_page_names_exists() -> None:
    page = (ROOT / "docs" / "reference" / "ledger.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:::|…::)((?:test_|Test)\w+)", page))
    files = set(re.findall(r"`([\w/]+\.py)::", page))
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 15
    assert [name for name in sorted(named) if not re.search(rf"(def|class) {name}\b", source)] == []
    for name in files:
        folder = ROOT / "tests" if "/" in name else ROOT / "tests" / "obligations"
        assert (folder / name).is_file(), name
