"""One-time passwords: readable, random, shown once; the first sign-in asks for another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"
_GROUPS, _GROUP = 3, 4


@dataclass(frozen=True)
class Slip:
    """What a new account's holder is told once, on paper."""

    unit: str
    name: str
    username: str
    password: str


def one_time_password() -> str:
    """Three groups of four signs without look-alikes, such as ``kx7m-p2vr-9dtw``: about 58 bits."""
    while True:
        groups = ["".join(secrets.choice(_LETTERS + _DIGITS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
        password = "-".join(groups)
        if any(sign in _DIGITS for sign in password) and any(sign in _LETTERS for sign in password):
            return password
