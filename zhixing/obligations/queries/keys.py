"""What a ``source_key`` says of the training whose line it names.

``external:7`` and ``history:12:2025-12-29:ab…`` name a training, ``…:2025`` behind them the share of an earlier year. A line that was booked
again keeps the key of the one it stands for behind ``@``: ``appeal:3@external:7``, ``merged:99@register:5:8``.
"""

from __future__ import annotations

from zhixing.obligations.models import Entry

_PARTS = {"external": 2, "history": 4}
"""Word → how many parts of the key name the training; a year may follow."""


def key_again(deed: str, entry: Entry) -> str:
    """The key of a line that takes the place of ``entry`` by ``deed``."""
    return f"{deed}@{original_key(entry.source_key)}" if entry.source_key else deed


def original_key(key: str | None) -> str:
    """The key without the corrections and moves before it; blank where there is none."""
    return (key or "").rpartition("@")[2]


def training_of_key(key: str) -> str:
    """The part that names an outside training or one of a history sheet; blank for others."""
    parts = key.split(":")
    many = _PARTS.get(parts[0], 0)
    return ":".join(parts[:many]) if len(parts) >= many else ""
