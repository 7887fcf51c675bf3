"""One pair explained: the reason of the search with every rule in the way, and what was weighed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from zhixing.callups import reasons, sentences
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.runner_up import best_other, next_up
from zhixing.callups.seats import Room
from zhixing.callups.sentences import Names
from zhixing.callups.sentences.reasons import CALLED_ALREADY, ELIGIBLE_SINCE, NO_LIST
from zhixing.callups.terms import Terms
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun

PUBLISHED_SHOWN = 5
LEFT_OUT_SHOWN = 50


def explain(run: CallupRun, person: Person, class_run: ClassRun, user: Account) -> dict[str, Any]:
    """``called``, ``callup`` (also one that no longer stands), ``pin``, ``why``, ``changes`` (all must come), ``facts`` [(what, how it is)]; for whoever
    is called ``next_up``, for all others ``best_other`` (``runner_up.Beside`` or None), neither of a list that was put away."""
    names = Names()
    rows = run.callups.filter(person=person, class_run=class_run).select_related("class_run", "run", "unit")
    callup = rows.order_by("-id").first()
    found = reasons.of_pair(run, person.pk, class_run.pk)
    pin = run.pins.filter(person=person, class_run=class_run).first()
    said = {"callup": callup, "pin": pin, "facts": sentences.facts(found) if found else (), "called": False}
    if callup and callup.state in Callup.LIVE:
        beside = {"next_up": next_up(run, class_run, found, user)}
        return {**said, **beside, "called": True, "why": sentences.callup_sentence(callup, names), "changes": ()}
    code, detail = _reason(found) if found else _unknown(run, person, class_run)
    if run.is_put_away:
        why = sentences.sentence(code, detail, names)
        return {**said, "why": sentences.of_then(run, why) if found else why, "changes": ()}
    return {
        **said,
        "why": sentences.sentence(code, detail, names),
        "changes": sentences.changes(code, detail, names),
        "best_other": best_other(run, person, class_run, found),
    }


def _reason(found: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return found["code"], json.loads(found["detail"])


def _unknown(run: CallupRun, person: Person, class_run: ClassRun) -> tuple[str, dict[str, Any]]:
    """(code, detail) of a pair of which the search knew nothing, as things stand now."""
    if run.reasons_file is None:
        return NO_LIST, {}
    if Callup.objects.in_force().filter(person=person, class_run=class_run).exists():
        return CALLED_ALREADY, {}
    planning = run if run.state in CallupRun.OPEN_TO_CHANGE else None
    room = Room([class_run], {class_run.pk: [person.pk]}, Terms.of(run.settings), run=planning)
    one = room.obstacle(person.pk, class_run.pk)
    return (str(one.rule), dict(one.detail)) if one else (ELIGIBLE_SINCE, {})


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
