"""How far answers can be relied on, in sentences; pages and papers say the same."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhixing.evaluations.queries.soundness import Soundness, Told

HIGH, FAIR = 0.9, 0.7
"""Of alpha: usual marks for a figure that decides about somebody, and for one that compares groups (Nunnally and Bernstein 1994)."""


def sentences(found: Soundness) -> list[str]:
    return [_of_questions(found), _of_sheets(found)]


def _of_questions(found: Soundness) -> str:
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
