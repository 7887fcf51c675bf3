"""The terms of a run in words: what counts most, what counts more or less than usual, and the limits."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.callups.emphasis import COSTS, USUAL
from zhixing.callups.terms import Terms

PRIORITIES: Mapping[str, Text] = {
    "owing": gettext_lazy("Debts first: who owes most is called first"),
    "rotation": gettext_lazy("Turns first: who was called longest ago is called first"),
    "make_up": gettext_lazy("Make-ups first: what was missed is made up before all else"),
}
WORDS: Mapping[str, Text] = {
    "none": gettext_lazy("not at all"),
    "less": gettext_lazy("less"),
    USUAL: gettext_lazy("as usual"),
    "more": gettext_lazy("more"),
    "most": gettext_lazy("much more"),
}
OVERFLOWS: Mapping[int, Text] = {
    0: gettext_lazy("Nobody is invited beyond the seats"),
    1: gettext_lazy("More come than there are seats in one of a hundred class runs, at most"),
    5: gettext_lazy("More come than there are seats in one of twenty class runs, at most"),
    10: gettext_lazy("More come than there are seats in one of ten class runs, at most"),
}
"""What each ``Terms.overflow_percent`` means."""
MATTERS = {
    "debts": (gettext_lazy("Hours owed"), gettext_lazy("Who is overdue or behind goes before others.")),
    "make_ups": (gettext_lazy("Make-ups"), gettext_lazy("Who missed something makes it up first.")),
    "waits": (gettext_lazy("Long waits"), gettext_lazy("Whose last training is long ago goes before others.")),
    "this_year": (
        gettext_lazy("Spread over people"),
        gettext_lazy("Who was trained or called this year already goes after others."),
    ),
    "themes": (
        gettext_lazy("No repeated theme"),
        gettext_lazy("Who had the same theme within a year, or is called to it in this run, goes after others."),
    ),
    "loads": (
        gettext_lazy("Load of units"),
        gettext_lazy("Units that carried fewer days away than their share go before others."),
    ),
    "second_callups": (
        gettext_lazy("No second call-up"),
        gettext_lazy("One call-up for many people rather than two for some."),
    ),
    "spread": (
        gettext_lazy("Spread over the year"),
        gettext_lazy("Call-ups of one person lie apart rather than close together."),
    ),
    "fewest_seats": (gettext_lazy("Fewest seats"), gettext_lazy("Classes and units come up to their fewest seats.")),
}
"""For each matter what it is called, and what it does."""


def terms_in_words(terms: Terms, seed: int, *, whole: bool = True) -> list[tuple[Text, Text]]:
    """(what, how it is) of everything that makes a list what it is; ``whole`` says what counts as usual, too, so that two runs can be compared."""
    every = [(name, WORDS[terms.emphasis.get(matter, USUAL)]) for matter, (name, _help) in MATTERS.items()]
    return [
        (gettext_lazy("What counts most"), PRIORITIES[terms.preset]),
        *(every if whole else stressed(terms)),
        (gettext_lazy("most call-ups of one person in the year"), str(terms.callups_max)),
        (gettext_lazy("most call-ups of one person in three years"), str(terms.three_years_max or _("no limit"))),
        (gettext_lazy("most people of a unit away in one week (%)"), str(terms.away_percent)),
        (gettext_lazy("days within which call-ups of one person are close"), str(terms.close_days or _("no matter"))),
        (gettext_lazy("Themes count within the run, too"), _("yes") if terms.repeats_within else _("no")),
        (gettext_lazy("Call-ups by other authorities count"), _("yes") if terms.count_outside else _("no")),
        (gettext_lazy("Fewest seats must be reached"), _("yes") if terms.hard_minimums else _("no")),
        (gettext_lazy("Inviting beyond the seats"), OVERFLOWS[terms.overflow_percent]),
        (gettext_lazy("Weights of the formula"), _("set by hand") if _by_hand(terms) else _("as the words say")),
        (gettext_lazy("published seed"), str(seed)),
    ]


def _by_hand(terms: Terms) -> bool:
    kept = terms.kept()
    return bool(kept["weights"] or {term for term, _cost in COSTS.values()} & set(kept))


def stressed(terms: Terms) -> list[tuple[Text, Text]]:
    """(matter, word) of what counts otherwise than usual."""
    return [(MATTERS[matter][0], WORDS[word]) for matter, word in terms.emphasis.items()]
