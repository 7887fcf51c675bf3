"""Markup of many small pieces: what Django's ``format_html`` and ``reverse`` do, at the price that a table of hundreds of cells can pay."""

from __future__ import annotations

import html
import re
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


def page_about(name: str, *keys: int) -> str:
    """What ``reverse(name, args=keys)`` says, for a page about one row or a few: the address is looked up once."""
    parts = _around(name, len(keys), get_script_prefix())
    return parts[0] + "".join(f"{key}{part}" for key, part in zip(keys, parts[1:], strict=True))


@cache
def _around(name: str, keys: int, _prefix: str) -> tuple[str, ...]:
    places = [PLACE + n for n in range(keys)]
    return tuple(re.split("|".join(map(str, places)), reverse(name, args=places)))
