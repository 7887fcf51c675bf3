"""The address of a personal link as a drawing that a phone reads."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def drawn(address: str) -> SafeString:
    """An SVG without inline style."""
    made = segno.make(address, error="m").svg_inline(
        border=3, omitsize=True, light="#ffffff", svgclass="zx-qr", lineclass=None, title=_("Code of the personal link")
    )
    return mark_safe(made)  # noqa: S308  segno writes numbers and our own title
