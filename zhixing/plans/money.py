"""Money as pages write it."""

from __future__ import annotations


def money(cents: int | None) -> str:
    """Money without the decimals of whole yuan."""
    if cents is None:
        return "—"
    return f"¥{cents // 100:,}" if cents % 100 == 0 else f"¥{cents / 100:,.2f}"
