"""The keys of a policy beyond plain hours: what they give, and each fault with its place."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from tests.engine.test_policies import HEAD, RULE, TEXT, problems
from zhixing.engine.policies import (
    Carry,
    Channel,
    Exempt,
    Fault,
    Minimum,
    PolicyError,
    Quantity,
    Unit,
    WindowKind,
    parse,
)

PARTS = """carry = { hours = 20, channels = ["offjob"], contents = ["theory"] }
[[rule.minimum]]
channels = ["offjob"]
hours = 50
[[rule.minimum]]
contents = ["theory", "party_spirit"]
share = 70
title = "理论课"
basis = "规划"
[[rule.minimum]]
contents = ["party_spirit"]
share = 20
of = "counted"
[[rule.exempt]]
ranks = ["乡科级副职"]
why = "另有规定"
[[rule.exempt]]
joined_last_days = 90
why = "刚参加工作"
[[rule.exempt]]
leaving = true
why = "即将退休"
"""
WHOLE = TEXT + PARTS
INITIAL = RULE.replace('window = "year"', 'window = "first_year"\nwindow_days = 365')


def test_minimums_carry_over_and_exemptions_are_read_exactly() -> None:
    [rule] = parse(WHOLE).rules
    both = (Channel.OFFJOB, Channel.STUDY_GROUP)
    assert rule.minimums == (
        Minimum((Channel.OFFJOB,), tenths=500),
        Minimum(both, ("theory", "party_spirit"), share=70, title="理论课", basis="规划"),
        Minimum(both, ("party_spirit",), share=20, of_counted=True),
    )
    assert rule.carry == Carry(200, (Channel.OFFJOB,), ("theory",))
    assert rule.exempt == (
        Exempt("另有规定", ranks=("乡科级副职",)),
        Exempt("刚参加工作", joined_last_days=90),
        Exempt("即将退休", leaving=True),
    )


@pytest.mark.parametrize(
    ("said", "tenths", "quantity"),
    [
        ("days = 12\nhours_per_day = 7.5", 900, Quantity(Fraction(12), Unit.DAYS, Fraction(15, 2))),
        ("days = 0.5\nhours_per_day = 6", 30, Quantity(Fraction(1, 2), Unit.DAYS, Fraction(6))),
        ("months = 3\nhours_per_month = [550, 3]", 5500, Quantity(Fraction(3), Unit.MONTHS, Fraction(550, 3))),
        ("months = 1\nhours_per_month = [550, 3]", 1834, Quantity(Fraction(1), Unit.MONTHS, Fraction(550, 3))),
        ("hours = 90", 900, None),
    ],
)
def test_what_is_owed_may_be_said_in_hours_days_or_months(said: str, tenths: int, quantity: Quantity | None) -> None:
    [rule] = parse(TEXT.replace("hours = 90", said)).rules
    assert (rule.tenths, rule.quantity) == (tenths, quantity)


def test_initial_training_is_asked_from_the_day_the_policy_is_law_unless_it_says_since_when() -> None:
    initial, since = (parse(HEAD + INITIAL + more).rules[0] for more in ("", "since = 2020-01-01\n"))
    assert (initial.window, initial.window_days, initial.since) == (WindowKind.FIRST_YEAR, 365, dt.date(2026, 1, 1))
    assert since.since == dt.date(2020, 1, 1)


def test_a_post_may_open_its_window_before_the_appointment() -> None:
    text = INITIAL.replace("first_year", "after_appointment") + "before_days = 90\n"
    [rule] = parse(HEAD + text).rules
    assert (rule.window, rule.before_days) == (WindowKind.AFTER_APPOINTMENT, 90)


def test_the_days_of_grace_after_a_promotion_may_be_named() -> None:
    [rule] = parse(TEXT.replace('"year"', '"after_promotion"\nwindow_days = 730')).rules
    assert (rule.window, rule.window_days) == (WindowKind.AFTER_PROMOTION, 730)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "fault"),
    [
        ("hours = 90\n", "days = 12\n", 5, "rule[1].hours_per_day", Fault.MISSING_KEY),
        ("hours = 90\n", "hours = 90\ndays = 12\n", 10, "rule[1].days", Fault.DUPLICATE),
        ("hours = 90\n", "hours = 90\nhours_per_day = 6\n", 10, "rule[1].hours_per_day", Fault.DOES_NOTHING),
        ("hours = 90\n", "days = 12\nhours_per_day = [6, 0]\n", 10, "rule[1].hours_per_day", Fault.OUT_OF_RANGE),
        ("hours = 90\n", "days = 1e8\nhours_per_day = 8\n", 9, "rule[1].days", Fault.OUT_OF_RANGE),
        ("hours = 90\n", "days = 1e-999999999\nhours_per_day = 8\n", 9, "rule[1].days", Fault.NOT_WHOLE_TENTHS),
        ('"year"', '"first_year"', 5, "rule[1].window_days", Fault.MISSING_KEY),
        ('"year"', '"year"\nwindow_days = 365', 9, "rule[1].window_days", Fault.DOES_NOTHING),
        ('"year"', '"year"\nsince = 2026-01-01', 9, "rule[1].since", Fault.DOES_NOTHING),
        ('"year"', '"first_year"\nwindow_days = 0', 9, "rule[1].window_days", Fault.OUT_OF_RANGE),
        ('"year"', '"first_year"\nwindow_days = 1.5', 9, "rule[1].window_days", Fault.BAD_TYPE),
        ('basis = "条例"', "in_force_to = 2025-12-31", 4, "policy.in_force_to", Fault.OUT_OF_RANGE),
    ],
)
def test_each_fault_of_a_rule_has_its_place(old: str, new: str, line: int, key: str, fault: Fault) -> None:
    assert TEXT.count(old) == 1
    [problem] = problems(TEXT.replace(old, new))
    assert (problem.line, problem.key, problem.fault) == (line, key, fault)
    assert problem.mend


@pytest.mark.parametrize(
    ("new", "key", "fault"),
    [
        ('minimum = [{ contents = ["theory"], share = 101 }]', "rule[1].minimum[1].share", Fault.OUT_OF_RANGE),
        ('exempt = [{ why = "x", leaf = 1, leaving = true }]', "rule[1].exempt[1].leaf", Fault.UNKNOWN_KEY),
        ('"学时" = 3', "rule[1].学时", Fault.UNKNOWN_KEY),
        ("'hourz' = 3", "rule[1].hourz", Fault.UNKNOWN_KEY),
    ],
)
def test_lists_within_a_line_and_keys_in_quotes_have_a_place_too(new: str, key: str, fault: Fault) -> None:
    found = problems(TEXT.replace("hours = 90\n", f"hours = 90\n{new}\n"))
    assert (found[0].line, found[0].key, found[0].fault) == (10, key, fault)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "fault"),
    [
        ("hours = 50", "hours = 90.1", 18, "rule[1].minimum[1].hours", Fault.OUT_OF_RANGE),
        ("hours = 50", "hours = 50\nshare = 9", 16, "rule[1].minimum[1]", Fault.DUPLICATE),
        ("hours = 50\n", "", 16, "rule[1].minimum[1]", Fault.MISSING_KEY),
        ("hours = 50", 'hours = 50\nof = "counted"', 19, "rule[1].minimum[1].of", Fault.DOES_NOTHING),
        ('["offjob"]\nhours = 50', '["online"]\nhours = 50', 17, "rule[1].minimum[1].channels", Fault.UNKNOWN_VALUE),
        ("share = 70", "share = 101", 21, "rule[1].minimum[2].share", Fault.OUT_OF_RANGE),
        ("share = 20", "share = 100", 26, "rule[1].minimum[3].share", Fault.OUT_OF_RANGE),
        ("share = 20", "share = 20.5", 26, "rule[1].minimum[3].share", Fault.BAD_TYPE),
        ("title = \"理论课\"", "note = 1", 22, "rule[1].minimum[2].note", Fault.UNKNOWN_KEY),
        ("hours = 20, ", "", 15, "rule[1].carry.hours", Fault.MISSING_KEY),
        ('["乡科级副职"]\nwhy', '["县处级正职"]\nwhy', 29, "rule[1].exempt[1].ranks", Fault.UNKNOWN_VALUE),
        ('["乡科级副职"]\nwhy', '["乡科级副职", "乡科级正职"]\nwhy', 5, "rule[1].exempt", Fault.SPARES_EVERYBODY),
        ('why = "刚参加工作"\n', "", 31, "rule[1].exempt[2].why", Fault.MISSING_KEY),
        ("joined_last_days = 90", "leaving = true\njoined_last_days = 90", 31, "rule[1].exempt[2]", Fault.DUPLICATE),
        ("joined_last_days = 90\n", "", 31, "rule[1].exempt[2]", Fault.MISSING_KEY),
        ('leaving = true\nwhy = "即将退休"', 'leaving = false\nwhy = "x"', 35, "rule[1].exempt[3].leaving", Fault.DOES_NOTHING),
        ('leaving = true\nwhy = "即将退休"', 'leaving = 1\nwhy = "x"', 35, "rule[1].exempt[3].leaving", Fault.BAD_TYPE),
    ],
)  # fmt: skip
def test_each_fault_of_a_part_has_its_place(old: str, new: str, line: int, key: str, fault: Fault) -> None:
    assert WHOLE.count(old) == 1
    found = problems(WHOLE.replace(old, new))
    assert (found[0].line, found[0].key, found[0].fault) == (line, key, fault)


def test_nothing_is_carried_between_windows_that_do_not_follow_each_other() -> None:
    rolling = TEXT.replace('"year"', '"rolling_five_years"') + "carry = { hours = 20 }\n"
    assert [(p.key, p.fault) for p in problems(rolling)] == [("rule[1].carry", Fault.DOES_NOTHING)]


def test_parts_must_be_lists_of_tables() -> None:
    assert [(p.key, p.fault) for p in problems(TEXT + "minimum = 3\n")] == [("rule[1].minimum", Fault.BAD_TYPE)]
    assert [(p.key, p.fault) for p in problems(TEXT + "exempt = [3]\n")] == [("rule[1].exempt[1]", Fault.BAD_TYPE)]


def refused(text: str) -> list[tuple[int | None, str, Fault, str]]:
    """What the check of an author's text says, and a computation does not."""
    assert parse(text, needs_rules=False)
    with pytest.raises(PolicyError) as error:
        parse(text, strict=True, needs_rules=False)
    assert all(one.mend for one in error.value.problems)
    return [(one.line, one.key, one.fault, one.value) for one in error.value.problems]


