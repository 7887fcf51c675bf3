"""Studies of effects: what one could see is told and kept before it begins, outcomes come once, small groups are refused, and no evidence is a result."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from zhixing.base import jobs
from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import Callup, CallupRun
from zhixing.evaluations import actions, study_words
from zhixing.evaluations.actions.studies import reckon_study
from zhixing.evaluations.models import Study, StudyResult
from zhixing.evaluations.queries.studies import studies_seen_by
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
PLAN: dict[str, Any] = {
    "title": "年轻干部班有效吗",
    "outcome": "年度考核分",
    "design": "matched",
    "source": "upload",
    "same": "层级",
    "near": "年龄、上年考核",
    "called": 60,
    "compared": 120,
    "spread": "8",
}


def plan(**more: Any) -> Study:
    given = {**PLAN, "same": ["层级"], "near": ["年龄"], "spread": 8.0, **more}
    return Study(**given)


@pytest.fixture
def department() -> Account:
    return factories.make_department(factories.make_city())


def sheet(rows: list[list[object]]) -> SimpleUploadedFile:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return SimpleUploadedFile("outcomes.csv", text.getvalue().encode(), "text/csv")


def matched_rows(effect: float, called: int = 60, others: int = 120) -> list[list[object]]:
    rng = np.random.default_rng(11)
    rows: list[list[object]] = [["参训", "结果", "层级", "年龄"]]
    for n in range(called + others):
        age = int(rng.integers(30, 55))
        score = 60 + age / 5 + float(rng.normal(0, 4)) + (effect if n < called else 0)
        rows.append(["是" if n < called else "否", f"{score:.2f}", "科级" if n % 2 else "处级", age])
    return rows


def cohort_rows(effect: float, units: int = 20, apart: float = 0.0) -> list[list[object]]:
    """Units first called in 2023, in 2024, and never; those called grow by ``apart`` a year anyway."""
    rng = np.random.default_rng(3)
    rows: list[list[object]] = [["编号", "年度", "首训年度", "结果"]]
    for first in (2023, 2024, 0):
        for n in range(units):
            level = float(rng.normal(70, 5))
            for year in range(2020, 2026):
                trend = apart * (year - 2020) if first else 0.0
                since = effect if first and year >= first else 0.0
                rows.append([f"{first}-{n}", year, first, f"{level + trend + since + float(rng.normal(0, 1)):.2f}"])
    return rows


def told(study: Study, upload: SimpleUploadedFile, by: Account) -> dict[str, Any]:
    job = actions.bring_outcomes(study, upload, by=by)
    jobs.perform(str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    found: dict[str, Any] = StudyResult.objects.get(study=study).found
    return found


# Planning


def test_what_it_could_see_is_shown_before_and_kept_with_the_study(department: Account, client: Client) -> None:
    client.force_login(department)
    address = reverse("evaluations:begin_study")
    page = client.post(address, {**PLAN, "reckon": "1"}).content.decode()
    assert "最小可测出的效果是" in page
    assert not Study.objects.exists()
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    changed = client.post(address, {**PLAN, "called": 20, "begin": "1", "seen": seen}).content.decode()
    assert "方案有改动" in changed
    assert not Study.objects.exists()
    answer = client.post(address, {**PLAN, "begin": "1", "seen": seen})
    study = Study.objects.get()
    assert answer.headers["Location"] == reverse("evaluations:study", args=[study.pk])
    assert study.smallest == pytest.approx(actions.smallest_of(study))
    assert study.smallest == pytest.approx(0.445, abs=0.01)
    assert (study.same, study.near) == (["层级"], ["年龄", "上年考核"])


def test_a_plan_is_never_changed(department: Account) -> None:
    study = actions.begin_study(plan(), by=department)
    for change in (lambda: Study.objects.update(called=999), lambda: Study.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert Study.objects.get().called == study.called


def test_earlier_figures_tell_spread_and_likeness(department: Account, client: Client) -> None:
    rng = np.random.default_rng(1)
    rows: list[list[object]] = [["结果", "分组", "先前"]]
    for group in range(8):
        level = float(rng.normal(0, 5))
        rows += [[round(70 + level + float(rng.normal(0, 5)), 2), f"班{group}", 70 + round(level)] for _n in range(10)]
    client.force_login(department)
    page = client.post(reverse("evaluations:begin_study"), {**PLAN, "spread": "", "reckon": "1", "pilot": sheet(rows)})
    typed = page.context["plan"]
    assert 5 < typed.spread < 9
    assert 0.3 < typed.icc < 0.8
    assert typed.per_cluster == 10
    assert typed.correlation > 0.3
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"called": 1, "compared": 1, "per_cluster": 5, "icc": 0.5},
        {"source": "hours", "design": "cohorts", "theme": "党性修养", "year": 2024},
        {"title": " "},
        {"outcome": ""},
    ],
)
def test_what_could_never_be_answered_is_not_begun(department: Account, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        actions.begin_study(plan(**wrong), by=department)


def test_the_form_says_what_is_missing(department: Account, client: Client) -> None:
    client.force_login(department)
    address = reverse("evaluations:begin_study")
    for wrong in (
        {"source": "hours"},
        {"source": "hours", "design": "cohorts"},
        {"called": 1, "compared": 1, "icc": 1, "per_cluster": 9},
    ):
        answer = client.post(address, {**PLAN, **wrong, "begin": "1"})
        assert answer.status_code == 422
    assert not Study.objects.exists()


# Outcomes


def test_a_matched_comparison_tells_an_effect_with_its_interval(department: Account, client: Client) -> None:
    study = actions.begin_study(plan(), by=department)
    found = told(study, sheet(matched_rows(6.0)), department)
    assert found["verdict"] == "better"
    assert found["effect"]["lower"] < 6.0 < found["effect"]["upper"]
    client.force_login(department)
    page = client.get(reverse("evaluations:study", args=[study.pk])).content.decode()
    for words in ("有改善，超出偶然", "95% 区间", "不是抽签定的", "<figure"):
        assert words in page


def test_no_evidence_is_a_result_and_is_said(department: Account) -> None:
    study = actions.begin_study(plan(), by=department)
    found = told(study, sheet(matched_rows(0.0)), department)
    assert found["verdict"] == "no_evidence"
    said = list(study_words.result_sentences(Study.objects.get()))
    assert any("That there is no evidence is a result" in one for one in said)


def test_cohorts_are_compared_and_the_belief_behind_it_is_said(department: Account, client: Client) -> None:
    study = actions.begin_study(plan(design="cohorts", same=[], near=[]), by=department)
    found = told(study, sheet(cohort_rows(4.0)), department)
    assert found["verdict"] == "better"
    assert found["effect"]["value"] == pytest.approx(4.0, abs=0.6)
    assert {one["after"] for one in found["since"]} >= {-1, 0, 1}
    client.force_login(department)
    page = client.get(reverse("evaluations:study", args=[study.pk])).content.decode()
    assert "平行趋势" in page
    assert "调训当期" in page


def test_where_both_sides_moved_apart_before_nothing_is_said(department: Account) -> None:
    study = actions.begin_study(plan(design="cohorts", same=[], near=[]), by=department)
    found = told(study, sheet(cohort_rows(0.0, apart=3.0)), department)
    assert found["verdict"] == "not_comparable"
    assert any("did not move alike" in one for one in study_words.result_sentences(Study.objects.get()))


def test_small_groups_are_refused_before_anything_is_kept(department: Account) -> None:
    study = actions.begin_study(plan(), by=department)
    for called, others in ((4, 50), (50, 4)):
        with pytest.raises(Invalid):
            actions.bring_outcomes(study, sheet(matched_rows(1.0, called, others)), by=department)
    cohorts = actions.begin_study(plan(design="cohorts", same=[], near=[]), by=department)
    with pytest.raises(Invalid):
        actions.bring_outcomes(cohorts, sheet(cohort_rows(1.0, units=4)), by=department)
    assert not StoredFile.objects.exists()
    assert not Job.objects.exists()


def test_everything_wrong_with_a_sheet_is_told_at_once(department: Account) -> None:
    study = actions.begin_study(plan(), by=department)
    rows = matched_rows(1.0)
    rows[1][0], rows[2][1], rows[3][3] = "也许", "高", ""
    with pytest.raises(Invalid) as caught:
        actions.bring_outcomes(study, sheet(rows), by=department)
    said = str(caught.value.message)
    assert all(word in said for word in ("也许", "高", "row 3"))
    with pytest.raises(Invalid):
        actions.bring_outcomes(study, sheet([["姓名"], ["甲"]]), by=department)
    cohorts = actions.begin_study(plan(design="cohorts", same=[], near=[]), by=department)
    twice = cohort_rows(1.0)
    with pytest.raises(Invalid) as caught:
        actions.bring_outcomes(cohorts, sheet([*twice, twice[1], [twice[1][0], 2030, 2029, 1]]), by=department)
    assert "already" in str(caught.value.message)
    assert "another first year" in str(caught.value.message)


def test_a_study_has_one_result(department: Account) -> None:
    """A second one of the same people less one would tell of that one."""
    study = actions.begin_study(plan(), by=department)
    job = actions.bring_outcomes(study, sheet(matched_rows(6.0)), by=department)
    with pytest.raises(Refused):
        actions.bring_outcomes(study, sheet(matched_rows(6.0)), by=department)
    jobs.perform(str(job.pk))
    with pytest.raises(Refused):
        actions.bring_outcomes(study, sheet(matched_rows(6.0)[:-1]), by=department)
    with pytest.raises(Conflict):
        reckon_study(study.pk, None, department.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        StudyResult.objects.update(found={})


def test_the_sheet_lies_sealed_and_goes(department: Account, django_capture_on_commit_callbacks: Any) -> None:
    study = actions.begin_study(plan(), by=department)
    job = actions.bring_outcomes(study, sheet(matched_rows(6.0)), by=department)
    stored = StoredFile.objects.get()
    with stored.content.open("rb") as kept:
        assert "参训".encode() not in kept.read()
    with django_capture_on_commit_callbacks(execute=True):
        jobs.perform(str(job.pk))
    assert not stored.content.storage.exists(str(stored.content.name))


# Hours of the year after


class Hours:
    """Forty people of one level; the first twenty completed a class run of the theme in 2024, and earn ``more`` hours the year after."""

    def __init__(self, more: int) -> None:
        self.city = factories.make_city()
        self.department = factories.make_department(self.city)
        self.organ = factories.make_unit("市水务局", self.city)
        run = factories.make_class_run(
            "党性班", theme="党性修养", starts_on=dt.date(2024, 5, 6), state=ClassRun.State.HELD, seats_max=60
        )
        list_ = CallupRun.objects.create(name="调训", on=run.starts_on, by_id=self.department.pk)
        rng = np.random.default_rng(2)
        for n in range(40):
            person = factories.make_person(self.organ)
            if n < 20:
                state, seat = Callup.State.COMPLETED, n + 1
                Callup.objects.create(
                    run=list_,
                    person=person,
                    class_run=run,
                    unit=self.organ,
                    state=state,
                    seat=seat,
                    sent_at=timezone.now(),
                )
            before = 400 + int(rng.integers(-50, 50))
            after = before + int(rng.integers(-30, 30)) + (more if n < 20 else 0)
            factories.make_entry(person, dt.date(2023, 5, 1), before)
            factories.make_entry(person, dt.date(2025, 5, 1), after)
        self.study = actions.begin_study(
            plan(source="hours", theme="党性修养", year=2024, same=[], near=[]), by=self.department
        )


def test_hours_of_the_year_after_are_read_from_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = Hours(more=200)
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2025, 12, 31))
    with pytest.raises(Invalid):
        actions.read_outcomes(hours.study, by=hours.department)
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 1, 1))
    job = actions.read_outcomes(hours.study, by=hours.department)
    jobs.perform(str(job.pk))
    found = StudyResult.objects.get().found
    assert (found["called"], found["verdict"]) == (20, "better")
    assert found["effect"]["value"] == pytest.approx(20.0, abs=2)


def test_hours_are_not_asked_of_a_study_by_sheet(department: Account, client: Client) -> None:
    study = actions.begin_study(plan(), by=department)
    client.force_login(department)
    client.post(reverse("evaluations:read_outcomes", args=[study.pk]))
    assert not Job.objects.exists()


# Who


def test_the_list_holds_those_of_the_own_unit_and_below(department: Account, client: Client) -> None:
    county = factories.make_unit("东县", department.scope_unit, kind=Unit.Kind.COUNTY)
    below, auditor = factories.make_department(county), factories.make_account(Role.AUDITOR, department.scope_unit)
    mine, theirs = actions.begin_study(plan(), by=department), actions.begin_study(plan(title="县里的"), by=below)
    assert set(studies_seen_by(department)) == set(studies_seen_by(auditor)) == {mine, theirs}
    assert set(studies_seen_by(below)) == {theirs}
    for user in (department, auditor):
        client.force_login(user)
        page = client.get(reverse("evaluations:studies")).content.decode()
        assert "县里的" in page
        assert "等待结果数据" in page
    assert client.get(reverse("evaluations:studies"), {"told": "yes"}).status_code == 200
    client.force_login(below)
    assert client.get(reverse("evaluations:study", args=[mine.pk])).status_code == 404
    with pytest.raises(Refused):
        actions.bring_outcomes(theirs, sheet(matched_rows(1.0)), by=department)
    with pytest.raises(Refused):
        actions.begin_study(plan(), by=auditor)


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TRAINEE, Role.TEACHER])
def test_nobody_else_sees_studies(department: Account, client: Client, role: str) -> None:
    study = actions.begin_study(plan(), by=department)
    person = factories.make_person(department.scope_unit) if role == Role.TRAINEE else None
    user = factories.make_account(role, None if person or role == Role.TEACHER else department.scope_unit, person)
    client.force_login(user)
    assert client.get(reverse("evaluations:studies")).status_code == 403
    assert client.get(reverse("evaluations:begin_study")).status_code == 403
    assert client.get(reverse("evaluations:study", args=[study.pk])).status_code in (403, 404)
    assert not studies_seen_by(user).exists()


def test_outcomes_are_brought_by_the_page(department: Account, client: Client) -> None:
    study = actions.begin_study(plan(), by=department)
    client.force_login(department)
    address = reverse("evaluations:bring_outcomes", args=[study.pk])
    assert "参训、结果、层级、年龄" in client.get(address).content.decode()
    assert client.post(address, {"file": sheet(matched_rows(6.0))}).status_code == 302
    page = client.get(reverse("evaluations:study", args=[study.pk])).content.decode()
    assert "zx-job" in page
    auditor = factories.make_account(Role.AUDITOR, department.scope_unit)
    client.force_login(auditor)
    assert "正在计算结果" in client.get(reverse("evaluations:study", args=[study.pk])).content.decode()
