"""From books to papers in the database of the tests, SQLite or PostgreSQL: what is kept besides what is written out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.cycle import sheets
from tests.cycle.filled import Filled, run_through
from tests.cycle.sheets import (
    CHEN,
    FINANCE,
    HEADS_CLASS,
    JIANG,
    LABOUR,
    SCHOOLS,
    SECTION_CLASS,
    WANG,
    ZHOU,
    hand_in,
)
from zhixing.base.models import AuditEntry
from zhixing.base.sealed import blind_index, unseal
from zhixing.callups.models import Callup, CallupRun, MakeUp
from zhixing.cycle.books import Paths
from zhixing.cycle.clock import STAGES
from zhixing.obligations.actions.history_credits import training_key
from zhixing.obligations.models import Entry, Foreseen, Policy, Standing, StandingCount
from zhixing.people.actions.units import EARLIEST
from zhixing.people.models import Person, Posting, Unit, UnitPlacement
from zhixing.plans.models import ClassRun, Quota

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Filled]:
    """The messy books, run once for all tests here, which only look."""
    folder = tmp_path_factory.mktemp("filled")
    handed = hand_in(folder)
    paths = Paths(handed.roster, handed.classes, handed.history, handed.policy)
    with django_db_blocker.unblock(), transaction.atomic():
        yield run_through(folder / "out", paths)
        transaction.set_rollback(True)


def of(identity: str) -> Person:
    return Person.objects.get(id_index=blind_index(identity))


def test_people_are_kept_with_sealed_numbers_and_one_open_posting(filled: Filled) -> None:
    zhou = of(ZHOU)
    assert unseal(bytes(zhou.id_sealed or b"")) == ZHOU
    assert (zhou.number, zhou.name, zhou.sex, zhou.born_on) == ("G0001", "周一", "m", dt.date(1975, 3, 12))
    assert (zhou.unit and zhou.unit.name, zhou.department, zhou.rank, zhou.grade) == (
        FINANCE, "办公室", "乡科级正职", "一级主任科员",
    )  # fmt: skip
    posting = Posting.objects.get(person=zhou)
    assert (posting.unit_id, posting.rank, posting.to_on) == (zhou.unit_id, "乡科级正职", None)
    assert posting.is_principal
    assert not posting.promoted


def test_who_does_not_say_when_work_began_has_served_for_long(filled: Filled) -> None:
    assert of(WANG).joined_on == EARLIEST
    assert of(JIANG).joined_on == dt.date(2026, 7, 1)


def test_the_retired_have_left(filled: Filled) -> None:
    retired = of(sheets.CHU)
    assert (retired.status, retired.left_on) == (Person.Status.RETIRED, dt.date(2026, 11, 22))
    assert Posting.objects.get(person=retired).to_on == retired.left_on
    assert not Standing.objects.filter(person=retired).exists()


def test_who_has_no_staff_number_is_numbered(filled: Filled) -> None:
    numbers = Person.objects.values_list("number", flat=True)
    assert len(set(numbers)) == len(numbers) == 13
    assert of(sheets.HAN).number.startswith("R")


def test_units_hang_below_the_city_and_each_has_its_placement(filled: Filled) -> None:
    top = Unit.objects.get(parent=None)
    below = Unit.objects.within(top).exclude(pk=top.pk)
    assert {unit.name for unit in below} == {FINANCE, LABOUR, SCHOOLS}
    assert UnitPlacement.objects.filter(to_on=None).count() == 4


def test_class_runs_are_open_and_every_unit_has_its_seats_in_a_closed_class(filled: Filled) -> None:
    section = ClassRun.objects.get(name=SECTION_CLASS)
    assert (section.seats_min, section.seats_max, section.tenths, section.channel) == (1, 2, 300, "offjob")
    assert section.ranks == ["乡科级正职", "乡科级副职"]
    assert (section.theme, section.institution_name, section.code) == ("理论学习", "云岚市委党校", "2026-002")
    assert not Quota.objects.filter(class_run=section).exists()
    seats = Quota.objects.filter(class_run__name=HEADS_CLASS).values_list("unit__name", "seats_max")
    assert dict(seats) == {FINANCE: 1, LABOUR: 0, SCHOOLS: 1}


def test_the_ledger_keeps_what_was_missed_with_no_hours(filled: Filled) -> None:
    assert Entry.objects.count() == 11
    missed = Entry.objects.get(person=of(WANG))
    assert (missed.result, missed.tenths, missed.earned_on) == ("absent", 0, dt.date(2026, 5, 15))
    assert Entry.objects.get(title="春季进修班").certificate == "=ZS001"


def test_a_later_import_of_the_same_history_knows_what_is_booked(filled: Filled) -> None:
    missed = Entry.objects.get(person=of(WANG))
    assert missed.source_key == training_key(missed.person_id, " 依法行政班", dt.date(2026, 5, 11))


def test_standings_are_kept_and_counted_under_the_policy_that_was_handed_in(filled: Filled) -> None:
    assert Policy.objects.get().code == "yunlan-2026"
    assert Standing.objects.count() == len(filled.lines("standings.csv")) == 22
    counts = StandingCount.objects.filter(rule="", unit__parent=None)
    assert sum(counts.exclude(state="foreseen").values_list("people", flat=True)) == 12
    assert sum(counts.filter(state="foreseen").values_list("people", flat=True)) == (
        Foreseen.objects.order_by().values("person").distinct().count()
    )


def test_the_proposal_stands_ready_for_a_person_to_publish(filled: Filled) -> None:
    run = CallupRun.objects.get(state=CallupRun.State.PROPOSED)
    assert run.seed == 3
    assert run.callups.filter(state=Callup.State.PROPOSED).count() == len(filled.lines("callups.csv")) == 5
    assert filled.outcome.calling.violations == {}


def test_what_is_open_to_be_made_up_is_a_duty_that_the_call_up_answers(filled: Filled) -> None:
    duty = MakeUp.objects.get()
    assert (duty.person, duty.tenths, duty.due_on) == (of(WANG), 300, dt.date(2027, 5, 15))
    assert Callup.objects.get(makes_up=duty).class_run.name == SECTION_CLASS
    assert ClassRun.objects.get(state=ClassRun.State.HELD).name == "依法行政班"


def test_the_deed_is_in_the_trail(filled: Filled) -> None:
    entry = AuditEntry.objects.get(action="cycle.ran")
    assert entry.details == {"on": "2026-11-23", "seed": 3, "called": 5}


def test_progress_only_rises_and_each_stage_is_timed(filled: Filled) -> None:
    assert filled.told == sorted(filled.told)
    assert filled.told[-1] == pytest.approx(1)
    assert list(filled.clock.seconds) == [name for name in STAGES if name not in {"read", "database"}]


def test_a_missed_training_counts_as_made_up_by_the_next_of_its_form_only(filled: Filled) -> None:
    chen = of(CHEN)
    (missed,) = [one for one in filled.outcome.missed if one.person == chen.pk]
    assert (missed.name, missed.made_up_by) == ("能力提升班", "能力提升二期")
