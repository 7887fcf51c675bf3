"""One pair explained: the reason of the search, the points one by one, and every hard rule in the way as things stand now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from zhixing.callups import reasons, sentences, values
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.seats import Room
from zhixing.callups.sentences import Names
from zhixing.callups.terms import Terms
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun

PUBLISHED_SHOWN = 5
LEFT_OUT_SHOWN = 50


def explain(run: CallupRun, person: Person, class_run: ClassRun) -> dict[str, Any]:
    """``callup`` (None when not called), ``why``, ``points`` [(label, points)], ``total``, ``obstacles`` [(sentence, what would change it)]."""
    names = Names()
    live = (Callup.State.PROPOSED, *Callup.IN_FORCE)
    rows = run.callups.filter(person=person, class_run=class_run).select_related("class_run", "run", "unit")
    callup = rows.order_by("-id").first()
    found = reasons.of_pair(run, person.pk, class_run.pk)
    pin = run.pins.filter(person=person, class_run=class_run).first()
    said = {"callup": callup, "pin": pin, "points": _points(run, found), "total": found["value"] if found else None}
    if callup and callup.state in live:
        return {**said, "why": sentences.callup_sentence(callup, names), "obstacles": (), "change": ""}
    code, detail = (found["code"], json.loads(found["detail"])) if found else ("not_eligible", {})
    return {
        **said,
        "why": sentences.sentence(code, detail, names),
        "change": sentences.change(code, detail, names),
        "obstacles": _obstacles(run, person, class_run, names),
    }


def _points(run: CallupRun, found: dict[str, Any] | None) -> list[tuple[Any, int | float]]:
    """The parts of the value that are not zero, computed anew from the facts kept with the reason."""
    if found is None:
        return []
    facts = values.PairFacts(
        owing=np.array([found["owing"]]),
        missing=np.array([found["missing"]]),
        make_up=np.array([found["make_up"]]),
        months=np.array([found["months"]]),
        this_year=np.array([found["this_year"]]),
        same_theme=np.array([found["same_theme"]]),
    )
    parts = values.points(facts, Terms.of(run.settings).weights)
    shown: list[tuple[Any, int | float]] = [
        (sentences.PART_LABELS[name], int(part[0])) for name, part in parts.items() if part[0]
    ]
    return [*shown, (sentences.PART_LABELS["tie"], found["tie"] / 100)]


def _obstacles(run: CallupRun, person: Person, class_run: ClassRun, names: Names) -> list[tuple[str, str]]:
    """Every hard rule in the way now, with what would lift it."""
    planning = run if run.state in CallupRun.OPEN_TO_CHANGE else None
    room = Room([class_run], {class_run.pk: [person.pk]}, Terms.of(run.settings), run=planning)
    return [
        (
            sentences.sentence(str(one.rule), one.detail, names),
            sentences.change(str(one.rule), one.detail, names),
        )
        for one in room.obstacles(person.pk, class_run.pk)
    ]


def left_out_of_published(person: int) -> Sequence[dict[str, Any]]:
    """Classes of the latest published runs that the person was eligible for and not called to, each with its reason."""
    names = Names()
    found: list[dict[str, Any]] = []
    runs = CallupRun.objects.filter(state=CallupRun.State.PUBLISHED).select_related("reasons_file")
    for run in runs.order_by("-published_at")[:PUBLISHED_SHOWN]:
        for row in reasons.left_out(run, persons=[person], limit=LEFT_OUT_SHOWN):
            why = sentences.sentence(row["code"], json.loads(row["detail"]), names)
            found.append({"class_run": names.class_run(row["class_id"]), "why": why, "run": run, "row": row})
    return found
