"""Why no list can keep all that is asked, and the changes that would help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhixing.base.problems import Text
from zhixing.callups.sentences.away import spans
from zhixing.callups.sentences.reasons import Detail, Names, sentence
from zhixing.engine.callup.relaxations import Relaxation
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Account, Person


class Told:
    """Tells conflicts and changes; ``name_of`` says who the person of a key is, None for somebody of another unit."""

    def __init__(self, names: Names, name_of: Callable[[Any], str | None]) -> None:
        self.names, self._name_of = names, name_of

    @classmethod
    def to(cls, user: Account, items: Iterable[Detail]) -> Told:
        """With the names of those whom ``user`` may see."""
        persons = {item["person_id"] for item in items if "person_id" in item}
        visible = Person.objects.visible_to(user).filter(pk__in=persons)
        return cls(Names(), dict(visible.values_list("pk", "name")).get)

    def _facts(self, item: Detail) -> dict[str, Any]:
        return {
            "name": self._name_of(item.get("person_id")) or _("Somebody of another unit"),
            "class_run": self.names.class_run(item.get("class_id")),
            "unit": self.names.unit(item.get("unit_id")),
            "most": item.get("most", "—"),
            "least": item.get("least", "—"),
            "days": spans([item["week"]] if "week" in item else item.get("weeks", [])),
        }

    def conflict(self, items: Iterable[Detail]) -> list[str]:
        """What cannot hold together: a rule and the decisions, or the fewest seats, against it."""
        return [self._conflicting(item) for item in items]

    def _conflicting(self, item: Detail) -> str:
        if item.get("standing") or item["rule"] not in _RULES:
            return sentence(item["rule"], _as_detail(item), self.names)
        return str(_RULES[item["rule"]]) % self._facts(item)

    def change(self, item: Detail) -> str:
        """One change, as something to do."""
        facts = self._facts(item)
        many = abs(item.get("to", 0) - item.get("from", 0))
        facts |= {"many": many, "to": item.get("to", "—")}
        match item["change"]:
            case Relaxation.DROP_PIN if item["chosen"]:
                return _("Take back that %(name)s goes to “%(class_run)s”") % facts
            case Relaxation.DROP_PIN:
                return _("Take back that %(name)s does not go to “%(class_run)s”") % facts
            case Relaxation.CALLUPS_MAX:
                return _("Call a person up to %(to)s times a year") % facts
        return str(_SEATS[Relaxation(item["change"])](many)) % facts

    def lines(self, result: Detail) -> Iterator[str]:
        """The conflicts and the ways out that a result tells, one line each; nothing when there is a list."""
        for number, items in enumerate(result.get("conflicts", ()), 1):
            said = _("; ").join(self.conflict(items))
            yield _("Conflict %(number)s: %(said)s") % {"number": number, "said": said}
        knots = result.get("relaxations", ())
        for number, knot in enumerate(knots, 1):
            if len(knots) > 1:
                yield _("Group %(number)s, of which one way has to be taken:") % {"number": number}
            for place, way in enumerate(knot["ways"], 1):
                yield self._way(place, way, smallest=place == 1 and knot["proven_cheapest"])

    def _way(self, number: int, way: Detail, *, smallest: bool) -> str:
        text = _("Way out %(number)s (cost %(cost)s): %(changes)s")
        if smallest:
            text = _("Way out %(number)s (cost %(cost)s, smallest change): %(changes)s")
        changes = _("; ").join(map(self.change, way["changes"]))
        return text % {"number": number, "cost": f"{way['cost']:g}", "changes": changes}


def _as_detail(item: Detail) -> dict[str, Any]:
    """The keys as reasons have them."""
    return {key.removesuffix("_id"): value for key, value in item.items()}


_RULES: Mapping[str, Text] = {
    "pinned_in": gettext_lazy("By hand: %(name)s goes to “%(class_run)s”"),
    "pinned_out": gettext_lazy("By hand: %(name)s does not go to “%(class_run)s”"),
    Rule.CLASS_SHORT: gettext_lazy("“%(class_run)s” needs at least %(least)s people"),
    Rule.QUOTA_SHORT: gettext_lazy("%(unit)s must send at least %(least)s people to “%(class_run)s”"),
    Rule.CALLUPS_MAX: gettext_lazy("A person may be called %(most)s times a year at most"),
    Rule.SHARED_DAY: gettext_lazy("Nobody can be in two classes on one day"),
    Rule.CLASS_FULL: gettext_lazy("“%(class_run)s” has %(most)s seats"),
    Rule.QUOTA_FULL: gettext_lazy("%(unit)s has %(most)s seats in “%(class_run)s”"),
    Rule.AWAY_FULL: gettext_lazy("Of %(unit)s at most %(most)s may be away on %(days)s"),
}
_SEATS: Mapping[Relaxation, Any] = {
    Relaxation.CLASS_SEATS: lambda many: ngettext(
        "%(many)s more seat in “%(class_run)s”", "%(many)s more seats in “%(class_run)s”", many
    ),
    Relaxation.QUOTA_SEATS: lambda many: ngettext(
        "%(many)s more seat of %(unit)s in “%(class_run)s”", "%(many)s more seats of %(unit)s in “%(class_run)s”", many
    ),
    Relaxation.AWAY_MAX: lambda many: ngettext(
        "%(many)s more of %(unit)s away at one time; needed on %(days)s",
        "%(many)s more of %(unit)s away at one time; needed on %(days)s",
        many,
    ),
    Relaxation.AWAY_WEEK: lambda many: ngettext(
        "%(many)s more of %(unit)s away on %(days)s", "%(many)s more of %(unit)s away on %(days)s", many
    ),
    Relaxation.CLASS_MINIMUM: lambda many: ngettext(
        "“%(class_run)s” does with %(many)s fewer than the fewest asked",
        "“%(class_run)s” does with %(many)s fewer than the fewest asked",
        many,
    ),
    Relaxation.QUOTA_MINIMUM: lambda many: ngettext(
        "%(unit)s sends %(many)s fewer to “%(class_run)s” than the fewest asked",
        "%(unit)s sends %(many)s fewer to “%(class_run)s” than the fewest asked",
        many,
    ),
}
