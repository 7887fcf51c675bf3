"""What is said of studies: what one would see, what came out, and what is wrong with a sheet. The engine is not loaded for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.evaluations.models import Study

if TYPE_CHECKING:
    from zhixing.engine.columns import Fault
    from zhixing.engine.effects.panel import PanelFault

VERDICTS: Final[Mapping[str, Text]] = {
    "better": gettext_lazy("better, by more than chance explains"),
    "worse": gettext_lazy("worse, by more than chance explains"),
    "no_evidence": gettext_lazy("no evidence of an effect"),
    "too_few": gettext_lazy("too few people to say anything"),
    "not_comparable": gettext_lazy("not comparable"),
}
TONES: Final = {"better": "good", "worse": "bad", "no_evidence": "info"}
UNEVEN: Final = 0.1
"""A difference of more standard deviations than this is told."""
FAULTS: Final[Mapping[str, Text]] = {
    "missing_column": gettext_lazy("the column is missing"),
    "no_rows": gettext_lazy("no row stands below the headings"),
    "empty": gettext_lazy("the cell is empty"),
    "not_a_number": gettext_lazy("“%(value)s” is no number"),
    "not_whole": gettext_lazy("“%(value)s” is no whole number"),
    "not_yes_or_no": gettext_lazy("“%(value)s” is neither 是 nor 否"),
    "outside": gettext_lazy("“%(value)s” lies outside of what may stand here"),
}


def smallest_sentence(study: Study) -> str:
    """What would be seen, told before anything is begun."""
    said = _(
        "With %(called)s called and %(compared)s others, an effect of %(effect)s standard deviations or more would be seen in four of five cases; a "
        "smaller one may be there and not show."
    ) % {"called": study.called, "compared": study.compared, "effect": number(study.smallest)}
    if study.spread:
        said += _(" In the units of the outcome that is %(effect)s.") % {
            "effect": number(study.smallest * study.spread)
        }
    return said


def size_words(effect: float) -> str:
    """How large an effect is, as text books call it (Cohen 1988)."""
    if effect < 0.35:
        return _("Small effects would be seen.")
    if effect < 0.65:
        return _("Only effects of medium size would be seen: few trainings have such.")
    return _("Only large effects would be seen: take more people, or do not begin.")


def result_sentences(study: Study) -> Iterator[str]:
    found = study.result.found
    if found["effect"]:
        yield _("Effect on those called: %(value)s (95 %% interval %(lower)s to %(upper)s).") % _figures(
            found["effect"]
        )
    if found["verdict"] == "no_evidence" and found["effect"]:
        yield _(
            "That there is no evidence is a result: an effect larger than %(unseen)s would probably have shown, a smaller one may be there."
        ) % _figures(found["effect"])
    yield from _of_cohorts(found) if study.design == Study.Design.COHORTS else _of_matched(found)


def _of_matched(found: Mapping[str, Any]) -> Iterator[str]:
    yield _(
        "Of %(called)s called %(matched)s have others like them, %(used)s in all; of the rest nothing is said. As it stands, without matching, the "
        "difference is %(raw)s."
    ) % {**found, "raw": number(found["raw"])}
    for one in found["balance"] if found["effect"] else ():
        if one["after"] is None or abs(one["after"]) > UNEVEN:
            yield _("%(name)s: the two sides still differ by %(after)s standard deviations (%(before)s before).") % {
                "name": one["name"],
                "after": number(one["after"]),
                "before": number(one["before"]),
            }
    yield _("What was not measured can still differ between the two sides: nobody drew lots who was called.")


def _of_cohorts(found: Mapping[str, Any]) -> Iterator[str]:
    if found["trend_p"] is None:
        yield _("No period before the calls was measured: nobody can see whether both sides moved alike.")
    elif found["verdict"] == "not_comparable":
        yield _(
            "Before the calls the two sides did not move alike (chance gives this in %(share)s %% of cases): nothing is said of an effect."
        ) % {"share": number(100 * found["trend_p"])}
    else:
        yield _(
            "All of this rests on one belief: without the calls both sides would have moved alike. Before the calls they did not visibly differ "
            "(chance gives such changes in %(share)s %% of cases), which proves nothing for afterwards."
        ) % {"share": number(100 * found["trend_p"])}
    if found["dropped"]:
        yield _("Left out, with nobody to compare with: those first called in %(years)s.") % {
            "years": "、".join(map(str, found["dropped"]))
        }


def after_label(after: int) -> str:
    if after < 0:
        return _("%(n)s periods before") % {"n": -after}
    return _("%(n)s periods after") % {"n": after} if after else _("period of the call")


def _figures(estimate: Mapping[str, float | None]) -> dict[str, str]:
    return {name: number(value) for name, value in estimate.items()}


def number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3g}"


def fault_sentence(fault: Fault) -> str:
    """Rows are counted below the headings: that is how the reader of a sheet of outcomes knows them."""
    said = str(FAULTS.get(fault.code.value, fault.code.value)) % {"value": fault.value[:20]}
    if not fault.row:
        return _("column %(column)s: %(said)s") % {"column": fault.column, "said": said} if fault.column else said
    return _("row %(row)s below the headings, column %(column)s: %(said)s") % {
        "row": fault.row,
        "column": fault.column,
        "said": said,
    }


def panel_sentence(fault: PanelFault) -> str:
    names = {"row": fault.row + 1, "unit": fault.unit[:40], "period": fault.period}
    if fault.code == "twice":
        return _("row %(row)s below the headings: %(unit)s has a row for %(period)s already") % names
    return _("row %(row)s below the headings: %(unit)s has another first year or group in an earlier row") % names
