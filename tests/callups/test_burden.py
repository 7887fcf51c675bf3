"""What units carry against their share: the definition by hand, the scope of years, and that it feeds the next run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from tests import factories
from tests.callups.city import SPRING, TODAY, YEAR, City, make_city, terms_of
from zhixing.callups import actions, problem, sentences, values
from zhixing.callups.models import Callup, CallupRun, MakeUp
from zhixing.callups.problem import facts
from zhixing.callups.problem.burden import Burden, known_burden, read_burden
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
State = Callup.State


@pytest.fixture
def city() -> City:
    return make_city()


def called(person: Person, class_run: ClassRun, state: str = State.COMPLETED, **fields: Any) -> Callup:
    run, _made = CallupRun.objects.get_or_create(name="往期", on=TODAY)
    return Callup.objects.create(run=run, person=person, class_run=class_run, unit=person.unit, state=state, **fields)


def burden(*years: int) -> tuple[facts.Units, Burden]:
    units = facts.read_units()
    return units, read_burden(years or (YEAR,), units, facts.read_people(units, ()))


def of(unit: Unit, *years: int) -> dict[str, float]:
    """The sums of a unit and all below it."""
    units, found = burden(*years)
    return found.of(units.below([unit.pk]))


def test_the_days_of_a_class_are_shared_by_who_could_have_gone(city: City) -> None:
    people = [city.person(unit) for unit in (city.organ, city.organ, city.organ, city.county, city.township)]
    city.person(city.county, rank="县处级正职")
    five_days = city.class_run(ranks=["乡科级正职"])
    called(people[0], five_days)
    called(people[3], five_days)
    assert (of(city.organ)["days"], of(city.organ)["share"]) == (5, pytest.approx(10 * 3 / 5))
    assert (of(city.county)["days"], of(city.county)["share"]) == (5, pytest.approx(10 * 2 / 5))
    whole = of(city.root)
    assert (whole["days"], whole["share"], whole["serving"]) == (10, pytest.approx(10), 6)


def test_what_became_of_the_callups_is_counted_once_each(city: City) -> None:
    class_run = city.class_run(ranks=["乡科级正职"])
    states = (State.PROPOSED, State.SENT, State.ACCEPTED, State.COMPLETED, State.NOT_COMPLETED, State.EXCUSED)
    made = [called(city.person(), class_run, state) for state in (*states, State.SUBSTITUTED, State.WITHDRAWN)]
    duty = {"tenths": 20, "cause": MakeUp.Cause.ATTENDANCE, "due_on": dt.date(YEAR + 1, 3, 1)}
    MakeUp.objects.create(missed=made[3], person=made[3].person, **duty)
    found = of(city.organ)
    counted = {name: found[name] for name in ("invited", "accepted", "refused", "absent", "days")}
    assert counted == {"invited": 7, "accepted": 3, "refused": 3, "absent": 2, "days": 4 * 5}


def test_other_years_cancelled_classes_and_classes_at_the_desk_do_not_count(city: City) -> None:
    person = city.person()
    called(person, city.class_run(ranks=["乡科级正职"]))
    before = SPRING.replace(year=YEAR - 1)
    called(person, factories.make_class_run(starts_on=before, ends_on=before, year=YEAR - 1, ranks=["乡科级正职"]))
    called(person, city.class_run(weeks=2, state=ClassRun.State.CANCELLED, ranks=["乡科级正职"]))
    called(person, city.class_run(weeks=4, channel="online", ranks=["乡科级正职"]))
    assert (of(city.organ)["invited"], of(city.organ, YEAR - 1)["days"]) == (1, 1)
    assert of(city.organ, YEAR - 1, YEAR)["days"] == 6


def test_the_callup_stays_with_the_unit_that_sent_the_person(city: City) -> None:
    person = city.person()
    called(person, city.class_run(ranks=["乡科级正职"]))
    person.unit = city.county
    person.save()
    assert (of(city.organ)["days"], of(city.organ)["share"]) == (5, 0)
    assert (of(city.county)["days"], of(city.county)["share"]) == (0, 5)


def test_a_class_whose_target_group_is_empty_today_has_no_share(city: City) -> None:
    called(city.person(), city.class_run(ranks=["市厅级正职"]))
    assert (of(city.root)["days"], of(city.root)["share"]) == (5, 0)


def test_the_burden_is_taken_in_parts_of_the_share_and_bounded() -> None:
    days, share = np.array([0, 20, 40, 500, 0]), np.array([20.0, 20.0, 10.0, 10.0, 0.0])
    none = np.zeros(5, np.int64)
    found = Burden(none, none, none, none, none, days, share)
    assert found.carried().tolist() == [-67, 0, 100, 100, 0]
    assert found.misplaced() == pytest.approx((30 + 490) / 560)
    more = found.and_days(np.array([20, 0, 0, 0, 0]), np.zeros(5))
    assert more.carried()[0] == 0
    assert Burden(none, none, none, none, none, none, share).misplaced() == 0


def load_of(frozen: problem.Frozen) -> dict[int, tuple[int, float]]:
    """Person → (load, value without the hundredths of the draw)."""
    rows = frozen.tables["pairs"].to_pylist()
    return {row["person_id"]: (row["load"], row["value"] // 1) for row in rows}


def test_the_next_run_puts_people_of_a_unit_beyond_its_share_a_little_later(city: City) -> None:
    away, colleague, elsewhere = city.person(), city.person(), city.person(city.county)
    before = SPRING.replace(year=YEAR - 1)
    long = {"starts_on": before, "ends_on": before + dt.timedelta(days=59), "year": YEAR - 1}
    called(away, factories.make_class_run(ranks=["乡科级正职"], **long))
    target = city.class_run(ranks=["乡科级正职"])

    def frozen(**terms: Any) -> problem.Frozen:
        run = actions.create_run("试算", [target], by=city.department, terms=terms_of(**terms), on=TODAY)
        return problem.load(run)

    with_load, without = load_of(frozen()), load_of(frozen(emphasis={"loads": "none"}))
    assert with_load[colleague.pk][0] == round(100 * (60 - 40) / 50)
    assert with_load[elsewhere.pk][0] == round(100 * (0 - 20) / 30)
    assert {load for load, _value in without.values()} == {0}
    most = values.Weights().load_most
    for person, (load, value) in with_load.items():
        assert value == without[person][1] - round(load * most / 100)
        assert abs(value - without[person][1]) <= most


def test_a_city_without_history_has_no_burden(city: City) -> None:
    city.person()
    assert set(known_burden(YEAR).carried().tolist()) == {0}


def test_the_reasons_say_it_in_words_and_only_where_it_is_worth_a_word() -> None:
    detail = {"owing": 1, "months": 3, "same_theme": False, "make_up": 0}
    assert "承担已超过应承担份额" in sentences.facts_text({**detail, "load": 60})
    assert "承担少于应承担份额" in sentences.facts_text({**detail, "load": -60})
    assert sentences.facts_text({**detail, "load": 10}) == sentences.facts_text(detail)
