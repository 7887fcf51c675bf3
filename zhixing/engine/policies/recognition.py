"""Recognition of hours (学时认定): what a training is worth by a place's own table, exactly and in whole hundredths until the end.

Places differ (a day is 6, 7.5 or 8 hours), so that the values are data: the ``[[recognition]]`` tables of a policy. A training is
measured by days, half days, minutes, hours, sessions or pieces; what it is worth is split over the years it lies in, and limited
for one training and for one year.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from zhixing.engine.policies.channels import Channel


class Measure(StrEnum):
    """By what a training is measured."""

    DAYS = "days"  # and half days
    MINUTES = "minutes"  # of one course; what it is worth goes by steps
    HOURS = "hours"  # taught or attended
    SESSIONS = "sessions"  # meetings of a study group
    PIECES = "pieces"  # papers, degrees: each worth what its level says


@dataclass(frozen=True, slots=True)
class Recognition:
    """What one kind of training is worth, in hours.

    ``value``: of a day, an hour, a session; ``half_day`` of a half day (default: half of it). ``steps``: (from so many minutes, hours),
    rising; with ``repeats`` the last step counts as often as it fits. ``levels``: level → hours of one piece.
    A training of fewer than ``least_days`` gives nothing; ``most_steps``: (from so many days, the most hours of one such training).
    ``test`` is added for a passed test; with ``needs_test`` or ``needs_whole`` nothing is recognised without the test, or before the
    whole course is done. ``most`` limits one training, ``most_a_year`` all of a kind in a year.
    """

    code: str
    title: str
    channel: Channel
    measure: Measure
    value: Fraction = Fraction(0)
    half_day: Fraction | None = None
    steps: tuple[tuple[int, Fraction], ...] = ()
    repeats: bool = False
    levels: Mapping[str, Fraction] = field(default_factory=dict, hash=False)
    test: Fraction = Fraction(0)
    needs_test: bool = False
    needs_whole: bool = False
    most: Fraction | None = None
    most_steps: tuple[tuple[int, Fraction], ...] = ()
    least_days: int = 0
    most_a_year: Fraction | None = None
    split_years: bool = False
    content: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a record says of one training of one person; ``kind`` is the code of a ``Recognition``. Days without a number are counted."""

    kind: str
    began_on: dt.date
    ended_on: dt.date
    days: int | None = None
    half_days: int = 0
    minutes: int = 0
    hours: Fraction = Fraction(0)
    sessions: int = 0
    pieces: int = 0
    level: str = ""
    passed: bool = False
    is_whole: bool = True


def measured(
    kind: Recognition, began_on: dt.date, ended_on: dt.date, amount: Fraction, *, level: str = "", passed: bool = False
) -> Training:
    """A training of which one number is known, in the unit of its kind; half a day is a half day, other parts of a unit are dropped."""
    number = int(amount)
    counts = {
        Measure.DAYS: {"days": number, "half_days": int(amount - number >= Fraction(1, 2))},
        Measure.MINUTES: {"minutes": number},
        Measure.HOURS: {},
        Measure.SESSIONS: {"sessions": number},
        Measure.PIECES: {"pieces": number},
    }
    hours = amount if kind.measure == Measure.HOURS else Fraction(0)
    return Training(
        kind=kind.code,
        began_on=began_on,
        ended_on=ended_on,
        hours=hours,
        level=level,
        passed=passed,
        **counts[kind.measure],  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True)
class Recognised:
    """Tenths of hours that a training is worth in one year, earned on its last day there.

    ``hundredths`` are what it exactly counts for, and what a later call is to be told as taken; ``lost`` are hundredths over a limit.
    """

    training: int
    earned_on: dt.date
    tenths: int
    channel: Channel
    content: str
    lost: int = 0
    hundredths: int = 0


