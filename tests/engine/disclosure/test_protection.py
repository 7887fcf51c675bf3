"""Nothing shown lets an enemy who can enumerate all answers compute a small group; what is left out is the least."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.disclosure.enemy import differences, learned
from zhixing.engine.disclosure import solver
from zhixing.engine.disclosure.protection import Protected, ProtectionFault, protect
from zhixing.engine.disclosure.tables import Answers, Published, Scale, Statistic, Table, Terms, Why

TERMS = Terms(smallest=3, width=0.5)
CUTS: tuple[tuple[str, ...], ...] = ((), ("unit",), ("level",), ("unit", "level"))


def answers_of(units: str, levels: str, grades: str, came: str = "", high: int = 3, nested: bool = False) -> Answers:
    """One letter or digit for each answer; a nested unit A, a, b … is A, A/a, A/b."""
    names = [unit if unit.isupper() or not nested else f"A/{unit}" for unit in units]
    return Answers(
        {"unit": names, "level": list(levels)},
        {"q": np.array([int(grade) for grade in grades])},
        {"q": Scale(1, high)},
        np.array([int(day) for day in came] if came else [0] * len(units)),
        frozenset({"unit"} if nested else ()),
    )


@st.composite
def small_worlds(draw: st.DrawFn, most: int = 8) -> Answers:
    n = draw(st.integers(3, most))
    nested = draw(st.booleans())

    def letters(choices: str) -> str:
        return "".join(draw(st.lists(st.sampled_from(choices), min_size=n, max_size=n)))

    return answers_of(letters("Aab" if nested else "ABC"), letters("xy"), letters("123"), letters("12"), nested=nested)


statistics = st.sampled_from(list(Statistic))


def naive(answers: Answers, tables: list[Table], smallest: int) -> list[Published]:
    """What everybody does: leave out the small cells, and nothing else."""
    found = protect(answers, [], tables, Terms(smallest, 1e-9))
    return [
        Published(table, frozenset(one.place for one in figures if one.people >= smallest))
        for table, figures in found.tables
    ]


@settings(max_examples=120, deadline=None)
@given(small_worlds(), statistics, st.lists(st.sampled_from(CUTS), min_size=1, max_size=4, unique=True))
def test_no_small_group_can_be_computed(answers: Answers, statistic: Statistic, cuts: list[tuple[str, ...]]) -> None:
    found = protect(answers, [], [Table(cut, "q", statistic) for cut in cuts], TERMS)
    assert found.proven
    assert not found.before
    assert learned(answers, found.published(), TERMS.smallest, TERMS.width) == []


@settings(max_examples=80, deadline=None)
@given(small_worlds(), statistics, st.permutations(CUTS))
def test_nor_from_tables_published_one_after_another(
    answers: Answers, statistic: Statistic, cuts: list[tuple[str, ...]]
) -> None:
    """First of the answers of day 1, then of all; each time the ledger is known, and so is every table before."""
    ledger: list[Published] = []
    for place, cut in enumerate(cuts):
        ledger += protect(answers, ledger, [Table(cut, "q", statistic, 1 if place < 2 else None)], TERMS).published()
    assert learned(answers, ledger, TERMS.smallest, TERMS.width) == []


@settings(max_examples=60, deadline=None)
@given(small_worlds(most=7), statistics, st.sampled_from([CUTS[1:3], (CUTS[0], CUTS[1]), (CUTS[0], CUTS[3])]))
def test_nothing_cheaper_would_be_safe(
    answers: Answers, statistic: Statistic, cuts: tuple[tuple[str, ...], ...]
) -> None:
    tables = [Table(cut, "q", statistic) for cut in cuts]
    found = protect(answers, [], tables, TERMS)
    cells = [(table, one) for table, figures in found.tables for one in figures]

    def cost(out: list[int]) -> int:
        return sum(cells[cell][1].people + 1 for cell in out)

    ours = cost([place for place, (_table, one) in enumerate(cells) if one.why is not None])
    for size in range(len(cells) + 1):
        for out in itertools.combinations(range(len(cells)), size):
            if cost(list(out)) < ours:
                shown = [
                    Published(
                        table,
                        frozenset(
                            one.place for place, (own, one) in enumerate(cells) if own is table and place not in out
                        ),
                    )
                    for table in tables
                ]
                small = any(one.people < TERMS.smallest for place, (_own, one) in enumerate(cells) if place not in out)
                assert small or learned(answers, shown, TERMS.smallest, TERMS.width)


ATTACKS = {
    "the one small cell of a row, from its margin": (
        answers_of("AAAAAABB", "xxxxxxxx", "12312312"),
        [(), ("unit",)],
        ("computed", (6, 7)),
    ),
    "two small cells of one row together": (
        answers_of("AAAAABC", "xxxxxxx", "1231213"),
        [(), ("unit",)],
        ("computed", (5, 6)),
    ),
    "a part of a part": (answers_of("aaaaAbbb", "xxxxxxxx", "12312312", nested=True), [("unit",)], ("computed", (4,))),
    "whoever came between two printings": (answers_of("AAAAA", "xxxxx", "12312", "11112"), [()], ("computed", (4,))),
    "everybody when all agree": (answers_of("AAAA", "xxxx", "3333"), [()], ("person", (0,))),
    "two linked tables": (
        answers_of("AAAABBB", "xxxyxxx", "1223121"),
        [("unit",), ("unit", "level")],
        ("computed", (3,)),
    ),
    "nearly everything used up by the top": (
        answers_of("AAAAAABB", "xxxxxxxx", "33333332"),
        [(), ("unit",)],
        ("person", (0,)),
    ),
}


@pytest.mark.parametrize("case", ATTACKS)
def test_the_enemy_succeeds_against_leaving_out_small_cells_alone(case: str) -> None:
    answers, cuts, prey = ATTACKS[case]
    tables = [
        Table(cut, "q", until=until) for cut in cuts for until in ((1, None) if answers.came.max() > 1 else (None,))
    ]
    assert prey in learned(answers, naive(answers, tables, 3), 3, 0.5)
    found = protect(answers, [], tables, TERMS)
    assert learned(answers, found.published(), 3, 0.5) == []


def test_counts_of_a_unanimous_group_are_left_out_and_its_mean_in_the_middle_is_not() -> None:
    answers = answers_of("AAAABBBB", "xxxxxxxx", "22221323")

    def why(statistic: Statistic) -> dict[tuple[str, ...], Why | None]:
        found = protect(answers, [], [Table(("unit",), "q", statistic)], TERMS)
        return {one.place: one.why for one in found.tables[0][1]}

    assert why(Statistic.COUNTS) == {("A",): Why.UNANIMOUS, ("B",): None}
    assert why(Statistic.MEAN) == {("A",): None, ("B",): None}


def city(seed: int, n: int = 600, units: int = 20, levels: int = 5) -> Answers:
    rng = np.random.default_rng(seed)
    share = 0.5 ** np.arange(levels)
    return Answers(
        {
            "unit": [f"局{unit // 4}/科{unit}" for unit in rng.integers(0, units, n)],
            "level": [f"L{level}" for level in rng.choice(levels, n, p=share / share.sum())],
        },
        {"q": np.clip(np.round(rng.normal(3.2, 0.8, n)), 1, 4).astype(np.int64), "r": rng.integers(1, 6, n)},
        {"q": Scale(1, 4), "r": Scale(1, 5)},
        rng.integers(1, 4, n),
        frozenset({"unit"}),
    )


def test_no_two_figures_of_a_city_differ_by_a_small_group() -> None:
    """Tables of two items and two printings, each subtracted from each; leaving out small cells alone fails more than a dozen times."""
    answers = city(1, 240, 9, 4)
    tables = [Table(cut, item, until=until) for until in (1, None) for cut in CUTS for item in ("q", "r")]
    ledger: list[Published] = []
    for start in range(0, len(tables), 8):
        found: Protected = protect(answers, ledger, tables[start : start + 8])
        assert found.proven
        ledger += found.published()
    assert differences(answers, ledger, 5) == []
    assert len(differences(answers, naive(answers, tables, 5), 5)) > 8
    shown = sum(len(one.shown) for one in ledger)
    assert shown > 0.5 * sum(len(one.shown) for one in naive(answers, tables, 5))


def test_the_order_of_answers_changes_nothing() -> None:
    answers = city(2, 200, 8, 3)
    order = np.random.default_rng(3).permutation(200)
    moved = Answers(
        {name: [values[place] for place in order] for name, values in answers.attributes.items()},
        {item: grades[order] for item, grades in answers.grades.items()},
        answers.scales,
        answers.came[order],
        answers.nested,
    )
    tables = [Table(cut, "q") for cut in CUTS]
    one, two = protect(answers, [], tables), protect(moved, [], tables)
    assert one.published() == two.published()


def test_what_was_published_unsafely_is_told_and_the_new_table_adds_nothing() -> None:
    answers = answers_of("AAAAAABB", "xxxyyyyy", "12312312")
    unsafe = naive(answers, [Table((), "q"), Table(("unit",), "q")], 3)
    before = set(learned(answers, unsafe, 3, 0.5))
    found = protect(answers, unsafe, [Table(("level",), "q"), Table(("unit", "level"), "q")], TERMS)
    assert [one.people for one in found.before] == [2]

    assert found.before[0].least == found.before[0].greatest == 3
    assert {("computed", (6, 7)), ("close", (6, 7))} <= before
    after = learned(answers, [*unsafe, *found.published()], 3, 0.5)
    assert all(people == (6, 7) for _how, people in after)


def test_a_ledger_of_other_answers_is_refused() -> None:
    answers = answers_of("AAAA", "xxxx", "1231")
    with pytest.raises(ProtectionFault, match="Z"):
        protect(answers, [Published(Table(("unit",), "q"), frozenset({("Z",)}))], [Table((), "q")], TERMS)


def test_a_group_needs_more_room_the_wider_the_terms() -> None:
    scale = Scale(1, 4)
    assert [Terms(width=0.5).needed(n, scale) for n in (1, 2, 3, 4)] == [1, 1, 2, 2]
    assert [Terms(width=1.0).needed(n, scale) for n in (1, 3)] == [1, 3]
    assert Terms(width=10.0).needed(2, scale) == 6
    answers = city(4, 150, 6, 3)
    tables = [Table(cut, "q") for cut in CUTS]
    found = [protect(answers, [], tables, Terms(width=width)) for width in (0.25, 1.0, 10.0)]
    assert [one.lost for one in found] == sorted(one.lost for one in found)
    assert not any(one.before for one in found)


def many_kinds(n: int = 14) -> Answers:
    """A crowd, and six people each of a unit of their own, who together are what is left of all without the crowd."""
    return answers_of("A" * (n - 6) + "BCDEFG", "x" * n, "12" * (n // 2))


def test_a_group_of_more_than_four_kinds_is_found_too() -> None:
    answers, tables = many_kinds(), [Table(cut, "q") for cut in CUTS[:2]]
    assert frozenset(range(8, 14)) in differences(answers, naive(answers, tables, 7), 7)
    found = protect(answers, [], tables, Terms(smallest=7))
    assert found.proven
    assert differences(answers, found.published(), 7) == []


@settings(max_examples=30, deadline=None)
@given(small_worlds(), statistics)
def test_without_time_to_search_more_is_left_out_and_nothing_is_given_away(
    answers: Answers, statistic: Statistic
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(solver, "SECONDS", 0.0)
        hurried = protect(answers, [], [Table(cut, "q", statistic) for cut in CUTS], TERMS)
    assert learned(answers, hurried.published(), TERMS.smallest, TERMS.width) == []
