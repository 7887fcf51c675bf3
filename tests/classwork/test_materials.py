"""Printed materials: a copy is on the shelf or with one person, and two issues at once never take the same one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.attendance.school import School, make_school
from tests.callups.test_races import together
from tests.factories import make_account, make_unit
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import Callup
from zhixing.classwork import actions
from zhixing.classwork.models import Handout, Issue, Material
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun


class Scene:
    """A school with six trainees that has ``stock`` copies of one title and hands it out."""

    def __init__(self, stock: int = 10) -> None:
        self.school: School = make_school(people=6)
        self.head = self.school.head
        self.class_run = ClassRun.objects.select_related("institution", "organised_by").get(pk=self.school.class_run.pk)
        self.material = actions.keep_material(
            self.school.institution, name="基层治理案例选编", stock=stock, by=self.head
        )
        self.handout = actions.plan_handout(self.class_run, self.material, comes_back=True, by=self.head)
        self.keys = [callup.pk for callup in self.school.callups]

    @property
    def stock(self) -> int:
        return Material.objects.get().stock

    def client(self, account: Account | None = None) -> Client:
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(account or self.head)
        return client


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def test_what_is_handed_out_leaves_the_shelf_and_comes_back_to_it(scene: Scene) -> None:
    assert actions.hand_out(scene.handout, scene.keys[:4], by=scene.head) == 4
    assert scene.stock == 6
    assert actions.take_back(scene.handout, scene.keys[:2], by=scene.head) == 2
    assert scene.stock == 8
    assert Issue.objects.filter(returned_at=None).count() == 2


def test_nobody_gets_a_second_copy_before_the_first_is_back(scene: Scene) -> None:
    actions.hand_out(scene.handout, scene.keys[:1], by=scene.head)
    assert actions.hand_out(scene.handout, scene.keys[:1], by=scene.head) == 0
    assert scene.stock == 9
    actions.take_back(scene.handout, scene.keys[:1], by=scene.head)
    assert actions.take_back(scene.handout, scene.keys[:1], by=scene.head) == 0
    assert actions.hand_out(scene.handout, scene.keys[:1], by=scene.head) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(handout=scene.handout, callup_id=scene.keys[0], issued_by_id=1)


def test_where_the_stock_does_not_suffice_nobody_gets_a_copy(db: None) -> None:
    scene = Scene(stock=2)
    with pytest.raises(Conflict, match="2"):
        actions.hand_out(scene.handout, scene.keys[:3], by=scene.head)
    assert scene.stock == 2
    assert not Issue.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Material.objects.update(stock=-1)


def test_only_people_on_the_list_get_a_copy_and_who_left_may_bring_it_back(scene: Scene) -> None:
    actions.hand_out(scene.handout, scene.keys[:1], by=scene.head)
    Callup.objects.filter(pk__in=scene.keys[:2]).update(state=Callup.State.WITHDRAWN, seat=None)
    assert actions.hand_out(scene.handout, scene.keys[1:2], by=scene.head) == 0
    listed = scene.client().get(reverse("classwork:handout", args=[scene.handout.pk])).content.decode()
    assert scene.school.callups[0].person.number in listed
    assert scene.school.callups[1].person.number not in listed
    ClassRun.objects.update(state=ClassRun.State.HELD)
    scene.handout.class_run.refresh_from_db()
    assert actions.take_back(scene.handout, scene.keys[:1], by=scene.head) == 1
    with pytest.raises(Refused):
        actions.hand_out(scene.handout, scene.keys[2:], by=scene.head)


def test_stock_moves_with_a_reason_and_never_below_zero(scene: Scene) -> None:
    assert actions.move_stock(scene.material, 5, "新购", by=scene.head) == 15
    assert actions.move_stock(scene.material, -15, "报废", by=scene.head) == 0
    with pytest.raises(Conflict):
        actions.move_stock(scene.material, -1, "丢失", by=scene.head)
    for copies, reason in ((0, "盘点"), (1, " ")):
        with pytest.raises(Invalid):
            actions.move_stock(scene.material, copies, reason, by=scene.head)


def test_a_title_is_entered_once_and_comes_from_the_own_institution(scene: Scene) -> None:
    with pytest.raises(Conflict):
        actions.keep_material(scene.school.institution, name="基层治理案例选编", by=scene.head)
    with pytest.raises(Conflict):
        actions.plan_handout(scene.class_run, scene.material, by=scene.head)
    other = make_unit("县委党校", scene.school.city, kind=Unit.Kind.SCHOOL)
    foreign = actions.keep_material(other, name="他校讲义", by=scene.school.department)
    with pytest.raises(Invalid):
        actions.plan_handout(scene.class_run, foreign, by=scene.head)


def test_a_title_leaves_the_list_only_before_a_copy_was_given(scene: Scene) -> None:
    actions.hand_out(scene.handout, scene.keys[:1], by=scene.head)
    actions.take_back(scene.handout, scene.keys[:1], by=scene.head)
    with pytest.raises(Conflict):
        actions.drop_handout(scene.handout, by=scene.head)
    Issue.objects.all().delete()
    actions.drop_handout(scene.handout, by=scene.head)
    assert not Handout.objects.exists()


def test_a_title_that_was_taken_off_the_list_meanwhile_is_a_conflict(scene: Scene) -> None:
    stale = Handout.objects.select_related("class_run__institution", "material").get(pk=scene.handout.pk)
    actions.drop_handout(scene.handout, by=scene.head)
    for move in (actions.hand_out, actions.take_back):
        with pytest.raises(Conflict):
            move(stale, [], by=scene.head)


def test_strangers_neither_see_nor_move_a_copy(scene: Scene) -> None:
    other = make_account(Role.SCHOOL, make_unit("县委党校", scene.school.city, kind=Unit.Kind.SCHOOL))
    bound = make_account(Role.SCHOOL, scene.school.institution, own_class_runs_only=True)
    for account in (other, bound, scene.school.trainees[0], make_account(Role.LIAISON, scene.school.organ)):
        with pytest.raises(Refused):
            actions.hand_out(scene.handout, scene.keys, by=account)
        with pytest.raises(Refused):
            actions.take_back(scene.handout, scene.keys, by=account)
        with pytest.raises(Refused):
            actions.drop_handout(scene.handout, by=account)
        with pytest.raises(Refused):
            actions.move_stock(scene.material, 1, "新购", by=account)
        with pytest.raises(Refused):
            actions.keep_material(scene.school.institution, name="新书", by=account)
        with pytest.raises(Refused):
            actions.plan_handout(scene.class_run, scene.material, by=account)
        assert scene.client(account).get(reverse("classwork:handout", args=[scene.handout.pk])).status_code == 404
        assert scene.client(account).get(reverse("classwork:handouts", args=[scene.class_run.pk])).status_code == 404


def test_a_class_head_hands_out_in_the_own_class_run_without_keeping_the_stock(scene: Scene) -> None:
    from zhixing.attendance.actions import name_approvers

    bound = make_account(Role.SCHOOL, scene.school.institution, own_class_runs_only=True)
    name_approvers(scene.class_run, {"class_head": (bound, None)}, by=scene.school.department)
    assert actions.hand_out(scene.handout, scene.keys[:1], by=bound) == 1
    with pytest.raises(Refused):
        actions.move_stock(scene.material, 1, "新购", by=bound)


def test_the_pages_enter_plan_hand_out_and_take_back(scene: Scene) -> None:
    client, school = scene.client(), scene.school.institution
    given = {"institution": school.pk, "name": "讲义", "edition": "2026", "stock": "3"}
    assert client.post(reverse("classwork:materials"), given).status_code == 302
    made = Material.objects.get(name="讲义")
    page = reverse("classwork:material", args=[made.pk])
    assert client.post(page, {"copies": "4", "reason": "新印"}).status_code == 302
    assert "库存 <strong>7</strong>" in client.get(page).content.decode()
    assert client.post(page, {"copies": "x", "reason": ""}).status_code == 422
    answer = client.post(reverse("classwork:handouts", args=[scene.class_run.pk]), {"material": made.pk})
    handout = Handout.objects.get(material=made)
    assert answer.headers["Location"] == reverse("classwork:handout", args=[handout.pk])
    move = reverse("classwork:move_copies", args=[handout.pk])
    client.post(move, {"deed": "out", "selected": scene.keys[:5]})
    assert "<strong>5</strong> / 6" in client.get(reverse("classwork:handout", args=[handout.pk])).content.decode()
    client.post(move, {"deed": "back", "selected": scene.keys[:1]})
    made.refresh_from_db()
    assert made.stock == 3
    listed = client.get(reverse("classwork:handouts", args=[scene.class_run.pk])).content.decode()
    assert "5 / 6" in listed
    assert client.post(move, {"deed": "burn"}).status_code == 404
    assert client.get(f"{reverse('classwork:materials')}").status_code == 200
    assert scene.client(scene.school.trainees[0]).get(reverse("classwork:materials")).status_code == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_classes_at_once_never_take_the_same_copy(on_postgres: bool) -> None:
    """Two class runs, one title with five copies, ten issues of one copy each at one moment: five are given."""
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")
    scene = Scene(stock=5)
    second = Scene(stock=0)
    ClassRun.objects.filter(pk=second.class_run.pk).update(institution=scene.school.institution)
    other = Handout.objects.create(class_run=second.class_run, material=scene.material)

    def give(handout: int, key: int, by: Account) -> Callable[[], object]:
        related = ("material__institution", "class_run__institution")
        return lambda: actions.hand_out(Handout.objects.select_related(*related).get(pk=handout), [key], by=by)

    deeds = [give(scene.handout.pk, key, scene.head) for key in scene.keys[:5]]
    deeds += [give(other.pk, key, scene.head) for key in second.keys[:5]]
    assert together(deeds) == ["Conflict"] * 5
    scene.material.refresh_from_db()
    assert scene.material.stock == 0
    assert Issue.objects.count() == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_desks_that_give_the_same_person_a_copy_give_one(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")
    scene = Scene()
    deeds = [lambda: actions.hand_out(scene.handout, scene.keys[:1], by=scene.head)] * 8
    together(deeds)
    assert (scene.stock, Issue.objects.count()) == (9, 1)
