"""What SQLite knows of its tables decides whether one person's entries are found at once or sought in the whole ledger."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tests.factories import make_city, make_entry, make_person
from zhixing.base import table_statistics

pytestmark = pytest.mark.django_db


def test_one_persons_entries_are_found_by_person(
    on_postgres: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    if on_postgres:
        with django_assert_num_queries(0):
            table_statistics.renew()
        return
    city = make_city()
    people = [make_person(city) for _ in range(40)]
    for person in people:
        for day in range(1, 6):
            make_entry(person, dt.date(2026, 3, day), 60)
    table_statistics.renew()
    plan = people[0].entries.filter(reverses=None, reversed_by=None).explain()
    assert "entry_by_person" in plan.splitlines()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'obligations_entry'")
        assert cursor.fetchone()[0] > 0
