"""Pages of a city of many: a small demonstration city on PostgreSQL, multiplied inside the database, and asked at a steady rate.

The database ``zx_size`` is made for the run and dropped after it.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from zhixing.config.cli.bench import pages
from zhixing.config.cli.bench.city import PASSWORD
from zhixing.config.cli.bench.figure import Figure, run
from zhixing.config.cli.run import answers, free_port
from zhixing.config.cli.web import granian_command

DATABASE: Final = "zx_size"
SERVER: Final = "postgresql://postgres@127.0.0.1:5432/postgres"
ORIGINALS: Final = 3_000
"""People of the demonstration city that is multiplied."""
RATE: Final = 20
SECONDS: Final = 30
TOUCHED: Final = 1_000
PROGRAM: Final = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "zhixing.config.settings"
import django; django.setup()
import json
from zhixing.config.cli.bench import size
print(json.dumps(getattr(size, sys.argv[1])(*map(int, sys.argv[2:]))))
"""


def figures(folder: Path, people: int, city: int) -> Iterator[Figure]:
    import psycopg

    server = os.environ.get("ZHIXING_TEST_DATABASE_URL", SERVER)
    url = urlsplit(server)._replace(path=f"/{DATABASE}").geturl()
    home = folder / "size-home"
    home.mkdir(exist_ok=True)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
        try:
            run(["demo", "--people", str(ORIGINALS), "--seed", "1", "--password", PASSWORD], home, database=url)
            yield from _measured({**os.environ, "ZHIXING_HOME": str(home), "DATABASE_URL": url}, city)
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _measured(environment: Mapping[str, str], city: int) -> Iterator[Figure]:
    made = _ask(environment, "multiply", city)
    yield Figure(f"city of {made['people']:,}, {made['entries']:,} entries, on PostgreSQL: made", made["seconds"], "s")
    yield Figure("  one posting until it stands in the snapshot", _ask(environment, "post_one")["seconds"], "s", 5)
    yield Figure(f"  {TOUCHED:,} touched, computed and stored", _ask(environment, "refresh_touched")["seconds"], "s", 2)
    cookie = pages.sign_in("zuzhibu", dict(environment))
    port = free_port(pages.HOST, 9300)
    web = subprocess.Popen(granian_command(pages.HOST, port, min(2, os.cpu_count() or 1)), env=environment)
    try:
        if not answers(pages.HOST, port, web):
            raise RuntimeError("the web server did not start")
        for name, path in _ask(environment, "addresses").items():
            times = at_rate(port, path, cookie)
            yield Figure(f"{name} at {RATE} requests a second, p50", statistics.median(times), "ms")
            yield Figure("  p95", pages.percentile(times, 95), "ms", 300)
    finally:
        web.terminate()
        web.wait(timeout=20)


def _ask(environment: Mapping[str, str], deed: str, *numbers: int) -> dict[str, Any]:
    """What a function of this module answers in a process of its own, with Django and that database."""
    command = [sys.executable, "-c", PROGRAM, deed, *map(str, numbers)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.split("\n")[-2])
    return answer


def at_rate(port: int, path: str, cookie: str) -> list[float]:
    """Milliseconds from when each request was due, sorted; sent on time whether or not earlier ones are answered."""
    _milliseconds, status, _body = pages.fetch(port, path, cookie)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    began = time.perf_counter()

    def send(n: int) -> float:
        due = began + n / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        pages.fetch(port, path, cookie)
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(64) as crowd:
        return sorted(crowd.map(send, range(RATE * SECONDS)))


def addresses() -> dict[str, str]:
    """The three pages: the board, the list of people who are overdue in the largest unit, and one person."""
    from django.urls import reverse

    from zhixing.obligations.models import StandingCount
    from zhixing.people.models import Person, Unit

    largest = StandingCount.objects.filter(rule="").exclude(unit__parent=None).order_by("-people").values("unit")[0]
    person = Person.objects.filter(standings__isnull=False).order_by("-pk").values_list("pk", flat=True)[0]
    unit = Unit.objects.get(pk=largest["unit"])
    return {
        "city board": reverse("obligations:standings"),
        "unit list": f"{reverse('obligations:standing_list')}?unit={unit.pk}",
        "person page": reverse("people:person", args=[person]),
    }


