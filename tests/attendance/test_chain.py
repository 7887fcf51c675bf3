"""Leave → cap → withdrawal → make-up as a state machine: whatever happens in whatever order, no missed hour is without an open duty or a waiver."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.attendance.school import School, make_school
from zhixing.attendance import actions, queries, rules, tokens
from zhixing.attendance.models import Appeal, Evidence, Leave, LeaveSession, Mark, Register, Status, Withdrawal
from zhixing.attendance.permissions import ON_THE_LIST
from zhixing.attendance.resolution import Observation, resolve
from zhixing.base.problems import Problem
from zhixing.callups.actions import waive_make_up
from zhixing.callups.models import Callup, MakeUp
from zhixing.obligations.models import Entry

PEOPLE = 2
SESSIONS = 6
who_ = st.integers(0, PEOPLE - 1)
status_ = st.sampled_from([value for value, _label in Status.choices])


class Chain(RuleBasedStateMachine):
    """Everything that staff, trainees and the department may do, session after session. Refusals are part of the game."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.school: School = make_school(people=PEOPLE, days=SESSIONS // 2)
        self.school.open()
        self.number = 0
        self.waived: dict[int, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @property
    def now(self) -> Any:
        return self.school.during(min(self.number, SESSIONS - 1))

    def attempt(self, deed: Any, *args: Any, **fields: Any) -> None:
        """Do it if the product allows it; a refusal must leave no trace, which a savepoint would hide, so there is none inside."""
        try:
            deed(*args, **fields)
        except Problem:
            return

    @precondition(lambda self: self.number < SESSIONS)
    @rule(who=who_, status=status_)
    def roll_call(self, who: int, status: str) -> None:
        self.attempt(self.school.mark, self.number, who, status)

    @precondition(lambda self: self.number < SESSIONS)
    @rule(who=who_)
    def scan(self, who: int) -> None:
        token = tokens.make(self.school.register(self.number).pk, self.now)
        self.attempt(actions.sign_in, token, by=self.school.trainees[who], now=self.now)

    @precondition(lambda self: self.number < SESSIONS)
    @rule(everybody=st.booleans())
    def close(self, everybody: bool) -> None:
        self.school.close(self.number, everybody=everybody)
        self.number += 1

    @rule(who=who_, numbers=st.sets(st.integers(0, SESSIONS - 1), min_size=1, max_size=3))
    def ask_leave(self, who: int, numbers: set[int]) -> None:
        sessions = [self.school.sessions[n] for n in sorted(numbers)]
        callup = Callup.objects.get(pk=self.school.callups[who].pk)
        self.attempt(actions.ask_leave, callup, sessions, reason="duty", by=self.school.trainees[who], now=self.now)

    @precondition(lambda self: Leave.objects.filter(state="asked").exists())
    @rule(agree=st.booleans(), decider=st.integers(0, 3), data=st.data())
    def decide_leave(self, agree: bool, decider: int, data: st.DataObject) -> None:
        leave = data.draw(st.sampled_from(list(Leave.objects.filter(state="asked").order_by("pk"))))
        by = [*self.school.staff, self.school.department][decider]
        self.attempt(actions.decide_leave, leave, agree=agree, note="意见", by=by, now=self.now)

    @precondition(lambda self: Leave.objects.filter(state="asked").exists())
    @rule()
    def agree_to_all(self) -> None:
        leave = Leave.objects.filter(state="asked").earliest("pk")
        for by in [*self.school.staff, self.school.department]:
            self.attempt(actions.decide_leave, leave, agree=True, by=by, now=self.now)

    @precondition(lambda self: Leave.objects.filter(state="approved").exists())
    @rule(cancel=st.booleans())
    def end_leave(self, cancel: bool) -> None:
        leave = Leave.objects.filter(state="approved").earliest("pk")
        deed = actions.cancel_leave if cancel else actions.report_back
        self.attempt(deed, leave, by=self.school.head, now=self.now)

    @precondition(lambda self: self.number > 0)
    @rule(status=status_, data=st.data())
    def correct(self, status: str, data: st.DataObject) -> None:
        marks = Mark.objects.filter(register__state="closed").order_by("pk")
        if mark := data.draw(st.sampled_from([*marks, None])):
            fields = {"reason": "核对", "version": mark.version, "by": self.school.head, "now": self.now}
            self.attempt(actions.correct_mark, mark, status, **fields)

    @precondition(lambda self: self.number > 0)
    @rule(who=who_, uphold=st.booleans())
    def appeal(self, who: int, uphold: bool) -> None:
        absent = Mark.objects.filter(callup=self.school.callups[who], status="absent", register__state="closed")
        if mark := absent.first():
            self.attempt(actions.appeal, mark, "present", text="在场", by=self.school.trainees[who], now=self.now)
            for one in Appeal.objects.filter(state="open"):
                self.attempt(
                    actions.decide_appeal, one, uphold=uphold, note="裁定", by=self.school.department, now=self.now
                )

    @precondition(lambda self: Withdrawal.objects.filter(state="proposed").exists())
    @rule(confirm=st.booleans())
    def decide_withdrawal(self, confirm: bool) -> None:
        proposed = Withdrawal.objects.filter(state="proposed").earliest("pk")
        actions.decide_withdrawal(proposed, confirm=confirm, note="决定", by=self.school.department, now=self.now)

    @precondition(lambda self: MakeUp.objects.filter(state="open").exists())
    @rule()
    def waive(self) -> None:
        duty = MakeUp.objects.filter(state="open").earliest("pk")
        waive_make_up(duty, "已自学补课", by=self.school.department)
        self.waived[duty.missed_id] = duty.tenths

    @precondition(lambda self: self.number == SESSIONS)
    @rule()
    def complete(self) -> None:
        self.school.class_run.refresh_from_db()
        self.attempt(actions.complete_class_run, self.school.class_run, by=self.school.head)

    @invariant()
    def no_missed_hour_is_without_an_open_duty_or_a_waiver(self) -> None:
        for callup in Callup.objects.filter(class_run=self.school.class_run):
            closed = Mark.objects.filter(callup=callup, register__state="closed")
            held = closed.aggregate(n=Sum("register__session__tenths", default=0))["n"]
            missed = held - self.counted(callup)
            duty = MakeUp.objects.filter(missed=callup).first()
            assert not missed or duty is not None, f"{missed} tenths missed and nothing owed"
            if duty is None:
                continue
            if duty.state == MakeUp.State.WAIVED:
                assert missed <= self.waived[callup.pk]
            elif missed:
                assert duty.state in {MakeUp.State.OPEN, MakeUp.State.PLANNED}
                assert duty.tenths >= missed
            elif callup.state not in {Callup.State.NOT_COMPLETED, Callup.State.WITHDRAWN}:
                assert duty.state == MakeUp.State.CLOSED

    @invariant()
    def the_ledger_holds_what_the_closed_registers_earned(self) -> None:
        for callup in Callup.objects.filter(class_run=self.school.class_run):
            earned = Mark.objects.filter(callup=callup, register__state="closed").aggregate(n=Sum("tenths", default=0))
            void = callup.state == Callup.State.NOT_COMPLETED
            assert self.counted(callup) == (0 if void else earned["n"])

    @invariant()
    def every_mark_follows_from_its_evidence(self) -> None:
        ranks = rules.in_force().ranks
        for mark in Mark.objects.select_related("register"):
            seen = Evidence.objects.filter(register=mark.register, callup=mark.callup_id).order_by("pk")
            held = resolve([Observation(one.source, one.status) for one in seen], ranks)
            assert mark.status == (held or Status.ABSENT)
            assert mark.version == len(seen)
            assert held or mark.register.state == Register.State.CLOSED

    @invariant()
    def every_leave_on_a_register_rests_on_an_approved_leave_or_a_correction(self) -> None:
        for mark in Mark.objects.filter(status=Status.LEAVE).select_related("register"):
            covered = LeaveSession.objects.in_force().filter(
                session=mark.register.session_id, leave__callup=mark.callup_id
            )
            settled = Evidence.objects.filter(
                register=mark.register, callup=mark.callup_id, source__in=("correction", "appeal")
            )
            assert covered.exists() or settled.exists()

    @invariant()
    def whoever_is_over_the_cap_is_before_a_person_who_decides(self) -> None:
        for callup in Callup.objects.filter(class_run=self.school.class_run, state__in=ON_THE_LIST):
            budget = queries.budget_of(callup)
            proposed = Withdrawal.objects.filter(callup=callup, state="proposed").exists()
            decided = Withdrawal.objects.filter(
                callup=callup, state="dismissed", decided_by_id__isnull=False, leave_tenths__gte=budget.used
            )
            assert not budget.passed or proposed or decided.exists()
            assert not proposed or budget.passed or budget.absent_too_long

    @invariant()
    def the_budget_never_counts_more_than_was_held_or_granted(self) -> None:
        whole = self.school.class_run.sessions.aggregate(n=Sum(F("tenths")))["n"]
        for budget in queries.budgets(Callup.objects.filter(class_run=self.school.class_run)).values():
            assert 0 <= budget.used <= whole

    def counted(self, callup: Callup) -> int:
        """What the ledger counts for the person: entries that nobody reversed."""
        live = Entry.objects.filter(person=callup.person_id, reverses=None, reversed_by=None)
        return int(live.aggregate(n=Sum("tenths", default=0))["n"])


@pytest.mark.slow
@pytest.mark.django_db
def test_the_chain_from_leave_to_make_up_never_breaks() -> None:
    run_state_machine_as_test(
        Chain,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # shrinking a database takes longer than reading the steps
        ),
    )
