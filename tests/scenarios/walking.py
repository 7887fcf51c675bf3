"""What both walks need: a clock that is set, people at their browsers, and sheets as offices keep them."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from docx import Document
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from zhixing.engine.sheets.identity import check_digit
from zhixing.people.models import Account

WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")


class Clock:
    """The time that the product reads; it stands still until it is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def set(self, on: dt.date, hour: int = 9, minute: int = 0) -> None:
        self.now = dt.datetime.combine(on, dt.time(hour, minute), timezone.get_default_timezone())


class Visitor:
    """One account at a browser; every page must answer, and forms are sent as pages offer them."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get(self, path: str, **query: str) -> HttpResponse:
        answer = self._client().get(path, query, follow=True)
        assert answer.status_code == 200, (path, answer.status_code, text_of(answer)[:600])
        return answer

    def read(self, path: str, **query: str) -> str:
        """The page as a person reads it."""
        return text_of(self.get(path, **query))

    def json(self, path: str, **query: str) -> Any:
        answer = self._client().get(path, query)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.json()

    def send(self, path: str, fields: Mapping[str, Any] | None = None) -> str:
        """Post a form and follow to the page that answers it."""
        answer = self._client().post(path, fields or {}, follow=True)
        assert answer.status_code == 200, (path, answer.status_code, text_of(answer)[:600])
        assert answer.redirect_chain, (path, text_of(answer)[:1200])  # type: ignore[attr-defined]
        return text_of(answer)

    def post(self, path: str, fields: Mapping[str, Any] | None = None) -> HttpResponse:
        return self._client().post(path, fields or {})

    def refused(self, path: str) -> bool:
        """Whether the deed is refused with a reason."""
        return self.post(path).status_code in {403, 409, 422}

    def send_and_land(self, path: str, fields: Mapping[str, Any]) -> str:
        """Post a form; the address that it leads to."""
        answer = self._client().post(path, fields)
        assert answer.status_code == 302, (path, answer.status_code, text_of(answer)[:1200])
        return str(answer["Location"])

    def download(self, path: str) -> bytes:
        answer = self._client().get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return b"".join(answer) if answer.streaming else answer.content

    def _client(self) -> Client:
        """A fresh visit each time, in Chinese as by default: the clock leaps over the end of sessions."""
        client = Client()
        client.force_login(self.account, "allauth.account.auth_backends.AuthenticationBackend")
        return client


def text_of(answer: HttpResponse) -> str:
    """The page without its frame: tags away, white space single."""
    page = answer.content.decode()
    body = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links_of(answer: HttpResponse, part: str) -> list[str]:
    """The addresses on a page that hold ``part``, in their order, once each."""
    found = re.findall(r'(?:href|action|formaction)="([^"]+)"', answer.content.decode())
    return list(dict.fromkeys(unescape(link) for link in found if part in link))


def id_number(born: dt.date, serial: int) -> str:
    """It passes the check digit and belongs to nobody: the region 990100 does not exist."""
    body = f"990100{born:%Y%m%d}{serial:03d}"
    return body + check_digit(body)


def wide(text: str) -> str:
    """Digits as many offices type them."""
    return text.translate(WIDE)


def sheet(
    name: str, title: str, rows: Iterable[Sequence[object]], merged: Iterable[str] = (), *more: tuple[str, Any]
) -> SimpleUploadedFile:
    """A real workbook: a merged title row, a merged note below it, then ``rows``; ``more`` are further sheets (title, rows)."""
    book = openpyxl.Workbook()
    _fill(book.active, title, rows)
    for cells in merged:
        book.active.merge_cells(cells)
    for label, others in more:
        _fill(book.create_sheet(label), label, others)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile(name, content.getvalue())


def _fill(target: Worksheet, title: str, rows: Iterable[Sequence[object]]) -> None:
    target.append([title])
    target.append(["填报单位：中共云岚市委组织部（公章）"])
    for row in rows:
        target.append(list(row))
    for number in (1, 2):
        target.merge_cells(start_row=number, end_row=number, start_column=1, end_column=8)


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    """The first sheet of a workbook that the product wrote."""
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.values)


def word_text(content: bytes) -> str:
    """The text of a Word document, paragraphs and tables."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def pdf_text(content: bytes) -> str:
    """The text of a PDF without its white space: words are cut anywhere."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
