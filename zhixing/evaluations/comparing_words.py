"""What comparing class runs, institutions and years comes to, in sentences; pages and papers say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from zhixing.base.problems import Text
from zhixing.engine.ratings.compared import LEAST, Beside, Change, Compared, Held, LeftOut, Stood, WhyNot
from zhixing.evaluations.queries.case_mix import Fact

NAMES_MOST: Final = 4
"""So many of a set are named; the rest is in the table."""
FACTS: Final[Mapping[str, Text]] = {
    Fact.LEVEL: gettext_lazy("level of the target group"),
    Fact.CHANNEL: gettext_lazy("form of training"),
    Fact.DAYS: gettext_lazy("length in days"),
    Fact.CONTENT: gettext_lazy("content block"),
}
LEFT: Final[Mapping[LeftOut, Text]] = {
    LeftOut.FEW: gettext_lazy("too few class runs for it"),
    LeftOut.ALIKE: gettext_lazy("no two kinds with enough class runs"),
    LeftOut.TOLD: gettext_lazy("cannot be told from the facts before it"),
}


def why_not(found: Compared) -> str:
    """Why nothing is compared; empty where something is."""
    if found.why_not is None:
        return ""
    words = {
        WhyNot.FEW: _("At least %(n)s class runs with enough sheets are needed for a comparison.") % {"n": LEAST},
        WhyNot.ALIKE: _("All sheets say the same: there is nothing to compare."),
        WhyNot.CONFOUNDED: _(
            "Each had a version of the form of its own: nobody can say whether they or the forms differ."
        ),
    }
    return words[found.why_not]


def alone_sentence() -> str:
    return _("Cannot be compared: alone on its version of the form.")


def mix_sentences(found: Compared, names: Mapping[str, str]) -> Iterator[str]:
    """What taking the mix of cases out did, and what of it could not be taken out."""
    if found.plain is None:
        return
    between = pgettext("between names", ", ")
    if found.mixed is None:
        yield _("Nothing could be corrected for whom the class runs hold.")
    else:
        used = between.join(str(FACTS[fact]) for fact in found.used)
        yield _(
            "Corrected for whom the class runs hold: %(facts)s. This moves no class run by more than %(most).1f points."
        ) % {
            "facts": used,
            "most": found.moved,
        }
        yield _order_sentence([names.get(level, "") for level in found.reordered])
    if found.left:
        left = between.join(
            _("%(fact)s (%(why)s)") % {"fact": FACTS[fact], "why": LEFT[why]} for fact, why in found.left
        )
        yield _("Not corrected for: %(facts)s.") % {"facts": left}


def _order_sentence(moved: Sequence[str]) -> str:
    if not moved:
        return _("The order stays as it was.")
    return _("The order changes: %(names)s stand elsewhere.") % {"names": _some(moved)}


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    named, more = pgettext("between names", ", ").join(names[:NAMES_MOST]), len(names) - NAMES_MOST
    if more <= 0:
        return named
    return ngettext("%(names)s and %(more)s more", "%(names)s and %(more)s more", more) % {"names": named, "more": more}


def tie_sentence(found: Beside, group: Sequence[Stood], names: Mapping[str, str]) -> str:
    """Who cannot be told apart from whom; or that one can be told from all others."""
    named = [names.get(one.level, "") for one in group]
    if len(group) == 1:
        return _("%(name)s can be told from all others.") % {"name": named[0]}
    if len(group) == len(found.stood):
        return _("None of them can be told from any other: their order is no more than chance could make.")
    return _("Cannot be told apart: %(names)s.") % {"names": _some(named)}


def apart_sentence(one: Held, names: Mapping[str, str]) -> str:
    if one.alone:
        return alone_sentence()
    if one.low is None and one.runs > 1:
        return _("All sheets say the same: there is nothing to reckon a range from.")
    if one.low is None and one.corrected is None:
        return _("One class run tells nothing of its institution.")
    if not one.apart:
        return _("Cannot be told from any other.")
    named = pgettext("between names", ", ").join(names.get(other, "") for other in one.apart)
    return _("Can be told from: %(names)s.") % {"names": named}


def change_sentence(one: Change) -> str:
    if one.confounded:
        return _("The form changed with the year: nobody can say whether the class runs did.")
    if not one.is_told or one.more is None:
        return _("The two years cannot be told apart.")
    return _("Better than the year before.") if one.more > 0 else _("Worse than the year before.")
