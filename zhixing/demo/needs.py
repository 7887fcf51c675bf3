"""What the city needs: a framework of 60 competencies with its post map, priorities, a survey that was held, and the problems of units."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any, Final

import numpy as np
from django.utils import timezone

from zhixing.base.load import load
from zhixing.demo.needs_words import ANSWERS, COMPETENCIES, GROUPS, LEVELS, PRIORITIES, PROBLEMS, TEXTS
from zhixing.engine.needs.frameworks import CompetencyLine, LevelLine, Lines, RequiredLine
from zhixing.needs.actions.evidence import put_hours_owed
from zhixing.needs.actions.frameworks import create_framework, fill, publish_framework
from zhixing.needs.actions.priorities import enter_priority
from zhixing.needs.actions.reckonings import complete_reckoning
from zhixing.needs.actions.surveys import close_survey, launch_survey, prepare_survey
from zhixing.needs.actions.work_problems import answer_problem, enter_problem, merge_problem, weigh_problem
from zhixing.needs.models import Competency, Framework, NeedsReckoning, NeedsSheet, NeedsSurvey, NeedsText, Stratum
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Method

ASKED: Final = 0.52
"""Share of the city that is asked; four of five answer: 12,000 sheets at 30,000 people."""
ANSWERING: Final = 0.8
SEVERER: Final = 0.35
"""Of a level: what superiors say more that people lack than these say of themselves."""
HALF: Final = 0.06
"""Share of the sheets that are filled in in part."""
WRITING: Final = 0.2
RANKS_OF: Final = {
    "all": (),
    "lead": ("县处级正职", "县处级副职", "乡科级正职", "乡科级副职", "厅局级副职", "厅局级正职"),
    "county": ("县处级正职", "县处级副职", "厅局级副职", "厅局级正职"),
    "staff": ("一级科员", "二级科员", "四级主任科员", "三级主任科员", "二级主任科员", "一级主任科员"),
}


def make_needs(rng: np.random.Generator, on: dt.date) -> None:
    """Everything as it stands on ``on``: the needs of the next year."""
    admin = Account.objects.get(username="zuzhibu")
    framework = _framework(admin, _at(on, 60))
    by_code = {one.code: one for one in framework.competencies.all()}
    for title, source, weight, codes, groups in PRIORITIES:
        competencies = [by_code[code] for code in codes]
        enter_priority(title, source, weight, competencies, year=on.year + 1, rank_groups=groups, by=admin)
    _problems(rng, on, admin, by_code)
    _survey(rng, on, admin, framework)


def reckon_needs(on: dt.date) -> None:
    """Once standings are there."""
    put_hours_owed(on.year + 1)
    admin = Account.objects.get(username="zuzhibu")
    framework = Framework.objects.get(state=Framework.State.PUBLISHED)
    assert admin.scope_unit is not None
    made = NeedsReckoning.objects.create(year=on.year + 1, framework=framework, unit=admin.scope_unit, by=admin)
    complete_reckoning(made.pk)


def _at(on: dt.date, days: int) -> dt.datetime:
    """Nine in the morning so many days before."""
    return timezone.make_aware(dt.datetime.combine(on - dt.timedelta(days=days), dt.time(9)))


def _framework(admin: Account, published_at: dt.datetime) -> Framework:
    framework = create_framework("云岚市干部履职能力框架", source="市委组织部〔示例〕", by=admin)
    competencies, levels, required = [], [], []
    for code, name, kind, content in GROUPS:
        competencies.append(CompetencyLine("", 0, code, name, "", kind, content))
    for code, name, kind, content, text, who, level in COMPETENCIES:
        competencies.append(CompetencyLine("", 0, code, name, code[0], kind, content, text))
        levels += [LevelLine("", 0, code, n, words.format(name=name)) for n, words in enumerate(LEVELS[kind], 1)]
        word, _, title = who.partition(":")
        required.append(RequiredLine("", 0, code, level, RANKS_OF[word], (), title))
        if word == "all" and not title:
            required.append(RequiredLine("", 0, code, min(5, level + 1), RANKS_OF["lead"]))
    fill(framework, Lines(tuple(competencies), tuple(levels), tuple(required)))
    publish_framework(framework, by=admin, now=published_at)
    framework.refresh_from_db()
    return framework


def _problems(rng: np.random.Generator, on: dt.date, admin: Account, by_code: dict[str, Competency]) -> None:
    """Most weighed, some merged, a few answered; entered by the department for the units."""
    units = list(Unit.objects.exclude(parent=None).order_by("path"))
    made = []
    for text, kind, sort, codes, weight in PROBLEMS:
        unit = units[int(rng.integers(len(units)))]
        problem = enter_problem(unit, text, kind, sort, year=on.year + 1, by=admin)
        if weight:
            weigh_problem(problem, weight, "多个单位反映，影响面较大", [by_code[code] for code in codes], by=admin)
        made.append(problem)
    for place, into in ((35, 0), (36, 4), (37, 9), (38, 13)):
        merge_problem(made[place], made[into], by=admin)
    for place, answer in zip((1, 6, 11), ANSWERS, strict=True):
        answer_problem(made[place], answer, by=admin, now=_at(on, 5))


def _survey(rng: np.random.Generator, on: dt.date, admin: Account, framework: Framework) -> None:
    from zhixing.people.models import Person

    closes = timezone.make_aware(dt.datetime.combine(on - dt.timedelta(days=10), dt.time(23, 59)))
    opens = closes - dt.timedelta(days=21)
    facts: dict[str, Any] = {
        "year": on.year + 1,
        "title": f"{on.year + 1}年度干部教育培训需求调研",
        "framework": framework,
        "who": NeedsSurvey.Who.SELF,
        "sample": max(1, round(Person.objects.serving().count() * ASKED)),
        "method": NeedsSurvey.Method.PROPORTIONAL,
        "seed": on.year,
        "opens_at": opens,
        "closes_at": closes,
    }
    city = _City(rng, framework)
    for who, title in ((NeedsSurvey.Who.SELF, ""), (NeedsSurvey.Who.SUPERIOR, "（上级评价）")):
        asked = facts | {"who": who, "title": facts["title"] + title}
        survey = launch_survey(prepare_survey(asked, by=admin), by=admin, now=opens)
        _fill(rng, survey, city)
        close_survey(survey, by=None, now=closes)
    later = timezone.make_aware(dt.datetime.combine(on + dt.timedelta(days=14), dt.time(23, 59)))
    facts |= {"title": f"{on.year + 1}年度需求调研（单位自评）", "who": NeedsSurvey.Who.UNIT}
    facts |= {
        "opens_at": timezone.make_aware(dt.datetime.combine(on, dt.time(8))),
        "closes_at": later,
        "sample": 10_000,
    }
    launch_survey(prepare_survey(facts, by=admin), by=admin, now=facts["opens_at"])


class _City:
    """What is true of the city, whoever is asked: a gap and a worth of each competency, and something that each unit lacks more or less."""

    def __init__(self, rng: np.random.Generator, framework: Framework) -> None:
        units = list(Unit.objects.order_by("path").values_list("pk", flat=True))
        self.of_unit = dict(zip(units, rng.normal(0, 0.22, len(units)).tolist(), strict=True))
        keys = [one.pk for one in framework.competencies.order_by("position")]
        self.lack = dict(zip(keys, np.clip(rng.normal(0.7, 0.45, len(keys)), -0.3, 1.9).tolist(), strict=True))
        self.worth = dict(zip(keys, np.clip(rng.normal(3.5, 0.5, len(keys)), 2.2, 4.7).tolist(), strict=True))


def _fill(rng: np.random.Generator, survey: NeedsSurvey, city: _City) -> None:
    """Sheets as people might fill them in: what is true of competency and unit, and much that is a person's own."""
    strata = {one.pk: one for one in survey.strata.all()}
    severer = SEVERER if survey.who == NeedsSurvey.Who.SUPERIOR else 0.0
    came: dict[int, list[int]] = {}
    sheets, texts = [], []
    rows = survey.tickets.order_by("stratum_id", "pk").values_list("stratum_id", "levels")
    for stratum, levels in rows:
        if rng.random() > ANSWERING:
            continue
        half = rng.random() < HALF
        answers = _answers(rng, levels, severer + city.of_unit[strata[stratum].unit_id], city, half)
        items = sum(None not in marks for marks in answers.values())
        counts = came.setdefault(stratum, [0, 0])
        counts[0] += 1
        counts[1] += items < len(levels)
        sheets.append((_key(rng), survey.pk, stratum, json.dumps(answers), _wants(rng, answers), items, len(levels)))
        if rng.random() < WRITING:
            texts.append((_key(rng), survey.pk, strata[stratum].rank_group, TEXTS[int(rng.integers(len(TEXTS)))]))
    rng.shuffle(sheets)
    load(NeedsSheet, ("id", "survey", "stratum", "answers", "wants", "items", "asked"), sheets)
    load(NeedsText, ("id", "survey", "rank_group", "text"), texts)
    for pk, (answered, in_part) in came.items():
        strata[pk].answered, strata[pk].half = answered, in_part
    Stratum.objects.bulk_update(strata.values(), ("answered", "half"), batch_size=500)
    NeedsSurvey.objects.filter(pk=survey.pk).update(answered=len(sheets))
    survey.answered = len(sheets)


