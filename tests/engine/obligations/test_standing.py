"""Golden cases computed by hand, by the clauses of formats.md §2; ``stand`` asks the bulk computation as well."""

from __future__ import annotations

import pytest

from tests.engine.obligations.ledgers import (
    COUNTY,
    SECTION,
    credit,
    day,
    exemption,
    moment,
    person,
    policy,
    posting,
    rule,
    stand,
    stand_alone,
)
from zhixing.engine.obligations.answers import (
    ChannelSum,
    NotCounted,
    NotOwed,
    State,
    WhyNotCounted,
    WhyNotOwed,
)
from zhixing.engine.obligations.standing import explain
from zhixing.engine.policies import Channel, WindowKind

ROLLING = rule("rolling", window=WindowKind.ROLLING_FIVE_YEARS)
PROMOTED = rule("new-post", window=WindowKind.AFTER_PROMOTION)


class TestClause1WhatIsKnown:
    def test_an_entry_recorded_at_the_very_moment_exists_and_one_a_second_later_does_not(self) -> None:
        facts = person(
            credit(1, "2026-03-01", 100, recorded_at="2026-05-01T12:00:00"),
            credit(2, "2026-03-01", 200, recorded_at="2026-05-01T12:00:01"),
        )
        assert stand_alone(facts, policy(), "2026-06-30", known_on="2026-05-01T12:00:00").counted_tenths == 100
        assert stand_alone(facts, policy(), "2026-06-30").counted_tenths == 300

    def test_a_reversed_entry_and_its_reversal_count_for_nothing(self) -> None:
        facts = person(
            credit(1, "2026-03-01", 100), credit(2, "2026-03-02", 100, reverses=1), credit(3, "2026-03-03", 7)
        )
        assert stand_alone(facts, policy(), "2026-06-30").counted_tenths == 7

    def test_a_reversal_that_is_not_yet_known_reverses_nothing(self) -> None:
        facts = person(
            credit(1, "2026-03-01", 100), credit(2, "2026-03-01", 100, reverses=1, recorded_at="2026-08-01T09:00:00")
        )
        assert stand_alone(facts, policy(), "2026-12-01", known_on="2026-07-31").counted_tenths == 100
        assert stand_alone(facts, policy(), "2026-12-01", known_on="2026-08-01T09:00:00").counted_tenths == 0

    def test_a_reversal_stays_in_force_although_it_is_itself_reversed(self) -> None:
        facts = person(
            credit(1, "2026-03-01", 100),
            credit(2, "2026-03-01", 100, reverses=1),
            credit(3, "2026-03-01", 100, reverses=2),
        )
        assert stand_alone(facts, policy(), "2026-06-30").counted_tenths == 0

    def test_an_exemption_that_is_not_yet_known_excuses_nothing(self) -> None:
        facts = person(exemption("2026-01-01", "2026-12-31", recorded_at="2026-06-01"))
        assert stand_alone(facts, policy(), "2026-06-30", known_on="2026-05-31").state == State.SHORT
        assert stand_alone(facts, policy(), "2026-06-30", known_on="2026-06-01").state == State.EXEMPT


