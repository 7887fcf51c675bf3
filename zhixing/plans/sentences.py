"""Codes of a plan as words: what is checked, how far a line has come, what a change touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhixing.base.templatetags.pages import hours, number
from zhixing.engine.annual.duplicates import Pair
from zhixing.engine.annual.execution import Execution
from zhixing.engine.annual.sums import Check, Sums
from zhixing.engine.plan.rules import Rule
from zhixing.needs.models import RankGroup
from zhixing.people.models import Unit
from zhixing.plans.models import PlanLine, Programme, Term
from zhixing.plans.money import money
from zhixing.resources.models import Content, Method

RULES: dict[Rule, Promise] = {
    Rule.MONEY: gettext_lazy("money of the year"),
    Rule.THEORY_SHARE: gettext_lazy("theory and party spirit, of the hours of main classes"),
    Rule.PARTY_SPIRIT_SHARE: gettext_lazy("party spirit, of the hours of main classes"),
    Rule.INTERACTIVE_SHARE: gettext_lazy("interactive methods, of the hours of main classes"),
    Rule.LEADERS_SHARE: gettext_lazy("lectures by leading cadres, of the hours of main classes"),
    Rule.BUSINESS_DAYS: gettext_lazy("days of the longest business class"),
    Rule.FEE_CEILING: gettext_lazy("money per person and day, highest"),
}
EXECUTION: dict[Execution, Promise] = {
    Execution.PLANNED: pgettext_lazy("line", "Planned"),
    Execution.RUNNING: pgettext_lazy("line", "Under way"),
    Execution.HELD: pgettext_lazy("line", "Held"),
    Execution.CANCELLED: pgettext_lazy("line", "Cancelled"),
    Execution.LATE: pgettext_lazy("line", "Late"),
}
TONES: dict[Execution, str] = {
    Execution.PLANNED: "info",
    Execution.RUNNING: "info",
    Execution.HELD: "good",
    Execution.CANCELLED: "quiet",
    Execution.LATE: "bad",
}
MOST = frozenset({Rule.MONEY, Rule.BUSINESS_DAYS, Rule.FEE_CEILING})
"""Rules that name the most; of the others the least is named."""


@dataclass(frozen=True)
class CheckRow:
    """One line of the panel of sums."""

    label: str
    value: str
    limit: str
    tone: str
    word: str
    lines: tuple[int, ...]
    note: str


def check_rows(sums: Sums) -> list[CheckRow]:
    return [_row(check) for check in sums.checks]


def _row(check: Check) -> CheckRow:
    limit = _value(check, check.limit)
    bound = _("at most %(limit)s") if check.rule in MOST else _("at least %(limit)s")
    tone, word = {
        True: ("good", _("kept")),
        False: ("bad", _("broken")),
        None: ("quiet", _("nothing to judge")),
    }[check.keeps]
    return CheckRow(
        label=str(RULES[check.rule]),
        value="—" if check.value is None else _value(check, check.value),
        limit=bound % {"limit": limit} if check.limit else "",
        tone=tone,
        word=word,
        lines=check.lines,
        note=_lines_said(check),
    )


def _lines_said(check: Check) -> str:
    if not check.lines:
        return ""
    named = "、".join(map(str, check.lines[:8])) + ("…" if len(check.lines) > 8 else "")
    if check.rule in MOST:
        return _("beyond it: lines %(lines)s") % {"lines": named}
    return _("left out, for they do not say how their hours are made up: lines %(lines)s") % {"lines": named}


def _value(check: Check, value: Any) -> str:
    if check.rule in (Rule.MONEY, Rule.FEE_CEILING):
        return money(int(value))
    if check.rule == Rule.BUSINESS_DAYS:
        return _("%(days)s days") % {"days": int(value)}
    # rounded down, so that a share that is short never looks as if it were enough
    return f"{int(value * 10) / 10:g}%"


FIELDS: dict[str, Promise] = {
    "programme": gettext_lazy("programme"),
    "title": gettext_lazy("class"),
    "kind": gettext_lazy("kind"),
    "theme": gettext_lazy("theme"),
    "rank_group": gettext_lazy("rank group"),
    "target_text": gettext_lazy("target group as written"),
    "ranks": gettext_lazy("ranks and grades"),
    "categories": gettext_lazy("categories"),
    "units": gettext_lazy("units"),
    "people": gettext_lazy("people"),
    "runs": gettext_lazy("runs"),
    "days": gettext_lazy("days"),
    "tenths": gettext_lazy("hours"),
    "institution": gettext_lazy("training institution"),
    "institution_name": gettext_lazy("institution as written"),
    "term": gettext_lazy("term"),
    "content_tenths": gettext_lazy("hours by content block"),
    "method_tenths": gettext_lazy("hours by method"),
    "leader_tenths": gettext_lazy("hours taught by leading cadres"),
    "budget": gettext_lazy("money (yuan)"),
    "evidence": gettext_lazy("evidence"),
    "note": gettext_lazy("note"),
    "struck": gettext_lazy("struck out"),
    "absorbs": gettext_lazy("takes in, and strikes out, line"),
}
CHOICES: dict[str, Mapping[Any, Any]] = {
    "kind": dict(Programme.Kind.choices),
    "rank_group": dict(RankGroup.choices),
    "term": dict(Term.choices),
    "content_tenths": dict(Content.choices),
    "method_tenths": dict(Method.choices),
}


class Names:
    """Names of the rows that changes name by key, read at once."""

    def __init__(self, written: list[Mapping[str, Any]]) -> None:
        units = {one["institution"] for one in written if one.get("institution")}
        units |= {pk for one in written for pk in one.get("units") or ()}
        programmes = {one["programme"] for one in written if one.get("programme")}
        self._units = dict(Unit.objects.filter(pk__in=units).values_list("pk", "name"))
        self._programmes = dict(Programme.objects.filter(pk__in=programmes).values_list("pk", "name"))

    def said(self, name: str, value: Any) -> str:
        """A field as it is kept in a change, in words."""
        if value in (None, "", [], {}):
            return "—"
        if name == "struck":
            return _("yes") if value else _("no")
        if name == "institution":
            return str(self._units.get(value, value))
        if name == "programme":
            return str(self._programmes.get(value, value))
        if name == "units":
            return "、".join(str(self._units.get(pk, pk)) for pk in value)
        return plain(name, value)


def plain(name: str, value: Any) -> str:
    """A value that names no row, in words."""
    choices = CHOICES.get(name, {})
    if isinstance(value, Mapping):
        return "、".join(f"{choices.get(key, key)} {hours(tenths)}" for key, tenths in value.items())
    if name.endswith("tenths"):
        return str(hours(value))
    if name == "budget":
        return money(value)
    if isinstance(value, list):
        return _("%(n)s reasons") % {"n": len(value)} if name == "evidence" else "、".join(map(str, value))
    if name in ("people", "runs", "days"):
        return str(number(value))
    return str(choices.get(value, value))


def difference(change: Any, names: Names) -> list[tuple[str, str, str]]:
    """Rows (label, before, after) for ``{% diff %}``."""
    return [
        (str(FIELDS.get(name, name)), names.said(name, change.was.get(name)), names.said(name, value))
        for name, value in change.becomes.items()
    ]


def whom(line: PlanLine) -> str:
    """Whom a line is for, as written, else by ranks, else by rank group."""
    return line.target_text or "、".join(line.ranks) or str(line.get_rank_group_display())


def held_at(line: PlanLine) -> str:
    return line.institution.name if line.institution else line.institution_name


def why_alike(pair: Pair, days: tuple[int, int]) -> list[str]:
    """Why two lines look like duplicates, and what one line for both would be; ``days`` of a run of each."""
    said = [_("the same class for the same people in one quarter")] if pair.same else []
    if not pair.same and pair.covered is not None and pair.taught is not None:
        words = {"covered": pair.covered, "taught": pair.taught}
        said.append(_("%(covered)s %% of what they cover and %(taught)s %% of what they teach is the same") % words)
    said.append(
        _("at one institution") if pair.same_place else _("at two institutions: one line would be held at the first")
    )
    if days[0] != days[1]:
        said.append(
            _("%(first)s and %(second)s days: one line would last as long as the first")
            % {"first": days[0], "second": days[1]}
        )
    if pair.saved:
        words = {"runs": pair.runs, "saved": pair.saved}
        said.append(_("together they need %(runs)s runs, %(saved)s fewer") % words)
    return said
