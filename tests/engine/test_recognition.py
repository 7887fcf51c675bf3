"""What trainings are worth by a place's table: exact sums, limits, and class runs that cross the end of a year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_policies import TEXT
from zhixing.engine.policies import Fault, Measure, PolicyError, Recognition, Training, parse, recognise
from zhixing.engine.policies.channels import Channel

EXAMPLES = Path(__file__).parents[2] / "policies" / "examples"
TABLES = {
    name: parse((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"), name, strict=True, needs_rules=False)
    for name in ("nanjing-credits", "zhengzhou-clock", "yunnan-online")
}


def training(kind: str, began_on: str = "2026-03-02", ended_on: str = "", **fields: Any) -> Training:
    began = dt.date.fromisoformat(began_on)
    return Training(
        kind=kind, began_on=began, ended_on=dt.date.fromisoformat(ended_on) if ended_on else began, **fields
    )


def tenths(place: str, *trainings: Training) -> list[int]:
    return [one.tenths for one in recognise(TABLES[place].recognitions, trainings)]


@pytest.mark.parametrize(
    ("place", "one", "worth"),
    [
        ("nanjing-credits", training("party-school", "2026-03-02", "2026-03-06"), 300),
        ("nanjing-credits", training("party-school", "2026-03-02", "2026-03-08", days=5), 300),
        ("nanjing-credits", training("elsewhere", half_days=3), 90),
        ("nanjing-credits", training("elsewhere", days=1, half_days=1), 90),
        ("nanjing-credits", training("out-of-town", "2026-03-02", "2026-03-16"), 480),
        ("nanjing-credits", training("abroad", days=3), 180),
        ("nanjing-credits", training("abroad", days=15), 240),
        ("nanjing-credits", training("abroad", days=16), 480),
        ("nanjing-credits", training("abroad", "2026-03-02", "2026-03-16"), 240),
        ("nanjing-credits", training("abroad", "2026-03-02", "2026-03-17"), 480),
        ("nanjing-credits", training("in-house", days=5), 180),
        ("nanjing-credits", training("teaching", hours=Fraction(3, 2)), 75),
        ("nanjing-credits", training("study-group", sessions=4), 120),
        ("nanjing-credits", training("paper", level="省级", pieces=1), 240),
        ("nanjing-credits", training("paper", level="县级", pieces=1), 0),
        ("zhengzhou-clock", training("lesson", minutes=29), 0),
        ("zhengzhou-clock", training("lesson", minutes=59), 5),
        ("zhengzhou-clock", training("lesson", minutes=60), 10),
        ("zhengzhou-clock", training("lesson", minutes=150), 25),
        ("zhengzhou-clock", training("online-course", hours=Fraction(2)), 20),
        ("zhengzhou-clock", training("online-course", hours=Fraction(2), is_whole=False), 0),
        ("yunnan-online", training("online-course", minutes=30), 10),
        ("yunnan-online", training("online-course", minutes=29), 5),
        ("yunnan-online", training("online-course", minutes=40, passed=True), 15),
        ("yunnan-online", training("online-course", minutes=0, passed=True), 0),
    ],
)
def test_a_training_is_worth_what_the_table_says(place: str, one: Training, worth: int) -> None:
    assert tenths(place, one) == [worth]


def test_shares_smaller_than_a_tenth_add_up_and_none_is_lost() -> None:
    assert tenths("yunnan-online", *(training("online-course", minutes=10) for _ in range(4))) == [2, 3, 2, 3]


def _trainings(kind: Recognition) -> st.SearchStrategy[list[Training]]:
    """Trainings of a kind around New Year: (first day after 1 November, days more, amount, half days, test passed)."""

    def one(numbers: tuple[int, int, int, int, bool]) -> Training:
        first, more, amount, half_days, passed = numbers
        began = dt.date(2025, 11, 1) + dt.timedelta(first)
        return Training(
            kind=kind.code, began_on=began, ended_on=began + dt.timedelta(more), days=amount % 40, half_days=half_days,
            minutes=amount, hours=Fraction(amount, 4), sessions=amount % 9, pieces=amount % 4,
            level=next(iter(kind.levels), ""), passed=passed,
        )  # fmt: skip

    numbers = (st.integers(0, 90), st.integers(0, 60), st.integers(0, 200), st.integers(0, 3), st.booleans())
    return st.lists(st.tuples(*numbers).map(one), max_size=10)


@pytest.mark.parametrize(
    "kind", [one for policy in TABLES.values() for one in policy.recognitions], ids=lambda one: one.title
)
@given(data=st.data())
def test_one_at_a_time_brings_what_all_together_bring(kind: Recognition, data: st.DataObject) -> None:
    trainings = data.draw(_trainings(kind))
    taken: Counter[tuple[str, int]] = Counter()
    booked: Counter[tuple[str, int]] = Counter()
    alone = []
    for one in trainings:
        for found in recognise([kind], [one], taken, booked):
            alone.append((found.earned_on, found.tenths, found.lost))
            taken[kind.code, found.earned_on.year] += found.hundredths
            booked[kind.code, found.earned_on.year] += found.tenths
    assert alone == [(one.earned_on, one.tenths, one.lost) for one in recognise([kind], trainings)]


def test_a_tenth_of_a_refused_training_is_not_given_twice() -> None:
    """Of two micro-courses the second got the tenth; the first is refused then, and a third comes."""
    third = recognise(
        TABLES["yunnan-online"].recognitions,
        [training("online-course", minutes=10)],
        {("online-course", 2026): 25},
        {("online-course", 2026): 3},
    )
    assert [one.tenths for one in third] == [2]


def test_a_limit_for_the_year_holds_over_all_trainings_of_the_kind_and_says_what_it_took() -> None:
    table = TABLES["nanjing-credits"].recognitions
    degrees = [training("degree", day, level="一年", pieces=1) for day in ("2026-03-01", "2026-09-01", "2027-03-01")]
    assert [(one.tenths, one.lost) for one in recognise(table, degrees)] == [(240, 0), (0, 2400), (240, 0)]
    assert [one.tenths for one in recognise(table, degrees[:1], {("degree", 2026): 1400})] == [100]


def test_a_class_run_over_new_year_is_split_by_day() -> None:
    over = training("party-school", "2025-12-29", "2026-01-02")
    found = recognise(TABLES["nanjing-credits"].recognitions, [over])
    assert [(str(one.earned_on), one.tenths) for one in found] == [("2025-12-31", 180), ("2026-01-02", 120)]


@pytest.mark.parametrize(("days", "halves", "worth"), [(2, 0, 0), (2, 1, 0), (2, 2, 180), (0, 6, 180), (3, 0, 180)])
def test_full_time_training_may_count_only_from_so_many_days_on(days: int, halves: int, worth: int) -> None:
    kind = Recognition("k", "", Channel.OFFJOB, Measure.DAYS, Fraction(6), least_days=3)
    [found] = recognise([kind], [training("k", days=days, half_days=halves)])
    assert found.tenths == worth


def test_a_limit_by_length_looks_at_the_whole_training_before_it_is_split() -> None:
    kind = Recognition(
        "k", "", Channel.OFFJOB, Measure.DAYS, Fraction(6), most_steps=((16, Fraction(48)),), split_years=True
    )
    short, long = (training("k", "2025-12-22", end) for end in ("2026-01-05", "2026-01-06"))
    assert [sum(one.tenths for one in recognise([kind], [held])) for held in (short, long)] == [900, 480]


def test_a_test_may_be_needed() -> None:
    needs = Recognition("q", "", Channel.ONLINE, Measure.HOURS, Fraction(1), needs_test=True)
    assert [one.tenths for one in recognise([needs], [training("q", hours=Fraction(1))])] == [0]


@given(
    days=st.integers(1, 900),
    began=st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31)),
    value=st.integers(0, 1000),
    most=st.one_of(st.none(), st.integers(0, 500)),
)
def test_splitting_neither_loses_nor_makes_hours(days: int, began: dt.date, value: int, most: int | None) -> None:
    limit = None if most is None else Fraction(most)
    kinds = [
        Recognition("k", "", Channel.OFFJOB, Measure.DAYS, Fraction(value, 10), most=limit, split_years=split)
        for split in (False, True)
    ]
    one = Training(kind="k", began_on=began, ended_on=began + dt.timedelta(days=days - 1))
    whole, parts = (recognise([kind], [one]) for kind in kinds)
    assert whole[0].tenths - len(parts) < sum(part.tenths for part in parts) <= whole[0].tenths
    assert [part.earned_on.year for part in parts] == list(range(began.year, one.ended_on.year + 1))


ITEM = """[[recognition]]
code = "online"
title = "网络课程"
channel = "online"
by = "minutes"
steps = [[15, 0.5], [30, 1]]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "fault"),
    [
        ('title = "网络课程"\n', "", 15, "code", Fault.MISSING_KEY),
        ('by = "minutes"', 'by = "weeks"', 19, "by", Fault.UNKNOWN_VALUE),
        ('by = "minutes"', 'by = "minutes"\nvalue = 1', 20, "value", Fault.DOES_NOTHING),
        ("steps = [[15, 0.5], [30, 1]]\n", "", 15, "steps", Fault.MISSING_KEY),
        ("[30, 1]", "[10, 1]", 20, "steps", Fault.NEVER_REACHED),
        ("[30, 1]", "[30, 0.5]", 20, "steps", Fault.NEVER_REACHED),
        ("[30, 1]", "[30]", 20, "steps", Fault.BAD_TYPE),
        ("[30, 1]", "[30, 1.001]", 20, "steps", Fault.NOT_WHOLE_TENTHS),
        ('by = "minutes"', 'by = "minutes"\nleast_days = 3', 20, "least_days", Fault.DOES_NOTHING),
        ('by = "minutes"', 'by = "minutes"\nmost_steps = [[1, 2]]', 20, "most_steps", Fault.DOES_NOTHING),
        ('channel = "online"', 'channel = "net"', 18, "channel", Fault.UNKNOWN_VALUE),
        ('by = "minutes"\nsteps = [[15, 0.5], [30, 1]]', 'by = "pieces"\nlevels = {}', 20, "levels", Fault.BAD_TYPE),
    ],
)
def test_each_fault_of_a_table_has_its_place(old: str, new: str, line: int, key: str, fault: Fault) -> None:
    assert ITEM.count(old) == 1
    with pytest.raises(PolicyError) as refused:
        parse(TEXT + ITEM.replace(old, new))
    [problem] = refused.value.problems
    assert (problem.line, problem.fault) == (line, fault)
    assert problem.key == f"recognition[1].{'title' if key == 'code' else key}"


