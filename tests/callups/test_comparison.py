"""What if: a run copied with other terms, and two runs side by side, by people, class runs and units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.callups.city import REPLY_BY, TODAY, City, make_city
from tests.callups.test_pages import body, signed_in
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Invalid
from zhixing.base.tables.workbooks import read_sheets
from zhixing.callups import actions, comparing, problem
from zhixing.callups.facts_digest import facts_digest
from zhixing.callups.models import Callup, CallupRun, Pin
from zhixing.callups.sentences.comparison import comparison_answer, worth_rows
from zhixing.people.models import Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@dataclass
class Scene:
    """Run ``one`` and its copy ``other``, from which a person is taken and into which another is put."""

    city: City
    one: CallupRun
    other: CallupRun
    class_run: ClassRun
    desk: Client

    def url(self, name: str = "compare") -> str:
        return reverse(f"callups:{name}", args=[self.one.pk, self.other.pk])


@pytest.fixture
def scene(run_jobs: Jobs) -> Scene:
    city = make_city(people=6)
    class_run = city.class_run(seats_max=4, name="水利班")
    one = city.solved([class_run], run_jobs)
    by = city.department
    other = actions.copy_run(one, by=by)
    actions.start_run(other, by=by)
    run_jobs()
    other.refresh_from_db()
    out = other.callups.select_related("person").order_by("pk").first()
    waits = other.waiting.select_related("person").order_by("position").first()
    assert out is not None
    assert waits is not None
    actions.pin_pair(other, out.person, class_run, chosen=False, reason="驻村", by=by)
    actions.pin_pair(other, waits.person, class_run, chosen=True, reason="新任职", by=by)
    return Scene(city, one, other, class_run, signed_in(by))


def test_a_copy_has_the_class_runs_the_terms_and_the_decisions(scene: Scene, run_jobs: Jobs) -> None:
    copied = actions.copy_run(scene.other, by=scene.city.department)
    assert copied.state == CallupRun.State.DRAFT
    assert list(copied.class_runs.all()) == [scene.class_run]
    assert (copied.settings, copied.seed, copied.seconds) == (
        scene.other.settings,
        scene.other.seed,
        scene.other.seconds,
    )
    assert sorted(copied.pins.values_list("reason", flat=True)) == ["新任职", "驻村"]
    assert copied.name == "试算（试算）", "a copy of a copy is not called a copy twice"
    assert AuditEntry.objects.filter(action="callups.run_copied").count() == 2


def test_a_copy_is_made_on_the_page_and_leads_to_its_terms(scene: Scene) -> None:
    answer = scene.desk.post(reverse("callups:move", args=[scene.one.pk, "copy"]))
    newest = CallupRun.objects.order_by("-pk")[0]
    assert answer.headers["Location"] == reverse("callups:change", args=[newest.pk])
    auditor = signed_in(factories.make_account(Role.AUDITOR, scene.city.root))
    assert auditor.post(reverse("callups:move", args=[scene.one.pk, "copy"])).status_code == 403
    assert signed_in(scene.city.liaison).post(reverse("callups:move", args=[scene.one.pk, "copy"])).status_code == 404


def test_class_runs_that_have_begun_are_left_out_of_a_copy(scene: Scene) -> None:
    later = scene.city.class_run(weeks=4)
    scene.one.class_runs.add(later)
    ClassRun.objects.filter(pk=scene.class_run.pk).update(starts_on=TODAY - dt.timedelta(days=1), ends_on=TODAY)
    made = actions.copy_run(scene.one, by=scene.city.department)
    assert list(made.class_runs.all()) == [later]
    with pytest.raises(Invalid):
        actions.copy_run(scene.other, by=scene.city.department)


def test_pairs_are_in_one_in_the_other_or_in_both(scene: Scene) -> None:
    user = scene.city.department
    assert comparing.shares(scene.one, scene.other, user) == comparing.Shares(1, 1, 3)
    assert comparing.shares(scene.other, scene.one, user) == comparing.Shares(1, 1, 3)
    sides = {
        row.person_id: comparing.side_of(row, scene.one) for row in comparing.pairs_of(scene.one, scene.other, user)
    }
    assert sorted(sides.values()) == ["both", "both", "both", "one", "other"]
    pinned = Pin.objects.get(run=scene.other, chosen=True)
    assert sides[pinned.person_id] == "other"
    [by_class] = comparing.by(("class_run_id",), scene.one, scene.other, user)
    sides_of_class = {key: by_class[key] for key in ("class_run_id", "one", "other", "both", "differ")}
    assert sides_of_class == {"class_run_id": scene.class_run.pk, "one": 1, "other": 1, "both": 3, "differ": 2}


def test_withdrawn_call_ups_are_in_neither(scene: Scene) -> None:
    scene.one.callups.update(state=Callup.State.WITHDRAWN)
    assert comparing.shares(scene.one, scene.other, scene.city.department) == comparing.Shares(0, 4, 0)


def test_the_page_says_who_differs_and_why(scene: Scene) -> None:
    text = scene.desk.get(scene.url()).content.decode()
    assert "两个方案相同 3 人次，仅甲方案 1 人次，仅乙方案 1 人次" in text
    assert "班次名额（4 个）已全部占用" in text, "why A left out whom B calls"
    assert "条件相同" in text
    only = scene.desk.get(scene.url(), {"side": "other"}).context["listing"].shown
    assert [row.person_id for row in only] == [Pin.objects.get(run=scene.other, chosen=True).person_id]
    part = scene.desk.get(
        scene.url(), {"side": "one"}, headers={"HX-Request": "true", "HX-Target": "list-comparison"}
    ).content.decode()
    assert "<html" not in part
    assert "仅甲方案" in part
    for name, what in (("compare_classes", "水利班"), ("compare_units", "市水务局")):
        assert what in scene.desk.get(scene.url(name)).content.decode()


def test_the_comparison_comes_as_a_workbook_with_the_reasons(scene: Scene) -> None:
    [sheet] = read_sheets(body(scene.desk.get(scene.url(), {"export": "comparison"})))
    assert len(sheet.rows) == 6
    [other] = [row for row in sheet.rows if "仅乙方案" in row]
    assert "班次名额（4 个）已全部占用" in str(other)
    for name, export in (("compare_classes", "comparison-class-runs"), ("compare_units", "comparison-units")):
        answer = scene.desk.get(scene.url(name), {"export": export})
        assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")


def test_both_runs_must_be_in_sight(scene: Scene) -> None:
    for account in (scene.city.liaison, factories.make_account(Role.DEPARTMENT, scene.city.county)):
        client = signed_in(account)
        for name in ("compare", "compare_classes", "compare_units"):
            assert client.get(scene.url(name)).status_code == 404
        assert client.get(reverse("callups:choose", args=[scene.one.pk])).status_code == 404
    same = reverse("callups:compare", args=[scene.one.pk, scene.one.pk])
    assert scene.desk.get(same).status_code == 404
    assert scene.desk.get(reverse("callups:compare", args=[scene.one.pk, 9999])).status_code == 404


def test_runs_to_compare_with_share_a_class_run_and_have_a_list(scene: Scene, run_jobs: Jobs) -> None:
    city = scene.city
    elsewhere = city.solved([city.class_run(weeks=6)], run_jobs)
    draft = actions.copy_run(scene.one, by=city.department)
    offered = list(comparing.comparable(scene.one, city.department))
    assert offered == [scene.other]
    assert elsewhere not in offered
    assert draft not in offered
    page = scene.desk.get(reverse("callups:choose", args=[scene.one.pk])).content.decode()
    assert scene.url() in page
    alone = scene.desk.get(reverse("callups:choose", args=[elsewhere.pk])).content.decode()
    assert "这些班次还没有其他方案" in alone


def test_the_worth_of_a_list_is_counted_from_what_was_weighed(scene: Scene) -> None:
    rows = list(scene.one.callups.order_by("pk"))
    facts = [
        {"owing": 3, "months": -1, "same_theme": False, "this_year": True},
        {"owing": 2, "months": 24, "same_theme": True, "this_year": False},
        {"owing": 1, "months": 23, "same_theme": False, "this_year": False},
        {},
    ]
    for row, detail in zip(rows, facts, strict=True):
        row.detail = detail
        row.save()
    found = comparing.worth_of(scene.one, scene.city.department)
    assert (found.overdue, found.behind, found.long_waits, found.same_theme, found.this_year) == (1, 1, 2, 1, 1)
    assert (found.callups, found.people, found.second, found.seats, found.make_ups) == (4, 4, 0, 4, 0)
    assert comparing.worth_of(scene.other, scene.city.department).by_hand == 1
    words = {str(what): more for what, _a, _b, more in worth_rows(found, replace(found, overdue=3))}
    assert words["学时已逾期的（人次）"] == "乙多 2"
    assert words["调训人数"] == "相同"
    assert worth_rows(replace(found, overdue=3), found)[2][3] == "甲多 2"


def test_equal_lists_are_said_to_be_equal() -> None:
    assert comparison_answer(comparing.Shares(0, 0, 7)) == "两个方案的名单完全相同"


def test_the_same_facts_give_the_same_digest_whatever_the_terms(scene: Scene, run_jobs: Jobs) -> None:
    assert comparing.same_facts(scene.one, scene.other) is True
    harsh = scene.city.solved(
        [scene.class_run], run_jobs, preset="rotation", callups_max=1, emphasis={"debts": "none"}, away_percent=3
    )
    assert comparing.same_facts(scene.one, harsh) is True
    ClassRun.objects.filter(pk=scene.class_run.pk).update(seats_max=5)
    changed = scene.city.solved([scene.class_run], run_jobs)
    assert comparing.same_facts(scene.one, changed) is False
    page = scene.desk.get(reverse("callups:compare", args=[scene.one.pk, changed.pk])).content.decode()
    assert "依据的情况不同" in page
    CallupRun.objects.filter(pk=changed.pk).update(result={})
    changed.refresh_from_db()
    assert comparing.same_facts(scene.one, changed) is None


def test_a_person_more_changes_the_facts(scene: Scene) -> None:
    before = facts_digest(scene.one, problem.load(scene.one))
    assert before == facts_digest(scene.one, problem.load(scene.one))
    scene.city.person()
    assert before != facts_digest(scene.one, problem.load(scene.one))


def test_a_published_run_is_compared_too(scene: Scene, run_jobs: Jobs) -> None:
    actions.publish_run(scene.one, reply_by=REPLY_BY, by=scene.city.department)
    run_jobs()
    assert scene.desk.get(scene.url()).status_code == 200
    assert comparing.shares(scene.one, scene.other, scene.city.department).both == 3


def test_the_back_button_gets_the_whole_page(scene: Scene) -> None:
    """htmx asks so when it has no copy of the page left: no element is named."""
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    answer = scene.desk.get(scene.url(), headers=headers)
    assert "<html" in answer.content.decode()