def multiply(people: int) -> dict[str, float]:
    """Copy everybody with postings, ledger and standings until the city has so many people and ten years of entries."""
    from django.db import connection, transaction

    from zhixing.obligations.actions.counts import count_standings
    from zhixing.obligations.actions.standings import snapshot_day
    from zhixing.obligations.models import Entry, Foreseen, Standing
    from zhixing.people.models import Person, Posting

    began = time.monotonic()
    copies = max(1, people // max(1, Person.objects.count()) - 1)
    own = {"person_id": "person_id + copy * (SELECT max(id) FROM people_person)"}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # keys hold by construction
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        _copy(cursor, Posting, copies, {**own, "brought_by_id": "NULL"})
        _copy(cursor, Standing, copies, own)
        _copy(cursor, Foreseen, copies, own)
        lines = {"earned_on": "earned_on - again * 1826", "began_on": "NULL", "source_key": "NULL"}
        _copy(cursor, Entry, copies, {**own, **lines}, again=2, only="reverses_id IS NULL")
        alone = {"id": own["person_id"].replace("person_id", "id"), "number": "number || '-' || copy"}
        _copy(cursor, Person, copies, {**alone, "id_sealed": "NULL", "id_index": "NULL"})
        day = snapshot_day()
        if day:
            count_standings(day)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        "people": Person.objects.count(),
        "entries": Entry.objects.count(),
        "seconds": time.monotonic() - began,
    }


def _copy(cursor: Any, table: Any, copies: int, changed: Mapping[str, str], again: int = 1, only: str = "TRUE") -> None:
    """Each row so many times with ``changed`` columns (SQL; ``copy`` counts from 1, ``again`` from 0), under new keys."""
    name = table._meta.db_table
    columns = [field.column for field in table._meta.concrete_fields if field.column != "id"]
    key = changed.get("id", f"(SELECT max(id) FROM {name}) + row_number() OVER ()")
    values = ", ".join([key, *(changed.get(column, f'"{column}"') for column in columns)])
    names = ", ".join(["id", *(f'"{column}"' for column in columns)])
    cursor.execute(
        f"INSERT INTO {name} ({names}) SELECT {values} FROM {name}, generate_series(1, %s) AS copies(copy), "
        f"generate_series(0, %s) AS agains(again) WHERE {only}",
        [copies, again - 1],
    )
    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM " + name + "))", [name])


def post_one() -> dict[str, float]:
    """Seconds from booking one line to the refreshed snapshot with its counts, with the worker's own job."""
    import datetime as dt

    from django.utils import timezone

    from zhixing.base import jobs
    from zhixing.base.models import Job
    from zhixing.obligations.actions import NewCredit, post_credit, refresh_standings
    from zhixing.obligations.actions.standings import snapshot_day
    from zhixing.people.models import Person

    today = timezone.localdate()
    if snapshot_day() != today:
        refresh_standings(None, today)
    person = Person.objects.filter(standings__isnull=False).order_by("-pk")[0]
    credit = NewCredit(
        person_id=person.pk,
        earned_on=today - dt.timedelta(days=1),
        tenths=60,
        channel="offjob",
        title="Bench",
        source="history",
    )
    began = time.monotonic()
    post_credit(credit, None)
    jobs.perform(str(Job.objects.filter(kind="obligations.refresh").latest("created_at").pk))
    return {"seconds": time.monotonic() - began}


def refresh_touched() -> dict[str, float]:
    """Seconds from the keys of ``TOUCHED`` persons to their stored standings with the counts of the board."""
    from zhixing.obligations.actions import refresh_standings
    from zhixing.obligations.actions.standings import snapshot_day
    from zhixing.people.models import Person

    keys = Person.objects.order_by("pk").values_list("pk", flat=True)
    chosen = random.Random(1).sample(list(keys), min(TOUCHED, len(keys)))
    began = time.monotonic()
    refresh_standings(chosen, snapshot_day())
    return {"seconds": time.monotonic() - began}
