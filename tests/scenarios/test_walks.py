"""The two walks through the house (docs/architecture.md), in full and with nothing faked on the way: real spreadsheets, real jobs, real solver."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from django.utils import timezone

from tests.factories import make_account, make_city, make_class_run, make_department, make_unit
from zhixing.attendance import actions as attendance
from zhixing.attendance.models import Register, Status
from zhixing.callups import actions as callups
from zhixing.callups.models import Callup, CallupRun, MakeUp, Reply
from zhixing.engine.sheets.identity import check_digit
from zhixing.obligations.actions import install_shipped_policy, refresh_standings
from zhixing.obligations.models import Entry, Standing
from zhixing.people import actions as people
from zhixing.people.models import Account, Person, Role, RosterImport, Unit
from zhixing.plans.models import ClassRun
from zhixing.timetables.actions import lay_out_sessions

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
TODAY = timezone.localdate()


def number(day: dt.date, serial: int) -> str:
    body = f"990100{day:%Y%m%d}{serial:03d}"
    return body + check_digit(body)


def roster(rows: list[list[object]]) -> bytes:
    """A sheet as an officer keeps it: title, merged heading, a note, a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["云岚市干部花名册"])
    sheet.merge_cells("A1:G1")
    sheet.append(["姓名", "身份证号", "单位名称", "职务层次", "职级", "出生年月", "任现职时间"])
    for row in rows:
        sheet.append(row)
    sheet.append(["合计", len(rows)])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def city() -> Unit:
    made = make_city()
    make_unit("市财政局", made, away_max=10)
    make_unit("市教育局", made, away_max=10)
    install_shipped_policy()
    return made


@pytest.fixture
def admin(city: Unit) -> Account:
    return make_department(city)


def bring_in(content: bytes, admin: Account, run_jobs: RunJobs, **options: bool) -> RosterImport:
    """Upload, read, look, apply."""
    made = people.receive_roster(content, "花名册.xlsx", by=admin, scope_unit=admin.scope_unit, on=TODAY, **options)
    run_jobs()
    made.refresh_from_db()
    assert made.state == RosterImport.State.READ, made.refusal
    people.start_applying(made, by=admin)
    run_jobs()
    made.refresh_from_db()
    assert made.state == RosterImport.State.APPLIED
    return made


class TestFromARosterToOverdue:
    ROWS = (
        ["周一明", number(dt.date(1980, 3, 5), 11), "市财政局", "正科级", "", "1980.03", "2015.06"],
        ["吴静", number(dt.date(1985, 7, 9), 12), "市财政局", "", "一级主任科员", "1985年7月", "2018-09"],
        ["郑 磊", number(dt.date(1979, 1, 2), 13), "市教育局", "县处级副职", "", "197901", "2016.01"],
    )

    def test_arrivals_get_postings_and_standings(self, admin: Account, run_jobs: RunJobs) -> None:
        bring_in(roster([list(row) for row in self.ROWS]), admin, run_jobs)
        found = {p.name: p for p in Person.objects.select_related("unit")}
        assert {name: (p.unit.name, p.rank, p.grade) for name, p in found.items()} == {
            "周一明": ("市财政局", "乡科级正职", ""),
            "吴静": ("市财政局", "", "一级主任科员"),
            "郑磊": ("市教育局", "县处级副职", ""),
        }
        owed = {(s.person.name, s.rule) for s in Standing.objects.select_related("person")}
        assert ("周一明", "section-annual") in owed
        assert ("郑磊", "county-five-years") in owed
        assert all(s.missing_tenths > 0 for s in Standing.objects.all())

    def test_the_same_file_twice_changes_nothing(self, admin: Account, run_jobs: RunJobs) -> None:
        content = roster([list(row) for row in self.ROWS])
        bring_in(content, admin, run_jobs)
        again = people.receive_roster(content, "花名册.xlsx", by=admin, scope_unit=admin.scope_unit, on=TODAY)
        run_jobs()
        again.refresh_from_db()
        assert not again.changes.exclude(kind="problem").exists()
        assert Person.objects.count() == 3

    def test_a_move_is_dated_and_a_rollback_undoes_it(self, admin: Account, run_jobs: RunJobs) -> None:
        bring_in(roster([list(row) for row in self.ROWS]), admin, run_jobs)
        moved = [list(row) for row in self.ROWS]
        moved[0][2] = "市教育局"
        moved[0][6] = ""
        second = bring_in(roster(moved), admin, run_jobs)
        person = Person.objects.get(name="周一明")
        assert person.unit.name == "市教育局"
        assert person.postings.count() == 2
        people.start_rolling_back(second, by=admin)
        run_jobs()
        person.refresh_from_db()
        assert person.unit.name == "市财政局"
        assert person.postings.count() == 1


