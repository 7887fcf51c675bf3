"""The worker's sweeper: a new day's standings are queued once, however many workers look, and without any cron."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_city, make_person, make_policy
from tests.obligations.texts import CITY
from tests.scenarios.installation import Installation, wait_for
from zhixing.base.models import Job
from zhixing.config.cli.worker import sweep
from zhixing.obligations.actions import refresh_standings
from zhixing.obligations.models import Standing

WORKERS = 8


def stale_city() -> None:
    """Standings as they stood yesterday."""
    make_policy(CITY)
    make_person(make_city())
    refresh_standings(on=timezone.localdate() - dt.timedelta(days=1))


@pytest.mark.django_db
def test_rounds_of_one_day_queue_one_refresh(run_jobs: Callable[[], int]) -> None:
    stale_city()
    for _round in range(3):
        sweep()
    assert Job.objects.filter(kind="obligations.refresh").count() == 1
    run_jobs()
    sweep()
    assert set(Standing.objects.values_list("on", flat=True)) == {timezone.localdate()}
    assert Job.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_queue_one_refresh(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")
    stale_city()
    gate = threading.Barrier(WORKERS)

    def look(_worker: int) -> None:
        try:
            gate.wait(timeout=60)
            sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(look, range(WORKERS)))
    assert Job.objects.filter(kind="obligations.refresh").count() == 1


@pytest.mark.slow
def test_two_real_workers_bring_the_standings_up_to_the_day(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.ask(
        """
        from zhixing.obligations.actions import install_shipped_policy, refresh_standings
        from zhixing.people.models import Person, Posting, Unit
        install_shipped_policy()
        unit, day = Unit.objects.get(), dt.date(2020, 1, 1)
        person = Person.objects.create(number="1", name="周一", unit=unit, rank="乡科级正职", joined_on=day)
        Posting.objects.create(person=person, unit=unit, rank=person.rank, from_on=day)
        answer = refresh_standings(on=timezone.localdate() - dt.timedelta(days=1))
        """
    )
    try:
        installation.start_worker()
        installation.start_worker()
        wait_for(lambda: installation.ask(SEEN)["is_current"], "today's standings")
        assert installation.ask(SEEN)["jobs"] == 1
    finally:
        installation.stop()


SEEN = """
from zhixing.base.models import Job
from zhixing.obligations.actions.standings import snapshot_day
answer = {"is_current": snapshot_day() == timezone.localdate(), "jobs": Job.objects.filter(kind="obligations.refresh").count()}
"""