class TestClause2WhichRule:
    def test_the_first_rule_of_a_code_that_holds_the_rank_is_taken_and_each_code_has_one(self) -> None:
        of = policy(
            rule("a", ranks=(COUNTY,), tenths=1),
            rule("a", ranks=(COUNTY, SECTION), tenths=2),
            rule("a", tenths=3),
            rule("b", tenths=4),
        )
        assert [(s.rule, s.required_tenths) for s in stand(person(), of, "2026-06-30")] == [("a", 2), ("b", 4)]

    def test_a_rank_that_no_rule_names_owes_nothing(self) -> None:
        assert stand(person(posting(rank="试用期")), policy(), "2026-06-30") == []

    @pytest.mark.parametrize(
        ("joined_on", "left_on", "rows"),
        [
            ("2026-06-30", "", 1),
            ("2026-07-01", "", 0),
            ("", "2026-06-30", 1),
            ("", "2026-06-29", 0),
        ],
        ids=["joins that day", "joins the day after", "last day of service", "left the day before"],
    )
    def test_only_who_serves_on_the_day_has_a_row(self, joined_on: str, left_on: str, rows: int) -> None:
        assert len(stand(person(joined_on=joined_on, left_on=left_on), policy(), "2026-06-30")) == rows

    @pytest.mark.parametrize(
        ("held", "rows"),
        [
            (posting("2026-06-30"), 1),
            (posting("2026-07-01"), 0),
            (posting("2020-01-01", "2026-06-30"), 1),
            (posting("2020-01-01", "2026-06-29"), 0),
            (posting(is_principal=False), 0),
        ],
        ids=["begins that day", "begins the day after", "ends that day", "ended the day before", "is a second post"],
    )
    def test_only_a_principal_posting_in_force_gives_a_rank(self, held: object, rows: int) -> None:
        assert len(stand(person(held), policy(), "2026-06-30")) == rows  # type: ignore[arg-type]

    def test_of_several_principal_postings_the_one_that_began_last_holds(self) -> None:
        of = policy(rule("a", ranks=(SECTION,)), rule("b", ranks=(COUNTY,)))
        both = person(posting("2024-01-01", unit_id=1), posting("2025-01-01", rank=COUNTY, unit_id=2))
        assert stand_alone(both, of, "2026-06-30").rule == "b"

    def test_of_those_begun_on_one_day_the_smaller_unit_holds(self) -> None:
        of = policy(rule("a", ranks=(SECTION,)), rule("b", ranks=(COUNTY,)))
        for section, county, held in ((3, 8, "a"), (8, 3, "b")):
            both = person(posting("2025-01-01", rank=COUNTY, unit_id=county), posting("2025-01-01", unit_id=section))
            assert stand_alone(both, of, "2026-06-30").rule == held

    def test_even_two_ranks_in_one_unit_from_one_day_give_the_same_answer_in_either_order(self) -> None:
        of = policy(rule("a", ranks=(SECTION,)), rule("b", ranks=(COUNTY,)))
        twice = [posting("2025-01-01", rank=COUNTY), posting("2025-01-01")]
        assert stand(person(*twice), of, "2026-06-30") == stand(person(*reversed(twice)), of, "2026-06-30")


