"""Rolling one import back: as if it had never been, but for what was edited since."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_account, make_city, make_class_run, make_department, make_entry, make_unit
from tests.people.rosters import brought_in, everything, receive, row, sheet
from zhixing.attendance.models import Mark, Register
from zhixing.base import jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Refused
from zhixing.callups.actions import create_run
from zhixing.callups.models import Callup, Pin, Reply, Waiting
from zhixing.obligations.models import Entry
from zhixing.people import actions
from zhixing.people.models import Account, Person, Role, RosterImport, Unit
from zhixing.timetables.models import Session

Run = Callable[[], int]
LATER = dt.date(2026, 6, 1)
FIRST = [row("韦青", 1, 任现职时间="2020-01"), row("陆白", 2), row("岑柏", 3), row("容夏", 4, 状态="退休")]
SECOND = [
    row("韦青", 1, "审计局", "县处级副职"),
    row("陆白", 2, 手机号="13900000002", 状态="退休"),
    row("容夏", 4, 状态="在职"),
    row("辛禾", 5, "水务局/办公室"),
]


@pytest.fixture
def city() -> Unit:
    city = make_city()
    make_unit("财政局", city)
    make_unit("审计局", city)
    return city


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def rolled_back(roster_import: RosterImport, by: Account, run_jobs: Run) -> RosterImport:
    actions.start_rolling_back(roster_import, by=by)
    run_jobs()
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.ROLLED_BACK, roster_import.job and roster_import.job.error
    return roster_import


def second_import(city: Unit, department: Account, run_jobs: Run) -> RosterImport:
    return brought_in(SECOND, department, city, run_jobs, on=LATER, complete=True, opens_units=True)


@pytest.mark.django_db
def test_a_rollback_restores_everything_as_if_never_imported(city: Unit, department: Account, run_jobs: Run) -> None:
    empty = everything()
    first = brought_in(FIRST, department, city, run_jobs)
    before = everything()
    second = second_import(city, department, run_jobs)
    kinds = ("arrival", "move", "change", "leaver")
    assert [second.counts[kind] for kind in kinds] == [1, 2, 2, 1]
    assert everything() != before
    rolled_back(second, department, run_jobs)
    assert everything() == before
    assert second.counts["conflicts"] == 0
    rolled_back(first, department, run_jobs)
    assert everything() == empty


@pytest.mark.django_db
def test_whoever_came_back_is_gone_again_after_a_rollback(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST, department, city, run_jobs)
    brought_in(FIRST[:2], department, city, run_jobs, on=LATER, complete=True)
    before = everything()
    back = brought_in(FIRST[:3], department, city, run_jobs, on=dt.date(2026, 9, 1))
    assert back.counts["arrival"] == 1
    rolled_back(back, department, run_jobs)
    assert everything() == before


@pytest.mark.django_db
def test_a_later_edit_of_the_same_fact_stays_and_is_shown(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST, department, city, run_jobs)
    second = brought_in(
        [row("陆白", 2, 手机号="13900000002"), row("岑柏", 3, 手机号="13900000003")], department, city, run_jobs
    )
    actions.correct_person(Person.objects.get(number="N002"), by=department, phone="13911111111")
    rolled_back(second, department, run_jobs)
    assert Person.objects.get(number="N002").phone == "13911111111"
    assert Person.objects.get(number="N003").phone == ""
    (change,) = second.changes.exclude(conflicts=[])
    assert change.name == "陆白"
    assert change.conflicts == [{"fact": "phone", "imported": "13900000002", "now": "13911111111"}]
    assert (second.counts["undone"], second.counts["conflicts"]) == (1, 1)


@pytest.mark.django_db
def test_a_later_edit_of_another_fact_hinders_nothing(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST, department, city, run_jobs)
    second = brought_in([row("陆白", 2, "审计局")], department, city, run_jobs, on=LATER)
    person = Person.objects.get(number="N002")
    actions.correct_person(person, by=department, phone="13911111111")
    rolled_back(second, department, run_jobs)
    person.refresh_from_db()
    assert person.phone == "13911111111"
    assert person.unit is not None
    assert person.unit.name == "财政局"
    assert person.postings.get().to_on is None
    assert second.counts["conflicts"] == 0


@pytest.mark.django_db
def test_a_posting_that_was_followed_by_another_stays(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST, department, city, run_jobs)
    second = brought_in([row("陆白", 2, "审计局")], department, city, run_jobs, on=LATER)
    person = Person.objects.get(number="N002")
    actions.promote(person, by=department, from_on=dt.date(2026, 9, 1), rank="县处级副职")
    before = everything()
    rolled_back(second, department, run_jobs)
    assert everything() == before
    (change,) = second.changes.exclude(conflicts=[])
    assert [found["fact"] for found in change.conflicts] == ["to_on"]


@pytest.mark.django_db
def test_an_arrival_that_something_hangs_on_stays(city: Unit, department: Account, run_jobs: Run) -> None:
    first = brought_in(FIRST, department, city, run_jobs)
    make_account(Role.TRAINEE, person=Person.objects.get(number="N001"))
    actions.correct_person(Person.objects.get(number="N002"), by=department, phone="13911111111")
    actions.record_reading(Person.objects.get(number="N003"), department, "person")
    rolled_back(first, department, run_jobs)
    assert list(Person.objects.values_list("number", flat=True)) == ["N001", "N002"]
    found = {change.number: [one["fact"] for one in change.conflicts] for change in first.changes.exclude(conflicts=[])}
    assert found == {"N001": ["records"], "N002": ["phone"]}


@pytest.mark.django_db
def test_arrivals_with_hours_callups_or_registers_stay_and_the_page_says_why(
    city: Unit, department: Account, run_jobs: Run
) -> None:
    names = ["韦青", "陆白", "岑柏", "容夏", "沈禾", "辛禾"]
    first = brought_in([row(name, serial) for serial, name in enumerate(names, 1)], department, city, run_jobs)
    hours, called, proposed, waits, pinned, _untouched = Person.objects.order_by("number")
    make_entry(hours, dt.date(2026, 6, 1), 80)
    class_run = make_class_run(starts_on=dt.date.today() + dt.timedelta(days=60))  # noqa: DTZ011  a run lies ahead of the clock
    run = create_run("夏季调训", [class_run], by=department)
    callup = Callup.objects.create(run=run, person=called, class_run=class_run, unit=city, state="sent", seat=1)
    session = Session.objects.create(
        class_run=class_run, on=class_run.starts_on, half="am", begins_at=dt.time(9), ends_at=dt.time(12), tenths=40
    )
    Mark.objects.create(register=Register.objects.create(session=session), callup=callup, status="present")
    Reply.objects.create(callup=callup, kind="substitute", substitute=proposed, by_id=department.pk)
    Waiting.objects.create(run=run, class_run=class_run, person=waits, position=1, value=1.0)
    Pin.objects.create(run=run, class_run=class_run, person=pinned, chosen=False, reason="援藏", by_id=department.pk)
    kept = (Entry, Callup, Mark, Reply, Waiting, Pin)
    before = [list(model.objects.values()) for model in kept]

    rolled_back(first, department, run_jobs)

    assert list(Person.objects.order_by("number").values_list("name", flat=True)) == names[:5]
    assert all(person.postings.count() == 1 and person.unit for person in Person.objects.all())
    assert [list(model.objects.values()) for model in kept] == before
    assert (first.counts["undone"], first.counts["conflicts"]) == (1, 5)
    client = Client()
    client.force_login(department)
    page = client.get(reverse("people:import", args=[first.pk]), {"tab": "conflicts"}).content.decode()
    for why in ("学时台账记录", "调训", "回执", "候补", "指定"):
        assert why in page


@pytest.mark.django_db
def test_an_opened_unit_that_is_used_by_now_stays(city: Unit, department: Account, run_jobs: Run) -> None:
    second = brought_in([row("辛禾", 5, "水务局/办公室")], department, city, run_jobs, opens_units=True)
    office = Unit.objects.get(name="办公室")
    make_account(Role.LIAISON, office)
    rolled_back(second, department, run_jobs)
    assert Unit.objects.filter(name="办公室").exists()
    assert Unit.objects.filter(name="水务局").exists()
    assert len(second.counts["kept_units"]) == 2


@pytest.mark.django_db
def test_weighing_a_rollback_shows_conflicts_and_changes_nothing(
    city: Unit, department: Account, run_jobs: Run
) -> None:
    brought_in(FIRST, department, city, run_jobs)
    second = second_import(city, department, run_jobs)
    actions.correct_person(Person.objects.get(number="N002"), by=department, phone="13911111111")
    before = everything()
    actions.start_weighing(second, by=department)
    run_jobs()
    second.refresh_from_db()
    assert everything() == before
    assert second.state == RosterImport.State.APPLIED
    assert second.counts["conflicts"] == 1
    assert second.changes.exclude(conflicts=[]).count() == 1


@pytest.mark.django_db
def test_an_import_is_rolled_back_once_and_only_when_applied(city: Unit, department: Account, run_jobs: Run) -> None:
    roster_import = receive(sheet(FIRST), department, city)
    run_jobs()
    roster_import.refresh_from_db()
    with pytest.raises(Refused):
        actions.start_rolling_back(roster_import, by=department)
    first = brought_in(FIRST, department, city, run_jobs)
    stale = RosterImport.objects.get(pk=first.pk)
    rolled_back(first, department, run_jobs)
    with pytest.raises(Conflict):
        actions.roll_back_roster(stale, by=department)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.AUDITOR])
def test_only_the_department_rolls_back(city: Unit, department: Account, role: str, run_jobs: Run) -> None:
    first = brought_in(FIRST, department, city, run_jobs)
    with pytest.raises(Refused):
        actions.roll_back_roster(first, by=make_account(role, city))
    with pytest.raises(Refused):
        actions.weigh_roll_back(first, by=make_department(make_unit("北泽县", city)))


Drawn = tuple[int, str, str, str, str, str]
PEOPLE = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from(["财政局", "审计局"]),
        st.sampled_from(["乡科级正职", "乡科级副职", "县处级副职"]),
        st.sampled_from(["", "13900000001", "13900000002"]),
        st.sampled_from(["", "在职", "退休", "借调"]),
        st.sampled_from(["", "2019-03", "2026-04-01"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda person: person[0],
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rosters=st.lists(PEOPLE, min_size=2, max_size=4), complete=st.booleans())
def test_rolling_back_from_the_last_to_the_first_goes_back_step_by_step(
    city: Unit,
    department: Account,
    run_jobs: Run,
    rosters: list[list[Drawn]],
    complete: bool,
) -> None:
    with transaction.atomic():
        check_step_by_step(city, department, run_jobs, rosters, complete)
        transaction.set_rollback(True)


def check_step_by_step(
    city: Unit, department: Account, run_jobs: Run, rosters: list[list[Drawn]], complete: bool
) -> None:
    states, imports = [everything()], []
    for month, people in enumerate(rosters):
        rows = [
            row(f"人{serial}", serial, unit, rank, 手机号=phone, 状态=status, 任现职时间=since)
            for serial, unit, rank, phone, status, since in people
        ]
        received = receive(sheet(rows), department, city, on=dt.date(2026, 5 + month, 1), complete=complete)
        run_jobs()
        received.refresh_from_db()
        if received.has_changes:
            actions.start_applying(received, by=department)
            run_jobs()
            received.refresh_from_db()
            assert received.state == RosterImport.State.APPLIED
            again = receive(sheet(rows), department, city, on=received.on, complete=complete)
            run_jobs()
            again.refresh_from_db()
            assert not again.has_changes, list(again.changes.values())
            imports.append(received)
            states.append(everything())
    for received in reversed(imports):
        assert everything() == states.pop()
        rolled_back(received, department, run_jobs)
        assert received.counts["conflicts"] == 0
    assert everything() == states.pop()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_appliers_at_once_apply_once(city: Unit, department: Account, run_jobs: Run, on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite has one writer")
    roster_import = receive(sheet(FIRST), department, city)
    run_jobs()
    roster_import.refresh_from_db()
    barrier, outcomes = threading.Barrier(2), []

    def apply() -> None:
        try:
            mine = RosterImport.objects.get(pk=roster_import.pk)
            barrier.wait()
            actions.apply_roster(mine, by=department)
            outcomes.append("applied")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["applied", "conflict"]
    assert Person.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_full_database_leaves_the_import_ready_and_says_that_it_failed(
    city: Unit, department: Account, on_postgres: bool
) -> None:
    if on_postgres:
        pytest.skip("only SQLite can be given a size")
    rows = [row(f"人{serial}", serial, 职务="科员" * 20) for serial in range(1, 400)]
    roster_import = receive(sheet(rows), department, city)
    jobs.perform(str(roster_import.job_id))
    roster_import.refresh_from_db()
    before = everything()
    job = actions.start_applying(roster_import, by=department)
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        most = cursor.execute("PRAGMA max_page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
    try:
        with pytest.raises(Exception, match="full"):
            jobs.perform(str(job.pk))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {most}")
    assert everything() == before
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.READ
    assert Job.objects.get(pk=job.pk).state == Job.State.FAILED
    actions.start_applying(roster_import, by=department)
    jobs.perform(str(Job.objects.latest("created_at").pk))
    assert Person.objects.count() == len(rows)


@pytest.mark.django_db
def test_a_corrected_posting_that_was_edited_since_stays(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST[1:2], department, city, run_jobs)
    second = brought_in([row("陆白", 2, 任现职时间="2019-02-01")], department, city, run_jobs, on=LATER)
    brought_in([row("陆白", 2, 任现职时间="2019-03-01")], department, city, run_jobs, on=dt.date(2026, 7, 1))
    before = everything()
    rolled_back(second, department, run_jobs)
    assert everything() == before
    (change,) = second.changes.exclude(conflicts=[])
    assert change.conflicts == [{"fact": "rank_since", "imported": "2019-02-01", "now": "2019-03-01"}]


@pytest.mark.django_db
def test_a_posting_whose_predecessor_was_edited_stays(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST[1:2], department, city, run_jobs)
    second = brought_in([row("陆白", 2, "审计局")], department, city, run_jobs, on=LATER)
    first_post = Person.objects.get().postings.order_by("from_on").first()
    assert first_post is not None
    type(first_post).objects.filter(pk=first_post.pk).update(to_on=dt.date(2026, 5, 1))
    rolled_back(second, department, run_jobs)
    (change,) = second.changes.exclude(conflicts=[])
    assert change.conflicts == [{"fact": "to_on", "imported": "2026-05-31", "now": "2026-05-01"}]
    assert Person.objects.get().postings.count() == 2


@pytest.mark.django_db
def test_whoever_came_back_by_hand_stays_after_a_leave_is_rolled_back(
    city: Unit, department: Account, run_jobs: Run
) -> None:
    brought_in(FIRST[:2], department, city, run_jobs)
    second = brought_in(FIRST[:1], department, city, run_jobs, on=LATER, complete=True)
    person = Person.objects.get(number="N002")
    actions.add_posting(person, Unit.objects.get(name="审计局"), by=department, from_on=dt.date(2026, 9, 1))
    before = everything()
    rolled_back(second, department, run_jobs)
    assert everything() == before
    (change,) = second.changes.exclude(conflicts=[])
    assert {found["fact"] for found in change.conflicts} == {"status", "left_on"}


@pytest.mark.django_db
def test_somebody_added_by_hand_meanwhile_stops_the_import(city: Unit, department: Account, run_jobs: Run) -> None:
    received = receive(sheet(FIRST[:1]), department, city)
    run_jobs()
    received.refresh_from_db()
    unit = Unit.objects.get(name="财政局")
    actions.add_person(unit=unit, by=department, name="韦青", number="N001", from_on=dt.date(2026, 1, 1))
    with pytest.raises(Conflict):
        actions.apply_roster(received, by=department)
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_a_post_given_by_hand_meanwhile_stops_a_leave(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in(FIRST[:2], department, city, run_jobs)
    received = receive(sheet(FIRST[:1]), department, city, on=LATER, complete=True)
    run_jobs()
    received.refresh_from_db()
    person = Person.objects.get(number="N002")
    extra = Unit.objects.get(name="审计局")
    actions.add_posting(person, extra, by=department, from_on=dt.date(2026, 4, 1), is_principal=False)
    with pytest.raises(Conflict):
        actions.apply_roster(received, by=department)
