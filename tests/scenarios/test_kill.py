"""``kill -9`` in the middle of an upload, a preview, an import, a publication and a closing: after the restart nothing is lost and nothing
happened twice. That it was the middle is seen from outside (``halting``) before the kill."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import os
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
import xlsxwriter
from django.conf import settings
from django.db import connection

from tests.scenarios.halting import Halt, at_deed, halt
from tests.scenarios.installation import Installation, kill, wait_for
from zhixing.engine.sheets.identity import check_digit

pytestmark = pytest.mark.slow
ROWS = 4_000
TOKEN = "a" * 32
PAPERS = 3 + 1
"""One for each class run, one for the unit."""


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
from zhixing.people.models import Person, Posting, RosterChange, RosterImport
one = RosterImport.objects.get()
answer = {"state": one.state, "people": Person.objects.count(), "postings": Posting.objects.count(),
          "changes": RosterChange.objects.count(),
          "running": list(Job.objects.filter(state="running").values_list("kind", flat=True)),
          "waiting": Job.objects.filter(state__in=("queued", "running")).count()}
"""
APPLY = """
from zhixing.people.actions import start_applying
from zhixing.people.models import Account, RosterImport
start_applying(RosterImport.objects.get(), by=Account.objects.get())
answer = True
"""


def test_a_worker_killed_in_the_middle_of_a_preview_begins_it_anew(city: Installation, tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(roster(ROWS))
    city.ask(UPLOAD, path=str(path))
    middle = halt(city, "people_rosterchange", 'NEW."row" = 2500')
    worker = city.start_worker()
    middle.wait()
    kill(worker)
    found = city.ask(STATE)
    assert (found["state"], found["running"]) == ("received", ["people.read_roster"])
    assert 0 < found["changes"] < ROWS  # the batches before stand written
    middle.lift()
    city.start_worker()
    wait_for(lambda: city.ask(STATE)["state"] == "read", "the preview after the restart")
    found = city.ask(STATE)
    assert (found["changes"], found["people"]) == (ROWS, 0)


def test_a_worker_killed_in_the_middle_of_an_import_loses_nothing(city: Installation, tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(roster(ROWS))
    city.ask(UPLOAD, path=str(path))
    worker = city.start_worker()
    wait_for(lambda: city.ask(STATE)["state"] == "read", "the preview")
    middle = at_deed(city, "people.roster_applied")
    city.ask(APPLY)
    middle.wait()
    kill(worker)
    found = city.ask(STATE)
    assert (found["state"], found["people"], found["running"]) == ("read", 0, ["people.apply_roster"])
    middle.lift()
    city.start_worker()
    wait_for(
        lambda: city.ask(STATE)["state"] == "applied" and not city.ask(STATE)["waiting"], "the import after the restart"
    )
    found = city.ask(STATE)
    assert (found["people"], found["postings"]) == (ROWS, ROWS)


ENTER = """
from django.test import Client
from zhixing.people.models import Account, Unit
from zhixing.people.privacy import VERSION
from zhixing.people.actions.accounts import acknowledge_privacy
admin = Account.objects.get()
client = Client()
client.force_login(admin, "allauth.account.auth_backends.AuthenticationBackend")
acknowledge_privacy(admin, VERSION)
answer = {"session": client.cookies["sessionid"].value, "unit": Unit.objects.get().pk, "today": timezone.localdate()}
"""
RECEIVED = """
from zhixing.base.models import AuditEntry, Job, StoredFile
from zhixing.people.models import RosterImport
answer = {"imports": RosterImport.objects.count(), "files": StoredFile.objects.count(), "jobs": Job.objects.count(),
          "told": AuditEntry.objects.filter(action="people.roster_received").count()}
"""
NOTHING = {"imports": 0, "files": 0, "jobs": 0, "told": 0}
BOUNDARY = "zhixing-upload"


def form_of(content: bytes, unit: int, today: str) -> bytes:
    """The body that a browser sends for the upload form."""
    fields = {"csrfmiddlewaretoken": TOKEN, "scope_unit": str(unit), "on": today}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="r.xlsx"\r\n\r\n')
    return "".join(parts).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def cookies_of(session: str) -> str:
    return f"sessionid={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def upload(port: int, session: str, body: bytes) -> int:
    """The upload as a browser sends it; 0 when the server died meanwhile."""
    return send(port, "/people/imports/new/", session, body, f"multipart/form-data; boundary={BOUNDARY}")


def kill_in_the_middle(
    web: subprocess.Popen[bytes], middle: Halt, asking: Callable[..., int], *given: Any, **fields: str
) -> None:
    """Ask, see the work stand in the middle, kill; the browser gets no answer."""
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(asking, *given, **fields)
        try:
            middle.wait()
        finally:
            kill(web)
        assert answer.result() == 0


def test_a_web_server_killed_while_a_file_comes_in_keeps_nothing_and_takes_it_again(city: Installation) -> None:
    entered = city.ask(ENTER)
    web, port = city.start_web()
    whole = form_of(os.urandom(12 << 20), entered["unit"], entered["today"])
    with socket.create_connection(("127.0.0.1", port)) as link:
        head = (
            f"POST /people/imports/new/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookies_of(entered['session'])}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(whole)}\r\n\r\n"
        )
        link.sendall(head.encode() + whole[: len(whole) // 2])
        spool = wait_for(lambda: [*city.uploads.glob("*.upload*")], "the first half of the file to arrive")
        kill(web)
    assert 0 < spool[0].stat().st_size < len(whole)
    assert city.ask(RECEIVED) == NOTHING
    _web, port = city.start_web()
    assert upload(port, entered["session"], form_of(roster(10), entered["unit"], entered["today"])) == 302
    assert city.ask(RECEIVED) == dict.fromkeys(NOTHING, 1)


def test_a_web_server_killed_while_it_keeps_a_file_keeps_nothing_and_takes_it_again(city: Installation) -> None:
    entered = city.ask(ENTER)
    body = form_of(roster(10), entered["unit"], entered["today"])
    middle = at_deed(city, "people.roster_received")
    web, port = city.start_web()
    kill_in_the_middle(web, middle, upload, port, entered["session"], body)
    assert city.ask(RECEIVED) == NOTHING
    middle.lift()
    _web, port = city.start_web()
    assert upload(port, entered["session"], body) == 302
    assert city.ask(RECEIVED) == dict.fromkeys(NOTHING, 1)


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
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode()
    return send(port, path, session, body, "application/x-www-form-urlencoded")


def send(port: int, path: str, session: str, body: bytes, kind: str) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
    try:
        link.request("POST", path, body, {"Cookie": cookies_of(session), "Content-Type": kind})
        return link.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return 0
    finally:
        link.close()


def test_a_publication_killed_in_the_middle_calls_everyone_once(city: Installation) -> None:
    """First the web server falls in the middle of calling people, then the worker in the middle of writing the papers."""
    made = city.ask(PREPARE)
    assert made["state"] == "proposed"
    reply_by = (dt.date.today() + dt.timedelta(days=3)).isoformat()  # noqa: DTZ011
    path = f"/callups/runs/{made['run']}/publish/"
    middle = at_deed(city, "callups.published")
    web, port = city.start_web()
    kill_in_the_middle(web, middle, post, port, path, made["session"], reply_by=reply_by)
    found = city.ask(CALLED)
    assert (found["state"], found["callups"], found["seats"]) == ("proposed", {"proposed": made["proposed"]}, 0)
    assert (found["published"], found["waiting"]) == (0, 0)
    middle.lift()
    _web, port = city.start_web()
    assert post(port, path, made["session"], reply_by=reply_by) == 302
    assert post(port, path, made["session"], reply_by=reply_by) in {403, 409}
    papers = halt(city, "callups_paper", "NEW.unit_id IS NOT NULL")
    worker = city.start_worker()
    papers.wait()
    kill(worker)
    assert city.ask(CALLED)["papers"] < PAPERS
    papers.lift()
    city.start_worker()
    wait_for(lambda: not city.ask(CALLED)["waiting"], "the papers after the restart")
    found = city.ask(CALLED)
    assert (found["state"], found["callups"]) == ("published", {"sent": made["proposed"]})
    assert (found["seats"], found["published"], found["papers"]) == (made["proposed"], 1, PAPERS)


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
    middle = at_deed(city, "attendance.register_closed")
    web, port = city.start_web()
    path = f"/attendance/registers/{register}/close/"
    kill_in_the_middle(web, middle, post, port, path, made["session"])
    found = city.ask(BOOKED)
    assert (found["state"], found["entries"]) == ("open", 0)
    middle.lift()
    _web, port = city.start_web()
    assert post(port, path, made["session"]) == 302
    assert post(port, path, made["session"]) in {403, 409}
    found = city.ask(BOOKED)
    assert found["state"] == "closed"
    assert found["entries"] == found["present"] > 0
