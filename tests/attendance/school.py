"""An invented class run in a party school, for the tests of attendance: staff, trainees, sessions, registers, and times around them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from tests import factories
from zhixing.attendance import actions
from zhixing.attendance.models import Register
from zhixing.callups.models import Callup, CallupRun
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session

MONDAY = dt.date(2026, 9, 7)
UNSEATED = (Callup.State.PROPOSED, Callup.State.EXCUSED, Callup.State.WITHDRAWN)
TIMES = {"am": (dt.time(9), dt.time(12)), "pm": (dt.time(14, 30), dt.time(17, 30)), "ev": (dt.time(19), dt.time(21))}


def at(on: dt.date, hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    """A moment in the installation's own time zone."""
    return dt.datetime.combine(on, dt.time(hour, minute, second), timezone.get_default_timezone())


@dataclass
class School:
    """A class run of five days with two half days each, 30.0 hours, and its people. ``callups[i]`` belongs to ``trainees[i]``."""

    city: Unit
    institution: Unit
    organ: Unit
    department: Account
    staff: list[Account]
    class_run: ClassRun
    callups: list[Callup] = field(default_factory=list)
    trainees: list[Account] = field(default_factory=list)

    @property
    def head(self) -> Account:
        return self.staff[0]

    @property
    def sessions(self) -> list[Session]:
        return list(self.class_run.sessions.order_by("on", "begins_at"))

    def register(self, number: int = 0) -> Register:
        """The register of the session with this number, from 0."""
        return Register.objects.select_related("session__class_run__institution", "session__teacher").get(
            session=self.sessions[number]
        )

    def during(self, number: int = 0) -> dt.datetime:
        session = self.sessions[number]
        return at(session.on, session.begins_at.hour, session.begins_at.minute) + dt.timedelta(minutes=5)

    def after(self, number: int = 0) -> dt.datetime:
        session = self.sessions[number]
        return at(session.on, session.ends_at.hour, session.ends_at.minute) + dt.timedelta(minutes=1)

    def open(self) -> None:
        actions.open_registers(self.class_run, by=self.head, now=at(MONDAY, 8))

    def mark(self, number: int, who: int, status: str) -> None:
        """Roll call by the class head during the session, whatever the page showed before."""
        register, callup = self.register(number), self.callups[who]
        version = register.evidence.filter(callup=callup).count()
        actions.mark_person(register, callup.pk, status, version=version, by=self.head, now=self.during(number))

    def close(self, number: int, *, everybody: bool = True) -> actions.Closing:
        """Close after the session; ``everybody`` not marked yet is there."""
        register = self.register(number)
        if everybody:
            actions.mark_rest(register, by=self.head, now=self.during(number))
        return actions.close_register(register, by=self.head, now=self.after(number))


def make_school(people: int = 4, days: int = 5, tenths: int = 30, **class_run: Any) -> School:
    """Registers are not open yet; each session has ``tenths``."""
    city = factories.make_city()
    institution = factories.make_unit("市委党校", city, kind=Unit.Kind.SCHOOL)
    organ = factories.make_unit("市水务局", city)
    staff = [factories.make_account(Role.SCHOOL, institution, name=f"班主任{n}") for n in range(3)]
    run = factories.make_class_run(
        "乡科级干部进修班",
        institution=institution,
        starts_on=MONDAY,
        ends_on=MONDAY + dt.timedelta(days=days - 1),
        tenths=days * 2 * tenths,
        theme="党性教育",
        content=ClassRun.Content.PARTY_SPIRIT,
        state=ClassRun.State.CALLED,
        seats_max=400,
        **class_run,
    )
    school = School(city, institution, organ, factories.make_department(city), staff, run)
    for day in range(days):
        for half in ("am", "pm"):
            make_session(run, MONDAY + dt.timedelta(days=day), half, tenths)
    for _n in range(people):
        add_trainee(school)
    return school


def make_session(
    class_run: ClassRun, on: dt.date, half: str, tenths: int = 30, teacher: Teacher | None = None
) -> Session:
    begins, ends = TIMES[half]
    return Session.objects.create(
        class_run=class_run,
        on=on,
        half=half,
        begins_at=begins,
        ends_at=ends,
        title="专题教学",
        tenths=tenths,
        teacher=teacher,
    )


def add_trainee(school: School, state: str = Callup.State.ACCEPTED, person: Person | None = None) -> Callup:
    person = person or factories.make_person(school.organ)
    seat = None if state in UNSEATED else len(school.callups) + 1
    callup = make_callup(school.class_run, person, state, seat)
    school.callups.append(callup)
    school.trainees.append(factories.make_account(Role.TRAINEE, None, person))
    return callup


def make_callup(class_run: ClassRun, person: Person, state: str, seat: int | None) -> Callup:
    run, _made = CallupRun.objects.get_or_create(
        name="测试调训", defaults={"on": MONDAY - dt.timedelta(days=30), "by_id": 1}
    )
    return Callup.objects.create(
        run=run, class_run=class_run, person=person, unit=person.unit, state=state, seat=seat, sent_at=at(MONDAY, 0)
    )
