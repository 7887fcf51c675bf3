"""Figures that are reckoned once and then read: the solver is not loaded to show a page again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from django.db.models import JSONField, Value

from zhixing.evaluations.models import Reckoning

EDITION: Final = 4
"""Of what is reckoned: raise it when the engine says something new, and everything is reckoned again."""


def digest_of(of: object) -> str:
    """Of plain values, and of what the engine says of them."""
    return hashlib.sha256(json.dumps([EDITION, of], default=str).encode()).hexdigest()


def reckoned(kind: str, scope: str, of: object, make: Callable[[], Any]) -> Any:
    """What ``make`` found for ``scope`` when everything in ``of`` (plain values) was as it is now; made now where it was not."""
    digest = digest_of(of)
    kept = Reckoning.objects.filter(kind=kind, scope=scope, digest=digest).first()
    if kept is not None:
        return kept.found
    found = json.loads(json.dumps(make()))  # as it will be read
    kept_as = Value(None, JSONField()) if found is None else found  # nothing found is a finding, not a missing one
    Reckoning.objects.update_or_create(kind=kind, scope=scope, defaults={"digest": digest, "found": kept_as})
    return found
