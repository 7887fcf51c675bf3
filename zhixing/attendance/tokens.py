"""The rotating code on the projector: a signed note of one register and one slot of 20 seconds.

The product's own signing key and a salt of its own; no clock in here: the caller says what time it is.
"""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Refused

SLOT_SECONDS = 20
SLOTS_VALID = 2
_signer = signing.Signer(salt="attendance.sign_in")


def slot_of(at: dt.datetime) -> int:
    """The number of the slot that holds ``at`` (an aware time)."""
    return int(at.timestamp()) // SLOT_SECONDS


def make(register_id: int, at: dt.datetime) -> str:
    """The token of ``register_id`` for the slot of ``at``; two calls within a slot give the same text."""
    return _signer.sign(f"{register_id}.{slot_of(at)}")


def read(token: str, at: dt.datetime) -> int:
    """The register of ``token``. Raises ``Refused``: not ours, or not of this slot or the one before."""
    try:
        register, slot = (int(part) for part in _signer.unsign(token).split("."))
    except (signing.BadSignature, ValueError):
        raise Refused(_("This is not a sign-in code of this system.")) from None
    if not 0 <= slot_of(at) - slot < SLOTS_VALID:
        raise Refused(_("This code has expired. Scan the one that is on the screen now."))
    return register
