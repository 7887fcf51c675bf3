"""The page of what units carry: any level, the own subtree only, export, and who may not see it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests import factories
from tests.callups.city import YEAR, City, make_city
from tests.callups.test_burden import called
from tests.callups.test_pages import signed_in
from zhixing.people.models import Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    """The county and its township send two of three who are away, with one of five who could go each."""
    made = make_city(people=3)
    class_run = made.class_run(ranks=["乡科级正职"])
    people = (made.people[0], made.person(made.county), made.person(made.township))
    for person in people:
        called(person, class_run)
    return made


def page(client: Client, unit: Unit, **asked: Any) -> Any:
    return client.get(reverse("callups:burden_of", args=[YEAR, unit.pk]), asked)


def rows(answer: Any) -> dict[str, tuple[int, int, str]]:
    """Name → (days, share, against the share)."""
    listing = answer.context["listing"]
    return {row.name: (row.burden.days, row.burden.share, row.state) for row in listing.shown}


def test_the_department_sees_each_unit_with_all_below_it_and_goes_down(city: City) -> None:
    desk = signed_in(city.department)
    first = desk.get(reverse("callups:burden"))
    assert first.status_code == 200
    whole = rows(first)
    assert whole["市水务局"][:2] == (5, 9)
    assert whole["青石县"][:2] == (10, 6)
    below = rows(page(desk, city.county))
    assert below["青石县（本级）"][:2] == (5, 3)
    assert below["白沙镇"][:2] == (5, 3)
    assert rows(page(desk, city.township))["白沙镇"][:2] == (5, 3)


def test_a_liaison_sees_the_own_subtree_and_nothing_beside_it(city: City) -> None:
    liaison = signed_in(city.liaison)
    assert set(rows(liaison.get(reverse("callups:burden")))) == {"市水务局"}
    assert page(liaison, city.organ).status_code == 200
    for hidden in (city.county, city.township, city.root):
        assert page(liaison, hidden).status_code == 404


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.TEACHER, Role.TRAINEE])
def test_nobody_else_sees_it(city: City, role: str) -> None:
    account = factories.make_account(role, city.root, person=city.people[0] if role == Role.TRAINEE else None)
    assert signed_in(account).get(reverse("callups:burden")).status_code == 403


def test_the_list_is_sorted_searched_and_exported(city: City) -> None:
    desk = signed_in(city.department)
    assert [*rows(page(desk, city.root, sort="-burden__days"))][:2] == ["青石县", "市水务局"]
    assert [*rows(page(desk, city.root, q="水务"))] == ["市水务局"]
    answer = page(desk, city.root, export="burden")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sheet[0][-2:] == ["应承担人天", "与份额相比"]
    assert {row[0]: row[6] for row in sheet[1:]} == {"市水务局": 5, "青石县": 10}


def test_the_definition_stands_on_the_page_and_the_city_is_asked_a_bounded_number_of_times(
    city: City, django_assert_max_num_queries: Any
) -> None:
    desk = signed_in(city.department)
    with django_assert_max_num_queries(30):
        text = page(desk, city.root).content.decode()
    assert "属于该班培训对象的人数分摊" in text
    assert "chart-burden" in text


def test_a_city_where_nobody_was_called_says_so() -> None:
    city = make_city()
    text = signed_in(city.department).get(reverse("callups:burden")).content.decode()
    assert "尚无人被调训" in text


@pytest.mark.parametrize("year", [0, 10**4, 10**30])
def test_a_year_that_no_calendar_has_is_no_fault(city: City, year: int) -> None:
    answer = signed_in(city.department).get(reverse("callups:burden_of", args=[year, city.root.pk]))
    assert answer.status_code == (404 if year else 200)
