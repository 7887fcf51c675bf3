"""Evidence rows as other apps take them: frozen, of the year, with what each says, and nothing of fewer people than may be shown."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from tests.evaluations.test_consequences import BAD, GOOD, Scene
from tests.evaluations.test_measured import HIGHER, scores
from zhixing.base.models import AuditEntry
from zhixing.evaluations import actions
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.queries.evidence import Code, Kind, Row, Source, evidence_of
from zhixing.evaluations.queries.taught import NOTHING
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 1)


@pytest.fixture
def rows() -> list[Row]:
    scene = Scene()
    for number in range(3):
        teacher = scene.teacher(f"甲{number}")
        session = scene.teach("好课", teacher, [one - number for one in GOOD])
        scene.teach("差课", None, [one + number for one in BAD])
    scene.teach("新课", None, GOOD[:4])
    run = session.class_run
    actions.enter_gain(run, scores(*HIGHER), most=100, by=scene.department)
    actions.decide_course(scene.school, "差课", "drop", "陈旧", evidence=NOTHING, by=scene.department)
    assert teacher.account
    return list(evidence_of(2026, TODAY))


def test_rows_are_frozen_and_say_of_what_year_and_what_about(rows: list[Row]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        rows[0].value = 1.0  # type: ignore[misc]
    assert {one.year for one in rows} == {2026}
    assert {one.topic for one in rows if one.subject_kind is Kind.COURSE} == {"好课", "差课", "新课"}
    assert rows == list(evidence_of(2026, TODAY))


def test_each_says_what_its_range_allows(rows: list[Row]) -> None:
    found = {(one.subject, one.what): one.code for one in rows}
    assert found["好课", "score_raw"] is Code.SAMPLED
    assert found["好课", "score"] in {Code.KEEP, Code.UNSURE}
    assert found["差课", "score"] in {Code.DROP, Code.FIX, Code.UNSURE}
    assert found["差课", "times_taught"] is Code.COUNTED
    assert found["差课", "decision_drop"] is Code.COUNTED
    assert found["新课", "score"] is Code.TOO_FEW


def test_nothing_is_said_of_few_people(rows: list[Row]) -> None:
    for one in rows:
        assert (one.source is Source.SUPPRESSED) == (one.code is Code.TOO_FEW) == (one.value is None)
        if one.source is Source.SURVEYS:
            assert one.n is not None
            assert one.n >= 5
    told = sum(one.n or 0 for one in rows if one.what == "score_raw")
    counted = Sheet.objects.filter(survey__in=Survey.objects.filter(answered__gte=5)).count()
    assert told == counted == 6 * 8


def test_no_row_is_about_a_teacher(rows: list[Row]) -> None:
    words = " ".join(f"{one.subject} {one.subject_id} {one.what}" for one in rows)
    assert "甲" not in words


def test_that_rows_were_taken_is_in_the_trail() -> None:
    scene = Scene()
    scene.teach("新课", None, GOOD[:4])
    rows = actions.take_evidence(2026, TODAY, by=None)
    entry = AuditEntry.objects.get(action="evaluations.evidence_taken")
    assert entry.details == {"year": 2026, "rows": len(rows), "suppressed": 1}
    assert actions.take_evidence(2026, TODAY, by=scene.department) == rows
    ClassRun.objects.update(state=ClassRun.State.OPEN)
    assert actions.take_evidence(2026, TODAY, by=None) == []
