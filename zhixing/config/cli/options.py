"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
out_option = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write."
)


def parted(words: str, by: str = ",") -> list[str]:
    """What stands between the commas, without blanks around it."""
    return [word.strip() for word in words.split(by) if word.strip()]


def distinct(words: str, by: str = ",") -> list[str]:
    """The same, each once."""
    return list(dict.fromkeys(parted(words, by)))
