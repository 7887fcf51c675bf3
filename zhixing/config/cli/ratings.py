"""``zhixing ratings``: what marks say once who gave them is taken into account (formats.md §5)."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.ratings_careless import careless_command
from zhixing.config.cli.ratings_rank import rank_command
from zhixing.config.cli.ratings_reliability import reliability_command
from zhixing.config.cli.writing import written_whole
from zhixing.engine.ratings.crossed import NORMAL_95, Fit, Method, fit
from zhixing.engine.ratings.design import Design, DesignError, Fault, FaultCode, columns_of, design_of, doubled_in

SENTENCES: Final = {
    FaultCode.MISSING_COLUMN: "the column is missing: add it or leave it out of the formula",
    FaultCode.NOT_A_NUMBER: "{value} is no number to reckon with: write a finite one, or leave the cell empty",
    FaultCode.EMPTY: "the cell is empty: fill it in or leave the rating out",
    FaultCode.NO_RATINGS: "no rating has a response: there is nothing to fit",
    FaultCode.FEW_RATINGS: "there are no more ratings than fixed terms ({value}): bring more ratings or fewer terms",
    FaultCode.SAME_FACTOR: "the factor parts the ratings in the same way as {value}: leave one of the two out",
    FaultCode.DEPENDENT_TERM: "the other fixed terms tell this one: leave it out",
}


@click.group()
def command() -> None:
    """Fit ratings with crossed and nested factors (formats.md §5)."""


for further in (rank_command, reliability_command, careless_command):
    command.add_command(further)


@command.command("fit")
@click.argument("ratings", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--response", required=True, help="The column of the mark.")
@click.option("--fixed", default="", help="Columns that are not shrunken, parted by commas.")
@click.option("--crossed", default="", help="Factors, parted by commas; a:b is their interaction.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write.")
@click.option("--method", type=click.Choice([str(one) for one in Method]), default=str(Method.REML), show_default=True)
def fit_command(ratings: Path, response: str, fixed: str, crossed: str, out: Path, method: str) -> None:
    """Estimate what every teacher, rater or class run adds, with standard errors, and how much each factor varies.

    Ratings without a response are left out and counted. A factor whose variance is zero is named, and the fit goes on without it.
    """
    terms, factors = _names(fixed, "--fixed"), _names(crossed, "--crossed")
    if not out.absolute().parent.is_dir():
        raise BadInput(f"{out}: the folder {out.absolute().parent} does not exist: make it first")
    text = [name for name in columns_of(response, [], factors)[1:] if name not in terms]
    table = read_ratings(ratings, columns_of(response, terms, factors), text)
    start = time.perf_counter()
    try:
        design = design_of(table, response, terms, factors)
    except DesignError as error:
        raise BadInput([_sentence(ratings, fault) for fault in error.faults]) from error
    found = fit(design, Method(method))
    seconds = time.perf_counter() - start
    doubled = doubled_in(design)
    write_fit(out, design, found, {"seconds": round(seconds, 3), "doubled": doubled})
    zero = ", ".join(design.factors[place].name for place in found.singular)
    click.echo(
        f"{out}: {len(design.response)} ratings, {found.iterations} iterations, residual variance {found.residual:.6g}"
        + (f"; without variance: {zero}" if zero else "")
        + (f"; {design.left_out} without a response left out" if design.left_out else "")
    )


def _names(words: str, option: str) -> list[str]:
    names = [word.strip() for word in words.split(",") if word.strip()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"{option}: {', '.join(twice)} stands twice: leave one")
    return names


def read_ratings(path: Path, columns: list[str], text: list[str]) -> pa.Table:
    """The named columns of a CSV file, those of them that it has; the ``text`` ones as they are written."""
    try:
        with pa_csv.open_csv(path) as first:
            known = [name for name in columns if name in first.schema.names]
        return pa_csv.read_csv(
            path,
            convert_options=pa_csv.ConvertOptions(
                include_columns=known,
                column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in text if name in known},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: this is no CSV file in UTF-8 ({error}): write the ratings as CSV") from error


def _sentence(path: Path, fault: Fault) -> str:
    """File, rating, column, value and what to do."""
    row = f", rating {fault.row}" if fault.row else ""
    more = f" (and {fault.more} more ratings)" if fault.more else ""
    return f"{path}{row}, column {fault.column}: {SENTENCES[fault.code].format(value=fault.value)}{more}"


def write_fit(out: Path, design: Design, found: Fit, further: dict[str, Any]) -> None:
    """All files of a fit, ``fit.json`` last."""
    out.mkdir(exist_ok=True)
    said = {
        "log_likelihood": found.log_likelihood,
        "method": str(found.method),
        "iterations": found.iterations,
        "n": len(design.response),
        "left_out": design.left_out,
        "singular": [design.factors[place].name for place in found.singular],
        **further,
    }
    with ExitStack() as stack:
        written = stack.enter_context(written_whole(out / "fit.json"))
        written.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for name, table in (
            ("effects", effects_of(design, found)),
            ("fixed", pa.table({"term": design.terms, "estimate": found.beta, "se": found.beta_errors})),
            ("variances", variances_of(design, found)),
        ):
            pa_csv.write_csv(table, stack.enter_context(written_whole(out / f"{name}.csv")))


def effects_of(design: Design, found: Fit) -> pa.Table:
    """One row for each level of each factor: its effect, standard error and 95 % interval."""
    half = NORMAL_95 * found.errors
    sizes = [len(factor.levels) for factor in design.factors]
    return pa.table(
        {
            "group": pa.array(np.repeat([factor.name for factor in design.factors], sizes), pa.string()),
            "level": pa.array(chain.from_iterable(factor.levels for factor in design.factors), pa.string()),
            "estimate": found.effects,
            "se": found.errors,
            "lower": found.effects - half,
            "upper": found.effects + half,
        }
    )


def variances_of(design: Design, found: Fit) -> pa.Table:
    """One row for each factor, and the residual one last."""
    groups = [*(factor.name for factor in design.factors), "Residual"]
    return pa.table({"group": groups, "variance": [*found.variances.tolist(), found.residual]})
