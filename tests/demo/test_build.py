"""The demonstration city can be made in any size."""

from __future__ import annotations

import datetime as dt

import pytest

from zhixing.attendance.models import Register
from zhixing.callups.models import Callup
from zhixing.demo.build import build_city

pytestmark = pytest.mark.django_db


def test_a_city_too_small_for_its_class_runs_keeps_the_registers_of_those_who_came() -> None:
    """Whoever suits the last class run sits in an earlier one already."""
    build_city(people=300, seed=2, on=dt.date(2026, 11, 24), password="demo-password-1")
    registers = Register.objects.values_list("session__class_run", flat=True).distinct()
    assert registers.count() > 0
    called = Callup.objects.exclude(seat=None).values("class_run")
    assert not registers.exclude(session__class_run__in=called).exists()