def _answers(
    rng: np.random.Generator,
    levels: dict[str, int],
    further: float,
    city: _City,
    half: bool,
) -> dict[str, list[int | None]]:
    person = float(rng.normal(0, 0.4))
    noise = rng.normal(0, 0.75, (2, len(levels))).tolist()
    found: dict[str, list[int | None]] = {}
    for place, (key, required) in enumerate(levels.items()):
        present = required - city.lack[int(key)] - further - person + noise[0][place]
        important = city.worth[int(key)] + noise[1][place]
        marks: list[int | None] = [min(max(round(one), 1), 5) for one in (important, present)]
        if half and place > len(levels) // 2:
            marks = [marks[0], None]
        found[key] = [*marks, required]
    return found


def _wants(rng: np.random.Generator, answers: dict[str, list[int | None]]) -> str:
    keys = sorted(answers, key=lambda key: (answers[key][1] or 9) - (answers[key][0] or 0))[:2]
    methods = [code for code in Method.values if rng.random() < 0.25]
    return json.dumps({"topics": sorted(map(int, keys)), "methods": methods})


def _key(rng: np.random.Generator) -> str:
    from django.db import connection

    key = uuid.UUID(bytes=rng.bytes(16), version=4)
    return key.hex if connection.vendor == "sqlite" else str(key)