class TestFromACallUpToAMakeUp:
    """The department calls eight people to six seats; one asks leave, one stays away; the next run makes up for both."""

    @pytest.fixture
    def staff(self, city: Unit, admin: Account, run_jobs: RunJobs) -> list[Person]:
        rows = [
            [f"周{n}号", number(dt.date(1980, 1, 1 + n), 21), "市财政局" if n % 2 else "市教育局", "正科级", "", "", ""]
            for n in range(8)
        ]
        bring_in(roster(rows), admin, run_jobs)
        return list(Person.objects.order_by("pk"))

    def class_run(self, name: str, days_ahead: int) -> ClassRun:
        start = TODAY + dt.timedelta(days=days_ahead)
        return make_class_run(
            name,
            starts_on=start,
            ends_on=start + dt.timedelta(days=1),
            tenths=150,
            seats_max=6,
            seats_min=1,
            theme=name,
        )

    def propose(self, class_run: ClassRun, admin: Account, run_jobs: RunJobs) -> CallupRun:
        run = callups.create_run(f"调训{class_run.pk}", [class_run], by=admin, seconds=10)
        callups.start_run(run, by=admin)
        run_jobs()
        run.refresh_from_db()
        assert run.state == CallupRun.State.PROPOSED, run.result
        return run

    def publish(self, run: CallupRun, admin: Account, run_jobs: RunJobs) -> list[Callup]:
        callups.publish_run(run, reply_by=TODAY + dt.timedelta(days=2), by=admin)
        run_jobs()
        return list(run.callups.filter(state=Callup.State.SENT).order_by("seat"))

    def test_the_whole_way(self, city: Unit, admin: Account, staff: list[Person], run_jobs: RunJobs) -> None:
        first = self.class_run("基层治理", 10)
        run = self.propose(first, admin, run_jobs)
        assert run.callups.count() == 6
        assert run.result["bound"] >= run.result["objective"]
        called = self.publish(run, admin, run_jobs)
        assert [c.seat for c in called] == [1, 2, 3, 4, 5, 6]
        assert {p.class_run_id for p in run.papers.all()} == {first.pk, None}

        # Replies: four come, one asks leave and is excused, so the next of the waiting list is called.
        liaison = make_account(Role.LIAISON, city)
        for callup in called[:5]:
            callups.accept_callup(callup, by=liaison)
        reply = callups.ask_leave(called[5], reason=Reply.Reason.DUTY, by=liaison)
        (stand_in,) = callups.decide_reply(reply, approved=True, by=admin)
        assert stand_in.person_id not in {c.person_id for c in called}
        assert stand_in.from_waiting
        assert stand_in.seat == 6
        callups.accept_callup(stand_in, by=liaison)
        excused = MakeUp.objects.get(missed=called[5])

        # The class is held: one person never comes.
        absent = called[0]
        self.hold(first, absent, admin)
        absent.refresh_from_db()
        missed = MakeUp.objects.get(missed=absent)
        present = called[1]
        assert sum(e.tenths for e in Entry.objects.filter(person=present.person, title="基层治理")) == 150
        assert not Entry.objects.filter(person=absent.person, tenths__gt=0).exists()
        refresh_standings(None, on=first.ends_on)
        assert Standing.objects.get(person=present.person, rule="section-annual").counted_tenths == 150

        # The next run holds both make-ups with priority.
        second = self.class_run("基层治理", 40)
        again = self.propose(second, admin, run_jobs)
        chosen = {c.person_id: c for c in again.callups.all()}
        assert {excused.person_id, missed.person_id} <= set(chosen)
        assert chosen[missed.person_id].makes_up == missed

    def hold(self, class_run: ClassRun, absent: Callup, admin: Account) -> None:
        """Every register is kept and closed, as on the days themselves."""
        class_run.refresh_from_db()
        lay_out_sessions(class_run, by=admin)
        start = timezone.make_aware(dt.datetime.combine(class_run.starts_on, dt.time(8)))
        attendance.open_registers(class_run, by=admin, now=start)
        for register in Register.objects.filter(session__class_run=class_run).select_related("session"):
            now = timezone.make_aware(dt.datetime.combine(register.session.on, register.session.ends_at))
            attendance.mark_person(register, absent.pk, Status.ABSENT, version=0, by=admin, now=now)
            attendance.mark_rest(register, by=admin, now=now)
            attendance.close_register(register, by=admin, now=now)
