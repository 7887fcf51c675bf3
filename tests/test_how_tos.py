"""The guides quote what stands on the pages: every label in 「…」 is one that a catalogue holds."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
QUOTED = re.compile("「([^」]+)」")


@pytest.fixture(scope="module")
def labels() -> set[str]:
    catalogues = (polib.pofile(str(path)) for path in ROOT.glob("zhixing/*/locale/zh_Hans/LC_MESSAGES/django.po"))
    return {
        text
        for catalogue in catalogues
        for entry in catalogue
        for text in (entry.msgstr, *entry.msgstr_plural.values())
    }


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_label_that_a_guide_quotes_is_on_the_pages(guide: Path, labels: set[str]) -> None:
    assert [label for label in QUOTED.findall(guide.read_text(encoding="utf-8")) if label not in labels] == []


def test_each_roles_guide_quotes_labels() -> None:
    assert all(QUOTED.search(guide.read_text(encoding="utf-8")) for guide in GUIDES if guide.stem[0] in "123456")
