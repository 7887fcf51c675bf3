"""What a policy may ask beside plain hours in plain windows; each number can be checked by hand, each case also ran in bulk."""

from __future__ import annotations

import pytest

from tests.engine.obligations.ledgers import (
    COUNTY,
    SECTION,
    credit,
    day,
    exemption,
    person,
    policy,
    posting,
    rule,
    stand,
    stand_alone,
    tables,
)
from zhixing.engine.obligations.answers import Standing, State, WhyNotOwed
from zhixing.engine.obligations.bulk import bulk
from zhixing.engine.obligations.inputs import Fault, InputError
from zhixing.engine.obligations.standing import explain
from zhixing.engine.policies import Carry, Channel, Exempt, Minimum, WindowKind

ON = "2026-06-30"
INITIAL = rule("initial", window=WindowKind.FIRST_YEAR, window_days=365, tenths=900, ranks=(SECTION, "试用期"))
POST = rule("post", window=WindowKind.AFTER_APPOINTMENT, window_days=365, tenths=1125, ranks=(SECTION, COUNTY))
THEORY = Minimum((Channel.OFFJOB, Channel.STUDY_GROUP), ("theory", "party_spirit"), share=70)


def numbers(found: Standing) -> tuple[int, int, int, State]:
    return found.required_tenths, found.counted_tenths, found.missing_tenths, found.state


class TestInitialTraining:
    def test_its_window_runs_from_the_day_of_joining_for_the_days_of_the_rule(self) -> None:
        one = stand_alone(person(joined_on="2026-03-01"), policy(INITIAL), ON)
        assert (one.window_opens, one.window_closes) == (day("2026-03-01"), day("2027-02-28"))

    def test_it_holds_while_the_window_runs_and_afterwards_until_it_is_met(self) -> None:
        done = person(credit(1, "2025-05-01", 900), joined_on="2025-03-01")
        assert stand_alone(done, policy(INITIAL), "2025-12-31").state == State.MET
        assert stand(done, policy(INITIAL), "2026-03-01") == []
        assert stand_alone(person(joined_on="2025-03-01"), policy(INITIAL), "2026-03-01").state == State.OVERDUE

    def test_who_joined_before_the_rule_was_law_owes_nothing(self) -> None:
        since = rule("initial", window=WindowKind.FIRST_YEAR, window_days=365, since=day("2026-01-01"))
        assert stand(person(joined_on="2025-12-31"), policy(since), ON) == []
        assert len(stand(person(joined_on="2026-01-01"), policy(since), ON)) == 1

    def test_a_leap_day_is_a_day_like_any_other(self) -> None:
        assert stand_alone(person(joined_on="2024-02-29"), policy(INITIAL), "2024-03-31").window_closes == day(
            "2025-02-27"
        )


class TestTrainingForAPost:
    def test_its_window_runs_from_the_first_day_in_the_rank_whatever_posts_follow(self) -> None:
        moved = person(
            posting("2020-01-01", "2026-01-31"),
            posting("2026-02-01", "2026-04-30", COUNTY),
            posting("2026-05-01", None, COUNTY),
        )
        one = stand_alone(moved, policy(POST), ON)
        assert (one.window_opens, one.window_closes) == (day("2026-02-01"), day("2027-01-31"))

    def test_a_second_post_held_beside_the_principal_one_is_no_appointment(self) -> None:
        beside = person(posting("2026-01-01"), posting("2025-01-01", None, SECTION, is_principal=False))
        assert stand_alone(beside, policy(POST), ON).window_opens == day("2026-01-01")

    def test_hours_of_the_days_before_count_where_the_rule_says_so(self) -> None:
        early = rule("post", window=WindowKind.AFTER_APPOINTMENT, window_days=365, before_days=90, ranks=(COUNTY,))
        facts = person(posting("2026-02-01", None, COUNTY), credit(1, "2025-11-03", 300), credit(2, "2025-11-02", 300))
        one = stand_alone(facts, policy(early), ON)
        assert (one.window_opens, one.counted_tenths) == (day("2025-11-03"), 300)


class TestMinimums:
    def test_enough_hours_are_not_enough_while_a_share_of_them_is_missing(self) -> None:
        facts = person(credit(1, "2026-02-01", 600, content="theory"), credit(2, "2026-03-01", 400, content="ability"))
        assert numbers(stand_alone(facts, policy(rule(minimums=(THEORY,))), ON)) == (900, 1000, 30, State.ON_TRACK)
        assert stand_alone(facts, policy(rule(minimums=(THEORY,))), "2026-12-31").state == State.OVERDUE

    def test_a_share_of_what_counts_asks_for_so_much_that_the_share_is_reached(self) -> None:
        share = Minimum((Channel.OFFJOB, Channel.STUDY_GROUP), ("theory",), share=70, of_counted=True)
        facts = person(credit(1, "2026-02-01", 600, content="theory"), credit(2, "2026-03-01", 400, content="ability"))
        lacking = stand_alone(facts, policy(rule(minimums=(share,))), ON).missing_tenths
        assert lacking == 334  # 934 of 1334 are just over 70 %, 933 of 1333 just under
        cured = person(*facts.credits, credit(3, "2026-04-01", lacking, content="theory"))
        assert stand_alone(cured, policy(rule(minimums=(share,))), ON).state == State.MET

    def test_hours_of_one_channel_shrink_with_the_days_that_are_owed(self) -> None:
        online = Minimum((Channel.ONLINE,), tenths=500)
        half = rule(channels=(Channel.OFFJOB, Channel.ONLINE), minimums=(online,))
        facts = person(credit(1, "2026-02-01", 900), exemption("2026-01-01", "2026-07-01"))  # 183 of 365 days are owed
        assert numbers(stand_alone(facts, policy(half), "2026-12-31")) == (452, 900, 251, State.OVERDUE)

    def test_who_owes_nothing_lacks_no_share_either(self) -> None:
        facts = person(credit(1, "2026-02-01", 100, content="ability"), exemption("2026-01-01", "2026-12-31"))
        share = Minimum((Channel.OFFJOB,), ("theory",), share=70, of_counted=True)
        assert numbers(stand_alone(facts, policy(rule(minimums=(share,))), ON)) == (0, 100, 0, State.EXEMPT)

    def test_what_a_cap_takes_away_is_taken_from_other_contents_first(self) -> None:
        capped = rule(caps={Channel.OFFJOB: 700}, minimums=(THEORY,))
        facts = person(credit(1, "2026-02-01", 600, content="theory"), credit(2, "2026-03-01", 600, content="ability"))
        [one] = explain(facts, policy(capped), day(ON))
        assert [(m.held, m.missing) for m in one.minimums] == [(600, 30)]
        assert stand_alone(facts, policy(capped), ON).capped_tenths == 500

    def test_the_pace_is_held_against_what_is_missing_most(self) -> None:
        facts = person(credit(1, "2026-02-01", 890, content="ability"))
        assert numbers(stand_alone(facts, policy(rule(minimums=(THEORY,))), ON)) == (900, 890, 630, State.SHORT)


