"""The city of many that ``zhixing bench --only size`` makes is the small one, many times."""

from __future__ import annotations

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from tests.factories import make_entry, make_person, make_policy, make_unit
from tests.obligations.texts import CITY
from zhixing.config.cli.bench import size
from zhixing.obligations.actions import refresh_standings
from zhixing.obligations.models import Entry, Standing, StandingCount
from zhixing.people.models import Person, Posting

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_everybody_is_copied_with_postings_ledger_and_standings(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("copies inside PostgreSQL")
    make_policy(CITY)
    unit = make_unit()
    today = timezone.localdate()
    for tenths in (300, 600):
        make_entry(make_person(unit), today, tenths)
    refresh_standings(on=today)
    before = Standing.objects.count()
    made = size.multiply(10)
    assert (made["people"], Person.objects.count(), Posting.objects.count()) == (10, 10, 10)
    assert Standing.objects.count() == 5 * before > 0
    assert set(Entry.objects.values_list("person").annotate(lines=Count("pk")).values_list("lines", flat=True)) == {
        1,
        2,
    }
    counted = StandingCount.objects.filter(unit=unit, rule="").exclude(state="foreseen").aggregate(people=Sum("people"))
    assert counted["people"] == 10
    assert size.post_one()["seconds"] < 60
    assert size.refresh_touched()["seconds"] < 60
