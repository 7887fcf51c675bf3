"""What a policy says, as frozen dataclasses; every number of hours is in whole tenths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

from zhixing.engine.policies.channels import Channel
from zhixing.engine.policies.recognition import Recognition


class WindowKind(StrEnum):
    """How the days are found within which hours are owed; each kind is one function in ``obligations.windows``."""

    YEAR = "year"
    FIVE_YEARS = "five_years"
    ROLLING_FIVE_YEARS = "rolling_five_years"
    AFTER_PROMOTION = "after_promotion"
    FIRST_YEAR = "first_year"  # 初任: from the day of joining
    AFTER_APPOINTMENT = "after_appointment"  # 任职: from the first day in the rank that is held


FROM_A_DAY: Final = frozenset({WindowKind.AFTER_PROMOTION, WindowKind.FIRST_YEAR, WindowKind.AFTER_APPOINTMENT})
"""The kinds that run once from a day in a person's service: met and over, they leave no row."""


class Unit(StrEnum):
    """In what a text says how much is owed."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A requirement as its text says it: ``count`` of ``unit``, each worth ``hours`` hours."""

    count: Fraction
    unit: Unit = Unit.HOURS
    hours: Fraction = Fraction(1)

    @property
    def tenths(self) -> int:
        """Rounded up to a tenth of an hour."""
        exact = self.count * self.hours * 10
        return -(-exact.numerator // exact.denominator)


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least so much of what is owed is earned in ``channels`` and, when some are named, with ``contents``.

    Either ``tenths`` (less in proportion where days are not owed) or ``share`` in per cent: of what the person owes, or
    (``of_counted``) of what counts.
    """

    channels: tuple[Channel, ...]
    contents: tuple[str, ...] = ()
    tenths: int | None = None
    share: int = 0
    of_counted: bool = False
    title: str = ""
    basis: str = ""

    def missing(self, held: int, required: int, counted: int, owed_days: int, window_days: int) -> int:
        """Tenths of this kind that someone with these numbers still needs; whoever owes nothing needs none."""
        if required == 0:
            return 0
        return self.tenths_in(self.above(held, required, counted, owed_days, window_days), window_days)

    def above(self, held: int, required: int, counted: int, owed_days: int, window_days: int) -> int:
        """How far ``held`` is from enough, as a whole number that ``tenths_in`` makes hours of; negative: more than enough."""
        if self.tenths is not None:
            return self.tenths * owed_days - held * window_days
        return self.share * (counted if self.of_counted else required) - 100 * held

    def tenths_in(self, above: int, window_days: int) -> int:
        """Tenths of this kind that make up for ``above``, rounded up.

        More hours also raise what counts, so a share of that is reached by ``(share × counted − 100 × held) ÷ (100 − share)``.
        """
        divisor = window_days if self.tenths is not None else 100 - self.share if self.of_counted else 100
        return max(0, -(-above // divisor))

    def above_after(self, above: int, tenths: int, window_days: int, *, is_of_kind: bool) -> int:
        """``above`` when so many tenths more count, of this kind or of another."""
        served = (window_days if self.tenths is not None else 100) * tenths if is_of_kind else 0
        return above + (self.share * tenths if self.of_counted else 0) - served


@dataclass(frozen=True, slots=True)
class Carry:
    """What was earned over the requirement of the window before, up to ``tenths``, counts in this one.

    Only hours of ``channels`` and, when some are named, of ``contents`` are carried, and once only.
    """

    tenths: int
    channels: tuple[Channel, ...]
    contents: tuple[str, ...] = ()

    def serves(self, minimum: Minimum) -> bool:
        """Whether every hour that is carried is surely one that the minimum asks for."""
        return set(self.channels) <= set(minimum.channels) and (
            not minimum.contents or (bool(self.contents) and set(self.contents) <= set(minimum.contents))
        )


@dataclass(frozen=True, slots=True)
class Exempt:
    """Of whom the rule asks nothing in a window, and ``why``. One of the three conditions is given.

    ``ranks``: who holds one of them; ``joined_last_days``: who joined so late that fewer days than this are left of the window;
    ``leaving``: whose last day of service lies in the window.
    """

    why: str
    ranks: tuple[str, ...] = ()
    joined_last_days: int | None = None
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement: people of ``ranks`` owe ``tenths`` in each window; a cap (tenths) limits what a channel adds.

    ``window_days`` is how long a window lasts that runs from promotion (0: one year), joining or appointment; it opens ``before_days`` early, and is asked
    only where that day is ``since`` or later. ``remind_days`` before a window closes, the earliest first, whoever misses hours is reminded.
    """

    code: str
    ranks: tuple[str, ...]
    window: WindowKind
    tenths: int
    channels: tuple[Channel, ...]
    caps: Mapping[Channel, int] = field(default_factory=dict, hash=False)
    prorate_join: bool = False
    block_start: int | None = None
    basis: str = ""
    title: str = ""
    quantity: Quantity | None = None
    window_days: int = 0
    before_days: int = 0
    since: dt.date | None = None
    minimums: tuple[Minimum, ...] = ()
    carry: Carry | None = None
    exempt: tuple[Exempt, ...] = ()
    remind_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a place's rules and of its table of recognition, in document order; ``digest`` is the SHA-256 of its text.

    ``is_example``: it shows what some ``place`` does or did, and is not to be signed as it stands. ``other_ranks`` and
    ``other_contents`` are words of the place beside those that the product knows.
    """

    code: str
    in_force_from: dt.date
    basis: str
    rules: tuple[Rule, ...]
    digest: str
    title: str = ""
    in_force_to: dt.date | None = None
    recognitions: tuple[Recognition, ...] = ()
    place: str = ""
    is_example: bool = False
    other_ranks: tuple[str, ...] = ()
    other_contents: tuple[str, ...] = ()

    def rules_for(self, rank: str) -> list[Rule]:
        """For each code, the first rule whose ranks hold ``rank``."""
        chosen: dict[str, Rule] = {}
        for rule in self.rules:
            if rank in rule.ranks:
                chosen.setdefault(rule.code, rule)
        return list(chosen.values())

    @property
    def needs_content(self) -> bool:
        """Whether any number hangs on what the hours were about."""
        parts: list[Minimum | Carry] = [part for rule in self.rules for part in rule.minimums]
        parts += [rule.carry for rule in self.rules if rule.carry]
        return any(part.contents for part in parts)
