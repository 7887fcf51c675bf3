"""A trial of a plan in words: what was asked, what stays aside, what comes, goes and changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.templatetags.pages import number
from zhixing.needs.models import RankGroup
from zhixing.plans.models import Term
from zhixing.plans.money import money
from zhixing.plans.proposal_words import name_of

GROUPS: Final = dict(RankGroup.choices)
TERMS: Final = dict(Term.choices)
ASIDE: Final[Mapping[str, Promise]] = {
    "no_programme": gettext_lazy("no programme is chosen"),
    "no_institution": gettext_lazy("no institution is chosen"),
    "own_units": gettext_lazy("it is for certain units only"),
    "own_days": gettext_lazy("it has other days than its programme"),
    "not_offered": gettext_lazy(
        "the programme, the institution or its room in the quarter is not there any more, or it covers no need"
    ),
}
PARTS: Final = (
    (
        "money",
        gettext_lazy("money of the year"),
        gettext_lazy("%(percent)s %% less money"),
        gettext_lazy("%(percent)s %% more money"),
    ),
    (
        "teachers",
        gettext_lazy("teacher days"),
        gettext_lazy("%(percent)s %% fewer teacher days"),
        gettext_lazy("%(percent)s %% more teacher days"),
    ),
    (
        "rooms",
        gettext_lazy("rooms and beds"),
        gettext_lazy("%(percent)s %% fewer rooms and beds"),
        gettext_lazy("%(percent)s %% more rooms and beds"),
    ),
)


def asked_words(asked: Mapping[str, Any]) -> str:
    """What a trial asks, as one line."""
    return _("; ").join(_asked(asked))


def _asked(asked: Mapping[str, Any]) -> Iterator[str]:
    for key, _label, less, more in PARTS:
        if percent := asked.get(key):
            yield str(less if percent < 0 else more) % {"percent": abs(percent)}
    for one in asked.get("closed", ()):
        yield _("%(institution)s closed") % {"institution": one["name"]}
    if priority := asked.get("priority"):
        words = {"name": priority["name"], "weight": priority["weight"]}
        group = GROUPS.get(priority["group"]) or _("everyone")
        yield _("priority %(name)s for %(group)s, weight %(weight)s") % {**words, "group": group}


def aside_words(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(why, numbers of lines) of what the trial leaves as it is."""
    found: dict[str, list[str]] = {}
    for one in answer.get("aside", ()):
        found.setdefault(one["why"], []).append(str(one["number"]))
    return [(str(ASIDE[why]), "、".join(numbers)) for why, numbers in found.items()]


@dataclass(frozen=True)
class LineRow:
    """A line that is not what it was; ``tone`` and ``word`` say whether it comes, goes or changes."""

    title: str
    where: str
    numbers: list[int]
    tone: str
    word: str
    people: tuple[str, str]
    runs: tuple[int, int]
    cents: tuple[str, str]
    made: int

    @property
    def undoes(self) -> bool:
        """Whether class runs would have to be cancelled for it."""
        return self.made > self.runs[1]


def line_groups(answer: Mapping[str, Any], made: Mapping[int, int]) -> list[tuple[str, list[LineRow]]]:
    """(word, lines): those that go, those that change, those that come; a kind that there is none of is left out.

    ``made``: number of a line → its class runs that are made already."""
    rows = [_line_row(one, made) for one in answer.get("lines", ())]
    words = dict.fromkeys((_("goes"), _("changes"), _("comes")))
    found = [(word, [row for row in rows if row.word == word]) for word in words]
    return [(word, group) for word, group in found if group]


def _fate(one: Mapping[str, Any]) -> str:
    """Whether a line ``goes``, ``comes`` or ``changes``, by its runs before and after."""
    before, after = one["runs"]
    return "goes" if not after else "comes" if not before else "changes"


def _line_row(one: Mapping[str, Any], made: Mapping[int, int]) -> LineRow:
    tones = {"goes": ("bad", _("goes")), "comes": ("good", _("comes")), "changes": ("info", _("changes"))}
    tone, word = tones[_fate(one)]
    where = " · ".join((str(TERMS[one["term"]]), one["institution"], str(GROUPS.get(one["group"], one["group"]))))
    (people, people_after), (cents, cents_after) = one["people"], one["cents"]
    return LineRow(
        one["title"],
        where,
        one["numbers"],
        tone,
        word,
        (number(people), number(people_after)),
        tuple(one["runs"]),
        (money(cents), money(cents_after)),
        sum(made.get(number, 0) for number in one["numbers"]),
    )


@dataclass(frozen=True)
class NeedRow:
    """A need of which more or fewer are covered; people."""

    need: int | None
    title: str
    group: str
    people: int
    before: int
    after: int
    asked: bool
    why: str

    @property
    def fewer(self) -> bool:
        return self.after < self.before


def need_rows(answer: Mapping[str, Any]) -> list[NeedRow]:
    return [
        NeedRow(
            one["need"],
            one["title"],
            str(GROUPS.get(one["group"], one["group"])),
            one["people"],
            one["amount"][0] // 100,
            one["amount"][1] // 100,
            one["asked"],
            name_of(one["why"]) if one["why"] else "",
        )
        for one in answer.get("needs", ())
    ]


def counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """How many lines go, change and come."""
    found = {"goes": 0, "changes": 0, "comes": 0}
    for one in answer.get("lines", ()):
        found[_fate(one)] += 1
    return found
