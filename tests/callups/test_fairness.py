"""Exceptions with their causes, and the price of sharing the load, on a run and its pages."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests import factories
from tests.callups.city import SPRING, TODAY, YEAR, City, make_city, terms_of
from tests.callups.test_burden import called
from tests.callups.test_pages import signed_in
from zhixing.base import files
from zhixing.callups import actions, problem, reasons, sentences
from zhixing.callups.models import Callup, CallupRun, MakeUp
from zhixing.callups.sharing import values_alone
from zhixing.callups.terms import Terms
from zhixing.engine.callup.codes import Cause
from zhixing.people.models import Role, Unit

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
RANK = ["乡科级正职"]


@pytest.fixture
def city() -> City:
    return make_city()


def made_up(city: City, count: int, unit: Unit | None = None) -> list[Any]:
    """People of whom each has waited a year less than the one before, so that no two have equal reasons."""
    people = [city.person(unit) for _ in range(count)]
    for years, person in enumerate(people):
        factories.make_entry(person, dt.date(YEAR - 5 + years, 1, 5), 100)
    return people


def causes(run: CallupRun) -> dict[int, tuple[str, int]]:
    """Person → (cause, the colleague)."""
    return {row["person_id"]: (row["cause"], row["holder_id"]) for row in reasons.passed_over(run, limit=99)}


def test_without_a_decision_by_hand_nobody_is_passed_over_and_the_page_says_so(city: City, run_jobs: Jobs) -> None:
    made_up(city, 4)
    run = city.solved([city.class_run(seats_max=2, ranks=RANK)], run_jobs)
    assert (causes(run), reasons.causes(run)) == ({}, {})
    desk = signed_in(city.department)
    assert (
        "没有人在同单位理由较弱的同事列入班次时被落下"
        in desk.get(reverse("callups:run", args=[run.pk])).content.decode()
    )
    assert "没有例外" in desk.get(reverse("callups:exceptions", args=[run.pk])).content.decode()


def test_a_pin_passes_over_whoever_has_stronger_reasons_with_the_cause(city: City, run_jobs: Jobs) -> None:
    first, second, last = made_up(city, 3)
    class_run = city.class_run(seats_max=1, ranks=RANK)
    run = actions.create_run("试算", [class_run], by=city.department, terms=terms_of(), seconds=5, on=TODAY)
    actions.pin_pair(run, last, class_run, chosen=True, reason="牵头", by=city.department)
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    assert causes(run) == {one.pk: (Cause.HOLDER_PINNED, last.pk) for one in (first, second)}
    answer = signed_in(city.department).get(reverse("callups:exceptions", args=[run.pk]), {"q": second.number})
    text = answer.content.decode()
    assert "由组织部门指定参训" in text
    assert (second.name in text, first.name in text) == (True, False)
    export = signed_in(city.department).get(reverse("callups:exceptions", args=[run.pk]), {"export": "exceptions"})
    content = b"".join(export.streaming_content) if export.streaming else export.content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:]] == [first.name, second.name]


def test_a_standing_callup_is_a_cause_and_never_passes_anybody_over(city: City, run_jobs: Jobs) -> None:
    first, second, third = made_up(city, 3)
    held = city.class_run(ranks=RANK)
    called(first, held, Callup.State.ACCEPTED, seat=1)
    same_days = city.class_run(seats_max=1, ranks=RANK)
    run = city.solved([held, same_days], run_jobs)
    chosen = {(c.class_run_id, c.person_id) for c in run.callups.all()}
    assert (held.pk, first.pk) not in chosen
    found = causes(run)
    assert first.pk not in found or found[first.pk][0] == "shared_day"
    assert all(holder != first.pk for _cause, holder in found.values())
    assert {second.pk, third.pk} & {person for _class, person in chosen}


def test_whom_a_standing_callup_bars_is_passed_over_for_that_callup(city: City, run_jobs: Jobs) -> None:
    first, second = made_up(city, 2)
    elsewhere = city.class_run(name="水文班", ranks=RANK)
    called(first, elsewhere, Callup.State.ACCEPTED, seat=1)
    target = city.class_run(seats_max=1, ranks=RANK)
    duty = {"tenths": 100, "cause": MakeUp.Cause.OTHER, "due_on": dt.date(YEAR, 12, 1)}
    missed = called(
        first, factories.make_class_run(starts_on=TODAY, ends_on=TODAY, year=TODAY.year), Callup.State.EXCUSED
    )
    MakeUp.objects.create(missed=missed, person=first, **duty)
    run = city.solved([target], run_jobs)
    (row,) = reasons.passed_over(run, limit=9)
    assert (row["person_id"], row["cause"], row["holder_id"]) == (first.pk, "shared_day", second.pk)
    assert "水文班" in sentences.cause_sentence(row, sentences.Names())


@pytest.mark.parametrize("cause", [*Cause, "excused_then"])
def test_every_cause_has_words(cause: str) -> None:
    row = {"cause": cause, "code": cause, "detail": '{"class": 1, "most": 2}'}
    for text in (str(sentences.cause_label(cause)), sentences.cause_sentence(row, sentences.Names())):
        assert text
        assert not text.isascii()


def test_a_run_solved_before_causes_were_kept_shows_no_section(city: City, run_jobs: Jobs) -> None:
    made_up(city, 2)
    run = city.solved([city.class_run(seats_max=1, ranks=RANK)], run_jobs)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"person_id": [1], "class_id": [1], "chosen": [True]}), sink)
    run.reasons_file = files.store(sink.getvalue().to_pybytes(), "old.parquet", "callup_reasons", by=None)
    run.save()
    assert (reasons.causes(run), reasons.count_passed_over(run), reasons.passed_over(run, limit=9)) == (None, 0, [])


def test_only_planners_see_the_exceptions(city: City, run_jobs: Jobs) -> None:
    made_up(city, 2)
    run = city.solved([city.class_run(seats_max=1, ranks=RANK)], run_jobs)
    school = factories.make_account(Role.SCHOOL, city.root)
    for account in (city.liaison, school, city.trainee(city.people[0])):
        assert signed_in(account).get(reverse("callups:exceptions", args=[run.pk])).status_code == 404


def uneven(city: City) -> None:
    """Last year the organ carried everything: ten of its people were away for two weeks each, nobody of the county."""
    for unit in (city.organ, city.county):
        made_up(city, 10, unit)
    day = SPRING.replace(year=YEAR - 1)
    before = factories.make_class_run(starts_on=day, ends_on=day + dt.timedelta(days=13), year=YEAR - 1, ranks=RANK)
    for person in city.people[:10]:
        called(person, before, seat=None)


def test_sharing_the_load_moves_seats_to_the_unit_below_its_share_and_says_the_price(
    city: City, run_jobs: Jobs
) -> None:
    uneven(city)
    class_runs = [city.class_run(weeks=3 * n, seats_max=4, ranks=RANK) for n in range(2)]
    run = city.solved(class_runs, run_jobs)
    sharing = run.result["sharing"]
    assert sharing["seats"] == run.callups.count() == 8
    assert sharing["before"] == pytest.approx(0.5)
    assert sharing["with"] <= sharing["without"] <= sharing["before"]
    assert 0 <= sharing["worse"] < 0.2
    text = signed_in(city.department).get(reverse("callups:run", args=[run.pk])).content.decode()
    assert "均衡单位承担带来的变化" in text
    without = city.solved(class_runs, run_jobs, emphasis={"loads": "none"})
    assert without.result["sharing"] is None
    ours, theirs = ({(c.person_id, c.class_run_id) for c in one.callups.all()} for one in (run, without))
    assert len(ours - theirs) == sharing["elsewhere"]
    county = [sum(c.unit_id == city.county.pk for c in one.callups.all()) for one in (run, without)]
    assert county[0] >= county[1]


def test_the_values_without_the_load_are_those_of_a_run_that_leaves_it_aside(city: City) -> None:
    uneven(city)
    class_run = city.class_run(seats_max=4, ranks=RANK)

    def pairs(**terms: Any) -> tuple[pa.Table, Terms]:
        run = actions.create_run("试算", [class_run], by=city.department, terms=terms_of(**terms), on=TODAY)
        return problem.load(run).tables["pairs"], Terms.of(run.settings)

    (loaded, terms), (alone, _terms) = pairs(), pairs(emphasis={"loads": "none"})
    assert np.allclose(values_alone(loaded, terms.weights), alone["value"].to_numpy())
    assert not np.allclose(loaded["value"].to_numpy(), alone["value"].to_numpy())


def test_somebody_taken_out_of_the_roster_since_is_left_out_of_the_exceptions(city: City, run_jobs: Jobs) -> None:
    second, last = made_up(city, 2)
    first = city.person()
    class_run = city.class_run(seats_max=1, ranks=RANK)
    run = actions.create_run("试算", [class_run], by=city.department, terms=terms_of(), seconds=5, on=TODAY)
    actions.pin_pair(run, last, class_run, chosen=True, reason="牵头", by=city.department)
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    assert first.pk in causes(run)
    run.waiting.all().delete()
    first.postings.all().delete()
    first.delete()
    text = signed_in(city.department).get(reverse("callups:exceptions", args=[run.pk])).content.decode()
    assert (second.name in text, first.name in text) == (True, False)


def test_a_list_that_was_put_away_tells_no_exceptions(city: City, run_jobs: Jobs) -> None:
    made_up(city, 3)
    run = city.solved([city.class_run(seats_max=1, ranks=RANK)], run_jobs)
    desk, url = signed_in(city.department), reverse("callups:run", args=[run.pk])
    assert "被落下" in desk.get(url).content.decode()
    actions.change_run(run, "另一批", [city.class_run(4)], terms=terms_of(), seed=1, seconds=5, by=city.department)
    assert "被落下" not in desk.get(url).content.decode()
