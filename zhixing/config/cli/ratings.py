"""``zhixing ratings``: what marks say once who gave them is taken into account (formats.md §5)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa

from zhixing.config.cli.csv_files import write_folder
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option
from zhixing.config.cli.options import out_option
from zhixing.config.cli.ratings_careless import careless_command
from zhixing.config.cli.ratings_nonresponse import nonresponse_command
from zhixing.config.cli.ratings_rank import check_parent, rank_command
from zhixing.config.cli.ratings_reliability import reliability_command
from zhixing.config.cli.ratings_sentences import fault, say
from zhixing.config.cli.ratings_table import FIXED_HELP, names_of, read_formula
from zhixing.engine.compiled import ready
from zhixing.engine.ratings.crossed import Fit, Method, Way, fit, fit_sums
from zhixing.engine.ratings.design import Design, DesignError, check_levels, design_of, doubled_in
from zhixing.engine.ratings.spark import sums_on_spark
from zhixing.engine.ratings.sums import Sums
from zhixing.engine.spark import SparkMissing
from zhixing.engine.student import NORMAL_95


@click.group()
def command() -> None:
    """Fit and rank ratings, and tell how far raters agree and answer with care (formats.md §5)."""


for further in (rank_command, reliability_command, careless_command, nonresponse_command):
    command.add_command(further)


@command.command("fit")
@click.argument("ratings", type=click.Path(exists=True, path_type=Path))
@click.option("--response", required=True, help="The column of the mark.")
@click.option("--fixed", default="", help=FIXED_HELP)
@click.option("--crossed", default="", help="Factors, parted by commas; a:b is their interaction.")
@out_option
@click.option("--method", type=click.Choice([str(one) for one in Method]), default=str(Method.REML), show_default=True)
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True)
@click.option("--master", help="The Spark master [default: local[2]].")
@click.option("--memory-gb", type=click.FloatRange(min=0.5), default=3.0, show_default=True, help="For Spark.")
@lang_option
def fit_command(
    ratings: Path,
    response: str,
    fixed: str,
    crossed: str,
    out: Path,
    method: str,
    engine: str,
    master: str | None,
    memory_gb: float,
    lang: str,
) -> None:
    """Estimate what every teacher, rater or class run adds, with standard errors, and how much each factor varies.

    RATINGS is a CSV file; for Spark it may be a folder of them. Ratings without a response are left out and counted. A factor whose variance is
    zero is named, and the fit goes on without it.
    """
    terms, factors = names_of(fixed, "--fixed", lang), names_of(crossed, "--crossed", lang)
    check_parent(out, lang)
    if master and engine != "spark":
        raise BadInput(say(lang, "master_alone"))
    start = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(ready)
        if engine == "spark":
            design, sums = _on_spark(lang, ratings, response, terms, factors, master or "local[2]", memory_gb)
            further: dict[str, Any] = {"n": sums.n}
        else:
            design = _design(ratings, response, terms, factors, lang)
            further = {"n": len(design.response), "doubled": doubled_in(design)}
    read = time.perf_counter()
    found = fit_sums(sums, Method(method)) if engine == "spark" else fit(design, Method(method))
    seconds = time.perf_counter() - read
    write_fit(out, design, found, further | {"read_seconds": round(read - start, 3), "seconds": round(seconds, 3)})
    click.echo("\n".join(_told(lang, out, design, found, further)))


def _on_spark(
    lang: str, path: Path, response: str, terms: list[str], factors: list[str], master: str, memory_gb: float
) -> tuple[Design, Sums]:
    try:
        design, sums = sums_on_spark(path, response, terms, factors, master=master, memory_gb=memory_gb)
        check_levels(design, sums.n)
    except DesignError as error:
        raise BadInput([fault(lang, path, one) for one in error.faults]) from error
    except SparkMissing as error:
        raise BadInput(say(lang, "no_spark", error=error)) from error
    return design, sums


def _design(path: Path, response: str, terms: list[str], factors: list[str], lang: str) -> Design:
    table = read_formula(path, response, terms, factors, lang)
    try:
        design = design_of(table, response, terms, factors)
        check_levels(design, len(design.response))
    except DesignError as error:
        raise BadInput([fault(lang, path, one) for one in error.faults]) from error
    return design


def _told(lang: str, out: Path, design: Design, found: Fit, further: Mapping[str, Any]) -> list[str]:
    lines = [say(lang, "fitted", out=out, n=further["n"], steps=found.iterations, residual=found.residual)]
    if found.way is Way.SAMPLED:
        open_ = 100.0 * float(found.variances_open.max())
        lines.append(say(lang, "sampled", open=open_, errors=100.0 * found.errors_open))
    if found.tells_all and found.log_likelihood is not None:
        lines.append(say(lang, "nothing_left"))
    if found.log_likelihood is None:
        lines.append(say(lang, "nothing_differs"))
    if alone := [factor.name for factor in design.factors if len(factor.levels) == 1]:
        lines.append(say(lang, "lone_factors", factors=", ".join(alone)))
    if found.singular:
        lines.append(say(lang, "no_variance", factors=", ".join(design.factors[k].name for k in found.singular)))
    lines += [
        say(lang, key, count=count)
        for key, count in (("left_out", design.left_out), ("doubled", further.get("doubled", 0)))
        if count
    ]
    return lines


def write_fit(out: Path, design: Design, found: Fit, further: dict[str, Any]) -> None:
    """All files of a fit, ``fit.json`` last."""
    said = {
        "log_likelihood": found.log_likelihood,
        "method": str(found.method),
        "iterations": found.iterations,
        "left_out": design.left_out,
        "way": str(found.way),
        "singular": [design.factors[place].name for place in found.singular],
        **(_open(design, found) if found.way is Way.SAMPLED else {}),
        **further,
    }
    tables = {
        "effects": effects_of(design, found),
        "fixed": pa.table({"term": design.terms, "estimate": found.beta, "se": found.beta_errors}),
        "variances": variances_of(design, found),
    }
    write_folder(out, "fit", said, tables)


def _open(design: Design, found: Fit) -> dict[str, Any]:
    """What sampling leaves open, as standard errors: relative of variances and of ``se``, absolute of the log-likelihood."""
    names = [factor.name for factor in design.factors]
    return {
        "sampling": {
            "variances": dict(zip(names, found.variances_open.tolist(), strict=True)),
            "se": found.errors_open,
            "log_likelihood": found.log_likelihood_open,
        }
    }


def effects_of(design: Design, found: Fit) -> pa.Table:
    """One row for each level of each factor: its effect, standard error and 95 % interval."""
    half = NORMAL_95 * found.errors
    sizes = [len(factor.levels) for factor in design.factors]
    return pa.table(
        {
            "group": pa.array(
                np.repeat(np.array([factor.name for factor in design.factors], np.str_), sizes), pa.string()
            ),
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
