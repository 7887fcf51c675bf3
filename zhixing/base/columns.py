"""Columns that many lists have: hours, and the state as a badge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zhixing.base.listing import Column
from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import badge, hours


def hours_column(
    key: str, label: Text, tenths: Callable[[Any], int] | None = None, *, sort: str | tuple[str, ...] = ()
) -> Column:
    """Hours, which rows keep in ``tenths``: by default what stands under ``key``."""
    read = tenths or (lambda row: getattr(row, key))
    return Column(
        key, label, sort=sort, numeric=True, value=lambda row: read(row) / 10, show=lambda row: hours(read(row))
    )


def state_column(label: Text, key: str = "state") -> Column:
    """One of the choices of the field ``key``, in words and in its colour."""

    def said(row: Any) -> str:
        return str(getattr(row, f"get_{key}_display")())

    return Column(key, label, sort=key, value=said, show=lambda row: badge(getattr(row, key), said(row)))
