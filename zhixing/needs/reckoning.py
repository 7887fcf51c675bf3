"""The needs of a year: gaps that may be told, and weights with all that they are made of."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from zhixing.engine.columns import Flags, Floats
from zhixing.engine.needs.gaps import Bands, Gaps
from zhixing.engine.needs.rank_groups import RANK_GROUPS
from zhixing.engine.needs.weights import Part, weigh
from zhixing.needs.facts import GROUPS, Facts
from zhixing.needs.findings import findings_of, usual_lack
from zhixing.needs.models import Need
from zhixing.needs.rules import SOURCES

HUNDRED: Final = 100
Made: TypeAlias = Mapping[tuple[int, int | None, str], Need]


@dataclass(frozen=True)
class Line:
    """One gap that is told. ``unit`` None: all units; ``group`` empty: all rank groups."""

    competency: int
    unit: int | None
    group: str
    estimate: float
    lower: float
    upper: float
    n: int
    noise: bool


def lines_of(facts: Facts, *, every_unit: bool = False) -> Iterator[Line]:
    """Everything that may be told: of all, of rank groups, of units, of both. ``every_unit``: those of too few answers, too, as the others of such levels let
    expect; their own answers do not move them, and ``n`` is 0."""
    if not facts.sizes[0] or not len(facts.columns.competency):
        return
    gaps, told = facts.gaps, facts.guarded.told
    whole = gaps.overall.count >= facts.least
    levels = told.levels & (gaps.levels.count >= facts.least) & whole[:, None]
    units = _concerned(facts) if every_unit else told.units
    mean = gaps.overall.estimate
    yield from _lines(gaps.overall, whole, np.zeros(mean.shape), [None], [""])
    yield from _lines(gaps.levels, levels, mean[:, None], [None], list(RANK_GROUPS))
    yield from _lines(gaps.units, units & whole[:, None], mean[:, None], facts.units, [""])
    cells = told.cells & whole[:, None, None]
    yield from _lines(gaps.cells, cells, gaps.levels.estimate[:, None, :], facts.units, list(RANK_GROUPS))


def _concerned(facts: Facts) -> Flags:
    """[C, J] units in which somebody's post requires it, or that have answered"""
    found = np.zeros(facts.sizes[:2], bool)
    place = {unit: j for j, unit in enumerate(facts.units)}
    for c, unit, _group in facts.concerned:
        found[c, place[unit]] = True
    found[facts.columns.competency, facts.columns.unit] = True
    return found


def _lines(
    bands: Bands, shown: Flags, against: Floats, units: Sequence[int | None], groups: Sequence[str]
) -> Iterator[Line]:
    """``against``: what such people have on average; a gap whose interval holds it cannot be told from chance. Of ``bands`` only those of ``shown`` units."""
    shape = len(shown), len(units), len(groups)
    noise = (bands.lower <= against) & (against <= bands.upper)
    every = (bands.estimate, bands.lower, bands.upper, bands.count, noise)
    place = tuple(slice(size) for size in shown.shape)
    parts = [part[place].reshape(shape) for part in every]
    kept = shown.reshape(shape) & ~np.isnan(parts[0])
    places = np.nonzero(kept)
    columns = [part[places].tolist() for part in parts]
    for c, j, k, estimate, lower, upper, n, is_noise in zip(*(p.tolist() for p in places), *columns, strict=True):
        yield Line(c, units[j], groups[k], estimate, lower, upper, n, is_noise)


def needs_of(facts: Facts) -> tuple[list[Need], int]:
    """The needs of the question, unsaved, and the usual lack that findings are measured by."""
    counts: Counter[tuple[int, int | None, str]] = Counter()
    for (c, of, group), people in facts.concerned.items():
        for place in ((c, None, ""), (c, None, group), (c, of, ""), (c, of, group)):
            counts[place] += people
    made: dict[tuple[int, int | None, str], Need] = {}
    for (c, unit, group), people in sorted(counts.items(), key=lambda one: (one[0][0], one[0][1] or 0, one[0][2])):
        if unit is None:
            made[c, unit, group] = _need(facts, c, unit, group, people)
    for line in lines_of(facts):
        key = line.competency, line.unit, line.group
        need = made.setdefault(key, _need(facts, *key, counts[key]))
        need.gap, need.lower, need.upper = (_hundredths(x) for x in (line.estimate, line.lower, line.upper))
        need.n, need.noise = line.n, line.noise
    _add_means(facts, made)
    _add_sources(facts, made)
    usual = _add_weights(facts, made)
    return list(made.values()), usual


