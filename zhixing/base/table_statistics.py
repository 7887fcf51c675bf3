"""What SQLite knows of its tables when it plans a query. PostgreSQL counts by itself."""

from __future__ import annotations

from django.db import connection

SAMPLE = 1_000
"""Rows read of each index: renewing takes some hundredths of a second however large the city is."""


def renew() -> None:
    """Count anew. Without counts "not reversed" is taken for rare, and one person's entries are sought in the whole ledger."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {SAMPLE}")
        cursor.execute("ANALYZE")
