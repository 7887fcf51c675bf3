"""How far answers can be relied on: one thing measured, sheets filled in without reading, and no mean that tells what a few of them said."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests.evaluations.polled import Poll, make_poll
from tests.evaluations.rated import rate
from zhixing.evaluations import queries, soundness_words
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.queries.soundness import Told, may_tell

pytestmark = pytest.mark.django_db


def filled(poll: Poll, careful: int, careless: int) -> Survey:
    """A closed survey with sheets of raters who differ, and some that tick one answer throughout within ten seconds."""
    survey = rate(poll.version, None, [])
    rng = np.random.default_rng(5)
    names = [one.name for one in survey.fields if one.item.is_scored]
    sheets = []
    for _n in range(careful):
        level = rng.normal(2.8, 0.7)
        marks = {name: int(np.clip(round(level + rng.normal(0, 0.6)), 1, 4)) for name in names}
        sheets.append(
            Sheet(survey=survey, answers=marks, score=round(2500 * float(np.mean([*marks.values()]))), seconds=90)
        )
    for _n in range(careless):
        sheets.append(Sheet(survey=survey, answers=dict.fromkeys(names, 4), score=10_000, seconds=0))
    Sheet.objects.bulk_create(sheets)
    Survey.objects.filter(pk=survey.pk).update(invited=len(sheets), answered=len(sheets))
    survey.refresh_from_db()
    return survey


@pytest.fixture
def poll() -> Poll:
    return make_poll(people=8)


def test_planted_carelessness_is_set_aside_and_both_means_are_told(poll: Poll) -> None:
    survey = filled(poll, careful=40, careless=6)
    found = queries.soundness_of(survey)
    assert found is not None
    assert found.alpha is not None
    assert found.alpha > 0.9
    assert found.omega == pytest.approx(found.alpha, abs=0.05)
    assert 6 <= found.aside <= 10
    assert found.told is Told.EXACTLY
    assert found.total is not None
    assert found.adjusted is not None
    assert found.adjusted < found.total.mean - 1
    assert str(found.adjusted) in soundness_words.sentences(found)[1]


def test_of_few_set_aside_no_mean_without_them_is_told(poll: Poll) -> None:
    some = queries.soundness_of(filled(poll, careful=40, careless=1))
    assert some is not None
    assert 0 < some.aside < 5
    assert (some.told, some.adjusted) == (Told.NOT, None)


@pytest.mark.parametrize("grade", [100, 80, 60, 30])
def test_an_attacker_with_both_means_and_the_counts_learns_no_grade_of_few(grade: int) -> None:
    """The attacker knows that a sheet set aside ticked one answer throughout, so that it has the points of a grade. However the mean of the others is rounded,
    there are surveys in which one grade only fits it: so nothing is told of it."""
    caught = 0
    for sheets in range(5, 120):
        for mean in range(40, 100, 7):
            for aside in range(1, 5):
                told, left = may_tell(sheets, aside, 5), sheets - aside
                if told is Told.NOT:
                    continue
                printed = round(mean + 0.37), round((mean + 0.37) * left / sheets + grade * aside / sheets, 1)
                fits = [
                    one
                    for one in (100, 80, 60, 30)
                    if abs(printed[1] * sheets - printed[0] * left - one * aside) <= 0.5 * left + 0.05 * sheets
                ]
                caught += len(fits) == 1
    assert not caught
    assert may_tell(30, 0, 5) is Told.SAME
    assert may_tell(30, 5, 5) is Told.EXACTLY
    assert may_tell(500, 4, 5) is Told.NOT
    assert may_tell(8, 5, 5) is Told.NOT


def test_sheets_that_are_all_alike_tell_nothing_of_the_questions(poll: Poll) -> None:
    survey = filled(poll, careful=0, careless=9)
    found = queries.soundness_of(survey)
    assert found is not None
    assert (found.alpha, found.omega) == (None, None)
    assert "cannot be said" in soundness_words.sentences(found)[0]


def test_of_too_few_sheets_nothing_is_reckoned(poll: Poll, client: Client) -> None:
    survey = filled(poll, careful=4, careless=0)
    assert queries.soundness_of(survey) is None
    client.force_login(poll.school.department)
    assert "一致性系数" not in client.get(reverse("evaluations:results", args=[survey.pk])).content.decode()


def test_the_page_shows_it_to_whom_it_shows_the_whole(poll: Poll, client: Client) -> None:
    survey = filled(poll, careful=40, careless=6)
    client.force_login(poll.school.department)
    page = client.get(reverse("evaluations:results", args=[survey.pk])).content.decode()
    for words in ("一致性系数 α", "疑似随意填写", "全部答卷均分", "剔除后均分"):
        assert words in page
