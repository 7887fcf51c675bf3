"""``zhixing needs gaps`` from the database."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.needs.asked import City, answer
from zhixing.config.cli import main
from zhixing.needs.actions.surveys import close_survey

pytestmark = pytest.mark.django_db


def run(out: Path, *more: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["needs", "gaps", "--out", str(out), *more])
    return int(end.value.code or 0)


def test_gaps_of_closed_surveys_are_written_and_small_groups_are_not(tmp_path: Path) -> None:
    city = City()
    survey = city.launch()
    for place, ticket in enumerate(survey.tickets.order_by("stratum__unit", "pk")):
        answer(ticket, 1 + place % 2)
    assert run(tmp_path / "open.csv") == 2
    close_survey(survey, by=city.department)
    assert run(tmp_path / "gaps.csv") == 0
    with (tmp_path / "gaps.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["unit", "level", "competency", "gap", "lower", "upper", "n"]
    assert [(row["unit"], row["level"], row["competency"], row["n"]) for row in rows] == [
        ("", "", "A1", "12"),
        ("", "township", "A1", "6"),
        ("", "staff", "A1", "6"),
        *((unit.code, "", "A1", "6") for unit in city.units),
    ]
    assert run(tmp_path / "other.csv", "--year", "2020") == 2
