"""What a ``source_key`` says of the training whose line it names.

``external:7`` and ``history:12:2025-12-29:ab…`` name a training, ``…:2025`` behind them the share of an earlier year. A line that was booked
again keeps the key of the one it stands for behind ``@``: ``appeal:3@external:7``, ``merged:99@register:5:8``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q, QuerySet

from zhixing.obligations.models import Entry, EntryAppeal

_PARTS = {"external": 2, "history": 4}
"""Word → how many parts of the key name the training; a year may follow."""
_AGAIN = ("merged", "appeal")
"""Words of the deeds that book a line in the place of another."""


def keys_of_shares(training: str, years: Sequence[int]) -> list[str]:
    """The keys of the lines of one training, for each of ``years`` that got hours: the last one has the key of the training itself."""
    return [*(f"{training}:{year}" for year in years[:-1]), training]


def booked_again(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those of ``entries`` that took the place of others: moved from another person on record, or corrected after an appeal."""
    moved, corrected = (Q(source_key__startswith=f"{word}:") for word in _AGAIN)
    return entries.filter(moved | corrected)


def key_again(deed: str, entry: Entry) -> str:
    """The key of a line that takes the place of ``entry`` by ``deed``."""
    return f"{deed}@{original_key(entry.source_key)}" if entry.source_key else deed


def original_key(key: str | None) -> str:
    """The key without the corrections and moves before it; blank where there is none."""
    return (key or "").rpartition("@")[2]


def original_keys(entries: Iterable[Entry]) -> dict[int, str]:
    """Line (key) → ``original_key`` of it, in one go.

    Lines that were booked before it was kept behind ``@`` name only the line or the appeal they come from (``merged:99``, ``appeal:3``): the key
    is found there, with two queries for each step back.
    """
    found = {entry.pk: original_key(entry.source_key) for entry in entries}
    while bare := {pk: key for pk, key in found.items() if key.startswith(tuple(f"{word}:" for word in _AGAIN))}:
        before = _before(set(bare.values()))
        found |= {pk: original_key(before.get(key)) for pk, key in bare.items()}
    return found


def _before(keys: Collection[str]) -> dict[str, str | None]:
    """``merged:99`` or ``appeal:3`` → the key of the line that was moved or appealed against."""
    numbers: dict[str, list[int]] = {word: [] for word in _AGAIN}
    for key in keys:
        word, _colon, number = key.partition(":")
        if number.isdecimal():
            numbers[word].append(int(number))
    lines = Entry.objects.filter(pk__in=numbers["merged"]).values_list("pk", "source_key")
    appeals = EntryAppeal.objects.filter(pk__in=numbers["appeal"]).values_list("pk", "entry__source_key")
    return {f"merged:{pk}": key for pk, key in lines} | {f"appeal:{pk}": key for pk, key in appeals}


def successors_of(entries: Iterable[Entry]) -> list[Entry]:
    """The lines that took the place of cancelled ``entries`` by a move or an upheld appeal, and of those in turn; the oldest first.

    Each comes with what reversed it; ``entries`` must too.
    """
    found: dict[int, Entry] = {}
    gone = [entry for entry in entries if hasattr(entry, "reversed_by")]
    while gone:
        keys = {key for entry in gone for key in (f"merged:{entry.pk}", key_again(f"merged:{entry.pk}", entry))}
        moved = Entry.objects.filter(source_key__in=keys).select_related("reversed_by")
        corrected = Entry.objects.filter(corrects_appeal__entry__in=gone).select_related("reversed_by")
        lines = {entry.pk: entry for entry in (*moved, *corrected) if entry.pk not in found}
        found |= lines
        gone = [entry for entry in lines.values() if hasattr(entry, "reversed_by")]
    return [found[pk] for pk in sorted(found)]


def training_of_key(key: str) -> str:
    """The part that names an outside training or one of a history sheet; blank for others."""
    parts = key.split(":")
    many = _PARTS.get(parts[0], 0)
    return ":".join(parts[:many]) if len(parts) >= many else ""