class TestCarryOver:
    CARRIES = rule(carry=Carry(200, (Channel.OFFJOB,)))

    def test_a_surplus_counts_in_the_next_window_up_to_the_limit(self) -> None:
        facts = person(credit(1, "2025-03-01", 1300))
        assert numbers(stand_alone(facts, policy(self.CARRIES), ON)) == (900, 200, 700, State.SHORT)

    def test_it_is_carried_once_and_then_lapses(self) -> None:
        facts = person(credit(1, "2024-03-01", 1300), credit(2, "2025-03-01", 900))
        assert stand_alone(facts, policy(self.CARRIES), ON).counted_tenths == 0

    def test_only_hours_of_its_channels_and_contents_are_carried(self) -> None:
        about = rule(carry=Carry(900, (Channel.OFFJOB,), ("theory",)))
        facts = person(
            credit(1, "2025-03-01", 150, content="theory"),
            credit(2, "2025-03-02", 500, content="ability"),
            credit(3, "2025-03-03", 900, "study_group", content="theory"),
        )
        assert stand_alone(facts, policy(about), ON).counted_tenths == 150

    def test_it_serves_a_minimum_only_where_all_of_it_surely_belongs_there(self) -> None:
        theory = Carry(900, (Channel.OFFJOB,), ("theory",))
        facts = person(credit(1, "2025-03-01", 1000, content="theory"))
        for carry, held in ((theory, 100), (Carry(900, (Channel.OFFJOB,)), 0)):
            of = policy(rule(carry=carry, minimums=(THEORY,)))
            stand(facts, of, ON)
            [one] = explain(facts, of, day(ON))
            assert [minimum.held for minimum in one.minimums] == [held]

    def test_days_not_owed_in_the_window_before_leave_more_over(self) -> None:
        facts = person(credit(1, "2025-03-01", 900), exemption("2025-01-01", "2025-01-31"))
        assert stand_alone(facts, policy(self.CARRIES), ON).counted_tenths == 76  # 900 − ⌈900 × 334 ÷ 365⌉

    def test_five_years_are_carried_into_the_next_five(self) -> None:
        block = rule(window=WindowKind.FIVE_YEARS, block_start=2023, carry=Carry(200, (Channel.OFFJOB,)))
        assert stand_alone(person(credit(1, "2022-12-31", 1000)), policy(block), ON).counted_tenths == 100


class TestExemptByRule:
    @pytest.mark.parametrize(
        ("clause", "joined", "left", "is_exempt"),
        [
            (Exempt("刚参加工作", joined_last_days=185), "2026-07-01", "", True),
            (Exempt("刚参加工作", joined_last_days=184), "2026-07-01", "", False),
            (Exempt("即将退休", leaving=True), "", "2026-12-31", True),
            (Exempt("即将退休", leaving=True), "", "2027-01-01", False),
            (Exempt("另有规定", ranks=(SECTION,)), "", "", True),
            (Exempt("另有规定", ranks=(COUNTY,)), "", "", False),
        ],
    )
    def test_a_clause_spares_whom_it_names(self, clause: Exempt, joined: str, left: str, is_exempt: bool) -> None:
        facts = person(posting("2026-07-01"), joined_on=joined, left_on=left)
        of = policy(rule(ranks=(SECTION, COUNTY), exempt=(clause,)))
        assert (stand_alone(facts, of, "2026-07-31").state == State.EXEMPT) == is_exempt

    def test_the_explanation_says_why_in_the_words_of_the_policy(self) -> None:
        of = policy(rule(exempt=(Exempt("驻外", ranks=("不相干",)), Exempt("即将退休", leaving=True))))
        [one] = explain(person(left_on="2026-09-30"), of, day(ON))
        assert [(run.why, run.clause, run.days) for run in one.not_owed] == [
            (WhyNotOwed.EXEMPT_BY_RULE, "即将退休", 365)
        ]


def test_a_policy_that_asks_for_contents_wants_their_column() -> None:
    held = tables([person()])
    held["credits"] = held["credits"].drop_columns(["content"])
    assert bulk(**held, policy=policy(), on=day(ON)).num_rows == 1
    with pytest.raises(InputError) as refused:
        bulk(**held, policy=policy(rule(minimums=(THEORY,))), on=day(ON))
    assert [(p.table, p.column, p.fault) for p in refused.value.problems] == [
        ("credits", "content", Fault.MISSING_COLUMN)
    ]
