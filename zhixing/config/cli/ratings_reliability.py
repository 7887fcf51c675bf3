"""``zhixing ratings reliability``: whether the items of a form measure one thing, or raters agree."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa

from zhixing.config.cli.csv_files import write_folder
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option
from zhixing.config.cli.options import FILE, out_option, parted
from zhixing.config.cli.ratings_answers import check_among, read_sheets, scale_of, told
from zhixing.config.cli.ratings_rank import check_parent
from zhixing.config.cli.ratings_sentences import say
from zhixing.engine.ratings.agreement import RESAMPLES, Measure, krippendorff, within_groups
from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.reliability import Missing, consistency, grouped, intraclass
from zhixing.engine.ratings.sheets import FaultCode, Sheets, SheetsError


class Columns(StrEnum):
    """What a column of the file is."""

    ITEMS = "items"
    RATERS = "raters"


@dataclasses.dataclass(frozen=True)
class Written:
    """What is written: the JSON, tables by name, and the line that is said."""

    said: dict[str, Any]
    tables: dict[str, pa.Table]
    line: str


@click.command("reliability")
@click.argument("answers", type=FILE)
@click.option(
    "--of",
    type=click.Choice([str(one) for one in Columns]),
    default=str(Columns.ITEMS),
    show_default=True,
    help="What the columns are: items of a form (a row is a sheet), or raters (a row is a unit that they rate).",
)
@click.option(
    "--columns", default="", help="Which columns, parted by commas.  [default: all that are not named otherwise]"
)
@click.option("--group", help="Of items: the column that says which class run or teacher a sheet is about.")
@click.option("--scale", help="LOW:HIGH, such as 1:5. --group and --reversed need it.")
@click.option("--reversed", "reversed_", default="", help="Items that point the other way, parted by commas.")
@click.option(
    "--missing", type=click.Choice([str(one) for one in Missing]), default=str(Missing.PAIRWISE), show_default=True
)
@click.option(
    "--measure",
    type=click.Choice([str(one) for one in Measure]),
    default=str(Measure.ORDINAL),
    show_default=True,
    help="Of raters: the level of measurement.",
)
@click.option("--resamples", type=click.IntRange(min=0), default=RESAMPLES, show_default=True, help="0: no interval.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True)
@out_option
@lang_option
def reliability_command(
    answers: Path,
    of: str,
    columns: str,
    group: str | None,
    scale: str | None,
    reversed_: str,
    missing: str,
    measure: str,
    resamples: int,
    seed: int,
    out: Path,
    lang: str,
) -> None:
    """Say how far the items of a form measure one thing (Cronbach's α, McDonald's ω), or how far raters agree (six intraclass correlations,
    Krippendorff's α).

    Writes reliability.json; of items also items.csv, and with --group agreement.csv.
    """
    check_parent(out, lang)
    ends, turned = scale_of(scale, lang), parted(reversed_)
    for option, asked in (("--group", group), ("--reversed", turned)):
        if asked and ends is None:
            raise BadInput(say(lang, "scale_needed", option=option))
    sheets = read_sheets(answers, columns, group, None, ends, lang)
    check_among("--reversed", turned, sheets.items, lang)
    if ends is not None:
        sheets = sheets.turned(turned, *ends)
    try:
        if Columns(of) is Columns.ITEMS:
            found = _of_items(out, sheets, ends, Missing(missing), lang)
        else:
            found = _of_raters(out, sheets, Measure(measure), resamples, seed, lang)
    except SheetsError as error:
        raise told(answers, error, lang) from error
    write_folder(out, "reliability", found.said, found.tables)
    click.echo(found.line)


def _of_items(out: Path, sheets: Sheets, ends: tuple[float, float] | None, missing: Missing, lang: str) -> Written:
    found = consistency(sheets.values, missing)
    said: dict[str, Any] = {
        "of": str(Columns.ITEMS),
        "items": len(sheets.items),
        "sheets": len(sheets.values),
        "sheets_behind": found.sheets,
        "missing": str(missing),
        "alpha": dataclasses.asdict(found.alpha),
        "omega": found.omega,
    }
    tables = {
        "items": pa.table(
            {
                "item": sheets.items,
                "n": sheets.answered.sum(axis=0),
                "mean": np.nanmean(sheets.values, axis=0),
                "sd": np.nanstd(sheets.values, axis=0, ddof=1),
                "item_rest": _cells(found.item_rest),
                "alpha_without": _cells(found.alpha_without),
                "loading": _cells(found.loadings),
                "unique_variance": _cells(found.unique),
            }
        )
    }
    if sheets.groups is not None and ends is not None:
        answered = sheets.answered.sum(axis=1)
        score = np.divide(
            np.nansum(sheets.values, axis=1), answered, out=np.full(len(answered), np.nan), where=answered > 0
        )
        said["groups"] = dataclasses.asdict(grouped(score, sheets.groups))
        inside = within_groups(sheets.values, sheets.groups, *ends)
        columns = {"r_wg_j": inside.r_wg_j, "a_wg": inside.a_wg, "deviation": inside.deviation}
        tables["agreement"] = pa.table(
            {
                "group": sheets.groups.names,
                "sheets": inside.sheets,
                **{name: _cells(values) for name, values in columns.items()},
            }
        )
    alpha = found.alpha
    line = say(
        lang,
        "items",
        out=out,
        items=len(sheets.items),
        sheets=found.sheets,
        alpha=alpha.value,
        lower=alpha.lower,
        upper=alpha.upper,
    )
    return Written(said, tables, line)


def _cells(values: Floats) -> pa.Array:
    """Empty where nothing is told"""
    return pa.array(values, from_pandas=True)


def _of_raters(out: Path, sheets: Sheets, measure: Measure, resamples: int, seed: int, lang: str) -> Written:
    found = krippendorff(sheets.values, measure, resamples, seed)
    said: dict[str, Any] = {
        "of": str(Columns.RATERS),
        "raters": len(sheets.items),
        "units": found.units,
        "answers": found.answers,
        "krippendorff": {"measure": str(measure), **dataclasses.asdict(found.alpha)},
        "intraclass": _intraclass(sheets),
        "resamples": resamples,
        "seed": seed,
    }
    line = say(lang, "raters", out=out, units=found.units, answers=found.answers, alpha=found.alpha.value)
    return Written(said, {}, line)


def _intraclass(sheets: Sheets) -> dict[str, Any] | None:
    """None where fewer than two units were rated by all."""
    try:
        return dataclasses.asdict(intraclass(sheets.values))
    except SheetsError as error:
        if {fault.code for fault in error.faults} <= {FaultCode.FEW_SHEETS, FaultCode.ALL_EQUAL}:
            return None
        raise
