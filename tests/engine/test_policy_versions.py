"""Policies on one line of time: which holds on which day, and on which days none does."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_policies import TEXT
from zhixing.engine.policies import Fault, Span, Version, compare_versions, gaps_around, line_of_time, parse

ONE_DAY = dt.timedelta(days=1)
FIRST = dt.date(2025, 1, 1)


def version(begins: str, ends: str = "", name: str = "", more: str = "") -> Version:
    text = TEXT.replace("in_force_from = 2026-01-01", f"in_force_from = {begins}{more}").replace(
        "city-2026", f"city-{begins}"
    )
    text = text.replace('basis = "条例"', f"in_force_to = {ends}") if ends else text
    return Version(name or begins, text, parse(text))


def said(spans: list[Span]) -> list[tuple[str, str, str]]:
    return [(span.version.name if span.version else "", str(span.from_on), str(span.to_on or "")) for span in spans]


def test_a_version_holds_until_its_end_or_until_the_next_begins_whatever_the_codes() -> None:
    signed = [version("2025-01-01"), version("2027-03-01", "2027-12-31"), version("2026-01-01", "2026-12-31")]
    assert said(line_of_time(signed)) == [
        ("2025-01-01", "2025-01-01", "2025-12-31"),
        ("2026-01-01", "2026-01-01", "2026-12-31"),
        ("", "2027-01-01", "2027-02-28"),
        ("2027-03-01", "2027-03-01", "2027-12-31"),
        ("", "2028-01-01", ""),
    ]


def test_of_two_that_begin_on_one_day_the_last_signed_holds() -> None:
    signed = [version("2026-01-01", name="first"), version("2026-01-01", name="second")]
    assert said(line_of_time(signed)) == [("second", "2026-01-01", "")]
    assert line_of_time([]) == []


days = st.integers(0, 20).map(lambda n: FIRST + n * ONE_DAY)


@given(st.lists(st.tuples(days, st.one_of(st.none(), st.integers(0, 8))), max_size=5))
def test_on_each_day_the_line_says_what_the_latest_to_begin_says(given_: list[tuple[dt.date, int | None]]) -> None:
    signed = [
        version(str(begins), str(begins + length * ONE_DAY) if length is not None else "", name=str(number))
        for number, (begins, length) in enumerate(given_)
    ]
    spans = line_of_time(signed)
    for day in (FIRST + n * ONE_DAY for n in range(40)):
        begun = [one for one in signed if one.policy.in_force_from <= day]
        latest = max(begun, key=lambda one: (one.policy.in_force_from, int(one.name)), default=None)
        holds = latest if latest and day <= (latest.policy.in_force_to or day) else None
        found = [span.version for span in spans if span.from_on <= day <= (span.to_on or day)]
        assert found == ([holds] if begun else [])


def test_the_days_beside_a_version_are_named_in_its_own_text() -> None:
    signed = [version("2025-01-01", "2025-06-30"), version("2027-01-01")]
    problems = list(gaps_around(version("2026-01-01", "2026-11-30", name="draft"), signed))
    assert [(p.name, p.line, p.key, p.fault, p.value) for p in problems] == [
        ("draft", 3, "policy.in_force_from", Fault.GAP, "2026-01-01"),
        ("draft", 4, "policy.in_force_to", Fault.GAP, "2026-11-30"),
    ]
    assert problems[0].mend == "no policy is in force from 2025-07-01 to 2025-12-31: begin on 2025-07-01"
    last = list(gaps_around(version("2028-01-01", "2028-12-31"), signed))
    assert [(p.key, p.fault) for p in last] == [("policy.in_force_to", Fault.NO_SUCCESSOR)]
    assert list(gaps_around(version("2025-07-01"), signed)) == []


def test_files_are_compared_over_all_codes_but_examples_are_never_in_force() -> None:
    this_year, next_year = version("2026-01-01", "2026-12-31"), version("2027-02-01")
    assert [p.fault for p in compare_versions([next_year, this_year])] == [Fault.GAP]
    example = version("2027-02-01", more="\nexample = true")
    assert list(compare_versions([this_year, example])) == []
