"""The diagnosis as JSON, for analysts (``zhixing diagnosis``)."""

from __future__ import annotations

from typing import Any

from zhixing.engine.diagnosis.index import Index
from zhixing.plans.models import ClassRun
from zhixing.portal.diagnosis.indices import STAFFING, Diagnosis, Problem
from zhixing.portal.diagnosis.telling import WORDS, sentence_of
from zhixing.resources.models import Teacher


def as_json(found: Diagnosis) -> dict[str, Any]:
    """Shares from 0 to 1, hours in tenths; ``value`` null: nothing is known, and ``known`` says so."""
    codes = {
        pk: (code, name)
        for pk, code, name in ClassRun.objects.filter(
            pk__in={key for one in found.problems if one.code != STAFFING for key in one.rows}
        ).values_list("pk", "code", "name")
    }
    return {
        "year": found.year,
        "as_of": found.on.isoformat(),
        "class_runs": found.class_runs,
        "class_runs_with_timetable": found.laid_out,
        "indices": [_index(one, codes) for one in found.problems],
    }


def _index(problem: Problem, codes: dict[int, tuple[str, str]]) -> dict[str, Any]:
    words = WORDS[problem.code]
    return {
        "code": problem.code,
        "problem": str(words.problem),
        "index": str(words.index),
        **_shares(problem.index),
        "known": str(problem.index.known),
        "change": str(problem.change),
        "sentence": sentence_of(problem),
        "formula": str(words.formula),
        "parts": {name: _rounded(value) for name, value in problem.parts.items()},
        "trend": [{"year": year, **_shares(index)} for year, index in problem.trend],
        "short_topics": list(problem.short),
        "rows": _rows(problem, codes),
    }


def _rows(problem: Problem, codes: dict[int, tuple[str, str]]) -> list[dict[str, Any]]:
    if problem.code == STAFFING:
        named = Teacher.objects.filter(pk__in=problem.rows).order_by("name", "pk").values_list("pk", "name")
        return [{"teacher": name, **_plain(problem.rows[pk])} for pk, name in named]
    rows = [{"code": codes[pk][0], "class_run": codes[pk][1], **_plain(row)} for pk, row in problem.rows.items()]
    return sorted(rows, key=lambda row: str(row["code"]))


def _plain(row: Any) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in row.items()}


def _shares(index: Index) -> dict[str, Any]:
    shares = {"value": index.value, "lower": index.lower, "upper": index.upper, "class_runs": index.class_runs}
    return {name: _rounded(value) for name, value in shares.items()}


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
