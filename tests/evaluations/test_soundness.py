"""How far answers can be relied on: one thing measured, sheets filled in without reading, and no mean that tells what a few of them said."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests.evaluations.polled import Poll, make_poll, make_version
from tests.evaluations.rated import rate, scores
from zhixing.evaluations import queries, soundness_words
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.queries.intraclass import intraclass_of
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
    assert found.all_.alpha is not None
    assert found.all_.alpha > 0.9
    assert found.all_.omega == pytest.approx(found.all_.alpha, abs=0.05)
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
    assert (found.all_.alpha, found.all_.omega) == (None, None)
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


# Agreement, and how much of a sheet is the class run


def test_raters_who_agree_are_told_from_raters_who_do_not(poll: Poll) -> None:
    names = [one.name for one in poll.survey.fields if one.item.is_scored]
    said = []
    for number, marks in enumerate(((3, 3, 3, 4), (1, 4, 1, 4))):
        survey = rate(poll.version, None, [], name=f"班{number}")
        sheets = [Sheet(survey=survey, answers=dict.fromkeys(names, marks[n % 4]), score=8000 + n) for n in range(20)]
        Sheet.objects.bulk_create(sheets)
        Survey.objects.filter(pk=survey.pk).update(invited=20, answered=20)
        survey.refresh_from_db()
        found = queries.soundness_of(survey)
        assert found is not None
        said.append((found.all_.agreement, soundness_words.agreement_sentence(found)))
    (high, agreed), (low, apart) = said
    assert high is not None
    assert low is not None
    assert high > 0.9 > 0.5 > low
    assert (agreed, apart) == (
        "The raters agree: the mean speaks for all of them.",
        "The raters do not agree: a mean hides that they are of several opinions.",
    )


def test_figures_of_those_left_are_told_only_with_their_mean(poll: Poll) -> None:
    many, few = (queries.soundness_of(filled(poll, careful=40, careless=n)) for n in (6, 1))
    assert many is not None
    assert many.left is not None
    assert many.left.alpha != many.all_.alpha
    assert few is not None
    assert few.left is None


def test_how_much_of_a_sheet_is_the_class_run(poll: Poll, client: Client) -> None:
    surveys = [rate(poll.version, None, scores(60 + 6 * n, seed=n), name=f"班{n}") for n in range(5)]
    department = poll.school.department
    found = intraclass_of(surveys[0], department)
    assert found is not None
    assert (found.surveys, found.sheets, found.told) == (5, 100, Told.SAME)
    assert 0.4 < found.all_.single < 0.8
    assert found.all_.mean > 0.9
    assert "tell what was rated apart." in soundness_words.intraclass_sentence(found)
    flat = [rate(poll.version, None, scores(80, seed=n), name=f"平{n}", year=2025) for n in range(5)]
    same = intraclass_of(flat[0], department)
    assert same is not None
    assert same.all_.mean < 0.7
    assert "do not order by them" in soundness_words.intraclass_sentence(same)
    alone = rate(poll.version, None, scores(80), name="独", year=2027)
    assert intraclass_of(alone, department) is None
    client.force_login(department)
    Sheet.objects.filter(survey=surveys[0]).update(
        answers={one.name: 3 for one in poll.survey.fields if one.item.is_scored}
    )
    page = client.get(reverse("evaluations:results", args=[surveys[0].pk])).content.decode()
    for words in ("组内相关 ICC(1)", "均分信度 ICC(2)", "评分人一致性"):
        assert words in page


def test_of_sheets_that_all_say_the_same_there_is_no_share(poll: Poll) -> None:
    surveys = [rate(poll.version, None, [8000] * 9, name=f"班{n}") for n in range(3)]
    assert intraclass_of(surveys[0], poll.school.department) is None


def test_the_share_of_those_left_is_told_only_where_each_mean_is(poll: Poll) -> None:
    for careless in (6, 7):
        filled(poll, careful=40, careless=careless)
    surveys = list(Survey.objects.filter(version=poll.version, state="closed"))
    told = intraclass_of(surveys[0], poll.school.department)
    assert told is not None
    assert told.told is Told.EXACTLY
    assert told.left is not None
    filled(poll, careful=40, careless=1)
    hidden = intraclass_of(surveys[0], poll.school.department)
    assert hidden is not None
    assert (hidden.told, hidden.left) == (Told.NOT, None)


def test_a_form_with_one_mark_is_told_nothing_of_and_asked_about_once(poll: Poll) -> None:
    document = {
        "form": {"title": "一题", "subject": "class_run"},
        "block": [{"title": "总体", "weight": 100, "item": [{"code": "a", "text": "总体", "kind": "grades"}]}],
    }
    survey = rate(make_version(poll.school.department, document=document), None, scores(80))
    assert queries.soundness_of(survey) is None
    assert queries.soundness_of(survey) is None
