"""Whether the last start left everything ready, asked without Django: a start with nothing to do should do nothing.

True only for SQLite at home, the same code, static files and packages, and a database that has just the migrations it had then.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[2]
STAMP: Final = ".ready"
DATABASE: Final = "city.sqlite3"


def is_ready(folder: Path) -> bool:
    """``folder`` is the home of the installation."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _state(folder)


def mark_ready(folder: Path) -> None:
    """Everything is up to date now: nothing to migrate, static files collected, a city in the database."""
    if state := _state(folder):
        (folder / STAMP).write_text(state)


def static_state(package: Path) -> str:
    """Equal for equal static files."""
    files = sorted(p for p in package.glob("*/static/**/*") if p.is_file())
    return _digest(f"{p}{p.stat().st_size}{p.stat().st_mtime_ns}" for p in files)


def _state(folder: Path) -> str:
    """Blank where only Django can tell."""
    database, static, django = folder / DATABASE, folder / "static", find_spec("django")
    if (
        os.environ.get("DATABASE_URL")
        or not (database.exists() and static.exists())
        or django is None
        or django.origin is None
    ):
        return ""
    packages = Path(django.origin).parent.parent.stat().st_mtime_ns  # anything installed or removed changes it
    code = sorted(str(p.relative_to(PACKAGE)) for p in PACKAGE.glob("*/migrations/*.py"))
    return _digest([*code, static_state(PACKAGE), str(packages), *_migrations(database)])


def _migrations(database: Path) -> list[str]:
    try:
        with sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True) as connection:
            return [str(row) for row in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]
    except sqlite3.Error:
        return ["none"]


def _digest(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
