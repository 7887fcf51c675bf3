"""Which policy holds, and what its text says."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from zhixing.engine import policies
from zhixing.obligations.models import Policy

KEPT = 32
"""Parsed versions kept in memory; a text never changes."""


def policy_in_force(on: dt.date) -> Policy | None:
    """The version that holds on a day: the latest to begin, then the last signed, unless its text says that it has ended."""
    latest = Policy.objects.in_force(on).first()
    ends = rules_of(latest).in_force_to if latest else None
    return None if ends is not None and ends < on else latest


def signed_versions() -> list[policies.Version]:
    """All that was ever signed, in the order of signing."""
    return [policies.Version(str(one), one.text, rules_of(one)) for one in Policy.objects.order_by("pk")]


def days_without_policy(on: dt.date) -> list[policies.Span]:
    """The runs of days, on ``on`` or later, on which no signed policy holds although an earlier one did."""
    spans = policies.line_of_time(signed_versions())
    return [one for one in spans if one.version is None and (one.to_on is None or one.to_on >= on)]


def rules_of(policy: Policy) -> policies.Policy:
    """The parsed text."""
    return parsed(policy.text)


@lru_cache(maxsize=KEPT)
def parsed(text: str) -> policies.Policy:
    """A text that was found sound before, signed or a draft."""
    return policies.parse(text)


def recognitions_on(on: dt.date) -> dict[str, policies.Recognition]:
    """Code → what the policy in force says a kind of training is worth."""
    policy = policy_in_force(on)
    return {one.code: one for one in rules_of(policy).recognitions} if policy else {}


class Recognitions:
    """The tables of recognition on many days, each looked up once; ``exist`` says whether any signed policy has one."""

    def __init__(self) -> None:
        self._on: dict[dt.date, tuple[policies.Recognition, ...]] = {}

    def on(self, day: dt.date) -> tuple[policies.Recognition, ...]:
        if day not in self._on:
            policy = policy_in_force(day)
            self._on[day] = rules_of(policy).recognitions if policy else ()
        return self._on[day]

    @staticmethod
    def exist() -> bool:
        return any(parsed(text).recognitions for text in Policy.objects.values_list("text", flat=True))


def rule_titles(policy: Policy | None) -> dict[str, str]:
    """Code → what the rules of a version are called; nothing without one."""
    return titles_of(rules_of(policy)) if policy else {}


def titles_of(read: policies.Policy) -> dict[str, str]:
    """Code → what its rules are called, in document order; several rules of one code share what their titles begin with."""
    titles: dict[str, list[str]] = {}
    for rule in read.rules:
        titles.setdefault(rule.code, []).append(rule.title or rule.code)
    return {code: _shared(held) for code, held in titles.items()}


def _shared(titles: list[str]) -> str:
    """What all begin with, without an opening bracket at the end; the first one where they share nothing."""
    start = titles[0]
    while not all(title.startswith(start) for title in titles):
        start = start[:-1]
    return start.rstrip("（( ") or titles[0]
