"""The diagnosis in words: for each problem its names, one sentence, how the index is made, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.engine.diagnosis.index import Change, Known
from zhixing.people.models import Account
from zhixing.portal.diagnosis.indices import CONTENT, METHODS, RELEVANCE, STAFFING, Problem
from zhixing.portal.diagnosis.tracing import Trace
from zhixing.portal.navigation import place_for


@dataclass(frozen=True)
class Words:
    """``problem``: as the source text names it; ``index``: what the dial shows, which is good when it is high."""

    problem: Promise
    index: Promise
    formula: Promise
    nothing: Promise
    todo: Promise
    places: tuple[str, ...]


WORDS = {
    METHODS: Words(
        gettext_lazy("Single method"),
        gettext_lazy("Diversity of methods"),
        gettext_lazy(
            "For each class run 1 − Σp², p being the share of its hours taught by each method, divided by the highest that its half days and 8 methods "
            "allow; the mean of all class runs by their hours. 0: one method only. 100: as even as can be. Class runs of a single half day do not count."
        ),
        gettext_lazy(
            "No class run of the year has a timetable of more than one half day: nothing can be said of methods yet."
        ),
        gettext_lazy("Change some lectures into cases, visits and discussions; the banks say what is ready."),
        ("resources:banks", "plans:class_runs", "resources:coverage"),
    ),
    CONTENT: Words(
        gettext_lazy("Content too broad"),
        gettext_lazy("Hours traced to a need"),
        gettext_lazy(
            "Hours of sessions that lead to a need, of all hours in timetables: by link, whose course links to a competency that the latest reckoning says is "
            "needed; by plan, whose class run was made from a plan line that rests on needs; by words, whose course, title or class theme has a paper that "
            "states a need. Each hour counts once, in this order. "
            "Not traced means that nobody wrote the need down, not that there is none."
        ),
        gettext_lazy("No class run of the year has a timetable: there are no hours to trace yet."),
        gettext_lazy(
            "Name the course of each session, and the competencies that each topic teaches; drop what nobody needs."
        ),
        ("resources:coverage", "resources:topics", "plans:class_runs"),
    ),
    STAFFING: Words(
        gettext_lazy("Weak staffing"),
        gettext_lazy("Evenness of teachers' hours"),
        gettext_lazy(
            "1 − G·n/(n−1), G being Gini's coefficient of the hours of the n teachers who taught. 0: all hangs on one. 100: all teach alike. "
            "Sessions without a named teacher do not count and are told beside."
        ),
        gettext_lazy("No session of the year names its teacher: nothing can be said of their load yet."),
        gettext_lazy("Invite more of the teachers in the register, and find some for topics that have too few."),
        ("resources:teachers", "resources:coverage"),
    ),
    RELEVANCE: Words(
        gettext_lazy("Little relevance and effect"),
        gettext_lazy("Match of the called to the need"),
        gettext_lazy(
            "The chance that one of the called owed more of the required hours, before these class runs counted, than one of those who were not called; "
            "ties halved. 50: as by lot. 100: whoever was called owed more than anybody else."
        ),
        gettext_lazy(
            "Nobody is called to a class run of the year, or no standings are kept for it: nothing can be said of the match yet."
        ),
        gettext_lazy(
            "Call those who owe most and have waited longest, and test before and after, so that the effect is known."
        ),
        ("portal:foresight", "callups:runs", "evaluations:board"),
    ),
}


def hundred(share: float | None) -> str:
    """A share of 1 on the dial: what is neither nothing nor all is not rounded to it."""
    if share is None or share in (0, 1):
        return "—" if share is None else f"{100 * share:.0f}"
    return f"{min(99, max(1, round(100 * share)))}"


def sentence_of(problem: Problem) -> str:
    """The one sentence under the dial."""
    index = problem.index
    if index.known is Known.NOTHING:
        return str(WORDS[problem.code].nothing)
    said = _said(problem)
    if index.known is Known.ONE:
        return said + _(" A single class run says so: how sure it is cannot be told.")
    return said + _(" (95 %% range %(low)s–%(high)s)%(change)s") % {
        "low": hundred(index.lower or 0),
        "high": hundred(index.upper or 0),
        "change": _change(problem.change),
    }


def _said(problem: Problem) -> str:
    value, parts = hundred(problem.index.value), problem.parts
    if problem.code == METHODS:
        share = {"value": value, "share": hundred(parts["interactive"])}
        return _("%(share)s %% of the hours are interactive; methods reach %(value)s of 100 in diversity") % share
    if problem.code == CONTENT:
        return _("%(value)s of 100 hours are traced to a stated need") % {"value": value}
    if problem.code == STAFFING:
        given = {"value": value, "teachers": parts["teachers"], "effective": f"{parts['effective']:.1f}"}
        return (
            _(
                "Hours lie on %(teachers)s teachers, as if %(effective)s shared them alike: an evenness of %(value)s of 100"
            )
            % given
        )
    return _("Of 100 pairs of one called and one not called, in %(value)s the called owed more") % {"value": value}


def _change(change: Change) -> str:
    return {
        Change.MORE: _("; higher than the year before."),
        Change.LESS: _("; lower than the year before."),
        Change.ALIKE: _("; not to be told from the year before."),
        Change.UNKNOWN: _("; there is no year before to compare with."),
    }[change]


WAYS = {
    Trace.LINK: gettext_lazy("by link: competencies of the course"),
    Trace.PLAN: gettext_lazy("by plan: the class run's line rests on needs"),
    Trace.COURSE: gettext_lazy("by words: the course that the session names"),
    Trace.TITLE: gettext_lazy("by words: a course of the same title"),
    Trace.THEME: gettext_lazy("by words: the theme of the class run"),
    Trace.NONE: gettext_lazy("not traced"),
}
"""How hours are traced; a way that no hour goes is not told."""


def notes_of(problem: Problem) -> Sequence[tuple[Text, str]]:
    """The figures beside the index, as label and value."""
    return [(_("class runs that it rests on"), f"{problem.index.class_runs:,}"), *_parts_of(problem)]


def _parts_of(problem: Problem) -> Sequence[tuple[Text, str]]:
    parts = problem.parts

    def percent(name: str) -> str:
        value = parts[name]
        return "—" if value is None else f"{100 * value:.0f} %"

    if problem.code == METHODS:
        return [
            (_("interactive hours (at least 30 % wanted)"), percent("interactive")),
            (_("methods in use, of 8"), _plain(parts["used"])),
            (_("class runs of one method only"), _plain(parts["one_method"])),
        ]
    if problem.code == CONTENT:
        return [(label, percent(name)) for name, label in WAYS.items() if parts[name] or name == Trace.NONE]
    if problem.code == STAFFING:
        return [
            (_("share of the one with most hours"), percent("largest")),
            (_("hours without a named teacher"), percent("unnamed")),
            (_("needed topics with fewer than two teachers"), "、".join(problem.short) or _("none")),
        ]
    return [
        (_("owed before by the called, on average"), percent("owed_called")),
        (_("owed by those not called"), percent("owed_others")),
        (_("effect: gain between two tests, of 100 points"), effect_of(problem)),
        *([(_("class runs too small to be told of"), _plain(parts["small"]))] if parts["small"] else []),
    ]


def effect_of(problem: Problem) -> str:
    parts = problem.parts
    if parts["effect"] is None:
        return _("not measured")
    low, high = parts["effect_lower"], parts["effect_upper"]
    return f"{parts['effect']:+.1f} ({low:+.1f} – {high:+.1f})"


def _plain(value: float | int | None) -> str:
    return "—" if value is None else f"{value:,}"


@dataclass(frozen=True)
class Door:
    label: Text
    url: str
    icon: str


def doors_of(user: Account, code: str) -> list[Door]:
    """Where ``user`` can do something about it."""
    places = (place_for(user, name) for name in WORDS[code].places)
    return [Door(place.label, place.url, place.icon) for place in places if place is not None]
