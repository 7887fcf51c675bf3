"""``zhixing ratings rank``: where the levels of a factor stand, with what is not known about it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from zhixing.config.cli.csv_files import write_folder
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option
from zhixing.config.cli.options import FILE, out_option
from zhixing.config.cli.ratings_sentences import fault, place, say
from zhixing.config.cli.ratings_table import FIXED_HELP, names_of, read_formula
from zhixing.engine.ratings.design import Design, DesignError, check_levels, design_of
from zhixing.engine.ratings.ranking import Ranking, RankingError, rank

COUNT = click.IntRange(min=1)


@click.command("rank")
@click.argument("ratings", type=FILE)
@click.option("--response", required=True, help="The column of the mark; more is better.")
@click.option("--fixed", default="", help=FIXED_HELP)
@click.option("--crossed", required=True, help="Factors, parted by commas; a:b is their interaction.")
@click.option("--of", required=True, help="The factor among them whose levels are ranked.")
@click.option("--bottom", type=COUNT, default=10, show_default=True, help="How many lowest to tell probabilities of.")
@click.option("--top", type=COUNT, default=10, show_default=True, help="How many highest.")
@out_option
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Of the draws.")
@lang_option
def rank_command(
    ratings: Path,
    response: str,
    fixed: str,
    crossed: str,
    of: str,
    bottom: int,
    top: int,
    out: Path,
    seed: int,
    lang: str,
) -> None:
    """Tell for every class run, teacher or course the probability of being among the lowest or highest, an interval of its rank, and from
    which others it cannot be told apart; the raw mean beside, with what raters and mix of cases add to it.

    Writes ranking.csv (a row for each level, in the order of their names) and ranking.json.
    """
    terms, factors = names_of(fixed, "--fixed", lang), names_of(crossed, "--crossed", lang)
    check_parent(out, lang)
    table = read_formula(ratings, response, terms, factors, lang)
    start = time.perf_counter()
    try:
        design = design_of(table, response, terms, factors)
        check_levels(design, len(design.response))
        found = rank(design, of, bottom, top, seed)
    except DesignError as error:
        raise BadInput([fault(lang, ratings, one) for one in error.faults]) from error
    except RankingError as error:
        raise BadInput(place(lang, ratings, 0, error.column) + say(lang, error.code, value=error.value)) from error
    write_ranking(
        out, found, {"seed": seed, "left_out": design.left_out, "seconds": round(time.perf_counter() - start, 3)}
    )
    click.echo("\n".join(_told(lang, out, design, found)))


def check_parent(out: Path, lang: str) -> None:
    folder = out.absolute().parent
    if not folder.is_dir():
        raise BadInput(say(lang, "no_folder", folder=folder))


def _told(lang: str, out: Path, design: Design, found: Ranking) -> list[str]:
    groups = {group for own in found.tie_groups for group in own}
    key = "tie_groups" if len(groups) > 1 else "none_apart" if groups else "no_tie_groups"
    error = 100 * found.error
    n = len(design.response)
    lines = [
        say(lang, "ranked", out=out, factor=found.factor, levels=len(found.levels), n=n, error=error),
        say(lang, key, groups=len(groups)),
    ]
    if found.singular:
        lines.append(say(lang, "singular", factor=found.factor))
    if design.left_out:
        lines.append(say(lang, "left_out", count=design.left_out))
    return lines


def write_ranking(out: Path, found: Ranking, further: dict[str, Any]) -> None:
    """Both files, ``ranking.json`` last."""
    said = {
        "factor": found.factor,
        "levels": len(found.levels),
        "n": int(found.count.sum()),
        "bottom": found.bottom,
        "top": found.top,
        "middle": found.middle,
        "draws": found.draws,
        "monte_carlo_error": found.error,
        "joint": found.joint,
        "singular": found.singular,
        "tie_groups": len({group for own in found.tie_groups for group in own}),
        **further,
    }
    write_folder(out, "ranking", said, {"ranking": table_of(found)})


def table_of(found: Ranking) -> pa.Table:
    """One row for each level."""
    return pa.table(
        {
            "level": pa.array(found.levels, pa.string()),
            "n": found.count,
            "raw_mean": found.raw_mean,
            "raw_rank": found.raw_rank,
            "estimate": found.estimate,
            "se": found.se,
            "lower": found.lower,
            "upper": found.upper,
            "rank_lower": found.rank_lower,
            "rank_upper": found.rank_upper,
            "p_bottom": found.p_bottom,
            "p_top": found.p_top,
            "tie_group": pa.array([numbers(own) for own in found.tie_groups], pa.string()),
            "case_mix": found.case_mix,
            "severity": found.severity,
            "corrected_mean": found.corrected_mean,
        }
    )


def numbers(groups: Sequence[int]) -> str:
    """Ascending numbers parted by blanks, three or more in a row as first-last."""
    runs: list[list[int]] = []
    for group in groups:
        if runs and group == runs[-1][-1] + 1:
            runs[-1].append(group)
        else:
            runs.append([group])
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else " ".join(map(str, run)) for run in runs)
