"""Measure the house: one run, one table, the goal beside each figure. docs/benchmarks.md keeps the results."""

from __future__ import annotations

import os
import platform
import tempfile
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from zhixing.config.cli.bench import (
    answers,
    callups,
    cycle,
    diagnosis,
    effects,
    needs,
    obligations,
    pages,
    plan,
    ratings,
    ratings_truth,
    roster,
    size,
)
from zhixing.config.cli.bench import city as small_city
from zhixing.config.cli.bench import nation as nation_of_authorities
from zhixing.config.cli.bench.figure import Figure

PARTS: dict[str, Callable[..., Iterator[Figure]]] = {
    "demo": small_city.figures,
    "roster": roster.figures,
    "cycle": cycle.figures,
    "obligations": obligations.figures,
    "pages": pages.figures,
    "diagnosis": diagnosis.figures,
    "size": size.figures,
    "callup": callups.figures,
    "nation": nation_of_authorities.figures,
    "answers": answers.figures,
    "ratings": ratings.figures,
    "effects": effects.figures,
    "needs": needs.figures,
    "ratings-truth": ratings_truth.figures,
    "plan": plan.figures,
}
ASKED_FOR = {
    "size": "pages of a million people; half an hour and PostgreSQL",
    "callup": "call-ups beside other solvers; half an hour",
    "nation": "call-ups of four provinces; a quarter of an hour",
    "answers": "reliability and careless answers of 100,000 sheets; seconds",
    "ratings": "fits of up to ten million ratings beside lme4 and statsmodels; a quarter of an hour",
    "effects": "effects of simulated trainings, protected tables; a minute",
    "needs": "gaps of 12,000 sheets, intervals and worst units of drawn truths; half a minute",
    "plan": "plans of eight invented cities beside a list by priority; eight minutes",
    "ratings-truth": "rankings of 3,500 drawn truths; half an hour",
}
"""Parts that run only when they are named, and what they take. They need no demonstration city."""


@click.command()
@click.option("--people", default=30_000, show_default=True, help="Size of the demonstration city.")
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Only these parts (demo is always made).")
@click.option("--nation", default=1_000_000, show_default=True, help="People whose obligations are computed in bulk.")
@click.option("--largest", default=10_000_000, show_default=True, help="People of a second, larger nation (0: none).")
@click.option("--city", default=1_000_000, show_default=True, help="People of the city whose pages `size` asks for.")
@click.option("--seeds", default=5, show_default=True, help="Call-up problems of each size; medians are shown.")
@click.option("--largest-callup", default=1_000_000, show_default=True, help="No call-up problem of more people.")
@click.option("--peer-seconds", default=60.0, show_default=True, help="What each other solver may take.")
@click.option("--maker", type=click.Path(exists=True, path_type=Path), help="A program that makes call-up problems.")
@click.option("--largest-ratings", default=10_000_000, show_default=True, help="No fit of more ratings.")
@click.option(
    "--insteval", type=click.Path(exists=True, path_type=Path), help="The ratings that others publish figures of."
)
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this folder and keep it.")
def command(
    people: int,
    only: tuple[str, ...],
    nation: int,
    largest: int,
    city: int,
    seeds: int,
    largest_callup: int,
    peer_seconds: float,
    maker: Path | None,
    largest_ratings: int,
    insteval: Path | None,
    keep: Path | None,
) -> None:
    """Measure the house and print a table."""
    click.echo(f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}")
    click.echo(
        f"pace: {_pace():.2f} s for ten million steps of a plain loop; compare seconds only between runs of like pace"
    )
    click.echo(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run: beside other work every figure is larger"
    )
    sizes: dict[str, dict[str, Any]] = {
        "obligations": {"nation": nation, "largest": largest},
        "size": {"city": city},
        "callup": {"seeds": seeds, "largest": largest_callup, "peer_seconds": peer_seconds, "maker": maker},
        "nation": {"maker": maker},
        "ratings": {"largest": largest_ratings, "peer_seconds": peer_seconds, "insteval": insteval},
    }
    click.echo(f"{'what':<58}{'measured':>16}{'goal':>16}")
    with tempfile.TemporaryDirectory(prefix="zhixing-bench-") as name:
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for part, figures in PARTS.items():
            if part not in only and (only or part in ASKED_FOR) and (part != "demo" or set(only) <= set(ASKED_FOR)):
                continue
            for figure in figures(folder, people, **sizes.get(part, {})):
                click.echo(
                    f"{figure.what:<58}{figure.measured:>16}{figure.goal:>16}{'' if figure.reached else '  missed'}"
                )
    for part, takes in ASKED_FOR.items() if not only else ():
        click.echo(f"not run: {part} ({takes}): zhixing bench --only {part}")


def _pace() -> float:
    """Seconds that this machine takes for the same plain work: the best of three, for hosts differ by more than our changes do."""
    return min(
        timeit.repeat("for n in steps: total += n * n % 7", "total, steps = 0, range(10_000_000)", number=1, repeat=3)
    )
