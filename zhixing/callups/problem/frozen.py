"""A problem as it was when it was solved: the tables of formats.md §3 in one packed file, to be solved again by anyone."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.tables import COLUMNS

BARRED, STRANDED = "barred", "stranded"
_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Frozen:
    """``tables`` holds those of ``COLUMNS``, whose pairs carry the facts behind their values, ``barred``, the pairs ruled out beforehand, and
    ``stranded``, the pins that ask for one of these or for somebody outside the target group (not among ``pins``).

    Unpacked, the file is a folder for ``zhixing callup solve``.
    """

    tables: dict[str, pa.Table]
    settings: dict[str, Any]

    def problem(self) -> CallupProblem:
        """For the engine. Raises ``engine.callup.problem.ProblemError`` when the tables are no problem."""
        return CallupProblem.from_tables(
            **{name: self.tables[name] for name in COLUMNS if name in self.tables}, settings=self.settings
        )

    def packed(self) -> bytes:
        """A zip archive; equal problems give equal bytes."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            for name, table in sorted(self.tables.items()):
                archive.writestr(zipfile.ZipInfo(f"{name}.parquet", _STAMP), as_parquet(table))
            settings = json.dumps(self.settings, sort_keys=True)
            archive.writestr(zipfile.ZipInfo("settings.json", _STAMP), settings)
        return content.getvalue()

    @classmethod
    def unpacked(cls, data: bytes) -> Frozen:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            tables = {
                name.removesuffix(".parquet"): pq.read_table(io.BytesIO(archive.read(name)))
                for name in archive.namelist()
                if name.endswith(".parquet")
            }
            return cls(tables, json.loads(archive.read("settings.json")))


ROW_GROUP = 16_384
"""Rows of a sorted table that are read, or passed over, together: a class or a person touches few of them."""


def as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", row_group_size=ROW_GROUP)
    return sink.getvalue()