SOUND = WHOLE.replace("carry = { hours = 20, ", "carry = { hours = 20.5, ")


def test_a_sound_text_passes_the_strict_check() -> None:
    assert parse(SOUND, strict=True).rules


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "fault", "value"),
    [
        ('["乡科级正职", "乡科级副职"]', '["乡科级副职", "县处极正职"]', 7, "rule[1].ranks", Fault.UNKNOWN_RANK, "县处极正职"),
        ('["乡科级正职", "乡科级副职"]', '[\n"乡科级副职",\n"正处级"]', 9, "rule[1].ranks", Fault.UNKNOWN_RANK, "正处级"),
        ('["party_spirit"]', '["party"]', 25, "rule[1].minimum[3].contents", Fault.UNKNOWN_CONTENT, "party"),
        ('["theory"] }', '["theorie"] }', 15, "rule[1].carry.contents", Fault.UNKNOWN_CONTENT, "theorie"),
        ("{ study_group = 24.5 }", "{ offjob = 60, study_group = 24.5 }", 9, "rule[1].hours", Fault.MORE_THAN_COUNTS, "90"),
        ("{ study_group = 24.5 }", "{ offjob = 29.4 }", 18, "rule[1].minimum[1].hours", Fault.MORE_THAN_COUNTS, "50"),
        ('contents = ["theory", "party_spirit"]', 'channels = ["study_group"]', 21, "rule[1].minimum[2].share", Fault.MORE_THAN_COUNTS, "63"),
        ("{ study_group = 24.5 }", "{ study_group = 0 }", 11, "rule[1].caps.study_group", Fault.DOES_NOTHING, "0"),
        ("joined_last_days = 90", "joined_last_days = 365", 32, "rule[1].exempt[2].joined_last_days", Fault.SPARES_EVERYBODY, "365"),
        ('basis = "条例"', "in_force_to = 9999-12-31", 4, "policy.in_force_to", Fault.NEVER_IN_FORCE, "9999-12-31"),
        ('basis = "条例"', 'other_ranks = ["试用期"]', 4, "policy.other_ranks", Fault.DOES_NOTHING, "试用期"),
        ('basis = "条例"', 'other_ranks = ["乡科级正职"]', 4, "policy.other_ranks", Fault.DOES_NOTHING, "乡科级正职"),
        ('basis = "条例"', 'other_contents = ["政治能力"]', 4, "policy.other_contents", Fault.DOES_NOTHING, "政治能力"),
        ('prorate = "join"', "block_start = 2026", 12, "rule[1].block_start", Fault.DOES_NOTHING, "2026"),
        ('prorate = "join"', "remind_days = [30, 365]", 12, "rule[1].remind_days", Fault.NEVER_REACHED, "365"),
    ],
)  # fmt: skip
def test_an_author_is_told_of_what_nobody_can_come_under_or_reach(
    old: str, new: str, line: int, key: str, fault: Fault, value: str
) -> None:
    assert SOUND.count(old) == 1
    assert refused(SOUND.replace(old, new))[0] == (line, key, fault, value)


