"""Fail on a template that nobody renders, includes or extends. Overrides of allauth's own templates are rendered by allauth."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "zhixing"
RENDERED_BY_OTHERS = ("account/", "mfa/", "usersessions/", "allauth/", "django/")


def templates() -> dict[str, Path]:
    return {
        str(path.relative_to(folder)): path
        for folder in PACKAGE.glob("*/templates")
        for path in folder.rglob("*")
        if path.is_file()
    }


def unused() -> list[str]:
    known = templates()
    sources = [p.read_text(encoding="utf-8") for p in [*PACKAGE.rglob("*.py"), *known.values()]]
    everything = "\n".join(sources)
    return sorted(
        name
        for name in known
        if not name.startswith(RENDERED_BY_OTHERS) and f'"{name}"' not in everything and f"'{name}'" not in everything
    )


if __name__ == "__main__":
    found = unused()
    for name in found:
        print(f"{name}: nobody uses this template")
    sys.exit(1 if found else 0)
