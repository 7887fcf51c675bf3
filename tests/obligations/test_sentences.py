"""The arithmetic of a standing, written out: golden sentences that a person can check with a pencil."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.utils import translation

from zhixing.engine.obligations.facts import Credit, Exemption, PersonFacts, Posting
from zhixing.engine.obligations.standing import explain
from zhixing.engine.policies import Channel, Measure, PolicyError, Recognition, parse
from zhixing.engine.policies.faults import Fault
from zhixing.obligations.sentences import (
    NOT_COUNTED,
    NOT_OWED,
    POLICY_FAULTS,
    WINDOWS,
    arithmetic,
    policy_problems,
    recognition_sentences,
    rule_sentences,
)

RULE = """
[policy]
code = "city"
in_force_from = 2026-01-01
[[rule]]
code = "annual"
title = "年度集中培训"
ranks = ["乡科级正职", "一级主任科员"]
window = "year"
hours = 90
channels = ["offjob", "online"]
caps = { online = 20 }
prorate = "join"
basis = "第七条"
"""
BLOCK = RULE.replace('window = "year"', 'window = "five_years"\nblock_start = 2023')
RECORDED = dt.datetime.fromisoformat("2026-03-01")


@pytest.fixture(autouse=True)
def _in_english() -> object:
    with translation.override("en"):
        yield


def lines(
    on: str,
    *credits: tuple[str, int, str],
    joined: str = "2010-01-01",
    exempt: tuple[str, str] | None = None,
    text: str = RULE,
) -> list[tuple[str, str, str]]:
    facts = PersonFacts(
        person_id=1,
        joined_on=dt.date.fromisoformat(joined),
        left_on=None,
        postings=(Posting(1, "乡科级正职", dt.date.fromisoformat(joined)),),
        credits=tuple(
            Credit(number, dt.date.fromisoformat(day), tenths, channel, RECORDED)
            for number, (day, tenths, channel) in enumerate(credits)
        ),
        exemptions=(Exemption("annual", *map(dt.date.fromisoformat, exempt), RECORDED),) if exempt else (),
    )
    day = dt.date.fromisoformat(on)
    (found,) = explain(facts, parse(text), day)
    return [tuple(line) for line in arithmetic(found, day)]  # type: ignore[misc]


def test_a_full_year_with_hours_over_the_cap() -> None:
    assert lines("2026-07-01", ("2026-03-06", 300, "offjob"), ("2026-04-01", 350, "online")) == [
        (
            "window",
            "2026-01-01 to 2026-12-31",
            "within the calendar year; 365 days, of which 182 are gone on 2026-07-01",
        ),
        ("required", "90", "the whole of the rule's 90"),
        ("counted", "50", "Full-time (off post) 30 + Online 20 (of 35, 15 are over the cap)"),
        ("missing", "40", "90 − 50"),
        ("pace", "on track", "by now 90 × 182 ÷ 365 = 44.9 are asked, 50 are counted"),
        ("basis", "第七条", ""),
    ]


def test_who_joined_in_the_year_and_was_away_owes_the_days_that_are_left() -> None:
    found = lines("2026-12-31", joined="2026-07-01", exempt=("2026-09-01", "2026-09-30"))
    assert found[1:5] == [
        ("required", "38", "90 × 154 days owed ÷ 365 days of the window, rounded up to a tenth"),
        ("days not owed", "181 days", "before joining, 2026-01-01 to 2026-06-30"),
        ("days not owed", "30 days", "exempt, 2026-09-01 to 2026-09-30"),
        ("counted", "0", "nothing yet"),
    ]
    assert found[5][:2] == ("missing", "38")
    assert "pace" not in [label for label, _value, _detail in found]


def test_behind_by_a_tenth_is_behind() -> None:
    assert lines("2026-07-01", ("2026-03-06", 448, "offjob"))[4] == (
        "pace",
        "behind",
        "by now 90 × 182 ÷ 365 = 44.9 are asked, 44.8 are counted",
    )
    assert lines("2026-07-01", ("2026-03-06", 449, "offjob"))[4][1] == "on track"


def test_a_duty_that_is_met_misses_nothing_and_needs_no_pace() -> None:
    found = lines("2026-07-01", ("2026-03-06", 900, "offjob"))
    assert found[3:] == [("missing", "0", ""), ("basis", "第七条", "")]


def test_a_block_of_five_years_counts_its_days() -> None:
    window, *_rest = lines("2026-07-01", text=BLOCK)
    assert window == (
        "window",
        "2023-01-01 to 2027-12-31",
        "within a fixed block of five years; 1,826 days, of which 1,278 are gone on 2026-07-01",
    )


def test_a_rule_says_who_owes_what() -> None:
    (rule,) = parse(BLOCK).rules
    assert [tuple(line) for line in rule_sentences(rule)] == [
        ("who", "乡科级正职, 一级主任科员", ""),
        ("how much", "90 hours within a fixed block of five years", ""),
        ("what counts", "Full-time (off post), Online (at most 20)", ""),
        ("blocks", "counted from 2023", ""),
        ("who joins inside the window", "owes the share of its days that is left", ""),
        ("basis", "第七条", ""),
    ]


def test_a_grace_after_promotion_in_days_is_said_in_days() -> None:
    said = {}
    for window in ('window = "after_promotion"', 'window = "after_promotion"\nwindow_days = 730'):
        (rule,) = parse(RULE.replace('window = "year"', window)).rules
        lines = {line.label: line.value for line in rule_sentences(rule)}
        said[rule.window_days] = (lines["how much"], lines.get("within"))
    assert said == {0: ("90 hours within a year of promotion", None), 730: ("90 hours after promotion", "730 days")}


def test_a_fault_names_its_place_and_the_words_that_would_do() -> None:
    with pytest.raises(PolicyError) as error:
        parse(RULE.replace('"year"', '"month"'), "city.toml")
    (problem,) = policy_problems(error.value)
    assert (problem.sheet, problem.row, problem.column, problem.value) == ("city.toml", 9, "rule[1].window", "month")
    assert (
        str(problem.mend)
        == "Use one of: year, five_years, rolling_five_years, after_promotion, first_year, after_appointment."
    )


def test_every_code_of_the_engine_has_its_words() -> None:
    from zhixing.engine.obligations.answers import WhyNotCounted, WhyNotOwed
    from zhixing.engine.policies import WindowKind

    assert set(POLICY_FAULTS) == set(Fault)
    assert set(NOT_COUNTED) == set(WhyNotCounted)
    assert set(NOT_OWED) == set(WhyNotOwed)
    assert set(WINDOWS) == set(WindowKind)


def test_what_a_rule_asks_beyond_hours_is_said_in_sentences() -> None:
    text = (
        RULE.replace("hours = 90", "days = 12\nhours_per_day = 7.5\ncarry = { hours = 20 }")
        + """
