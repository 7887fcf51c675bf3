"""Markup of many small pieces: what Django's ``format_html`` and ``reverse`` do, at the price that a table of hundreds of cells can pay."""

from __future__ import annotations

import html
from functools import cache
from typing import Any, Final

from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString

PLACE: Final = 7_320_508_075_688_772
"""Stands for a key while an address is taken apart; no address holds it by chance."""


def escaped(value: Any) -> str:
    """``value`` as markup: escaped unless it is markup already."""
    return str(value.__html__()) if hasattr(value, "__html__") else html.escape(str(value))


def linked(text: Any, url: str) -> SafeString:
    """``text`` escaped, as a link when there is a ``url``."""
    return SafeString(f'<a href="{html.escape(url)}">{escaped(text)}</a>' if url else escaped(text))


def page_about(name: str, key: int) -> str:
    """What ``reverse(name, args=[key])`` says, for a page about one row: the address is looked up once."""
    before, after = _around(name, get_script_prefix())
    return f"{before}{key}{after}"


@cache
def _around(name: str, _prefix: str) -> tuple[str, str]:
    before, _place, after = reverse(name, args=[PLACE]).partition(str(PLACE))
    return before, after
