"""Files of text that a person wrote."""

from __future__ import annotations

from pathlib import Path


def text_of(path: Path) -> str:
    """In UTF-8 (with or without BOM), or GB18030, as Windows writes it in China; what is neither reads as no document in any case."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