def _need(facts: Facts, c: int, unit: int | None, group: str, people: int) -> Need:
    return Need(competency=facts.competencies[c], unit_id=unit, rank_group=group, people=people, n=0)


def _hundredths(value: float) -> int | None:
    return None if np.isnan(value) else round(float(value) * HUNDRED)


def _add_means(facts: Facts, made: Made) -> None:
    """Required, present and importance of all and of rank groups; of units only the pooled gap is kept."""
    if not len(facts.columns.competency):
        return
    for name in ("required", "present", "importance"):
        whole, by_group = facts.means(getattr(facts.columns, name))
        for (c, unit, group), need in made.items():
            if unit is None and need.gap is not None:
                setattr(need, name, _hundredths(by_group[c, GROUPS[group]] if group else whole[c]))


def _add_sources(facts: Facts, made: Made) -> None:
    """What each source says of a rank group, and by how much it lies apart from what people say of themselves."""
    for (c, unit, group), need in made.items():
        if unit is None and group and need.gap is not None:
            need.sources = [
                _source(facts.gaps, (c, GROUPS[group], place), who, facts.rules.weights[place])
                for place, who in enumerate(SOURCES)
                if facts.gaps.seen.count[c, GROUPS[group], place] >= facts.least
                and not np.isnan(facts.gaps.seen.estimate[c, GROUPS[group], place])
            ]


def _source(gaps: Gaps, at: tuple[int, int, int], who: str, weight: int) -> dict[str, Any]:
    """The whole numbers of one source, in hundredths of a level"""
    seen, apart = gaps.seen, gaps.apart
    return {
        "who": who,
        "weight": weight,
        "n": int(seen.count[at]),
        **{name: _hundredths(float(getattr(seen, of)[at])) for name, of in BAND},
        "apart": {name: _hundredths(float(getattr(apart, of)[at])) for name, of in BAND},
    }


BAND: Final = (("gap", "estimate"), ("lower", "lower"), ("upper", "upper"))


def _add_weights(facts: Facts, made: Made) -> int:
    """Of each rank group what all findings give; of all rank groups together their sum."""
    lacks = {
        (c, group): (need.people, round(max(need.gap, 0) * need.importance / 500), need.gap)
        for (c, unit, group), need in made.items()
        if unit is None and group and need.gap is not None and need.importance is not None
    }
    usual = usual_lack(lacks, facts.rules)
    findings = findings_of(facts, lacks, usual)
    sums: Counter[int] = Counter()
    for (c, unit, group), need in made.items():
        if unit is None and group:
            need.weight, parts = weigh(findings[c, group], need.people)
            need.parts = [_part(part, need.people) for part in parts]
            sums[c] += need.weight
    for c, weight in sums.items():
        made[c, None, ""].weight = weight
    return usual


def _part(part: Part, people: int) -> dict[str, Any]:
    one = part.finding
    return {
        "source": one.source,
        "key": one.key,
        "code": one.code,
        "n": min(one.n, people),
        "value": one.value,
        "each": one.hundredths,
        "weight": part.weight,
        "share": part.share,
    }


def digest_of(facts: Facts, needs: Sequence[Need]) -> str:
    """SHA-256 of all that was reckoned, in order."""
    rows = [
        [
            n.competency.code,
            n.rank_group,
            n.unit_id,
            n.people,
            n.n,
            n.gap,
            n.lower,
            n.upper,
            n.importance,
            n.weight,
            n.parts,
            n.sources,
        ]
        for n in needs
    ]
    asked = [facts.asked.year, facts.asked.framework.pk, facts.rules.told]
    text = json.dumps([asked, rows], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
