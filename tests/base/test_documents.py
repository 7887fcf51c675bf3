"""A template filled by ``Stamp`` says what docxtpl makes of it, however often it is filled."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from pypdf import PdfReader

from zhixing.base import word_marks
from zhixing.base.documents import Stamp, refuse_hostile
from zhixing.base.problems import Invalid
from zhixing.base.tables.archives import Limits
from zhixing.callups.papers import Kind, built_in, pdf, sample_facts

pytestmark = pytest.mark.files


def everything_in(content: bytes) -> list[Any]:
    """Headers, footers, paragraphs and cells."""
    paper = docx.Document(io.BytesIO(content))
    section = paper.sections[0]
    around = [paragraph.text for part in (section.header, section.footer) for paragraph in part.paragraphs]
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in paper.tables]
    return [around, [paragraph.text for paragraph in paper.paragraphs], tables]


def reference(template: bytes, facts: dict[str, Any]) -> bytes:
    """What docxtpl itself makes of the template."""
    document, content = DocxTemplate(io.BytesIO(template)), io.BytesIO()
    document.render(facts, SandboxedEnvironment(undefined=StrictUndefined, autoescape=True))
    document.save(content)
    return content.getvalue()


def own_template() -> bytes:
    """As an officer may edit it: marks in header, footer and body, one of them cut in two by Word, and a loop over columns."""
    paper, content = docx.Document(), io.BytesIO()
    paper.sections[0].header.paragraphs[0].add_run("{{ year }} 年")
    paper.sections[0].footer.paragraphs[0].add_run("共 {{ count }} 人")
    paragraph = paper.add_paragraph()
    for run in ("{{ issu", "er }}　{{ phone }}"):
        paragraph.add_run(run)
    row = paper.add_table(rows=1, cols=3).rows[0]
    for cell, text in zip(row.cells, ("{%tc for row in rows %}", "{{ row.name }}", "{%tc endfor %}"), strict=True):
        cell.text = text
    paper.save(content)
    return content.getvalue()


def facts_of(kind: Kind) -> dict[str, Any]:
    facts = sample_facts(kind)
    rows = [{**facts["rows"][0], "number": n, "name": f"周{n} <甲> & “乙”"} for n in range(1, 6)]
    return {**facts, "rows": rows, "phone": "8800\n8801"}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("own", [False, True])
def test_a_stamped_paper_says_what_the_template_says(kind: Kind, own: bool) -> None:
    facts, template = facts_of(kind), own_template() if own else built_in(kind)
    said = everything_in(Stamp(template).fill(facts))
    assert said == everything_in(reference(template, facts))
    assert "周5 <甲> & “乙”" in str(said)
    assert "{" not in str(said)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("customXml/item9.xml", "<" * 1_000_000),
        ("word/footer9.xml", "<w:t " * 200_000),
        ("word/_rels/footer9.xml.rels", "<Relationship " * 70_000),
    ],
)
def test_tags_without_end_are_searched_in_a_moment(part: str, content: str) -> None:
    """A search that begins anew at each of them would not come back for minutes."""
    template = io.BytesIO(built_in(Kind.UNIT))
    with zipfile.ZipFile(template, "a") as archive:
        archive.writestr(part, content)
    refuse_hostile(template.getvalue(), Limits(unpacked=40 << 20, ratio=200, entries=500))
    assert Stamp(template.getvalue()).fill(sample_facts(Kind.UNIT))


UNREADABLE = "".join(map(chr, (*range(9), *range(11, 32), 0xFFFE, 0xFFFF)))
HOSTILE = (
    '#read("/etc/passwd") $x$ *b* @ref <l> // \\u{0} #eval("1+1")',
    "{{ 7*7 }}{% for x in y %}{#",
    f"a{UNREADABLE}b",
    "长" * 2_000,
    "a\n= b\r\n/ c",
    "<w:p/>&lt;]]>",
)


def hostile_facts(kind: Kind, text: str) -> dict[str, Any]:
    def turned(facts: dict[str, Any]) -> dict[str, Any]:
        return {key: text if isinstance(value, str) else value for key, value in facts.items()}

    facts = sample_facts(kind)
    return turned(facts) | {"rows": [turned(row) for row in facts["rows"]]}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_printed_as_text(kind: Kind, text: str) -> None:
    """In Word every sign that a document can hold; in the PDF nothing of it is run."""
    facts = hostile_facts(kind, text)
    word = str(everything_in(Stamp(built_in(kind)).fill(facts)))
    pages = PdfReader(io.BytesIO(pdf(kind, facts))).pages
    printed = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    if text.startswith("#read"):
        assert text.replace("\\", "\\\\") in word
        assert text.split()[0] in printed
        assert "root:" not in printed
    if text.startswith("{{"):
        assert text in word
        assert text.replace(" ", "") in printed


def nested_template() -> bytes:
    """A loop over columns in a table inside a cell, and a mark beside it in a row that stays as it is."""
    paper, content = docx.Document(), io.BytesIO()
    cell = paper.add_table(rows=1, cols=1).rows[0].cells[0]
    cell.paragraphs[0].add_run("{{ issuer }}")
    row = cell.add_table(rows=1, cols=3).rows[0]
    for inner, text in zip(row.cells, ("{%tc for row in rows %}", "{{ row.name }}", "{%tc endfor %}"), strict=True):
        inner.text = text
    paper.save(content)
    return content.getvalue()


def test_a_loop_over_columns_in_a_table_in_a_cell_keeps_the_grid() -> None:
    facts, template = facts_of(Kind.UNIT), nested_template()

    def grids(content: bytes) -> list[int]:
        body = docx.Document(io.BytesIO(content)).element.body
        return [len(grid.findall(qn("w:gridCol"))) for grid in body.iter(qn("w:tblGrid"))]

    found = grids(Stamp(template).fill(facts))
    assert found == grids(reference(template, facts))
    assert found[-1] == len(facts["rows"])


@pytest.mark.parametrize("kind", Kind)
def test_a_stamp_keeps_nothing_of_the_paper_before(kind: Kind) -> None:
    stamp = Stamp(built_in(kind))
    first = stamp.fill(sample_facts(kind))
    stamp.fill(facts_of(kind))
    assert stamp.fill(sample_facts(kind)) == first


def test_a_footer_that_asks_for_what_does_not_exist_is_refused() -> None:
    stamp = Stamp(own_template())
    facts = facts_of(Kind.UNIT)
    del facts["count"]
    with pytest.raises(Invalid, match="count"):
        stamp.fill(facts)


def asking(mark: str) -> bytes:
    paper, content = docx.Document(), io.BytesIO()
    paper.add_paragraph(mark)
    paper.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "mark",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ 'x'|center(1000000000) }}",
        "{% for a in range(99999) %}{{ a }}{% endfor %}",
        "{% for a in rows %}{% for b in rows %}{% for c in rows %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% set a = 'xx' %}{{ a ~ a }}",
        "{% macro again() %}{{ again() }}{% endmacro %}",
        "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
        "{% include 'account/login.html' %}",
        "{{ rows.append(1) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
    ],
)
def test_a_template_calls_nothing_reaches_nothing_and_makes_nothing_large(mark: str) -> None:
    with pytest.raises(Invalid):
        Stamp(asking(mark)).fill(facts_of(Kind.UNIT))


def test_a_filled_part_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_marks, "LENGTH_MAX", 1000)
    with pytest.raises(Invalid):
        Stamp(asking("{{ year }}")).fill(facts_of(Kind.UNIT))


@pytest.mark.parametrize("start", ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "<!ENTITY b 'bb'>", "\0"])
def test_a_part_that_declares_entities_is_refused(start: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(own_template())) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b"<w:document ", start.encode() + b"<w:document ", 1))
    with pytest.raises(Invalid):
        Stamp(packed.getvalue())
