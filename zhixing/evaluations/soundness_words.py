"""How far answers can be relied on, in sentences; pages and papers say the same."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhixing.engine.questionnaires import Mean
from zhixing.evaluations.models import Survey
from zhixing.evaluations.queries.case_mix import COUNTY, OTHER, SECTION
from zhixing.evaluations.queries.intraclass import Intraclass
from zhixing.evaluations.queries.soundness import Coefficients, Soundness, Told
from zhixing.evaluations.strata import REST, furthest
from zhixing.people.models import Unit

HIGH, FAIR = 0.9, 0.7
"""Of alpha: usual marks for a figure that decides about somebody, and for one that compares groups (Nunnally and Bernstein 1994)."""


AGREED, HALF_AGREED = 0.7, 0.5
"""Of r_wg(j): usual marks for strong agreement, and for some (LeBreton and Senter 2008)."""
RELIABLE = 0.7
"""Of ICC(2): the usual mark for a mean by which groups are compared (Klein et al. 2000)."""


def sentences(found: Soundness) -> list[str]:
    return [_of_questions(found.all_), _of_sheets(found)]


def agreement_sentence(found: Soundness) -> str:
    """Whether the raters agree; empty where that is not known."""
    value = found.all_.agreement
    if value is None:
        return ""
    if value >= AGREED:
        return _("The raters agree: the mean speaks for all of them.")
    if value >= HALF_AGREED:
        return _("The raters agree in part: read how the answers spread beside the mean.")
    return _("The raters do not agree: a mean hides that they are of several opinions.")


def intraclass_sentence(found: Intraclass) -> str:
    share = max(0.0, found.all_.single)
    said = ngettext(
        "Of all differences between the sheets of %(n)s survey %(share)s %% lie between what was rated, the rest between raters.",
        "Of all differences between the sheets of %(n)s surveys of the year by this form, %(share)s %% lie between what was rated, the rest between raters.",
        found.surveys,
    ) % {"n": found.surveys, "share": f"{100 * share:.0f}"}
    if found.all_.mean >= RELIABLE:
        return said + _(" Their means tell what was rated apart.")
    return said + _(" Their means hardly tell what was rated apart: do not order by them.")


APART = 10
"""Points by which the means of two kinds of people differ in an example that is worse than most."""


def strata_sentences(survey: Survey, total: Mean | None) -> list[str]:
    """What unequal response means for the mean; nothing where no strata are kept."""
    cells = survey.strata.get("cells", ())
    if not cells:
        return []
    rates = sorted((answered / asked, kind) for kind, asked, answered in cells)
    (low, first), (high, last) = rates[0], rates[-1]
    names = {"low": stratum_label(first), "high": stratum_label(last), "gap": f"{100 * (high - low):.0f}"}
    said = (
        _("%(high)s answered oftener than %(low)s, by %(gap)s percentage points: the mean speaks more for them.")
        % names
    )
    return [said, *([_weighted(total, APART * furthest(cells))] if total else [])]


def _weighted(total: Mean, moved: float) -> str:
    """Between which figures the mean lies that weighs each kind by how many were asked."""
    said = _(
        "Sheets are anonymous and carry no such mark, so none is weighed by itself; but how far weights could move the mean is known: while the means of "
        "these kinds lie within %(apart)s points of each other, by %(moved)s points at most. Unweighted: %(mean)s; weighted: %(low)s to %(high)s."
    )
    return said % {
        "apart": APART,
        "moved": f"{moved:.1f}",
        "mean": f"{total.mean:.1f}",
        "low": f"{max(0.0, total.mean - moved):.1f}",
        "high": f"{min(100.0, total.mean + moved):.1f}",
    }


def stratum_label(kind: str) -> str:
    """A level of posts, a kind of unit, or those too few to be named."""
    words = {
        COUNTY: _("County level"),
        SECTION: _("Section level"),
        OTHER: _("Other levels"),
        REST: _("All others together"),
        "": _("Without a unit"),
    }
    return words[kind] if kind in words else str(Unit.Kind(kind).label)


def strata_rows(survey: Survey) -> list[tuple[str, int, int]]:
    """Kind, asked, answered."""
    return [(stratum_label(kind), asked, answered) for kind, asked, answered in survey.strata.get("cells", ())]


def _of_questions(found: Coefficients) -> str:
    if found.alpha is None:
        return _("Whether the questions measure one thing cannot be said: too few questions, or no two sheets differ.")
    if found.alpha >= HIGH:
        return _("The questions point the same way: the total may be read as one figure. They say little of their own.")
    if found.alpha >= FAIR:
        return _(
            "The questions mostly point the same way: the total serves to compare class runs; read the blocks, too."
        )
    return _("The questions measure different things: read them one by one rather than the total.")


def _of_sheets(found: Soundness) -> str:
    if found.told is Told.SAME:
        return _("No sheet shows two or more signs of having been filled in without reading.")
    names = {"n": found.aside, "adjusted": found.adjusted}
    said = ngettext(
        "%(n)s sheet shows two or more signs of having been filled in without reading.",
        "%(n)s sheets show two or more signs of having been filled in without reading.",
        found.aside,
    )
    further = {
        Told.EXACTLY: _("Without them the mean is %(adjusted)s; which to use is for a person to decide."),
        Told.NOT: _("The mean without them is not shown: it would tell what these few said."),
    }
    return f"{said % names}{further[found.told] % names}"
