"""Sealing of ID numbers: AES-GCM for reading back, a keyed blind index for finding. Neither key is in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


@cache
def _cipher() -> AESGCM:
    return AESGCM(base64.b64decode(settings.ENCRYPTION_KEY))


def seal(text: str) -> bytes:
    """Encrypt; 12 bytes of nonce, then cipher text and tag."""
    return seal_bytes(text.encode(), b"id-number")


def unseal(sealed: bytes) -> str:
    """Decrypt; raises ``cryptography.exceptions.InvalidTag`` when the key or the bytes are wrong."""
    return unseal_bytes(bytes(sealed), b"id-number").decode()


def seal_bytes(content: bytes, purpose: bytes) -> bytes:
    """Encrypt anything; what was sealed for one purpose cannot be opened for another."""
    nonce = os.urandom(12)
    return nonce + _cipher().encrypt(nonce, content, purpose)


def unseal_bytes(sealed: bytes, purpose: bytes) -> bytes:
    """Decrypt; raises ``cryptography.exceptions.InvalidTag`` when the key, the bytes or the purpose are wrong."""
    return _cipher().decrypt(sealed[:12], sealed[12:], purpose)


def blind_index(text: str) -> str:
    """A keyed digest by which an exact number can be found without being readable."""
    return hmac.new(base64.b64decode(settings.BLIND_INDEX_KEY), text.encode(), hashlib.sha256).hexdigest()


def mask(number: str) -> str:
    """How an ID number is shown: the region and the last two characters, never the birth date or the serial."""
    return f"{number[:4]}{'*' * max(0, len(number) - 6)}{number[-2:]}" if len(number) > 8 else "*" * len(number)
