"""What the software proposes about a course or a teacher: only what the interval allows, in words. Whoever decides is a named person."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhixing.evaluations import rules
from zhixing.evaluations.models.consequences import CourseDecision
from zhixing.evaluations.queries.taught import Evidence

Choice = CourseDecision.Choice


@dataclass(frozen=True)
class Proposal:
    """``choice``: empty where nothing can be proposed; ``why`` says it in a sentence."""

    choice: str
    why: str

    @property
    def label(self) -> str:
        return str(Choice(self.choice).label) if self.choice else _("no evidence")

    @property
    def tone(self) -> str:
        return {Choice.KEEP: "good", Choice.FIX: "warn", Choice.DROP: "bad"}.get(self.choice, "quiet")  # type: ignore[call-overload, no-any-return]


def about_course(evidence: Evidence) -> Proposal:
    """Keep: surely at the mark or above; drop: surely below the lower mark; mend: surely below the upper one. Otherwise nothing."""
    marks = rules.in_force().courses
    mean = evidence.corrected
    if evidence.sessions < marks.times_least:
        few = _("Fewer than %(n)s times with enough sheets: whether it was the day or the course cannot be told.")
        return Proposal("", few % {"n": marks.times_least})
    if mean is None or mean.low is None or mean.high is None:
        return Proposal("", _("How sure the mean is cannot be told."))
    said = {"low": f"{mean.low:.1f}", "high": f"{mean.high:.1f}", "keep": marks.keep_from, "drop": marks.drop_below}
    if mean.low >= marks.keep_from:
        return Proposal(Choice.KEEP, _("The whole range %(low)s–%(high)s lies at %(keep)s or above.") % said)
    if mean.high < marks.drop_below:
        return Proposal(Choice.DROP, _("The whole range %(low)s–%(high)s lies below %(drop)s.") % said)
    if mean.high < marks.keep_from:
        return Proposal(Choice.FIX, _("The whole range %(low)s–%(high)s lies below %(keep)s.") % said)
    return Proposal(
        "", _("The range %(low)s–%(high)s reaches across the mark of %(keep)s: it may be good or not.") % said
    )


def figures(evidence: Evidence) -> str:
    """What is known, in a sentence: what whoever decides has before them, and what the decision keeps."""
    raw, mean = evidence.raw, evidence.corrected
    if raw is None:
        return _("No session has enough sheets yet: nothing can be said.")
    said = {"sheets": evidence.sheets, "raw": f"{raw.mean:.1f}"}
    if mean is None:
        return _("%(sheets)s sheets, mean %(raw)s.") % said
    ends = "" if mean.low is None or mean.high is None else f"（{mean.low:.1f}–{mean.high:.1f}）"
    return _("%(sheets)s sheets, mean %(raw)s; corrected %(mean)s.") % (said | {"mean": f"{mean.mean:.1f}{ends}"})
