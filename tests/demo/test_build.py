"""The demonstration city can be made in any size on any day, keeps the rules of a real one, and is the same whenever it is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from zhixing.attendance.models import Leave, Register
from zhixing.callups.models import Callup, Reply
from zhixing.demo.build import build_city
from zhixing.evaluations.models import Study
from zhixing.obligations.models import Channel, Entry
from zhixing.people.models import Account
from zhixing.plans.models import AnnualPlan
from zhixing.portal.desks import desk_for
from zhixing.timetables.models import Session

pytestmark = pytest.mark.django_db
NOVEMBER = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _on_its_day(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The desks are looked at on the day on which the city stands."""
    on = getattr(request.node, "callspec", None) and request.node.callspec.params.get("on")
    if on:
        monkeypatch.setattr(timezone, "localdate", lambda *_: on)


def trainings() -> Iterator[tuple[int, dt.date, dt.date, str]]:
    """Person, first and last day and name of every full-time class run that somebody sat in or is called to."""
    offjob = Entry.objects.filter(channel=Channel.OFFJOB, source="history").exclude(began_on=None)
    yield from offjob.values_list("person", "began_on", "earned_on", "title")
    seats = Callup.objects.filter(seat__isnull=False)
    yield from seats.values_list("person", "class_run__starts_on", "class_run__ends_on", "class_run__name")


def in_two_at_once() -> list[Any]:
    rows = sorted(trainings())
    return [(one, two) for one, two in pairwise(rows) if one[0] == two[0] and two[1] <= one[2]]


@pytest.mark.parametrize(
    ("on", "people", "seed"),
    [
        (NOVEMBER, 300, 2),  # whoever suits the last class run sits in an earlier one already
        (dt.date(2027, 1, 1), 2_000, 1),  # the week began in the year before, and no class run is over
        (dt.date(2026, 8, 2), 2_000, 3),  # a Sunday
        (dt.date(2026, 4, 10), 2_000, 16),  # the finance bureau has nobody for the class run to come
        (dt.date(2026, 12, 31), 2_000, 4),  # what is to come lies in the next year
    ],
)
def test_every_desk_has_something_true_to_show_on_any_day(on: dt.date, people: int, seed: int) -> None:
    build_city(people=people, seed=seed, on=on, password="demo-password-1")
    assert in_two_at_once() == []
    keeping = Register.objects.values("session__class_run").distinct()
    called = Callup.objects.exclude(seat=None).values("class_run")
    assert keeping.exists()
    assert not keeping.exclude(session__class_run__in=called).exists()
    if people < 2_000:
        return
    drafted()
    todays = Register.objects.filter(session__on=on, session__half=Session.Half.MORNING)
    if on.weekday() < 5:
        register = todays.get(state=Register.State.OPEN)
        assert 0 < register.marks.count() < register.session.class_run.callups.count()
    assert not Register.objects.filter(session__on__lt=on, state=Register.State.OPEN).exists()
    assert Session.objects.filter(teacher__account__username="jiaoshi", on__gt=on).exists()
    mine = Callup.objects.filter(person__account__username="xueyuan")
    assert set(mine.values_list("state", flat=True)) == {Callup.State.ACCEPTED, Callup.State.SENT}
    assert Session.objects.filter(class_run__callups__in=mine, on__gt=on).exists()
    assert sorted(Reply.objects.pending().values_list("kind", flat=True)) == ["leave", "leave", "substitute"]
    assert Leave.objects.filter(state=Leave.State.ASKED).exists()
    verdicts = [one.result.found["verdict"] for one in Study.objects.exclude(result=None).select_related("result")]
    assert sorted(verdicts) == ["better", "no_evidence"]
    assert (
        Study.objects.filter(result=None, source=Study.Source.HOURS).exists()
        == Callup.objects.filter(state="completed").exists()
    )
    for username in ("zuzhibu", "dangxiao", "lianluoyuan", "xueyuan", "jiaoshi", "shenji"):
        account = Account.objects.get(username=username)
        assert account.email.endswith("example.invalid")
        assert any(group.lines for group in desk_for(account).groups), username


def drafted() -> None:
    """The draft of the next year keeps its rules, its lines are numbered without a gap, and two trials of it are answered."""
    plan = AnnualPlan.objects.get(state=AnnualPlan.State.DRAFT)
    lines = list(plan.lines.order_by("number"))
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert all(line.evidence for line in lines)
    tried = [one.answer for one in plan.tries.all()]
    assert [(one["status"], one["broken"]) for one in tried] == [("feasible", [])] * 2
    assert all(one["lines"] for one in tried)


SECRETS = {"password", "id_sealed", "nonce", "secret", "session_key"}


def facts() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, without keys, secrets and the moments that the database enters by itself."""
    found = {}
    for model in apps.get_models():
        if not model.__module__.startswith("zhixing.") or model.__name__ == "Job":
            continue
        names = [field.attname for field in model._meta.concrete_fields if told(field)]
        found[model.__name__] = sorted(model._default_manager.values_list(*names), key=repr)
    return found


def told(field: Any) -> bool:
    stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return not (field.primary_key or stamped or isinstance(field, models.UUIDField) or field.name in SECRETS)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="a sequence of PostgreSQL does not go back, so foreign keys differ"
)
def test_the_same_arguments_give_the_same_city_whenever_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for later in (dt.timedelta(), dt.timedelta(days=40)):
        truly = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda moment=truly + later: moment)
        with transaction.atomic():
            build_city(people=600, seed=1, on=NOVEMBER, password="demo-password-1")
            made.append(facts())
            transaction.set_rollback(True)
        monkeypatch.undo()
    assert {name for name in made[0] if made[0][name] != made[1][name]} == set()
    assert len(made[0]["Entry"]) > 1_000
