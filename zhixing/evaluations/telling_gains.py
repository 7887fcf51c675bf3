"""Words for what tests before and after a class run showed. The engine is not loaded for them: it brings scipy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.evaluations.models import ExamGain

FAULT_WORDS: Final[Mapping[str, Text]] = {
    "nobody_twice": gettext_lazy("Nobody took both tests."),
    "nobody_to_compare": gettext_lazy("There is nobody to compare with."),
    "mean_needed": gettext_lazy(
        "People were chosen by their first score: give the mean of everybody from whom they were chosen."
    ),
    "scores_alike": gettext_lazy("All first scores are alike: what chance adds cannot be told."),
}
VERDICTS: Final[Mapping[str, Text]] = {
    "better": gettext_lazy("gain beyond chance"),
    "worse": gettext_lazy("loss beyond chance"),
    "no_evidence": gettext_lazy("no evidence of a gain"),
    "too_few": gettext_lazy("too few people to say anything"),
    "not_comparable": gettext_lazy("not comparable"),
}
TONES: Final = {"better": "good", "worse": "bad"}


def verdict_words(gain: ExamGain) -> str:
    return str(VERDICTS[gain.found["verdict"]])


def gain_sentence(gain: ExamGain) -> str:
    """From how much to how much, and what of it is more than chance."""
    found = gain.found
    said = _("%(n)s people: from %(pre)s to %(post)s of 100.") % {
        "n": gain.n,
        "pre": found["pre"],
        "post": found["post"],
    }
    if found["by_chance"]:
        said += _(" Chance alone foretells %(by_chance)s (regression to the mean).") % {"by_chance": found["by_chance"]}
    if gain.is_told:
        told = (
            _(" Beyond it: %(value)s (%(lower)s to %(upper)s).")
            if found["by_chance"]
            else _(" Gained: %(value)s (%(lower)s to %(upper)s).")
        )
        said += told % found
    return said + _(
        " Nobody else was measured: how much of it the class run itself brought, these figures cannot tell."
    )
