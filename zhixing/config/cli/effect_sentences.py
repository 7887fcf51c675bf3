"""What is said of effects. Import it only while ``speaking``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.engine.effects.balance import UNEVEN
from zhixing.engine.effects.cohorts import Cohorts
from zhixing.engine.effects.detectable import Study
from zhixing.engine.effects.estimate import Estimate, Verdict
from zhixing.engine.effects.gain import Caution, Gain, GainFault, Method
from zhixing.engine.effects.matching import Matched

VERDICTS: Final = {
    Verdict.BETTER: gettext_lazy("Better, and by more than chance explains."),
    Verdict.WORSE: gettext_lazy("Worse, and by more than chance explains."),
    Verdict.NO_EVIDENCE: gettext_lazy(
        "There is no evidence of an effect: the interval holds zero, or the readings do not agree."
    ),
    Verdict.TOO_FEW: gettext_lazy("Too few people were measured to say anything."),
    Verdict.NOT_COMPARABLE: gettext_lazy("The two sides cannot be compared, so nothing is said of an effect."),
}
METHODS: Final = {
    Method.GAIN: gettext_lazy("gain of the called"),
    Method.CORRECTED: gettext_lazy("gain of the called beyond regression to the mean, by the reliability of the test"),
    Method.AT_THE_MEAN: gettext_lazy("gain of the called, read off at the mean of everybody"),
    Method.EQUAL_SCORES: gettext_lazy("difference to the others at equal first scores"),
    Method.EQUAL_TRUE_SCORES: gettext_lazy("difference to the others at equal true first scores"),
    Method.DIFFERENCE: gettext_lazy("difference of the gains of called and others"),
}
CAUTIONS: Final = {
    Caution.NO_COMPARISON: gettext_lazy(
        "Nobody else was measured: what else changed in the meantime is in the figure as well."
    ),
    Caution.LITTLE_OVERLAP: gettext_lazy(
        "Less than half of the called have first scores that others have too: the comparison rests on a line drawn on."
    ),
}
FAULTS: Final = {
    GainFault.NOBODY_TWICE: gettext_lazy("nobody who was called has both scores: bring people with both"),
    GainFault.NOBODY_TO_COMPARE: gettext_lazy(
        "of the others nobody has both scores: bring some, leave --called out, or add --called-by-pre"
    ),
    GainFault.MEAN_NEEDED: gettext_lazy(
        "people were called by their first score, and the mean of everybody is not known: give --mean, or the first scores of those not called"
    ),
    GainFault.SCORES_ALIKE: gettext_lazy(
        "all first scores are alike, so nothing can be held equal: give --reliability, or bring more people"
    ),
}


def gain_lines(found: Gain) -> Iterator[str]:
    yield str(VERDICTS[found.verdict])
    for reading in found.readings:
        yield _interval(str(METHODS[reading.method]), reading.estimate)
    yield _interval(_("gain of the called as it stands"), found.raw)
    if found.by_chance:
        yield _("Of this, {value} would have come without any training (regression to the mean).").format(
            value=_number(found.by_chance)
        )
    yield from _unseen(found.verdict, [one.estimate for one in found.readings])
    yield _(
        "{called} called and {others} others were measured twice; {left} have one score only and were left out."
    ).format(called=found.called, others=found.compared, left=found.left_out)
    yield from (str(CAUTIONS[caution]) for caution in found.cautions)


def matched_lines(found: Matched) -> Iterator[str]:
    yield str(VERDICTS[found.verdict])
    if found.effect:
        yield _interval(_("difference to people like them who were not called"), found.effect)
        yield from _unseen(found.verdict, [found.effect])
    yield _("difference to all others as it stands: {value}").format(value=_number(found.raw))
    yield _(
        "Of {called} called, {matched} have {used} others like them; for {left} nobody is like them, and nothing is said of these."
    ).format(called=found.called, matched=found.matched, used=found.used, left=found.called - found.matched)
    for one in found.balance if found.effect else ():
        if abs(one.after) > UNEVEN:
            yield _("{name}: the two sides still differ by {after} standard deviations ({before} before).").format(
                name=one.name, after=_number(one.after), before=_number(one.before)
            )


def cohort_lines(found: Cohorts) -> Iterator[str]:
    yield str(VERDICTS[found.verdict])
    if found.overall:
        yield _interval(_("mean effect on those called, since their call"), found.overall)
        yield from _unseen(found.verdict, [found.overall])
    for one in found.since:
        place = (
            _("{after} periods after the period of the call")
            if one.after >= 0
            else _("{after} periods before the period of the call")
        )
        yield _interval(place.format(after=abs(one.after)), one.estimate)
    if found.trend_p is None:
        yield _("There are no periods before the call in which it could be seen whether both sides moved alike.")
    else:
        yield _(
            "Changes before the call: chance alone gives such ones in {share} % of cases. That speaks for or against, and proves nothing."
        ).format(share=_number(100.0 * found.trend_p))
    if found.dropped:
        yield _("Without anybody to compare with, and left out: cohorts {cohorts}.").format(
            cohorts=", ".join(map(str, found.dropped))
        )


def detectable_lines(
    study: Study, effect: float, unit: float | None, wanted: float | None, size: int | None
) -> Iterator[str]:
    """``unit``: the standard deviation of the outcome, where known; ``size``: people needed for the ``wanted`` effect."""
    yield _(
        "With {called} called and {compared} others, an effect of {effect} standard deviations or more would be seen in {power} % of cases."
    ).format(called=study.called, compared=study.compared, effect=_number(effect), power=_number(100.0 * study.power))
    if unit is not None:
        yield _("In the units of the outcome that is {effect}.").format(effect=_number(effect * unit))
    if wanted is not None and size is not None:
        yield _(
            "To see an effect of {wanted}, {size} people must be called (and others in the same proportion)."
        ).format(wanted=_number(wanted), size=size)
    elif wanted is not None:
        yield _("An effect of {wanted} would not be seen with ten million people.").format(wanted=_number(wanted))


def _unseen(verdict: Verdict, estimates: list[Estimate]) -> Iterator[str]:
    if verdict is Verdict.NO_EVIDENCE:
        largest = max(one.unseen for one in estimates)
        yield _(
            "No evidence is not evidence of nothing: an effect smaller than {size} may well be there and not show."
        ).format(size=_number(largest))


def _interval(what: str, estimate: Estimate) -> str:
    return _("{what}: {value} (95 % interval {lower} to {upper})").format(
        what=what, value=_number(estimate.value), lower=_number(estimate.lower), upper=_number(estimate.upper)
    )


def _number(value: float) -> str:
    return f"{value:.3g}"
