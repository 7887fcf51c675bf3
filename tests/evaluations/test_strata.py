"""Response by kind of trainee: counts that tell of nobody whether that person answered, kept when a survey closes; sheets stay without any mark of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluations.polled import make_poll
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.strata import REST, counted, furthest, safe_cells
from zhixing.people.models import Person

people = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60)


@given(people, st.integers(1, 8))
def test_no_cell_is_small_or_unanimous_and_nothing_is_told_by_subtraction(
    given: list[tuple[str, bool]], least: int
) -> None:
    cells = safe_cells(counted(given), least)
    for asked, answered in cells.values():
        assert asked >= least
        assert 0 < answered < asked
    assert len(cells) != 1
    if cells:
        assert sum(asked for asked, _answered in cells.values()) == len(given)
        assert sum(answered for _asked, answered in cells.values()) == sum(burnt for _kind, burnt in given)


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"a": (10, 6), "b": (8, 4)}, {"a": (10, 6), "b": (8, 4)}),
        ({"a": (10, 6), "b": (4, 2)}, {}),
        ({"a": (10, 6), "b": (4, 2), "c": (3, 1)}, {"a": (10, 6), REST: (7, 3)}),
        ({"a": (10, 10), "b": (8, 4)}, {}),
        ({"a": (10, 10), "b": (8, 0), "c": (9, 3)}, {REST: (18, 10), "c": (9, 3)}),
        ({"a": (10, 6)}, {}),
        ({}, {}),
    ],
)
def test_small_and_unanimous_kinds_are_put_together(
    cells: dict[str, tuple[int, int]], kept: dict[str, tuple[int, int]]
) -> None:
    assert safe_cells(cells, 5) == kept


kinds = st.lists(st.tuples(st.integers(5, 60), st.floats(0.05, 1), st.floats(0, 1)), min_size=2, max_size=6)


@given(kinds)
def test_no_means_within_a_point_of_each_other_are_moved_farther_by_weights(
    kinds: list[tuple[int, float, float]],
) -> None:
    cells = [(str(n), asked, max(1, int(asked * part))) for n, (asked, part, _mean) in enumerate(kinds)]

    def weighted(means: list[float]) -> float:
        asked, answered = (sum(one[place] for one in cells) for place in (1, 2))
        return sum((one[1] / asked - one[2] / answered) * mean for one, mean in zip(cells, means, strict=True))

    assert abs(weighted([mean for *_counts, mean in kinds])) <= furthest(cells) + 1e-12
    rare = [float(one[1] * sum(o[2] for o in cells) > one[2] * sum(o[1] for o in cells)) for one in cells]
    assert weighted(rare) == pytest.approx(furthest(cells))  # and these are moved so far


@pytest.mark.django_db
def test_a_survey_that_closes_keeps_counts_and_no_marks_on_its_sheets(client: Client) -> None:
    poll = make_poll(people=17)
    county = [one.person_id for one in poll.school.trainees[:8]]
    Person.objects.filter(pk__in=county).update(rank="县处级副职", grade="")
    for who in (0, 1, 2, 3, 4, 5, 6, 8, 9, 10):  # seven of eight, three of eight
        poll.hand_in(who, mark=2 + who % 3)
    before = {tuple(sorted(field.name for field in Sheet._meta.get_fields()))}
    survey = poll.close()
    cells = {kind: (asked, answered) for kind, asked, answered in survey.strata["cells"]}
    assert survey.strata["by"] == "level"
    assert cells == {"county": (8, 7), "section": (8, 3)}
    assert {tuple(sorted(field.name for field in Sheet._meta.get_fields()))} == before
    assert not survey.tickets.exists()
    client.force_login(poll.school.department)
    page = client.get(reverse("evaluations:results", args=[survey.pk])).content.decode()
    for words in ("县处级的填答率比乡科级高 50 个百分点", "不能逐份加权", "加权：", "8 人填了 7 人"):
        assert words in page


@pytest.mark.django_db
def test_nothing_is_kept_of_people_of_one_kind_nor_of_answers_on_paper() -> None:
    poll = make_poll(people=13)
    for who in range(6):
        poll.hand_in(who, mark=3)
    assert poll.close().strata == {}
    other = make_poll(people=17)
    Person.objects.filter(pk__in=[one.person_id for one in other.school.trainees[:8]]).update(
        rank="县处级副职", grade=""
    )
    for who in (0, 1, 2, 8, 9):
        other.hand_in(who, mark=3)
    Survey.objects.filter(pk=other.survey.pk).update(on_paper=True)
    assert other.close().strata == {}
