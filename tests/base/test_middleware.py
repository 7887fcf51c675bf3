"""What goes over the wire: pages gzipped, files that are compressed already as they are."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from zhixing.base.middleware import CompressMiddleware

WORDS = b"<p>" + "点名调训".encode() * 500


@pytest.mark.django_db
def test_a_page_is_sent_gzipped_to_whoever_can_read_it() -> None:
    plain = Client().get(reverse("account_login"))
    packed = Client().get(reverse("account_login"), headers={"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], "Accept-Encoding" in packed["Vary"]) == ("gzip", True)
    assert len(packed.content) < len(plain.content) / 2
    assert b"<!DOCTYPE html>" in gzip.decompress(packed.content)
    assert "Content-Encoding" not in plain


@pytest.mark.parametrize(
    ("kind", "coding"),
    [
        ("text/html; charset=utf-8", "gzip"),
        ("application/json; charset=utf-8", "gzip"),
        ("application/pdf", None),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", None),
        ("application/zip", None),
    ],
)
def test_only_text_is_worth_compressing(kind: str, coding: str | None) -> None:
    answer = CompressMiddleware(lambda _request: HttpResponse(WORDS, content_type=kind))
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    assert answer(request).headers.get("Content-Encoding") == coding
