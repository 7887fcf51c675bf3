"""Needs in words: gaps with their range, what is noise, and the parts of a weight."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.markup import page_about
from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import badge
from zhixing.needs.models import Need, NeedsEvidence, NeedsSurvey, Priority, RankGroup, WorkProblem
from zhixing.people.models import Account

EVIDENCE: dict[str, Text] = {
    "gap": gettext_lazy("A gap of %(value)s levels, weighted by importance"),
    "priority": gettext_lazy("A priority of weight %(value)s"),
    "problem": gettext_lazy("A problem of work of weight %(value)s"),
    "hours_owed": gettext_lazy("Behind with the hours, by %(value)s on average"),
    "course_weak": gettext_lazy("A course to be mended or dropped, %(value)s points"),
    "class_run_weak": gettext_lazy("A class run rated at %(value)s points"),
    "make_ups_missed": gettext_lazy("Make-ups past their day: %(value)s"),
    "exam_weak": gettext_lazy("Answered right: %(value)s %%"),
}
PLAIN = frozenset({"priority", "problem"})
"""Codes whose value is no hundredth."""


def sentence(code: str, value: int) -> str:
    """What a finding says; a code of another version stands for itself."""
    said = value if code in PLAIN else _hundredths(value)
    return str(EVIDENCE[code]) % {"value": said} if code in EVIDENCE else code


def _hundredths(value: int) -> str:
    return f"{(Decimal(value) / 100).quantize(Decimal('0.1') if value % 10 == 0 else Decimal('0.01')):f}"


def evidence_sentence(one: NeedsEvidence) -> str:
    return sentence(one.code, one.value)


def about(one: NeedsEvidence) -> str:
    return one.competency.name if one.competency else one.topic or _("whatever they learn")


def group_of(one: Any) -> str:
    return str(RankGroup(one.rank_group).label) if one.rank_group else _("all")


def level(hundredths: int | None) -> str:
    """1.25; a dash where nothing is known."""
    return "—" if hundredths is None else f"{hundredths / 100:.2f}"


def interval_of(one: Need) -> str:
    return "" if one.gap is None else f"{level(one.lower)}–{level(one.upper)}"


def sureness_of(one: Need) -> str:
    """What can be said of the gap, plainly."""
    if one.gap is None:
        return _("too few answers")
    whole = one.unit_id is None and not one.rank_group
    if one.noise:
        return _("cannot be told from none") if whole else _("cannot be told from chance")
    if whole:
        return _("a gap, beyond chance") if one.gap > 0 else _("more than is required")
    against = (one.lower or 0) > 0 and one.gap > 0
    return _("differs from the average") if against else _("better than the average or enough")


def tone_of(one: Need) -> str:
    if one.gap is None or one.noise:
        return "quiet"
    return "warn" if one.gap > 0 else "good"


def sureness_badge(one: Need) -> SafeString:
    return badge(tone_of(one), sureness_of(one))


@dataclass(frozen=True)
class Row:
    """One need as pages show it."""

    need: Need
    gap: str
    interval: str
    required: str
    present: str
    importance: str
    group: str
    sureness: str
    tone: str
    weight: int
    url: str


def row_of(one: Need) -> Row:
    return Row(
        one,
        level(one.gap),
        interval_of(one),
        level(one.required),
        level(one.present),
        level(one.importance),
        group_of(one),
        sureness_of(one),
        tone_of(one),
        one.weight // 100,
        page_about("needs:need", one.pk),
    )


@dataclass(frozen=True)
class Part:
    """One part of a weight, in words; ``without``: what the need would weigh if it were taken away."""

    source: str
    said: str
    what: str
    url: str
    n: int
    each: str
    weight: int
    percent: str
    without: int
    group: str


def parts_of(user: Account, need: Need) -> list[Part]:
    """Of a rank group its own parts, of all rank groups those of each."""
    rows = [need]
    if not need.rank_group:
        rows = list(
            Need.objects.filter(reckoning=need.reckoning, competency=need.competency, unit=None).exclude(rank_group="")
        )
    named = _names(user, [part for row in rows for part in row.parts])
    total = need.weight or 1
    found = [
        Part(
            str(NeedsEvidence.Source(part["source"]).label),
            sentence(part["code"], part["value"]),
            *named.get((part["source"], part["key"]), ("", "")),
            part["n"],
            level(part.get("each", part["weight"] // max(1, part["n"]))),
            part["weight"] // 100,
            f"{100 * part['weight'] / total:.1f}",
            (need.weight - part["weight"]) // 100,
            group_of(row),
        )
        for row in rows
        for part in row.parts
    ]
    return sorted(found, key=lambda one: -one.weight)


def _names(user: Account, parts: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    """(source, key) → what it is called and its page, of what the account sees."""
    keys: dict[str, set[int]] = {"priority": set(), "problem": set()}
    for part in parts:
        if part["source"] in keys and part["code"] == part["source"]:
            keys[part["source"]].add(int(part["key"]))
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in Priority.objects.visible_to(user).filter(pk__in=keys["priority"]):
        found["priority", str(one.pk)] = f"{one.title}（{one.source}）", ""
    for problem in WorkProblem.objects.visible_to(user).filter(pk__in=keys["problem"]):
        found["problem", str(problem.pk)] = problem.text, page_about("needs:problem", problem.pk)
    return found


FEW_SHEETS = 30
"""A source with fewer keeps its weight (decision 027), and the page says so."""


@dataclass(frozen=True)
class Saying:
    """What one source says of a rank group; ``apart``: of how much more than people say of themselves, with its range."""

    group: str
    who: str
    n: int
    gap: str
    interval: str
    weight: int
    apart: str
    apart_interval: str
    tone: str
    said: str

    @property
    def few(self) -> bool:
        return self.n < FEW_SHEETS


WHO: dict[str, Text] = {
    NeedsSurvey.Who.SELF: gettext_lazy("people about themselves"),
    NeedsSurvey.Who.SUPERIOR: gettext_lazy("superiors"),
    NeedsSurvey.Who.UNIT: gettext_lazy("units"),
}


def sayings_of(need: Need) -> list[Saying]:
    """Of a rank group what its sources say, of all rank groups those of each; highest group first."""
    rows = [need]
    if not need.rank_group:
        rows = list(
            Need.objects.filter(reckoning=need.reckoning, competency=need.competency, unit=None).exclude(rank_group="")
        )
    order = {group: place for place, group in enumerate(RankGroup.values)}
    return [_saying(row, one) for row in sorted(rows, key=lambda row: order[row.rank_group]) for one in row.sources]


def _saying(need: Need, one: dict[str, Any]) -> Saying:
    apart = one["apart"]
    is_first = one["who"] == NeedsSurvey.Who.SELF or apart["gap"] is None
    tone, said = ("quiet", "") if is_first else apart_in_words(apart["gap"], apart["lower"], apart["upper"])
    return Saying(
        group_of(need),
        str(WHO[one["who"]]),
        one["n"],
        level(one["gap"]),
        f"{level(one['lower'])}–{level(one['upper'])}",
        one["weight"],
        "" if is_first else signed(apart["gap"]),
        "" if is_first else f"{signed(apart['lower'])} – {signed(apart['upper'])}",
        tone,
        said,
    )


def signed(hundredths: int) -> str:
    """+0.35, −0.20, 0.00"""
    return f"{'+' if hundredths > 0 else '−' if hundredths < 0 else ''}{abs(hundredths) / 100:.2f}"


def apart_in_words(gap: int, lower: int, upper: int) -> tuple[str, str]:
    """Tone and words for how far a source lies from what people say of themselves."""
    if lower <= 0 <= upper:
        return "quiet", _("no difference that chance does not explain")
    return ("warn", _("sees a larger gap")) if gap > 0 else ("info", _("sees a smaller gap"))
