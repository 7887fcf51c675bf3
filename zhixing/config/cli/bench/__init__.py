"""Measure the house: one run, one table, the goal beside each figure. docs/benchmarks.md keeps the results."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from zhixing.config.cli.bench import city, cycle, obligations, pages, roster
from zhixing.config.cli.bench.figure import Figure

PARTS: dict[str, Callable[..., Iterator[Figure]]] = {
    "demo": city.figures,
    "roster": roster.figures,
    "cycle": cycle.figures,
    "obligations": obligations.figures,
    "pages": pages.figures,
}


@click.command()
@click.option("--people", default=30_000, show_default=True, help="Size of the demonstration city.")
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Only these parts (demo is always made).")
@click.option("--nation", default=1_000_000, show_default=True, help="People whose obligations are computed in bulk.")
@click.option("--largest", default=0, help="People of a second, larger nation, such as 10000000 (needs 30 GB of disk).")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this folder and keep it.")
def command(people: int, only: tuple[str, ...], nation: int, largest: int, keep: Path | None) -> None:
    """Measure the house and print a table."""
    click.echo(f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}")
    click.echo(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run: beside other work every figure is larger"
    )
    click.echo(f"{'what':<58}{'measured':>16}{'goal':>16}")
    with tempfile.TemporaryDirectory(prefix="zhixing-bench-") as name:
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for part, figures in PARTS.items():
            if only and part not in {*only, "demo"}:
                continue
            sizes = {"nation": nation, "largest": largest} if part == "obligations" else {}
            for figure in figures(folder, people, **sizes):
                click.echo(
                    f"{figure.what:<58}{figure.measured:>16}{figure.goal:>16}{'' if figure.reached else '  missed'}"
                )
