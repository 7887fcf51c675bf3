"""Excel answers: a list as it is filtered and sorted on the page."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from zhixing.base.files import hand_out
from zhixing.base.tables.write import Column, Content, Table, write_book


def excel(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], further: Sequence[Table] = ()
) -> HttpResponse:
    """One sheet called ``name``, and ``further`` ones. Numbers stay numbers, dates become ISO text, and text is never read as a formula."""
    content = io.BytesIO()
    columns = [Column(heading, Content.NUMBER) for heading in headings]
    write_book(content, [Table(name, columns, rows), *further])
    return hand_out(content.getvalue(), f"{name}.xlsx")
