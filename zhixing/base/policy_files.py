"""Where the rules of this installation stand (``policies/*.toml``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


def policy_folders() -> Iterator[Path]:
    """Folders of rules, the installation's own before those that come with the product."""
    for place in (settings.HOME, settings.PACKAGE, settings.PACKAGE.parent):
        yield Path(place) / "policies"


def policy_file(name: str) -> Path:
    """The installation's own file when it has one, else the one that comes with the product."""
    return next(path for folder in policy_folders() if (path := folder / name).exists())
