"""What an author is told beyond formats.md §2: whatever nobody could ever come under, reach, or gain anything by.

A computation reads such a text to the letter; a check and a signature refuse it, for it is always a slip of the pen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final, TypeVar

from zhixing.engine.policies.channels import Channel, Content
from zhixing.engine.policies.document import Document
from zhixing.engine.policies.faults import Fault
from zhixing.engine.policies.recognition import Measure, Recognition
from zhixing.engine.policies.rules import Carry, Exempt, Minimum, Policy, Rule, Unit, WindowKind
from zhixing.engine.sheets.ranks import GRADES, RANKS, canonical

T = TypeVar("T")
KNOWN_RANKS: Final = (*RANKS, *GRADES)
FIRST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2199, 12, 31)
"""No policy is in force before or after."""
BLOCKS_BACK: Final = 50
"""Years before the policy in which the first block may have begun."""
YEARS_AHEAD: Final = 5
"""A version without an end is not written for a time later than this many years after it begins."""
SHORTEST: Final[Mapping[WindowKind, int]] = {
    WindowKind.YEAR: 365,
    WindowKind.FIVE_YEARS: 1826,
    WindowKind.ROLLING_FIVE_YEARS: 1826,
}
"""Days of the shortest window of a kind that is the same for everyone."""
PROMOTION_DAYS: Final = 365


def refuse_out_of_reach(read: Document, policy: Policy) -> None:
    """Add to ``read.problems`` what can never have an effect; a rule or row at fault already is only looked at for its words."""
    faulty = [one.key for one in read.problems if one.fault != Fault.OVERLAP]
    _refuse_days(read, policy)
    _refuse_own_words(read, policy)
    for place, rule in _numbered("rule", policy.rules):
        _refuse_words(read, policy, place, rule)
        if not _is_faulty(place, faulty):
            _refuse_hours(read, place, rule)
            _refuse_window(read, policy, place, rule)
            for where, clause in _numbered(f"{place}.exempt", rule.exempt):
                _refuse_clause(read, where, clause, rule)
    for place, one in _numbered("recognition", policy.recognitions):
        _refuse_contents(read, policy, f"{place}.content", (one.content,) if one.content else ())
        if not _is_faulty(place, faulty):
            _refuse_worth(read, place, one)


def _numbered(place: str, found: Iterable[T]) -> list[tuple[str, T]]:
    return [(f"{place}[{number}]", one) for number, one in enumerate(found, start=1)]


def _is_faulty(place: str, faulty: Iterable[str]) -> bool:
    return any(key == place or key.startswith(f"{place}.") for key in faulty)


def _refuse_days(read: Document, policy: Policy) -> None:
    for key in ("in_force_from", "in_force_to"):
        day = getattr(policy, key)
        if day not in {None, dt.date.min} and not FIRST_DAY <= day <= LAST_DAY:
            mend = f"write a day from {FIRST_DAY} to {LAST_DAY}; a version without an end has no in_force_to"
            read.refuse(f"policy.{key}", Fault.NEVER_IN_FORCE, mend, day)


def _refuse_own_words(read: Document, policy: Policy) -> None:
    """A place declares its own ranks and contents; what is known already, or named nowhere, need not be declared."""
    ranks = {rank for rule in policy.rules for rank in rule.ranks}
    _refuse_idle(read, "policy.other_ranks", policy.other_ranks, KNOWN_RANKS, ranks)
    parts: list[Minimum | Carry] = [part for rule in policy.rules for part in rule.minimums]
    parts += [rule.carry for rule in policy.rules if rule.carry]
    contents = {word for part in parts for word in part.contents} | {one.content for one in policy.recognitions}
    _refuse_idle(read, "policy.other_contents", policy.other_contents, tuple(Content), contents)


def _refuse_idle(read: Document, key: str, declared: Iterable[str], known: Iterable[str], named: Iterable[str]) -> None:
    for word in declared:
        if word in known:
            read.refuse(key, Fault.DOES_NOTHING, "it is known already: remove it", word, line=read.line_of(key, word))
        elif word not in named:
            read.refuse(key, Fault.DOES_NOTHING, "nothing names it: remove it", word, line=read.line_of(key, word))


def _refuse_words(read: Document, policy: Policy, place: str, rule: Rule) -> None:
    known = (*KNOWN_RANKS, *policy.other_ranks)
    for rank in (rank for rank in rule.ranks if rank not in known):
        meant = canonical(rank)
        near = [meant] if meant else get_close_matches(rank, known, n=2, cutoff=0.5)
        mend = f"{_instead(near)}declare it in other_ranks of [policy]"
        key = f"{place}.ranks"
        read.refuse(key, Fault.UNKNOWN_RANK, mend, rank, line=read.line_of(key, rank), known=near or KNOWN_RANKS)
    for where, minimum in _numbered(f"{place}.minimum", rule.minimums):
        _refuse_contents(read, policy, f"{where}.contents", minimum.contents)
    if rule.carry:
        _refuse_contents(read, policy, f"{place}.carry.contents", rule.carry.contents)


def _instead(near: Iterable[str]) -> str:
    words = " or ".join(near)
    return f"write {words}, or " if words else ""


def _refuse_contents(read: Document, policy: Policy, key: str, contents: Iterable[str]) -> None:
    known = (*Content, *policy.other_contents)
    for word in (word for word in contents if word not in known):
        near = get_close_matches(word, known, n=1, cutoff=0.5) or known
        mend = f"{_instead(near)}declare it in other_contents of [policy]"
        read.refuse(key, Fault.UNKNOWN_CONTENT, mend, word, line=read.line_of(key, word), known=near)


def _refuse_hours(read: Document, place: str, rule: Rule) -> None:
    unit = rule.quantity.unit if rule.quantity else Unit.HOURS
    if rule.tenths == 0:
        read.refuse(
            f"{place}.{unit}", Fault.DOES_NOTHING, "it asks nothing of anybody: write how much, or remove the rule"
        )
    for channel, cap in rule.caps.items():
        if cap == 0:
            mend = f"nothing of it ever counts: remove {channel} from the channels"
            read.refuse(f"{place}.caps.{channel}", Fault.DOES_NOTHING, mend, 0)
    if rule.carry and rule.carry.tenths == 0:
        read.refuse(f"{place}.carry.hours", Fault.DOES_NOTHING, "nothing is ever carried: write how much, or remove it")
    most = _room(rule, rule.channels)
    if most is not None and rule.tenths > most:
        _refuse_more_than(read, f"{place}.{unit}", rule.tenths, most)
    else:
        _refuse_minimums(read, place, rule)


def _refuse_minimums(read: Document, place: str, rule: Rule) -> None:
    for where, minimum in _numbered(f"{place}.minimum", rule.minimums):
        key = f"{where}.share" if minimum.tenths is None else f"{where}.hours"
        # Whoever has met the rule has at least what is required counted, so a share of that is a share of at least the requirement.
        asked = -(-minimum.share * rule.tenths // 100) if minimum.tenths is None else minimum.tenths
        most = _room(rule, minimum.channels)
        if most is not None and rule.carry and rule.carry.serves(minimum):
            most += rule.carry.tenths
        if asked == 0 and minimum.tenths is not None:
            read.refuse(key, Fault.DOES_NOTHING, "it asks nothing: write how much, or remove it", 0)
        elif most is not None and asked > most:
            _refuse_more_than(read, key, asked, most)


def _room(rule: Rule, channels: Iterable[Channel]) -> int | None:
    """The most tenths that ``channels`` can bring in a window; None: as many as one likes."""
    caps = [rule.caps.get(channel) for channel in channels]
    known = [cap for cap in caps if cap is not None]
    return sum(known) if len(known) == len(caps) else None


def _refuse_more_than(read: Document, key: str, asked: int, most: int) -> None:
    mend = f"the caps let at most {most / 10:g} hours count: ask less, or raise a cap"
    read.refuse(key, Fault.MORE_THAN_COUNTS, mend, f"{asked / 10:g}", known=[f"{most / 10:g}"])


def _refuse_window(read: Document, policy: Policy, place: str, rule: Rule) -> None:
    first, last = policy.in_force_from, policy.in_force_to
    if rule.block_start is not None and rule.window != WindowKind.FIVE_YEARS:
        read.refuse(f"{place}.block_start", Fault.DOES_NOTHING, "it is for five_years: remove it", rule.block_start)
    elif rule.block_start is not None:
        latest = last.year if last else first.year + YEARS_AHEAD
        if not first.year - BLOCKS_BACK <= rule.block_start <= latest:
            near = first.year - (first.year - rule.block_start) % 5
            mend = f"write the first year of a block in which the policy is in force, such as {near}"
            read.refuse(f"{place}.block_start", Fault.NEVER_IN_FORCE, mend, rule.block_start)
    if rule.since and rule.since > (last or dt.date(min(first.year + YEARS_AHEAD, dt.MAXYEAR), 12, 31)):
        mend = "nobody begins so late while the policy is in force: write an earlier day"
        read.refuse(f"{place}.since", Fault.NEVER_IN_FORCE, mend, rule.since)
    _refuse_reminders(read, place, rule)


def _refuse_reminders(read: Document, place: str, rule: Rule) -> None:
    key = f"{place}.remind_days"
    if rule.remind_days and rule.window == WindowKind.ROLLING_FIVE_YEARS:
        read.refuse(key, Fault.DOES_NOTHING, "a rolling window closes every day: remove it")
        return
    days = SHORTEST.get(rule.window) or (rule.window_days or PROMOTION_DAYS) + rule.before_days
    for before in (before for before in rule.remind_days if before >= days):
        read.refuse(key, Fault.NEVER_REACHED, f"the window has only {days} days: write fewer", before)


def _refuse_clause(read: Document, place: str, clause: Exempt, rule: Rule) -> None:
    """A clause about who joined late must leave somebody who owes, and spare somebody."""
    days, key = clause.joined_last_days, f"{place}.joined_last_days"
    if days is None:
        return
    length = SHORTEST.get(rule.window)
    if length is not None and days >= length:
        mend = f"it spares whoever joined in the window or before it: write less than {length}"
        read.refuse(key, Fault.SPARES_EVERYBODY, mend, days)
    elif rule.window == WindowKind.FIRST_YEAR and days > rule.window_days:
        read.refuse(key, Fault.SPARES_EVERYBODY, "the window is shorter for everybody: remove the rule, or this", days)
    elif rule.window == WindowKind.FIRST_YEAR:
        read.refuse(key, Fault.DOES_NOTHING, "the window runs from joining, so it spares nobody: remove it", days)


def _refuse_worth(read: Document, place: str, one: Recognition) -> None:
    def nothing(key: str, value: object) -> None:
        read.refuse(
            f"{place}.{key}", Fault.GIVES_NOTHING, "nothing is recognised: write how many hours, or remove it", value
        )

    if one.measure in {Measure.DAYS, Measure.HOURS, Measure.SESSIONS} and one.value == 0:
        nothing("value", 0)
    elif one.half_day is not None and one.half_day > one.value:
        mend = f"half a day is worth no more than a day: write at most {float(one.value):g}"
        read.refuse(f"{place}.half_day", Fault.HALF_ABOVE_WHOLE, mend, f"{float(one.half_day):g}")
    for key in ("most", "most_a_year"):
        if getattr(one, key) == 0:
            nothing(key, 0)
    _refuse_steps(read, place, one, nothing)
    _refuse_most_steps(read, place, one, nothing)


def _refuse_most_steps(read: Document, place: str, one: Recognition, nothing: Callable[[str, object], None]) -> None:
    """A limit for so many days says something beside the limit for any training, and for days that the kind recognises."""
    key = f"{place}.most_steps"
    limits = [limit for limit in (one.most, one.most_a_year) if limit]
    for number, (days, hours) in enumerate(one.most_steps):
        if hours == 0:
            nothing("most_steps", f"[{days}, 0]")
        elif limits and hours >= min(limits):
            mend = f"the limit lets at most {float(min(limits)):g} hours count: remove it, or raise the limit"
            read.refuse(key, Fault.NEVER_REACHED, mend, f"[{days}, {float(hours):g}]")
        elif number + 1 < len(one.most_steps) and one.most_steps[number + 1][0] <= one.least_days:
            mend = f"trainings of fewer than {one.least_days} days give nothing: remove it"
            read.refuse(key, Fault.NEVER_REACHED, mend, f"[{days}, {float(hours):g}]")


def _refuse_steps(read: Document, place: str, one: Recognition, nothing: Callable[[str, object], None]) -> None:
    limits = [limit for limit in (one.most, one.most_a_year) if limit]
    most = min(limits, default=None)
    reached = "an earlier step brings all that the limit lets count: remove it, or raise the limit"
    before = None
    for minutes, hours in one.steps:
        if hours == 0:
            nothing("steps", f"[{minutes}, 0]")
        elif most is not None and before is not None and before >= most:
            read.refuse(f"{place}.steps", Fault.NEVER_REACHED, reached, f"[{minutes}, {float(hours):g}]")
        before = hours
    for level, hours in one.levels.items():
        if hours == 0:
            nothing(f"levels.{level}", 0)
        elif most is not None and hours > most:
            mend = f"the limit lets at most {float(most):g} hours count: lower it, or raise the limit"
            read.refuse(f"{place}.levels.{level}", Fault.NEVER_REACHED, mend, f"{float(hours):g}")
