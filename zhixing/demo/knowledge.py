"""When the officers of the city learnt of a post: some days after it began, one in ten of them six weeks; until then the older post stood open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

POSTING_FIELDS = (
    "person unit department title rank grade rank_since grade_since from_on to_on is_principal promoted brought_by"
).split()
PAST_FIELDS = (
    "posting_id person unit rank grade from_on to_on is_principal promoted recorded_at superseded_at"
).split()
KEPT = [POSTING_FIELDS.index(name) for name in PAST_FIELDS[1:-2]]
PERSON, FROM, TO, PRINCIPAL = (POSTING_FIELDS.index(name) for name in ("person", "from_on", "to_on", "is_principal"))
LATE, LATEST, USUAL, LEAVING = 10, 45, 20, 3
"""Every so many posts are entered so many days after they began, the others within so many; a leaving is entered after so many."""
Row = Sequence[object]


def with_moments(postings: Iterable[Row], on: dt.date) -> tuple[list[Row], list[Row]]:
    """The rows of ``POSTING_FIELDS`` with key and ``recorded_at``, and their past versions, as the triggers would have kept them."""
    stand: list[Row] = []
    past: list[Row] = []
    for _person, held in groupby(postings, key=lambda row: row[PERSON]):
        career = list(_learnt(held, len(stand) + 1, on))
        for n, (key, row, known) in enumerate(career):
            following = [later for _key, other, later in career[n + 1 :] if other[PRINCIPAL] and row[PRINCIPAL]]
            ended = following[0] if following else max(known or "", left_known(row[TO], on)) if row[TO] else None
            if ended:
                was_open = [None if column == TO else row[column] for column in KEPT]
                past.append((key, *was_open, known, ended))
            stand.append((key, *row, ended or known))
    return stand, past


def _learnt(held: Iterable[Row], first: int, on: dt.date) -> Iterator[tuple[int, Row, str | None]]:
    """Key, row and moment of each post; the first has been known ever since."""
    known: str | None = None
    for key, row in enumerate(held, start=first):
        if key > first:
            known = max(known or "", _moment(row[FROM], LATEST if key % LATE == 0 else key % USUAL + 1, on))
        yield key, row, known


def left_known(left_on: object, on: dt.date) -> str:
    """When it became known that somebody left."""
    return _moment(left_on, LEAVING, on)


def _moment(day: object, days: int, on: dt.date) -> str:
    """So many days after a day in ISO, but not after ``on``."""
    known = min(dt.date.fromisoformat(str(day)) + dt.timedelta(days=days), on)
    return dt.datetime.combine(known, dt.time(0), dt.UTC).isoformat(sep=" ")
