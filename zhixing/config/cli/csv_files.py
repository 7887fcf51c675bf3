"""CSV files in and out: how cells are read, and a result of several tables with what is said of all as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from zhixing.config.cli.writing import written_whole


def kept(known: list[str], types: dict[str, pa.DataType]) -> pa_csv.ConvertOptions:
    """Reads the ``known`` columns (none: all), of the types that are told; an empty cell is no text."""
    return pa_csv.ConvertOptions(
        include_columns=known, column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=True
    )


def write_folder(
    out: Path, name: str, said: Mapping[str, Any], tables: Mapping[str, pa.Table], *, allow_nan: bool = True
) -> None:
    """Make the folder ``out`` where there is none, and put all files in their places together, ``name``.json last."""
    out.mkdir(exist_ok=True)
    with ExitStack() as stack:
        written = stack.enter_context(written_whole(out / f"{name}.json"))
        text = json.dumps(said, ensure_ascii=False, indent=1, allow_nan=allow_nan)
        written.write_text(text + "\n", encoding="utf-8")
        for table_name, table in tables.items():
            pa_csv.write_csv(table, stack.enter_context(written_whole(out / f"{table_name}.csv")))
