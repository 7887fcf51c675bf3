"""A call-up problem and its result as folders of files (formats.md §3), read and written."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.writing import written_whole
from zhixing.engine.callup.earlier import Earlier
from zhixing.engine.callup.explanation import priced_limits
from zhixing.engine.callup.problem import CallupProblem, Fault, FaultCode, ProblemError
from zhixing.engine.callup.reasons import reason_parts, schema_of
from zhixing.engine.callup.result import CallupResult, Status
from zhixing.engine.callup.tables import COLUMNS, OPTIONAL

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
    "close_days is a whole number from 0, hard_minimums is true or false",
}


def read_table(path: Path, columns: tuple[str, ...]) -> pa.Table:
    """The named columns of a parquet file, those of them that it has."""
    if not path.is_file():
        raise BadInput(f"{path}: the file is missing: put it into the folder")
    try:
        schema = pq.read_schema(path)
        return pq.read_table(path, columns=[name for name in columns if name in schema.names])
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path}: this is no parquet file ({error}): write the table as parquet") from error


def read_tables(folder: Path) -> dict[str, pa.Table]:
    """The tables of a problem; every file that cannot be read is named."""
    tables, lines = {}, []
    for name, columns in COLUMNS.items():
        if name in OPTIONAL and not (folder / f"{name}.parquet").exists():
            continue
        try:
            tables[name] = read_table(folder / f"{name}.parquet", tuple(columns))
        except BadInput as error:
            lines += error.lines
    if lines:
        raise BadInput(lines)
    return tables


def read_object(path: Path) -> dict[str, Any]:
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


def read_settings(folder: Path) -> dict[str, Any]:
    return read_object(folder / "settings.json")


def read_problem(folder: Path) -> CallupProblem:
    """The problem in a folder. Raises ``BadInput`` naming everything that is wrong with it."""
    return problem_of(folder, read_tables(folder), read_settings(folder))


def problem_of(folder: Path, tables: dict[str, pa.Table], settings: dict[str, Any]) -> CallupProblem:
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


def write_result(
    out: Path, problem: CallupProblem, result: CallupResult, difference: dict[str, Any] | None = None
) -> None:
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


def read_selected(folder: Path, tables: dict[str, pa.Table]) -> pa.Table:
    """``selected.parquet`` with the kinds of keys that the problem has."""
    path = folder / "selected.parquet"
    table = read_table(path, ("person_id", "class_id"))
    pairs = tables["pairs"]
    try:
        return table.cast(pa.schema([pairs.schema.field(name) for name in ("person_id", "class_id")]))
    except (pa.ArrowException, ValueError) as error:
        wanted = ", ".join(f"{name} {pairs.schema.field(name).type}" for name in ("person_id", "class_id"))
        raise BadInput(f"{path}: the columns are {table.schema.names}: write {wanted}") from error


PRICED: Final = ("rule", "unit_id", "class_id", "week", "price")


def read_earlier(folder: Path) -> Earlier:
    """The list of a folder that ``solve`` or ``repair`` wrote, for whatever problem."""
    said = read_object(folder / "result.json")
    seed = said.get("seed")
    if said.get("objective") is None or type(seed) is not int:
        raise BadInput(
            f"{folder / 'result.json'}: nobody was chosen ({said.get('status')}): there is nothing to repair: use solve"
        )
    tables = {}
    for name, columns in (("selected", ("person_id", "class_id")), ("prices", PRICED)):
        path = folder / f"{name}.parquet"
        tables[name] = read_table(path, columns)
        lacking = [column for column in columns if column not in tables[name].column_names]
        if lacking:
            raise BadInput(f"{path}: the columns {', '.join(lacking)} are missing: take the files as solve wrote them")
    selected, prices = tables["selected"], tables["prices"]
    return Earlier(selected["person_id"].combine_chunks(), selected["class_id"].combine_chunks(), prices, seed)


def read_result(folder: Path, problem: CallupProblem, tables: dict[str, pa.Table]) -> CallupResult:
    """What ``solve`` wrote, read again. Refuses the result of another problem, and one that chose nobody."""
    said = read_object(folder / "result.json")
    if said.get("objective") is None:
        raise BadInput(
            f"{folder / 'result.json'}: nobody was chosen ({said.get('status')}): there is nothing to explain"
        )
    if said.get("problem") != problem.digest():
        raise BadInput(f"{folder / 'result.json'}: this is the result of another problem: solve this one first")
    selected = read_selected(folder, tables)
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
        prices=read_table(folder / "prices.parquet", ("price",))["price"].to_numpy(),
    )
