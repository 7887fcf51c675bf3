"""One login per role, and an account without a password for every liaison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.contrib.auth.hashers import make_password

from zhixing.demo.people import People
from zhixing.demo.units import Body
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.resources.models import Teacher

STAFF = "staff-"
"""How the user names of a school's class head, teaching office and principal begin."""


class Login(NamedTuple):
    role: str
    username: str
    password: str
    name: str


def make_accounts(bodies: Sequence[Body], people: People, password: str) -> list[Login]:
    """The six demonstration logins share ``password``; every unit directly below the city has a liaison."""
    city = bodies[0].unit
    organ = next(b for b in bodies if b.name == "市财政局").unit
    school = next(b for b in bodies if b.kind == Unit.Kind.SCHOOL).unit
    trainee = Person.objects.serving().filter(unit=organ, rank="乡科级正职").first() or Person.objects.serving()[0]
    sealed = make_password(password)
    made = [
        _account(Role.DEPARTMENT, "zuzhibu", "组织部干部教育科", sealed, city),
        _account(Role.SCHOOL, "dangxiao", "市委党校教务处", sealed, school),
        _account(Role.LIAISON, "lianluoyuan", "市财政局联络员", sealed, organ),
        _account(Role.TRAINEE, "xueyuan", trainee.name, sealed, None, trainee),
        _account(Role.TEACHER, "jiaoshi", "苏教授", sealed, None),
        _account(Role.AUDITOR, "shenji", "监督员", sealed, city),
    ]
    Teacher.objects.create(
        name="苏教授", group=Teacher.Group.SCHOOL, institution=school, account=made[4], topics="党的创新理论 基层治理"
    )
    for name, group in (("秦主任", "leader"), ("孟教授", "expert"), ("郝老师", "school"), ("石书记", "village")):
        Teacher.objects.create(name=name, group=group, institution=school if group == "school" else None)
    closed = make_password(None)
    top = [b for b in bodies if b.parent is bodies[0] and b.unit != organ]
    Account.objects.bulk_create(
        Account(
            username=f"liaison-{b.unit.code.lower()}",
            name=f"{b.name}联络员"[:60],
            role=Role.LIAISON,
            scope_unit=b.unit,
            password=closed,
        )
        for b in top
    )
    Account.objects.bulk_create(
        Account(
            username=f"{STAFF}{b.unit.code.lower()}-{n}",
            name=name,
            role=Role.SCHOOL,
            scope_unit=b.unit,
            password=closed,
        )
        for b in bodies
        if b.kind == Unit.Kind.SCHOOL
        for n, name in enumerate(("班主任", "教务处长", "分管副校长"), 1)
    )
    return [Login(str(a.get_role_display()), a.username, password, a.name) for a in made]


def _account(
    role: str, username: str, name: str, sealed: str, unit: Unit | None, person: Person | None = None
) -> Account:
    made: Account = Account.objects.create(
        username=username, name=name, role=role, scope_unit=unit, person=person, password=sealed
    )
    return made


def accounts_for(people: People, chosen: np.ndarray) -> None:
    """Trainee accounts without a password for the called people, so that notices reach a desk."""
    closed = make_password(None)
    known = set(Account.objects.exclude(person=None).values_list("person_id", flat=True))
    Account.objects.bulk_create(
        Account(
            username=f"yl{key:06d}", name=people.names[key - 1], role=Role.TRAINEE, person_id=int(key), password=closed
        )
        for key in chosen
        if int(key) not in known
    )
