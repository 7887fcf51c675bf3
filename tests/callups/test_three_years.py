"""The limit of call-ups in three years: whoever has reached it is left out, whoever has one left gets one, whatever the year would allow."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from tests import factories
from tests.callups.city import TODAY, YEAR, City, callups_by_person, make_city, terms_of
from zhixing.base.problems import Invalid
from zhixing.callups import actions, problem
from zhixing.callups.forms import RunForm
from zhixing.callups.models import Callup
from zhixing.callups.problem import BARRED, Frozen
from zhixing.callups.seats import Room
from zhixing.callups.sentences import obstacle_sentence
from zhixing.callups.sentences.reasons import Names, changes
from zhixing.engine.callup.check import check
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@pytest.fixture
def city() -> City:
    return make_city()


def called_in(city: City, year: int, *people: Person, state: str = Callup.State.ACCEPTED, months: int = 1) -> None:
    """A class of an earlier year to which these people were called."""
    class_run = factories.make_class_run(starts_on=dt.date(year, months, 12), seats_max=len(people))
    run = actions.create_run("往年", [class_run], by=city.department, terms=terms_of(), on=dt.date(year - 1, 1, 1))
    for seat, person in enumerate(people, 1):
        Callup.objects.create(
            run=run,
            person=person,
            class_run=class_run,
            unit=person.unit,
            state=state,
            seat=seat if state in Callup.IN_FORCE else None,
        )


def frozen(city: City, *class_runs: ClassRun, **terms: Any) -> Frozen:
    run = actions.create_run("试算", class_runs, by=city.department, terms=terms_of(**terms), on=TODAY)
    return problem.load(run)


def barred(found: Frozen) -> dict[int, dict[str, Any]]:
    return {
        row["person_id"]: json.loads(row["detail"]) | {"code": row["code"]} for row in found.tables[BARRED].to_pylist()
    }


def test_who_was_called_as_often_as_three_years_allow_is_barred(city: City) -> None:
    often, once, excused, long_ago = (city.person() for _ in range(4))
    called_in(city, YEAR - 1, often, once)
    called_in(city, YEAR - 2, often, months=6)
    called_in(city, YEAR - 1, excused, state=Callup.State.EXCUSED, months=3)
    called_in(city, YEAR - 3, long_ago)
    called_in(city, YEAR - 3, long_ago, months=5)
    class_run = city.class_run(seats_max=4)
    assert not barred(frozen(city, class_run))
    found = barred(frozen(city, class_run, three_years_max=2))
    assert found == {often.pk: {"code": "callups_max", "three_years": 2}}
    assert changes("callups_max", found[often.pk], Names()) == ["把方案中每人三年内最多调训次数放宽一次。"]


def test_a_list_gives_nobody_more_than_what_is_left_of_three_years(city: City, run_jobs: Jobs) -> None:
    """Two classes with room for all: two have one call-up left, though they went in the same week and their unit lets one person away."""
    held, other, fresh = (city.person() for _ in range(3))
    called_in(city, YEAR - 1, held, other)
    class_runs = [city.class_run(weeks=weeks, seats_max=3) for weeks in (0, 2, 4, 6)]
    terms = {"second_callup_cost": 0, "away_percent": 1}
    run = city.solved(class_runs, run_jobs, three_years_max=2, **terms)
    assert run.state == "proposed"
    called = {person: len(callups) for person, callups in callups_by_person(run).items()}
    assert called == {held.pk: 1, other.pk: 1, fresh.pk: 2}
    everyone = city.solved(class_runs, run_jobs, **terms)
    assert sum(len(callups) for callups in callups_by_person(everyone).values()) == 4
    assert {len(callups) for callups in callups_by_person(everyone).values()} <= {1, 2}


def test_the_frozen_problem_keeps_the_rule_by_the_independent_check(city: City) -> None:
    held = city.person()
    called_in(city, YEAR - 1, held)
    one, two = city.class_run(seats_max=1), city.class_run(weeks=3, seats_max=1)
    found = frozen(city, one, two, three_years_max=2)
    pins = found.tables["pins"].select(["person_id", "class_id"]).to_pylist()
    both = [*pins, *({"person_id": held.pk, "class_id": one_run.pk} for one_run in (one, two))]
    result = {"objective": 0.0, "bound": 1e9}
    said = check(found.tables, found.settings, pa.Table.from_pylist(both), result)
    assert any("callups_max" in str(violation) for violation in said.violations)


def test_a_seat_given_by_hand_keeps_the_limit_of_three_years(city: City) -> None:
    often, fresh = city.person(), city.person()
    called_in(city, YEAR - 1, often)
    class_run = city.class_run(seats_max=2)
    considered = {class_run.pk: [often.pk, fresh.pk]}
    room = Room([class_run], considered, terms_of(callups_max=1, three_years_max=1))
    obstacle = room.obstacle(often.pk, class_run.pk)
    assert obstacle is not None
    assert obstacle_sentence(obstacle) == "计入前两个年度的调训，三年内调训次数已达上限（1次）。"
    assert room.obstacle(fresh.pk, class_run.pk) is None
    assert Room([class_run], considered, terms_of(callups_max=1)).obstacle(often.pk, class_run.pk) is None


def test_three_years_allow_no_less_than_one() -> None:
    with pytest.raises(Invalid):
        terms_of(callups_max=3, three_years_max=2)
    with pytest.raises(Invalid):
        terms_of(three_years_max=0)
    kept = terms_of(three_years_max=4)
    assert terms_of(**kept.kept()) == kept
    assert terms_of(**terms_of().kept()).three_years_max is None
    given = {"name": "春季", "preset": "owing", "callups_max": 3, "away_percent": 10, "seconds": 5, "seed": 1}
    form = RunForm({**given, "three_years_max": 2})
    assert not form.is_valid()
    assert set(form.errors) == {"three_years_max"}
    form = RunForm({**given, "three_years_max": 5})
    assert form.is_valid(), form.errors
    assert form.terms().three_years_max == 5
