"""A city with two counties, its department, a school, a liaison and whoever approves plans."""

from __future__ import annotations

import pytest

from tests.factories import make_account, make_city, make_department, make_unit
from tests.plans.planning import City
from zhixing.people.models import Role, Unit


@pytest.fixture
def planning() -> City:
    unit = make_city()
    north, south = (make_unit(name, unit, kind=Unit.Kind.COUNTY) for name in ("城北县", "城南县"))
    school = make_unit("市委党校", unit, kind=Unit.Kind.SCHOOL)
    return City(
        unit=unit,
        north=north,
        south=south,
        school=school,
        maker=make_department(unit),
        office=make_department(unit),
        head=make_department(unit),
        liaison=make_account(Role.LIAISON, north),
        staff=make_account(Role.SCHOOL, school),
        county=make_department(north),
    )
