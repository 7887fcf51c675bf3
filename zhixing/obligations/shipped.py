"""The policies that come with the product (``policies/*.toml`` of the repository, a folder of the package once installed)."""

from __future__ import annotations

from pathlib import Path

NATIONAL = "national-2023.toml"
PACKAGE = Path(__file__).resolve().parent.parent


def shipped_policy(name: str = NATIONAL) -> str:
    """The text of a shipped policy. Raises ``FileNotFoundError``."""
    installed = PACKAGE / "policies" / name
    return (installed if installed.exists() else PACKAGE.parent / "policies" / name).read_text(encoding="utf-8")
