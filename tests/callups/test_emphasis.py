"""What counts more or less, in words: the points and costs they give, the form, and the list that comes of them."""

from __future__ import annotations

import dataclasses

import pytest

from tests.callups.city import make_city
from tests.callups.test_pages import signed_in
from zhixing.base.problems import Invalid
from zhixing.callups import emphasis
from zhixing.callups.forms import RunForm
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences import stressed, terms_in_words
from zhixing.callups.terms import BEFORE, Terms
from zhixing.callups.values import PRESETS, Weights

GIVEN = {"name": "春季", "preset": "owing", "callups_max": 2, "away_percent": 100, "seconds": 5, "seed": 1}


def test_without_a_word_everything_counts_as_the_priority_says() -> None:
    for preset in PRESETS.values():
        assert emphasis.weights_of(preset, {}) == preset
    assert Terms.of({}) == dataclasses.replace(Terms(), **BEFORE)
    assert "second_callup_cost" not in Terms().kept()


@pytest.mark.parametrize(
    ("word", "overdue", "tenth"), [("none", 0, 0), ("less", 60, 1), ("more", 240, 2), ("most", 480, 4)]
)
def test_a_word_scales_the_points_of_its_matter_alone(word: str, overdue: int, tenth: int) -> None:
    found = emphasis.weights_of(Weights(), {"debts": word})
    assert (found.overdue, found.missing_tenth) == (overdue, tenth)
    assert found.make_up == Weights().make_up


def test_long_waits_that_count_less_are_counted_for_half_as_many_months() -> None:
    found = emphasis.weights_of(Weights(), {"waits": "less"})
    assert (found.month_waited, found.months_most) == (1, 30)
    assert emphasis.weights_of(Weights(), {"waits": "more"}).month_waited == 2


def test_costs_follow_the_words_until_a_number_is_given() -> None:
    said = Terms.of({"emphasis": {"second_callups": "most", "fewest_seats": "none"}})
    assert (said.second_callup_cost, said.short_seat_cost) == (240, 0)
    by_hand = Terms.of({"emphasis": {"second_callups": "most"}, "second_callup_cost": 7})
    assert by_hand.second_callup_cost == 7
    assert Terms.of(by_hand.kept()) == by_hand
    assert Terms.of(said.kept()) == said


@pytest.mark.parametrize("wrong", [{"rank": "more"}, {"debts": "terribly"}, ["debts"], {"debts": []}])
def test_a_word_that_does_not_exist_is_refused(wrong: object) -> None:
    with pytest.raises(Invalid):
        Terms.of({"emphasis": wrong})


def test_the_form_keeps_words_and_leaves_numbers_to_those_who_give_them() -> None:
    form = RunForm({**GIVEN, "emphasis_waits": "most", "emphasis_debts": "usual"})
    assert form.is_valid()
    terms = form.terms()
    assert terms.emphasis == {"waits": "most"}
    assert terms.weights.month_waited == 4
    assert terms.kept()["weights"] == {}
    assert not form.has_numbers
    assert [str(text) for pair in stressed(terms) for text in pair] == ["久未参训", "很重"]


def test_a_weight_by_hand_goes_before_the_word_and_is_said() -> None:
    form = RunForm({**GIVEN, "emphasis_debts": "more", "weight_overdue": "5"})
    assert form.is_valid()
    terms = form.terms()
    assert (terms.weights.overdue, terms.weights.short) == (5, 160)
    assert "手工设定" in [str(how) for _what, how in terms_in_words(terms, 1)]
    shown = RunForm(run=CallupRun(name="春季", settings=terms.kept()))
    assert shown.has_numbers
    assert shown["emphasis_debts"].value() == "more"


def test_an_unknown_word_in_the_form_is_refused() -> None:
    assert not RunForm({**GIVEN, "emphasis_debts": "terribly"}).is_valid()


@pytest.mark.django_db
def test_the_words_of_a_run_stand_on_its_page_and_come_back_in_the_form() -> None:
    city = make_city(people=2)
    class_run = city.class_run()
    desk = signed_in(city.department)
    desk.post("/callups/runs/new/", {**GIVEN, "emphasis_themes": "none", "selected": [class_run.pk]})
    run = CallupRun.objects.get()
    assert run.settings["emphasis"] == {"themes": "none"}
    page = desk.get(f"/callups/runs/{run.pk}/").content.decode()
    assert "避免主题重复" in page
    assert "不考虑" in page
    CallupRun.objects.update(state="draft")
    form = desk.get(f"/callups/runs/{run.pk}/edit/").content.decode()
    assert '<input type="radio" name="emphasis_themes" value="none"' in form
