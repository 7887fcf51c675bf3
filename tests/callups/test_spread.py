"""Themes and days between the call-ups of one person: terms, problem, list and the reason that is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from django.urls import reverse

from tests.callups.city import SPRING, City, make_city, terms_of
from tests.callups.test_pages import signed_in
from zhixing.base.files import path_of
from zhixing.base.problems import Invalid
from zhixing.callups import problem
from zhixing.callups.forms import RunForm
from zhixing.callups.models import CallupRun
from zhixing.callups.problem import Frozen
from zhixing.callups.terms import BEFORE, Terms
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
NEW = {"repeats_within": True, "close_days": 60, "second_callup_cost": 0, "callups_max": 2}
"""What the form gives a new run, with a second call-up that costs nothing else."""


def two_of_a_theme(city: City, apart: int = 20, **fields: str) -> list[ClassRun]:
    given = {"theme": "依法行政", **fields}
    return [city.class_run(weeks=weeks, seats_max=9, **given) for weeks in (0, apart)]


def test_a_new_run_asks_for_both_and_an_older_one_for_neither() -> None:
    plain = {"callups_max": 2, "second_callup_cost": 60.0, "short_seat_cost": 300.0, "hard_minimums": False}
    spread = {"repeated_theme_cost": 80.0, "close_callup_cost": 30.0, "close_days": 60}
    assert Terms().engine_settings() == plain | spread
    assert Terms.of({"preset": "owing", "callups_max": 2}).engine_settings() == plain
    assert Terms.of(Terms().kept()) == Terms()
    old = Terms.of({})
    assert Terms.of(old.kept()) == old == dataclasses.replace(Terms(), **BEFORE)


def test_words_scale_both_costs() -> None:
    said = Terms.of({**Terms().kept(), "emphasis": {"themes": "more", "spread": "most"}}).engine_settings()
    assert (said["repeated_theme_cost"], said["close_callup_cost"]) == (160.0, 120.0)
    off = Terms.of({**Terms().kept(), "emphasis": {"themes": "none", "spread": "none"}}).engine_settings()
    assert not {"repeated_theme_cost", "close_callup_cost", "close_days"} & set(off)


@pytest.mark.parametrize("wrong", [{"close_days": -1}, {"close_days": 367}, {"close_callup_cost": -1}])
def test_terms_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        Terms.of(wrong)


def test_the_form_of_an_older_run_keeps_it_as_it_was() -> None:
    form = RunForm(run=CallupRun(name="旧方案", settings={}))
    assert (form["close_days"].value(), form["repeats_within"].value()) == (0, False)
    fresh = RunForm()
    assert (fresh["close_days"].value(), fresh["repeats_within"].value()) == (60, True)


def test_nobody_is_called_to_one_theme_twice_and_is_told_why(run_jobs: Jobs) -> None:
    city = make_city(people=1)
    first, second = two_of_a_theme(city)
    weighty = {"weights": {"same_theme": 500}}
    run = city.solved([first, second], run_jobs, **NEW, **weighty)
    (callup,) = run.callups.all()
    other = second if callup.class_run_id == first.pk else first
    page = signed_in(city.department).get(reverse("callups:why", args=[run.pk, city.people[0].pk, other.pk]))
    assert f"已调训参加主题相同的“{callup.class_run.name}”" in page.content.decode()
    assert "需求更强，或降低“主题重复”的影响。" in page.content.decode()
    before = city.solved([first, second], run_jobs, second_callup_cost=0, **weighty)
    assert before.callups.count() == 2


def test_callups_close_together_go_after_those_far_apart(run_jobs: Jobs) -> None:
    city = make_city(people=1)
    near = [city.class_run(weeks=weeks, seats_max=9, theme="") for weeks in (0, 4)]
    dear = {**NEW, "close_callup_cost": 500}
    assert city.solved(near, run_jobs, **dear).callups.count() == 1
    far = [city.class_run(weeks=weeks, seats_max=9, theme="") for weeks in (0, 20)]
    assert city.solved(far, run_jobs, **dear).callups.count() == 2
    assert city.solved(near, run_jobs, **{**dear, "close_days": 20}).callups.count() == 2


def test_a_theme_is_told_alike_however_it_is_written_and_only_of_class_runs_of_the_run(run_jobs: Jobs) -> None:
    city = make_city(people=1)
    ours = [
        city.class_run(weeks=0, theme="依法 行政"),
        city.class_run(weeks=20, theme="依法行政"),
        city.class_run(weeks=30, theme=""),
    ]
    city.published([city.class_run(weeks=40, theme="依法行政")], run_jobs)
    run = CallupRun.objects.create(name="新方案", settings=terms_of(**NEW).kept(), on=SPRING)
    run.class_runs.set(ours)
    themes = problem.load(run).tables["classes"]["theme"].to_pylist()
    assert themes[0] == themes[1] == "依法行政"
    assert themes[2:] == [None, None]


def test_a_standing_callup_of_the_run_counts_once(run_jobs: Jobs) -> None:
    city = make_city(people=1)
    first, second = two_of_a_theme(city)
    city.published([first], run_jobs)

    def pair(**terms: object) -> dict[str, object]:
        run = CallupRun.objects.create(name="方案", settings=terms_of(**terms).kept(), on=SPRING)
        run.class_runs.set([first, second])
        rows = problem.load(run).tables["pairs"].to_pylist()
        return next(row for row in rows if row["class_id"] == second.pk)

    assert pair()["same_theme"]
    assert not pair(**NEW)["same_theme"]
    run = city.solved([second], run_jobs, **NEW)
    frozen = Frozen.unpacked(path_of(run.problem_file).read_bytes())  # type: ignore[arg-type]
    assert next(row for row in frozen.tables["pairs"].to_pylist() if row["class_id"] == second.pk)["same_theme"]


def test_an_older_run_is_the_same_problem_as_before(run_jobs: Jobs) -> None:
    city = make_city(people=2)
    classes = two_of_a_theme(city, apart=2)
    run = CallupRun.objects.create(name="旧方案", settings={"away_percent": 100}, on=SPRING)
    run.class_runs.set(classes)
    frozen = problem.load(run)
    assert "theme" not in frozen.tables["classes"].column_names
    assert set(frozen.settings) == {"callups_max", "second_callup_cost", "short_seat_cost", "hard_minimums"}
