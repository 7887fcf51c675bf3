"""The papers, opened again and read."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from docx import Document
from pypdf import PdfReader

from tests import factories
from tests.callups.city import City, make_city
from zhixing.base.documents import render_word
from zhixing.base.files import path_of
from zhixing.base.models import StoredFile
from zhixing.base.problems import Invalid, Refused
from zhixing.callups import actions, papers
from zhixing.callups.models import Callup, CallupRun, Reply
from zhixing.callups.papers import Kind

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@pytest.fixture
def city() -> City:
    return make_city()


def words_of(stored: StoredFile | bytes) -> str:
    """The text of a Word document, paragraphs and tables."""
    content = stored if isinstance(stored, bytes) else path_of(stored).read_bytes()
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def text_of(stored: StoredFile | bytes) -> str:
    content = stored if isinstance(stored, bytes) else path_of(stored).read_bytes()
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def word(kind: Kind, facts: dict[str, Any]) -> bytes:
    return render_word(papers.built_in(kind), facts)


def published(city: City, run_jobs: Jobs) -> CallupRun:
    city.person(city.organ, name="陆行舟", title="副科长")
    city.person(city.organ, name="沈知微")
    city.person(city.county, name="顾清和", rank="", grade="一级主任科员")
    class_run = city.class_run(
        name="水利<防汛>&专题班",
        seats_max=3,
        ranks=["乡科级正职", "一级主任科员"],
        place="市委党校",
        contact="江科长",
        contact_phone="8800",
        joining_instructions="请携带学员证。\n\n住宿统一安排。",
    )
    run = city.published([class_run], run_jobs)
    run_jobs()
    return run


def test_there_is_one_paper_for_each_class_run_and_each_unit(city: City, run_jobs: Jobs) -> None:
    run = published(city, run_jobs)
    found = {(paper.class_run_id, paper.unit_id) for paper in run.papers.all()}
    assert found == {(run.class_runs.get().pk, None), (None, city.organ.pk), (None, city.county.pk)}


def test_the_notice_of_a_class_run_names_everyone_in_word_and_pdf(city: City, run_jobs: Jobs) -> None:
    run = published(city, run_jobs)
    paper = run.papers.get(unit=None)
    class_run = run.class_runs.get()
    assert run.reply_by is not None
    wanted = [
        "陆行舟",
        "副科长",
        "沈知微",
        "顾清和",
        "一级主任科员",
        "青石县",
        "市委党校",
        "江科长",
        "8800",
        "请携带学员证。",
        "住宿统一安排。",
        "水利<防汛>&专题班",
        "共3人",
        "中共云岚市委组织部",
        f"{class_run.starts_on.year}年{class_run.starts_on.month}月{class_run.starts_on.day}日",
        f"{run.reply_by.year}年{run.reply_by.month}月{run.reply_by.day}日",
    ]
    word = words_of(paper.word)
    assert [part for part in wanted if part not in word] == []
    assert paper.pdf is not None
    pdf = text_of(paper.pdf)
    assert [part for part in wanted if part not in pdf] == []
    assert "{{" not in word + pdf
    assert "{%" not in word + pdf


def test_the_notice_to_a_unit_holds_its_own_people_and_the_reply_slip(city: City, run_jobs: Jobs) -> None:
    run = published(city, run_jobs)
    paper = run.papers.get(unit=city.organ)
    assert paper.pdf is not None
    for text in (words_of(paper.word), text_of(paper.pdf)):
        assert "市水务局" in text
        assert "陆行舟" in text
        assert "2名同志" in text
        assert "单位（盖章）" in text
        assert "顾清和" not in text


def test_papers_written_again_show_the_list_as_it_is(city: City, run_jobs: Jobs) -> None:
    run = published(city, run_jobs)
    county = run.callups.select_related("class_run", "unit", "run", "person").get(unit=city.county)
    actions.withdraw_callup(county, "工作调动", city.department)
    actions.make_papers(run, by=city.department)
    run_jobs()
    assert {paper.unit_id for paper in run.papers.all()} == {None, city.organ.pk}
    assert "顾清和" not in words_of(run.papers.get(unit=None).word)


def test_a_substitute_is_marked_in_the_list(city: City, run_jobs: Jobs) -> None:
    run = published(city, run_jobs)
    free = city.person(city.organ, name="秦牧野")
    callup = run.callups.select_related("class_run", "unit", "run", "person").get(person__name="沈知微")
    reply = actions.propose_substitute(callup, free, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    rows = Callup.objects.in_force().filter(run=run).select_related("class_run__institution", "unit", "person")
    facts = papers.class_run_facts(list(rows), dt.date(2026, 8, 1))
    assert {row["name"]: row["remark"] for row in facts["rows"]} == {"陆行舟": "", "顾清和": "", "秦牧野": "替换"}


@pytest.mark.parametrize("kind", list(Kind))
def test_equal_facts_give_equal_bytes(kind: Kind) -> None:
    facts = papers.sample_facts(kind)
    assert word(kind, facts) == word(kind, facts)
    assert papers.pdf(kind, facts) == papers.pdf(kind, facts)


def test_a_long_list_runs_over_pages_with_its_head_repeated() -> None:
    facts = papers.sample_facts(Kind.CLASS_RUN)
    facts["rows"] = [{**facts["rows"][0], "number": n, "name": f"周{n}"} for n in range(1, 81)]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(papers.pdf(Kind.CLASS_RUN, facts))).pages]
    assert len(pages) >= 4
    assert all("姓名" in page for page in pages[1:])
    assert "周80" in words_of(word(Kind.CLASS_RUN, facts))


def test_an_own_template_is_tried_used_and_put_away(city: City, run_jobs: Jobs) -> None:
    own = Document()
    own.add_paragraph("兹选调 {{ count }} 名同志参加 {{ class_name }}")
    content = io.BytesIO()
    own.save(content)
    actions.replace_template(Kind.CLASS_RUN, content.getvalue(), "自拟.docx", by=city.department)
    run = published(city, run_jobs)
    assert words_of(run.papers.get(unit=None).word).startswith("兹选调 3 名同志参加 水利<防汛>&专题班")
    actions.restore_template(Kind.CLASS_RUN, by=city.department)
    actions.make_papers(run, by=city.department)
    run_jobs()
    assert "关于选调干部参加" in words_of(run.papers.get(unit=None).word)


def bad_templates() -> dict[str, bytes]:
    found = {"text": b"notice", "zip": b"PK\x03\x04broken"}
    for name, text in (
        ("unknown", "{{ salary }}"),
        ("syntax", "{% for %}"),
        ("escape", "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    ):
        document, content = Document(), io.BytesIO()
        document.add_paragraph(text)
        document.save(content)
        found[name] = content.getvalue()
    return found


@pytest.mark.parametrize("name", list(bad_templates()))
def test_a_template_that_cannot_be_filled_is_refused(city: City, name: str) -> None:
    with pytest.raises(Invalid):
        actions.replace_template(Kind.UNIT, bad_templates()[name], "x.docx", by=city.department)
    assert not StoredFile.objects.exists()


def packed_with(changes: dict[str, bytes]) -> bytes:
    """Our own template with parts changed or added."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(papers.built_in(Kind.UNIT))) as own,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in (name for name in own.namelist() if name not in changes):
            made.writestr(name, own.read(name))
        for name, part in changes.items():
            made.writestr(name, part)
    return content.getvalue()


