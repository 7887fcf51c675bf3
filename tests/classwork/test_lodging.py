"""Lodging, meals and transport: asked only where offered, changed until the day set, and rooms that break no wish."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.attendance.school import make_callup
from tests.callups.test_races import together
from tests.factories import make_account, make_city, make_class_run, make_person, make_unit
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import Callup
from zhixing.classwork import actions, queries
from zhixing.classwork.actions import Answer
from zhixing.classwork.models import Offer, Room, Stay
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.actions import cancel_class_run, mark_class_run
from zhixing.plans.models import ClassRun

NIGHT = Answer(overnight=True, meals=True)


class Scene:
    """A class of next week with people of the given sexes, the first still to answer the call-up; it offers everything."""

    def __init__(self, sexes: str = "mmfm", offers: bool = True) -> None:
        city = make_city()
        self.city = city
        self.institution = make_unit("市委党校", city, kind=Unit.Kind.SCHOOL)
        self.organ = make_unit("市水务局", city)
        self.today = timezone.localdate()
        self.class_run = make_class_run(
            starts_on=self.today + dt.timedelta(days=7), state=ClassRun.State.CALLED, institution=self.institution
        )
        self.head = make_account(Role.SCHOOL, self.institution)
        self.liaison = make_account(Role.LIAISON, self.organ)
        states = [Callup.State.SENT, *[Callup.State.ACCEPTED] * (len(sexes) - 1)]
        people = [make_person(self.organ, sex=sex) for sex in sexes]
        made = [
            make_callup(self.class_run, person, state, seat)
            for seat, (person, state) in enumerate(zip(people, states, strict=True), 1)
        ]
        related = ("person", "unit", "class_run__institution", "class_run__organised_by", "run")
        self.callups = list(
            Callup.objects.select_related(*related).filter(pk__in=[c.pk for c in made]).order_by("seat")
        )
        self.trainee = make_account(Role.TRAINEE, None, people[0])
        if offers:
            self.offer()

    def offer(self, **changed: object) -> None:
        facts = {"beds": True, "meals": True, "transport": True, "closes_on": self.class_run.starts_on, **changed}
        actions.offer(self.class_run, by=self.head, **facts)  # type: ignore[arg-type]

    def answer(self, who: int, answer: Answer = NIGHT, by: Account | None = None) -> Stay:
        return actions.answer_stay(self.callups[who], answer, by=by or self.head, today=self.today)

    def client(self, account: Account) -> Client:
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(account)
        return client


@pytest.fixture
def scene(db: None) -> Scene:
    return Scene()


def test_who_accepts_is_asked_and_answers_on_one_page(scene: Scene) -> None:
    client, callup = scene.client(scene.trainee), scene.callups[0]
    page = reverse("classwork:stay", args=[callup.pk])
    assert client.post(reverse("callups:accept", args=[callup.pk]), {"from": "mine"}).headers["Location"] == page
    shown = client.get(page).content.decode()
    assert all(f'name="{name}"' in shown for name in ("overnight", "alone", "meals", "diet", "arrives"))
    given = {"overnight": "on", "meals": "on", "diet": "清真", "arrives": "coach"}
    assert client.post(page, given).status_code == 302
    stay = Stay.objects.get()
    assert (stay.overnight, stay.alone, stay.meals, stay.diet, stay.arrives) == (True, False, True, "清真", "coach")
    assert page in client.get(reverse("callups:mine")).content.decode()


def test_nothing_is_asked_where_the_class_run_offers_nothing(db: None) -> None:
    scene = Scene(offers=False)
    client, callup = scene.client(scene.trainee), scene.callups[0]
    answer = client.post(reverse("callups:accept", args=[callup.pk]), {"from": "mine"})
    assert answer.headers["Location"] == reverse("callups:mine")
    assert client.get(reverse("classwork:stay", args=[callup.pk])).status_code == 404
    assert "食宿" not in client.get(reverse("callups:mine")).content.decode()
    with pytest.raises(Refused):
        scene.answer(0, by=scene.trainee)


def test_only_what_is_offered_is_asked_and_kept(scene: Scene) -> None:
    scene.offer(beds=False, transport=False)
    shown = scene.client(scene.liaison).get(reverse("classwork:stay", args=[scene.callups[1].pk])).content.decode()
    assert 'name="meals"' in shown
    assert 'name="overnight"' not in shown
    stay = scene.answer(1, Answer(overnight=True, alone=True, meals=True, arrives="car"))
    assert (stay.overnight, stay.alone, stay.meals, stay.arrives) == (False, False, True, "")
    scene.offer(beds=False, meals=False, transport=False)
    assert not Offer.objects.exists()


def test_the_person_and_the_liaison_change_it_until_the_day_and_the_class_head_after(scene: Scene) -> None:
    scene.answer(0, by=scene.trainee)
    scene.answer(0, Answer(meals=True), by=scene.liaison)
    assert not Stay.objects.get().overnight
    Offer.objects.update(closes_on=scene.today - dt.timedelta(days=1))
    for by in (scene.trainee, scene.liaison):
        with pytest.raises(Refused):
            scene.answer(0, by=by)
    assert scene.answer(0, by=scene.head).overnight


def test_two_of_one_sex_share_and_nobody_against_a_wish(db: None) -> None:
    scene = Scene("mmfmf")
    for who in range(5):
        scene.answer(who, Answer(overnight=True, alone=who == 4))
    actions.add_rooms(scene.class_run, ["301", "302", "303", "301"], 2, by=scene.head)
    actions.add_rooms(scene.class_run, ["401"], 1, by=scene.head)
    assert actions.give_rooms(scene.class_run, by=scene.head) == (5, 0)
    inside: dict[int, set[int]] = {}
    for stay in Stay.objects.select_related("room"):
        assert stay.room_id is not None
        inside.setdefault(stay.room_id, set()).add(stay.callup_id)
    shared = [people for people in inside.values() if len(people) == 2]
    keys = [callup.pk for callup in scene.callups]
    assert shared == [{keys[0], keys[1]}]


def test_a_changed_wish_gives_up_the_room_that_no_longer_fits(scene: Scene) -> None:
    for who in (0, 1):
        scene.answer(who)
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    actions.give_rooms(scene.class_run, by=scene.head)
    scene.answer(0, Answer(overnight=True, alone=True), by=scene.trainee)
    assert Stay.objects.get(callup=scene.callups[0]).room is None
    assert Stay.objects.get(callup=scene.callups[1]).room is not None
    scene.answer(1, Answer(meals=True))
    assert Stay.objects.get(callup=scene.callups[1]).room is None


def test_by_hand_neither_a_full_room_nor_a_wish_nor_the_sex_is_passed_over(scene: Scene) -> None:
    first, second, woman, third = (scene.answer(who) for who in range(4))
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    room = Room.objects.get()
    actions.put_into(first, room, by=scene.head)
    with pytest.raises(Invalid):
        actions.put_into(woman, room, by=scene.head)
    Stay.objects.filter(pk=first.pk).update(alone=True)
    with pytest.raises(Invalid):
        actions.put_into(second, room, by=scene.head)
    Stay.objects.filter(pk=first.pk).update(alone=False)
    actions.put_into(second, room, by=scene.head)
    with pytest.raises(Conflict):
        actions.put_into(third, room, by=scene.head)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.filter(pk=third.pk).update(room=room, bed=1)
    actions.put_into(first, None, by=scene.head)
    actions.remove_room(room, by=scene.head)
    assert not Stay.objects.exclude(room=None, bed=None).exists()


def test_the_bed_of_somebody_who_withdrew_is_given_again(scene: Scene) -> None:
    gone, beside, _woman, newcomer = (scene.answer(who) for who in range(4))
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    room = Room.objects.get()
    for stay in (gone, beside):
        actions.put_into(stay, room, by=scene.head)
    Callup.objects.filter(pk=gone.callup_id).update(state=Callup.State.WITHDRAWN, seat=None)
    actions.put_into(newcomer, room, by=scene.head)
    assert set(Stay.objects.filter(room=room).values_list("pk", flat=True)) == {beside.pk, newcomer.pk}


def test_nobody_who_withdrew_keeps_another_from_being_alone(scene: Scene) -> None:
    gone, beside = scene.answer(0), scene.answer(1)
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    actions.give_rooms(scene.class_run, by=scene.head)
    Callup.objects.filter(pk=gone.callup_id).update(state=Callup.State.WITHDRAWN, seat=None)
    scene.answer(1, Answer(overnight=True, alone=True))
    beside.refresh_from_db()
    assert beside.room == Room.objects.get()


def test_notes_for_the_kitchen_stand_beside_a_name_only_for_those_who_run_the_class(scene: Scene) -> None:
    scene.answer(0, Answer(meals=True, diet="不吃猪肉"))
    page = reverse("classwork:lodging", args=[scene.class_run.pk])
    name, auditor = scene.callups[0].person.name, make_account(Role.AUDITOR, scene.city)
    assert "(不吃猪肉)" in scene.client(scene.head).get(page).content.decode()
    shown = scene.client(auditor).get(page).content.decode()
    assert (name in shown, "(不吃猪肉)" in shown, "不吃猪肉 1" in shown) == (True, False, True)


@pytest.mark.parametrize("end", [ClassRun.State.HELD, ClassRun.State.CANCELLED])
def test_notes_for_the_kitchen_are_blanked_once_the_class_run_is_over(
    scene: Scene, end: str, run_jobs: Callable[[], int]
) -> None:
    scene.answer(0, Answer(meals=True, diet="不吃猪肉"))
    if end == ClassRun.State.HELD:
        mark_class_run(scene.class_run, end, by=scene.head)
    else:
        cancel_class_run(scene.class_run, reason="停办", by=make_account(Role.DEPARTMENT, scene.city))
    run_jobs()
    assert (Stay.objects.get().diet, Stay.objects.get().meals) == ("", True)


def test_the_own_room_can_be_read_after_the_last_day_for_answers(scene: Scene) -> None:
    client, mine = scene.client(scene.trainee), reverse("callups:mine")
    Callup.objects.filter(pk=scene.callups[0].pk).update(state=Callup.State.ACCEPTED)
    stay = scene.answer(0)
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    actions.put_into(stay, Room.objects.get(), by=scene.head)
    Offer.objects.update(closes_on=scene.today - dt.timedelta(days=1))
    assert "房间 301" in client.get(mine).content.decode()
    page = client.get(reverse("classwork:stay", args=[scene.callups[0].pk])).content.decode()
    assert ("房间 301" in page, 'name="overnight"' in page) == (True, False)
    Stay.objects.all().delete()
    assert "食宿" not in client.get(mine).content.decode(), "nothing to read and nothing to say any more"


def test_a_room_that_was_removed_meanwhile_is_a_conflict(scene: Scene) -> None:
    stay = scene.answer(0)
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    room, stale = Room.objects.get(), Room.objects.get()
    actions.remove_room(room, by=scene.head)
    with pytest.raises(Conflict):
        actions.put_into(stay, stale, by=scene.head)


def test_what_is_no_longer_offered_no_longer_counts(scene: Scene) -> None:
    scene.answer(0, Answer(overnight=True, meals=True, diet="不吃猪肉", arrives="coach"))
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    actions.give_rooms(scene.class_run, by=scene.head)
    scene.offer(beds=False, transport=False)
    stay = queries.stays_of(scene.class_run)[0]
    assert stay.room is None
    assert (
        "房间"
        not in scene.client(scene.trainee)
        .get(reverse("classwork:stay", args=[stay.callup_id]))
        .content.decode()
        .split("<form")[0]
    )
    assert (stay.overnight, stay.meals, stay.diet, stay.arrives) == (False, True, "不吃猪肉", "")
    assert queries.guests_of(scene.class_run) == []
    scene.offer(meals=False)
    assert queries.diets_of(queries.stays_of(scene.class_run)) == []
    scene.offer(beds=False, meals=False, transport=False)
    assert queries.stays_of(scene.class_run) == []


def test_kitchen_counts_follow_who_eats_and_who_stays(scene: Scene) -> None:
    scene.answer(0)
    scene.answer(1, Answer(meals=True))
    scene.answer(2, Answer(overnight=True))
    days = queries.meals_by_day(scene.class_run, queries.stays_of(scene.class_run))
    assert [day for day, *_rest in days] == [scene.class_run.starts_on + dt.timedelta(days=n) for n in range(5)]
    assert [counts for _day, *counts in days] == [[0, 2, 1], [1, 2, 1], [1, 2, 1], [1, 2, 1], [1, 2, 0]]
    Callup.objects.filter(pk=scene.callups[0].pk).update(state=Callup.State.EXCUSED, seat=None)
    days = queries.meals_by_day(scene.class_run, queries.stays_of(scene.class_run))
    assert {tuple(counts) for _day, *counts in days} == {(0, 1, 0)}


def test_rooms_gate_and_kitchen_come_as_one_excel_file(scene: Scene) -> None:
    scene.answer(0, Answer(overnight=True, meals=True, diet="清真", arrives="coach"))
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    actions.give_rooms(scene.class_run, by=scene.head)
    answer = scene.client(scene.head).get(reverse("classwork:lodging_book", args=[scene.class_run.pk]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["住宿", "门卫", "用餐", "餐饮备注"]
    name = scene.callups[0].person.name
    assert [cell.value for cell in book["住宿"][2]][:2] == ["301", name]
    assert "集体乘车" in [cell.value for cell in book["门卫"][2]]
    assert [cell.value for cell in book["餐饮备注"][2]] == ["清真", 1]


def test_strangers_neither_see_nor_change_a_stay_or_a_room(scene: Scene) -> None:
    scene.answer(0)
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    room, stay = Room.objects.get(), Stay.objects.select_related("callup__class_run").get()
    other = make_account(Role.SCHOOL, make_unit("县委党校", scene.city, kind=Unit.Kind.SCHOOL))
    bound = make_account(Role.SCHOOL, scene.institution, own_class_runs_only=True)
    neighbour = make_account(Role.TRAINEE, None, scene.callups[1].person)
    away = make_account(Role.LIAISON, make_unit("市财政局", scene.city))
    deeds: list[Callable[[Account], object]] = [
        lambda by: actions.offer(scene.class_run, beds=True, meals=True, transport=True, closes_on=scene.today, by=by),
        lambda by: actions.add_rooms(scene.class_run, ["9"], 2, by=by),
        lambda by: actions.remove_room(room, by=by),
        lambda by: actions.give_rooms(scene.class_run, by=by),
        lambda by: actions.put_into(stay, room, by=by),
        lambda by: scene.answer(0, by=by),
    ]
    for account in (other, bound, neighbour, away):
        for deed in deeds:
            with pytest.raises(Refused):
                deed(account)
        client = scene.client(account)
        assert client.get(reverse("classwork:stay", args=[scene.callups[0].pk])).status_code == 404
        for name in ("lodging", "lodging_book"):
            assert client.get(reverse(f"classwork:{name}", args=[scene.class_run.pk])).status_code == 404
        assert client.post(reverse("classwork:put_into", args=[scene.callups[0].pk])).status_code == 404
    own = scene.client(scene.trainee)
    assert own.post(reverse("classwork:put_into", args=[scene.callups[0].pk]), {"room": room.pk}).status_code == 404


def test_the_pages_offer_add_and_give_rooms(db: None) -> None:
    scene = Scene(offers=False)
    client, url = scene.client(scene.head), reverse("classwork:lodging", args=[scene.class_run.pk])
    given = {"beds": "on", "meals": "on", "closes_on": scene.class_run.starts_on.isoformat()}
    assert client.post(url, given).status_code == 302
    assert client.post(url, {"beds": "on"}).status_code == 422
    late = scene.class_run.ends_on + dt.timedelta(days=1)
    assert client.post(url, given | {"closes_on": late.isoformat()}).status_code == 422
    for who in (1, 2):
        client.post(reverse("classwork:stay", args=[scene.callups[who].pk]), {"overnight": "on", "meals": "on"})
    rooms = reverse("classwork:rooms", args=[scene.class_run.pk])
    client.post(rooms, {"names": "301 302\n303", "beds": "2"})
    assert client.post(rooms, {"names": "", "beds": "2"}).status_code == 422
    client.post(rooms, {"deed": "give"})
    shown = client.get(url).content.decode()
    assert "<strong>2</strong> / 4" in shown
    assert Stay.objects.exclude(room=None).count() == 2
    taken = Room.objects.filter(stays__isnull=False).first()
    assert taken is not None
    client.post(reverse("classwork:remove_room", args=[taken.pk]))
    assert Stay.objects.exclude(room=None).count() == 1
    key = scene.callups[1].pk
    free = Room.objects.filter(stays=None).first()
    assert free is not None
    client.post(reverse("classwork:put_into", args=[key]), {"room": free.pk})
    assert Stay.objects.get(callup=key).room == free


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_three_put_into_one_room_at_once_leave_two_there(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")
    scene = Scene("mmm")
    stays = [scene.answer(who) for who in range(3)]
    actions.add_rooms(scene.class_run, ["301"], 2, by=scene.head)
    room = Room.objects.get()
    related = ("callup__person", "callup__class_run__institution")

    def put(stay: Stay) -> Callable[[], object]:
        return lambda: actions.put_into(Stay.objects.select_related(*related).get(pk=stay.pk), room, by=scene.head)

    assert together([put(stay) for stay in stays]) == ["Conflict"]
    assert Stay.objects.filter(room=room).count() == 2
