"""``kill -9`` in the middle of an import, a publication and a closing: after the restart nothing is lost and nothing happened twice."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import os
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
import xlsxwriter
from django.conf import settings
from django.db import connection

from tests.scenarios.installation import Installation, kill, wait_for
from zhixing.engine.sheets.identity import check_digit

pytestmark = pytest.mark.slow
ROWS = 4_000
TOKEN = "a" * 32


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Installation]:
    """An installation on the kind of database that this pass of the suite tests."""
    url, name = "", ""
    if connection.vendor == "postgresql":
        name = f"zx_kill_{uuid.uuid4().hex[:8]}"
        url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
    made = Installation(tmp_path / "home", url)
    try:
        yield made
    finally:
        made.stop()
        if name:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def roster(rows: int) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "身份证号", "单位", "职务层次"])
        for n in range(rows):
            day = dt.date(1975, 1, 1) + dt.timedelta(days=n)
            body = f"990100{day:%Y%m%d}011"
            sheet.write_row(n + 1, 0, [f"周{n}", body + check_digit(body), "云岚市", "正科级"])
    return content.getvalue()


UPLOAD = """
from pathlib import Path
from zhixing.people.actions import receive_roster
from zhixing.people.models import Account, Unit
admin = Account.objects.get()
made = receive_roster(Path(given["path"]).read_bytes(), "r.xlsx", by=admin, scope_unit=Unit.objects.get(), on=timezone.localdate())
answer = made.pk
"""
STATE = """
from zhixing.base.models import Job
from zhixing.people.models import Person, Posting, RosterImport
from zhixing.obligations.models import Standing
one = RosterImport.objects.get()
answer = {"state": one.state, "people": Person.objects.count(), "postings": Posting.objects.count(),
          "running": list(Job.objects.filter(state="running").values_list("kind", flat=True)),
          "waiting": Job.objects.filter(state__in=("queued", "running")).count()}
"""
APPLY = """
from zhixing.people.actions import start_applying
from zhixing.people.models import Account, RosterImport
start_applying(RosterImport.objects.get(), by=Account.objects.get())
answer = True
"""


def test_a_worker_killed_in_the_middle_of_an_import_loses_nothing(city: Installation, tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(roster(ROWS))
    city.ask(UPLOAD, path=str(path))
    worker = city.start_worker()
    wait_for(lambda: city.ask(STATE)["state"] == "read", "the preview")
    city.ask(APPLY)
    wait_for(lambda: city.ask(STATE)["running"] or city.ask(STATE)["state"] == "applied", "the job to begin")
    kill(worker)
    found = city.ask(STATE)
    assert found["people"] in {0, ROWS}
    assert (found["people"] == ROWS) == (found["state"] == "applied")
    city.start_worker()
    wait_for(
        lambda: city.ask(STATE)["state"] == "applied" and not city.ask(STATE)["waiting"], "the import after the restart"
    )
    found = city.ask(STATE)
    assert (found["people"], found["postings"]) == (ROWS, ROWS)


PREPARE = """
from django.test import Client
from zhixing.callups import actions
from zhixing.callups.models import CallupRun
from zhixing.base import jobs
from zhixing.base.models import Job
from zhixing.people.models import Account, Person, Posting, Unit
from zhixing.people.privacy import VERSION
from zhixing.people.actions.accounts import acknowledge_privacy
from zhixing.plans.models import ClassRun
admin = Account.objects.get()
Unit.objects.update(away_max=1000)
city = Unit.objects.get()
day = dt.date(2015, 1, 1)
for n in range(300):
    p = Person.objects.create(number=f"P{n}", name=f"周{n}", unit=city, rank="乡科级正职", joined_on=day)
    Posting.objects.create(person=p, unit=city, rank="乡科级正职", from_on=day)
start = timezone.localdate() + dt.timedelta(days=14)
runs = []
for n in range(3):
    first = start + dt.timedelta(days=9 * n)
    runs.append(ClassRun.objects.create(code=f"C{n}", year=start.year, name=f"班{n}", starts_on=first,
        ends_on=first + dt.timedelta(days=1), tenths=150, seats_max=100, ranks=["乡科级正职"], state="open"))
run = actions.create_run("全年", runs, by=admin, seconds=20)
actions.start_run(run, by=admin)
while job := Job.objects.filter(state="queued").order_by("created_at").first():
    jobs.perform(str(job.pk))