def test_a_rule_that_asks_nothing_is_a_slip() -> None:
    assert refused(TEXT.replace("hours = 90", "hours = 0")) == [(9, "rule[1].hours", Fault.DOES_NOTHING, "")]


@pytest.mark.parametrize(
    ("ends", "said", "key", "fault"),
    [
        ("2030-12-31", 'window = "five_years"\nblock_start = 2031', "block_start", Fault.NEVER_IN_FORCE),
        ("", 'window = "five_years"\nblock_start = 2032', "block_start", Fault.NEVER_IN_FORCE),
        ("", 'window = "five_years"\nblock_start = 1923', "block_start", Fault.NEVER_IN_FORCE),
        ("2026-12-31", 'window = "first_year"\nwindow_days = 365\nsince = 2027-01-01', "since", Fault.NEVER_IN_FORCE),
        ("", 'window = "first_year"\nwindow_days = 365\nsince = 2062-01-01', "since", Fault.NEVER_IN_FORCE),
        ("", 'window = "first_year"\nwindow_days = 60\nremind_days = [60]', "remind_days", Fault.NEVER_REACHED),
        ("", 'window = "rolling_five_years"\nremind_days = [60]', "remind_days", Fault.DOES_NOTHING),
    ],
)
def test_a_window_must_come_while_the_policy_is_in_force(ends: str, said: str, key: str, fault: Fault) -> None:
    text = TEXT.replace('window = "year"', said)
    text = text.replace('basis = "条例"', f"in_force_to = {ends}") if ends else text
    [problem] = refused(text)
    assert problem[1:3] == (f"rule[1].{key}", fault)
    assert problem[0] == 1 + next(n for n, line in enumerate(text.splitlines()) if line.startswith(key))


