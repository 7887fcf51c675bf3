"""A small city with a published framework, and surveys that its people answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from tests import factories
from zhixing.engine.needs.frameworks import CompetencyLine, LevelLine, Lines, RequiredLine
from zhixing.needs import tokens
from zhixing.needs.actions.answering import hand_in
from zhixing.needs.actions.frameworks import create_framework, fill, publish_framework
from zhixing.needs.actions.surveys import launch_survey, prepare_survey
from zhixing.needs.models import Competency, Framework, NeedsSurvey, NeedsTicket
from zhixing.people.models import Account, Unit

OF = {"A1": "依法行政", "A2": "公文写作"}


def lines(required: int = 3) -> Lines:
    return Lines(
        (
            CompetencyLine("能力项", 2, "A", "履职能力", "", "skill", "ability"),
            CompetencyLine("能力项", 3, "A1", OF["A1"], "A", "knowledge", "ability"),
            CompetencyLine("能力项", 4, "A2", OF["A2"], "A", "skill", "ability"),
        ),
        tuple(
            LevelLine("等级", row, code, level, f"{level}级")
            for row, (code, level) in enumerate((code, level) for code in OF for level in range(1, 6))
        ),
        (
            RequiredLine("岗位要求", 2, "A1", required),
            RequiredLine("岗位要求", 3, "A1", required + 1, ("乡科级正职",)),
            RequiredLine("岗位要求", 4, "A2", required, ("乡科级正职",), (), "科长"),
        ),
    )


def make_framework(by: Account, name: str = "能力框架", *, published: bool = True, required: int = 3) -> Framework:
    framework = create_framework(name, by=by)
    fill(framework, lines(required))
    if published:
        publish_framework(framework, by=by)
        framework.refresh_from_db()
    return framework


class City:
    """A department, two units of some people each; the first ``chiefs`` of a unit are chiefs of sections, the others staff."""

    def __init__(self, people: int = 6, chiefs: int = 3) -> None:
        self.root = factories.make_city()
        self.department = factories.make_department(self.root)
        self.units = [factories.make_unit(name, self.root) for name in ("水务局", "住建局")]
        self.people = [
            factories.make_person(unit, rank="乡科级正职" if n < chiefs else "科员", title="科长" if n < chiefs else "")
            for unit in self.units
            for n in range(people)
        ]
        self.framework = make_framework(self.department)

    def competency(self, code: str = "A1") -> Competency:
        return self.framework.competencies.get(code=code)

    def prepare(self, **facts: Any) -> NeedsSurvey:
        now = timezone.now()
        default = {
            "year": 2027,
            "title": "2027年需求调研",
            "framework": self.framework,
            "who": "self",
            "sample": 100,
            "method": "proportional",
            "seed": 1,
            "opens_at": now - dt.timedelta(hours=1),
            "closes_at": now + dt.timedelta(days=7),
        }
        return prepare_survey({**default, **facts}, by=self.department)

    def launch(self, **facts: Any) -> NeedsSurvey:
        return launch_survey(self.prepare(**facts), by=self.department)


def answer(ticket: NeedsTicket, present: int = 2, importance: int = 4, **more: list[str]) -> None:
    marks = {f"i-{key}": [str(importance)] for key in ticket.levels}
    marks |= {f"p-{key}": [str(present)] for key in ticket.levels}
    hand_in(tokens.make(ticket), {**marks, **more})


def answer_all(survey: NeedsSurvey, present: int = 2, *, unit: Unit | None = None) -> None:
    tickets = survey.tickets.filter(burnt=False)
    for ticket in tickets.filter(stratum__unit=unit) if unit else tickets:
        answer(ticket, present)
