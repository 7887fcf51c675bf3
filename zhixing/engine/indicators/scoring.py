"""What a system comes to for one object: exact points, and an interval as far as the uncertainty of its parts is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from zhixing.engine.indicators.definition import Absent, Group, Indicator, System
from zhixing.engine.student import student_95


class State(StrEnum):
    """How an indicator stands. ``MISSED``: below what it asks for; ``LEFT_OUT``: unknown, and its points go to its neighbours."""

    EARNED = "earned"
    MISSED = "missed"
    ABSENT = "absent"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for an indicator: ``share`` of its points from 0 to 1, and half the width of its 95 % interval; ``half`` None: nobody knows
    how sure it is, as when a single reviewer judged."""

    share: Fraction
    half: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """A group or indicator: ``points`` it is worth here, ``earned`` of them, and how it stands (of a group: earned, or left out).

    ``half``: half the width of the 95 % interval of what is known to be unsure. ``less`` and ``more``: points that could be lost or won by what
    nobody knows the certainty of."""

    code: str
    points: Fraction
    earned: Fraction
    half: float
    less: float
    more: float
    state: State


@dataclass(frozen=True, slots=True)
class Score:
    """``earned`` of the system's points, with the 95 % interval ``low``–``high``; ``unsure``: indicators of which nobody knows how sure they are, and
    whose points the interval leaves open altogether. ``covered``: of how many of the system's points anything is known.

    ``level`` by what is earned; ``levels`` all that the interval reaches, the best first. ``parts`` by code, in the order of the tree."""

    earned: Fraction
    low: float
    high: float
    covered: int
    level: str
    levels: tuple[str, ...]
    unsure: tuple[str, ...]
    parts: Mapping[str, Part]


def fact_finding(indicator: Indicator, figure: Fraction, half: float | None) -> Finding:
    """The share that a figure earns. ``half``: half the width of the figure's own 95 % interval, carried over the scale end by end, so that a bend
    in the scale is heeded."""
    share = indicator.share_of(figure)
    if half is None:
        return Finding(share, None)
    ends = [indicator.share_of(figure + Fraction(sign * half)) for sign in (-1, 1)]
    return Finding(share, max(abs(float(end - share)) for end in ends))


def judged_findings(given: Mapping[str, Sequence[int]], elsewhere: Iterable[Sequence[int]] = ()) -> dict[str, Finding]:
    """By code of the indicator, the mean of what the reviewers gave, in percent of the points.

    How far reviewers lie apart is learned from all indicators together, and from judgements ``elsewhere`` under the same system: two reviewers
    of one indicator tell next to nothing (pooled variance; Student's interval with its degrees of freedom). Where no two ever judged the
    same, nobody knows how sure a judgement is."""
    spread, freedom = _spread([*given.values(), *elsewhere])
    reach = student_95(freedom) * spread if freedom else None
    return {
        code: Finding(Fraction(sum(own), 100 * len(own)), None if reach is None else reach / math.sqrt(len(own)))
        for code, own in given.items()
    }


def _spread(groups: Iterable[Sequence[int]]) -> tuple[float, int]:
    """Standard deviation of reviewers about the mean of what they judge, as a share; and its degrees of freedom."""
    squares, freedom = Fraction(), 0
    for own in groups:
        mean = Fraction(sum(own), len(own))
        squares += sum((one - mean) ** 2 for one in own)
        freedom += len(own) - 1
    return (math.sqrt(squares / freedom) / 100 if freedom else 0.0), freedom


def score(system: System, findings: Mapping[str, Finding]) -> Score:
    """``findings`` by the code of the indicator; who is not there is absent, and handled as the system says.

    Uncertainties of different indicators are taken as independent; the interval is cut to what can be earned."""
    parts = {part.code: part for part in _parts(system, system.root, Fraction(system.root.points), findings)}
    whole = parts.pop(system.root.code)
    unsure = tuple(one.code for one in system.indicators if one.code in findings and findings[one.code].half is None)
    low = max(0.0, float(whole.earned) - whole.half - whole.less)
    high = min(float(whole.points), float(whole.earned) + whole.half + whole.more)
    total = Fraction(system.root.points)
    level = system.level(100 * whole.earned / total)
    top, bottom = (system.level(100 * Fraction(end) / total) for end in (high, low))
    titles = [one.title for one in system.levels] + [""]
    reached = titles[titles.index(top) : titles.index(bottom) + 1]
    covered = sum(one.points for one in system.indicators if one.code in findings)
    return Score(whole.earned, low, high, covered, level, tuple(one for one in reached if one), unsure, parts)


def _parts(
    system: System, part: Group | Indicator, points: Fraction, findings: Mapping[str, Finding]
) -> Iterator[Part]:
    """The part, after all that is inside it."""
    if isinstance(part, Indicator):
        yield _indicator(system, part, points, findings.get(part.code))
        return
    inside = [one for one in part.parts if not _is_left_out(system, one, findings)]
    worth = sum(one.points for one in inside)
    earned, squares, less, more = Fraction(), 0.0, 0.0, 0.0
    for one in part.parts:
        own = points * one.points / worth if one in inside else Fraction()
        *inner, last = _parts(system, one, own, findings)
        yield from inner
        yield last
        earned += last.earned
        squares += last.half**2
        less += last.less
        more += last.more
    state = State.EARNED if inside else State.LEFT_OUT
    yield Part(part.code, points, earned, math.sqrt(squares), less, more, state)


def _indicator(system: System, indicator: Indicator, points: Fraction, found: Finding | None) -> Part:
    if found is None:
        state = State.ABSENT if system.absent is Absent.ZERO else State.LEFT_OUT
        return Part(indicator.code, points, Fraction(), 0.0, 0.0, 0.0, state)
    is_missed = found.share < indicator.missed
    share = min(found.share, system.missed_most) if is_missed else found.share
    state = State.MISSED if is_missed else State.EARNED
    worth, earned = float(points), float(share * points)
    if found.half is None:
        return Part(indicator.code, points, share * points, 0.0, earned, worth - earned, state)
    return Part(indicator.code, points, share * points, found.half * worth, 0.0, 0.0, state)


def _is_left_out(system: System, part: Group | Indicator, findings: Mapping[str, Finding]) -> bool:
    if system.absent is Absent.ZERO:
        return False
    inside = part.indicators() if isinstance(part, Group) else [part]
    return not any(one.code in findings for one in inside)
