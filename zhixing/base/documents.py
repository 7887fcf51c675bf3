"""Papers: PDF through typst, Word through the marks of docxtpl. Templates are files beside the app that owns them; data come as plain values."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as chinese
import typst
from django.utils.translation import gettext_lazy as _
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import Template, TemplateError

from zhixing.base.problems import Invalid
from zhixing.base.tables.archives import Limits
from zhixing.base.tables.guard import inspect_document
from zhixing.base.tables.read import refuse_classified
from zhixing.base.word_marks import fill_marks, read_marks
from zhixing.engine.sheets.cells import Sheet

MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The creation time written into papers: the same data give the same bytes."""
TEXT = "word/document.xml"
_READ = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
_PARAGRAPH_END = re.compile(r"</w:p>")
_RUN = re.compile(r"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>")
_LINES = re.compile(r"<w:t(?: [^<>]*)?>[^<]*[\t\n\a\f]")
"""What docxtpl turns into tabs, line breaks, paragraphs and pages, by a search through every run: seldom there, so looked for first."""
_CELL = re.compile(r"<w:tc(?: [^>]*)?>(?:(?!<w:tc[ >]).)*?</w:tc>", re.DOTALL)
_ROW = re.compile(r"<w:tr(?: [^>]*)?>(.*?)</w:tr>", re.DOTALL)
_SPAN = re.compile(r"<w:gridSpan[^<>]*\{")


@cache
def fonts() -> typst.Fonts:
    """Noto Sans SC and Noto Serif SC from a package, so that a machine without Chinese fonts prints the same paper."""
    folder = str(chinese.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def render_pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """Compile ``template`` (.typ); it reads ``json(bytes(sys.inputs.data))``. ``data`` holds text, numbers, lists and mappings.

    A template is ours: a ``typst.TypstError`` is a bug.
    """
    return _compiled(template, data, format="pdf", timestamp=MADE)


def render_png(template: Path, data: Mapping[str, Any]) -> bytes:
    """The same of a template of one page, as a picture for a Word document."""
    return _compiled(template, data, format="png", ppi=220.0)


def _compiled(template: Path, data: Mapping[str, Any], **kind: Any) -> bytes:
    compiler = typst.Compiler(template, root=template.parent, font_paths=fonts(), ignore_system_fonts=True)
    made = compiler.compile(sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, **kind)
    assert isinstance(made, bytes)
    return made


def refuse_hostile(document: bytes, limits: Limits) -> None:
    """Raise ``Invalid`` for what must not be opened or kept: no Word document, macros, a bomb, a secrecy marking."""
    archive = inspect_document(document, limits)
    parts = (entry for entry in archive.entries if _READ.fullmatch(entry.filename))
    refuse_classified(Sheet(part.filename, _paragraphs(archive.read(part).decode(errors="replace"))) for part in parts)


def _paragraphs(xml: str) -> list[list[str]]:
    """The words of each paragraph, in a row of its own; those without words are left out."""
    words = ("".join(_RUN.findall(piece)) for piece in _PARAGRAPH_END.split(xml))
    return [[html.unescape(one)] for one in words if one.strip()]


def render_word(template: bytes, data: Mapping[str, Any]) -> bytes:
    """Fill a Word template once."""
    return Stamp(template).fill(data)


class Stamp:
    """A Word template ready to be filled many times: the parts with marks are read once, all others are packed once.

    An officer may have edited it, so it runs fenced in (``word_marks``), and what it asks wrongly is ``Invalid`` with the reason.
    """

    def __init__(self, template: bytes) -> None:
        self._document = _opened(template)
        self._marked: dict[str, Template] = {}
        self._cells_vary = False
        blank = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(template)) as source, zipfile.ZipFile(blank, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                _refuse_declarations(name, content)
                if name == TEXT or _is_marked(name, content):
                    with _asked_wrongly():
                        text = self._document.patch_xml(content.decode())
                        self._marked[name] = read_marks(text)
                        self._cells_vary |= name == TEXT and _cells_vary(text)
                else:
                    target.writestr(_part(name), content)
        self._blank = blank.getvalue()

    def fill(self, data: Mapping[str, Any]) -> bytes:
        """A whole document; the same data give the same bytes."""
        content = io.BytesIO(self._blank)
        content.seek(0, io.SEEK_END)
        with zipfile.ZipFile(content, "a") as archive:
            for name, marked in self._marked.items():
                with _asked_wrongly():
                    text = fill_marks(marked, data)
                if _LINES.search(text):
                    text = self._document.resolve_listing(text)
                if name == TEXT and self._cells_vary:
                    text = self._document.xml_to_string(self._document.fix_tables(text.encode()))
                archive.writestr(_part(name), text)
        return content.getvalue()


def _cells_vary(text: str) -> bool:
    """Whether marks make cells of a table, so that its rows can have more or fewer than its grid (docxtpl's ``{%tc`` and ``{% colspan``)."""
    if _SPAN.search(text):
        return True
    while (outside := _CELL.sub("", text)) != text:  # cells of tables in cells first
        text = outside
        if any("{%" in row for row in _ROW.findall(text)):
            return True
    return False


@contextmanager
def _asked_wrongly() -> Iterator[None]:
    try:
        yield
    except (TemplateError, UnicodeDecodeError) as error:
        raise Invalid(str(error)) from error


def _is_marked(name: str, content: bytes) -> bool:
    """Word may cut a mark in two with tags of its own, so the tags are left aside."""
    return name.endswith(".xml") and re.search(rb"\{[{%]", re.sub(rb"<[^<>]*>", b"", content)) is not None


def _refuse_declarations(name: str, content: bytes) -> None:
    """Word writes UTF-8 without a document type: with one, a part could name entities that swell or point at files of the server."""
    if name.lower().endswith((".xml", ".rels")) and re.search(rb"(?i)<!(doctype|entity)|\0", content):
        raise Invalid(_("This is not a Word document (.docx)."))


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, MADE.timetuple()[:6])
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _opened(template: bytes) -> DocxTemplate:
    """Raises ``Invalid`` for bytes that are no Word document."""
    document = DocxTemplate(io.BytesIO(template))
    try:
        document.init_docx()
    except (
        KeyError,
        ValueError,
        zipfile.BadZipFile,
        PackageNotFoundError,
        SyntaxError,
    ) as error:  # lxml raises a SyntaxError
        raise Invalid(_("This is not a Word document (.docx).")) from error
    return document
