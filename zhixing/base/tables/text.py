"""Turning the bytes of a text file into text: UTF-8 (with or without BOM), UTF-16 with BOM, GB18030."""

from __future__ import annotations

import codecs
import re

from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> str:
    """The text, or ``Invalid`` when the bytes are no text in these encodings or hold signs no text holds."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _BINARY.search(text):
            return text
    raise Invalid(
        _("This is not a spreadsheet and not a text file in UTF-8 or GB18030. Save it as .xlsx and upload it again.")
    )
