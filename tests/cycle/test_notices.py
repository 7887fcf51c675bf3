"""Filling one template many times gives what filling it once gives."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest

from zhixing.base.documents import render_word
from zhixing.callups.papers import Kind, sample_facts
from zhixing.callups.papers.notices import built_in
from zhixing.cycle.notices import Stamp


def everything_in(content: bytes) -> tuple[list[str], list[list[str]]]:
    paper = docx.Document(io.BytesIO(content))
    cells = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows]
    return [paragraph.text for paragraph in paper.paragraphs], cells


def facts_of(kind: Kind) -> dict[str, Any]:
    facts = sample_facts(kind)
    return {**facts, "rows": [{**facts["rows"][0], "number": n, "name": f"周{n} <甲> & “乙”"} for n in range(1, 4)]}


@pytest.mark.parametrize("kind", Kind)
def test_a_stamped_paper_says_what_the_template_says(kind: Kind) -> None:
    facts = facts_of(kind)
    assert everything_in(Stamp(built_in(kind)).fill(facts)) == everything_in(render_word(built_in(kind), facts))


@pytest.mark.parametrize("kind", Kind)
def test_a_stamp_keeps_nothing_of_the_paper_before(kind: Kind) -> None:
    stamp = Stamp(built_in(kind))
    first = stamp.fill(sample_facts(kind))
    stamp.fill(facts_of(kind))
    assert stamp.fill(sample_facts(kind)) == first
