"""How the hours ledger names what registers posted. What is posted anew for the same mark has its number behind the key: ``register:7:12:1``."""

from __future__ import annotations

from collections.abc import Iterable, Sized

from django.db.models import Q

from zhixing.attendance.models import Mark, Register
from zhixing.callups.models import Callup
from zhixing.obligations.models import Entry
from zhixing.obligations.queries.keys import successors_of


def key_of(mark: Mark) -> str:
    return f"register:{mark.register_id}:{mark.callup_id}"


def callup_of(key: str) -> str:
    """The call-up (``callup:12``) that a key of ours is about, whichever register; blank for the keys of others."""
    parts = key.split(":")
    callup = {"register": 2, "callup": 1}.get(parts[0], len(parts))
    return f"callup:{parts[callup]}" if callup < len(parts) else ""


def _of_key(key: str) -> Q:
    return Q(source_key=key) | Q(source_key__startswith=f"{key}:")


def not_completed_key(callup: Callup) -> str:
    return f"callup:{callup.pk}:not_completed"


def postings_of(key: str) -> list[Entry]:
    """Everything that was ever posted under one key, oldest first, each with what reversed it.

    What took its place in the ledger, after an appeal there or for the person who stays of two on record, is one of them.
    """
    return _with_successors(_of_key(key))


def _with_successors(keys: Q) -> list[Entry]:
    posted = list(Entry.objects.filter(keys, reverses=None).select_related("reversed_by"))
    return sorted([*posted, *successors_of(posted)], key=lambda entry: entry.pk)


def live_of(postings: Iterable[Entry]) -> Entry | None:
    """The one that nobody reversed."""
    return next((entry for entry in postings if getattr(entry, "reversed_by", None) is None), None)


def key_anew(key: str, postings: Sized) -> str:
    """The key under which the next of ``postings`` goes into the ledger."""
    return f"{key}:{len(postings)}" if postings else key


def live_entries(callup: Callup) -> list[Entry]:
    """Entries posted from the registers of one call-up that nobody reversed; without those that an appeal in the ledger booked, which stand."""
    keys = Q(pk=None)
    for mark in Mark.objects.filter(callup=callup, register__state=Register.State.CLOSED):
        keys |= _of_key(key_of(mark))
    standing = [entry for entry in _with_successors(keys) if not hasattr(entry, "reversed_by")]
    return [entry for entry in standing if entry.source != Entry.Source.APPEAL]