client = Client()
client.force_login(admin, "allauth.account.auth_backends.AuthenticationBackend")
acknowledge_privacy(admin, VERSION)
run.refresh_from_db()
answer = {"run": run.pk, "session": client.cookies["sessionid"].value, "state": run.state, "proposed": run.callups.count()}
"""
CALLED = """
from collections import Counter
from zhixing.base.models import AuditEntry, Job, Notice
from zhixing.callups.models import Callup, CallupRun, Paper
run = CallupRun.objects.get()
answer = {"state": run.state, "callups": Counter(Callup.objects.values_list("state", flat=True)),
          "seats": Callup.objects.exclude(seat=None).count(), "published": AuditEntry.objects.filter(action="callups.published").count(),
          "papers": Paper.objects.count(), "waiting": Job.objects.filter(state__in=("queued", "running")).count()}
"""


def post(port: int, path: str, session: str, **fields: str) -> int:
    """One POST as a browser sends it; 0 when the server died meanwhile."""
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields})
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    cookies = f"sessionid={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    try:
        link.request("POST", path, body, {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"})
        return link.getresponse().status
    except (ConnectionError, http.client.HTTPException, TimeoutError):
        return 0
    finally:
        link.close()


@pytest.mark.parametrize("after", [0.02, 0.15])
def test_a_web_server_killed_in_the_middle_of_a_publication_calls_everyone_once(
    city: Installation, after: float
) -> None:
    made = city.ask(PREPARE)
    assert made["state"] == "proposed"
    web, port = city.start_web()
    reply_by = (dt.date.today() + dt.timedelta(days=3)).isoformat()  # noqa: DTZ011
    path = f"/callups/runs/{made['run']}/publish/"
    publication = threading.Thread(target=post, args=(port, path, made["session"]), kwargs={"reply_by": reply_by})
    publication.start()
    time.sleep(after)
    kill(web)
    publication.join()
    found = city.ask(CALLED)
    assert (found["state"], set(found["callups"])) in [("proposed", {"proposed"}), ("published", {"sent"})]
    _web, port = city.start_web()
    status = post(port, path, made["session"], reply_by=reply_by)
    assert status == (302 if found["state"] == "proposed" else 403) or status == 409
    worker = city.start_worker()
    wait_for(lambda: city.ask(CALLED)["papers"] > 0, "the first papers")
    kill(worker)
    city.start_worker()
    wait_for(lambda: not city.ask(CALLED)["waiting"], "the papers after the restart")
    found = city.ask(CALLED)
    assert found["state"] == "published"
    assert found["callups"] == {"sent": made["proposed"]}
    assert (found["seats"], found["published"]) == (made["proposed"], 1)
    assert found["papers"] == 3 + 1  # one for each class run, one for the unit


CLASS_HELD = """
from zhixing.attendance import actions
from zhixing.attendance.models import Register
from zhixing.callups.actions import publish_run
from zhixing.callups.models import Callup, CallupRun
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.timetables.actions import lay_out_sessions
admin = Account.objects.get()
run = CallupRun.objects.get()
publish_run(run, reply_by=timezone.localdate() + dt.timedelta(days=1), by=admin)
Callup.objects.update(state="accepted")
first = ClassRun.objects.order_by("pk").first()
today = timezone.localdate() - dt.timedelta(days=1)
ClassRun.objects.filter(pk=first.pk).update(starts_on=today, ends_on=today)
first.refresh_from_db()
lay_out_sessions(first, by=admin)
actions.open_registers(first, by=admin)
register = Register.objects.order_by("pk").first()
actions.mark_rest(register, by=admin)
answer = register.pk
"""
BOOKED = """
from zhixing.attendance.models import Mark, Register
from zhixing.obligations.models import Entry
register = Register.objects.order_by("pk").first()
present = Mark.objects.filter(register=register, status="present").count()
answer = {"state": register.state, "entries": Entry.objects.count(), "present": present}
"""


def test_a_web_server_killed_in_the_middle_of_closing_books_hours_once(city: Installation) -> None:
    made = city.ask(PREPARE)
    register = city.ask(CLASS_HELD)
    web, port = city.start_web()
    path = f"/attendance/registers/{register}/close/"
    closing = threading.Thread(target=post, args=(port, path, made["session"]))
    closing.start()
    time.sleep(0.1)
    kill(web)
    closing.join()
    found = city.ask(BOOKED)
    assert found["entries"] in {0, found["present"]}
    assert (found["state"] == "closed") == (found["entries"] > 0)
    _web, port = city.start_web()
    post(port, path, made["session"])
    found = city.ask(BOOKED)
    assert found["state"] == "closed"
    assert found["entries"] == found["present"] > 0
