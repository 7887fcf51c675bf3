"""The unit tree: dated placements, and paths that follow a move."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.people import actions
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def placements(unit: Unit) -> list[tuple[str, int | None, dt.date, dt.date | None]]:
    return [(p.name, p.parent_id, p.from_on, p.to_on) for p in unit.placements.order_by("from_on")]


def test_a_new_unit_hangs_below_its_parent_and_is_placed_from_its_first_day(city: Unit, department: Account) -> None:
    unit = actions.create_unit(city, "云岚市水务局", Unit.Kind.ORGAN, code="SW", by=department, opened_on=DAY)
    assert unit.path.startswith(city.path)
    assert unit.level == 2
    assert placements(unit) == [("云岚市水务局", city.pk, DAY, None)]
    assert AuditEntry.objects.filter(action="people.unit_opened", subject_id=str(unit.pk)).exists()


def test_a_code_is_taken_once(city: Unit, department: Account) -> None:
    actions.create_unit(city, "甲局", Unit.Kind.ORGAN, code="A", by=department)
    with pytest.raises(Invalid):
        actions.create_unit(city, "乙局", Unit.Kind.ORGAN, code="A", by=department)
    assert not Unit.objects.filter(name="乙局").exists()


def test_a_renamed_unit_keeps_its_old_name_for_earlier_days(city: Unit, department: Account) -> None:
    unit = make_unit("环保局", city)
    actions.rename_unit(unit, "生态环境局", from_on=DAY, by=department)
    unit.refresh_from_db()
    assert unit.name == "生态环境局"
    assert [(name, end) for name, _, _, end in placements(unit)] == [
        ("环保局", dt.date(2026, 2, 28)),
        ("生态环境局", None),
    ]


def test_a_second_name_on_the_same_day_corrects_the_first(city: Unit, department: Account) -> None:
    unit = make_unit("环保局", city)
    actions.rename_unit(unit, "生态局", from_on=DAY, by=department)
    actions.rename_unit(unit, "生态环境局", from_on=DAY, by=department)
    assert [name for name, *_ in placements(unit)] == ["环保局", "生态环境局"]


def test_a_name_cannot_begin_before_the_present_one_did(city: Unit, department: Account) -> None:
    unit = make_unit("环保局", city)
    actions.rename_unit(unit, "生态局", from_on=DAY, by=department)
    with pytest.raises(Invalid):
        actions.rename_unit(unit, "生态环境局", from_on=DAY - dt.timedelta(days=1), by=department)


def test_a_moved_unit_takes_everything_below_it_along(city: Unit, department: Account) -> None:
    county, organ = make_unit("北泽县", city), make_unit("县供销社", city)
    office = make_unit("办公室", make_unit("业务科", organ))
    person = make_person(office)
    actions.move_unit(organ, county, from_on=DAY, by=department)
    for unit in (organ, office):
        unit.refresh_from_db()
    assert organ.path.startswith(county.path)
    assert office.path.startswith(organ.path)
    assert office.level == 5
    liaison = make_account(Role.LIAISON, county)
    assert list(type(person).objects.visible_to(liaison)) == [person]
    assert placements(organ)[-1] == ("县供销社", county.pk, DAY, None)


def test_a_unit_cannot_hang_below_itself(city: Unit, department: Account) -> None:
    upper = make_unit("上级", city)
    lower = make_unit("下级", upper)
    with pytest.raises(Invalid):
        actions.move_unit(upper, lower, from_on=DAY, by=department)


def test_a_unit_closes_only_when_it_is_empty(city: Unit, department: Account) -> None:
    unit = make_unit("旧局", city)
    office = make_unit("科", unit)
    with pytest.raises(Invalid):
        actions.close_unit(unit, on=DAY, by=department)
    actions.close_unit(office, on=DAY, by=department)
    person = make_person(unit)
    with pytest.raises(Invalid):
        actions.close_unit(unit, on=DAY, by=department)
    actions.end_service(person, last_day=dt.date(2026, 2, 1), retired=True, by=department)
    actions.close_unit(unit, on=DAY, by=department)
    assert placements(unit)[-1][3] == DAY
    with pytest.raises(Conflict):
        actions.close_unit(unit, on=DAY, by=department)


def test_nothing_is_entered_for_the_future(city: Unit, department: Account) -> None:
    unit = make_unit("局", city)
    later = dt.date(2999, 1, 1)
    with pytest.raises(Invalid):
        actions.rename_unit(unit, "新局", from_on=later, by=department)
    with pytest.raises(Invalid):
        actions.close_unit(unit, on=later, by=department)
    with pytest.raises(Invalid):
        actions.create_unit(city, "新局", Unit.Kind.ORGAN, code="N", by=department, opened_on=later)


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.AUDITOR])
def test_only_the_department_changes_the_tree(city: Unit, role: str) -> None:
    unit = make_unit("局", city)
    stranger = make_account(role, city)
    with pytest.raises(Refused):
        actions.create_unit(city, "新局", Unit.Kind.ORGAN, code="N", by=stranger)
    with pytest.raises(Refused):
        actions.rename_unit(unit, "新局", from_on=DAY, by=stranger)
    with pytest.raises(Refused):
        actions.close_unit(unit, on=DAY, by=stranger)
    with pytest.raises(Refused):
        actions.edit_unit(unit, kind=Unit.Kind.COUNTY, position=1, away_max=2, by=stranger)


def test_a_county_changes_nothing_outside_its_subtree(city: Unit) -> None:
    county, organ = make_unit("北泽县", city), make_unit("市局", city)
    office = make_unit("县局", county)
    administrator = make_department(county)
    with pytest.raises(Refused):
        actions.rename_unit(organ, "市局二", from_on=DAY, by=administrator)
    with pytest.raises(Refused):
        actions.move_unit(office, organ, from_on=DAY, by=administrator)
    with pytest.raises(Refused):
        actions.move_unit(county, make_unit("乡", county), from_on=DAY, by=administrator)
    actions.edit_unit(office, kind=Unit.Kind.TOWNSHIP, position=3, away_max=4, by=administrator)
    office.refresh_from_db()
    assert (office.kind, office.position, office.away_max) == (Unit.Kind.TOWNSHIP, 3, 4)


def test_the_top_of_the_tree_stays(city: Unit, department: Account) -> None:
    with pytest.raises(Refused):
        actions.close_unit(city, on=DAY, by=department)
    with pytest.raises(Refused):
        actions.move_unit(city, make_unit("局", city), from_on=DAY, by=department)


def test_a_closed_unit_takes_nothing_below_it(city: Unit, department: Account) -> None:
    unit = make_unit("旧局", city, closed_on=DAY)
    with pytest.raises(Refused):
        actions.create_unit(unit, "科", Unit.Kind.ORGAN, code="K", by=department)
