"""What adjusting a list changes for a person, and why, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.callups.sentences.reasons import Names, facts_text, sentence
from zhixing.engine.callup.changes import Cause, Change
from zhixing.people.models import Person

Item = Mapping[str, Any]

CHANGES: Mapping[str, Text] = {
    Change.LEFT: gettext_lazy("leaves the list"),
    Change.CAME: gettext_lazy("comes onto the list"),
    Change.MOVED: gettext_lazy("is called elsewhere"),
    Change.FEWER: gettext_lazy("one call-up fewer"),
    Change.MORE: gettext_lazy("one call-up more"),
}


def why_lost(one: Item, person: Person, names: Names, to_come: Collection[int]) -> str:
    """``to_come``: the class runs that can still call anybody."""
    if one["class"] not in to_come:
        return _("The class is cancelled, has begun, or is no longer open for call-up.")
    if person.status != Person.Status.SERVING:
        return _("Is no longer in service.")
    if one["code"] == Cause.EXCHANGED:
        return _("Another class serves the whole list better.")
    rules = [_ruled(rule) for rule in (one, *one.get("also", ()))]
    return sentence(one["code"], {**rules[0], "also": rules[1:]}, names)


def _ruled(one: Item) -> dict[str, Any]:
    """A rule as the sentences of reasons take it: ``class`` is the other class of two that share days."""
    return {**one, "rule": one["code"], "class": one.get("with")}


def why_new(one: Item, names: Names, people: Mapping[int, str]) -> str:
    facts = facts_text(one.get("facts", {}))
    return _("%(cause)s %(facts)s") % {"cause": _cause(one, names, people), "facts": facts}


def _cause(one: Item, names: Names, people: Mapping[int, str]) -> str:
    if one["code"] == Cause.PINNED_IN:
        return _("Put on the list by the planner.")
    if one["code"] == Cause.INSTEAD:
        return _("Instead of “%(class_run)s”.") % {"class_run": _(", ").join(map(names.class_run, one["of"]))}
    if one["code"] == Cause.SEAT_FREED:
        who = dict.fromkeys(
            people.get(freed["person"]) or _("Somebody of another unit") for freed in one["in_place_of"]
        )
        return _("A seat came free: %(names)s.") % {"names": _(", ").join(who)}
    return _("There is room by now.")