def recognise(
    table: Sequence[Recognition],
    trainings: Sequence[Training],
    taken: Mapping[tuple[str, int], int] | None = None,
    given: Mapping[tuple[str, int], int] | None = None,
) -> list[Recognised]:
    """What the trainings of one person are worth, in their order; ``training`` is an index into them.

    Shares smaller than a tenth add up over the trainings of a kind and a year: four micro-courses of 0.25 are one hour, whichever
    of them gets the tenth, and whether they come together or one at a time. ``taken`` are hundredths of (kind, year) that were
    recognised before, ``given`` the tenths that were booked for them (default: the whole tenths in ``taken``; it is more where the
    training that brought a tenth was refused later). Raises ``KeyError`` for an unknown kind.
    """
    kinds = {one.code: one for one in table}
    sums: defaultdict[tuple[str, int], int] = defaultdict(int, taken or {})
    booked = defaultdict(int, {key: hundredths // 10 for key, hundredths in sums.items()} if given is None else given)
    found = []
    for index, training in enumerate(trainings):
        kind = kinds[training.kind]
        for last, whole in _by_year(kind, training, _worth(kind, training)):
            key = (kind.code, last.year)
            room = whole if kind.most_a_year is None else max(0, int(kind.most_a_year * 100) - sums[key])
            counted = min(whole, room)
            sums[key] += counted
            tenths = max(0, sums[key] // 10 - booked[key])
            booked[key] += tenths
            found.append(Recognised(index, last, tenths, kind.channel, kind.content, whole - counted, counted))
    return found


def _worth(kind: Recognition, training: Training) -> int:
    """Hundredths of hours, before any split; what is smaller is dropped."""
    if (kind.needs_test and not training.passed) or (kind.needs_whole and not training.is_whole):
        return 0
    if kind.least_days and _days(training) < kind.least_days:
        return 0
    hours = _measured(kind, training)
    if training.passed and hours:
        hours += kind.test
    return int(min([hours, *_limits(kind, training)]) * 100)


def _limits(kind: Recognition, training: Training) -> list[Fraction]:
    """The most hours of one training, by the kind and by how many days it had."""
    reached = [most for least, most in kind.most_steps if _days(training) >= least]
    return [*([] if kind.most is None else [kind.most]), *reached[-1:]]


def _days(training: Training) -> Fraction:
    """Days and half days as recorded; without a number, the days of the calendar."""
    whole, halves = _day_counts(training)
    return whole + Fraction(halves, 2)


def _day_counts(training: Training) -> tuple[int, int]:
    calendar = (training.ended_on - training.began_on).days + 1
    days = calendar if training.days is None and not training.half_days else training.days or 0
    return days, training.half_days


def _measured(kind: Recognition, training: Training) -> Fraction:
    match kind.measure:
        case Measure.DAYS:
            half = kind.value / 2 if kind.half_day is None else kind.half_day
            days, half_days = _day_counts(training)
            return kind.value * days + half * half_days
        case Measure.MINUTES:
            return _stepped(kind, training.minutes)
        case Measure.HOURS:
            return kind.value * training.hours
        case Measure.SESSIONS:
            return kind.value * training.sessions
        case Measure.PIECES:
            return kind.levels.get(training.level, Fraction(0)) * training.pieces


def _stepped(kind: Recognition, minutes: int) -> Fraction:
    whole, rest = divmod(minutes, kind.steps[-1][0]) if kind.repeats else (0, minutes)
    return whole * kind.steps[-1][1] + max((hours for least, hours in kind.steps if rest >= least), default=Fraction(0))


def _by_year(kind: Recognition, training: Training, worth: int) -> Iterable[tuple[dt.date, int]]:
    """(last day in the year, hundredths)."""
    if not kind.split_years:
        return [(training.ended_on, worth)]
    return split_by_year(training.began_on, training.ended_on, worth)


def split_by_year(began_on: dt.date, ended_on: dt.date, whole: int) -> list[tuple[dt.date, int]]:
    """(last day in the year, share of ``whole``): in proportion to the calendar days in each, nothing lost or made by rounding."""
    ends = [dt.date(year, 12, 31) for year in range(began_on.year, ended_on.year)]
    ends.append(ended_on)
    days = [(end - began_on).days + 1 for end in ends]
    upto = [0, *(whole * passed // days[-1] for passed in days)]
    return [(end, after - before) for end, (before, after) in zip(ends, pairwise(upto), strict=True)]