[[rule.minimum]]
contents = ["theory", "政治能力"]
share = 70
[[rule.exempt]]
leaving = true
why = "年内退休"
"""
    )
    said = {line.label: line.value for line in rule_sentences(parse(text).rules[0])}
    assert said["how much"] == "90 hours within the calendar year (12 days of training)"
    assert (
        said["of which at least"]
        == "70 % of what is required: theory education, 政治能力 (Full-time (off post), Online)"
    )
    assert said["carried over"].startswith(
        "what was earned over the requirement of the window before, at most 20 hours"
    )
    assert said["exempt"] == "who leaves the service in the window: 年内退休"
    with translation.override("zh-hans"):
        chinese = {line.label: line.value for line in rule_sentences(parse(text).rules[0])}
    assert chinese["要求"].endswith("（即 12 天培训）")


def test_limits_by_the_length_of_a_training_are_said_in_sentences() -> None:
    steps = ((1, Fraction(24)), (16, Fraction(48)))
    abroad = Recognition(
        "abroad", "出国（境）培训", Channel.OFFJOB, Measure.DAYS, Fraction(6), least_days=3, most_steps=steps
    )
    said = [(line.label, line.value) for line in recognition_sentences(abroad)]
    assert said == [
        ("counts as", "Full-time (off post)"),
        ("a day", "6 hours"),
        ("only", "from 3 days on"),
        ("at most, 1 to 15 days", "24 hours"),
        ("at most, from 16 days on", "48 hours"),
    ]
    with translation.override("zh-hans"):
        chinese = {line.label: line.value for line in recognition_sentences(abroad)}
    assert (chinese["1 至 15 天的，最多"], chinese["16 天以上的，最多"]) == ("24 学时", "48 学时")
