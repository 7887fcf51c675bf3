"""Where an installation keeps its own things: database, files and secrets, under ``ZHIXING_HOME`` (default ``var`` in the working folder)."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path


def home() -> Path:
    """The folder of this installation; made when missing, open to its owner only: it holds personal data."""
    folder = Path(os.environ.get("ZHIXING_HOME", "var")).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def installation_secrets(folder: Path) -> dict[str, str]:
    """Signing, encryption and blind-index keys; invented at the first start and readable by the owner only.

    Losing ``secrets.json`` makes stored ID numbers unreadable: back it up apart from the database.
    """
    path = folder / "secrets.json"
    if not path.exists():
        made = {
            "signing": secrets.token_urlsafe(48),
            "encryption": base64.b64encode(secrets.token_bytes(32)).decode(),
            "blind_index": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        draft = folder / f"secrets.{os.getpid()}.tmp"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
        try:
            os.link(draft, path)  # the first of two simultaneous starts wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found: dict[str, str] = json.loads(path.read_text())
    return found


def database(url: str, folder: Path) -> dict[str, object]:
    """Django's database settings for ``DATABASE_URL``: ``postgresql://user:password@host:port/name`` or ``sqlite:///path``; default: SQLite at home."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url or f"sqlite:///{folder / 'city.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path),
            "CONN_MAX_AGE": 60,  # opening the file and reading its schema costs as much as all queries of a page
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError(f"DATABASE_URL: {parts.scheme!r} is neither sqlite nor postgresql")