class TestClause3Windows:
    def test_the_year_is_the_calendar_year(self) -> None:
        one = stand_alone(person(), policy(), "2024-02-29")
        assert (one.window_opens, one.window_closes) == (day("2024-01-01"), day("2024-12-31"))

    def test_blocks_of_five_years_are_counted_from_their_start(self) -> None:
        of = policy(rule("block", window=WindowKind.FIVE_YEARS, block_start=2023))
        assert stand_alone(person(), of, "2027-12-31").window_opens == day("2023-01-01")
        assert stand_alone(person(), of, "2028-01-01").window_closes == day("2032-12-31")

    def test_a_rolling_window_ends_on_the_day_and_is_never_short(self) -> None:
        one = stand_alone(person(credit(1, "2021-11-24", 1), credit(2, "2021-11-23", 5)), policy(ROLLING), "2026-11-23")
        assert (one.window_opens, one.window_closes) == (day("2021-11-24"), day("2026-11-23"))
        assert (one.counted_tenths, one.state) == (1, State.OVERDUE)

    def test_a_rolling_window_that_ends_on_29_february_opens_on_1_march(self) -> None:
        assert stand_alone(person(), policy(ROLLING), "2024-02-29").window_opens == day("2019-03-01")

    def test_a_promotion_opens_a_year_that_closes_the_day_before(self) -> None:
        one = stand_alone(person(posting("2026-03-15", promoted=True)), policy(PROMOTED), "2026-06-30")
        assert (one.window_opens, one.window_closes) == (day("2026-03-15"), day("2027-03-14"))

    def test_a_promotion_on_29_february_closes_on_27_february(self) -> None:
        one = stand_alone(person(posting("2024-02-29", promoted=True)), policy(PROMOTED), "2024-12-31")
        assert one.window_closes == day("2025-02-27")

    @pytest.mark.parametrize(("days", "closes"), [(365, "2025-02-27"), (366, "2025-02-28"), (730, "2026-02-27")])
    def test_a_rule_may_name_its_own_days_after_a_promotion(self, days: int, closes: str) -> None:
        of = policy(rule("new-post", window=WindowKind.AFTER_PROMOTION, window_days=days))
        one = stand_alone(person(posting("2024-02-29", promoted=True)), of, "2024-12-31")
        assert (one.window_opens, one.window_closes) == (day("2024-02-29"), day(closes))

    def test_without_a_promotion_begun_by_then_there_is_no_row(self) -> None:
        later = person(posting(), posting("2026-07-01", rank=COUNTY, promoted=True))
        assert stand(later, policy(PROMOTED), "2026-06-30") == []

    def test_the_latest_promotion_counts_also_of_a_second_post_that_has_ended(self) -> None:
        facts = person(
            posting("2024-01-01", promoted=True),
            posting("2026-01-10", "2026-02-10", is_principal=False, promoted=True),
        )
        assert stand_alone(facts, policy(PROMOTED), "2026-06-30").window_opens == day("2026-01-10")

    def test_a_duty_unmet_after_its_window_stays_overdue_and_later_credits_do_not_mend_it(self) -> None:
        facts = person(posting("2024-05-01", promoted=True), credit(1, "2025-04-30", 400), credit(2, "2025-05-01", 500))
        one = stand_alone(facts, policy(PROMOTED), "2026-06-30")
        assert (one.counted_tenths, one.missing_tenths, one.state) == (400, 500, State.OVERDUE)

    def test_a_duty_met_has_a_row_on_the_last_day_of_its_window_and_none_after(self) -> None:
        facts = person(posting("2025-05-01", promoted=True), credit(1, "2025-06-01", 900))
        assert stand_alone(facts, policy(PROMOTED), "2026-04-30").state == State.MET
        assert stand(facts, policy(PROMOTED), "2026-05-01") == []

    def test_a_duty_exempt_after_its_window_has_no_row(self) -> None:
        facts = person(posting("2024-05-01", promoted=True), exemption("2024-05-01", "2025-04-30", "new-post"))
        assert stand(facts, policy(PROMOTED), "2026-06-30") == []

    def test_a_promotion_whose_year_ended_before_joining_asks_nothing_where_joining_counts(self) -> None:
        facts = person(posting("2024-05-01", promoted=True), joined_on="2025-09-01")
        of = policy(rule("new-post", window=WindowKind.AFTER_PROMOTION, prorate_join=True))
        assert stand(facts, of, "2026-06-30") == []


class TestClause4WhatCounts:
    def test_the_first_and_last_day_of_the_window_count_and_the_days_beside_it_do_not(self) -> None:
        days = ["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"]
        facts = person(*(credit(n, earned, 10**n) for n, earned in enumerate(days)))
        assert stand_alone(facts, policy(), "2026-12-31").counted_tenths == 110

    def test_what_is_earned_after_the_day_does_not_count_yet(self) -> None:
        facts = person(credit(1, "2026-06-30", 3), credit(2, "2026-07-01", 5, recorded_at="2026-01-01"))
        assert stand_alone(facts, policy(), "2026-06-30").counted_tenths == 3

    def test_a_channel_outside_the_rule_counts_for_nothing_not_even_as_capped(self) -> None:
        one = stand_alone(person(credit(1, "2026-03-01", 50, "online")), policy(), "2026-06-30")
        assert (one.counted_tenths, one.capped_tenths) == (0, 0)

    def test_a_cap_limits_the_sum_of_its_channel(self) -> None:
        facts = person(
            credit(1, "2026-03-01", 200, "study_group"),
            credit(2, "2026-03-02", 190, "study_group"),
            credit(3, "2026-03-03", 500),
        )
        one = stand_alone(facts, policy(rule(caps={Channel.STUDY_GROUP: 240})), "2026-06-30")
        assert (one.counted_tenths, one.capped_tenths, one.missing_tenths) == (740, 150, 160)


