"""The board of a run: seats used of quotas in a tree of units, its cells with their people, and people moved by hand and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.callups.city import REPLY_BY, City, make_city
from tests.callups.test_pages import body, signed_in
from zhixing.base.tables.workbooks import read_sheets
from zhixing.callups import actions, reasons
from zhixing.callups.board import across, board_of
from zhixing.callups.models import Callup, CallupRun, Pin
from zhixing.engine.callup.codes import Code
from zhixing.people.models import Person, Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@dataclass
class Scene:
    """Two class runs with 4 seats: of the county and all below it two may come to the first, of the organ at least three."""

    city: City
    run: CallupRun
    first: ClassRun
    second: ClassRun
    desk: Client

    def url(self, name: str, *keys: int) -> str:
        return reverse(f"callups:{name}", args=[self.run.pk, *keys])

    def board(self, *opened: int, user: Any = None) -> Any:
        return board_of(self.run, user or self.city.department, list(across(self.run, "")), opened)

    def called(self, class_run: ClassRun) -> list[int]:
        return list(self.run.callups.filter(class_run=class_run, state="proposed").values_list("person_id", flat=True))

    def left_out(self, class_run: ClassRun) -> Person:
        known = self.called(class_run)
        return next(person for person in self.city.people if person.pk not in known)


@pytest.fixture
def scene(run_jobs: Jobs) -> Scene:
    city = make_city(people=6)
    for _ in range(4):
        city.person(city.township)
    first, second = city.class_run(seats_max=4, name="水利班"), city.class_run(weeks=3, seats_max=4, name="财政班")
    factories.make_quota(first, city.county, 2)
    factories.make_quota(first, city.organ, 5, seats_min=3)
    run = city.solved([first, second], run_jobs, callups_max=1)
    return Scene(city, run, first, second, signed_in(city.department))


def test_a_unit_counts_everybody_below_it_and_shows_its_quota(scene: Scene) -> None:
    made = scene.board()
    city, first = scene.city, scene.first.pk
    assert [row.unit.name for row in made.rows] == [city.root.name, city.organ.name, city.county.name]
    of_root, of_organ, of_county = (made.used.get((u.pk, first), 0) for u in (city.root, city.organ, city.county))
    assert of_root == of_organ + of_county == 4
    assert made.quotas[city.county.pk, first].most == 2
    assert made.quotas[city.root.pk, first].most == 4
    assert made.rows[0].total == scene.run.callups.count()


def test_units_are_unfolded_one_below_the_other(scene: Scene) -> None:
    city = scene.city
    rows = scene.board(city.county.pk).rows
    assert [(row.unit.name, row.level, row.is_open) for row in rows][2:] == [
        (city.county.name, 1, True),
        (city.township.name, 2, False),
    ]
    factories.make_unit("白沙镇财政所", city.township)
    assert len(scene.board(city.township.pk).rows) == 3, "below a folded unit nothing is shown"


def test_seats_that_another_list_gave_are_counted(scene: Scene, run_jobs: Jobs) -> None:
    actions.publish_run(scene.run, reply_by=REPLY_BY, by=scene.city.department)
    run_jobs()
    later = actions.create_run("补调", [scene.first, scene.second], by=scene.city.department)
    made = board_of(later, scene.city.department, list(across(later, "")), ())
    assert made.used[scene.city.root.pk, scene.first.pk] == 4
    assert made.rows[0].total == 0


def test_a_cell_says_in_a_word_what_its_colour_says(scene: Scene) -> None:
    scene.run.callups.filter(class_run=scene.first, unit=scene.city.organ).delete()
    page = scene.desk.get(scene.url("board")).content.decode()
    assert 'cu-under"><a href="' in page
    assert "缺 3" in page
    Callup.objects.filter(run=scene.run).delete()
    for person in scene.city.people[-2:]:
        Callup.objects.create(run=scene.run, class_run=scene.first, person=person, unit=scene.city.township)
    assert "2<small>/2</small><em>已满</em>" in scene.desk.get(scene.url("board")).content.decode()


def test_the_board_is_leafed_through_and_searched(scene: Scene) -> None:
    page = scene.desk.get(scene.url("board"), {"q": "财政"}, headers={"HX-Request": "true", "HX-Target": "board"})
    text = page.content.decode()
    assert "财政班" in text
    assert "水利班" not in text
    assert "<html" not in text
    assert "没有符合条件的班次" in scene.desk.get(scene.url("board"), {"q": "无此班"}).content.decode()
    for odd in ("page=0", "page=99", "page=x", "open=99999", "open=x", "q=%00"):
        assert scene.desk.get(f"{scene.url('board')}?{odd}").status_code == 200
    for n in range(11):
        scene.run.class_runs.add(scene.city.class_run(weeks=5, name=f"加班{n}"))
    first = scene.desk.get(scene.url("board"))
    assert len(first.context["board"].class_runs) == 10
    assert len(scene.desk.get(first.context["next_url"]).context["board"].class_runs) == 3


def test_the_workbook_has_used_seats_and_quotas_of_every_unit(scene: Scene) -> None:
    content = body(scene.desk.get(scene.url("board"), {"export": "board"}))
    used, quotas = read_sheets(content)
    city, held = scene.city, len(scene.called(scene.first))
    assert used.rows[0][4:] == [f"{scene.first.code} 水利班", f"{scene.second.code} 财政班"]
    by_unit = {row[0]: row for row in used.rows[1:]}
    assert list(by_unit) == [city.root.name, city.organ.name, city.county.name, city.township.name]
    assert by_unit[city.root.name][4] == str(held)
    assert {row[0]: row[3] for row in quotas.rows[1:]}[city.county.name] == "2"


def test_a_department_of_a_county_sees_its_own_branch_only(scene: Scene) -> None:
    own = factories.make_account(Role.DEPARTMENT, scene.city.county)
    rows = scene.board(user=own).rows
    assert {row.unit.name for row in rows} == {scene.city.county.name, scene.city.township.name}
    client = signed_in(own)
    assert client.get(scene.url("board")).status_code == 404, "the class runs are the city's"


def test_a_cell_shows_who_is_called_and_who_is_not_and_why(scene: Scene) -> None:
    page = scene.desk.get(scene.url("cell", scene.city.county.pk, scene.first.pk)).content.decode()
    called = [c.person for c in scene.run.callups.filter(class_run=scene.first).select_related("person")]
    below = [person for person in called if person.unit_id == scene.city.township.pk]
    assert below
    assert all(f">{person.name}</a>" in page for person in below)
    elsewhere = next(person for person in scene.city.people if person.unit_id == scene.city.organ.pk)
    assert elsewhere.name not in page
    assert "统筹全部班次后列入本方案名单" in page


def test_a_cell_is_closed_to_everyone_but_planners_and_auditors(scene: Scene) -> None:
    url = scene.url("cell", scene.city.organ.pk, scene.first.pk)
    for account in (scene.city.liaison, scene.city.trainee(scene.city.people[0])):
        for path in (url, scene.url("board"), scene.url("people")):
            assert signed_in(account).get(path).status_code == 404
    auditor = signed_in(factories.make_account(Role.AUDITOR, scene.city.root)).get(url).content.decode()
    assert "data-move" not in auditor
    assert "callups/move.js" not in auditor
    assert scene.desk.get(scene.url("cell", 99999, scene.first.pk)).status_code == 404


def test_a_person_moved_out_comes_back_with_the_facts_of_the_search(scene: Scene) -> None:
    callup = scene.run.callups.filter(class_run=scene.second).select_related("person").first()
    assert callup is not None
    back = scene.url("cell", scene.city.root.pk, scene.second.pk)
    answer = scene.desk.post(
        scene.url("pin", scene.second.pk), {"person": callup.person_id, "reason": "驻村", "back": back}
    )
    assert answer.headers["Location"] == back
    assert "驻村" in scene.desk.get(back).content.decode()
    assert not scene.run.callups.filter(pk=callup.pk).exists()
    scene.desk.post(scene.url("unpin", scene.second.pk), {"person": callup.person_id, "back": back})
    again = scene.run.callups.get(person=callup.person_id, class_run=scene.second)
    assert (again.code, again.detail, again.value, again.unit_id) == (
        callup.code,
        callup.detail,
        callup.value,
        callup.unit_id,
    )


def test_a_person_moved_in_leaves_again_and_waits_at_the_same_place(scene: Scene) -> None:
    out = scene.run.callups.filter(class_run=scene.second).first()
    assert out is not None
    actions.pin_pair(scene.run, out.person, scene.second, chosen=False, reason="驻村", by=scene.city.department)
    waits = scene.run.waiting.filter(class_run=scene.second).select_related("person").first()
    assert waits is not None
    found = actions.pin_pair(
        scene.run, waits.person, scene.second, chosen=True, reason="新任职", by=scene.city.department
    )
    assert found is None
    assert not scene.run.waiting.filter(pk=waits.pk).exists()
    actions.unpin_pair(scene.run, waits.person, scene.second, by=scene.city.department)
    assert waits.person_id not in scene.called(scene.second)
    again = scene.run.waiting.get(class_run=scene.second, person=waits.person)
    assert (again.position, again.value) == (waits.position, waits.value)


def test_a_seat_given_to_another_since_is_not_taken_back(scene: Scene) -> None:
    out = scene.run.callups.filter(class_run=scene.second).select_related("person").first()
    assert out is not None
    by = scene.city.department
    actions.pin_pair(scene.run, out.person, scene.second, chosen=False, reason="驻村", by=by)
    waits = scene.run.waiting.filter(class_run=scene.second).first()
    assert waits is not None
    actions.pin_pair(scene.run, waits.person, scene.second, chosen=True, reason="新任职", by=by)
    answer = scene.desk.post(scene.url("unpin", scene.second.pk), {"person": out.person_id}, follow=True)
    assert "名额已另有安排" in answer.content.decode()
    assert out.person_id not in scene.called(scene.second)
    assert not Pin.objects.filter(person=out.person).exists()


def test_a_decision_that_the_search_has_seen_holds_until_the_next_search(scene: Scene, run_jobs: Jobs) -> None:
    person = scene.left_out(scene.second)
    by = scene.city.department
    actions.pin_pair(scene.run, person, scene.second, chosen=True, reason="新任职", by=by)
    actions.start_run(scene.run, by=by)
    run_jobs()
    scene.run.refresh_from_db()
    row = reasons.of_pair(scene.run, person.pk, scene.second.pk)
    assert row is not None
    assert row["code"] == Code.CHOSEN_PINNED
    actions.unpin_pair(scene.run, person, scene.second, by=by)
    assert person.pk in scene.called(scene.second)


def test_a_reversed_decision_taken_back_lets_the_earlier_one_stand_again(scene: Scene) -> None:
    out = scene.run.callups.filter(class_run=scene.second).select_related("person").first()
    assert out is not None
    pin, undo = scene.url("pin", scene.second.pk), scene.url("unpin", scene.second.pk)
    who = {"person": out.person_id}
    scene.desk.post(pin, {**who, "chosen": "on", "reason": "重点培养"})
    first = Pin.objects.get(person=out.person)
    scene.desk.post(pin, {**who, "reason": "驻村"})
    assert out.person_id not in scene.called(scene.second)
    said = scene.desk.post(undo, who, follow=True).content.decode()
    assert "原来的决定继续有效" in said
    again = Pin.objects.get(person=out.person)
    assert (again.chosen, again.reason, again.by_id, again.at, again.before) == (
        True, "重点培养", first.by_id, first.at, None,
    )  # fmt: skip
    callup = scene.run.callups.get(person=out.person, class_run=scene.second)
    assert (callup.code, callup.value, callup.detail) == (Code.CHOSEN_PINNED, out.value, out.detail)
    scene.desk.post(undo, who)
    assert not Pin.objects.filter(person=out.person).exists()
    assert scene.run.callups.get(person=out.person, class_run=scene.second).code == out.code


def test_an_earlier_no_stands_again_when_a_yes_is_taken_back(scene: Scene) -> None:
    waits = scene.run.waiting.filter(class_run=scene.second).select_related("person").first()
    assert waits is not None
    person, by = waits.person, scene.city.department
    free = scene.run.callups.filter(class_run=scene.second).select_related("person").first()
    assert free is not None
    actions.pin_pair(scene.run, free.person, scene.second, chosen=False, reason="驻村", by=by)
    for chosen, reason in ((False, "新任职"), (True, "确需参训")):
        actions.pin_pair(scene.run, person, scene.second, chosen=chosen, reason=reason, by=by)
    assert person.pk in scene.called(scene.second)
    actions.unpin_pair(scene.run, person, scene.second, by=by)
    assert person.pk not in scene.called(scene.second)
    assert Pin.objects.get(person=person).reason == "新任职"


def test_the_same_decision_once_more_is_taken_back_with_the_first(scene: Scene) -> None:
    """Two tabs, or a better reason: nothing was reversed, so nothing stands again."""
    out = scene.run.callups.filter(class_run=scene.second).select_related("person").first()
    assert out is not None
    by = scene.city.department
    for reason in ("驻村", "长期病假"):
        actions.pin_pair(scene.run, out.person, scene.second, chosen=False, reason=reason, by=by)
    assert Pin.objects.get(person=out.person).reason == "长期病假"
    actions.unpin_pair(scene.run, out.person, scene.second, by=by)
    assert out.person_id in scene.called(scene.second)
    assert not Pin.objects.filter(person=out.person).exists()


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "", "callups"])
def test_a_decision_leads_back_to_pages_of_ours_only(scene: Scene, back: str) -> None:
    person = scene.run.callups.filter(class_run=scene.second).values_list("person_id", flat=True)[0]
    answer = scene.desk.post(scene.url("pin", scene.second.pk), {"person": person, "reason": "驻村", "back": back})
    assert answer.headers["Location"] == scene.url("class_list", scene.second.pk)


def test_the_people_of_a_run_are_listed_with_their_reasons(scene: Scene) -> None:
    page = scene.desk.get(scene.url("people")).content.decode()
    assert "统筹全部班次后列入本方案名单" in page
    assert scene.desk.get(scene.url("people"), {"by": "second"}).context["listing"].count == 0
    person = scene.left_out(scene.second)
    Callup.objects.create(
        run=scene.run, class_run=scene.second, person=person, unit=person.unit, code=Code.CHOSEN_PINNED
    )
    found = scene.desk.get(scene.url("people"), {"by": "hand"}).context["listing"].shown
    assert [callup.person for callup in found] == [person]
    twice = scene.desk.get(scene.url("people"), {"by": "second"}).context["listing"].shown
    assert {callup.person_id for callup in twice} <= {person.pk}
    assert scene.desk.get(scene.url("people"), {"by": "make_up"}).context["listing"].count == 0


def test_the_explanation_in_the_drawer_leads_back_to_where_it_was_opened(scene: Scene) -> None:
    callup = scene.run.callups.all()[0]
    url = reverse("callups:why", args=[scene.run.pk, callup.person_id, callup.class_run_id])
    opened = scene.desk.get(
        url, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/callups/runs/1/board/2/3/?page=2"}
    )
    assert 'name="back" value="/callups/runs/1/board/2/3/?page=2"' in opened.content.decode()


def test_a_page_beyond_all_class_runs_is_empty(scene: Scene) -> None:
    answer = scene.desk.get(scene.url("board"), {"page": "9" * 18})
    assert answer.status_code == 200
    assert not answer.context["board"].class_runs
