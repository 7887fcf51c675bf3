"""The strict reader of policies: what it gives, and every fault with its line, key and what to do."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from zhixing.engine.policies import Channel, PolicyError, PolicyProblem, Rule, WindowKind, parse
from zhixing.engine.policies.faults import Fault

HEAD = """[policy]
code = "city-2026"
in_force_from = 2026-01-01
basis = "条例"
"""
RULE = """[[rule]]
code = "section-annual"
ranks = ["乡科级正职", "乡科级副职"]
window = "year"
hours = 90
channels = ["offjob", "study_group"]
caps = { study_group = 24.5 }
prorate = "join"
basis = "第…条"
title = "年度集中培训"
"""
TEXT = HEAD + RULE
NATIONAL = Path(__file__).parents[2] / "policies" / "national-2023.toml"


def problems(text: str) -> tuple[PolicyProblem, ...]:
    with pytest.raises(PolicyError) as refused:
        parse(text, "policy.toml")
    return refused.value.problems


def test_a_policy_is_read_into_whole_tenths_and_known_words() -> None:
    policy = parse(TEXT)
    assert (policy.code, policy.in_force_from, policy.basis) == ("city-2026", dt.date(2026, 1, 1), "条例")
    assert policy.rules == (
        Rule(
            code="section-annual",
            ranks=("乡科级正职", "乡科级副职"),
            window=WindowKind.YEAR,
            tenths=900,
            channels=(Channel.OFFJOB, Channel.STUDY_GROUP),
            caps={Channel.STUDY_GROUP: 245},
            prorate_join=True,
            block_start=None,
            basis="第…条",
            title="年度集中培训",
        ),
    )


def test_the_digest_is_that_of_the_text_whether_or_not_it_began_with_a_byte_order_mark() -> None:
    assert parse(TEXT).digest == parse("\ufeff" + TEXT).digest == hashlib.sha256(TEXT.encode()).hexdigest()


def test_what_is_optional_may_be_left_out() -> None:
    bare = '[policy]\ncode = "c"\nin_force_from = 2026-01-01\n[[rule]]\ncode = "r"\nranks = ["A"]\n'
    [rule] = parse(bare + 'window = "year"\nhours = 0\nchannels = ["online"]\n').rules
    assert (rule.caps, rule.prorate_join, rule.basis, rule.title, rule.tenths) == ({}, False, "", "", 0)


@pytest.mark.parametrize("start", ["2023", "2023-01-01"])
def test_a_block_starts_in_a_year_which_a_date_may_stand_for(start: str) -> None:
    [rule] = parse(TEXT.replace('window = "year"', f'window = "five_years"\nblock_start = {start}')).rules
    assert (rule.window, rule.block_start) == (WindowKind.FIVE_YEARS, 2023)


def test_of_each_code_the_first_rule_that_holds_a_rank_is_its_rule() -> None:
    later = RULE.replace("hours = 90", "hours = 5").replace('"乡科级副职"', '"县处级正职"')
    other = RULE.replace("section-annual", "online-annual").replace("hours = 90", "hours = 7")
    policy = parse(HEAD + RULE + later + other)
    assert [rule.tenths for rule in policy.rules_for("乡科级正职")] == [900, 70]
    assert [rule.tenths for rule in policy.rules_for("县处级正职")] == [50]
    assert policy.rules_for("试用期") == []


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "fault"),
    [
        ('basis = "条例"', 'base = "条例"', 4, "policy.base", Fault.UNKNOWN_KEY),
        ('basis = "第…条"', "note = 1", 13, "rule[1].note", Fault.UNKNOWN_KEY),
        ('code = "city-2026"\n', "", 1, "policy.code", Fault.MISSING_KEY),
        ("hours = 90\n", "", 5, "rule[1].hours", Fault.MISSING_KEY),
        ("in_force_from = 2026-01-01", 'in_force_from = "2026-01-01"', 3, "policy.in_force_from", Fault.BAD_TYPE),
        (
            "in_force_from = 2026-01-01",
            "in_force_from = 2026-01-01T00:00:00",
            3,
            "policy.in_force_from",
            Fault.BAD_TYPE,
        ),
        ('"section-annual"', "7", 6, "rule[1].code", Fault.BAD_TYPE),
        ('"section-annual"', '" "', 6, "rule[1].code", Fault.EMPTY),
        ('["乡科级正职", "乡科级副职"]', '"乡科级正职"', 7, "rule[1].ranks", Fault.BAD_TYPE),
        ('["乡科级正职", "乡科级副职"]', '["乡科级正职", 3]', 7, "rule[1].ranks", Fault.BAD_TYPE),
        ('["乡科级正职", "乡科级副职"]', "[]", 7, "rule[1].ranks", Fault.EMPTY),
        ('"乡科级副职"', '"乡科级正职"', 7, "rule[1].ranks", Fault.DUPLICATE),
        ('"year"', '"month"', 8, "rule[1].window", Fault.UNKNOWN_VALUE),
        ('"year"', "1", 8, "rule[1].window", Fault.BAD_TYPE),
        ('"year"', '"five_years"', 5, "rule[1].block_start", Fault.NO_BLOCK_START),
        ("hours = 90", 'hours = "90"', 9, "rule[1].hours", Fault.BAD_TYPE),
        ("hours = 90", "hours = true", 9, "rule[1].hours", Fault.BAD_TYPE),
        ("hours = 90", "hours = 90.05", 9, "rule[1].hours", Fault.NOT_WHOLE_TENTHS),
        ("hours = 90", "hours = 1e-99999999", 9, "rule[1].hours", Fault.NOT_WHOLE_TENTHS),
        ("hours = 90", "hours = -1", 9, "rule[1].hours", Fault.OUT_OF_RANGE),
        ("hours = 90", "hours = inf", 9, "rule[1].hours", Fault.OUT_OF_RANGE),
        ("hours = 90", "hours = 1e999999999", 9, "rule[1].hours", Fault.OUT_OF_RANGE),
        ("hours = 90", "hours = 214748364.8", 9, "rule[1].hours", Fault.OUT_OF_RANGE),
        ('["offjob", ', '["off-job", ', 10, "rule[1].channels", Fault.UNKNOWN_VALUE),
        ("study_group = 24.5", "online = 24.5", 11, "rule[1].caps.online", Fault.CAP_NOT_COUNTED),
        ("study_group = 24.5", "studygroup = 24.5", 11, "rule[1].caps.studygroup", Fault.UNKNOWN_KEY),
        ("study_group = 24.5", "study_group = 0.25", 11, "rule[1].caps.study_group", Fault.NOT_WHOLE_TENTHS),
        ("{ study_group = 24.5 }", "24", 11, "rule[1].caps", Fault.BAD_TYPE),
        ('prorate = "join"', 'prorate = "leave"', 12, "rule[1].prorate", Fault.UNKNOWN_VALUE),
        ('prorate = "join"', "block_start = 23", 12, "rule[1].block_start", Fault.OUT_OF_RANGE),
        ('prorate = "join"', 'block_start = "2023"', 12, "rule[1].block_start", Fault.BAD_TYPE),
        ('prorate = "join"', "block_start = false", 12, "rule[1].block_start", Fault.BAD_TYPE),
    ],
)
def test_each_fault_is_named_with_its_line_and_key(old: str, new: str, line: int, key: str, fault: Fault) -> None:
    assert TEXT.count(old) == 1
    [problem] = problems(TEXT.replace(old, new))
    assert (problem.name, problem.line, problem.key, problem.fault) == ("policy.toml", line, key, fault)
    assert problem.mend


def test_a_rule_that_no_rank_can_reach_is_a_fault() -> None:
    [problem] = problems(TEXT + RULE.replace('["乡科级正职", "乡科级副职"]', '["乡科级副职"]'))
    assert (problem.line, problem.key, problem.fault) == (15, "rule[2]", Fault.UNREACHABLE)


def test_two_earlier_rules_together_can_hide_a_third() -> None:
    one, two = (RULE.replace('["乡科级正职", "乡科级副职"]', f'["{rank}"]') for rank in ("乡科级正职", "乡科级副职"))
    assert [problem.key for problem in problems(HEAD + one + two + RULE)] == ["rule[3]"]


def test_all_faults_are_listed_at_once_and_told_in_one_line_each() -> None:
    text = TEXT.replace("hours = 90", "hours = -1").replace('"join"', '"leave"').replace('"year"', '"month"')
    found = problems(text)
    assert [problem.key for problem in found] == ["rule[1].window", "rule[1].hours", "rule[1].prorate"]
    assert str(found[2]) == "policy.toml:12: rule[1].prorate: leave (unknown_value): use one of join"
    assert str(PolicyError(found)) == "\n".join(map(str, found))


def test_caps_may_stand_in_dotted_keys_or_a_table_of_their_own() -> None:
    dotted = TEXT.replace("caps = { study_group = 24.5 }", "caps.study_group = 0.25")
    assert [(p.line, p.key) for p in problems(dotted)] == [(11, "rule[1].caps.study_group")]
    table = TEXT.replace("caps = { study_group = 24.5 }\n", "") + "[rule.caps]\nstudy_group = 0.25\n"
    assert [(p.line, p.key) for p in problems(table)] == [(15, "rule[1].caps.study_group")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[policy\n", 1),
        ("a = 1\na = 2\n", 2),
        ("hours = " + "9" * 5000, 1),
        ("x = " + "[" * 5000, 1),
        ("a = 1\nb = [\n1,\n2\n", 2),
    ],
    ids=["syntax", "a key twice", "a number without end", "brackets without end", "a list left open"],
)
def test_what_is_no_toml_is_refused_in_one_line(text: str, line: int) -> None:
    [problem] = problems(text)
    assert (problem.fault, problem.line) == (Fault.NOT_TOML, line)
    assert len(str(problem)) < 250


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (HEAD, ["rule"]),
        (f"{HEAD}[rule]\n", ["rule"]),
        (f"rule = []\n{HEAD}", ["rule"]),
        (f"rule = [3]\n{HEAD}", ["rule[1]"]),
        (f"policy = 3\n{RULE}", ["policy"]),
        (f"{TEXT}[other]\n", ["other"]),
        (RULE, ["policy.code", "policy.in_force_from"]),
    ],
)
def test_a_document_without_the_two_kinds_of_tables_is_refused(text: str, keys: list[str]) -> None:
    assert [problem.key for problem in problems(text)] == keys


class TestNationalPolicy:
    POLICY = parse(NATIONAL.read_text(encoding="utf-8"), NATIONAL.name)

    @pytest.mark.parametrize(
        ("rank", "codes"),
        [
            ("厅局级正职", ["county-five-years", "online-annual", "after-promotion"]),
            ("四级调研员", ["county-five-years", "online-annual", "after-promotion"]),
            ("一级主任科员", ["section-annual", "online-annual", "after-promotion"]),
            ("二级科员", ["section-annual", "online-annual", "after-promotion"]),
            ("试用期", []),
            ("机关工勤", []),
        ],
    )
    def test_each_rank_stands_under_the_rules_of_its_level(self, rank: str, codes: list[str]) -> None:
        assert [rule.code for rule in self.POLICY.rules_for(rank)] == codes

    def test_it_holds_the_statutory_hours(self) -> None:
        county, section, online = self.POLICY.rules[:3]
        assert (county.tenths, county.window, county.block_start) == (5500, WindowKind.FIVE_YEARS, 2023)
        assert (section.tenths, section.window) == (900, WindowKind.YEAR)
        assert (online.tenths, online.channels) == (500, (Channel.ONLINE,))

    def test_every_rule_says_its_title_and_its_basis(self) -> None:
        assert self.POLICY.title
        assert all(rule.title and rule.basis for rule in self.POLICY.rules)
