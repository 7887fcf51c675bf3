"""What stands beside the reason of a pair: who would get the next seat of a class, and where else a person left out would fit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from zhixing.callups import permissions, reasons, sentences
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.queries import called_before
from zhixing.callups.sentences import runner_up as words
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun

Row = dict[str, Any]


@dataclass(frozen=True)
class Beside:
    """``said`` in a sentence; of ``person`` and ``class_run`` the reader may open the explanation, when they are given."""

    said: str
    facts: str = ""
    person: Person | None = None
    class_run: ClassRun | None = None


def next_up(run: CallupRun, class_run: ClassRun, found: Row | None, user: Account) -> Beside | None:
    """Who would take one more seat of the class by the search that chose the pair of ``found`` (``engine.callup.reasons``), named only to
    whoever may read that person's reasons; None for somebody whom the search did not choose."""
    if found is None or not found["chosen"]:
        return None
    next_one = json.loads(found["detail"]).get("runner_up")
    if next_one is None:
        return Beside(words.nobody_next())
    person = Person.objects.select_related("unit").filter(pk=next_one["person"]).first()
    if person is None or _is_decided_since(run, class_run, person):
        return Beside(words.next_is_gone())
    if not permissions.may_read_reasons_of(user, person.unit.path if person.unit else "", person.pk):
        return Beside(words.next_unnamed(of_a_unit=permissions.reads_reasons(user)))
    row = reasons.of_pair(run, person.pk, class_run.pk)
    return Beside(words.next_named(person), sentences.facts_text(row) if row else "", person, class_run)


def _is_decided_since(run: CallupRun, class_run: ClassRun, person: Person) -> bool:
    """Whether the person was called to the class, excused on its days, or decided on by hand, after the search."""
    of_pair = {"person": person, "class_run": class_run}
    return (
        run.pins.filter(**of_pair).exists()
        or run.callups.filter(**of_pair, state=Callup.State.PROPOSED).exists()
        or called_before(class_run).filter(person=person).exists()
    )


def best_other(run: CallupRun, person: Person, class_run: ClassRun, found: Row | None) -> Beside | None:
    """The other class of the run to which the person is called, else the one of the highest value; None without a list. ``found``: the reason of
    the pair."""
    if run.reasons_file is None:
        return None
    live = run.callups.filter(person=person, state__in=Callup.LIVE).exclude(class_run=class_run)
    called = live.select_related("class_run").order_by("-value", "class_run__starts_on", "class_run_id").first()
    if called is not None:
        return Beside(words.best_other(called.class_run, ""), person=person, class_run=called.class_run)
    key, code = _best_other(run, person, class_run, found)
    best = run.class_runs.filter(pk=key).first() if key is not None else None
    if best is None:
        return Beside(words.no_other())
    return Beside(words.best_other(best, code), person=person, class_run=best)


def _best_other(run: CallupRun, person: Person, class_run: ClassRun, found: Row | None) -> tuple[int | None, str]:
    """(class, reason) as the file says with the pair; looked for in all of it for a pair that the search did not know, and in older files."""
    if found is not None and "best_other_id" in found:
        return found["best_other_id"], found["best_other_code"]
    rows = {row["class_id"]: row for row in reasons.of_person(run, person.pk) if row["class_id"] != class_run.pk}
    keys = run.class_runs.filter(pk__in=rows).order_by("starts_on", "pk").values_list("pk", flat=True)
    best = max(keys, key=lambda key: rows[key]["value"], default=None)
    return best, rows[best]["code"] if best is not None else ""