def test_a_kind_that_is_said_twice_is_a_fault() -> None:
    with pytest.raises(PolicyError) as refused:
        parse(TEXT + ITEM + ITEM)
    assert [(p.line, p.key, p.fault) for p in refused.value.problems] == [(22, "recognition[2].code", Fault.DUPLICATE)]


def test_a_table_may_stand_alone_only_where_no_rules_are_needed() -> None:
    head = TEXT[: TEXT.index("[[rule]]")]
    assert parse(head + ITEM, needs_rules=False).rules == ()
    for text, needs in ((head + ITEM, True), (head, False)):
        with pytest.raises(PolicyError):
            parse(text, needs_rules=needs)


def test_every_shipped_table_is_marked_as_an_example_of_a_place() -> None:
    assert all(policy.is_example and policy.place and policy.basis for policy in TABLES.values())


DAYS = """[[recognition]]
code = "class"
title = "培训班"
channel = "offjob"
by = "days"
value = 6
"""
PIECES = DAYS.replace('"days"\nvalue = 6', '"pieces"\nlevels = { "市级" = 12, "省级" = 24 }')


@pytest.mark.parametrize(
    ("row", "old", "new", "key", "fault", "value"),
    [
        (DAYS, "value = 6", "value = 0", "value", Fault.GIVES_NOTHING, "0"),
        (DAYS, "value = 6", "value = 6\nmost = 0", "most", Fault.GIVES_NOTHING, "0"),
        (DAYS, "value = 6", "value = 6\nmost_a_year = 0", "most_a_year", Fault.GIVES_NOTHING, "0"),
        (DAYS, "value = 6", "value = 6\nhalf_day = 6.5", "half_day", Fault.HALF_ABOVE_WHOLE, "6.5"),
        (DAYS, "value = 6", "value = 6\nmost_steps = [[1, 0], [16, 48]]", "most_steps", Fault.GIVES_NOTHING, "[1, 0]"),
        (
            DAYS,
            "value = 6",
            "value = 6\nmost = 24\nmost_steps = [[1, 24]]",
            "most_steps",
            Fault.NEVER_REACHED,
            "[1, 24]",
        ),
        (
            DAYS,
            "value = 6",
            "value = 6\nleast_days = 3\nmost_steps = [[1, 12], [3, 24]]",
            "most_steps",
            Fault.NEVER_REACHED,
            "[1, 12]",
        ),
        (DAYS, "value = 6", 'value = 6\ncontent = "nonsense"', "content", Fault.UNKNOWN_CONTENT, "nonsense"),
        (ITEM, "[15, 0.5]", "[15, 0]", "steps", Fault.GIVES_NOTHING, "[15, 0]"),
        (ITEM, "[30, 1]]", "[30, 1]]\nmost = 0.5", "steps", Fault.NEVER_REACHED, "[30, 1]"),
        (PIECES, "24 }", "24 }\nmost = 20", "levels.省级", Fault.NEVER_REACHED, "24"),
        (PIECES, '"市级" = 12', '"市级" = 0', "levels.市级", Fault.GIVES_NOTHING, "0"),
    ],
)
def test_an_author_is_told_of_what_gives_nothing(
    row: str, old: str, new: str, key: str, fault: Fault, value: str
) -> None:
    assert row.count(old) == 1
    assert parse(TEXT + row, strict=True)
    text = TEXT + row.replace(old, new)
    assert parse(text), "a computation reads it to the letter"
    with pytest.raises(PolicyError) as refused:
        parse(text, strict=True)
    [problem] = refused.value.problems
    assert (problem.key, problem.fault, problem.value) == (f"recognition[1].{key}", fault, value)
    assert text.splitlines()[(problem.line or 0) - 1].startswith(f"{key.partition('.')[0]} = ")
    assert problem.mend