class TestClause5WhatIsOwed:
    JOINING = rule(prorate_join=True)

    def test_who_joins_inside_the_window_owes_the_share_of_days_rounded_up(self) -> None:
        # 1 July to 31 December: 184 of 365 days; 900 × 184 ÷ 365 = 453.7
        assert stand_alone(person(joined_on="2026-07-01"), policy(self.JOINING), "2026-08-01").required_tenths == 454

    def test_a_leap_year_has_366_days(self) -> None:
        # 1 February to 31 December 2024: 335 of 366 days; 900 × 335 ÷ 366 = 823.8
        assert stand_alone(person(joined_on="2024-02-01"), policy(self.JOINING), "2024-08-01").required_tenths == 824

    def test_without_proration_joining_changes_nothing(self) -> None:
        assert stand_alone(person(joined_on="2026-07-01"), policy(), "2026-08-01").required_tenths == 900

    def test_who_joins_on_the_first_day_owes_all(self) -> None:
        assert stand_alone(person(joined_on="2026-01-01"), policy(self.JOINING), "2026-08-01").required_tenths == 900

    def test_a_share_that_is_whole_is_not_rounded_further_up(self) -> None:
        of = policy(rule(tenths=3650))
        assert stand_alone(person(exemption("2026-01-01", "2026-01-10")), of, "2026-08-01").required_tenths == 3550

    def test_days_covered_by_several_exemptions_shrink_the_requirement_once(self) -> None:
        # 1 March to 30 April: 61 days, and 1 June: 1 day; 900 × 303 ÷ 365 = 747.1
        facts = person(
            exemption("2026-03-20", "2026-04-30"),
            exemption("2026-03-01", "2026-03-31"),
            exemption("2026-03-05", "2026-03-06"),
            exemption("2026-06-01", "2026-06-01"),
        )
        assert stand_alone(facts, policy(), "2026-08-01").required_tenths == 748

    def test_both_reductions_are_taken_from_the_days_and_rounded_once(self) -> None:
        # 184 days from joining, less 31 exempt days in August: 153; 900 × 153 ÷ 365 = 377.3
        facts = person(
            exemption("2026-05-01", "2026-06-30"), exemption("2026-08-01", "2026-08-31"), joined_on="2026-07-01"
        )
        assert stand_alone(facts, policy(self.JOINING), "2026-09-01").required_tenths == 378

    def test_an_exemption_reaches_no_further_than_the_window_and_its_own_code(self) -> None:
        # 1 to 10 January lie inside; 900 × 355 ÷ 365 = 875.3
        facts = person(exemption("2025-06-01", "2026-01-10"), exemption("2026-02-01", "2026-12-31", "other"))
        assert stand_alone(facts, policy(), "2026-08-01").required_tenths == 876

    def test_a_requirement_of_zero_is_exempt_also_when_hours_were_earned(self) -> None:
        one = stand_alone(
            person(exemption("2026-01-01", "2026-12-31"), credit(1, "2026-02-01", 9)), policy(), "2026-12-31"
        )
        assert (one.required_tenths, one.counted_tenths, one.state) == (0, 9, State.EXEMPT)

    def test_one_owed_day_rounds_up_to_a_tenth(self) -> None:
        of = policy(rule(tenths=1))
        assert stand_alone(person(exemption("2026-01-01", "2026-12-30")), of, "2026-08-01").required_tenths == 1

    def test_an_exemption_that_ends_before_it_begins_excuses_nothing(self) -> None:
        assert stand_alone(person(exemption("2026-03-31", "2026-03-01")), policy(), "2026-08-01").required_tenths == 900

    def test_caps_are_not_prorated(self) -> None:
        facts = person(credit(1, "2026-07-02", 240, "study_group"), joined_on="2026-07-01")
        of = policy(rule(prorate_join=True, caps={Channel.STUDY_GROUP: 240}))
        assert stand_alone(facts, of, "2026-08-01").capped_tenths == 0


