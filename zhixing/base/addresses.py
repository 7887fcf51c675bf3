"""Addresses of other services."""

from __future__ import annotations

from urllib.parse import urlsplit

_HERE = {"localhost", "127.0.0.1", "::1"}


def secure_address(url: str) -> str:
    """``url`` unless it is open to eavesdroppers. Raises ``ValueError`` for one without TLS: who signs in is believed by this channel alone."""
    parts = urlsplit(url)
    if url and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise ValueError(f"the identity service: {url!r} must begin with https://")
    return url
