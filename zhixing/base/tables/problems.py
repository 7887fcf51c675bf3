"""Rows of an upload that could not be taken as they stand: how an import keeps them, and the sheet on which they are handed back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from zhixing.base.problems import RowProblem
from zhixing.base.sealed import mask
from zhixing.base.tables.sentences import TREATMENT_WORDS
from zhixing.engine.sheets.faults import Treatment
from zhixing.engine.sheets.identity import looks_like_id

PROBLEM_TITLES = ("文件", "工作表", "行号", "列", "值", "处理", "原因", "处理建议")
"""Outside contract, formats.md §1: the columns of ``problems.xlsx``."""


def kept_problem(problem: RowProblem) -> dict[str, Any]:
    """As an import keeps it and a page shows it; an ID number is masked."""
    plain = {name: text if name == "row" else str(text) for name, text in dataclasses.asdict(problem).items()}
    return plain | {"value": mask(problem.value) if looks_like_id(problem.value) else problem.value}


def problem_cells(kept: Mapping[str, Any]) -> list[Any]:
    """The cells of a kept problem under ``PROBLEM_TITLES``, without the file."""
    treatment = TREATMENT_WORDS[Treatment(kept["treatment"])]
    return [kept["sheet"], kept["row"], kept["column"], kept["value"], treatment, kept["reason"], kept["mend"]]
