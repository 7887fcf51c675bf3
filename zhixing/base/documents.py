"""Papers: PDF through typst, Word through docxtpl. Templates are files beside the app that owns them; data come as plain values."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as chinese
import typst
from django.utils.translation import gettext_lazy as _
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from zhixing.base.problems import Invalid

MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The creation time written into papers: the same data give the same bytes."""


@cache
def fonts() -> typst.Fonts:
    """Noto Sans SC and Noto Serif SC from a package, so that a machine without Chinese fonts prints the same paper."""
    folder = str(chinese.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def render_pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """Compile ``template`` (.typ); it reads ``json(bytes(sys.inputs.data))``. ``data`` holds text, numbers, lists and mappings.

    A template is ours: a ``typst.TypstError`` is a bug.
    """
    compiler = typst.Compiler(template, root=template.parent, font_paths=fonts(), ignore_system_fonts=True)
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=MADE)
    assert isinstance(made, bytes)
    return made


def render_word(template: Path | bytes, data: Mapping[str, Any]) -> bytes:
    """Fill a Word template. An officer may have edited it, so it runs sandboxed, and what it asks wrongly is ``Invalid`` with the reason."""
    document = _opened(template)
    rules = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        document.render(dict(data), rules)
    except TemplateError as error:
        raise Invalid(str(error)) from error
    properties = document.docx.core_properties
    properties.created = properties.modified = MADE.replace(tzinfo=None)
    content = io.BytesIO()
    document.save(content)
    return _repacked(content)


def _opened(template: Path | bytes) -> DocxTemplate:
    """Raises ``Invalid`` for bytes that are no Word document; our own templates are."""
    if isinstance(template, Path):
        return DocxTemplate(template)
    document = DocxTemplate(io.BytesIO(template))
    try:
        document.init_docx()
    except (KeyError, ValueError, zipfile.BadZipFile, PackageNotFoundError) as error:
        raise Invalid(_("This is not a Word document (.docx).")) from error
    return document


def _repacked(content: io.BytesIO) -> bytes:
    """The same parts without the clock of their packing: the same data give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return packed.getvalue()
