"""What a reader finds in tables alone: a protected set is quiet, one without protection is not, and each finding is true of the answers."""

from __future__ import annotations

from hypothesis import given, settings

from tests.engine.disclosure.enemy import printed
from tests.engine.disclosure.test_protection import CUTS, TERMS, naive, small_worlds, statistics
from zhixing.engine.disclosure.checking import Leak, Seen, SeenTable, check
from zhixing.engine.disclosure.protection import Protected, protect
from zhixing.engine.disclosure.tables import Answers, Published, Scale, Statistic, Table, Terms


def seen_of(answers: Answers, found: Protected, published: list[Published]) -> list[SeenTable]:
    """As printed: people and figure where shown, only the name of the cell where not."""
    shown = {one.table: one.shown for one in published}
    made = []
    for table, figures in found.tables:
        cells = []
        for one in figures:
            if one.place not in shown[table]:
                cells.append(Seen(one.place))
            elif table.statistic is Statistic.COUNTS:
                cells.append(Seen(one.place, one.people, counts=tuple(one.counts.tolist())))
            else:
                total = printed(answers, [Published(table, frozenset({one.place}))])[0].numbers[0]
                cells.append(Seen(one.place, one.people, total, total))
        made.append(SeenTable(table, tuple(cells)))
    return made


@settings(max_examples=60, deadline=None)
@given(small_worlds(), statistics)
def test_a_reader_of_protected_tables_finds_nothing(answers: Answers, statistic: Statistic) -> None:
    found = protect(answers, [], [Table(cut, "q", statistic) for cut in CUTS], TERMS)
    assert check(seen_of(answers, found, found.published()), dict(answers.scales), answers.nested, TERMS) == []


@settings(max_examples=60, deadline=None)
@given(small_worlds(), statistics)
def test_what_a_reader_finds_is_true(answers: Answers, statistic: Statistic) -> None:
    tables = [Table(cut, "q", statistic) for cut in CUTS]
    shown = naive(answers, tables, 3)
    seen = seen_of(answers, protect(answers, [], tables, TERMS), shown)
    for one in check(seen, dict(answers.scales), answers.nested, TERMS):
        total = people = 0
        for table, cell, factor in one.cells:
            figure = printed(answers, [Published(seen[table].table, frozenset({seen[table].cells[cell].place}))])[0]
            grades = answers.grades["q"][sorted(figure.people)]
            total, people = total + factor * int(grades.sum()), people + factor * len(grades)
        assert one.least <= total <= one.greatest
        assert people == one.people or (one.leak is Leak.NARROW and people <= one.people)
        assert people < 3 or one.leak is Leak.UNANIMOUS


def test_a_mean_that_is_printed_roughly_tells_less() -> None:
    """Of a thousand people a mean of two digits leaves ten sums open: three of them cannot be computed from the rest."""
    cells = [Seen((), 1003, 3000, 3010)], [Seen(("a",), 1000, 2990, 3000), Seen(("b",))]
    tables = [SeenTable(Table(cut, "q"), tuple(some)) for cut, some in zip(((), ("unit",)), cells, strict=True)]
    scales = {"q": Scale(1, 4)}
    assert check(tables, scales, frozenset(), Terms()) == []
