"""One place that makes invented units, persons, accounts, class runs … for tests. Every name is invented."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from zhixing.engine import policies
from zhixing.obligations.models import Channel, Entry, Policy
from zhixing.people import privacy
from zhixing.people.models import Account, Person, Posting, PrivacyAcknowledgement, Role, Unit, UnitPlacement
from zhixing.plans.models import AnnualPlan, ClassRun, PlanLine, Programme, Quota

PASSWORD = "long-and-invented-1"
_count = itertools.count(1)


def make_unit(name: str = "", parent: Unit | None = None, kind: str = Unit.Kind.ORGAN, **fields: Any) -> Unit:
    n = next(_count)
    code = fields.pop("code", f"U{n:05d}")
    path = f"{parent.path if parent else ''}{n:05d}."
    unit = Unit.objects.create(code=code, name=name or f"单位{n}", kind=kind, parent=parent, path=path, **fields)
    UnitPlacement.objects.create(unit=unit, parent=parent, name=unit.name, from_on=unit.opened_on)
    return unit


def make_city() -> Unit:
    """The root: every other unit hangs below it."""
    return make_unit("云岚市", kind=Unit.Kind.CITY)


def make_person(unit: Unit, name: str = "", rank: str = "乡科级正职", grade: str = "", **fields: Any) -> Person:
    """A serving person with one open principal posting since ``joined_on``, on record ever since."""
    n = next(_count)
    joined_on = fields.pop("joined_on", dt.date(2018, 7, 1))
    posting = {key: fields.pop(key) for key in ("promoted", "from_on") if key in fields}
    person = Person.objects.create(
        number=fields.pop("number", f"P{n:06d}"),
        name=name or f"周{n}",
        unit=unit,
        rank=rank,
        grade=grade,
        joined_on=joined_on,
        **{"entered_at": None, **fields},
    )
    Posting.objects.create(
        person=person,
        unit=unit,
        department=person.department,
        title=person.title,
        rank=rank,
        grade=grade,
        **{"from_on": joined_on, **posting},
    )
    return person


def make_account(role: str, unit: Unit | None = None, person: Person | None = None, **fields: Any) -> Account:
    """An account that has read the privacy notice, so that a signed-in client gets its page at once."""
    n = next(_count)
    account = Account.objects.create_account(
        fields.pop("username", f"user{n}"),
        PASSWORD,
        role,
        name=fields.pop("name", person.name if person else f"账号{n}"),
        scope_unit=unit,
        person=person,
        **fields,
    )
    PrivacyAcknowledgement.objects.create(account=account, version=privacy.VERSION)
    return account


def make_department(city: Unit) -> Account:
    return make_account(Role.DEPARTMENT, city)


def make_entry(person: Person, earned_on: dt.date, tenths: int, channel: str = Channel.OFFJOB, **fields: Any) -> Entry:
    """A line of the hours ledger, recorded on the day it was earned."""
    recorded_on = fields.pop("recorded_on", earned_on)
    return Entry.objects.create(
        **{
            "person": person,
            "earned_on": earned_on,
            "tenths": tenths,
            "channel": channel,
            "title": f"培训{next(_count)}",
            "source": "attendance",
            "recorded_at": timezone.make_aware(dt.datetime.combine(recorded_on, dt.time(12))),
            **fields,
        }
    )


def make_policy(text: str, signed_by: Account | None = None) -> Policy:
    """A signed policy; ``text`` is its TOML."""
    read = policies.parse(text)
    return Policy.objects.create(
        code=read.code,
        version=Policy.objects.filter(code=read.code).count() + 1,
        title=read.title,
        text=text,
        digest=read.digest,
        basis=read.basis,
        in_force_from=read.in_force_from,
        signed_by_id=signed_by.pk if signed_by else None,
    )


def make_class_run(name: str = "", **fields: Any) -> ClassRun:
    n = next(_count)
    starts_on = fields.pop("starts_on", dt.date(2026, 9, 7))
    return ClassRun.objects.create(
        **{
            "code": f"C{n:04d}",
            "year": starts_on.year,
            "name": name or f"培训班{n}",
            "starts_on": starts_on,
            "ends_on": starts_on + dt.timedelta(days=4),
            "tenths": 300,
            "seats_max": 20,
            "ranks": ["乡科级正职"],
            "state": ClassRun.State.OPEN,
            **fields,
        }
    )


def make_quota(class_run: ClassRun, unit: Unit, seats_max: int, seats_min: int = 0) -> Quota:
    return Quota.objects.create(class_run=class_run, unit=unit, seats_max=seats_max, seats_min=seats_min)


def make_programme(unit: Unit, by: Account, **fields: Any) -> Programme:
    n = next(_count)
    return Programme.objects.create(
        **{
            "unit": unit,
            "by": by,
            "code": f"X{n:03d}",
            "name": f"培训项目{n}",
            "kind": Programme.Kind.MAIN,
            "days": 5,
            "tenths": 400,
            "content_tenths": {"theory": 200, "party_spirit": 100, "ability": 100},
            "method_tenths": {"lecture": 250, "case": 100, "seminar": 50},
            "leader_tenths": 80,
            "size_min": 10,
            "size_max": 50,
            **fields,
        }
    )


def make_annual_plan(unit: Unit, by: Account, **fields: Any) -> AnnualPlan:
    """A draft for the year 2027."""
    n = next(_count)
    return AnnualPlan.objects.create(
        **{"unit": unit, "by": by, "year": 2027, "number": n, "title": f"年度培训计划{n}", **fields}
    )


def make_plan_line(plan: AnnualPlan, **fields: Any) -> PlanLine:
    n = next(_count)
    return PlanLine.objects.create(
        **{
            "plan": plan,
            "number": plan.lines.count() + 1,
            "title": f"计划班次{n}",
            "ranks": ["乡科级正职"],
            "people": 40,
            "days": 5,
            "tenths": 400,
            "term": 2,
            **fields,
        }
    )
