"""The one error by which a command says that its input is bad."""

from __future__ import annotations

from collections.abc import Sequence


class BadInput(Exception):
    """Bad input; ``lines`` names every problem with file, place, value and what to do. The command exits with 2."""

    def __init__(self, lines: Sequence[str] | str) -> None:
        self.lines = [lines] if isinstance(lines, str) else list(lines)
        super().__init__("\n".join(self.lines))
