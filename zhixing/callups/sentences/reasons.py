"""Why a person is on a list, why not, and what would change it: priority reasons in words, never in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, reduce
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhixing.base.problems import Text
from zhixing.callups import values
from zhixing.callups.elsewhere import ELSEWHERE
from zhixing.callups.models import Callup, OutsideCallup
from zhixing.callups.problem.pairs import EXCUSED
from zhixing.callups.seats import Obstacle
from zhixing.callups.sentences.away import away_change, away_full
from zhixing.callups.sentences.burden import UNIT_CARRIED, standing_of
from zhixing.callups.sentences.outside import called_often, elsewhere_sentence
from zhixing.engine.callup.codes import Code, Holders
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun

Detail = Mapping[str, Any]
NO_LIST, CALLED_ALREADY, ELIGIBLE_SINCE = "no_list", "called_already", "eligible_since"
"""Codes of pairs of which the file of reasons knows nothing."""


class Names:
    """The names that details point to; each table is read once, when the first of its names is asked for."""

    @cached_property
    def _class_runs(self) -> dict[int, str]:
        return dict(ClassRun.objects.order_by().values_list("pk", "name"))

    @cached_property
    def _units(self) -> dict[int, str]:
        return dict(Unit.objects.order_by().values_list("pk", "name"))

    def class_run(self, pk: int | None) -> str:
        """Keys below zero stand for what other authorities call to (``problem.outside.Outside``)."""
        if pk is not None and pk < 0:
            found = OutsideCallup.objects.filter(pk=-pk).values_list("caller", "class_name").first()
            return " ".join(found) if found else "—"
        return self._class_runs.get(pk or 0, "—")

    def unit(self, pk: int | None) -> str:
        return self._units.get(pk or 0, "—")


CODE_LABELS: Mapping[str, Text] = {
    Code.CHOSEN_PINNED: gettext_lazy("decided by hand"),
    Code.CHOSEN_BEST: gettext_lazy("on the proposed list"),
    Code.PINNED_OUT: gettext_lazy("taken out by hand"),
    Code.CALLUPS_MAX: gettext_lazy("called often enough"),
    Code.SHARED_DAY: gettext_lazy("called elsewhere at that time"),
    Code.CLASS_FULL: gettext_lazy("class is full"),
    Code.QUOTA_FULL: gettext_lazy("quota of the unit is used"),
    Code.AWAY_FULL: gettext_lazy("too many of the unit away"),
    Code.NOT_WORTH_SECOND_CALLUP: gettext_lazy("no second call-up"),
    Code.REPEATED_THEME: gettext_lazy("same theme as another call-up"),
    Code.CLOSE_CALLUP: gettext_lazy("too close to another call-up"),
    Code.OUTPRICED: gettext_lazy("the search ended before"),
    Code.PRICED_OUT: gettext_lazy("the search ended before"),
    EXCUSED: gettext_lazy("excused at that time"),
    ELSEWHERE: gettext_lazy("called by another authority at that time"),
    Rule.NOT_ELIGIBLE: gettext_lazy("not in the target group"),
    NO_LIST: gettext_lazy("no list yet"),
    CALLED_ALREADY: gettext_lazy("called already"),
    ELIGIBLE_SINCE: gettext_lazy("eligible only since"),
}


CODES_LEFT_OUT = (
    *(str(code) for code in Code if code not in {Code.CHOSEN_PINNED, Code.CHOSEN_BEST}),
    EXCUSED,
    ELSEWHERE,
)


def code_label(code: str) -> Text:
    """A few words, for filters and counts."""
    return CODE_LABELS.get(code, code)


def sentence(code: str, detail: Detail, names: Names) -> str:
    """Why a pair is not on the list, with every rule in the way; also why one more call-up is not possible."""
    said = [_CAUSES[rule](one, names) for rule, one in _causes(code, detail) if rule in _CAUSES]
    said += _holders(frozenset(detail.get("holders", ())))
    return _joined(said) or str(code_label(code))


def changes(code: str, detail: Detail, names: Names) -> list[str]:
    """What would have to change for a yes: one sentence for each cause that somebody could lift."""
    return [_CHANGES[rule](one, names) for rule, one in _causes(code, detail) if rule in _CHANGES]


def _causes(code: str, detail: Detail) -> Iterator[tuple[str, Detail]]:
    """(rule, detail) of each; the full weeks of a unit with one limit are one cause, ``weeks`` its Mondays."""
    causes = [(code, detail), *((one["rule"], one) for one in detail.get("also", ()))]
    full = [one for rule, one in causes if rule == Rule.AWAY_FULL]
    for rule, one in causes:
        weeks = sorted(other["week"] for other in full if other.get("most") == one.get("most"))
        if rule != Rule.AWAY_FULL:
            yield rule, one
        elif one["week"] == weeks[0]:
            yield rule, {**one, "weeks": weeks}


def _joined(said: Iterable[str]) -> str:
    """Whole sentences one after the other, as the language sets them."""
    parts = list(said)
    return reduce(lambda one, other: _("%(one)s %(other)s") % {"one": one, "other": other}, parts) if parts else ""


def obstacle_sentence(found: Obstacle) -> str:
    """The rule that one more call-up would break."""
    return sentence(str(found.rule), found.detail, Names())


def _quota(detail: Detail, names: Names) -> str:
    facts = {"unit": names.unit(detail.get("unit")), "most": detail.get("most", 0)}
    if not facts["most"]:
        return _("%(unit)s has no seat in this class.") % facts
    return _("The seats of %(unit)s in this class (%(most)s) are taken.") % facts


_CAUSES: Mapping[str, Callable[[Detail, Names], str]] = {
    NO_LIST: lambda detail, names: _("No list was proposed yet."),
    CALLED_ALREADY: lambda detail, names: _("Is called to this class already, by another list."),
    ELIGIBLE_SINCE: lambda detail, names: _("Was not eligible when this list was proposed; is now."),
    Rule.NOT_ELIGIBLE: lambda detail, names: _("Does not belong to the target group of this class."),
    Code.PINNED_OUT: lambda detail, names: _("Taken out by the planner."),
    Code.CALLUPS_MAX: lambda detail, names: called_often(detail),
    Code.SHARED_DAY: lambda detail, names: (
        _("Is called to “%(class_run)s”, which shares days with this class.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    EXCUSED: lambda detail, names: (
        _("Was excused from “%(class_run)s”, which shares days with this class.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    ELSEWHERE: lambda detail, names: elsewhere_sentence(detail),
    Code.CLASS_FULL: lambda detail, names: (
        _("All seats of the class (%(most)s) are taken.") % {"most": detail.get("most", "—")}
    ),
    Code.QUOTA_FULL: _quota,
    Code.AWAY_FULL: lambda detail, names: away_full(detail),
    Code.NOT_WORTH_SECOND_CALLUP: lambda detail, names: _(
        "Is called to another class; the reasons do not carry a second call-up."
    ),
    Code.REPEATED_THEME: lambda detail, names: (
        _("Is called to “%(class_run)s” of the same theme; the reasons do not carry a second call-up to it.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    Code.CLOSE_CALLUP: lambda detail, names: (
        _(
            "Is called to “%(class_run)s” shortly before or after; the reasons do not carry two call-ups so close together."
        )
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    Code.OUTPRICED: lambda detail, names: _("A seat is free, but the search ended before it was given."),
    Code.PRICED_OUT: lambda detail, names: _("A seat is free, but the search ended before it was given."),
}


_FIXED, _STRONGER, _SECOND, _MINIMUM, _EXCHANGE, _THEME, _CLOSE = (str(flag.name).lower() for flag in Holders)
_ALL_STRONGER = gettext_lazy(
    "Whoever holds them goes before by the terms of the list (make-up, hours owed, last training), or by lot where these are equal."
)
_STRONGER_OR_FIXED = gettext_lazy(
    "Whoever holds them was called before, was put on the list by hand, or goes before by the terms of the list (make-up, hours owed, last training)."
)
_SECOND_CALLUP = gettext_lazy(
    "Some who hold them have weaker reasons, but no other class: a first call-up goes before a second one."
)
_NEEDED = gettext_lazy("Some who hold them have weaker reasons, but their unit must fill its fewest seats.")
_BOTH = gettext_lazy(
    "Some who hold them have weaker reasons, but no other class, for a first call-up goes before a second one, or their unit must fill its fewest seats."
)
_BETTER = gettext_lazy("Somebody with weaker reasons holds one of them, for the search ended before: solve again.")
_HOLDERS: Mapping[frozenset[str], Text] = {
    frozenset({_FIXED}): gettext_lazy("Whoever holds them was called before or put on the list by hand."),
    frozenset({_STRONGER}): _ALL_STRONGER,
    frozenset({_STRONGER, _FIXED}): _STRONGER_OR_FIXED,
    frozenset({_SECOND}): _SECOND_CALLUP,
    frozenset({_MINIMUM}): _NEEDED,
    frozenset({_SECOND, _MINIMUM}): _BOTH,
    **{frozenset({_EXCHANGE, *more}): _BETTER for more in ((), (_SECOND,), (_MINIMUM,), (_SECOND, _MINIMUM))},
}
"""How those who hold the seats stand to the person, for each set that ``Holders`` can be, but for what ``_HOLDERS_APART`` says."""
_HOLDERS_APART: Mapping[str, Text] = {
    _THEME: gettext_lazy(
        "Some who hold them have weaker reasons, but the person is called to this theme in another class already."
    ),
    _CLOSE: gettext_lazy(
        "Some who hold them have weaker reasons, but the person is called to another class shortly before or after."
    ),
}


def _holders(found: frozenset[str]) -> list[str]:
    """How those who hold the seats stand to the person, in sentences."""
    apart = [str(text) for flag, text in _HOLDERS_APART.items() if flag in found and _EXCHANGE not in found]
    rest = found - set(_HOLDERS_APART)
    return [*(str(_HOLDERS[key]) for key in (rest,) if key in _HOLDERS), *apart]


_CHANGES: Mapping[str, Callable[[Detail, Names], str]] = {
    Code.PINNED_OUT: lambda detail, names: _("Take back the decision and solve again."),
    Code.CALLUPS_MAX: lambda detail, names: (
        _("One more call-up in three years in the terms of the run.")
        if "three_years" in detail
        else _("One more call-up a year in the terms of the run, or one call-up fewer.")
    ),
    Code.SHARED_DAY: lambda detail, names: (
        _("Taking the person out of “%(class_run)s”, or other days for one of the two.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    ELSEWHERE: lambda detail, names: (
        _("Other days for the class, or the word of %(caller)s that it calls the person no more.")
        % {"caller": detail["caller"]}
    ),
    Code.CLASS_FULL: lambda detail, names: _("One more seat in the class, or a greater need."),
    Code.QUOTA_FULL: lambda detail, names: (
        _("One more seat in the quota of %(unit)s.") % {"unit": names.unit(detail.get("unit"))}
    ),
    Code.AWAY_FULL: lambda detail, names: away_change(detail),
    Code.NOT_WORTH_SECOND_CALLUP: lambda detail, names: _("A greater need, or a lower cost of a second call-up."),
    Code.REPEATED_THEME: lambda detail, names: _("A greater need, or a repeated theme that counts less."),
    Code.CLOSE_CALLUP: lambda detail, names: _("A greater need, or other days for one of the two classes."),
    Code.OUTPRICED: lambda detail, names: _("Solving again with more time."),
    Code.PRICED_OUT: lambda detail, names: _("Solving again with more time."),
    ELIGIBLE_SINCE: lambda detail, names: _("Solving again."),
}

_OWING: Mapping[str, Text] = {
    "overdue": gettext_lazy("hours overdue"),
    "short": gettext_lazy("behind with hours"),
    "on_track": gettext_lazy("not behind with hours"),
    "met": gettext_lazy("hours met or exempt"),
}


def callup_sentence(callup: Callup, names: Names) -> str:
    """Why a person is on the list."""
    match callup.code:
        case "from_waiting":
            text = _("A seat came free; place %(position)s on the waiting list.")
            return text % {"position": callup.detail.get("position", "—")}
        case "beyond_seats":
            text = _("Invited beyond the seats, for some will be excused; place %(position)s on the waiting list.")
            return text % {"position": callup.detail.get("position", "—")}
        case "repaired":
            text = _("Put on the list when it was adjusted to a change. %(facts)s")
            return (text % {"facts": facts_text(callup.detail)}).strip()
        case "substitute":
            return _("Comes instead of a colleague, proposed by the unit and approved.")
        case Code.CHOSEN_PINNED:
            return _("Put on the list by the planner.")
    if facts := facts_text(callup.detail):
        return _("%(facts)s; on the list proposed for all classes together.") % {"facts": facts}
    return _("On the list proposed for all classes together.")


def standing_sentence(callup: Callup) -> str:
    """Why somebody whom another list called holds a seat."""
    return _("Called before, by “%(run)s”.") % {"run": callup.run.name}


def facts_text(detail: Detail) -> str:
    """What was weighed of the person, in few words."""
    words = []
    if detail.get("make_up"):
        words.append(_("has something to make up"))
    if "owing" in detail:
        words.append(str(_OWING[values.OWING[detail["owing"]]]))
    if "months" in detail:
        words.append(_waited(detail["months"]))
    if detail.get("same_theme"):
        words.append(_("same theme within a year"))
    if load := _load(detail):
        words.append(load)
    text = _(", ").join(words)
    return text[:1].upper() + text[1:]


def _load(detail: Detail) -> str:
    """How the unit stands to its share, where it counts and is worth a word."""
    kept = standing_of(detail.get("load", 0))
    return str(UNIT_CARRIED.get(kept, ""))


def _waited(months: int) -> str:
    if months == values.NEVER:
        return _("no training on record so far")
    if months == 0:
        return _("trained or called of late")
    return ngettext("last trained %(months)s month ago", "last trained %(months)s months ago", months) % {
        "months": months
    }


def facts(detail: Detail) -> list[tuple[Text, Text]]:
    """All that was weighed of a pair, one by one: (what, how it is)."""
    fits = [text for flag, text in _FITS.items() if detail["make_up"] & flag]
    making_up = _(", ").join(map(str, fits)) if detail["make_up"] else ""
    found = [
        (gettext_lazy("to be made up"), making_up),
        (gettext_lazy("hours owed"), _OWING[values.OWING[detail["owing"]]]),
        (gettext_lazy("hours missing, tenths of what is asked"), detail["missing"] or ""),
        (gettext_lazy("time since the last training"), _waited(detail["months"])),
        (gettext_lazy("trained or called this year"), _("yes, goes after others") if detail["this_year"] else ""),
        (gettext_lazy("same theme within a year"), _("yes, goes after others") if detail["same_theme"] else ""),
        (gettext_lazy("days away of the unit, against its share"), _load(detail)),
        (gettext_lazy("lot drawn from the published seed, for equal reasons"), str(detail["tie"])),
    ]
    return [(what, how) for what, how in found if how]


_FITS: Mapping[int, Text] = {
    values.OPEN: gettext_lazy("open make-up"),
    values.THEME: gettext_lazy("same theme"),
    values.CHANNEL: gettext_lazy("same channel"),
    values.CONTENT: gettext_lazy("same content"),
}
