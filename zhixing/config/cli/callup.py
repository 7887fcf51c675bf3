"""``zhixing callup``: solve, check, explain and export a call-up problem that lies in a folder (formats.md §3)."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhixing.config.cli.callup_audit import price_audit
from zhixing.config.cli.callup_deadlock import deadlock_lines
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.writing import written_whole
from zhixing.engine.callup.check import check
from zhixing.engine.callup.earlier import Earlier
from zhixing.engine.callup.explanation import Key, UnknownKey, explain, priced_limits
from zhixing.engine.callup.problem import CallupProblem, Fault, FaultCode, ProblemError
from zhixing.engine.callup.reasons import reason_parts, schema_of
from zhixing.engine.callup.repair import repair
from zhixing.engine.callup.result import CallupResult, Status
from zhixing.engine.callup.solver import Progress, solve
from zhixing.engine.callup.tables import COLUMNS, OPTIONAL

FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
STEPS: Final = 1000
SENTENCES: Final = {
    FaultCode.MISSING_TABLE: "the table is missing: put it into the folder",
    FaultCode.MISSING_COLUMN: "the column is missing: add it",
    FaultCode.WRONG_TYPE: "the type is wrong ({value}): write the column as asked",
    FaultCode.EMPTY: "the value is missing: fill it in or leave the row out",
    FaultCode.NEGATIVE: "{value} is below 0: write 0 or more",
    FaultCode.NOT_POSITIVE: "{value} is not above 0: leave the pair out or give it a value",
    FaultCode.NOT_FINITE: "{value} is no number to reckon with: write a finite one",
    FaultCode.DOUBLED: "{value} stands in several rows: leave one",
    FaultCode.UNKNOWN_KEY: "{value} is unknown: mend it or add its row to the table it points to",
    FaultCode.KEY_KINDS_DIFFER: "keys are of two kinds ({value}): write them all as int64 or all as string",
    FaultCode.ENDS_BEFORE_START: "{value} is before the first day: mend one of the two",
    FaultCode.FEWEST_ABOVE_MOST: "the fewest seats, {value}, are above the most: mend one of the two",
    FaultCode.PIN_NOT_ELIGIBLE: "{value} is not among the pairs: add the pair or leave the pin out",
    FaultCode.CIRCLE: "the units above run in a circle (…, {value}, …): let one of them have no parent",
    FaultCode.BAD_SETTING: "{value} is no such setting: callups_max is a whole number from 1, costs are numbers from 0, "
    "hard_minimums is true or false",
}


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
def solve_command(folder: Path, out: Path, seconds: float, seed: int, workers: int) -> None:
    """Choose who is called to which class, with a proven bound and a reason for every eligible pair.

    Ctrl-C ends the search: the best list so far is written with its bound, "interrupted" stands in result.json, and the exit code is 0
    as for every valid list. A second Ctrl-C ends the command without writing anything, and the exit code is 1.

    When no list exists, result.json tells the conflicts and the cheapest ways out (exit code 0); finding them may take ten seconds
    more than --seconds.
    """
    if math.isnan(seconds):
        raise BadInput("--seconds nan: this is no number to reckon with: write 0 or more")
    with _interrupt() as stop:
        problem = read_problem(folder)
        pa.default_memory_pool().release_unused()  # what reading left behind is as large as the problem of a nation
        _check_out(out)
        with _progress() as progress:
            result = solve(problem, seconds=seconds, seed=seed, workers=workers, progress=progress, stop=stop)
        _write(out, problem, result)
    numbers = f", objective {result.objective:.2f}, bound {result.bound:.2f}" if result.objective is not None else ""
    stopped = " (interrupted)" if result.interrupted else ""
    click.echo(f"{out}: {result.status}{stopped}, {len(result.selected)} call-ups{numbers}")
    for line in deadlock_lines(result.summary()):
        click.echo(line)


@command.command("check")
@click.argument("folder", type=FOLDER)
@click.argument("result_folder", metavar="FOLDER2", type=FOLDER)
def check_command(folder: Path, result_folder: Path) -> None:
    """Recompute the objective and every hard rule, and print a report as JSON. Exits with 1 when the result does not hold."""
    tables, settings = _tables(folder), _settings(folder)
    _problem(folder, tables, settings)
    said = _object(result_folder / "result.json")
    infeasible = said.get("status") == Status.INFEASIBLE
    selected = None if infeasible else _selected(result_folder, tables)
    given = None
    if (result_folder / "reasons.parquet").is_file():
        given = _table(result_folder / "reasons.parquet", ("person_id", "class_id", "chosen", "code"))
    report = check(tables, settings, selected, said, given)
    _print(report.as_dict())
    sys.exit(0 if report.ok else 1)


@command.command("explain")
@click.argument("folder", type=FOLDER)
@click.argument("result_folder", metavar="FOLDER2", type=FOLDER)
@click.option("--person", required=True, help="The person_id.")
@click.option("--class", "class_", required=True, help="The class_id.")
@click.option("--seconds", type=click.FloatRange(min=0), default=60.0, show_default=True, help="0 tries no change.")
def explain_command(folder: Path, result_folder: Path, person: str, class_: str, seconds: float) -> None:
    """Say why a person is called to a class or left out of it, with all prices, as JSON.

    "audit" is the sum in words: the value, what each seat and week costs, what is missing.
    For a pair left out, the smallest change that lets it in is found by solving anew: "flip"."""
    tables = _tables(folder)
    problem = _problem(folder, tables, _settings(folder))
    result = _result(result_folder, problem, tables)
    try:
        said = explain(problem, result, _key(problem.person_keys, person), _key(problem.class_keys, class_), seconds)
    except UnknownKey as error:
        raise BadInput(f"{folder}: there is no {error.column} {error.key}: ask for one of the problem") from error
    _print(said | {"audit": price_audit(said)} if said["eligible"] else said)


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
    problem = _problem(folder, _tables(folder), _settings(folder))
    _check_out(out)
    found = repair(problem, read_earlier(earlier), seconds=seconds, workers=workers, change_cost=change_cost)
    _write(out, problem, found.result, found.summary())
    told = ", ".join(f"{count} {kind}" for kind, count in found.summary()["people"].items()) or "nothing changes"
    click.echo(f"{out}: {found.result.status}, {found.kept} call-ups kept, {found.displaced} displaced; {told}")


@command.command("export")
@click.argument("run", type=int)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to make; it must not exist.")
def export_command(run: int, out: Path) -> None:
    """Write the problem that call-up run RUN of this installation was solved as, to be solved again by anyone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    import django

    django.setup()
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


