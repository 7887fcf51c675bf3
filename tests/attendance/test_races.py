"""Many hands at once, on a real PostgreSQL with a connection each: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.attendance.school import MONDAY, School, at, make_school
from zhixing.attendance import actions, tokens
from zhixing.attendance.models import Evidence, Leave, Mark, Register, Withdrawal
from zhixing.base.problems import Problem
from zhixing.callups.models import MakeUp
from zhixing.obligations.models import Entry

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 50


@pytest.fixture(autouse=True)
def _needs_postgres(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")


def at_once(deeds: list[Callable[[], object]]) -> Counter[str]:
    """Run the deeds in a thread each, all let go at one moment; counts what came of them."""
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> str:
        try:
            gate.wait(timeout=60)
            deed()
        except Problem as problem:
            return type(problem).__name__
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(run, deeds))


def scan(school: School, who: int) -> actions.SignedIn:
    now = at(MONDAY, 9)
    return actions.sign_in(tokens.make(school.register().pk, now), by=school.trainees[who], now=now)


def test_fifty_people_sign_in_at_once() -> None:
    school = make_school(people=THREADS, days=1)
    school.open()
    assert at_once([lambda who=who: scan(school, who) for who in range(THREADS)]) == {"done": THREADS}
    assert Mark.objects.filter(status="present").count() == THREADS
    assert Evidence.objects.count() == THREADS


def test_one_person_scanning_fifty_times_at_once_is_seen_once() -> None:
    school = make_school(people=1, days=1)
    school.open()
    assert at_once([lambda: scan(school, 0)] * THREADS) == {"done": THREADS}
    assert Evidence.objects.count() == 1


def test_closing_while_people_sign_in_loses_nobody_and_counts_nobody_twice() -> None:
    """Whoever was let in earned the hours; whoever came too late was refused and owes a make-up."""
    school = make_school(people=30, days=1)
    school.open()
    deeds: list[Callable[[], object]] = [lambda who=who: scan(school, who) for who in range(30)]
    deeds.insert(15, lambda: actions.close_register(school.register(), by=school.head, now=at(MONDAY, 12, 1)))
    came = at_once(deeds)
    marks = Counter(Mark.objects.values_list("status", flat=True))
    assert came["done"] == marks["present"] + 1
    assert came["Refused"] == marks["absent"]
    assert sum(marks.values()) == 30
    assert Entry.objects.count() == marks["present"]
    assert MakeUp.objects.count() == marks["absent"]
    assert Register.objects.get(session=school.sessions[0]).state == Register.State.CLOSED


def test_a_register_closed_by_ten_at_once_is_closed_once() -> None:
    school = make_school(people=3, days=1)
    school.open()

    def close() -> None:
        actions.close_register(school.register(), by=school.head, now=at(MONDAY, 12, 1))

    assert at_once([close] * 10) == {"done": 1, "Conflict": 9}
    assert Evidence.objects.count() == 3
    assert MakeUp.objects.count() == 3


def test_ten_registers_closed_at_once_add_up_to_one_duty_and_one_proposal() -> None:
    school = make_school(people=2)
    school.open()

    def close(number: int) -> None:
        actions.close_register(school.register(number), by=school.head, now=school.after(number))

    assert at_once([lambda n=n: close(n) for n in range(10)]) == {"done": 10}
    assert list(MakeUp.objects.values_list("tenths", flat=True)) == [300, 300]
    assert Withdrawal.objects.count() == 2


def test_two_tabs_marking_one_person_at_once_leave_one_winner() -> None:
    school = make_school(people=1, days=1)
    school.open()

    def mark() -> None:
        actions.mark_person(
            school.register(), school.callups[0].pk, "late", version=0, by=school.head, now=at(MONDAY, 9)
        )

    assert at_once([mark] * 10) == {"done": 1, "Conflict": 9}


def test_one_half_day_asked_for_by_ten_at_once_is_in_one_leave() -> None:
    school = make_school(people=1, days=1)

    def ask() -> None:
        actions.ask_leave(
            school.callups[0], school.sessions[:1], reason="duty", by=school.trainees[0], now=at(MONDAY, 7)
        )

    assert at_once([ask] * 10) == {"done": 1, "Invalid": 9}
    assert Leave.objects.count() == 1


def test_a_leave_decided_by_three_at_once_is_decided_once() -> None:
    school = make_school(people=1, days=1)
    leave = actions.ask_leave(
        school.callups[0], school.sessions[:1], reason="duty", by=school.trainees[0], now=at(MONDAY, 7)
    )

    def decide(who: int) -> None:
        fresh = Leave.objects.get(pk=leave.pk)
        actions.decide_leave(fresh, agree=who != 1, note="不同意", by=school.staff[who], now=at(MONDAY, 7))

    came = at_once([lambda who=who: decide(who) for who in range(3)])
    assert came["done"] == 1
    assert came["Conflict"] + came["Refused"] == 2


def test_corrections_of_one_mark_at_once_leave_one_entry_that_counts() -> None:
    school = make_school(people=1, days=1)
    school.open()
    school.close(0, everybody=False)
    mark = Mark.objects.get()

    def correct(status: str) -> None:
        actions.correct_mark(mark, status, reason="核对", version=1, by=school.head, now=at(MONDAY, 13))

    assert at_once([lambda s=s: correct(s) for s in ("present", "late") * 5])["done"] == 1
    assert Entry.objects.filter(reverses=None, reversed_by=None).count() == 1


def test_a_withdrawal_decided_by_two_at_once_is_decided_once() -> None:
    school = make_school(people=1)
    school.open()
    for number in range(2):
        school.close(number, everybody=False)
    proposed = Withdrawal.objects.get()

    def decide(confirm: bool) -> None:
        fresh = Withdrawal.objects.get(pk=proposed.pk)
        actions.decide_withdrawal(fresh, confirm=confirm, note="决定", by=school.department)

    came = at_once([lambda c=c: decide(c) for c in (True, False)])
    assert came["done"] == 1
    assert came["Conflict"] + came["Refused"] == 1
