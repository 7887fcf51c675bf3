"""Policies on one line of time: a place has one policy on a day, whatever code the text bears (codes name years, too).

The latest to begin holds, of several that begin on one day the last signed, until its own end or until the next begins. After an end
without a successor none holds: nobody owes anything, and an earlier policy does not come back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from zhixing.engine.policies.document import line_numbers
from zhixing.engine.policies.faults import Fault, PolicyProblem
from zhixing.engine.policies.rules import Policy

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Version:
    """A policy with the text it was read from and the name that stands for it in problems."""

    name: str
    text: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``from_on`` to ``to_on`` (included; None: without end) on which ``version`` holds; None: no policy holds."""

    version: Version | None
    from_on: dt.date
    to_on: dt.date | None


def line_of_time(versions: Iterable[Version]) -> list[Span]:
    """What holds on which days, from the first day on, the days without any policy among them. ``versions`` in the order of signing."""
    last_to_begin = {one.policy.in_force_from: one for one in versions}
    begins = sorted(last_to_begin)
    spans: list[Span] = []
    for begin, following in zip_longest(begins, begins[1:]):
        version = last_to_begin[begin]
        ends = version.policy.in_force_to
        replaced = following - ONE_DAY if following else None
        held_to = min((day for day in (ends, replaced) if day is not None), default=None)
        spans.append(Span(version, begin, held_to))
        if held_to is not None and held_to != replaced:
            spans.append(Span(None, held_to + ONE_DAY, replaced))
    return spans


def gaps_around(version: Version, signed: Sequence[Version]) -> Iterator[PolicyProblem]:
    """Days without any policy just before or after ``version``, were it signed after ``signed``; places are those of its text."""
    spans = line_of_time([*signed, version])
    at = next(number for number, span in enumerate(spans) if span.version is version)
    if at and spans[at - 1].version is None:
        begins, bare = version.policy.in_force_from, spans[at - 1].from_on
        mend = f"no policy is in force from {bare} to {begins - ONE_DAY}: begin on {bare}"
        yield _problem(version, "in_force_from", Fault.GAP, begins, mend)
    if at + 1 < len(spans) and spans[at + 1].version is None:
        yield _ends(version, spans[at + 1])


def _ends(version: Version, bare: Span) -> PolicyProblem:
    ends = bare.from_on - ONE_DAY
    if bare.to_on is None:
        mend = "no policy is in force afterwards: leave the key out, a version ends when the next begins"
        return _problem(version, "in_force_to", Fault.NO_SUCCESSOR, ends, mend)
    mend = f"no policy is in force from {bare.from_on} to {bare.to_on}: write {bare.to_on}, or leave the key out"
    return _problem(version, "in_force_to", Fault.GAP, ends, mend)


def compare_versions(versions: Iterable[Version]) -> Iterator[PolicyProblem]:
    """Days between two texts on which none is in force, or two are, whatever their codes; a version without an end ends when the next begins.

    Examples of other places and tables of recognition alone are never in force.
    """
    in_force = [one for one in versions if one.policy.rules and not one.policy.is_example]
    for earlier, later in pairwise(sorted(in_force, key=lambda one: one.policy.in_force_from)):
        begins, ends = later.policy.in_force_from, earlier.policy.in_force_to
        if begins == earlier.policy.in_force_from:
            mend = f"{earlier.name} begins on the same day: let one of them begin later"
            yield _problem(later, "in_force_from", Fault.VERSIONS_OVERLAP, begins, mend)
        elif ends is not None and begins <= ends:
            mend = f"{later.name} begins on {begins}: write {begins - ONE_DAY}, or leave the key out"
            yield _problem(earlier, "in_force_to", Fault.VERSIONS_OVERLAP, ends, mend)
        elif ends is not None and begins > ends + ONE_DAY:
            mend = f"{later.name} begins only on {begins}: write {begins - ONE_DAY}, or leave the key out"
            yield _problem(earlier, "in_force_to", Fault.GAP, ends, mend)


def _problem(version: Version, key: str, fault: Fault, day: dt.date, mend: str) -> PolicyProblem:
    line = line_numbers(version.text.removeprefix("\ufeff")).get(f"policy.{key}")
    return PolicyProblem(version.name, line, f"policy.{key}", fault, str(day), mend)
