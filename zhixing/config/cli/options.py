"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from zhixing.config.cli.failures import BadInput

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


def _all_there(context: click.Context, parameter: click.Parameter, files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Every file that is missing, not the first only."""
    missing = [f"{file}: there is no such file" for file in files if not file.is_file()]
    if missing:
        raise BadInput(missing)
    return files


files_argument = click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, callback=_all_there)
out_option = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write."
)


def parted(words: str, by: str = ",") -> list[str]:
    """What stands between the commas, without blanks around it."""
    return [word.strip() for word in words.split(by) if word.strip()]


def distinct(words: str, by: str = ",") -> list[str]:
    """The same, each once."""
    return list(dict.fromkeys(parted(words, by)))
