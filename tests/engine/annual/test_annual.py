"""Quarters, seats, sums and execution of an annual plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.annual.execution import Execution, Run, execution_of
from zhixing.engine.annual.seats import deal, sizes, total_of
from zhixing.engine.annual.sums import Line, Sums, rules_from, sums_of
from zhixing.engine.annual.terms import after_notice, days_of, first_days, term_of
from zhixing.engine.plan.rules import Rule
from zhixing.engine.plan.rules_reading import parse_rules
from zhixing.engine.proportion import by_largest_remainder
from zhixing.engine.workdays import Workdays

PRODUCT = parse_rules((Path(__file__).parents[3] / "policies" / "plan.toml").read_text(encoding="utf-8"))
IN_FORCE = rules_from({}, PRODUCT)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))


class TestTerms:
    @given(DAYS)
    def test_every_day_lies_in_the_days_of_its_quarter(self, day: dt.date) -> None:
        first, last = days_of(day.year, term_of(day))
        assert first <= day <= last

    def test_the_last_quarter_ends_with_the_year(self) -> None:
        assert days_of(2027, 4) == (dt.date(2027, 10, 1), dt.date(2027, 12, 31))

    def test_fifteen_working_days_lie_between_the_notice_and_the_class(self) -> None:
        assert after_notice(dt.date(2026, 11, 30), 15) == dt.date(2026, 12, 22)
        assert after_notice(dt.date(2026, 11, 30), 15, Workdays(off=frozenset({dt.date(2026, 12, 4)}))) == dt.date(
            2026, 12, 23
        )

    @given(st.integers(1, 4), st.integers(1, 60), st.integers(1, 12), DAYS)
    def test_runs_begin_on_working_days_within_the_quarter_and_the_notice(
        self, term: int, days: int, runs: int, not_before: dt.date
    ) -> None:
        year = not_before.year
        found = first_days(year, term, days=days, runs=runs, not_before=not_before)
        first, last = days_of(year, term)
        assert len(found) in (0, runs)
        assert found == sorted(found)
        for day in found:
            assert day.weekday() < 5
            assert max(first, not_before) <= day
            assert day + dt.timedelta(days=days - 1) <= last

    def test_runs_are_spread_over_the_mondays(self) -> None:
        days = first_days(2027, 2, days=5, runs=3, not_before=dt.date(2027, 1, 1))
        assert days == [dt.date(2027, 4, 19), dt.date(2027, 5, 17), dt.date(2027, 6, 14)]

    def test_where_the_quarter_is_over_no_day_is_left(self) -> None:
        assert first_days(2027, 1, days=5, runs=2, not_before=dt.date(2027, 4, 1)) == []

    def test_holidays_are_no_first_days(self) -> None:
        may = [dt.date(2027, 5, 3) + dt.timedelta(days=n) for n in range(5)]
        found = first_days(
            2027, 2, days=1, runs=50, not_before=dt.date(2027, 4, 1), workdays=Workdays(off=frozenset(may))
        )
        assert not set(may) & set(found)


WEIGHTS = st.dictionaries(st.integers(0, 40), st.integers(0, 3000), min_size=1, max_size=15)


class TestSeats:
    @given(st.integers(0, 500), WEIGHTS)
    def test_seats_follow_people_to_within_one(self, total: int, weights: dict[int, int]) -> None:
        given_ = by_largest_remainder(total, weights)
        whole = sum(weights.values())
        assert sum(given_.values()) == (total if whole else 0)
        for key, weight in weights.items():
            assert not whole or abs(given_[key] - Fraction(total * weight, whole)) < 1

    @given(st.dictionaries(st.integers(0, 20), st.integers(0, 90), min_size=1), st.integers(1, 9))
    def test_dealing_gives_each_run_and_each_unit_even_shares(self, seats: dict[int, int], runs: int) -> None:
        dealt = deal(seats, runs)
        assert total_of(dealt) == sum(seats.values())
        assert [sum(run.values()) for run in dealt] == sizes(sum(seats.values()), runs)
        for key, count in seats.items():
            of_unit = [run[key] for run in dealt]
            assert sum(of_unit) == count
            assert max(of_unit) - min(of_unit) <= 1

    def test_the_largest_remainder_gets_what_is_left(self) -> None:
        assert by_largest_remainder(10, {"a": 47, "b": 16, "c": 37}) == {"a": 5, "b": 1, "c": 4}


LINE = Line(
    number=1, kind="main", rank_group="county", runs=2, people=80, days=5, tenths=400, budget=16_000_000,
    content={"theory": 200, "party_spirit": 80, "ability": 120}, methods={"lecture": 280, "case": 120}, leaders=80,
)  # fmt: skip


def check(sums: Sums, rule: Rule) -> tuple[Fraction | None, bool | None]:
    found = next(one for one in sums.checks if one.rule == rule)
    return found.value, found.keeps


class TestSums:
    def test_a_plan_on_the_edge_of_every_share_keeps_the_rules(self) -> None:
        sums = sums_of([LINE], 16_000_000, IN_FORCE)
        assert (sums.runs, sums.people, sums.person_days, sums.budget) == (2, 80, 400, 16_000_000)
        assert sums.broken == ()
        assert check(sums, Rule.THEORY_SHARE) == (70, True)
        assert check(sums, Rule.PARTY_SPIRIT_SHARE) == (20, True)
        assert check(sums, Rule.INTERACTIVE_SHARE) == (30, True)
        assert check(sums, Rule.LEADERS_SHARE) == (20, True)

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"content": {"theory": 199, "party_spirit": 80, "ability": 121}}, Rule.THEORY_SHARE),
            ({"content": {"theory": 201, "party_spirit": 79, "ability": 120}}, Rule.PARTY_SPIRIT_SHARE),
            ({"methods": {"lecture": 281, "case": 119}}, Rule.INTERACTIVE_SHARE),
            ({"methods": {"lecture": 200, "online": 81, "case": 119}}, Rule.INTERACTIVE_SHARE),
            ({"leaders": 79}, Rule.LEADERS_SHARE),
            ({"budget": 16_000_001}, Rule.MONEY),
            ({"kind": "business", "days": 6}, Rule.BUSINESS_DAYS),
            ({"people": 10}, Rule.FEE_CEILING),
        ],
    )
    def test_one_step_beyond_breaks_just_that_rule(self, change: dict[str, object], rule: Rule) -> None:
        sums = sums_of([replace(LINE, **change)], 16_000_000, IN_FORCE)  # type: ignore[arg-type]
        assert [one.rule for one in sums.broken] == [rule]

    def test_runs_weigh_in_a_share(self) -> None:
        other = replace(LINE, number=2, runs=1, content={"ability": 400})
        assert check(sums_of([LINE, other], 0, IN_FORCE), Rule.THEORY_SHARE)[0] == Fraction(140, 3)

    def test_hours_that_say_nothing_are_left_out_and_named(self) -> None:
        silent = replace(LINE, number=7, content={}, methods={})
        found = {one.rule: one for one in sums_of([LINE, silent], 0, IN_FORCE).checks}
        assert found[Rule.THEORY_SHARE].value == 70
        assert found[Rule.THEORY_SHARE].lines == (7,)
        assert check(sums_of([silent], 0, IN_FORCE), Rule.LEADERS_SHARE) == (None, None)

    def test_special_classes_are_outside_the_shares(self) -> None:
        special = replace(LINE, kind="special", content={"ability": 400})
        assert check(sums_of([special], 0, IN_FORCE), Rule.THEORY_SHARE) == (None, None)

    def test_an_empty_plan_breaks_nothing(self) -> None:
        assert sums_of([], 0, IN_FORCE).broken == ()

    def test_the_rules_of_a_plan_stand_over_those_in_force(self) -> None:
        rules = rules_from(
            {"shares": {"theory_share": 60, "unknown": 5}, "notice_days": 10, "fees": {"county": 1}}, PRODUCT
        )
        assert rules.shares[Rule.THEORY_SHARE] == 60
        assert rules.shares[Rule.LEADERS_SHARE] == 20
        assert (rules.notice_days, rules.business_days) == (10, 5)
        assert check(sums_of([LINE], 0, rules), Rule.FEE_CEILING)[1] is False


TODAY = dt.date(2027, 5, 10)


def run(state: str, first: str, last: str) -> Run:
    return Run(state, dt.date.fromisoformat(first), dt.date.fromisoformat(last))


HELD = run("held", "2027-04-05", "2027-04-09")
CALLED = run("called", "2027-06-07", "2027-06-11")


@pytest.mark.parametrize(
    ("runs", "made", "expected"),
    [
        (2, [], Execution.PLANNED),
        (1, [CALLED], Execution.PLANNED),
        (1, [run("called", "2027-05-10", "2027-05-14")], Execution.RUNNING),
        (1, [run("running", "2027-05-03", "2027-05-28")], Execution.RUNNING),
        (2, [HELD, CALLED], Execution.RUNNING),
        (1, [HELD], Execution.HELD),
        (2, [HELD, run("cancelled", "2027-06-07", "2027-06-11")], Execution.HELD),
        (1, [run("cancelled", "2027-06-07", "2027-06-11")], Execution.CANCELLED),
        (1, [run("open", "2027-05-10", "2027-05-14")], Execution.LATE),
        (1, [run("called", "2027-05-03", "2027-05-07")], Execution.RUNNING),
        (1, [run("open", "2027-07-05", "2027-07-09")], Execution.LATE),
    ],
)
def test_execution_is_told_from_the_class_runs(runs: int, made: list[Run], expected: Execution) -> None:
    facts = {"year": 2027, "term": 2, "days": 5, "struck": False, "today": TODAY, "notice": 15}
    assert execution_of(runs=runs, made=made, **facts) == expected  # type: ignore[arg-type]


def test_a_missing_run_is_late_from_the_day_on_which_notice_no_longer_fits() -> None:
    facts = {"year": 2027, "term": 2, "days": 5, "struck": False, "runs": 1, "made": [], "notice": 15}
    assert execution_of(today=dt.date(2027, 6, 3), **facts) == Execution.PLANNED  # type: ignore[arg-type]
    assert execution_of(today=dt.date(2027, 6, 4), **facts) == Execution.LATE  # type: ignore[arg-type]


def test_a_line_struck_out_is_cancelled() -> None:
    facts = {"year": 2027, "term": 2, "days": 5, "runs": 1, "made": [HELD], "today": TODAY, "notice": 15}
    assert execution_of(struck=True, **facts) == Execution.CANCELLED  # type: ignore[arg-type]