def test_a_block_may_have_begun_long_before_the_policy_or_begin_within_it() -> None:
    for start in (1998, 2023, 2028):
        assert parse(TEXT.replace('"year"', f'"five_years"\nblock_start = {start}'), strict=True)


@pytest.mark.parametrize(("days", "fault"), [(366, Fault.SPARES_EVERYBODY), (365, Fault.DOES_NOTHING)])
def test_who_joined_late_says_nothing_of_a_window_that_runs_from_joining(days: int, fault: Fault) -> None:
    clause = f'[[rule.exempt]]\nwhy = "x"\njoined_last_days = {days}\n'
    assert [one[2] for one in refused(HEAD + INITIAL + clause)] == [fault]


def test_what_is_carried_over_helps_to_reach_a_minimum_beside_the_caps() -> None:
    text = (
        TEXT.replace("{ study_group", "{ offjob = 80, study_group") + "carry = { hours = 20, channels = ['offjob'] }\n"
    )
    minimum = '[[rule.minimum]]\nchannels = ["offjob"]\nhours = 90\n'
    assert parse(text + minimum, strict=True)
    without = text.replace("carry = { hours = 20, channels = ['offjob'] }\n", "")
    assert [one[2:] for one in refused(without + minimum)] == [(Fault.MORE_THAN_COUNTS, "90")]


def test_a_place_declares_its_own_ranks_and_contents() -> None:
    own = 'basis = "条例"\nother_ranks = ["试用期"]\nother_contents = ["政治能力"]'
    text = (
        SOUND.replace('basis = "条例"', own)
        .replace('"乡科级正职", ', '"试用期", ')
        .replace('["party_', '["政治能力", "party_')
    )
    policy = parse(text, strict=True)
    assert (policy.other_ranks, policy.other_contents) == (("试用期",), ("政治能力",))


def test_the_word_that_was_meant_is_named() -> None:
    text = SOUND.replace("乡科级正职", "县处极正职").replace('["party_spirit"]', '["party"]')
    with pytest.raises(PolicyError) as error:
        parse(text, strict=True)
    rank, content = error.value.problems
    assert rank.mend.startswith("write 县处级正职 or ")
    assert content.mend == "write party_spirit, or declare it in other_contents of [policy]"


def test_authors_are_told_of_a_rank_that_two_rules_of_one_code_name() -> None:
    second = RULE.replace('["乡科级正职", "乡科级副职"]', '["乡科级副职", "县处级正职"]')
    assert parse(HEAD + RULE + second).rules
    with pytest.raises(PolicyError) as refused:
        parse(HEAD + RULE + second, strict=True)
    [problem] = refused.value.problems
    assert (problem.line, problem.key, problem.fault, problem.value) == (
        17,
        "rule[2].ranks",
        Fault.OVERLAP,
        "乡科级副职",
    )
