"""A list that was put away: whatever still shows its reasons says whose they are, and what would mislead is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.callups.city import City, make_city, terms_of
from tests.callups.test_pages import signed_in
from zhixing.callups import actions
from zhixing.callups.models import PUT_AWAY, CallupRun
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
STANDS_NO_MORE = "目前没有名单"


@dataclass
class Scene:
    city: City
    run: CallupRun
    class_run: ClassRun
    on_list: Person
    left_out: Person
    desk: Client

    def page(self, name: str, *keys: int) -> str:
        return str(self.desk.get(reverse(f"callups:{name}", args=[self.run.pk, *keys])).content.decode())

    def why(self, person: Person) -> str:
        return self.page("why", person.pk, self.class_run.pk)

    def put_away(self) -> None:
        given = {"terms": terms_of(), "seed": 1, "seconds": 5, "by": self.city.department}
        actions.change_run(self.run, "改过的方案", [self.class_run], **given)


@pytest.fixture
def scene(run_jobs: Jobs) -> Scene:
    city = make_city(people=3)
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    called = set(run.callups.values_list("person_id", flat=True))
    (left_out,) = (one for one in city.people if one.pk not in called)
    on_list = next(one for one in city.people if one.pk in called)
    return Scene(city, run, class_run, on_list, left_out, signed_in(city.department))


def test_reasons_say_of_which_list_they_are(scene: Scene) -> None:
    assert scene.run.reasons_file is not None
    searched = timezone.localtime(scene.run.reasons_file.created_at).strftime("%Y-%m-%d %H:%M")
    said = f"理由来自 {searched} 拟定的名单。"
    assert said in scene.why(scene.left_out)
    assert said in scene.why(scene.on_list)
    assert said in scene.page("left_out", scene.class_run.pk)
    assert not scene.run.is_put_away


def test_every_page_with_reasons_names_who_put_the_list_away(scene: Scene) -> None:
    scene.put_away()
    scene.run.refresh_from_db()
    assert scene.run.result[PUT_AWAY]["by_id"] == scene.city.department.pk
    said = f"由{scene.city.department.name}作废"
    cell = [scene.city.organ.pk, scene.class_run.pk]
    for name, keys in (("run", []), ("board", []), ("people", []), ("cell", cell)):
        assert said in scene.page(name, *keys), name
    for name in ("class_list", "left_out", "waiting"):
        assert said in scene.page(name, scene.class_run.pk), name
    assert said in scene.why(scene.left_out)


def test_whoever_was_on_the_list_is_not_said_to_be_on_it_now(scene: Scene) -> None:
    assert "（已作废）" not in scene.why(scene.on_list)
    scene.put_away()
    text = scene.why(scene.on_list)
    assert "（已作废）：" in text
    assert STANDS_NO_MORE in text
    for heading in ("下一人选", "其他班次", "可能改变结果的情况"):
        assert heading not in text


def test_a_list_that_was_put_away_is_not_exported_and_has_no_exceptions(scene: Scene) -> None:
    address = reverse("callups:left_out", args=[scene.run.pk, scene.class_run.pk]) + "?export=left-out"
    assert "spreadsheet" in scene.desk.get(address)["Content-Type"]
    scene.put_away()
    assert "html" in scene.desk.get(address)["Content-Type"]
    answer = scene.desk.get(reverse("callups:exceptions", args=[scene.run.pk]))
    assert (answer.status_code, STANDS_NO_MORE in answer.content.decode()) == (409, True)


def test_the_gap_of_a_list_that_was_put_away_is_not_shown_as_that_of_the_run(scene: Scene) -> None:
    runs = reverse("callups:runs")
    assert "0%" in scene.desk.get(runs).content.decode()
    scene.put_away()
    assert "0%" not in scene.desk.get(runs).content.decode()


def test_a_comparison_takes_no_reason_from_it(scene: Scene, run_jobs: Jobs) -> None:
    other = scene.city.solved([scene.class_run], run_jobs)
    actions.pin_pair(other, scene.left_out, scene.class_run, chosen=True, reason="轮训", by=scene.city.department)
    actions.start_run(other, by=scene.city.department)
    run_jobs()
    assert other.callups.filter(person=scene.left_out).exists()
    assert "本方案的名单已作废" not in scene.page("compare", other.pk)
    scene.put_away()
    assert "本方案的名单已作废" in scene.page("compare", other.pk)


def test_a_dropped_run_and_one_from_before_say_so_too(scene: Scene) -> None:
    actions.drop_run(scene.run, by=scene.city.department)
    assert f"由{scene.city.department.name}作废" in scene.page("left_out", scene.class_run.pk)
    CallupRun.objects.filter(pk=scene.run.pk).update(result={"gap": 0.0})
    text = scene.page("left_out", scene.class_run.pk)
    assert "拟定的名单已作废" in text
    assert STANDS_NO_MORE in text


def test_a_search_that_is_stopped_leaves_the_mark_and_a_new_list_takes_it_away(scene: Scene, run_jobs: Jobs) -> None:
    scene.put_away()
    actions.start_run(scene.run, by=scene.city.department)
    assert STANDS_NO_MORE in scene.why(scene.left_out)
    run_jobs()
    scene.run.refresh_from_db()
    assert (scene.run.state, scene.run.is_put_away) == (CallupRun.State.PROPOSED, False)
    assert STANDS_NO_MORE not in scene.why(scene.left_out)


def test_a_draft_without_a_search_says_nothing(scene: Scene) -> None:
    run = actions.create_run("新方案", [scene.class_run], by=scene.city.department)
    run.delete()
    scene.run = actions.create_run("新方案", [scene.class_run], by=scene.city.department)
    scene.put_away()
    assert PUT_AWAY not in scene.run.result
    assert STANDS_NO_MORE not in scene.why(scene.left_out)
