"""Class rules are acknowledged by the person, with the moment and the text; a liaison accepts without ticking for anybody."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.attendance.school import make_callup
from tests.factories import make_account, make_city, make_class_run, make_person, make_unit
from zhixing.base.models import Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions
from zhixing.callups.models import Callup
from zhixing.callups.queries import rules_owed
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.portal.desks import desk_for

pytestmark = pytest.mark.django_db
RULES = "不带车辆，不饮酒。"


class Scene:
    """One person called to a class of next week, the liaison of the unit, and staff of the institution."""

    def __init__(self, rules: str = RULES) -> None:
        city = make_city()
        self.institution = make_unit("市委党校", city, kind=Unit.Kind.SCHOOL)
        organ = make_unit("市水务局", city)
        starts_on = timezone.localdate() + dt.timedelta(days=7)
        self.class_run = make_class_run(
            starts_on=starts_on, state=ClassRun.State.CALLED, class_rules=rules, institution=self.institution
        )
        person = make_person(organ)
        self.callup = make_callup(self.class_run, person, Callup.State.SENT, 1)
        self.trainee = make_account(Role.TRAINEE, None, person)
        self.liaison = make_account(Role.LIAISON, organ)
        self.head = make_account(Role.SCHOOL, self.institution)

    @property
    def now(self) -> Callup:
        return Callup.objects.select_related("class_run", "person", "unit", "run").get(pk=self.callup.pk)

    def url(self, name: str) -> str:
        return reverse(f"callups:{name}", args=[self.callup.pk])

    def client(self, account: Account) -> Client:
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(account)
        return client


def test_who_accepts_for_themselves_ticks_and_the_moment_and_the_text_are_kept() -> None:
    scene = Scene()
    with pytest.raises(Invalid):
        actions.accept_callup(scene.now, by=scene.trainee)
    assert scene.now.state == Callup.State.SENT
    actions.accept_callup(scene.now, rules_read=scene.class_run.rules_digest, by=scene.trainee)
    assert scene.now.state == Callup.State.ACCEPTED
    assert scene.now.acknowledged_at is not None
    assert scene.now.acknowledged_digest == scene.class_run.rules_digest
    assert not rules_owed(scene.trainee).exists()


def test_a_text_that_changed_under_the_reader_is_read_again() -> None:
    scene = Scene()
    read = scene.class_run.rules_digest
    ClassRun.objects.update(class_rules="按时就寝。")
    with pytest.raises(Conflict):
        actions.accept_callup(scene.now, rules_read=read, by=scene.trainee)
    assert scene.now.acknowledged_at is None


def test_a_liaison_accepts_in_one_click_and_the_person_is_asked_later() -> None:
    scene = Scene()
    client = scene.client(scene.liaison)
    assert client.post(scene.url("accept")).status_code == 302
    assert scene.now.state == Callup.State.ACCEPTED
    assert scene.now.acknowledged_at is None
    assert Notice.objects.filter(kind="callups.rules", recipient_id=scene.trainee.pk).exists()
    desk = desk_for(scene.trainee)
    assert desk.deeds[0].url == scene.url("rules")
    assert scene.class_run.name in desk.answer
    shown = scene.client(scene.trainee).get(scene.url("rules")).content.decode()
    assert RULES in shown
    answer = scene.client(scene.trainee).post(scene.url("rules"), {"rules_read": scene.class_run.rules_digest})
    assert answer.status_code == 302
    assert scene.now.acknowledged_digest == scene.class_run.rules_digest
    assert desk_for(scene.trainee).deeds[0].url != scene.url("rules")


def test_nobody_acknowledges_for_somebody_else() -> None:
    scene = Scene()
    for account in (scene.liaison, scene.head, make_account(Role.TRAINEE, None, make_person(scene.institution))):
        with pytest.raises(Refused):
            actions.acknowledge_rules(scene.now, scene.class_run.rules_digest, by=account)
    assert scene.now.acknowledged_at is None


def test_a_class_without_rules_is_accepted_in_one_click() -> None:
    scene = Scene(rules="")
    shown = scene.client(scene.trainee).get(reverse("callups:mine")).content.decode()
    assert f'action="{scene.url("accept")}"' in shown
    assert scene.url("rules") not in shown
    assert scene.client(scene.trainee).post(scene.url("accept")).status_code == 302
    assert scene.now.state == Callup.State.ACCEPTED


def test_the_page_of_a_class_with_rules_accepts_with_the_tick() -> None:
    scene = Scene()
    client = scene.client(scene.trainee)
    assert scene.url("rules") in client.get(reverse("callups:mine")).content.decode()
    assert f'action="{scene.url("accept")}"' in client.get(scene.url("rules")).content.decode()
    assert client.post(scene.url("accept")).status_code == 422
    client.post(scene.url("accept"), {"rules_read": scene.class_run.rules_digest})
    assert scene.now.state == Callup.State.ACCEPTED


def test_a_changed_text_is_asked_anew() -> None:
    scene = Scene()
    actions.accept_callup(scene.now, rules_read=scene.class_run.rules_digest, by=scene.trainee)
    ClassRun.objects.update(class_rules="按时就寝。")
    assert list(rules_owed(scene.trainee)) == [scene.callup]


def test_the_class_head_sees_who_has_not_yet_and_an_outsider_nothing() -> None:
    scene = Scene()
    late = make_callup(scene.class_run, make_person(scene.institution, name="秦晚"), Callup.State.SENT, 2)
    actions.accept_callup(scene.now, rules_read=scene.class_run.rules_digest, by=scene.trainee)
    url = reverse("callups:rules_read", args=[scene.class_run.pk])
    shown = scene.client(scene.head).get(f"{url}?rules=owed").content.decode()
    assert late.person.name in shown
    assert scene.callup.person.name not in shown
    assert "<strong>1</strong> / 2" in shown
    for account in (scene.liaison, scene.trainee, make_account(Role.SCHOOL, make_unit("县委党校", kind="school"))):
        assert scene.client(account).get(url).status_code == 404


def test_the_institution_writes_the_rules_and_a_copy_keeps_them() -> None:
    scene = Scene(rules="")
    client = scene.client(scene.head)
    client.post(reverse("plans:edit", args=[scene.class_run.pk]), {"class_rules": RULES})
    scene.class_run.refresh_from_db()
    assert scene.class_run.class_rules == RULES
