"""``zhixing ratings careless``: which sheets bear signs of having been filled in without reading, and what changes without them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import pyarrow as pa

from zhixing.config.cli.csv_files import write_folder
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option
from zhixing.config.cli.options import FILE, out_option, parted
from zhixing.config.cli.ratings_answers import check_among, read_sheets, scale_of
from zhixing.config.cli.ratings_rank import check_parent
from zhixing.config.cli.ratings_sentences import say
from zhixing.engine.ratings.careless import Index, Means, Screening, Thresholds, means, screen
from zhixing.engine.ratings.sheets import Sheets

LIMITS: Final = tuple(one.name for one in dataclasses.fields(Thresholds) if one.name != "signs_least")


@click.command("careless")
@click.argument("answers", type=FILE)
@click.option("--scale", required=True, help="LOW:HIGH, such as 1:5.")
@click.option("--columns", default="", help="The items in the order of the form.  [default: all not named otherwise]")
@click.option("--blocks", default="", help="Items that belong together: a,b,c;d,e,f. Three blocks or more.")
@click.option("--reversed", "reversed_", default="", help="Items that point the other way, parted by commas.")
@click.option("--seconds", help="The column of how long the sheet took.")
@click.option("--group", help="The column that says which class run or teacher a sheet is about.")
@click.option("--limit", "limits", multiple=True, help=f"NAME=NUMBER or NAME=off, of {', '.join(LIMITS)}.")
@click.option("--signs", type=click.IntRange(min=1), default=Thresholds.signs_least, show_default=True)
@out_option
@lang_option
def careless_command(
    answers: Path,
    scale: str,
    columns: str,
    blocks: str,
    reversed_: str,
    seconds: str | None,
    group: str | None,
    limits: tuple[str, ...],
    signs: int,
    out: Path,
    lang: str,
) -> None:
    """Say which sheets bear signs of carelessness, by which index, and give every mean with and without those that have enough signs.

    A sheet is a row of the file, counted from 1: nothing says whose it is, and nothing is added up over sheets of one person. A single sign proves nothing.

    Writes sheets.csv, means.csv and careless.json.
    """
    check_parent(out, lang)
    ends = scale_of(scale, lang)
    if ends is None:
        raise BadInput(say(lang, "no_scale", value=scale))
    thresholds = _thresholds(limits, signs, lang)
    sheets = read_sheets(answers, columns, group, seconds, ends, lang)
    parts = [parted(block) for block in blocks.split(";") if block.strip()]
    check_among("--blocks", [name for part in parts for name in part], sheets.items, lang)
    check_among("--reversed", parted(reversed_), sheets.items, lang)
    found = screen(sheets, ends, parts, parted(reversed_), thresholds)
    _write(out, sheets, found, thresholds)
    told = {"sheets": len(sheets.values), "aside": int(found.aside.sum()), "signs": signs}
    click.echo(say(lang, "screened", out=out, **told))


def _thresholds(limits: Sequence[str], signs: int, lang: str) -> Thresholds:
    changed: dict[str, float | None] = {}
    for words in limits:
        name, _, value = words.partition("=")
        try:
            number = None if value == "off" else float(value)
        except ValueError:
            number = np.nan
        if name not in LIMITS or (number is not None and not np.isfinite(number)):
            raise BadInput(say(lang, "no_limit", value=words, names=", ".join(LIMITS)))
        changed[name] = number
    return dataclasses.replace(Thresholds(signs_least=signs), **changed)  # type: ignore[arg-type]


def _write(out: Path, sheets: Sheets, found: Screening, thresholds: Thresholds) -> None:
    """All files, ``careless.json`` last."""
    said: dict[str, Any] = {
        "sheets": len(sheets.values),
        "aside": int(found.aside.sum()),
        "flagged": {str(index): int(flags.sum()) for index, flags in found.flags.items()},
        "thresholds": dataclasses.asdict(thresholds),
    }
    tables = {"sheets": sheets_table(found), "means": means_table(sheets, means(sheets, found.aside))}
    write_folder(out, "careless", said, tables)


def sheets_table(found: Screening) -> pa.Table:
    """One row for each sheet, in the order of the file: its indices, which of them are flagged, how many signs that is, whether it may be set aside."""
    names = np.array([str(index) for index in Index])
    flags = np.column_stack([found.flags[index] for index in Index])
    return pa.table(
        {
            "sheet": np.arange(1, len(flags) + 1),
            **{str(index): pa.array(found.index[index], from_pandas=True) for index in Index},
            "flagged": pa.array([" ".join(names[row]) for row in flags], pa.string()),
            "signs": found.signs,
            "aside": found.aside,
        }
    )


def means_table(sheets: Sheets, found: Means) -> pa.Table:
    """One row for each group and item: of all sheets, and of those that are left."""
    groups, items = len(found.groups), len(sheets.items)
    return pa.table(
        {
            "group": pa.array(np.repeat(found.groups, items), pa.string()),
            "item": pa.array(list(sheets.items) * groups, pa.string()),
            "n": found.count.ravel().astype(np.int64),
            "mean": pa.array(found.mean.ravel(), from_pandas=True),
            "n_left": found.count_left.ravel().astype(np.int64),
            "mean_left": pa.array(found.mean_left.ravel(), from_pandas=True),
        }
    )
