"""Several versions of one policy beside each other: on each day from the first on, exactly one is in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

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


def compare_versions(versions: Iterable[Version]) -> Iterator[PolicyProblem]:
    """Days between two versions of one code on which none is in force, or two are. A version without an end ends when the next begins."""
    ordered = sorted(versions, key=lambda one: (one.policy.code, one.policy.in_force_from))
    for _code, held in groupby(ordered, key=lambda one: one.policy.code):
        for earlier, later in pairwise(held):
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