class TestClause6State:
    TWO_A_DAY = rule(tenths=730)  # 365 days in 2026

    @pytest.mark.parametrize(
        ("tenths", "state"), [(199, State.SHORT), (200, State.ON_TRACK), (729, State.ON_TRACK), (730, State.MET)]
    )
    def test_the_share_of_hours_is_held_against_the_share_of_days_with_the_day_itself(
        self, tenths: int, state: State
    ) -> None:
        # 10 April is the hundredth day
        assert stand_alone(person(credit(1, "2026-02-01", tenths)), policy(self.TWO_A_DAY), "2026-04-10").state == state

    def test_on_the_last_day_what_is_missing_is_overdue(self) -> None:
        facts = person(credit(1, "2026-02-01", 729))
        assert stand_alone(facts, policy(self.TWO_A_DAY), "2026-12-30").state == State.ON_TRACK
        assert stand_alone(facts, policy(self.TWO_A_DAY), "2026-12-31").state == State.OVERDUE

    def test_products_beyond_32_bits_stay_exact(self) -> None:
        most = 2**31 - 1
        of = policy(rule(window=WindowKind.FIVE_YEARS, block_start=2023, tenths=most))
        # 1 January 2023 to 31 December 2027: 1826 days, of which 30 June 2026 is the 1277th
        enough = -(-most * 1277 // 1826)
        assert stand_alone(person(credit(1, "2026-01-01", enough)), of, "2026-06-30").state == State.ON_TRACK
        assert stand_alone(person(credit(1, "2026-01-01", enough - 1)), of, "2026-06-30").state == State.SHORT
        excused = person(exemption("2023-01-01", "2023-01-01"))
        assert stand_alone(excused, of, "2026-06-30").required_tenths == -(-most * 1825 // 1826)


class TestExplanation:
    FACTS = person(
        credit(1, "2026-08-01", 300, "study_group"),
        credit(2, "2026-08-02", 500),
        credit(3, "2026-08-03", 100),
        credit(4, "2026-08-04", 100, reverses=3),
        credit(5, "2026-10-02", 100),
        credit(6, "2025-12-31", 100),
        credit(7, "2026-08-05", 100, "online"),
        credit(8, "2026-08-06", 100, recorded_at="2026-09-16"),
        exemption("2026-09-01", "2026-09-20"),
        exemption("2026-09-21", "2026-09-30"),
        exemption("2026-06-01", "2026-07-05"),
        joined_on="2026-07-01",
    )
    OF = policy(rule(prorate_join=True, caps={Channel.STUDY_GROUP: 240}))

    def test_it_gives_every_number_that_a_person_can_check_by_hand(self) -> None:
        [one] = explain(self.FACTS, self.OF, day("2026-10-01"), moment("2026-09-15"))
        assert (one.window_days, one.elapsed_days, one.owed_days) == (365, 274, 184 - 5 - 30)
        assert one.standing.required_tenths == 368  # 900 × 149 ÷ 365 = 367.4
        assert one.not_owed == (
            NotOwed(WhyNotOwed.BEFORE_JOINING, day("2026-01-01"), day("2026-06-30")),
            NotOwed(WhyNotOwed.EXEMPT, day("2026-07-01"), day("2026-07-05")),
            NotOwed(WhyNotOwed.EXEMPT, day("2026-09-01"), day("2026-09-30")),
        )
        assert one.channels == (ChannelSum(Channel.OFFJOB, 500, None), ChannelSum(Channel.STUDY_GROUP, 300, 240))
        assert [(channel.counted, channel.capped) for channel in one.channels] == [(500, 0), (240, 60)]
        assert one.counted_entries == (1, 2)
        assert one.rule is self.OF.rules[0]

    def test_it_says_of_each_entry_that_does_not_count_why(self) -> None:
        [one] = explain(self.FACTS, self.OF, day("2026-10-01"), moment("2026-09-15"))
        assert one.not_counted == (
            NotCounted(3, WhyNotCounted.REVERSED),
            NotCounted(4, WhyNotCounted.REVERSAL),
            NotCounted(5, WhyNotCounted.NOT_YET_KNOWN),
            NotCounted(6, WhyNotCounted.OUTSIDE_WINDOW),
            NotCounted(7, WhyNotCounted.CHANNEL_NOT_COUNTED),
            NotCounted(8, WhyNotCounted.NOT_YET_KNOWN),
        )
        [all_known] = explain(self.FACTS, self.OF, day("2026-10-01"))
        assert NotCounted(5, WhyNotCounted.AFTER_ON) in all_known.not_counted
        assert all_known.counted_entries == (1, 2, 8)

    def test_after_the_window_all_its_days_have_elapsed(self) -> None:
        facts = person(posting("2024-05-01", promoted=True))
        [one] = explain(facts, policy(PROMOTED), day("2026-06-30"))
        assert (one.window_days, one.elapsed_days) == (365, 365)
