"""What was tried to put somebody on a list, and what the search set against the priority of a pair, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.callups.sentences.reasons import Names
from zhixing.engine.callup.rules import Rule

Said = Mapping[str, Any]

WHY_NONE: Final[Mapping[str, Text]] = {
    "no_list": gettext_lazy("No list that keeps the rules and the decisions made by hand holds this person."),
    "unpinned": gettext_lazy("Even without the decision to leave the person out, the list would be the same."),
    "none_found": gettext_lazy("No small change was found that puts the person on the list."),
    "time": gettext_lazy("The time limit of the run was too short to try it out."),
}
"""``engine.callup.flips.NoFlip`` in words."""


def tried(said: Said, names: Names) -> list[str]:
    """What would do, each change by itself or all together; or why nothing is told."""
    if not said.get("eligible"):
        return [_("The last search did not know the person as eligible for this class.")]
    if said["chosen"]:
        return [_("The search puts the person on the list; a decision by hand took the place.")]
    flip = said["flip"]
    if flip is None:
        return [str(WHY_NONE[said["flip_why"]])]
    if flip["change"] == "several":
        return [*(_more(step, names) for step in flip["steps"]), _("All of this together.")]
    if flip["change"] == "unpin":
        return [_("Taking back the decision to leave the person out.")]
    if flip["change"] == "value":
        return [
            _("A priority above %(above)s, where it is %(value)s now.")
            % {"above": flip["above"], "value": flip["from"]}
        ]
    return [_more(flip, names)]


def _more(step: Said, names: Names) -> str:
    words = {"count": step["from"], "to": step["to"], "unit": names.unit(step.get("unit")), "week": step.get("week")}
    match step["rule"]:
        case Rule.CLASS_FULL:
            return _("%(to)s seats in the class, where there are %(count)s now.") % words
        case Rule.QUOTA_FULL:
            return _("%(to)s seats in the quota of %(unit)s, where there are %(count)s now.") % words
    return _("%(to)s people of %(unit)s away in the week of %(week)s, where %(count)s may be now.") % words


_SPREAD: Final[Mapping[str, Text]] = {
    "repeated_theme": gettext_lazy("The same theme as “%(class_run)s”, to which the person is called"),
    "close_callup": gettext_lazy("Shortly before or after “%(class_run)s”, to which the person is called"),
}


def price_audit(said: Said, names: Names) -> list[tuple[str, str]]:
    """``price_sum`` as a page shows it, in hundredths."""
    value, *costs, (rest, points) = price_sum(said, names)
    shown = [(what, f"{cost:+.2f}") for what, cost in costs]
    return [(value[0], f"{value[1]:.2f}"), *shown, (rest, f"{points:.2f}")]


def price_sum(said: Said, names: Names) -> list[tuple[str, float]]:
    """The priority of the pair, what each seat and week that it needs takes or gives, and how much is missing or left: (what, points)."""
    costs = [(_place(one, names), one["price"]) for one in said["prices"] if one["price"]]
    if said["second_cost"]:
        costs.append((_("A further call-up of the person"), said["second_cost"]))
    costs += [
        (str(_SPREAD[one["rule"]]) % {"class_run": names.class_run(one["class"])}, one["cost"])
        for one in said.get("spread", ())
    ]
    left = said["value"] - sum(points for _what, points in costs)
    return [
        (_("Priority of the person for this class"), said["value"]),
        *((what, -points) for what, points in costs),
        (_("Missing") if left < 0 else _("Left over"), abs(left)),
    ]


def _place(one: Said, names: Names) -> str:
    match one["rule"]:
        case Rule.CLASS_FULL:
            return _("A seat of the class")
        case Rule.QUOTA_FULL:
            return _("A seat in the quota of %(unit)s") % {"unit": names.unit(one.get("unit"))}
    return _("The week of %(week)s in %(unit)s") % {"week": one.get("week"), "unit": names.unit(one.get("unit"))}
