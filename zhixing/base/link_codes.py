"""Addresses as drawings that a phone reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import segno
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def drawn(address: str, title: str, look: str = "zx-qr") -> SafeString:
    """An SVG without inline style; ``look`` is its class."""
    made = segno.make(address, error="m").svg_inline(
        border=3, omitsize=True, light="#ffffff", svgclass=look, lineclass=None, title=title
    )
    return mark_safe(made)  # noqa: S308  segno writes numbers and our own title


def with_links(request: HttpRequest, page: str, asked: Iterable[Any]) -> list[dict[str, Any]]:
    """What waits for the own answer (each ``asked`` has its ``token``), with the address of its ``page`` and a code to go on with on the phone."""
    rows = [(one, request.build_absolute_uri(reverse(page, args=[one.token]))) for one in asked]
    return [
        {"asked": one, "address": address, "code": drawn(address, _("Code of the personal link"))}
        for one, address in rows
    ]
