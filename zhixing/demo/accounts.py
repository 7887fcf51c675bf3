"""One login per role and per decider of the annual plan, and an account without a password for every liaison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db.models import Count, Q

from zhixing.demo.courses import OFFICERS, SECTION_LEVEL
from zhixing.demo.people import People
from zhixing.demo.units import Body
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.resources.models import Teacher

MAIL = "yunlan.example.invalid"
"""Where the logins get e-mail: a domain that RFC 2606 keeps from ever existing."""
DECIDERS = (("kezhang", "干部教育科科长"), ("fubuzhang", "分管副部长"))
"""Who approve the annual plan, in this order."""
STAFF = "staff-"
"""How the user names of a school's class head, teaching office and principal begin."""


OTHER_TEACHERS = (
    ("秦主任", "leader", "高质量发展 优化营商环境"),
    ("孟教授", "expert", "数字政府 数据治理"),
    ("郝老师", "school", "依法行政"),
    ("石书记", "village", "乡村振兴"),
)


class Login(NamedTuple):
    role: str
    username: str
    password: str
    name: str


def make_accounts(bodies: Sequence[Body], people: People, password: str) -> list[Login]:
    """The demonstration logins share ``password``; every unit directly below the city has a liaison."""
    city = bodies[0].unit
    organ = _organ(bodies)
    school = next(b for b in bodies if b.kind == Unit.Kind.SCHOOL).unit
    trainee = _trainee(organ)
    sealed = make_password(password)
    made = [
        _account(Role.DEPARTMENT, "zuzhibu", "组织部干部教育科", sealed, city),
        _account(Role.SCHOOL, "dangxiao", "市委党校教务处", sealed, school),
        _account(Role.LIAISON, "lianluoyuan", f"{organ.name}联络员", sealed, organ),
        _account(Role.TRAINEE, "xueyuan", trainee.name, sealed, None, trainee),
        _account(Role.TEACHER, "jiaoshi", "苏教授", sealed, None),
        _account(Role.AUDITOR, "shenji", "监督员", sealed, city),
        *(_account(Role.DEPARTMENT, username, name, sealed, city) for username, name in DECIDERS),
    ]
    Teacher.objects.create(
        name="苏教授",
        group=Teacher.Group.SCHOOL,
        institution=school,
        account=made[4],
        topics="党的创新理论 基层治理",
        contact="0990-6600121",
    )
    for name, group, topics in OTHER_TEACHERS:
        Teacher.objects.create(name=name, group=group, institution=school if group == "school" else None, topics=topics)
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


def _organ(bodies: Sequence[Body]) -> Unit:
    """The unit of liaison and trainee: the finance bureau, or in a small city the organ with most people whom a section's classes are for."""
    fitting = Q(rank__in=SECTION_LEVEL) | Q(rank="", grade__in=OFFICERS)
    count = dict(Person.objects.serving().filter(fitting).order_by().values_list("unit").annotate(n=Count("pk")))
    organs = [b.unit for b in bodies if b.parent is bodies[0] and b.kind == Unit.Kind.ORGAN]
    bureau = next(one for one in organs if one.name == "市财政局")
    return bureau if count.get(bureau.pk, 0) > 2 else max(organs, key=lambda one: count.get(one.pk, 0))


def _trainee(organ: Unit) -> Person:
    """A head of section of the liaison's unit, or whoever comes nearest to that."""
    serving = Person.objects.serving()
    section = serving.filter(rank__in=SECTION_LEVEL).order_by("-rank", "pk")  # 正职 before 副职
    return section.filter(unit=organ).first() or section.first() or serving[0]


def _account(
    role: str, username: str, name: str, sealed: str, unit: Unit | None, person: Person | None = None
) -> Account:
    made: Account = Account.objects.create(
        username=username,
        name=name,
        role=role,
        scope_unit=unit,
        person=person,
        password=sealed,
        email=f"{username}@{MAIL}",
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