def _check_out(out: Path) -> None:
    if not out.absolute().parent.is_dir():
        raise BadInput(f"{out}: the folder {out.absolute().parent} does not exist: make it first")


def _print(said: dict[str, Any]) -> None:
    click.echo(json.dumps(said, ensure_ascii=False, indent=1, default=str))


def _key(keys: pa.Array, text: str) -> Key:
    """A key as typed → a key as stored; what is no number stays text and will not be found."""
    with contextlib.suppress(ValueError):
        return int(text) if pa.types.is_integer(keys.type) else text
    return text


@contextmanager
def _interrupt() -> Iterator[Callable[[], bool]]:
    """Tells whether Ctrl-C was pressed once; pressed again it ends the command as ever."""
    pressed = False

    def press(_signal: int, _frame: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    gap = ""
    bar: Any = click.progressbar(
        length=STEPS, file=sys.stderr, hidden=not sys.stderr.isatty(), item_show_func=lambda _item: gap
    )

    def tell(share: float, objective: float, bound: float, chosen: int) -> None:
        nonlocal gap
        gap = (
            f"gap {(bound - objective) / (abs(bound) or 1.0):.3%}, {chosen} call-ups"
            if math.isfinite(objective)
            else ""
        )
        bar.update(int(share * STEPS) - bar.pos)

    with bar:
        yield tell


def _table(path: Path, columns: tuple[str, ...]) -> pa.Table:
    """The named columns of a parquet file, those of them that it has."""
    if not path.is_file():
        raise BadInput(f"{path}: the file is missing: put it into the folder")
    try:
        schema = pq.read_schema(path)
        return pq.read_table(path, columns=[name for name in columns if name in schema.names])
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path}: this is no parquet file ({error}): write the table as parquet") from error


def _tables(folder: Path) -> dict[str, pa.Table]:
    """The tables of a problem; every file that cannot be read is named."""
    tables, lines = {}, []
    for name, columns in COLUMNS.items():
        if name in OPTIONAL and not (folder / f"{name}.parquet").exists():
            continue
        try:
            tables[name] = _table(folder / f"{name}.parquet", tuple(columns))
        except BadInput as error:
            lines += error.lines
    if lines:
        raise BadInput(lines)
    return tables


