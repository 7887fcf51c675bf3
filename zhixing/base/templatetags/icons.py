"""``{% icon "users" %}``: an outline icon from the sprite that ``tools/assets.py`` builds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

NAMES_FILE = Path(__file__).resolve().parent.parent / "static/base/icons.txt"

register = template.Library()


@cache
def icon_names() -> frozenset[str]:
    """Return the names that the sprite holds."""
    return frozenset(NAMES_FILE.read_text(encoding="utf-8").split())


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Render an icon; without ``label`` it is decoration and hidden from screen readers.

    An empty name renders nothing. Raises ``LookupError`` for a name that is not in ``static/base/icons.txt``.
    """
    if not name:
        return SafeString("")
    if label:
        return format_html(
            '<svg class="zx-icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, _shape(name)
        )
    return _decoration(name)


@cache
def _decoration(name: str) -> SafeString:
    """A page holds some forty of these, so each is written once."""
    return format_html('<svg class="zx-icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', _shape(name))


def _shape(name: str) -> str:
    if name not in icon_names():
        raise LookupError(f"{name!r} is not listed in {NAMES_FILE.name}")
    return f"{static('vendor/icons.svg')}#{name}"
