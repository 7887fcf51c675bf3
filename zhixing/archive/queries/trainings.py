"""Which training a line of the ledger belongs to: the half days of one call-up, the years' shares of one training elsewhere, are one."""

from __future__ import annotations

from collections.abc import Hashable

from zhixing.attendance.queries.ledger import callup_of
from zhixing.obligations.models import Entry
from zhixing.obligations.queries.keys import training_of_key


def training_of(entry: Entry, key: str) -> Hashable:
    """The same for all lines of one training of one person, another for any other of theirs; ``key`` is what ``original_keys`` found.

    The key that names the deed says it, also where the line was corrected or moved since. A line without such a key is known by title and days.
    """
    return callup_of(key) or training_of_key(key) or (entry.title, entry.began_on or entry.earned_on, entry.earned_on)
