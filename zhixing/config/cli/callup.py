"""``zhixing callup``: solve, check, explain and export a call-up problem that lies in a folder (formats.md §3)."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import pyarrow as pa

from zhixing.config.cli.callup_folder import (
    problem_of,
    read_earlier,
    read_object,
    read_problem,
    read_result,
    read_selected,
    read_settings,
    read_table,
    read_tables,
    write_result,
)
from zhixing.config.cli.callup_nation import nation_command
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.installation import set_up
from zhixing.config.cli.interrupt import interrupt
from zhixing.config.cli.language import lang_option, speaking
from zhixing.config.cli.writing import check_place
from zhixing.engine.callup.check import check
from zhixing.engine.callup.explanation import Key, UnknownKey, explain
from zhixing.engine.callup.repair import repair
from zhixing.engine.callup.result import Status, gap_of
from zhixing.engine.callup.solver import Progress, solve

FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
STEPS: Final = 1000


@click.group()
def command() -> None:
    """Solve, check, explain and export call-up problems (formats.md §3)."""
    pa.set_memory_pool(pa.system_memory_pool())  # the others keep what was freed


@command.command("solve")
@click.argument("folder", type=FOLDER)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write.")
@click.option("--seconds", type=click.FloatRange(min=0), default=60.0, show_default=True, help="0: the first list.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Decides ties, by lot.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
@lang_option
def solve_command(folder: Path, out: Path, seconds: float, seed: int, workers: int, lang: str) -> None:
    """Choose who is called to which class, with a proven bound and a reason for every eligible pair.

    Ctrl-C ends the search: the best list so far is written with its bound, "interrupted" stands in result.json, and the exit code is 0
    as for every valid list. A second Ctrl-C ends the command without writing anything, and the exit code is 1.

    When no list exists, result.json tells the conflicts and the cheapest ways out (exit code 0); finding them may take ten seconds
    more than --seconds.
    """
    if math.isnan(seconds):
        raise BadInput("--seconds nan: this is no number to reckon with: write 0 or more")
    with interrupt() as stop:
        problem = read_problem(folder)
        pa.default_memory_pool().release_unused()  # what reading left behind is as large as the problem of a nation
        check_place(out)
        with _progress() as progress:
            result = solve(problem, seconds=seconds, seed=seed, workers=workers, progress=progress, stop=stop)
        write_result(out, problem, result)
    numbers = f", objective {result.objective:.2f}, bound {result.bound:.2f}" if result.objective is not None else ""
    stopped = " (interrupted)" if result.interrupted else ""
    click.echo(f"{out}: {result.status}{stopped}, {len(result.selected)} call-ups{numbers}")
    if result.status is Status.INFEASIBLE:
        with speaking(lang):
            from zhixing.config.cli.callup_sentences import deadlock_lines

            for line in deadlock_lines(result.summary()):
                click.echo(line)


@command.command("check")
@click.argument("folder", type=FOLDER)
@click.argument("result_folder", metavar="FOLDER2", type=FOLDER)
def check_command(folder: Path, result_folder: Path) -> None:
    """Recompute the objective and every hard rule, and print a report as JSON. Exits with 1 when the result does not hold."""
    tables, settings = read_tables(folder), read_settings(folder)
    problem_of(folder, tables, settings)
    said = read_object(result_folder / "result.json")
    infeasible = said.get("status") == Status.INFEASIBLE
    selected = None if infeasible else read_selected(result_folder, tables)
    given = None
    if (result_folder / "reasons.parquet").is_file():
        given = read_table(result_folder / "reasons.parquet", ("person_id", "class_id", "chosen", "code"))
    report = check(tables, settings, selected, said, given)
    _print(report.as_dict())
    sys.exit(0 if report.ok else 1)


@command.command("explain")
@click.argument("folder", type=FOLDER)
@click.argument("result_folder", metavar="FOLDER2", type=FOLDER)
@click.option("--person", required=True, help="The person_id.")
@click.option("--class", "class_", required=True, help="The class_id.")
@click.option("--seconds", type=click.FloatRange(min=0), default=60.0, show_default=True, help="0 tries no change.")
@lang_option
def explain_command(folder: Path, result_folder: Path, person: str, class_: str, seconds: float, lang: str) -> None:
    """Say why a person is called to a class or left out of it, with all prices, as JSON.

    "audit" is the sum in words: the value, what each seat and week costs, what is missing.
    For a pair left out, the smallest change that lets it in is found by solving anew: "flip"."""
    tables = read_tables(folder)
    problem = problem_of(folder, tables, read_settings(folder))
    result = read_result(result_folder, problem, tables)
    try:
        said = explain(problem, result, _key(problem.person_keys, person), _key(problem.class_keys, class_), seconds)
    except UnknownKey as error:
        raise BadInput(f"{folder}: there is no {error.column} {error.key}: ask for one of the problem") from error
    _print(said | {"audit": _audit(said, lang)} if said["eligible"] else said)


@command.command("repair")
@click.argument("folder", type=FOLDER)
@click.option("--from", "earlier", type=FOLDER, required=True, help="The folder of the earlier list.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
@click.option(
    "--change-cost",
    type=click.FloatRange(min=0),
    help="Give up an earlier call-up also where that gains more than this; searches everything anew. Default: only where no list can keep it.",
)
def repair_command(
    folder: Path, earlier: Path, out: Path, seconds: float, workers: int, change_cost: float | None
) -> None:
    """Mend the list of the folder FROM after a change that FOLDER holds: as few people as possible lose what they had.

    Writes what solve writes, and difference.json: whose call-ups changed, and why. Ties are broken by the seed of the earlier list."""
    problem = read_problem(folder)
    check_place(out)
    found = repair(problem, read_earlier(earlier), seconds=seconds, workers=workers, change_cost=change_cost)
    write_result(out, problem, found.result, found.summary())
    told = ", ".join(f"{count} {kind}" for kind, count in found.summary()["people"].items()) or "nothing changes"
    click.echo(f"{out}: {found.result.status}, {found.kept} call-ups kept, {found.displaced} displaced; {told}")


@command.command("export")
@click.argument("run", type=int)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to make; it must not exist.")
def export_command(run: int, out: Path) -> None:
    """Write the problem that call-up run RUN of this installation was solved as, to be solved again by anyone."""
    set_up()
    from zhixing.base.files import path_of
    from zhixing.callups.models import CallupRun

    found = CallupRun.objects.select_related("problem_file").filter(pk=run).first()
    if found is None or found.problem_file is None:
        raise BadInput(f"RUN {run}: no such run was solved here: ask for the number in its address")
    if out.exists() or not out.absolute().parent.is_dir():
        raise BadInput(f"{out}: the folder exists, or the one above does not: name a new one")
    with zipfile.ZipFile(path_of(found.problem_file)) as archive, TemporaryDirectory(dir=out.absolute().parent) as part:
        archive.extractall(Path(part) / "problem")
        (Path(part) / "problem").rename(out)


command.add_command(nation_command)


def _audit(said: dict[str, Any], lang: str) -> str:
    with speaking(lang):
        from zhixing.config.cli.callup_sentences import audit

        return audit(said)


def _print(said: dict[str, Any]) -> None:
    click.echo(json.dumps(said, ensure_ascii=False, indent=1, default=str))


def _key(keys: pa.Array, text: str) -> Key:
    """A key as typed → a key as stored; what is no number stays text and will not be found."""
    with contextlib.suppress(ValueError):
        return int(text) if pa.types.is_integer(keys.type) else text
    return text


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    gap = ""
    bar: Any = click.progressbar(
        length=STEPS, file=sys.stderr, hidden=not sys.stderr.isatty(), item_show_func=lambda _item: gap
    )

    def tell(share: float, objective: float, bound: float, chosen: int) -> None:
        nonlocal gap
        gap = f"gap {gap_of(objective, bound):.3%}, {chosen} call-ups" if math.isfinite(objective) else ""
        bar.update(int(share * STEPS) - bar.pos)

    with bar:
        yield tell
