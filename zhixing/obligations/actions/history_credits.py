"""Rows of a history sheet as lines of the ledger: under which keys, on which days, and where their hours come from."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from zhixing.engine.policies import Found, found_by_days, shares_of_stated
from zhixing.engine.policies.unstated import Share
from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.history import HistoryRow
from zhixing.obligations.actions.ledger import NewCredit
from zhixing.obligations.models import Entry
from zhixing.obligations.queries.keys import keys_of_shares
from zhixing.obligations.queries.policies import Recognitions

FOUND_SHOWN = 200
"""So many rows of which the table said something are kept for the preview."""


def training_key(person: int | str, name: str, began_on: dt.date | str) -> str:
    """The ``source_key`` of a training in the history: it holds what makes it the same one, whose, which, since when (ISO)."""
    return f"history:{person}:{began_on}:{_digest(name)}"


@lru_cache(maxsize=1 << 14)
def _digest(name: str) -> str:
    return hashlib.sha256(bare(name).encode()).hexdigest()[:24]


def key_of(row: HistoryRow) -> str:
    return training_key(row.person, row.name, row.starts_on)


def keys_of(row: HistoryRow) -> list[str]:
    """Every key under which some of the training may be booked, its own first: what an earlier year got has the year behind it."""
    key = key_of(row)
    return [key, *(f"{key}:{year}" for year in range(row.starts_on.year, row.ends_on.year))]


def found_of(row: HistoryRow, recognitions: Recognitions) -> Found | None:
    """The hours of a row that states none, by the table in force on its last day."""
    return found_by_days(recognitions.on(row.ends_on), row.channel, row.starts_on, row.ends_on, row.days)


def shares_of(row: HistoryRow, recognitions: Recognitions) -> tuple[Share, ...]:
    """(last day in the year, tenths), the last year last; a row without hours has one share all the same."""
    if row.found:
        return row.found.shares
    if row.starts_on.year == row.ends_on.year:
        return ((row.ends_on, row.credited),)
    return shares_of_stated(recognitions.on(row.ends_on), row.channel, row.starts_on, row.ends_on, row.credited)


def credits_of(row: HistoryRow, recognitions: Recognitions) -> list[NewCredit]:
    """One line for each year that got hours; the last one has the key of the training."""
    shares = shares_of(row, recognitions)
    keys = keys_of_shares(key_of(row), [day.year for day, _tenths in shares])
    return [
        NewCredit(
            person_id=int(row.person),
            earned_on=earned_on,
            began_on=row.starts_on,
            tenths=tenths,
            channel=row.channel,
            title=row.name,
            organiser=row.organiser,
            institution=row.institution,
            certificate=row.certificate,
            result=row.result,
            source=Entry.Source.HISTORY,
            source_key=key,
        )
        for (earned_on, tenths), key in zip(shares, keys, strict=True)
    ]


def told_of(rows: Iterable[HistoryRow], recognitions: Recognitions) -> dict[str, Any]:
    """What the table in force said, for the preview: how many rows it gave hours, how many it split, and the first of them."""
    recognised = split = 0
    shown: list[dict[str, Any]] = []
    for row in rows:
        shares = shares_of(row, recognitions)
        recognised += row.found is not None
        split += len(shares) > 1
        if (row.found or len(shares) > 1) and len(shown) < FOUND_SHOWN:
            shown.append(_told(row, shares))
    return {"recognised": recognised, "split": split, "rows": shown}


def _told(row: HistoryRow, shares: tuple[Share, ...]) -> dict[str, Any]:
    return {
        "row": row.row,
        "name": row.name,
        "days": f"{float(row.found.days):g}" if row.found else "",
        "titles": row.found.titles if row.found else "",
        "tenths": row.credited,
        "shares": [[day.isoformat(), tenths] for day, tenths in shares],
    }
