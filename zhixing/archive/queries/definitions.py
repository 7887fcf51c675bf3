"""The definitions of extracts: those that come with the product, and those a place keeps in ``extracts/`` of its home; the place's own wins."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from zhixing.base.problems import NotFound
from zhixing.engine.extracts.definition import Definition, parse

SHIPPED = Path(__file__).resolve().parent.parent / "extracts"


def files() -> dict[str, Path]:
    """Name of a file without ``.toml`` → file."""
    folders = (SHIPPED, Path(settings.HOME) / "extracts")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def text_of(code: str) -> str:
    """Raises ``NotFound``."""
    path = files().get(code)
    if path is None:
        raise NotFound
    return path.read_text(encoding="utf-8-sig")


def definition_of(code: str) -> Definition:
    """Raises ``NotFound``, and ``DefinitionError`` for a file of the place that defines nothing."""
    return parse(text_of(code))
