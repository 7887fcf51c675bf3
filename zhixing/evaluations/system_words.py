"""Words for indicator systems: faults of a draft, changes between versions, figures, and which places hang on a weight."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.engine.indicators import Change, Dependence, Object, System, read
from zhixing.engine.indicators.changes import What
from zhixing.engine.indicators.facts import FACTS, OF_MANY, Fact, Figure, Unit
from zhixing.engine.indicators.scoring import State
from zhixing.engine.questionnaires import DefinitionError, Fault
from zhixing.evaluations.sentences import reason_of
from zhixing.evaluations.system_editing import EditRow

FACT_WORDS: Mapping[Fact, Text] = {
    Fact.ATTENDANCE: gettext_lazy("Attendance: hours present, of all hours in closed registers"),
    Fact.COMPLETION: gettext_lazy("Completion: completed, of all who were to complete"),
    Fact.SEATS_FILLED: gettext_lazy("Seats filled: called up, of the seats"),
    Fact.REGISTERS: gettext_lazy("Registers closed, of the sessions that are over"),
    Fact.INTERACTIVE: gettext_lazy("Hours taught otherwise than by lecture, of all hours"),
    Fact.LEADERS: gettext_lazy("Hours taught by leading cadres, of all hours with a teacher"),
    Fact.THEORY: gettext_lazy("Hours of class runs about theory, of all"),
    Fact.PARTY_SPIRIT: gettext_lazy("Hours of class runs about party spirit, of all"),
    Fact.POLITICAL: gettext_lazy("Hours of class runs of political training, of all"),
    Fact.ABILITY: gettext_lazy("Hours of class runs about ability, of all"),
    Fact.CASES: gettext_lazy("Hours of case analysis and simulation, of all hours"),
    Fact.ON_SITE: gettext_lazy("Hours of on-site teaching and front-line research, of all hours"),
    Fact.EXPERTS: gettext_lazy("Hours taught by experts and professors, of all hours with a teacher"),
    Fact.COST: gettext_lazy("Cost: yuan spent for each day that a person was there"),
    Fact.GAIN: gettext_lazy("Gain from the test before to the test after, points of 100 beyond chance"),
    Fact.RESPONSE: gettext_lazy("Response: sheets, of those asked"),
    Fact.SATISFACTION: gettext_lazy("Score of the questionnaires, rater groups by their weights"),
}
HOURS: Final = OF_MANY | {Fact.ATTENDANCE, Fact.INTERACTIVE, Fact.CASES, Fact.ON_SITE, Fact.LEADERS, Fact.EXPERTS}
"""Figures that count tenths of hours."""
BEGIN_WORDS: Mapping[Object, Text] = {
    Object.INSTITUTION: gettext_lazy("Assess institutions"),
    Object.CLASS_RUN: gettext_lazy("Assess class runs"),
    Object.COURSE: gettext_lazy("Assess courses"),
    Object.PROGRAMME: gettext_lazy("Assess programmes"),
    Object.TEXTBOOK: gettext_lazy("Assess a textbook"),
}
UNKNOWN_WORDS: Mapping[Fact, Text] = {
    Fact.GAIN: gettext_lazy("not measured: no tests before and after were taken in"),
    Fact.COST: gettext_lazy("not known: nothing was entered as spent, or no register is closed"),
}
"""Why there is no figure, where it is not the system that has nothing yet."""
STATE_WORDS: Mapping[State, Text] = {
    State.EARNED: "",
    State.MISSED: gettext_lazy("below what is asked"),
    State.ABSENT: gettext_lazy("nothing known, no points"),
    State.LEFT_OUT: gettext_lazy("nothing known, left out"),
}
OWN_REASONS: Mapping[Fault, Text] = {
    Fault.NO_ITEM: gettext_lazy("has no indicator yet"),
    Fault.WEIGHTS: gettext_lazy("does not match: the indicators come to %(value)s points"),
    Fault.NOT_RISING: gettext_lazy("must rise from figure to figure"),
    Fault.NOT_FALLING: gettext_lazy("must fall from grade to grade"),
    Fault.TOO_FEW: gettext_lazy("needs two steps at least"),
    Fault.TOO_MANY_ITEMS: gettext_lazy("has too many indicators: %(value)s"),
    Fault.TOO_DEEP: gettext_lazy("lies too deep: groups within groups go no further"),
}
"""Where an indicator system has another reason than a form (``sentences.REASONS``)."""


def lacks_of(document: Mapping[str, object]) -> list[str]:
    """Everything that stands between a draft and its publication, with the title of the part where it is."""
    try:
        read(document, FACTS)
    except DefinitionError as error:
        return [f"{_title_at(document, one.place)}: {reason_of(one, OWN_REASONS, one.value)}" for one in error.faults]
    return []


def _title_at(document: object, place: str) -> str:
    """The nearest title on the way to a dotted place."""
    title, part = place, document
    for step in place.split("."):
        key, _bracket, number = step.partition("[")
        part = part.get(key) if isinstance(part, dict) else None
        if number and isinstance(part, list):
            part = part[int(number.rstrip("]")) - 1]
        if isinstance(part, dict) and part.get("title"):
            title = str(part["title"])
    return title


def figure_words(fact: Fact, figure: Figure) -> str:
    """The figure and what it is of."""
    percent = f"{float(figure.percent):.1f}"
    if fact.unit is Unit.YUAN:
        said = {"yuan": f"{float(figure.percent):,.2f}", "n": f"{figure.n:,}"}
        return _("figure: %(yuan)s yuan, %(n)s person-days") % said
    if fact.unit is Unit.POINTS:
        half = "" if figure.half is None else f" ± {figure.half:.1f}"
        return _("figure: %(points)s points, %(n)s people") % {"points": percent + half, "n": f"{figure.n:,}"}
    if fact in HOURS:
        return _("figure: %(percent)s %% of %(n)s hours") % {"percent": percent, "n": f"{figure.n / 10:,g}"}
    return _("figure: %(percent)s %% of %(n)s") % {"percent": percent, "n": f"{figure.n:,}"}


def change_sentence(change: Change) -> str:
    names = {"title": change.title, "before": change.before, "after": change.after}
    if change.what is What.ADDED:
        return _("new: %(title)s, %(after)s points") % names
    if change.what is What.REMOVED:
        return _("taken out: %(title)s, %(before)s points") % names
    if change.what is What.POINTS:
        return _("%(title)s: %(before)s → %(after)s points") % names
    return _("%(title)s: same points, but words, scale or place are others") % names


def source_words(row: EditRow) -> str:
    """Where the share of an indicator comes from."""
    if row.is_group:
        return ""
    below = _("below %(percent)s %% of the points it counts as missed") % {"percent": row.missed_below}
    also = [below] if row.missed_below else []
    if row.fact in set(Fact):
        fact = Fact(row.fact)
        return " · ".join([str(FACT_WORDS[fact]), _scale_words(row.scale, fact), *also])
    asked = [_("judged by reviewers")]
    asked += [_("with papers")] if row.evidence else []
    asked += [_("seen on site")] if row.on_site else []
    return " · ".join([*asked, *also])


def _scale_words(scale: str, fact: Fact) -> str:
    unit = " %" if fact.unit is Unit.PERCENT else ""
    steps = (step.split(":") for step in scale.split())
    return ", ".join(f"{figure}{unit} → {percent} %" for figure, percent in steps)


def dependence_sentence(system: System, found: Dependence, names: Mapping[str, str]) -> str:
    title = next(part.title for _depth, _group, part in system.root.below() if part.code == found.code)
    said = {
        "title": title,
        "now": _percent(found.now),
        "at": _percent(found.at),
        "first": found.first,
        "last": found.last,
        "names": "、".join(names[key] for key in found.objects),
    }
    return (
        _(
            "The order of places %(first)s to %(last)s depends on the weight of “%(title)s”: it is %(now)s of its group, at %(at)s places change "
            "(%(names)s)."
        )
        % said
    )


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.1f} %"