def marked(text: str, *, in_header: bool = False) -> bytes:
    document, content = Document(io.BytesIO(papers.built_in(Kind.UNIT))), io.BytesIO()
    if in_header:
        document.sections[0].header.paragraphs[0].text = text
    else:
        first = document.paragraphs[0].insert_paragraph_before()
        for letter in text:  # Word cuts words in pieces as it likes
            first.add_run(letter)
    document.save(content)
    return content.getvalue()


EXTERNAL = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://example.invalid/x.dotm" TargetMode="External"/></Relationships>'
)
HOSTILE = {
    "宏": lambda: packed_with({"word/vbaProject.bin": b"macro"}),
    "解压": lambda: packed_with({"word/media/image1.bmp": bytes(41 << 20)}),
    "压缩": lambda: packed_with({"word/embeddings/book.xlsx": b"PK\x03\x04 another archive"}),
    "声明": lambda: packed_with({"customXml/item1.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
    "外部": lambda: packed_with({"word/_rels/settings.xml.rels": EXTERNAL}),
    "Word": lambda: xlsx(),
    "机密": lambda: marked("机密★5年"),
    "秘密": lambda: marked("秘密★一年", in_header=True),
}


def xlsx() -> bytes:
    content = io.BytesIO()
    openpyxl.Workbook().save(content)
    return content.getvalue()


@pytest.mark.parametrize("word", list(HOSTILE))
def test_a_hostile_or_classified_template_is_refused_with_its_reason_and_not_kept(city: City, word: str) -> None:
    content = HOSTILE[word]()
    with translation.override("zh-hans"), pytest.raises(Invalid) as refusal:
        actions.replace_template(Kind.UNIT, content, "模板.docx", by=city.department)
    with translation.override("zh-hans"):
        assert word in str(refusal.value.message)
    assert not StoredFile.objects.exists()


def test_a_template_that_speaks_of_secrets_is_no_secret(city: City) -> None:
    actions.replace_template(Kind.UNIT, marked("请妥善保管本通知，不得泄露工作秘密。"), "x.docx", by=city.department)
    assert StoredFile.objects.exists()


def test_only_the_department_replaces_templates(city: City) -> None:
    for account in (city.liaison, factories.make_account("auditor", city.root)):
        with pytest.raises(Refused):
            actions.replace_template(Kind.UNIT, papers.built_in(Kind.UNIT), "x.docx", by=account)


def test_something_that_is_no_word_document_is_refused() -> None:
    with pytest.raises(Invalid):
        render_word(b"PK\x03\x04", {})


def test_a_receipt_tells_the_answer_and_the_decision(city: City, run_jobs: Jobs) -> None:
    run = published(city, run_jobs)
    callup = run.callups.select_related("class_run", "unit", "run", "person").get(person__name="沈知微")
    blank = text_of(papers.receipt(callup, [], dt.date(2026, 8, 1)))
    assert "□参训" in blank
    reply = actions.ask_leave(callup, reason=Reply.Reason.MEETING, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    told = text_of(papers.receipt(callup, list(callup.replies.all()), dt.date(2026, 8, 1)))
    assert "沈知微" in told
    assert "请假；两代会等法定会议；同意" in told