def _object(path: Path) -> dict[str, Any]:
    """A JSON object from a file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"{path}: the file is missing: put it into the folder") from error
    except ValueError as error:
        raise BadInput(f"{path}: this is no JSON ({error}): mend it") from error
    if not isinstance(found, dict):
        raise BadInput(f"{path}: this is no JSON object: write {{…}}")
    return found


def _settings(folder: Path) -> dict[str, Any]:
    return _object(folder / "settings.json")


def read_problem(folder: Path) -> CallupProblem:
    """The problem in a folder. Raises ``BadInput`` naming everything that is wrong with it."""
    return _problem(folder, _tables(folder), _settings(folder))


def _problem(folder: Path, tables: dict[str, pa.Table], settings: dict[str, Any]) -> CallupProblem:
    try:
        return CallupProblem.from_tables(**tables, settings=settings)
    except ProblemError as error:
        raise BadInput([_sentence(folder, fault) for fault in error.faults]) from error


def _sentence(folder: Path, fault: Fault) -> str:
    """File, row, column, value and what to do."""
    name = "settings.json" if fault.code is FaultCode.BAD_SETTING else f"{fault.table}.parquet"
    row = f", row {fault.row}" if fault.row else ""
    column = f", column {fault.column}" if fault.column else ""
    more = f" (and {fault.more} more rows)" if fault.more else ""
    return f"{folder / name}{row}{column}: {SENTENCES[fault.code].format(value=fault.value)}{more}"


def _write(out: Path, problem: CallupProblem, result: CallupResult, difference: dict[str, Any] | None = None) -> None:
    """All files of a result. They are written beside the old ones first and put in their place together, ``result.json`` last."""
    out.mkdir(exist_ok=True)
    tables = {"selected": _selected_table(problem, result)}
    if result.objective is not None:
        tables["prices"] = priced_limits(problem, result)
    said = result.summary() | {"problem": problem.digest()}
    with ExitStack() as stack:
        written = stack.enter_context(written_whole(out / "result.json"))
        written.write_text(_json(said), encoding="utf-8")
        if difference is not None:
            stack.enter_context(written_whole(out / "difference.json")).write_text(_json(difference), encoding="utf-8")
        for name, table in tables.items():
            pq.write_table(table, stack.enter_context(written_whole(out / f"{name}.parquet")), compression="zstd")
        path = stack.enter_context(written_whole(out / "reasons.parquet"))
        with pq.ParquetWriter(path, schema_of(problem), compression="zstd") as writer:
            for part in reason_parts(problem, result):
                writer.write_table(part)
    for name, lacking in (("prices.parquet", result.objective is None), ("difference.json", difference is None)):
        if lacking:
            (out / name).unlink(missing_ok=True)


def _json(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _selected_table(problem: CallupProblem, result: CallupResult) -> pa.Table:
    return pa.table(
        {
            "person_id": problem.person_keys.take(problem.pair_person[result.selected]),
            "class_id": problem.class_keys.take(problem.pair_class[result.selected]),
        }
    )


def _selected(folder: Path, tables: dict[str, pa.Table]) -> pa.Table:
    """``selected.parquet`` with the kinds of keys that the problem has."""
    path = folder / "selected.parquet"
    table = _table(path, ("person_id", "class_id"))
    pairs = tables["pairs"]
    try:
        return table.cast(pa.schema([pairs.schema.field(name) for name in ("person_id", "class_id")]))
    except (pa.ArrowException, ValueError) as error:
        wanted = ", ".join(f"{name} {pairs.schema.field(name).type}" for name in ("person_id", "class_id"))
        raise BadInput(f"{path}: the columns are {table.schema.names}: write {wanted}") from error


PRICED: Final = ("rule", "unit_id", "class_id", "week", "price")


def read_earlier(folder: Path) -> Earlier:
    """The list of a folder that ``solve`` or ``repair`` wrote, for whatever problem."""
    said = _object(folder / "result.json")
    seed = said.get("seed")
    if said.get("objective") is None or type(seed) is not int:
        raise BadInput(
            f"{folder / 'result.json'}: nobody was chosen ({said.get('status')}): there is nothing to repair: use solve"
        )
    tables = {}
    for name, columns in (("selected", ("person_id", "class_id")), ("prices", PRICED)):
        path = folder / f"{name}.parquet"
        tables[name] = _table(path, columns)
        lacking = [column for column in columns if column not in tables[name].column_names]
        if lacking:
            raise BadInput(f"{path}: the columns {', '.join(lacking)} are missing: take the files as solve wrote them")
    selected, prices = tables["selected"], tables["prices"]
    return Earlier(selected["person_id"].combine_chunks(), selected["class_id"].combine_chunks(), prices, seed)


def _result(folder: Path, problem: CallupProblem, tables: dict[str, pa.Table]) -> CallupResult:
    """What ``solve`` wrote, read again. Refuses the result of another problem, and one that chose nobody."""
    said = _object(folder / "result.json")
    if said.get("objective") is None:
        raise BadInput(
            f"{folder / 'result.json'}: nobody was chosen ({said.get('status')}): there is nothing to explain"
        )
    if said.get("problem") != problem.digest():
        raise BadInput(f"{folder / 'result.json'}: this is the result of another problem: solve this one first")
    selected = _selected(folder, tables)
    places = [
        pc.index_in(selected[name], value_set=keys).to_numpy()
        for name, keys in (("person_id", problem.person_keys), ("class_id", problem.class_keys))
    ]
    return CallupResult(
        status=Status(said["status"]),
        objective=said["objective"],
        bound=said["bound"],
        seconds=said["seconds"],
        seed=said["seed"],
        selected=np.sort(problem.find_pairs(*places)),
        prices=_table(folder / "prices.parquet", ("price",))["price"].to_numpy(),
    )
