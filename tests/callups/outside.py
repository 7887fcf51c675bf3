"""Call-ups by other authorities for the tests of call-ups."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.callups.city import City
from zhixing.callups import actions
from zhixing.callups.models import OutsideCallup
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun

CALLER, DOCUMENT = "省委组织部", "省组通〔2027〕12号"


def elsewhere(city: City, person: Person, first: dt.date, last: dt.date, **facts: Any) -> OutsideCallup:
    """``person`` is called by the province from ``first`` to ``last``."""
    given = {"caller": CALLER, "document": DOCUMENT, "class_name": "省级专题班", "starts_on": first, "ends_on": last}
    return actions.enter_outside_callup(person, {**given, **facts}, by=city.department)


def around(class_run: ClassRun, before: int = 0, after: int = 0) -> tuple[dt.date, dt.date]:
    """The days of a class run, widened (or, below zero, narrowed) at both ends."""
    return class_run.starts_on - dt.timedelta(days=before), class_run.ends_on + dt.timedelta(days=after)
